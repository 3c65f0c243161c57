package generators

import (
	"fmt"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/internal/vec"
)

// AverageBlur returns the operator "average-blur": every value becomes the mean of the k x k
// values around it, with k drawn from kernels, each 1 to 16. Beyond the border the image is mirrored
// without its outermost pixels; an even kernel reaches one pixel further up and left. On
// [engine.Bytes] the result is that of OpenCV's blur, bit for bit.
func AverageBlur(kernels ...int) (engine.Mutator, error) {
	return newBlur("average-blur", average, kernels,
		func(k int) bool { return 1 <= k && k <= maxKernel }, fmt.Sprintf("1 to %d", maxKernel))
}

// average filters with a box of k x k equal weights.
func average(out []float32, im raster, k int) {
	if im.domain == engine.Bytes {
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
