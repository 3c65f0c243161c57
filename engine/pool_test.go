package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/strategies"
)

func TestThePoolIsTakenAtEvenStepsAndScreenedOnce(t *testing.T) {
	const n = 23
	for _, size := range []int{1, 2, 5, 22, 23, 24, 500, 0} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			seeds := enginetest.PatternSeeds(n)
			var pools [][]engine.Evaluation
			s := enginetest.BoundarySettings(func(s *engine.Settings) {
				s.Window, s.BatchSize = 4, 3
				s.Strategy = enginetest.Observed{PoolStrategy: strategies.BoundarySearch{Pool: size},
					Pool: func(pool []engine.Evaluation) { pools = append(pools, pool) }}
			})
			var mu sync.Mutex
			asked := map[string]int{}
			o := func(ctx context.Context, batch []input.Input) ([][]float32, error) {
				mu.Lock()
				defer mu.Unlock()
				for _, in := range batch {
					asked[in.ID()]++
				}
				return enginetest.Smooth.Predict(ctx, batch)
			}
			report := enginetest.Search(t, enginetest.PairOf(o, enginetest.Smooth.Moved(0.1).Predict), seeds, s)
			if len(pools) != 1 {
				t.Fatalf("%d pools, expected one", len(pools))
			}
			want := size
			if size == 0 || size > n {
				want = n
			}
			var indices []int
			for _, e := range pools[0] {
				index := slices.IndexFunc(seeds, func(s input.Seed) bool { return s.Input.ID() == e.Input.ID() })
				indices = append(indices, index)
				if diff := cmp.Diff(answer.Of(enginetest.Smooth.Scores(e.Input)...), e.Original); diff != "" {
					t.Errorf("seed %d: scores %s", index, diff)
				}
			}
			var even []int
			for i := range want {
				even = append(even, i*n/want)
			}
			if diff := cmp.Diff(even, indices); diff != "" {
				t.Errorf("seeds in the pool: %s", diff)
			}
			if report.Ledger.Screened != n || report.Ledger.Skipped != 0 {
				t.Errorf("ledger %+v; expected %d screened", report.Ledger, n)
			}
			for i, seed := range seeds {
				if times := asked[seed.Input.ID()]; times != 1 {
					t.Errorf("seed %d was asked %d times", i, times)
				}
			}
		})
	}
}

func TestPoolsOfSeedsThatCannotBeUsed(t *testing.T) {
	for _, size := range []int{2, 4, 10, 500} {
		seeds := enginetest.PatternSeeds(10)
		enginetest.Deviate(t, seeds, 7)
		enginetest.Deviate(t, seeds, 5)
		pool := -1
		var announced []int
		s := enginetest.BoundarySettings(func(s *engine.Settings) {
			s.Strategy = enginetest.Observed{PoolStrategy: strategies.BoundarySearch{Pool: size}, Pool: func(p []engine.Evaluation) { pool = len(p) }}
			s.OnTrigger = func(trigger *engine.Trigger) error { announced = append(announced, trigger.SeedIndex); return nil }
			s.Window, s.SkippedAtMost = 2, 0.3
		})
		report := enginetest.Search(t, enginetest.SmoothPair(), broken{seeds, 3}, s)
		l := report.Ledger
		if l.Skipped != 3 || l.Screened != 7 || report.Usable() != 7 || len(report.Triggers()) != 7 {
			t.Errorf("pool of %d: ledger %+v, %d triggers; expected 3 skipped, 7 screened, 7 triggers", size, l, len(report.Triggers()))
		}
		for i := range 3 {
			if o := report.Seeds[i]; o.Status != engine.Skipped || !strings.Contains(o.Reason, "expected a PNG image") {
				t.Errorf("pool of %d: seed %d: %s, %q", size, i, o.Status, o.Reason)
			}
		}
		for _, i := range []int{5, 7} {
			o := report.Seeds[i]
			if o.Status != engine.Triggered || o.Queries != 0 || o.Trigger.Queries != 0 || o.Trigger.Distance.L0 != 0 || o.FirstHit.Queries != 0 {
				t.Errorf("pool of %d: seed %d, which deviates: %s after %d queries, %+v", size, i, o.Status, o.Queries, o.FirstHit)
			}
		}
		if slices.Sort(announced); !slices.Equal(announced, []int{3, 4, 5, 6, 7, 8, 9}) {
			t.Errorf("pool of %d: announced %v", size, announced)
		}
		if size >= 10 && pool != 5 {
			t.Errorf("pool of %d: the strategy is given %d; expected 5, without the unusable and the deviating", size, pool)
		}
	}

	s := enginetest.BoundarySettings(func(s *engine.Settings) { s.Strict = true })
	if _, err := engine.Search(t.Context(), enginetest.SmoothPair(), broken{enginetest.PatternSeeds(5), 1}, s); !errors.Is(err, engine.ErrUnusableSeed) {
		t.Errorf("strict: error %v", err)
	}
	if _, err := engine.Search(t.Context(), enginetest.SmoothPair(), broken{enginetest.PatternSeeds(5), 5}, enginetest.BoundarySettings(nil)); !errors.Is(err, engine.ErrNoUsableSeeds) {
		t.Errorf("all unusable: error %v", err)
	}
}

