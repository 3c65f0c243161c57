package generators

import (
	"github.com/triggerfinder/triggerfinder/input"
)

// raster is an input seen as height x width pixels of some channels.
type raster struct {
	data                    []float32
	height, width, channels int
	domain                  input.Domain
}

func rasterOf(in input.Input) (im raster, ok bool) {
	h, w, c, ok := in.ImageSize()
	im = raster{in.Data, h, w, c, in.Domain}
	if !in.Uniform() {
		im.domain.Step = 0 // what holds of all values
	}
	return im, ok && h > 0 && w > 0 && c > 0 && h*w*c == len(in.Data)
}

// at is the index of channel 0 of a pixel.
func (im raster) at(y, x int) int { return (y*im.width + x) * im.channels }

// shorter is the length in pixels of the image's shorter side.
func (im raster) shorter() float64 { return float64(min(im.height, im.width)) }

// scale returns the lowest value of the image's domain and its range.
func (im raster) scale() (lowest, span float64) {
	return float64(im.domain.Min), float64(im.domain.Range())
}

// reflect101 is the index inside 0..n-1 that stands for index i outside: the image is mirrored at
// its outermost pixels, which are not repeated (gfedcb|abcdefgh|gfedcba). It is OpenCV's
// BORDER_REFLECT_101. A border wider than the image is mirrored again and again.
func reflect101(i, n int) int {
	if n == 1 {
		return 0
	}
	for i < 0 || i >= n {
		if i < 0 {
			i = -i
		} else {
			i = 2*(n-1) - i
		}
	}
	return i
}

// rowOf is the row that stands for row y, which may lie outside the image.
func rowOf[T any](values []T, y, height, line int) []T {
	return values[reflect101(y, height)*line:][:line]
}

// replicate is the index inside 0..n-1 nearest to i: the outermost pixels are repeated
// (aaaaaa|abcdefgh|hhhhhhh). It is OpenCV's BORDER_REPLICATE.
func replicate(i, n int) int { return min(max(i, 0), n-1) }

// reflectRow fills the border of a row whose n middle pixels, of c channels, are in place: before
// pixels in front of them and after pixels behind.
func reflectRow[T any](row []T, before, n, after, c int) {
	fill := func(i int) {
		to, from := (before+i)*c, (before+reflect101(i, n))*c
		for j := range c {
			row[to+j] = row[from+j]
		}
	}
	for i := -before; i < 0; i++ {
		fill(i)
	}
	for i := n; i < n+after; i++ {
		fill(i)
	}
}
