package strategies

import "sync"

// lent is memory for values of one length that a searcher needs from being asked to being told, or within one of the two. All searchers share
// it, so that seeds that wait for their turn hold none: of large inputs it would be most of what a seed takes.
type lent[T any] struct {
	pool *sync.Pool
	out  []*[]T
}

// pools are those of one type of values, by length.
type pools[T any] struct{ byLength sync.Map }

var (
	lentValues  pools[float32]
	lentVectors pools[float64]
)

// of is memory for n values at a time, of which nothing is taken yet.
func (p *pools[T]) of(n int) lent[T] {
	pool, _ := p.byLength.LoadOrStore(n, &sync.Pool{New: func() any {
		values := make([]T, n)
		return &values
	}})
	return lent[T]{pool: pool.(*sync.Pool)}
}

// take lends memory, with any values in it.
func (l *lent[T]) take() []T {
	taken := l.pool.Get().(*[]T)
	l.out = append(l.out, taken)
	return *taken
}

// giveBack gives all back that was taken, but for what is kept.
func (l *lent[T]) giveBack(kept []T) {
	still := l.out[:0]
	for _, taken := range l.out {
		if len(kept) > 0 && &(*taken)[0] == &kept[0] {
			still = append(still, taken)
			continue
		}
		l.pool.Put(taken)
	}
	clear(l.out[len(still):])
	l.out = still
}