// Seeds that deviate are found by the survey, and reported when their turn comes.
func TestDeviatingSeedsOfThePoolAreAnnouncedInOrder(t *testing.T) {
	seeds := enginetest.PatternSeeds(30)
	for i := 0; i < 30; i += 2 {
		enginetest.Deviate(t, seeds, i)
	}
	var announced []int
	s := enginetest.BoundarySettings(func(s *engine.Settings) {
		s.Window, s.Budget.QueriesPerSeed, s.Bound, s.SkippedAtMost = 1, 3, distance.LInf(0), 1
		s.OnTrigger = func(trigger *engine.Trigger) error { announced = append(announced, trigger.SeedIndex); return nil }
	})
	report := enginetest.Search(t, enginetest.SmoothPair(), seeds, s)
	var want []int
	for i := 0; i < 30; i += 2 {
		want = append(want, i)
	}
	if diff := cmp.Diff(want, announced); diff != "" {
		t.Errorf("announced: %s", diff)
	}
	if report.Ledger.Confirmations != 15 || report.Ledger.Screened != 30 {
		t.Errorf("ledger %+v; expected 15 confirmations, 30 screened", report.Ledger)
	}

	t.Run("StopAfter", func(t *testing.T) {
		announced = nil
		s.StopAfter = 3
		report := enginetest.Search(t, enginetest.SmoothPair(), seeds, s)
		if diff := cmp.Diff([]int{0, 2, 4}, announced); diff != "" {
			t.Errorf("announced: %s", diff)
		}
		if n := len(report.Triggers()); n != 3 || report.Status != engine.EnoughTriggers {
			t.Errorf("%s with %d triggers", report.Status, n)
		}
		for _, o := range report.Seeds[5:] {
			if o.Status != engine.NotSearched || o.FirstHit != nil {
				t.Errorf("seed %d, whose turn did not come: %s, %+v", o.Index, o.Status, o.FirstHit)
			}
		}
	})
}

func TestInterruptionsOfTheSurvey(t *testing.T) {
	for _, test := range []struct {
		name    string
		status  engine.Status
		trigger bool // one seed deviates
	}{
		{"cancelled", engine.Cancelled, false},
		{"cancelled", engine.Cancelled, true},
		{"out of time", engine.TimeLimit, false},
		{"out of time", engine.TimeLimit, true},
	} {
		t.Run(fmt.Sprintf("%s, %t", test.name, test.trigger), func(t *testing.T) {
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			seeds := enginetest.PatternSeeds(60)
			if test.trigger {
				enginetest.Deviate(t, seeds, 1)
			}
			var calls atomic.Int64
			slow := func(c context.Context, batch []input.Input) ([][]float32, error) {
				if calls.Add(1) > 8 {
					if test.status == engine.Cancelled {
						stop()
					}
					<-c.Done()
					return nil, c.Err()
				}
				return enginetest.Smooth.Predict(c, batch)
			}
			var announced []int
			s := enginetest.BoundarySettings(func(s *engine.Settings) {
				s.Window, s.BatchSize, s.Workers = 4, 2, 2
				s.OnTrigger = func(trigger *engine.Trigger) error { announced = append(announced, trigger.SeedIndex); return nil }
				if test.status == engine.TimeLimit {
					s.Budget.Time = 200 * time.Millisecond
				}
			})
			report, err := engine.Search(ctx, enginetest.PairOf(slow, enginetest.Smooth.Moved(0.1).Predict), seeds, s)
			if report == nil || report.Status != test.status {
				t.Fatalf("report %+v, error %v; expected %s", report, err, test.status)
			}
			if (err == nil) != test.trigger || err != nil && !errors.Is(err, engine.ErrInconclusive) {
				t.Errorf("error %v", err)
			}
			want := []int(nil)
			if test.trigger {
				want = []int{1}
			}
			if diff := cmp.Diff(want, announced); diff != "" {
				t.Errorf("announced: %s", diff)
			}
			if report.Ledger.Queries != 0 || report.Ledger.Screened >= 60 {
				t.Errorf("ledger %+v", report.Ledger)
			}
		})
	}
}

