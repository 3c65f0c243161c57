package strategies

import (
	"math/rand/v2"
	"testing"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/inputtest"
	"github.com/triggerfinder/triggerfinder/model"
)

func BenchmarkDiffChaser(b *testing.B) {
	b.Run("one-query", func(b *testing.B) {
		benchmarkQuery(b, DiffChaserSearch{Mutators: []input.Mutator{inputtest.Still{}}, Population: 100})
	})
}

func BenchmarkRandom(b *testing.B) {
	b.Run("one-query", func(b *testing.B) { benchmarkQuery(b, RandomSearch{Mutators: []input.Mutator{inputtest.Still{}}}) })
}

func BenchmarkSquare(b *testing.B) {
	b.Run("one-query", func(b *testing.B) { benchmarkQuery(b, SquareSearch{}) })
}

// benchmarkQuery is the cost of a query to the strategy itself, on images of 28x28.
func benchmarkQuery(b *testing.B, strategy engine.Strategy) {
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
func oneQuery(strategy engine.Strategy) func() {
	seed := engine.Evaluation{
		Input:    model.Must(input.NewImage(28, 28, 1, make([]uint8, 28*28))),
		Original: []float32{0.9, 0.1}, Compressed: []float32{0.9, 0.1},
	}
	searcher := model.Must(strategy.NewSearcher(engine.Task{
		Seed: seed, Region: model.Must(distance.LInf(16).Around(seed.Input)), Rand: rand.New(rand.NewPCG(1, 2)),
	}))
	told := []engine.Evaluation{{Original: make([]float32, 2), Compressed: make([]float32, 2)}}
	return func() {
		told[0].Input = searcher.Ask(1)[0]
		p := told[0].Input.Data[0] / 512
		told[0].Original[0], told[0].Original[1] = 1-p, p
		told[0].Compressed[0], told[0].Compressed[1] = 1-p, p
		searcher.Tell(told)
	}
}

func TestBaselinesDoNotAllocateInSteadyState(t *testing.T) {
	for _, strategy := range []engine.Strategy{
		DiffChaserSearch{Mutators: []input.Mutator{inputtest.Still{}}, Population: 100},
		RandomSearch{Mutators: []input.Mutator{inputtest.Still{}}},
		RandomSearch{Mutators: []input.Mutator{inputtest.Still{}}, Accumulate: true},
		SquareSearch{},
		BoundarySearch{},
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
