package engine

import (
	"context"
	"math/rand/v2"
	"testing"
)

func BenchmarkSelector(b *testing.B) {
	s, rng := rankedSelector(7, AsPublished), rand.New(rand.NewPCG(1, 2))
	b.ReportAllocs()
	for b.Loop() {
		s.last = s.choose(rng)
	}
}

func BenchmarkFitness(b *testing.B) {
	row := make([]float32, 10)
	row[3] = 1
	f := newFitness(TriggerFinder{}, Evaluation{Original: row, Compressed: row})
	b.ReportAllocs()
	for b.Loop() {
		f.better(row, row)
	}
}

// still is an operator that costs nothing.
type still struct{}

func (still) Mutate(dst, src Input, _ *rand.Rand) { copy(dst.Data, src.Data) }
func (still) String() string                      { return "still" }

// steady is a model that costs nothing and never deviates from itself.
type steady struct{}

func (steady) Predict(context.Context, []Input) ([][]float32, error) { panic("not called") }

func (steady) PredictInto(_ context.Context, batch []Input, dst [][]float32) ([][]float32, error) {
	for i, in := range batch {
		p := in.Data[0] / 512
		dst[i] = append(dst[i][:0], 1-p, p)
	}
	return dst, nil
}

// BenchmarkSearch is the cost of the search loop itself, a query: ask, assemble, judge, tell.
func BenchmarkSearch(b *testing.B) {
	seeds := make(SeedList, 64)
	for i := range seeds {
		pixels := make([]uint8, 28*28)
		pixels[0] = uint8(i)
		seeds[i].Input = Must(NewImage(28, 28, 1, pixels))
	}
	pair := Must(NewPair("steady", steady{}, &struct{ steady }{}))
	b.ReportAllocs()
	_, err := Search(b.Context(), pair, seeds, Settings{
		Strategy: TriggerFinder{Mutators: []Mutator{still{}}},
		Budget:   Budget{Queries: b.N * len(seeds), MinQueriesPerSeed: 1},
		Workers:  1,
	})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(seeds)), "ns/query")
}
