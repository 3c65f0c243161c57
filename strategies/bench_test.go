package strategies

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
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
	e := &engine.Evaluation{Original: answer.Of(row...), Compressed: answer.Of(row...)}
	f := newFitness(TriggerFinderSearch{}, engine.Task{Seed: *e})
	b.ReportAllocs()
	for b.Loop() {
		f.better(e)
	}
}

// steady is a model that costs nothing and never deviates from itself.
type steady struct{}

func (steady) Predict(context.Context, []input.Input) ([][]float32, error) { panic("not called") }

func (steady) PredictInto(_ context.Context, batch []input.Input, dst [][]float32) ([][]float32, error) {
	for i, in := range batch {
		p := in.Data[0] / 512
		dst[i] = append(dst[i][:0], 1-p, p)
	}
	return dst, nil
}

// BenchmarkSearch is the cost of the search loop itself, a query: ask, assemble, judge, tell.
func BenchmarkSearch(b *testing.B) {
	seeds := make(input.SeedList, 64)
	for i := range seeds {
		pixels := make([]uint8, 28*28)
		pixels[0] = uint8(i)
		seeds[i].Input = model.Must(input.NewImage(28, 28, 1, pixels))
	}
	pair := model.Must(model.NewPair("steady", steady{}, &struct{ steady }{}))
	b.ReportAllocs()
	_, err := engine.Search(b.Context(), pair, seeds, engine.Settings{
		Strategy: TriggerFinderSearch{Mutators: []input.Mutator{still{}}},
		Budget:   engine.Budget{Queries: b.N * len(seeds), MinQueriesPerSeed: 1},
		Workers:  1, AllowIdentical: true,
	})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(seeds)), "ns/query")
}

// sloping is a cheap smooth model: class 0 while the left half of a 28x28 image is brighter.
type sloping struct{ shift float64 }

func (s sloping) answer(in input.Input, row []float32) []float32 {
	var sum float64
	for y := range 28 {
		line := in.Data[y*28 : (y+1)*28]
		for x, v := range line[:14] {
			sum += float64(v) - float64(line[14+x])
		}
	}
	p := float32(1 / (1 + math.Exp(-(sum/392-s.shift)/10)))
	return append(row[:0], p, 1-p)
}

func (s sloping) Predict(context.Context, []input.Input) ([][]float32, error) { panic("not called") }

func (s sloping) PredictInto(_ context.Context, batch []input.Input, dst [][]float32) ([][]float32, error) {
	for i, in := range batch {
		dst[i] = s.answer(in, dst[i])
	}
	return dst, nil
}

// slopes are two sloping models, and what they say of the hills.
type slopes struct {
	original, compressed sloping
	pool                 []engine.Evaluation
	strategy             engine.Strategy
	told                 []engine.Evaluation
}

func newSlopes(n int) *slopes {
	s := &slopes{original: sloping{0}, compressed: sloping{1}}
	for _, seed := range hills(n) {
		s.pool = append(s.pool, engine.Evaluation{Input: seed.Input, Original: answer.Of(s.original.answer(seed.Input, nil)...), Compressed: answer.Of(s.compressed.answer(seed.Input, nil)...)})
	}
	s.strategy = BoundarySearch{}.WithPool(s.pool)
	return s
}

func (s *slopes) searcher(seed int, aim distance.Aim) engine.Searcher {
	return model.Must(s.strategy.NewSearcher(engine.Task{
		Seed: s.pool[seed%len(s.pool)], Oracle: answer.Top1(), Aim: aim, Rand: rand.New(rand.NewPCG(uint64(seed), 0)),
	}))
}

