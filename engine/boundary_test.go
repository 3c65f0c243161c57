package engine_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/triggerfinder/triggerfinder/engine"
)

// linear is a smooth model: the softmax of linear scores.
type linear struct {
	weights [][]float32 // of each class, about 1 a value
	centre  float32
	scale   float64
}

// patterns are smooth weights for 12x12 images.
func patterns() [][]float32 {
	weights := make([][]float32, 4)
	for k := range weights {
		for i := range 144 {
			y, x := float64(i/12)/12, float64(i%12)/12
			weights[k] = append(weights[k], float32(math.Sin(2*math.Pi*(float64(1+k%2)*y+float64(k/2)*x)+float64(k))))
		}
	}
	return weights
}

// moved is the model with weights changed by share of their size: a compressed version of it.
func (m linear) moved(share float32) linear {
	rng := rand.New(rand.NewPCG(3, 4))
	weights := make([][]float32, len(m.weights))
	for k, row := range m.weights {
		weights[k] = slices.Clone(row)
		for i := range row {
			weights[k][i] += share * float32(2*rng.Float64()-1+0.3*float64(k))
		}
	}
	m.weights = weights
	return m
}

func (m linear) scores(in engine.Input) []float32 {
	var sum float64
	row := make([]float64, len(m.weights))
	for k, w := range m.weights {
		for i, v := range in.Data {
			row[k] += float64(w[i]) * float64(v-m.centre) / float64(in.Domain.Range())
		}
		row[k] *= m.scale / float64(len(in.Data))
	}
	most := slices.Max(row)
	for k := range row {
		row[k] = math.Exp(row[k] - most)
		sum += row[k]
	}
	scores := make([]float32, len(row))
	for k, v := range row {
		scores[k] = float32(v / sum)
	}
	return scores
}

func (m linear) predict(_ context.Context, batch []engine.Input) ([][]float32, error) {
	scores := make([][]float32, len(batch))
	for i, in := range batch {
		scores[i] = m.scores(in)
	}
	return scores, nil
}

func (m linear) labels(_ context.Context, batch []engine.Input) ([]int, error) {
	labels := make([]int, len(batch))
	for i, in := range batch {
		labels[i] = engine.Label(m.scores(in))
	}
	return labels, nil
}

var smooth = linear{weights: patterns(), centre: 128, scale: 100}

func smoothPair() *engine.Pair { return pairOf(smooth.predict, smooth.moved(0.1).predict) }

func labelPair(share float32) *engine.Pair {
	return engine.Must(engine.NewPair("labels",
		engine.LabelFunc("original", 4, smooth.labels), engine.LabelFunc("compressed", 4, smooth.moved(share).labels)))
}

// patternSeeds are n images of the patterns with noise. Neither model is in doubt about any.
func patternSeeds(n int, classes ...int) engine.SeedList {
	rng := rand.New(rand.NewPCG(1, 2))
	if len(classes) == 0 {
		classes = []int{0, 1, 2, 3}
	}
	var seeds engine.SeedList
	for i := range n {
		k := classes[i%len(classes)]
		seed := engine.Input{Shape: []int{12, 12, 1}, Domain: engine.Bytes}
		for _, w := range smooth.weights[k] {
			seed.Data = append(seed.Data, engine.Bytes.Snap(float32(128+60*float64(w)+100*(rng.Float64()-0.5))))
		}
		seeds = append(seeds, engine.Seed{Input: seed, Label: k})
	}
	return seeds
}

// rowSeeds are n rows of 10 values of a continuous domain.
func rowSeeds(n int) (engine.SeedList, *engine.Pair) {
	rng := rand.New(rand.NewPCG(5, 6))
	m := linear{weights: make([][]float32, 3), scale: 60}
	for k := range m.weights {
		for range 10 {
			m.weights[k] = append(m.weights[k], float32(2*rng.Float64()-1))
		}
	}
	var seeds engine.SeedList
	for i := range n {
		seed := engine.Input{Shape: []int{10}, Domain: engine.Domain{Min: -3, Max: 3}}
		for _, w := range m.weights[i%3] {
			seed.Data = append(seed.Data, seed.Domain.Snap(w+float32(rng.Float64()-0.5)))
		}
		seeds = append(seeds, engine.Seed{Input: seed, Label: i % 3})
	}
	return seeds, pairOf(m.predict, m.moved(0.1).predict)
}

