package generators

import (
	"math"
	"math/rand/v2"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/exact"
	"github.com/triggerfinder/triggerfinder/internal/vec"
)

// What the operators of this file do at severity 1.
const (
	mostQuantisation = 10.0 // times the quantisation of quality 50
	mostPixelation   = 0.4  // the power of the shorter side that is the side of a block
)

// nearTie is how far from a tie, in steps, quantisation passes from one multiple of a step to the next, where
// JPEG jumps.
const nearTie = 0.05

// JPEGCompression returns the operator "jpeg-compression": what JPEG loses. At severity 1 the quality
// is 5 on libjpeg's scale, at 0.5 it is 20, at 0.2 it is 80. Colour images are compressed as luma and
// chroma in full resolution (4:4:4), any other channels each as luma. It needs an image.
//
// Only the quantisation of the discrete cosine transform is computed, since the rest of JPEG loses nothing. So
// no codec is involved and nothing is allocated; qualities need not be whole, and coefficients near
// a tie lie between two steps, so that the image does not jump.
func JPEGCompression(severity Span) (input.SeverityMutator, error) {
	return newCorruption("jpeg-compression", severity, anyImage, func(to []float64, im raster, severity float64, _ *rand.Rand) {
		compress(to, im, float64(mostQuantisation*severity)*severity, nearTie)
	})
}

const block = 8 // JPEG's blocks are 8 x 8

// lumaSteps and chromaSteps are JPEG's usual quantisation steps at quality 50 (ITU-T T.81, annex K.1).
var (
	lumaSteps = [block * block]float64{
		16, 11, 10, 16, 24, 40, 51, 61,
		12, 12, 14, 19, 26, 58, 60, 55,
		14, 13, 16, 24, 40, 57, 69, 56,
		14, 17, 22, 29, 51, 87, 80, 62,
		18, 22, 37, 56, 68, 109, 103, 77,
		24, 35, 55, 64, 81, 104, 113, 92,
		49, 64, 78, 87, 103, 121, 120, 101,
		72, 92, 95, 98, 112, 100, 103, 99,
	}
	chromaSteps = [block * block]float64{
		17, 18, 24, 47, 99, 99, 99, 99,
		18, 21, 26, 66, 99, 99, 99, 99,
		24, 26, 56, 99, 99, 99, 99, 99,
		47, 66, 99, 99, 99, 99, 99, 99,
		99, 99, 99, 99, 99, 99, 99, 99,
		99, 99, 99, 99, 99, 99, 99, 99,
		99, 99, 99, 99, 99, 99, 99, 99,
		99, 99, 99, 99, 99, 99, 99, 99,
	}
)

// waves are the functions of the transform: row u is half the cosine of (2x+1) u Pi/16, and row 0 is the
// square root of 1/8. The table is orthonormal.
var waves = func() (w [block][block]float64) {
	for u := range w {
		for x := range w[u] {
			w[u][x] = cosineOf16ths((2*x+1)*u) / 2
			if u == 0 {
				w[u][x] = math.Sqrt(0.125)
			}
		}
	}
	return w
}()

// cosineOf16ths is the cosine of n Pi/16, n >= 0.
func cosineOf16ths(n int) float64 {
	n %= 32
	switch {
	case n > 16:
		return cosineOf16ths(32 - n)
	case n > 8:
		return -cosineOf16ths(16 - n)
	case n > 4:
		return exact.Sine(float64(8-n) * math.Pi / 16)
	}
	return exact.Cosine(float64(n) * math.Pi / 16)
}

// compress sets to to the image after JPEG whose quantisation steps are those of quality 50 times a
// factor, passing from one to the next near ties.
func compress(to []float64, im raster, factor, near float64) {
	lowest, span := im.scale()
	grey := 255 / span
	for i, v := range im.data {
		to[i] = float64((float64(v)-lowest)*grey) - 128
	}
	colour := im.channels == 3
	if colour {
		for i := 0; i < len(to); i += 3 {
			to[i], to[i+1], to[i+2] = toYCbCr(to[i], to[i+1], to[i+2])
		}
	}
	for c := range im.channels {
		steps := &lumaSteps
		if colour && c > 0 {
			steps = &chromaSteps
		}
		for y := 0; y < im.height; y += block {
			for x := 0; x < im.width; x += block {
				compressBlock(to, im, y, x, c, steps, factor, near)
			}
		}
	}
	if colour {
		for i := 0; i < len(to); i += 3 {
			to[i], to[i+1], to[i+2] = fromYCbCr(to[i], to[i+1], to[i+2])
		}
	}
	for i, v := range to {
		to[i] = lowest + float64((v+128)/grey)
	}
}