// A seed that deviates is found while others are screened, and must not be lost when the budget ends.
func TestSeedsThatDeviateAreNotLostToABudget(t *testing.T) {
	seeds := enginetest.PatternSeeds(12)
	enginetest.Deviate(t, seeds, 11)
	var announced []int
	s := enginetest.BoundarySettings(func(s *engine.Settings) {
		s.SkippedAtMost = 1
		s.Window, s.Bound, s.Budget = 4, distance.LInf(0), engine.Budget{Queries: 40, QueriesPerSeed: 5}
		s.OnTrigger = func(trigger *engine.Trigger) error { announced = append(announced, trigger.SeedIndex); return nil }
	})
	report := enginetest.Search(t, enginetest.SmoothPair(), seeds, s)
	if !slices.Equal(announced, []int{11}) || len(report.Triggers()) != 1 {
		t.Errorf("%s: %d triggers, %v announced; expected 11", report.Status, len(report.Triggers()), announced)
	}
}

func TestFailuresDuringTheSurvey(t *testing.T) {
	constant := func(_ context.Context, batch []input.Input) ([][]float32, error) {
		scores := make([][]float32, len(batch))
		for i := range scores {
			scores[i] = []float32{0.1, 0.2, 0.3, 0.4}
		}
		return scores, nil
	}
	var queries atomic.Int64
	counted := func(ctx context.Context, batch []input.Input) ([][]float32, error) {
		queries.Add(int64(len(batch)))
		return constant(ctx, batch)
	}
	s := enginetest.BoundarySettings(func(s *engine.Settings) { s.Window = 10 })
	_, err := engine.Search(t.Context(), enginetest.PairOf(enginetest.Smooth.Predict, counted), enginetest.PatternSeeds(100, 3), s)
	if !errors.Is(err, engine.ErrConstantOutput) {
		t.Errorf("constant model: error %v", err)
	}
	if n := queries.Load(); n > 10 {
		t.Errorf("the constant model was asked %d times; expected the end of the first window", n)
	}

	broken := func(context.Context, []input.Input) ([][]float32, error) { return nil, errors.New("no memory") }
	report, err := engine.Search(t.Context(), enginetest.PairOf(enginetest.Smooth.Predict, broken), enginetest.PatternSeeds(10), s)
	if err == nil || !strings.Contains(err.Error(), "no memory") || report.Status != engine.Failed {
		t.Errorf("broken model: error %v", err)
	}
}

// meeting counts how many of two models are busy at once.
type meeting struct {
	inside [2]atomic.Int64
	met    chan struct{} // closed when both are
	once   sync.Once
}

// side is one of the models. It waits for the other one to be entered too, until they have met once or so long.
func (m *meeting) side(i int, patience time.Duration, predict model.PredictorFunc) model.PredictorFunc {
	return func(ctx context.Context, batch []input.Input) ([][]float32, error) {
		m.inside[i].Add(1)
		defer m.inside[i].Add(-1)
		if m.inside[1-i].Load() > 0 {
			m.once.Do(func() { close(m.met) })
		}
		select {
		case <-m.met:
		case <-time.After(patience):
		}
		return predict(ctx, batch)
	}
}

