package generators

import (
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/internal/vec"
)

// GaussianBlur returns the operator "gaussian-blur": every value becomes a weighted mean of the
// k x k values around it, with k drawn from kernels, each 1, 3, 5 or 7. The weights are those that
// OpenCV takes when the standard deviation is left to it (about 0.8, 1.1 and 1.4 pixels). Beyond the
// border the image is mirrored without its outermost pixels. On [engine.Bytes] the result is that
// of OpenCV's GaussianBlur, bit for bit.
func GaussianBlur(kernels ...int) (engine.Mutator, error) {
	return newBlur("gaussian-blur", gaussian, kernels,
		func(k int) bool { return k == 1 || k == 3 || k == 5 || k == 7 }, "1, 3, 5 or 7")
}

// bell is a symmetric filter of small whole weights: the one of the middle, then outwards. Their
// sum is 1<<bits.
type bell struct {
	weights []int32
	bits    uint
}

// bells are OpenCV's fixed kernels by k/2, in lowest terms.
var bells = [...]bell{
	1: {weights: []int32{2, 1}, bits: 2},
	2: {weights: []int32{6, 4, 1}, bits: 4},
	3: {weights: []int32{18, 14, 7, 2}, bits: 6},
}

// gaussian filters with the bell of width k along columns and along rows. Bytes stay whole
// numbers until the one rounding at the end, ties up.
func gaussian(out []float32, im raster, k int) {
	b := bells[k/2]
	if im.domain == engine.Bytes {
		half, shift := int32(1)<<(2*b.bits-1), 2*b.bits
		bellSums(&wholes, im, b, func(sums []int32) { vec.ScaleSums(out, sums, half, 1, shift) })
		return
	}
	scale, domain := 1/float64(int(1)<<(2*b.bits)), im.domain
	bellSums(&reals, im, b, func(sums []float64) {
		for i, sum := range sums {
			out[i] = domain.Snap(float32(sum * scale))
		}
	})
}

// bellSums hands over the weighted sums around every value.
func bellSums[S vec.Accumulator](pool *scratch[S], im raster, b bell, done func(sums []S)) {
	reach := len(b.weights) - 1
	f := newFilter(pool, im, reach, reach)
	defer f.giveBack()
	var taps [7][]S
	for y := range im.height {
		for i := range 2*reach + 1 {
			taps[i] = f.row(y + i - reach)
		}
		vec.Weigh(f.inner(y), &taps, b.weights)
	}
	for y := range im.height {
		columns := f.reflected(y)
		for i := range 2*reach + 1 {
			taps[i] = columns[i*im.channels:][:f.line]
		}
		vec.Weigh(f.row(y), &taps, b.weights)
	}
	done(f.values)
}