// fade is an operator whose severity darkens the image and adds noise.
type fade struct{}

func (fade) String() string { return "fade" }
func (f fade) Mutate(dst, src engine.Input, rng *rand.Rand) {
	f.MutateAt(dst, src, rng.Float64(), rng.Uint64())
}

func (fade) MutateAt(dst, src engine.Input, severity float64, stream uint64) {
	rng := rand.New(rand.NewPCG(stream, 0))
	d := src.Domain
	for i, v := range src.Data {
		to := d.Min + d.Range()*rng.Float32()
		dst.Data[i] = d.Snap(v + float32(float32(severity)*(to-v)))
	}
}

// onlyVoices is an operator that takes no image.
type onlyVoices struct{ fade }

func (onlyVoices) Supports(engine.Input) error { return fmt.Errorf("expected a voice") }
func (onlyVoices) MutateAt(engine.Input, engine.Input, float64, uint64) {
	panic("an operator was used that cannot change the input")
}

func boundary(change func(*engine.Settings)) engine.Settings {
	s := engine.Settings{Strategy: engine.Boundary{}, Budget: engine.Budget{QueriesPerSeed: 100}}
	if change != nil {
		change(&s)
	}
	return s
}

// overlooked shows what a strategy is asked and told.
type overlooked struct {
	engine.PoolStrategy
	tell func(engine.Task, []engine.Evaluation)
	pool func([]engine.Evaluation)
}

func (o overlooked) WithPool(pool []engine.Evaluation) engine.Strategy {
	if o.pool != nil {
		o.pool(pool)
	}
	return overlooked{o.PoolStrategy.WithPool(pool).(engine.PoolStrategy), o.tell, o.pool}
}

func (o overlooked) NewSearcher(task engine.Task) (engine.Searcher, error) {
	searcher, err := o.PoolStrategy.NewSearcher(task)
	if err != nil || o.tell == nil {
		return searcher, err
	}
	return overlookedSearcher{searcher.(closingHistorian), o, task}, nil
}

type closingHistorian interface {
	engine.Closer
	engine.Historian
}

type overlookedSearcher struct {
	closingHistorian
	o    overlooked
	task engine.Task
}

func (s overlookedSearcher) Tell(evaluations []engine.Evaluation) {
	s.o.tell(s.task, evaluations)
	s.closingHistorian.Tell(evaluations)
}

func TestBoundaryFindsATriggerForEverySeed(t *testing.T) {
	rows, rowPair := rowSeeds(30)
	corrupted := func(s *engine.Settings) {
		s.Strategy = engine.Boundary{Corruptions: []engine.SeverityMutator{onlyVoices{}, fade{}}}
	}
	labels := func(s *engine.Settings) { s.Oracle, s.Budget.QueriesPerSeed = engine.LabelOnly(), 300 }
	for _, test := range []struct {
		name    string
		pair    *engine.Pair
		seeds   engine.SeedList
		change  func(*engine.Settings)
		queries float64 // the most, in the mean
		history string  // of some trigger
	}{
		{"smooth", smoothPair(), patternSeeds(40), nil, 4, "with a seed of label 2"},
		{"natural", smoothPair(), patternSeeds(40), func(s *engine.Settings) {
			s.Strategy = engine.Boundary{Natural: true, Corruptions: []engine.SeverityMutator{onlyVoices{}, fade{}}}
		}, 8, "fade 0."},
		{"one seed alone", smoothPair(), patternSeeds(1), nil, 20, "blend"},
		{"one label", smoothPair(), patternSeeds(20, 2), nil, 20, "blend"},
		{"one label, with corruptions", smoothPair(), patternSeeds(20, 2), corrupted, 20, "fade 0."},
		{"labels alone", labelPair(0.1), patternSeeds(40), nil, 20, "blend"},
		{"label-only oracle", smoothPair(), patternSeeds(40), labels, 20, "blend"},
		{"label-only oracle, one label", smoothPair(), patternSeeds(10, 1), labels, 40, "blend"},
		{"rows", rowPair, rows, nil, 6, "blend"},
		{"rows of one label", rowPair, engine.SeedList{rows[1], rows[4], rows[7]}, nil, 20, "blend"},
		{"within LInf", smoothPair(), patternSeeds(40), func(s *engine.Settings) { s.Bound = engine.LInf(80) }, 60, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			report := search(t, test.pair, test.seeds, boundary(test.change))
			said := false
			for _, o := range report.Seeds {
				if o.Trigger == nil {
					t.Errorf("seed %d: %s after %d queries", o.Index, o.Status, o.Queries)
					continue
				}
				if err := o.Trigger.Input.Validate(); err != nil {
					t.Errorf("seed %d: %v", o.Index, err)
				}
				if o.Trigger.OriginalLabel == o.Trigger.CompressedLabel {
					t.Errorf("seed %d: both models say %d", o.Index, o.Trigger.OriginalLabel)
				}
				said = said || strings.Contains(strings.Join(o.Trigger.History, "; "), test.history)
				if o.Nearest != nil {
					t.Errorf("seed %d: has a trigger and was %g from one", o.Index, *o.Nearest)
				}
			}
			if mean := float64(report.Ledger.Queries) / float64(len(test.seeds)); mean > test.queries {
				t.Errorf("%g queries a seed; expected at most %g", mean, test.queries)
			}
			if !said {
				t.Errorf("no history says %q; the first is %q", test.history, report.Seeds[0].Trigger.History)
			}
		})
	}
}