// query asks once and answers, and returns how many queries that were and whether one hit.
func (s *slopes) query(searcher engine.Searcher, limit int, closing bool) (n int, hit bool) {
	asked := searcher.Ask(limit)
	for len(s.told) < len(asked) {
		s.told = append(s.told, engine.Evaluation{})
	}
	for i, in := range asked {
		e := &s.told[i]
		e.Input, e.Original.Scores, e.Compressed.Scores = in, s.original.answer(in, e.Original.Scores), s.compressed.answer(in, e.Compressed.Scores)
		e.Verdict = answer.Top1().Judge(e.Original, e.Compressed)
		hit = hit || e.Verdict.Deviates
	}
	if hit && !closing {
		searcher.(engine.Closer).CloseIn()
	}
	searcher.Tell(s.told[:len(asked)])
	return len(asked), hit
}

// BenchmarkBoundary has the cost of a whole seed to its first hit, models included, and that of one query
// of closing in.
func BenchmarkBoundary(b *testing.B) {
	s := newSlopes(500)
	b.Run("first-hit", func(b *testing.B) {
		b.ReportAllocs()
		queries, seed := 0, 0
		for b.Loop() {
			searcher := s.searcher(seed, distance.MostAlike)
			seed++
			for hit := false; !hit; {
				var n int
				n, hit = s.query(searcher, 100, true) // not announced: it must not close in
				queries += n
			}
		}
		b.ReportMetric(float64(queries)/float64(b.N), "queries/op")
	})
	for aim := distance.MostAlike; aim <= distance.NearestL0; aim++ {
		b.Run("closing-in/"+aim.String(), func(b *testing.B) {
			const each = 500 // queries a seed
			b.ReportAllocs()
			seed := 0
			for done := 0; done < b.N; {
				searcher, left := s.searcher(seed, aim), each
				seed++
				for hit := false; !hit; {
					_, hit = s.query(searcher, 100, false)
				}
				for left > 0 && done < b.N {
					n, _ := s.query(searcher, left, true)
					left, done = left-n, done+n
				}
			}
		})
	}
	b.Run("climb", func(b *testing.B) { benchmarkQuery(b, BoundarySearch{}) })
}

// BenchmarkBoundarySearch is the cost of whole searches, a query.
func BenchmarkBoundarySearch(b *testing.B) {
	seeds := hills(64)
	pair := model.Must(model.NewPair("slopes", sloping{0}, sloping{1}))
	for name, closing := range map[string]int{"first-hit": 0, "closing-in": 200} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			queries := 0
			for b.Loop() {
				report, err := engine.Search(b.Context(), pair, seeds, engine.Settings{
					Strategy: BoundarySearch{}, Budget: engine.Budget{QueriesPerSeed: 300, ClosingQueriesPerSeed: closing}, Workers: 1,
				})
				if err != nil {
					b.Fatal(err)
				}
				queries += report.Ledger.Queries
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(queries), "ns/query")
			b.ReportMetric(float64(queries)/float64(b.N), "queries/op")
		})
	}
}

func BenchmarkDiffChaser(b *testing.B) {
	b.Run("one-query", func(b *testing.B) {
		benchmarkQuery(b, DiffChaserSearch{Mutators: []input.Mutator{still{}}, Population: 100})
	})
}

func BenchmarkRandom(b *testing.B) {
	b.Run("one-query", func(b *testing.B) { benchmarkQuery(b, RandomSearch{Mutators: []input.Mutator{still{}}}) })
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
		Original: answer.Of(0.9, 0.1), Compressed: answer.Of(0.9, 0.1),
	}
	searcher := model.Must(strategy.NewSearcher(engine.Task{
		Seed: seed, Region: model.Must(distance.LInf(16).Around(seed.Input)), Rand: rand.New(rand.NewPCG(1, 2)),
	}))
	told := []engine.Evaluation{{Original: answer.Of(make([]float32, 2)...), Compressed: answer.Of(make([]float32, 2)...)}}
	return func() {
		told[0].Input = searcher.Ask(1)[0]
		p := told[0].Input.Data[0] / 512
		told[0].Original.Scores[0], told[0].Original.Scores[1] = 1-p, p
		told[0].Compressed.Scores[0], told[0].Compressed.Scores[1] = 1-p, p
		searcher.Tell(told)
	}
}