// A model is handed to another worker only when that one is idle at that moment, so not every query has to be
// such a meeting; in a hundred there are some.
func TestBothModelsAreBusyAtOnceWhenAWorkerIsIdle(t *testing.T) {
	m := &meeting{met: make(chan struct{})}
	s := enginetest.BoundarySettings(func(s *engine.Settings) {
		s.Workers, s.Window = 2, 1 // one run in flight
		s.Bound = distance.LInf(1) // nothing to find, hence nothing to confirm, which is done by one worker
	})
	const patience = 100 * time.Millisecond
	enginetest.Search(t, enginetest.PairOf(m.side(0, patience, enginetest.Smooth.Predict), m.side(1, patience, enginetest.Smooth.Moved(0.01).Predict)), enginetest.PatternSeeds(2), s)
	select {
	case <-m.met:
	default:
		t.Error("the models were never busy at once")
	}
}

func TestOneWorkerAsksOneModelAtATime(t *testing.T) {
	m := &meeting{met: make(chan struct{})}
	s := enginetest.ClosingSettings(30, func(s *engine.Settings) { s.Workers = 1 })
	enginetest.Search(t, enginetest.PairOf(m.side(0, 0, enginetest.Smooth.Predict), m.side(1, 0, enginetest.Smooth.Moved(0.1).Predict)), enginetest.PatternSeeds(20), s)
	select {
	case <-m.met:
		t.Error("both models were busy at once")
	default:
	}
}

func TestErrorsOfBothModelsAtOnce(t *testing.T) {
	for _, failing := range []int{0, 1} {
		models := [2]model.PredictorFunc{enginetest.Smooth.Predict, enginetest.Smooth.Moved(0.1).Predict}
		var calls atomic.Int64
		working := models[failing]
		models[failing] = func(ctx context.Context, batch []input.Input) ([][]float32, error) {
			if calls.Add(1) > 5 {
				return nil, errors.New("session closed")
			}
			return working(ctx, batch)
		}
		s := enginetest.ClosingSettings(50, func(s *engine.Settings) { s.Workers, s.BatchSize, s.Window = 4, 2, 2 })
		_, err := engine.Search(t.Context(), enginetest.PairOf(models[0], models[1]), enginetest.PatternSeeds(20), s)
		if err == nil || !strings.Contains(err.Error(), "session closed") || !strings.Contains(err.Error(), []string{"original model", "compressed model"}[failing]) {
			t.Errorf("model %d fails: error %v", failing, err)
		}
	}
}

// Triggers that seeds of the pool are wait without their inputs, and have them back when they are reported, also where the search is cut short.
func TestTriggersOfThePoolHaveTheirInputs(t *testing.T) {
	const deviates = 4
	for _, cut := range []bool{false, true} {
		for _, whole := range []bool{true, false} {
			seeds := enginetest.PatternSeeds(7)
			enginetest.Deviate(t, seeds, deviates)
			if !whole { // which no bytes hold
				seeds[deviates].Input.Data[0] += 0.25
				seeds[deviates].Input.Domain.Step = 0
			}
			ctx, cancel := context.WithCancel(t.Context())
			announced := 0
			original := func(of context.Context, batch []input.Input) ([][]float32, error) {
				for _, in := range batch {
					if cut && !slices.ContainsFunc(seeds, func(s input.Seed) bool { return slices.Equal(s.Input.Data, in.Data) }) {
						cancel() // the survey is over
					}
				}
				return enginetest.Smooth.Predict(of, batch)
			}
			report, err := engine.Search(ctx, enginetest.PairOf(original, enginetest.Smooth.Moved(0.1).Predict), seeds, enginetest.BoundarySettings(func(s *engine.Settings) {
				s.Window = 2
				s.OnTrigger = func(found *engine.Trigger) error {
					if found.SeedIndex == deviates && !found.Abridged() {
						announced++
					}
					return nil
				}
			}))
			cancel()
			if !cut && err != nil {
				t.Fatal(err)
			}
			found := report.Seeds[deviates].Trigger
			if found == nil || announced != 1 {
				t.Fatalf("cut short %t: expected the trigger that the seed is, announced once, found %v, %d times", cut, found, announced)
			}
			want := seeds[deviates].Input
			if !slices.Equal(found.Input.Data, want.Data) || !slices.Equal(found.Seed.Data, want.Data) || &found.Input.Data[0] == &found.Seed.Data[0] || found.ID != want.ID() {
				t.Errorf("cut short %t: expected the seed and a copy of it", cut)
			}
		}
	}
}
