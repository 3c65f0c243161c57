package generators

import (
	"sync"

	"github.com/triggerfinder/triggerfinder/internal/vec"
)

// scratch lends out slices, so that mutators are safe for concurrent use and yet allocate nothing
// once the pool is warm.
type scratch[T any] struct{ pool sync.Pool }

// borrow returns a slice of n elements of any value. The pointer goes back with [scratch.giveBack].
func (s *scratch[T]) borrow(n int) *[]T {
	buffer, ok := s.pool.Get().(*[]T)
	if !ok {
		buffer = new([]T)
	}
	if cap(*buffer) < n {
		*buffer = make([]T, n)
	}
	*buffer = (*buffer)[:n]
	return buffer
}

func (s *scratch[T]) giveBack(buffer *[]T) { s.pool.Put(buffer) }

// Room of filters.
var (
	wholes scratch[int32]
	reals  scratch[float64]
)

// filter is the room of a filter that sums over columns first and then along rows. Each half goes through the whole
// image before the next one begins: reading at once what was just written, in other pieces, would make the processor
// wait.
type filter[S vec.Accumulator] struct {
	im      raster
	line    int // values in a row
	before  int // pixels in front of a row of columns
	after   int // and behind
	values  []S // of the image; the second half writes its sums there
	columns []S
	pool    *scratch[S]
	buffer  *[]S
}

// newFilter reads the image. So many pixels of the border are in reach of a row.
func newFilter[S vec.Accumulator](pool *scratch[S], im raster, before, after int) filter[S] {
	f := filter[S]{im: im, line: im.width * im.channels, before: before, after: after, pool: pool}
	size := len(im.data)
	f.buffer = pool.borrow(size + im.height*f.padded())
	f.values, f.columns = (*f.buffer)[:size], (*f.buffer)[size:]
	vec.Widen(f.values, im.data)
	return f
}

func (f *filter[S]) giveBack() { f.pool.giveBack(f.buffer) }

func (f *filter[S]) padded() int { return f.line + (f.before+f.after)*f.im.channels }

// row is the row of values that stands for row y, which may lie outside the image.
func (f *filter[S]) row(y int) []S { return rowOf(f.values, y, f.im.height, f.line) }

// inner is the row y of sums over columns, without its border.
func (f *filter[S]) inner(y int) []S {
	return f.columns[y*f.padded()+f.before*f.im.channels:][:f.line]
}

// reflected is the same with its border, which it fills.
func (f *filter[S]) reflected(y int) []S {
	row := f.columns[y*f.padded():][:f.padded()]
	reflectRow(row, f.before, f.im.width, f.after, f.im.channels)
	return row
}
