package engine_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
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

func TestSearchFindsTriggers(t *testing.T) {
	seeds := enginetest.GreySeeds(30)
	report := enginetest.Search(t, enginetest.BrightnessPair(), seeds, enginetest.Settings())
	if got := len(report.Triggers()); got != 30 || report.Status != engine.AllSearched {
		t.Fatalf("%d triggers, status %s; expected 30, all-searched", got, report.Status)
	}
	queries := 0
	for i, trigger := range report.Triggers() {
		queries += trigger.Queries
		if err := trigger.Input.Validate(); err != nil {
			t.Errorf("trigger %d: %v", i, err)
		}
		var sum float64
		for _, v := range trigger.Input.Data {
			sum += float64(v)
		}
		if mean := sum / 16; mean <= 120 || mean >= 128 {
			t.Errorf("trigger %d: mean %g; the models deviate between 120 and 128 only", i, mean)
		}
		if trigger.OriginalLabel != 1 || trigger.CompressedLabel != 0 {
			t.Errorf("trigger %d: labels %d and %d, expected 1 and 0", i, trigger.OriginalLabel, trigger.CompressedLabel)
		}
		if trigger.Queries < 1 || len(trigger.History) < 1 || len(trigger.History) > trigger.Queries {
			t.Errorf("trigger %d: %d queries with history %v", i, trigger.Queries, trigger.History)
		}
		if diff := cmp.Diff(distance.DistanceBetween(seeds[i].Input, trigger.Input), trigger.Distance); diff != "" {
			t.Errorf("trigger %d: distance: %s", i, diff)
		}
	}
	if report.Ledger.Queries != queries || report.Ledger.Screened != 30 || report.Ledger.Confirmations != 30 {
		t.Errorf("ledger %+v; expected %d queries, 30 screened, 30 confirmed", report.Ledger, queries)
	}
}

// Invariant 1.
func TestReportDoesNotDependOnBatchSizeOrWorkers(t *testing.T) {
	for name, change := range map[string]func(*engine.Settings){
		"plain":        func(*engine.Settings) {},
		"stop after":   func(s *engine.Settings) { s.StopAfter = 5 },
		"total budget": func(s *engine.Settings) { s.Budget.Queries = 700 },
		"label only":   func(s *engine.Settings) { s.Oracle = answer.LabelOnly() },
		"many asked at once": func(s *engine.Settings) {
			s.Strategy = scatter{5}
		},
	} {
		t.Run(name, func(t *testing.T) {
			var want []byte
			for _, batch := range []int{1, 7, 64} {
				for _, workers := range []int{1, 2, 5} {
					s := enginetest.Settings()
					change(&s)
					s.BatchSize, s.Workers = batch, workers
					report, err := engine.Search(t.Context(), enginetest.BrightnessPair(), enginetest.GreySeeds(100), s)
					if report == nil {
						t.Fatal(err)
					}
					got := model.Must(report.Canonical())
					if want == nil {
						want = got
					} else if diff := cmp.Diff(string(want), string(got)); diff != "" {
						t.Fatalf("batch %d, %d workers: the report differs:\n%s", batch, workers, diff)
					}
				}
			}
		})
	}

	t.Run("another random seed gives another report", func(t *testing.T) {
		s := enginetest.Settings()
		a := model.Must(enginetest.Search(t, enginetest.BrightnessPair(), enginetest.GreySeeds(5), s).Canonical())
		s.RandomSeed = 1
		b := model.Must(enginetest.Search(t, enginetest.BrightnessPair(), enginetest.GreySeeds(5), s).Canonical())
		if strings.ReplaceAll(string(a), `"random_seed": 0`, `"random_seed": 1`) == string(b) {
			t.Error("the random seed has no influence")
		}
	})
}

// Invariant 1: no searcher sees another's state, and a seed's stream does not depend on its place.
func TestSeedsDoNotInfluenceEachOther(t *testing.T) {
	seeds := enginetest.GreySeeds(20)
	together := enginetest.Search(t, enginetest.BrightnessPair(), seeds, enginetest.Settings())
	for _, i := range []int{0, 7, 19} {
		alone := enginetest.Search(t, enginetest.BrightnessPair(), seeds[i:i+1], enginetest.Settings())
		want, got := together.Seeds[i].Trigger, alone.Seeds[0].Trigger
		if want.ID != got.ID || want.Queries != got.Queries {
			t.Errorf("seed %d: trigger %s after %d queries with others, %s after %d alone",
				i, want.ID, want.Queries, got.ID, got.Queries)
		}
	}
}

