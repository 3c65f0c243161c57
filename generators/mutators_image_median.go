package generators

import (
	"fmt"
	"slices"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/vec"
)

// MedianBlur returns the operator "median-blur": every value becomes the median of the k x k
// values around it, channel by channel, with k drawn from kernels, each odd and at most 15. Beyond
// the border the outermost pixels are repeated. On [input.Bytes] the result is that of OpenCV's
// medianBlur, bit for bit.
func MedianBlur(kernels ...int) (input.Mutator, error) {
	return newBlur("median-blur", median, kernels,
		func(k int) bool { return 1 <= k && k < maxKernel && k%2 == 1 },
		fmt.Sprintf("an odd number from 1 to %d", maxKernel-1))
}

// median filters one channel after the other, since values of a channel have to lie side by side.
func median(out []float32, im raster, k int) {
	if im.domain == input.Bytes {
		medianOfBytes(out, im, k)
		return
	}
	medianOfReals(out, im, k)
}

var byteScratch scratch[uint8]

func medianOfBytes(out []float32, im raster, k int) {
	buffer := byteScratch.borrow(vec.MediansRoom(planeSize(im, k), k))
	defer byteScratch.giveBack(buffer)
	for c := range im.channels {
		p := padPlane(*buffer, im, c, k)
		vec.Medians(out[c:], im.channels, *buffer, p.width, im.height+k-1, k)
	}
}

// plane is one channel of an image with a border of k/2 repeated pixels.
type plane[T uint8 | float32] struct {
	values []T
	width  int // with the border
}

func planeSize(im raster, k int) int { return (im.height + k - 1) * (im.width + k - 1) }

func padPlane[T uint8 | float32](buffer []T, im raster, channel, k int) plane[T] {
	p, reach := plane[T]{buffer, im.width + k - 1}, k/2
	for y := range im.height + k - 1 {
		row := p.row(y)
		from := im.data[im.at(replicate(y-reach, im.height), 0)+channel:]
		if bytes, ok := any(row[reach:]).([]uint8); ok && im.channels == 1 {
			vec.FloatsToBytes(bytes, from[:im.width])
		} else {
			for x := range im.width {
				row[reach+x] = T(from[x*im.channels])
			}
		}
		for x := range reach {
			row[x], row[reach+im.width+x] = row[reach], row[reach+im.width-1]
		}
	}
	return p
}

func (p plane[T]) row(y int) []T { return p.values[y*p.width:][:p.width] }

// from is the plane without its first y rows.
func (p plane[T]) from(y int) plane[T] { return plane[T]{p.values[y*p.width:], p.width} }

var realScratch scratch[float32]

// medianOfReals keeps the k x k values of the window sorted: a sorted column leaves and one
// enters in a single merge.
func medianOfReals(out []float32, im raster, k int) {
	size := planeSize(im, k)
	buffer := realScratch.borrow(size + 3*k*k + k)
	defer realScratch.giveBack(buffer)
	w := newSortedWindow((*buffer)[size:], k)
	for c := range im.channels {
		p := padPlane((*buffer)[:size], im, c, k)
		for y := range im.height {
			w.medians(out[im.at(y, 0)+c:], im.channels, p.from(y))
		}
	}
}

// sortedWindow holds the values of a window of k x k in order.
type sortedWindow struct {
	k       int
	values  []float32
	next    []float32 // room for a merge
	columns []float32 // the last k+1 columns, each in order, the one at x in place x % (k+1)
}

func newSortedWindow(room []float32, k int) sortedWindow {
	n := k * k
	return sortedWindow{k: k, values: room[:n:n], next: room[n : 2*n : 2*n], columns: room[2*n : 3*n+k]}
}

func (w *sortedWindow) medians(out []float32, step int, p plane[float32]) {
	for x := range w.k {
		w.readColumn(p, x)
	}
	w.values = append(w.values[:0], w.columns[:w.k*w.k]...)
	slices.Sort(w.values)
	out[0] = w.values[len(w.values)/2]
	for x := w.k; x < p.width; x++ {
		w.replace(w.column(x-w.k), w.readColumn(p, x))
		out[(x-w.k+1)*step] = w.values[len(w.values)/2]
	}
}

func (w *sortedWindow) column(x int) []float32 { return w.columns[x%(w.k+1)*w.k:][:w.k] }

// readColumn puts the column at x in order, by insertion, which is fastest for so few values.
func (w *sortedWindow) readColumn(p plane[float32], x int) []float32 {
	column := w.column(x)
	for y := range column {
		v, i := p.values[y*p.width+x], y
		for ; i > 0 && column[i-1] > v; i-- {
			column[i] = column[i-1]
		}
		column[i] = v
	}
	return column
}

// replace takes the values of one column out of the window and puts those of another in.
func (w *sortedWindow) replace(leave, enter []float32) {
	next := w.next[:0]
	for _, v := range w.values {
		if len(leave) > 0 && leave[0] == v {
			leave = leave[1:]
			continue
		}
		for len(enter) > 0 && enter[0] < v {
			next, enter = append(next, enter[0]), enter[1:]
		}
		next = append(next, v)
	}
	w.values, w.next = append(next, enter...), w.values
}
