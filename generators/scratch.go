package generators

import "sync"

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