// Invariant 2.
func TestHitsThatDoNotRepeatAreUnstable(t *testing.T) {
	honest, shy := enginetest.Brightness(120), enginetest.Brightness(128)
	onlyInCompany := func(ctx context.Context, batch []input.Input) ([][]float32, error) {
		if len(batch) == 1 { // alone, it answers as the original does
			return honest(ctx, batch)
		}
		return shy(ctx, batch)
	}
	s := enginetest.Settings()
	s.Budget.QueriesPerSeed = 100
	s.Workers = 1
	report := enginetest.Search(t, enginetest.PairOf(honest, onlyInCompany), enginetest.GreySeeds(10), s)
	if n := len(report.Triggers()); n != 0 {
		t.Errorf("%d triggers reported that do not repeat", n)
	}
	perSeed := 0
	for _, o := range report.Seeds {
		perSeed += o.Unstable
	}
	if report.Ledger.Unstable == 0 || perSeed != report.Ledger.Unstable || report.Ledger.Confirmations != perSeed {
		t.Errorf("ledger %+v, %d unstable hits of seeds; expected every hit counted as unstable", report.Ledger, perSeed)
	}
}

func TestConfirmationIsOfTheExactInputAlone(t *testing.T) {
	var mu sync.Mutex
	alone := map[string]int{}
	watch := func(ctx context.Context, batch []input.Input) ([][]float32, error) {
		if len(batch) == 1 {
			mu.Lock()
			alone[batch[0].ID()]++
			mu.Unlock()
		}
		return enginetest.Brightness(128)(ctx, batch)
	}
	s := enginetest.Settings()
	s.Workers = 1
	for _, trigger := range enginetest.Search(t, enginetest.PairOf(enginetest.Brightness(120), watch), enginetest.GreySeeds(20), s).Triggers() {
		if alone[trigger.ID] == 0 {
			t.Errorf("trigger %s was never evaluated alone", trigger.ID)
		}
	}
}

