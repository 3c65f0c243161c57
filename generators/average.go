package generators

import (
	"fmt"

	"github.com/triggerfinder/triggerfinder/engine"
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
		boxSums(&wholes, im, k, func(first int, sums []int32) {
			for i, sum := range sums {
				out[first+i] = mean.of(sum)
			}
		})
		return
	}
	area, domain := float64(k*k), im.domain
	boxSums(&reals, im, k, func(first int, sums []float64) {
		for i, sum := range sums {
			out[first+i] = domain.Snap(float32(sum / area))
		}
	})
}

// boxSums hands over, row by row, the sum over the k x k box around every value; first is the
// index of a row's first value. Sums over columns slide down and sums over those slide to the right,
// so that the cost does not depend on k.
func boxSums[S accumulator](pool *scratch[S], im raster, k int, row func(first int, sums []S)) {
	anchor, line := k/2, im.width*im.channels
	size := len(im.data)
	padded := (im.width + k - 1) * im.channels
	buffer := pool.borrow(size + padded + line)
	defer pool.giveBack(buffer)
	values, columns, sums := (*buffer)[:size], (*buffer)[size:size+padded], (*buffer)[size+padded:]
	widen(values, im.data)

	inner := columns[anchor*im.channels:][:line]
	clear(inner)
	for dy := -anchor; dy < k-anchor; dy++ {
		addRow(inner, rowOf(values, dy, im.height, line))
	}
	for y := range im.height {
		if y > 0 {
			enter, leave := y+k-1-anchor, y-1-anchor
			slideRow(inner, rowOf(values, enter, im.height, line), rowOf(values, leave, im.height, line))
		}
		reflectRow(columns, anchor, im.width, k-1-anchor, im.channels)
		slideAlong(sums, columns, k, im.channels)
		row(y*line, sums)
	}
}

// rowOf is the row that stands for row y, which may lie outside the image.
func rowOf[S any](values []S, y, height, line int) []S {
	return values[reflect101(y, height)*line:][:line]
}

func addRow[S accumulator](sums, row []S) {
	row = row[:len(sums)]
	for i := range sums {
		sums[i] += row[i]
	}
}

func slideRow[S accumulator](sums, enter, leave []S) {
	enter, leave = enter[:len(sums)], leave[:len(sums)]
	for i := range sums {
		sums[i] += enter[i] - leave[i]
	}
}

// slideAlong sets every value of sums to the sum of k pixels of columns, starting at its own.
func slideAlong[S accumulator](sums, columns []S, k, channels int) {
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

func (m byteMean) of(sum int32) float32 {
	return float32((sum + m.delta) * m.reciprocal >> meanShift)
}