func TestBaselinesDoNotAllocateInSteadyState(t *testing.T) {
	for _, strategy := range []engine.Strategy{
		DiffChaserSearch{Mutators: []input.Mutator{still{}}, Population: 100},
		RandomSearch{Mutators: []input.Mutator{still{}}},
		RandomSearch{Mutators: []input.Mutator{still{}}, Accumulate: true},
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

// hills are n seeds of two classes that are far from the boundary of sloping.
func hills(n int) input.SeedList {
	rng := rand.New(rand.NewPCG(7, 8))
	seeds := make(input.SeedList, n)
	for i := range seeds {
		pixels := make([]uint8, 28*28)
		for j := range pixels {
			pixels[j] = uint8(60 + rng.IntN(60))
			if (j%28 < 14) == (i%2 == 0) {
				pixels[j] += 60
			}
		}
		seeds[i].Input = model.Must(input.NewImage(28, 28, 1, pixels))
	}
	return seeds
}

// still is an operator that costs nothing.
type still struct{}

func (still) Mutate(dst, src input.Input, _ *rand.Rand) { copy(dst.Data, src.Data) }

func (still) String() string { return "still" }

// halves are a model of images of any size that costs next to nothing: class 0 while the left half of the upper rows is brighter.
type halves struct{ shift float64 }

func (halves) Predict(context.Context, []input.Input) ([][]float32, error) { panic("not called") }

func (m halves) PredictInto(_ context.Context, batch []input.Input, dst [][]float32) ([][]float32, error) {
	for i, in := range batch {
		_, width, channels, _ := in.ImageSize()
		var sum float64
		for y := range 8 {
			line := in.Data[y*width*channels:][:width*channels]
			for x, v := range line[:len(line)/2] {
				sum += float64(v) - float64(line[len(line)/2+x])
			}
		}
		p := float32(1 / (1 + math.Exp(-(sum/float64(4*width*channels)-m.shift)/10)))
		dst[i] = append(dst[i][:0], p, 1-p)
	}
	return dst, nil
}

// BenchmarkProductionSize has what a query of closing in on images of 224x224x3 costs beside the models, and what a seed in flight
// takes: the live heap of 12 of them less that of one. bench/production measures the same with models of ONNX Runtime.
func BenchmarkProductionSize(b *testing.B) {
	const side, many = 224, 12
	rng := rand.New(rand.NewPCG(22, 4))
	seeds := make(input.SeedList, many)
	for i := range seeds {
		pixels := make([]uint8, side*side*3)
		for j := range pixels {
			pixels[j] = uint8(60 + rng.IntN(60))
			if (j%(side*3) < side*3/2) == (i%2 == 0) {
				pixels[j] += 60
			}
		}
		seeds[i].Input = model.Must(input.NewImage(side, side, 3, pixels))
	}
	pair := model.Must(model.NewPair("halves", halves{0}, halves{1}))
	heaps, queries := map[int]float64{}, 0
	for b.Loop() {
		for _, window := range []int{1, many} {
			r := model.Must(engine.Search(b.Context(), pair, seeds, engine.Settings{
				Strategy: BoundarySearch{}, Window: window, Workers: 1, Budget: engine.Budget{QueriesPerSeed: 100, ClosingQueriesPerSeed: 100},
				OnProgress: func(engine.Progress) {
					var m runtime.MemStats
					runtime.GC()
					runtime.ReadMemStats(&m)
					heaps[window] = max(heaps[window], float64(m.HeapAlloc)/(1<<20))
				},
			}))
			queries += r.Ledger.Queries
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()*1000/float64(queries), "ms/query")
	b.ReportMetric((heaps[many]-heaps[1])/(many-1), "MiB/seed")
}