// Invariant 3.
func TestNothingFoundIsAnErrorWhenTheSearchCouldNotFindAnything(t *testing.T) {
	one := enginetest.Brightness(120)
	rows := func(row ...float32) model.PredictorFunc {
		return func(_ context.Context, batch []input.Input) ([][]float32, error) {
			scores := make([][]float32, len(batch))
			for i := range scores {
				scores[i] = row
			}
			return scores, nil
		}
	}
	nan := float32(math.NaN())
	for _, test := range []struct {
		reason string
		pair   *model.Pair
		seeds  input.Seeds
		change func(*engine.Settings)
		want   error
		says   string
	}{
		{"no seeds", enginetest.BrightnessPair(), input.SeedList{}, nil, input.ErrNoSeeds, "expected at least one"},
		{"nil seeds", enginetest.BrightnessPair(), nil, nil, input.ErrNoSeeds, "expected at least one"},
		{"all seeds unreadable", enginetest.BrightnessPair(), broken{enginetest.GreySeeds(3), 3}, nil, engine.ErrNoUsableSeeds, "all 3 were skipped"},
		{"strict with one unreadable seed", enginetest.BrightnessPair(), broken{enginetest.GreySeeds(3), 1}, func(s *engine.Settings) { s.Strict = true },
			engine.ErrUnusableSeed, "seed 0"},
		{"value outside the domain", enginetest.BrightnessPair(), input.SeedList{{Name: "x", Input: input.Input{Shape: []int{1}, Data: []float32{256}, Domain: input.Bytes}}}, nil,
			engine.ErrNoUsableSeeds, "value 256 at index 0: expected a value of the domain 0..255 step 1"},
		{"shape that does not fit the data", enginetest.BrightnessPair(), input.SeedList{{Input: input.Input{Shape: []int{2, 2}, Kind: input.Image, Data: []float32{1}, Domain: input.Bytes}}}, nil,
			engine.ErrNoUsableSeeds, "expected 4 values, found 1"},
		{"constant original", enginetest.PairOf(rows(0.3, 0.7), one), enginetest.GreySeeds(20), nil, engine.ErrConstantOutput, `original model "at-120" gave the same scores for all of`},
		{"constant compressed", enginetest.PairOf(one, rows(0.3, 0.7)), enginetest.GreySeeds(20), nil, engine.ErrConstantOutput, `compressed model "at-128"`},
		{"constant with a single seed", enginetest.PairOf(one, rows(0.7, 0.3)), enginetest.GreySeeds(1), nil, engine.ErrConstantOutput, "compressed"},
		{"NaN scores", enginetest.PairOf(rows(nan, nan), one), enginetest.GreySeeds(3), nil, model.ErrBadScores,
			`no usable seeds: bad scores: original model "at-120" gave NaN or infinity for all of 3 inputs (NaN for all of 2 scores of the first)`},
		{"infinite scores", enginetest.PairOf(one, rows(float32(math.Inf(1)), 0)), enginetest.GreySeeds(3), nil, model.ErrBadScores,
			`compressed model "at-128" gave NaN or infinity for all of 9 inputs (infinity for 1 of 2 scores of the first)`},
		{"no scores", enginetest.PairOf(rows(), one), enginetest.GreySeeds(3), nil, model.ErrBadScores, "found 0"},
		{"one class", enginetest.PairOf(rows(1), one), enginetest.GreySeeds(3), nil, answer.ErrNoJudgement, "at least 2, found 1 number of the original and 2 numbers of the compressed model"},
		{"class counts differ", enginetest.PairOf(one, rows(0.1, 0.2, 0.7)), enginetest.GreySeeds(3), nil, engine.ErrClassCount, `found 2 in "at-120" (original) and 3 in "at-128" (compressed)`},
		{"rows missing", enginetest.PairOf(one, func(context.Context, []input.Input) ([][]float32, error) { return nil, nil }), enginetest.GreySeeds(3), nil,
			model.ErrBadScores, "expected 3 rows for 3 inputs, found 0"},
		{"same predictor twice", func() *model.Pair {
			p := model.Func("m", one)
			return model.Must(model.NewPair("same", p, p))
		}(), enginetest.GreySeeds(3), nil, engine.ErrSameModel, `both are predictor "m"`},
		{"same wrapped predictor twice, which cannot be compared", model.Must(model.NewPair("same", model.Softmax(uncomparable{}), model.Softmax(uncomparable{}))), enginetest.GreySeeds(3), nil,
			model.ErrBadScores, "found 0"},
		{"same file twice", model.Must(model.NewPair("same", described{one, "a.onnx"}, described{one, "b.onnx"})), enginetest.GreySeeds(3), nil,
			engine.ErrSameModel, "a.onnx and b.onnx have the same content"},
		{"a budget that ends before the minimum", enginetest.PairOf(one, enginetest.Brightness(120.001)), enginetest.GreySeeds(100), func(s *engine.Settings) { s.Budget.Queries = 500 },
			engine.ErrInconclusive, "query-limit ended the search with"},
		{"time that ends before the minimum", enginetest.PairOf(one, enginetest.Brightness(120.001)), enginetest.GreySeeds(100), func(s *engine.Settings) { s.Budget.Time = 1 },
			engine.ErrInconclusive, "time-limit"},
		{"no mutation operators", enginetest.BrightnessPair(), enginetest.GreySeeds(2), func(s *engine.Settings) { s.Strategy = strategies.TriggerFinderSearch{} },
			engine.ErrNoUsableSeeds, "no mutation operators"},
	} {
		t.Run(test.reason, func(t *testing.T) {
			s := enginetest.Settings()
			s.Workers = 1
			if test.change != nil {
				test.change(&s)
			}
			report, err := engine.Search(t.Context(), test.pair, test.seeds, s)
			if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.says) {
				t.Fatalf("error %v\nexpected %v that says %q", err, test.want, test.says)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("error has several lines: %q", err)
			}
			if report != nil && len(report.Triggers()) > 0 && test.want != engine.ErrConstantOutput && test.reason != "infinite scores" {
				t.Errorf("%d triggers reported", len(report.Triggers()))
			}
		})
	}
}