// compressBlock quantises the block of one channel whose first pixel is top, left. Where it reaches
// beyond the image, the image's edge is repeated.
func compressBlock(to []float64, im raster, top, left, c int, steps *[block * block]float64, factor, near float64) {
	var b [block * block]float64
	for i := range b {
		b[i] = to[im.at(replicate(top+i/block, im.height), replicate(left+i%block, im.width))+c]
	}
	toWaves(&b)
	toWaves(&b)
	for i, v := range b {
		b[i] = quantise(v, min(float64(steps[i]*factor), 255), near)
	}
	fromWaves(&b)
	fromWaves(&b)
	for y := top; y < min(top+block, im.height); y++ {
		for x := left; x < min(left+block, im.width); x++ {
			to[im.at(y, x)+c] = b[(y-top)*block+x-left]
		}
	}
}

// toWaves transforms the rows of a block and transposes it: twice is the transform in two dimensions.
func toWaves(b *[block * block]float64) {
	rows := *b
	for y := range block {
		row := rows[y*block:][:block]
		for u := range block {
			sum := 0.0
			for x, v := range row {
				sum += float64(v * waves[u][x])
			}
			b[u*block+y] = sum
		}
	}
}

// fromWaves is the inverse of toWaves.
func fromWaves(b *[block * block]float64) {
	rows := *b
	for y := range block {
		row := rows[y*block:][:block]
		for x := range block {
			sum := 0.0
			for u, v := range row {
				sum += float64(v * waves[u][x])
			}
			b[x*block+y] = sum
		}
	}
}

// quantise rounds to a multiple of step, but goes gradually from one to the next near a tie.
func quantise(v, step, near float64) float64 {
	steps := v / step
	below := math.Floor(steps)
	return float64((below + ramp(steps-below, 0.5-near, 0.5+near)) * step)
}

// toYCbCr turns a colour into luma and chroma (ITU-T T.871), all less 128.
func toYCbCr(red, green, blue float64) (y, cb, cr float64) {
	y = luma(red, green, blue)
	return y, (blue - y) / 1.772, (red - y) / 1.402
}

// fromYCbCr is the inverse of toYCbCr.
func fromYCbCr(y, cb, cr float64) (red, green, blue float64) {
	red, blue = y+float64(1.402*cr), y+float64(1.772*cb)
	return red, (y - float64(0.299*red) - float64(0.114*blue)) / 0.587, blue
}

// Pixelation returns the operator "pixelation": the image is divided into square blocks, each of which
// becomes its mean. The side of a block is a power of the image's shorter side, up to the power 0.4 at
// severity 1: 3.8 pixels of 28, 8.7 of 224. It need not be whole; a pixel in which blocks meet is
// their mean by area. It needs an image.
func Pixelation(severity Span) (input.SeverityMutator, error) {
	return newCorruption("pixelation", severity, anyImage, func(to []float64, im raster, severity float64, _ *rand.Rand) {
		pixelate(to, im, exact.Power(im.shorter(), mostPixelation*severity))
	})
}

// pixelate sets to to the image in blocks whose side is at least 1. Means are taken along rows and then
// along columns.
func pixelate(to []float64, im raster, side float64) {
	means := reals.borrow(max(im.height, im.width))
	defer reals.giveBack(means)
	vec.Widen(to, im.data)
	line := im.width * im.channels
	for c := range im.channels {
		for y := range im.height {
			pixelateLine(to[y*line+c:], im.width, im.channels, side, *means)
		}
		for x := range im.width {
			pixelateLine(to[x*im.channels+c:], im.height, line, side, *means)
		}
	}
}

// pixelateLine divides n pixels, whose values are stride apart, into blocks of a length of at least 1. It
// needs means for memory.
func pixelateLine(values []float64, n, stride int, length float64, means []float64) {
	end := func(k int) float64 { return min(float64(float64(k+1)*length), float64(n)) }
	for k, start := 0, 0.0; start < float64(n); k, start = k+1, end(k) {
		sum := 0.0
		for p := int(start); float64(p) < end(k); p++ {
			sum += float64(values[p*stride] * overlap(p, start, end(k)))
		}
		means[k] = sum / (end(k) - start)
	}
	for p, k, start := 0, 0, 0.0; p < n; p++ {
		sum := 0.0
		for {
			sum += float64(means[k] * overlap(p, start, end(k)))
			if end(k) >= float64(p+1) {
				break
			}
			k, start = k+1, end(k)
		}
		values[p*stride] = sum
	}
}
