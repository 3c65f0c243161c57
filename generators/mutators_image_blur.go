package generators

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/vec"
)

// maxKernel is the largest kernel size of a blur. Up to it the sum over a kernel of bytes fits 16
// bits, which is where OpenCV takes the arithmetic that the blurs here repeat.
const maxKernel = 16

// blur is an operator that filters an image with a square kernel, whose size it draws uniformly.
type blur struct {
	name    string
	kernels []int
	filter  func(out []float32, im raster, k int)
}

var (
	_ input.Mutator        = (*blur)(nil)
	_ input.InputSupporter = (*blur)(nil)
)

// Mutate implements [input.Mutator].
func (b *blur) Mutate(dst, src input.Input, rng *rand.Rand) {
	k := b.kernels[rng.IntN(len(b.kernels))]
	im, ok := rasterOf(src)
	if !ok || k == 1 {
		copy(dst.Data, src.Data)
		return
	}
	b.filter(dst.Data[:len(src.Data)], im, k)
	keepDomains(dst, src)
}

// Supports implements [input.InputSupporter]: a blur needs an image.
func (b *blur) Supports(in input.Input) error { return anyImage.check(b.name, in) }

// String implements [input.Mutator].
func (b *blur) String() string { return b.name }

func newBlur(name string, filter func([]float32, raster, int), kernels []int, allowed func(int) bool, expected string) (input.Mutator, error) {
	if len(kernels) == 0 {
		return nil, errors.New("generators: " + name + ": expected at least one kernel size, found none")
	}
	for _, k := range kernels {
		if !allowed(k) {
			return nil, fmt.Errorf("generators: %s: kernel size %d: expected %s", name, k, expected)
		}
	}
	return &blur{name: name, kernels: slices.Clone(kernels), filter: filter}, nil
}

// AverageBlur returns the operator "average-blur": every value becomes the mean of the k x k
// values around it, with k drawn from kernels, each 1 to 16. Beyond the border the image is mirrored
// without its outermost pixels; an even kernel reaches one pixel further up and left. On
// [input.Bytes] the result is that of OpenCV's blur, bit for bit.
func AverageBlur(kernels ...int) (input.Mutator, error) {
	return newBlur("average-blur", average, kernels,
		func(k int) bool { return 1 <= k && k <= maxKernel }, fmt.Sprintf("1 to %d", maxKernel))
}

// average filters with a box of k x k equal weights.
func average(out []float32, im raster, k int) {
	if im.domain == input.Bytes {
		mean := newByteMean(k * k)
		boxSums(&wholes, im, k, func(sums []int32) { vec.ScaleSums(out, sums, mean.delta, mean.reciprocal, meanShift) })
		return
	}
	area, domain := float64(k*k), im.domain
	boxSums(&reals, im, k, func(sums []float64) {
		for i, sum := range sums {
			out[i] = domain.Snap(float32(sum / area))
		}
	})
}

// boxSums hands over the sums over the k x k box around every value. Sums over columns slide down and sums over those
// slide to the right, so that the cost does not depend on k.
func boxSums[S vec.Accumulator](pool *scratch[S], im raster, k int, done func(sums []S)) {
	anchor := k / 2
	f := newFilter(pool, im, anchor, k-1-anchor)
	defer f.giveBack()
	top := f.inner(0)
	clear(top)
	for y := -anchor; y < k-anchor; y++ {
		for i, v := range f.row(y) {
			top[i] += v
		}
	}
	for y := 1; y < im.height; y++ {
		slideDown(f.inner(y), f.inner(y-1), f.row(y+k-1-anchor), f.row(y-1-anchor))
	}
	for y := range im.height {
		slideAlong(f.row(y), f.reflected(y), k, im.channels)
	}
	done(f.values)
}

func slideDown[S vec.Accumulator](sums, above, enter, leave []S) {
	above, enter, leave = above[:len(sums)], enter[:len(sums)], leave[:len(sums)]
	for i := range sums {
		sums[i] = above[i] + (enter[i] - leave[i])
	}
}

// slideAlong sets every value of sums to the sum of k pixels of columns, starting at its own.
func slideAlong[S vec.Accumulator](sums, columns []S, k, channels int) {
	for c := range channels {
		var sum S
		for i := c; i < (k-1)*channels; i += channels {
			sum += columns[i]
		}
		enter := columns[(k-1)*channels:]
		for i := c; i < len(sums); i += channels {
			sum += enter[i]
			sums[i] = sum
			sum -= columns[i]
		}
	}
}

// byteMean divides a sum of n bytes by n as OpenCV does: fixed-point multiplication by the
// reciprocal, which rounds to the nearest, ties up. Where the reciprocal is exact, for n a power of
// two, OpenCV's correction is one too large, so that a sum just below a tie also goes up.
type byteMean struct{ delta, reciprocal int32 }

const meanShift = 23

func newByteMean(n int) byteMean {
	m := byteMean{delta: int32(n / 2), reciprocal: int32((1 << meanShift) / n)}
	if 2*((1<<meanShift)%n) < n {
		m.delta++ // makes up for a reciprocal that was rounded down
	} else {
		m.reciprocal++
	}
	return m
}

// GaussianBlur returns the operator "gaussian-blur": every value becomes a weighted mean of the
// k x k values around it, with k drawn from kernels, each 1, 3, 5 or 7. The weights are those that
// OpenCV takes when the standard deviation is left to it (about 0.8, 1.1 and 1.4 pixels). Beyond the
// border the image is mirrored without its outermost pixels. On [input.Bytes] the result is that
// of OpenCV's GaussianBlur, bit for bit.
func GaussianBlur(kernels ...int) (input.Mutator, error) {
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
	if im.domain == input.Bytes {
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