func TestOptionsThatCannotBe(t *testing.T) {
	for _, test := range []struct {
		says   string
		change func(*engine.Settings)
	}{
		{"Strategy is nil", func(s *engine.Settings) { s.Strategy = nil }},
		{"budget is 0", func(s *engine.Settings) { s.Budget = engine.Budget{} }},
		{"QueriesPerSeed is -1", func(s *engine.Settings) { s.Budget.QueriesPerSeed = -1 }},
		{"Queries is -5", func(s *engine.Settings) { s.Budget.Queries = -5 }},
		{"Time is -1", func(s *engine.Settings) { s.Budget.Time = -1 }},
		{"TimePerSeed is -1", func(s *engine.Settings) { s.Budget.TimePerSeed = -1 }},
		{"MinQueriesPerSeed is -1", func(s *engine.Settings) { s.Budget.MinQueriesPerSeed = -1 }},
		{"StopAfter is -1", func(s *engine.Settings) { s.StopAfter = -1 }},
		{"BatchSize is -1", func(s *engine.Settings) { s.BatchSize = -1 }},
		{"Workers is -2", func(s *engine.Settings) { s.Workers = -2 }},
		{"Window is -1", func(s *engine.Settings) { s.Window = -1 }},
	} {
		s := enginetest.Settings()
		test.change(&s)
		if _, err := engine.Search(t.Context(), enginetest.BrightnessPair(), enginetest.GreySeeds(1), s); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("error %v; expected one that says %q", err, test.says)
		}
	}
	if _, err := engine.Search(t.Context(), nil, enginetest.GreySeeds(1), enginetest.Settings()); err == nil {
		t.Error("nil pair: expected an error")
	}
	if _, err := model.NewPair("x", nil, nil); err == nil {
		t.Error("pair of nil: expected an error")
	}
}

// Invariant 4.
func TestCancellationKeepsWhatWasFound(t *testing.T) {
	for name, limit := range map[string]struct {
		status engine.Status
		apply  func(ctx context.Context, s *engine.Settings, stop context.CancelFunc)
	}{
		"cancelled": {engine.Cancelled, func(_ context.Context, s *engine.Settings, stop context.CancelFunc) {
			s.OnTrigger = func(*engine.Trigger) error { stop(); return nil }
		}},
		"out of time": {engine.TimeLimit, func(_ context.Context, s *engine.Settings, _ context.CancelFunc) {
			s.Budget.Time = 150 * time.Millisecond
		}},
	} {
		t.Run(name, func(t *testing.T) {
			slow := func(ctx context.Context, batch []input.Input) ([][]float32, error) {
				select {
				case <-ctx.Done():
					return nil, ctx.Err()
				case <-time.After(5 * time.Millisecond):
				}
				return enginetest.Brightness(120)(ctx, batch)
			}
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			s := enginetest.Settings()
			s.Workers, s.BatchSize, s.Window = 2, 4, 8
			limit.apply(ctx, &s, stop)
			report, err := engine.Search(ctx, enginetest.PairOf(slow, enginetest.Brightness(128)), enginetest.GreySeeds(500), s)
			if report == nil {
				t.Fatal(err)
			}
			if report.Status != limit.status || !report.Status.Partial() {
				t.Errorf("status %s, expected %s and partial", report.Status, limit.status)
			}
			if name == "cancelled" && (len(report.Triggers()) == 0 || err != nil) {
				t.Errorf("%d triggers, error %v; expected those found before and no error", len(report.Triggers()), err)
			}
			if n := len(report.Seeds); n != 500 || report.Seeds[499].Status != engine.NotSearched {
				t.Errorf("%d outcomes, the last %s; expected 500, the last not searched", n, report.Seeds[n-1].Status)
			}
		})
	}

	t.Run("cancelled with nothing found is inconclusive", func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		stop()
		report, err := engine.Search(ctx, enginetest.BrightnessPair(), enginetest.GreySeeds(3), enginetest.Settings())
		if !errors.Is(err, engine.ErrInconclusive) || !errors.Is(err, context.Canceled) || report.Status != engine.Cancelled {
			t.Errorf("status %s, error %v", report.Status, err)
		}
	})
}