func TestBoundaryOptionsThatCannotBe(t *testing.T) {
	for says, strategy := range map[string]engine.Boundary{
		"Pool is -1":          {Pool: -1},
		"a corruption is nil": {Corruptions: []engine.SeverityMutator{fade{}, nil}},
	} {
		_, err := engine.Search(t.Context(), smoothPair(), patternSeeds(2), boundary(func(s *engine.Settings) { s.Strategy = strategy }))
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v; expected one that says %q", err, says)
		}
	}
}

// Invariant 1, for paths, climbs and closing in.
func TestReportsOfBoundaryDoNotDependOnBatchSizeWorkersOrWindow(t *testing.T) {
	rows, rowPair := rowSeeds(20)
	for _, test := range []struct {
		name   string
		pair   *engine.Pair
		seeds  engine.SeedList
		window bool // it may not matter
		change func(*engine.Settings)
	}{
		{"first hits", smoothPair(), patternSeeds(70), true, nil},
		{"corruptions", smoothPair(), patternSeeds(20, 0, 1), true, func(s *engine.Settings) {
			s.Strategy = engine.Boundary{Corruptions: []engine.SeverityMutator{fade{}}, Natural: true, Pool: 5}
		}},
		{"closing in", smoothPair(), patternSeeds(30), true, func(s *engine.Settings) { s.Budget.ClosingQueriesPerSeed = 150 }},
		{"closing in on labels", labelPair(0.1), patternSeeds(20), true, func(s *engine.Settings) { s.Budget.ClosingQueriesPerSeed = 40 }},
		{"climbs", smoothPair(), patternSeeds(20), true, func(s *engine.Settings) { s.Bound = engine.LInf(50) }},
		{"climbs and closing in", smoothPair(), patternSeeds(20), true, func(s *engine.Settings) {
			s.Bound, s.Budget.ClosingQueriesPerSeed, s.Aim = engine.L2(500), 100, engine.NearestL2
		}},
		{"rows", rowPair, rows, true, func(s *engine.Settings) { s.Budget.ClosingQueriesPerSeed = 60 }},
		{"stop after", smoothPair(), patternSeeds(30), false, func(s *engine.Settings) {
			s.StopAfter, s.Window, s.Budget.ClosingQueriesPerSeed = 7, 10, 50
		}},
		{"total budget", smoothPair(), patternSeeds(30), false, func(s *engine.Settings) {
			s.Budget = engine.Budget{Queries: 700, ClosingQueriesPerSeed: 50}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var want []byte
			for _, batch := range []int{1, 7, 64} {
				for _, workers := range []int{1, 2, 4} {
					for _, window := range []int{0, 3, 64} {
						if window != 0 && (!test.window || batch != 7) {
							continue
						}
						s := boundary(test.change)
						s.BatchSize, s.Workers = batch, workers
						if window != 0 {
							s.Window = window
						}
						report := search(t, test.pair, test.seeds, s)
						got := engine.Must(report.Canonical())
						if want == nil {
							want = got
							if len(report.Triggers()) == 0 {
								t.Fatal("no trigger was found")
							}
						} else if diff := cmp.Diff(string(want), string(got)); diff != "" {
							t.Fatalf("batch %d, %d workers, window %d: the report differs:\n%s", batch, workers, window, diff)
						}
					}
				}
			}
		})
	}
}

