package strategies_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/strategies"
	"pgregory.net/rapid"
)

// onlyVoices is an operator that takes no image.
type onlyVoices struct{ enginetest.Fade }

func (onlyVoices) Supports(input.Input) error { return fmt.Errorf("expected a voice") }

func (onlyVoices) MutateAt(input.Input, input.Input, float64, uint64) {
	panic("an operator was used that cannot change the input")
}

func TestBoundaryFindsATriggerForEverySeed(t *testing.T) {
	rows, rowPair := rowSeeds(30)
	corrupted := func(s *engine.Settings) {
		s.Strategy = strategies.BoundarySearch{Corruptions: []input.SeverityMutator{onlyVoices{}, enginetest.Fade{}}}
	}
	labels := func(s *engine.Settings) { s.Oracle, s.Budget.QueriesPerSeed = answer.LabelOnly(), 300 }
	for _, test := range []struct {
		name    string
		pair    *model.Pair
		seeds   input.SeedList
		change  func(*engine.Settings)
		queries float64 // the most, in the mean
		history string  // of some trigger
	}{
		{"smooth", enginetest.SmoothPair(), enginetest.PatternSeeds(40), nil, 4, "with a seed of label 2"},
		{"natural", enginetest.SmoothPair(), enginetest.PatternSeeds(40), func(s *engine.Settings) {
			s.Strategy = strategies.BoundarySearch{Natural: true, Corruptions: []input.SeverityMutator{onlyVoices{}, enginetest.Fade{}}}
		}, 8, "fade 0."},
		{"one seed alone", enginetest.SmoothPair(), enginetest.PatternSeeds(1), nil, 20, "approach"},
		{"one label", enginetest.SmoothPair(), enginetest.PatternSeeds(20, 2), nil, 20, "approach"},
		{"one label, with corruptions", enginetest.SmoothPair(), enginetest.PatternSeeds(20, 2), corrupted, 20, "approach"},
		{"labels alone", enginetest.LabelPair(0.1), enginetest.PatternSeeds(40), nil, 20, "blend"},
		{"label-only oracle", enginetest.SmoothPair(), enginetest.PatternSeeds(40), labels, 20, "blend"},
		{"label-only oracle, one label", enginetest.SmoothPair(), enginetest.PatternSeeds(10, 1), labels, 40, "blend"},
		{"rows", rowPair, rows, nil, 6, "blend"},
		{"rows of one label", rowPair, input.SeedList{rows[1], rows[4], rows[7]}, nil, 20, "approach"},
		{"within LInf", enginetest.SmoothPair(), enginetest.PatternSeeds(40), func(s *engine.Settings) { s.Bound = distance.LInf(80) }, 60, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			report := enginetest.Search(t, test.pair, test.seeds, enginetest.BoundarySettings(test.change))
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
	for says, strategy := range map[string]strategies.BoundarySearch{
		"Pool is -1":          {Pool: -1},
		"a corruption is nil": {Corruptions: []input.SeverityMutator{enginetest.Fade{}, nil}},
	} {
		_, err := engine.Search(t.Context(), enginetest.SmoothPair(), enginetest.PatternSeeds(2), enginetest.BoundarySettings(func(s *engine.Settings) { s.Strategy = strategy }))
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v; expected one that says %q", err, says)
		}
	}
}

// Invariant 1, for paths, climbs and closing in.
func TestReportsOfBoundaryDoNotDependOnBatchSizeWorkersOrWindow(t *testing.T) {
	rows, rowPair := rowSeeds(20)
	narrowPair := enginetest.PairOf(enginetest.Smooth.Predict, enginetest.Smooth.Moved(3e-4).Predict)
	for _, test := range []struct {
		name   string
		pair   *model.Pair
		seeds  input.SeedList
		window bool // it may not matter
		change func(*engine.Settings)
	}{
		{"first hits", enginetest.SmoothPair(), enginetest.PatternSeeds(70), true, nil},
		{"corruptions", enginetest.SmoothPair(), enginetest.PatternSeeds(20, 0, 1), true, func(s *engine.Settings) {
			s.Strategy = strategies.BoundarySearch{Corruptions: []input.SeverityMutator{enginetest.Fade{}}, Natural: true, Pool: 5}
		}},
		{"closing in", enginetest.SmoothPair(), enginetest.PatternSeeds(30), true, func(s *engine.Settings) { s.Budget.ClosingQueriesPerSeed = 150 }},
		{"closing in on labels", enginetest.LabelPair(0.1), enginetest.PatternSeeds(20), true, func(s *engine.Settings) { s.Budget.ClosingQueriesPerSeed = 40 }},
		{"climbs", enginetest.SmoothPair(), enginetest.PatternSeeds(20), true, func(s *engine.Settings) { s.Bound = distance.LInf(50) }},
		{"climbs and closing in", enginetest.SmoothPair(), enginetest.PatternSeeds(20), true, func(s *engine.Settings) {
			s.Bound, s.Budget.ClosingQueriesPerSeed, s.Aim = distance.L2(500), 100, distance.NearestL2
		}},
		{"mutants", enginetest.PairOf(enginetest.Smooth.Predict, enginetest.Smooth.Moved(1e-5).Predict), enginetest.PatternSeeds(12), true, func(s *engine.Settings) {
			s.Strategy, s.Budget.QueriesPerSeed = strategies.Boundary(), 260
		}},
		{"narrow gaps", narrowPair, enginetest.PatternSeeds(20), true, nil},
		{"narrow gaps, closing in", narrowPair, enginetest.PatternSeeds(12), true, func(s *engine.Settings) { s.Budget.ClosingQueriesPerSeed = 100 }},
		{"narrow gaps, closing in by boxes", narrowPair, enginetest.PatternSeeds(12), true, func(s *engine.Settings) {
			s.Budget.ClosingQueriesPerSeed, s.Aim = 150, distance.NearestL2
		}},
		{"closing in by boxes", enginetest.SmoothPair(), enginetest.PatternSeeds(16), true, func(s *engine.Settings) {
			s.Budget.ClosingQueriesPerSeed, s.Aim = 150, distance.NearestL2
		}},
		{"boxes within a box", enginetest.SmoothPair(), enginetest.PatternSeeds(16), true, func(s *engine.Settings) {
			s.Bound, s.Budget.ClosingQueriesPerSeed, s.Aim = distance.LInf(50), 100, distance.NearestLInf
		}},
		{"rows", rowPair, rows, true, func(s *engine.Settings) { s.Budget.ClosingQueriesPerSeed = 60 }},
		{"stop after", enginetest.SmoothPair(), enginetest.PatternSeeds(30), false, func(s *engine.Settings) {
			s.StopAfter, s.Window, s.Budget.ClosingQueriesPerSeed = 7, 10, 50
		}},
		{"total budget", enginetest.SmoothPair(), enginetest.PatternSeeds(30), false, func(s *engine.Settings) {
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
						s := enginetest.BoundarySettings(test.change)
						s.BatchSize, s.Workers = batch, workers
						if window != 0 {
							s.Window = window
						}
						report := enginetest.Search(t, test.pair, test.seeds, s)
						got := model.Must(report.Canonical())
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
	seeds := enginetest.PatternSeeds(12)
	for _, test := range []struct {
		bound distance.Bound
		aim   distance.Aim
		far   func(distance.Distance) bool // some candidate gets as far as that
	}{
		{distance.LInf(60), distance.NearestLInf, func(d distance.Distance) bool { return d.LInf > 50 }},
		{distance.L2(500), distance.NearestL2, func(d distance.Distance) bool { return d.L2 > 450 }},
		{distance.L0(90), distance.NearestL0, func(d distance.Distance) bool { return d.L0 > 80 }},
		{distance.SSIMAtLeast(0.4), distance.MostAlike, func(d distance.Distance) bool { return *d.SSIM < 0.5 }},
	} {
		t.Run(test.bound.String(), func(t *testing.T) {
			regions := make([]distance.Region, len(seeds))
			for i, seed := range seeds {
				regions[i] = model.Must(test.bound.Around(seed.Input))
			}
			var mu sync.Mutex
			reached := false
			models := func(m enginetest.Linear) model.PredictorFunc {
				return func(ctx context.Context, batch []input.Input) ([][]float32, error) {
					mu.Lock() // regions are not safe for concurrent use
					defer mu.Unlock()
					for _, in := range batch {
						if !slices.ContainsFunc(regions, func(r distance.Region) bool { return r.Contains(in) }) {
							t.Errorf("a model is asked about an input within the bound of no seed")
						}
					}
					return m.Predict(ctx, batch)
				}
			}
			report := enginetest.Search(t, enginetest.PairOf(models(enginetest.Smooth), models(enginetest.Smooth.Moved(0.1))), seeds, enginetest.BoundarySettings(func(s *engine.Settings) {
				s.Bound, s.Aim, s.Budget.ClosingQueriesPerSeed = test.bound, test.aim, 60
				s.Strategy = enginetest.Observed{PoolStrategy: strategies.BoundarySearch{Corruptions: []input.SeverityMutator{enginetest.Fade{}}},
					Tell: func(task engine.Task, evaluations []engine.Evaluation) {
						mu.Lock()
						defer mu.Unlock()
						for _, e := range evaluations {
							if !task.Region.Contains(e.Input) {
								t.Errorf("a candidate lies outside of the bound")
							}
							reached = reached || test.far(distance.DistanceBetween(task.Seed.Input, e.Input))
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
type backToSeed struct{ seed input.Input }

func (backToSeed) String() string { return "back to the seed" }

func (backToSeed) Around(seed input.Input) (distance.Region, error) { return backToSeed{seed}, nil }

func (b backToSeed) Project(candidate input.Input) { copy(candidate.Data, b.seed.Data) }

func (backToSeed) Contains(input.Input) bool { return true }

func TestBoundaryEndsWhereItCannotMove(t *testing.T) {
	for _, pair := range []*model.Pair{enginetest.SmoothPair(), enginetest.LabelPair(0.1)} {
		report, err := engine.Search(t.Context(), pair, enginetest.PatternSeeds(5), enginetest.BoundarySettings(func(s *engine.Settings) {
			s.Bound = backToSeed{}
			s.Strategy = strategies.BoundarySearch{Corruptions: []input.SeverityMutator{enginetest.Fade{}}}
		}))
		if !errors.Is(err, distance.ErrNoRoom) {
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

func TestBoundaryFindsSevereDeviations(t *testing.T) {
	oracle := model.Must(answer.MinConfidence(0.55, nil))
	report := enginetest.Search(t, enginetest.PairOf(enginetest.Smooth.Predict, enginetest.Smooth.Moved(0.4).Predict), enginetest.PatternSeeds(12), enginetest.BoundarySettings(func(s *engine.Settings) {
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
		seeds := input.SeedList{{Input: first}}
		for range rapid.IntRange(0, 4).Draw(t, "other seeds") {
			other := first.Clone()
			jitter{}.Mutate(other, first, rng)
			seeds = append(seeds, input.Seed{Input: other})
		}
		m := enginetest.Linear{Weights: make([][]float32, rapid.IntRange(2, 4).Draw(t, "classes")), Centre: (d.Min + d.Max) / 2, Scale: 10}
		for k := range m.Weights {
			for range first.Data {
				m.Weights[k] = append(m.Weights[k], float32(2*rng.Float64()-1))
			}
		}
		pair := enginetest.PairOf(m.Predict, m.Moved(0.2).Predict)
		labels := rapid.Bool().Draw(t, "labels only")
		if labels {
			pair = model.Must(model.NewPair("labels", model.LabelFunc("o", len(m.Weights), m.Labels), model.LabelFunc("c", len(m.Weights), m.Moved(0.2).Labels)))
		}
		most := rapid.SampledFrom([]float64{0, 0.1, 0.5}).Draw(t, "radius") * float64(d.Range())
		s := enginetest.BoundarySettings(func(s *engine.Settings) {
			s.Bound = rapid.SampledFrom([]distance.Bound{nil, distance.LInf(float32(most)), distance.L2(most), distance.L0(2)}).Draw(t, "bound")
			s.Aim = rapid.SampledFrom([]distance.Aim{distance.MostAlike, distance.NearestL2, distance.NearestLInf, distance.NearestL0}).Draw(t, "aim")
			s.Oracle = rapid.SampledFrom([]answer.Oracle{nil, answer.LabelOnly(), model.Must(answer.ScoreTolerance(0.3))}).Draw(t, "oracle")
			s.Budget = engine.Budget{
				QueriesPerSeed:        rapid.IntRange(1, 150).Draw(t, "queries"),
				ClosingQueriesPerSeed: rapid.IntRange(0, 150).Draw(t, "closing queries"),
			}
			b := strategies.BoundarySearch{Pool: rapid.IntRange(0, 3).Draw(t, "pool"), Natural: rapid.Bool().Draw(t, "natural")}
			if rapid.Bool().Draw(t, "corruptions") {
				b.Corruptions = []input.SeverityMutator{enginetest.Fade{}}
			}
			s.Strategy = b
		})
		report, err := engine.Search(context.Background(), pair, seeds, s)
		if err != nil && !slices.ContainsFunc([]error{engine.ErrConstantOutput, distance.ErrNoRoom, engine.ErrTooManySkipped},
			func(expected error) bool { return errors.Is(err, expected) }) {
			t.Fatal(err)
		}
		for _, o := range report.Seeds {
			enginetest.CheckOutcome(t, s, seeds[o.Index].Input, o)
		}
	})
}

// rowSeeds are n rows of 10 values of a continuous domain, and a pair for them.
func rowSeeds(n int) (input.SeedList, *model.Pair) {
	rng := rand.New(rand.NewPCG(5, 6))
	m := enginetest.Linear{Weights: make([][]float32, 3), Scale: 60}
	for k := range m.Weights {
		for range 10 {
			m.Weights[k] = append(m.Weights[k], float32(2*rng.Float64()-1))
		}
	}
	var seeds input.SeedList
	for i := range n {
		seed := input.Input{Shape: []int{10}, Domain: input.Domain{Min: -3, Max: 3}}
		for _, w := range m.Weights[i%3] {
			seed.Data = append(seed.Data, seed.Domain.Snap(w+float32(rng.Float64()-0.5)))
		}
		seeds = append(seeds, input.Seed{Input: seed, Label: i % 3})
	}
	return seeds, enginetest.PairOf(m.Predict, m.Moved(0.1).Predict)
}