func TestBudgets(t *testing.T) {
	hopeless := func() *model.Pair {
		return enginetest.PairOf(enginetest.Brightness(120), enginetest.Brightness(120.0001))
	}
	t.Run("queries per seed", func(t *testing.T) {
		s := enginetest.Settings()
		s.Budget = engine.Budget{QueriesPerSeed: 13}
		report := enginetest.Search(t, hopeless(), enginetest.GreySeeds(9), s)
		for _, o := range report.Seeds {
			if o.Queries != 13 || o.Status != engine.SeedExhausted {
				t.Errorf("seed %d: %d queries, %s", o.Index, o.Queries, o.Status)
			}
		}
		if report.Ledger.Queries != 9*13 {
			t.Errorf("%d queries in all, expected %d", report.Ledger.Queries, 9*13)
		}
	})
	t.Run("queries in all are spent to the last and shared fairly", func(t *testing.T) {
		s := enginetest.Settings()
		s.Budget = engine.Budget{Queries: 101}
		report := enginetest.Search(t, hopeless(), enginetest.GreySeeds(10), s)
		if report.Ledger.Queries != 101 || report.Status != engine.QueryLimit {
			t.Errorf("%d queries, %s; expected 101, query-limit", report.Ledger.Queries, report.Status)
		}
		for _, o := range report.Seeds {
			if o.Queries < 10 || o.Queries > 11 || o.Status != engine.Interrupted {
				t.Errorf("seed %d: %d queries, %s; expected 10 or 11, interrupted", o.Index, o.Queries, o.Status)
			}
		}
	})
	t.Run("both models are asked for exactly what the ledger says", func(t *testing.T) {
		o, c := &enginetest.Counting{PredictorFunc: enginetest.Brightness(120)}, &enginetest.Counting{PredictorFunc: enginetest.Brightness(128)}
		r := enginetest.Search(t, enginetest.PairOf(o.Predict, c.Predict), enginetest.GreySeeds(25), enginetest.Settings())
		want := int64(r.Ledger.Queries - r.Ledger.Repeated + r.Ledger.Screened + r.Ledger.Confirmations)
		if o.Inputs.Load() != want || c.Inputs.Load() != want {
			t.Errorf("original saw %d inputs, compressed %d; the ledger says %d", o.Inputs.Load(), c.Inputs.Load(), want)
		}
	})
	t.Run("time per seed", func(t *testing.T) {
		slow := func(ctx context.Context, batch []input.Input) ([][]float32, error) {
			time.Sleep(time.Millisecond)
			return enginetest.Brightness(120)(ctx, batch)
		}
		s := enginetest.Settings()
		s.Budget = engine.Budget{TimePerSeed: 30 * time.Millisecond, MinQueriesPerSeed: 1}
		s.BatchSize = 1
		r := enginetest.Search(t, enginetest.PairOf(slow, enginetest.Brightness(120.0001)), enginetest.GreySeeds(2), s)
		for _, o := range r.Seeds {
			if o.Status != engine.SeedExhausted || o.Queries < 1 || o.Seconds < 0.03 {
				t.Errorf("seed %d: %s after %d queries and %g s", o.Index, o.Status, o.Queries, o.Seconds)
			}
		}
	})
}

func TestStopAfter(t *testing.T) {
	s := enginetest.Settings()
	s.StopAfter, s.Window = 3, 8
	announced := 0
	s.OnTrigger = func(*engine.Trigger) error { announced++; return nil }
	report := enginetest.Search(t, enginetest.BrightnessPair(), enginetest.GreySeeds(200), s)
	n := len(report.Triggers())
	if report.Status != engine.EnoughTriggers || n < 3 || n > 3+8 || announced != n {
		t.Errorf("status %s with %d triggers, %d announced; expected enough-triggers with about 3", report.Status, n, announced)
	}
	if report.Seeds[199].Status != engine.NotSearched {
		t.Errorf("last seed %s, expected not-searched", report.Seeds[199].Status)
	}
}

