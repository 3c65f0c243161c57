package generators

import (
	"github.com/triggerfinder/triggerfinder/engine"
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
		bellSums(&wholes, im, b, func(first int, sums []int32) {
			for i, sum := range sums {
				out[first+i] = float32((sum + half) >> shift)
			}
		})
		return
	}
	scale, domain := 1/float64(int(1)<<(2*b.bits)), im.domain
	bellSums(&reals, im, b, func(first int, sums []float64) {
		for i, sum := range sums {
			out[first+i] = domain.Snap(float32(sum * scale))
		}
	})
}

// bellSums hands over, row by row, the weighted sum around every value; first is the index of a
// row's first value.
func bellSums[S accumulator](pool *scratch[S], im raster, b bell, row func(first int, sums []S)) {
	reach, line := len(b.weights)-1, im.width*im.channels
	size := len(im.data)
	padded := line + 2*reach*im.channels
	buffer := pool.borrow(size + padded + line)
	defer pool.giveBack(buffer)
	values, columns, sums := (*buffer)[:size], (*buffer)[size:size+padded], (*buffer)[size+padded:]
	widen(values, im.data)

	inner := columns[reach*im.channels:][:line]
	var taps [7][]S
	for y := range im.height {
		for i := range 2*reach + 1 {
			taps[i] = rowOf(values, y+i-reach, im.height, line)
		}
		weigh(inner, &taps, b.weights)
		reflectRow(columns, reach, im.width, reach, im.channels)
		for i := range 2*reach + 1 {
			taps[i] = columns[i*im.channels:][:line]
		}
		weigh(sums, &taps, b.weights)
		row(y*line, sums)
	}
}

// weigh adds up the taps, as many as the symmetric weights span, which start in the middle.
func weigh[S accumulator](sums []S, taps *[7][]S, weights []int32) {
	switch len(weights) {
	case 2:
		weigh3(sums, taps, S(weights[0]), S(weights[1]))
	case 3:
		weigh5(sums, taps, S(weights[0]), S(weights[1]), S(weights[2]))
	case 4:
		weigh7(sums, taps, S(weights[0]), S(weights[1]), S(weights[2]), S(weights[3]))
	}
}

func weigh3[S accumulator](sums []S, taps *[7][]S, w0, w1 S) {
	n := len(sums)
	a, b, c := taps[0][:n], taps[1][:n], taps[2][:n]
	for i := range sums {
		sums[i] = w0*b[i] + w1*(a[i]+c[i])
	}
}

func weigh5[S accumulator](sums []S, taps *[7][]S, w0, w1, w2 S) {
	n := len(sums)
	a, b, c, d, e := taps[0][:n], taps[1][:n], taps[2][:n], taps[3][:n], taps[4][:n]
	for i := range sums {
		sums[i] = w0*c[i] + w1*(b[i]+d[i]) + w2*(a[i]+e[i])
	}
}

func weigh7[S accumulator](sums []S, taps *[7][]S, w0, w1, w2, w3 S) {
	n := len(sums)
	a, b, c, d := taps[0][:n], taps[1][:n], taps[2][:n], taps[3][:n]
	e, f, g := taps[4][:n], taps[5][:n], taps[6][:n]
	for i := range sums {
		sums[i] = w0*d[i] + w1*(c[i]+e[i]) + w2*(b[i]+f[i]) + w3*(a[i]+g[i])
	}
}
