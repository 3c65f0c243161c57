package engine

import (
	"math/rand/v2"
	"testing"
)

func BenchmarkDiffChaser(b *testing.B) {
	b.Run("one-query", func(b *testing.B) {
		benchmarkQuery(b, DiffChaser{Mutators: []Mutator{still{}}, Population: 100})
	})
}

func BenchmarkRandom(b *testing.B) {
	b.Run("one-query", func(b *testing.B) { benchmarkQuery(b, Random{Mutators: []Mutator{still{}}}) })
}

func BenchmarkSquare(b *testing.B) {
	b.Run("one-query", func(b *testing.B) { benchmarkQuery(b, Square{}) })
}

// benchmarkQuery is the cost of a query to the strategy itself, on images of 28x28.
func benchmarkQuery(b *testing.B, strategy Strategy) {
	query := oneQuery(strategy)
	for range 1000 { // until memory is that of the steady state
		query()
	}
	b.ReportAllocs()
	for b.Loop() {
		query()
	}
}

// oneQuery returns a function that asks for one candidate and tells the answers to it.
func oneQuery(strategy Strategy) func() {
	seed := Evaluation{
		Input:    Must(NewImage(28, 28, 1, make([]uint8, 28*28))),
		Original: []float32{0.9, 0.1}, Compressed: []float32{0.9, 0.1},
	}
	searcher := Must(strategy.NewSearcher(Task{
		Seed: seed, Region: Must(LInf(16).Around(seed.Input)), Rand: rand.New(rand.NewPCG(1, 2)),
	}))
	told := []Evaluation{{Original: make([]float32, 2), Compressed: make([]float32, 2)}}
	return func() {
		told[0].Input = searcher.Ask(1)[0]
		p := told[0].Input.Data[0] / 512
		told[0].Original[0], told[0].Original[1] = 1-p, p
		told[0].Compressed[0], told[0].Compressed[1] = 1-p, p
		searcher.Tell(told)
	}
}

func TestBaselinesDoNotAllocateInSteadyState(t *testing.T) {
	for _, strategy := range []Strategy{
		DiffChaser{Mutators: []Mutator{still{}}, Population: 100},
		Random{Mutators: []Mutator{still{}}},
		Random{Mutators: []Mutator{still{}}, Accumulate: true},
		Square{},
		Boundary{},
	} {
		query := oneQuery(strategy)
		for range 5000 {
			query()
		}
		// Histories grow, but seldom.
		if n := testing.AllocsPerRun(1000, query); n > 0 {
			t.Errorf("%s: %g allocations a query", strategy, n)
		}
	}
}