func TestSeedThatDeviatesItselfIsATriggerAtZeroQueries(t *testing.T) {
	seeds := enginetest.GreySeeds(2)
	for i := range seeds[1].Input.Data {
		seeds[1].Input.Data[i] = 124
	}
	trigger := enginetest.Search(t, enginetest.BrightnessPair(), seeds, enginetest.Settings()).Seeds[1].Trigger
	if trigger == nil || trigger.Queries != 0 || trigger.Distance.L0 != 0 || len(trigger.History) != 0 {
		t.Errorf("trigger %+v; expected one at 0 queries and distance 0", trigger)
	}
}

func TestUnusableSeedsAreNamedAndCountedAndTheOthersRun(t *testing.T) {
	s := enginetest.Settings()
	s.SkippedAtMost = 0.2
	report := enginetest.Search(t, enginetest.BrightnessPair(), broken{enginetest.GreySeeds(10), 2}, s)
	if report.Ledger.Skipped != 2 || report.Usable() != 8 || len(report.Triggers()) != 8 {
		t.Errorf("%d skipped, %d usable, %d triggers; expected 2, 8, 8", report.Ledger.Skipped, report.Usable(), len(report.Triggers()))
	}
	if o := report.Seeds[1]; o.Status != engine.Skipped || !strings.Contains(o.Reason, "image-1.png: expected a PNG image") {
		t.Errorf("seed 1: %s, %q", o.Status, o.Reason)
	}
}

func TestFailuresOfAModelEndTheSearch(t *testing.T) {
	var calls atomic.Int64
	failing := func(ctx context.Context, batch []input.Input) ([][]float32, error) {
		if calls.Add(1) > 20 {
			return nil, errors.New("session closed")
		}
		return enginetest.Brightness(128)(ctx, batch)
	}
	s := enginetest.Settings()
	s.Workers, s.BatchSize = 1, 8
	report, err := engine.Search(t.Context(), enginetest.PairOf(enginetest.Brightness(120), failing), enginetest.GreySeeds(60), s)
	if err == nil || !strings.Contains(err.Error(), `compressed model "at-128": session closed`) {
		t.Fatalf("error %v", err)
	}
	if report == nil || report.Status != engine.Failed {
		t.Errorf("report %+v; expected what was found so far, as failed", report)
	}

	clumsy := func(_ context.Context, batch []input.Input) ([][]float32, error) {
		return [][]float32{batch[0].Data[:1:1]}[len(batch):], nil
	}
	_, err = engine.Search(t.Context(), enginetest.PairOf(enginetest.Brightness(120), clumsy), enginetest.GreySeeds(60), s)
	if err == nil || !strings.Contains(err.Error(), `compressed model "at-128": panic: runtime error: slice bounds out of range`) ||
		!strings.Contains(err.Error(), "search_test.go:") {
		t.Errorf("error %v; expected the panic and its place", err)
	}

	s.OnTrigger = func(*engine.Trigger) error { return errors.New("disk full") }
	if _, err := engine.Search(t.Context(), enginetest.BrightnessPair(), enginetest.GreySeeds(60), s); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("error %v; expected that of OnTrigger", err)
	}
}

func TestSerialPredictorsAreNotCalledConcurrently(t *testing.T) {
	var inside, most atomic.Int64
	fn := func(ctx context.Context, batch []input.Input) ([][]float32, error) {
		n := inside.Add(1)
		defer inside.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		time.Sleep(100 * time.Microsecond)
		return enginetest.Brightness(120)(ctx, batch)
	}
	pair := model.Must(model.NewPair("serial", serial{fn}, model.Func("c", enginetest.Brightness(128))))
	s := enginetest.Settings()
	s.Workers, s.BatchSize = 4, 2
	enginetest.Search(t, pair, enginetest.GreySeeds(40), s)
	if most.Load() != 1 {
		t.Errorf("%d calls at once", most.Load())
	}
}

func TestMaxBatchIsKept(t *testing.T) {
	pair := model.Must(model.NewPair("fixed", atMost{enginetest.Brightness(120), 3, t}, model.Func("c", enginetest.Brightness(128))))
	if n := len(enginetest.Search(t, pair, enginetest.GreySeeds(20), enginetest.Settings()).Triggers()); n != 20 {
		t.Errorf("%d triggers, expected 20", n)
	}
}