func TestBoundaryStaysWithinItsBound(t *testing.T) {
	seeds := patternSeeds(12)
	for _, test := range []struct {
		bound engine.Bound
		aim   engine.Aim
		far   func(engine.Distance) bool // some candidate gets as far as that
	}{
		{engine.LInf(60), engine.NearestLInf, func(d engine.Distance) bool { return d.LInf > 50 }},
		{engine.L2(500), engine.NearestL2, func(d engine.Distance) bool { return d.L2 > 450 }},
		{engine.L0(90), engine.NearestL0, func(d engine.Distance) bool { return d.L0 > 80 }},
		{engine.SSIMAtLeast(0.4), engine.NearestSSIM, func(d engine.Distance) bool { return *d.SSIM < 0.5 }},
	} {
		t.Run(test.bound.String(), func(t *testing.T) {
			regions := make([]engine.Region, len(seeds))
			for i, seed := range seeds {
				regions[i] = engine.Must(test.bound.Around(seed.Input))
			}
			var mu sync.Mutex
			reached := false
			models := func(m linear) engine.PredictorFunc {
				return func(ctx context.Context, batch []engine.Input) ([][]float32, error) {
					mu.Lock() // regions are not safe for concurrent use
					defer mu.Unlock()
					for _, in := range batch {
						if !slices.ContainsFunc(regions, func(r engine.Region) bool { return r.Contains(in) }) {
							t.Errorf("a model is asked about an input within the bound of no seed")
						}
					}
					return m.predict(ctx, batch)
				}
			}
			report := search(t, pairOf(models(smooth), models(smooth.moved(0.1))), seeds, boundary(func(s *engine.Settings) {
				s.Bound, s.Aim, s.Budget.ClosingQueriesPerSeed = test.bound, test.aim, 60
				s.Strategy = overlooked{PoolStrategy: engine.Boundary{Corruptions: []engine.SeverityMutator{fade{}}},
					tell: func(task engine.Task, evaluations []engine.Evaluation) {
						mu.Lock()
						defer mu.Unlock()
						for _, e := range evaluations {
							if !task.Region.Contains(e.Input) {
								t.Errorf("a candidate lies outside of the bound")
							}
							reached = reached || test.far(engine.DistanceBetween(task.Seed.Input, e.Input))
						}
					}}
			}))
			if !reached {
				t.Error("no candidate comes near the rim of the bound")
			}
			for _, trigger := range report.Triggers() {
				if !regions[trigger.SeedIndex].Contains(trigger.Input) {
					t.Errorf("the trigger of seed %d lies outside of the bound", trigger.SeedIndex)
				}
			}
			if n := len(report.Triggers()); n < 6 {
				t.Errorf("%d triggers of %d", n, len(seeds))
			}
		})
	}
}

// backToSeed is a bound that takes every candidate back to its seed, though it says that others lie within.
type backToSeed struct{ seed engine.Input }

func (backToSeed) String() string                                  { return "back to the seed" }
func (backToSeed) Around(seed engine.Input) (engine.Region, error) { return backToSeed{seed}, nil }
func (b backToSeed) Project(candidate engine.Input)                { copy(candidate.Data, b.seed.Data) }
func (backToSeed) Contains(engine.Input) bool                      { return true }

