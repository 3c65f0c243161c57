package engine_test

import (
	"context"
	"iter"
	"slices"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// reading is a strategy that reads its pool, and remembers what it was shown.
type reading struct {
	strategies.BoundarySearch
	ids *[]string
}

func (r reading) ReadPool(pool iter.Seq2[engine.Evaluation, input.Packed]) engine.Strategy {
	for e, packed := range pool {
		*r.ids = append(*r.ids, e.Input.ID())
		if packed.Unpack().ID() != e.Input.ID() {
			panic("another seed is packed")
		}
	}
	return r.BoundarySearch.ReadPool(pool)
}

// TestReadPool: who reads the pool is shown what others get as a whole, and a search is the same.
func TestReadPool(t *testing.T) {
	var read, whole []string
	s := enginetest.BoundarySettings(nil)
	s.Strategy = reading{ids: &read}
	seeds := enginetest.PatternSeeds(20)
	a, errA := engine.Search(context.Background(), enginetest.SmoothPair(), seeds, s)
	s.Strategy = enginetest.Observed{PoolStrategy: strategies.BoundarySearch{}, Pool: func(pool []engine.Evaluation) {
		for _, e := range pool {
			whole = append(whole, e.Input.ID())
		}
	}}
	b, errB := engine.Search(context.Background(), enginetest.SmoothPair(), seeds, s)
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	if len(whole) == 0 || !slices.Equal(read, whole) {
		t.Errorf("expected the pool %v, found %v", whole, read)
	}
	if a.Ledger.Queries != b.Ledger.Queries || a.Ledger.Queries == 0 {
		t.Errorf("expected as many queries, found %d and %d", a.Ledger.Queries, b.Ledger.Queries)
	}
}