func TestProgressIsReported(t *testing.T) {
	s := enginetest.Settings()
	var last engine.Progress
	s.OnProgress = func(p engine.Progress) { last = p }
	report := enginetest.Search(t, enginetest.BrightnessPair(), enginetest.GreySeeds(12), s)
	if last.Done != 12 || last.Seeds != 12 || last.Triggers != 12 || last.Queries != report.Ledger.Queries {
		t.Errorf("last progress %+v", last)
	}
	if !strings.Contains(last.String(), "brightness: 12 of 12 seeds done, 12 triggers") {
		t.Errorf("progress reads %q", last)
	}
}

// broken is Seeds whose first seeds cannot be read.
type broken struct {
	input.SeedList
	first int
}

func (b broken) Seed(i int) (input.Seed, error) {
	if i < b.first {
		return input.Seed{}, fmt.Errorf("image-%d.png: expected a PNG image, found text", i)
	}
	return b.SeedList.Seed(i)
}

// uncomparable is a predictor whose type has no ==.
type uncomparable struct{ _ []int }

func (uncomparable) Predict(_ context.Context, batch []input.Input) ([][]float32, error) {
	return make([][]float32, len(batch)), nil
}

// described is a predictor with the hash of a file.
type described struct {
	model.PredictorFunc
	file string
}

func (d described) Predict(ctx context.Context, batch []input.Input) ([][]float32, error) {
	return d.PredictorFunc(ctx, batch)
}

func (d described) Describe() model.Description {
	return model.Description{Name: d.file, File: d.file, SHA256: "0123456789abcdef"}
}

type serial struct{ fn model.PredictorFunc }

func (s serial) Predict(ctx context.Context, batch []input.Input) ([][]float32, error) {
	return s.fn(ctx, batch)
}

func (s serial) Describe() model.Description { return model.Description{Serial: true} }

type atMost struct {
	fn   model.PredictorFunc
	most int
	t    *testing.T
}

func (a atMost) Predict(ctx context.Context, batch []input.Input) ([][]float32, error) {
	if len(batch) > a.most {
		a.t.Errorf("batch of %d, expected at most %d", len(batch), a.most)
	}
	return a.fn(ctx, batch)
}

func (a atMost) Describe() model.Description { return model.Description{MaxBatch: a.most} }

// scatter asks for several candidates at once, and gives up after some rounds.
type scatter struct{ n int }

func (s scatter) String() string { return "scatter" }

func (s scatter) NewSearcher(task engine.Task) (engine.Searcher, error) {
	return &scatterSearcher{seed: task.Seed.Input, rng: task.Rand, n: s.n}, nil
}

type scatterSearcher struct {
	seed   input.Input
	rng    *rand.Rand
	n      int
	rounds int
}

func (s *scatterSearcher) Ask(limit int) []input.Input {
	if s.rounds++; s.rounds > 12 {
		return nil
	}
	asked := make([]input.Input, min(limit, s.n))
	for i := range asked {
		asked[i] = s.seed.Clone()
		enginetest.Shift{Most: 70}.Mutate(asked[i], s.seed, s.rng)
	}
	return asked
}

func (s *scatterSearcher) Tell([]engine.Evaluation) {}

// watching looks at what another strategy is told.
type watching struct {
	engine.Strategy
	seen, soft atomic.Int64
	mu         sync.Mutex
	far        float64
}

func (w *watching) NewSearcher(task engine.Task) (engine.Searcher, error) {
	w.look(task.Seed, task.Seed)
	searcher, err := w.Strategy.NewSearcher(task)
	return &watchingSearcher{searcher, task.Seed, w}, err
}

func (w *watching) look(seed, e engine.Evaluation) {
	w.seen.Add(1)
	for _, score := range append(append([]float32{}, e.Original.Scores...), e.Compressed.Scores...) {
		if score != 0 && score != 1 {
			w.soft.Add(1)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.far = max(w.far, distance.DistanceBetween(seed.Input, e.Input).LInf)
}

func (w *watching) farthest() float64 { return w.far }

type watchingSearcher struct {
	engine.Searcher
	seed engine.Evaluation
	w    *watching
}

func (s *watchingSearcher) Tell(evaluations []engine.Evaluation) {
	for _, e := range evaluations {
		s.w.look(s.seed, e)
	}
	s.Searcher.Tell(evaluations)
}