func TestBoundaryEndsWhereItCannotMove(t *testing.T) {
	for _, pair := range []*engine.Pair{smoothPair(), labelPair(0.1)} {
		report, err := engine.Search(t.Context(), pair, patternSeeds(5), boundary(func(s *engine.Settings) {
			s.Bound = backToSeed{}
			s.Strategy = engine.Boundary{Corruptions: []engine.SeverityMutator{fade{}}}
		}))
		if !errors.Is(err, engine.ErrNoRoom) {
			t.Errorf("%s: error %v", pair, err)
		}
		for _, o := range report.Seeds {
			if o.Status != engine.Skipped || !strings.Contains(o.Reason, "differed from the seed: the bound leaves the strategy no other input") {
				t.Errorf("%s: seed %d: %s, %q", pair, o.Index, o.Status, o.Reason)
			}
		}
		if l := report.Ledger; l.Repeated != l.Queries || l.Queries == 0 {
			t.Errorf("%d of %d queries repeat; nothing but the seed can be asked", l.Repeated, l.Queries)
		}
	}
}

func TestNearestSaysHowNearItCame(t *testing.T) {
	for _, test := range []struct {
		oracle engine.Oracle
		graded bool
	}{
		{engine.Top1(), true},
		{engine.Must(engine.MinGap(0.9, nil)), true},
		{engine.Must(engine.MinConfidence(0.99, nil)), true},
		{engine.LabelOnly(), false},
	} {
		t.Run(test.oracle.String(), func(t *testing.T) {
			var mu sync.Mutex
			least := map[string]float64{}
			report := search(t, smoothPair(), patternSeeds(6), boundary(func(s *engine.Settings) {
				s.Bound, s.Oracle = engine.LInf(3), test.oracle
				s.Strategy = overlooked{PoolStrategy: engine.Boundary{},
					tell: func(task engine.Task, evaluations []engine.Evaluation) {
						mu.Lock()
						defer mu.Unlock()
						id := task.Seed.Input.ID()
						for _, e := range evaluations {
							near := test.oracle.(engine.Graded).Shortfall(e.Original, e.Compressed)
							if before, ok := least[id]; !ok || near < before {
								least[id] = near
							}
						}
					}}
			}))
			for _, o := range report.Seeds {
				switch {
				case o.Status != engine.SeedExhausted:
					t.Errorf("seed %d: %s", o.Index, o.Status)
				case (o.Nearest != nil) != test.graded:
					t.Errorf("seed %d: nearest is %v", o.Index, o.Nearest)
				case test.graded && *o.Nearest != least[o.SeedID]:
					t.Errorf("seed %d: nearest is %g, expected %g", o.Index, *o.Nearest, least[o.SeedID])
				}
			}
		})
	}
}

func TestBoundaryFindsSevereDeviations(t *testing.T) {
	oracle := engine.Must(engine.MinConfidence(0.55, nil))
	report := search(t, pairOf(smooth.predict, smooth.moved(0.4).predict), patternSeeds(12), boundary(func(s *engine.Settings) {
		s.Oracle, s.Budget = oracle, engine.Budget{QueriesPerSeed: 400, ClosingQueriesPerSeed: 50}
	}))
	for _, trigger := range report.Triggers() {
		if trigger.OriginalConfidence < 0.55 || trigger.OriginalLabel == trigger.CompressedLabel {
			t.Errorf("seed %d: confidence %g", trigger.SeedIndex, trigger.OriginalConfidence)
		}
	}
	if n := len(report.Triggers()); n < 6 {
		t.Errorf("%d triggers of 12", n)
	}
}

// Whatever the inputs, models, bound, aim and budget are, Boundary keeps to what it must.
func TestBoundaryOnAnyInput(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first := drawInput(t)
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "random"), 0))
		d := first.Domain
		seeds := engine.SeedList{{Input: first}}
		for range rapid.IntRange(0, 4).Draw(t, "other seeds") {
			other := first.Clone()
			jitter{}.Mutate(other, first, rng)
			seeds = append(seeds, engine.Seed{Input: other})
		}
		m := linear{weights: make([][]float32, rapid.IntRange(2, 4).Draw(t, "classes")), centre: (d.Min + d.Max) / 2, scale: 10}
		for k := range m.weights {
			for range first.Data {
				m.weights[k] = append(m.weights[k], float32(2*rng.Float64()-1))
			}
		}
		pair := pairOf(m.predict, m.moved(0.2).predict)
		labels := rapid.Bool().Draw(t, "labels only")
		if labels {
			pair = engine.Must(engine.NewPair("labels", engine.LabelFunc("o", len(m.weights), m.labels), engine.LabelFunc("c", len(m.weights), m.moved(0.2).labels)))
		}
		most := rapid.SampledFrom([]float64{0, 0.1, 0.5}).Draw(t, "radius") * float64(d.Range())
		s := boundary(func(s *engine.Settings) {
			s.Bound = rapid.SampledFrom([]engine.Bound{nil, engine.LInf(float32(most)), engine.L2(most), engine.L0(2)}).Draw(t, "bound")
			s.Aim = rapid.SampledFrom([]engine.Aim{engine.NearestSSIM, engine.NearestL2, engine.NearestLInf, engine.NearestL0}).Draw(t, "aim")
			s.Oracle = rapid.SampledFrom([]engine.Oracle{nil, engine.LabelOnly(), engine.Must(engine.ScoreTolerance(0.3))}).Draw(t, "oracle")
			s.Budget = engine.Budget{
				QueriesPerSeed:        rapid.IntRange(1, 150).Draw(t, "queries"),
				ClosingQueriesPerSeed: rapid.IntRange(0, 150).Draw(t, "closing queries"),
			}
			b := engine.Boundary{Pool: rapid.IntRange(0, 3).Draw(t, "pool"), Natural: rapid.Bool().Draw(t, "natural")}
			if rapid.Bool().Draw(t, "corruptions") {
				b.Corruptions = []engine.SeverityMutator{fade{}}
			}
			s.Strategy = b
		})
		report, err := engine.Search(context.Background(), pair, seeds, s)
		if err != nil && !slices.ContainsFunc([]error{engine.ErrConstantOutput, engine.ErrNoRoom, engine.ErrTooManySkipped},
			func(expected error) bool { return errors.Is(err, expected) }) {
			t.Fatal(err)
		}
		for _, o := range report.Seeds {
			checkOutcome(t, s, seeds[o.Index].Input, o)
		}
	})
}

// checkOutcome checks what holds for every seed.
func checkOutcome(t interface{ Errorf(string, ...any) }, s engine.Settings, seed engine.Input, o engine.Outcome) {
	if b := s.Budget.QueriesPerSeed; b > 0 && o.Queries > b {
		t.Errorf("seed %d: %d queries of %d", o.Index, o.Queries, b)
	}
	if (o.Trigger == nil) != (o.FirstHit == nil) || (o.Trigger != nil) != (o.Status == engine.Triggered) {
		t.Errorf("seed %d: %s with trigger %v and first hit %v", o.Index, o.Status, o.Trigger, o.FirstHit)
	}
	if o.Trigger == nil {
		return
	}
	if err := o.Trigger.Input.Validate(); err != nil {
		t.Errorf("seed %d: %v", o.Index, err)
	}
	if s.Bound != nil && !engine.Must(s.Bound.Around(seed)).Contains(o.Trigger.Input) {
		t.Errorf("seed %d: the trigger lies outside of the bound", o.Index)
	}
	if after := o.Queries - o.FirstHit.Queries; after > s.Budget.ClosingQueriesPerSeed && o.FirstHit.Queries > 0 && s.Budget.ClosingQueriesPerSeed > 0 {
		t.Errorf("seed %d: %d queries after the first hit, of %d", o.Index, after, s.Budget.ClosingQueriesPerSeed)
	}
	first, last := aimed(s.Aim, o.FirstHit.Distance), aimed(s.Aim, o.Trigger.Distance)
	if last > first || last == first && o.Trigger.Queries != o.FirstHit.Queries {
		t.Errorf("seed %d: %s was %g at first and is %g", o.Index, s.Aim, first, last)
	}
	if o.Trigger.Queries < o.FirstHit.Queries || o.Trigger.Queries > o.Queries {
		t.Errorf("seed %d: first hit after %d queries, trigger after %d, of %d", o.Index, o.FirstHit.Queries, o.Trigger.Queries, o.Queries)
	}
}

// aimed is the distance that the aim makes smaller.
func aimed(aim engine.Aim, d engine.Distance) float64 {
	switch {
	case aim == engine.NearestSSIM && d.SSIM != nil:
		return 1 - *d.SSIM
	case aim == engine.NearestLInf:
		return d.LInf
	case aim == engine.NearestL0:
		return float64(d.L0)
	}
	return d.L2
}
