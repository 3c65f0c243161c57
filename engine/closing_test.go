package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
)

// nearing is a strategy of its own: it asks for what lies on the way to where the models deviate, a
// little nearer each time once it has hit.
type nearing struct {
	from, step float32   // brightness
	list       []float32 // or these, again and again
	closes     bool
	log        func(string)
}

func (nearing) String() string { return "nearing" }

func (n nearing) NewSearcher(task engine.Task) (engine.Searcher, error) {
	return &nearingSearcher{nearing: n, seed: task.Seed.Input, at: n.from}, nil
}

type nearingSearcher struct {
	nearing
	seed input.Input
	at   float32
}

func (s *nearingSearcher) Ask(limit int) []input.Input {
	var asked []input.Input
	for range min(limit, 3) {
		in := s.seed.Clone()
		for i := range in.Data {
			in.Data[i] = input.Bytes.Snap(s.at)
			if s.list != nil {
				in.Data[i] = s.list[len(asked)%len(s.list)]
			}
		}
		s.at += s.step
		asked = append(asked, in)
	}
	return asked
}

func (s *nearingSearcher) Tell(evaluations []engine.Evaluation) {
	for _, e := range evaluations {
		s.say(fmt.Sprintf("told %v", e.Verdict.Deviates))
	}
}

func (s *nearingSearcher) CloseIn() bool { s.say("close in"); return s.closes }

func (s *nearingSearcher) say(what string) {
	if s.log != nil {
		s.log(what)
	}
}

func TestTheNearestHitIsKeptWhateverTheSearcherDoes(t *testing.T) {
	seeds := enginetest.GreySeeds(1) // brightness 60 to 62; the pair deviates between 120 and 128
	for _, test := range []struct {
		name       string
		from, step float32
		first      float32 // brightness of the first hit
		last       float32
		queries    int // of the trigger
	}{
		{"coming nearer", 127, -1, 127, 121, 7},
		{"going away", 121, 1, 121, 121, 1},
		{"from beyond", 134, -1, 127, 121, 14},
	} {
		t.Run(test.name, func(t *testing.T) {
			var log []string
			s := enginetest.Settings()
			s.Strategy = nearing{from: test.from, step: test.step, closes: true, log: func(what string) { log = append(log, what) }}
			s.Budget = engine.Budget{QueriesPerSeed: 100, ClosingQueriesPerSeed: 20}
			s.Aim = distance.NearestL2
			o := enginetest.Search(t, enginetest.BrightnessPair(), seeds, s).Seeds[0]
			if o.Trigger.Input.Data[0] != test.last || o.Trigger.Queries != test.queries {
				t.Errorf("trigger of brightness %g after %d queries; expected %g after %d",
					o.Trigger.Input.Data[0], o.Trigger.Queries, test.last, test.queries)
			}
			hit := seeds[0].Input.Clone()
			for i := range hit.Data {
				hit.Data[i] = test.first
			}
			if diff := cmp.Diff(distance.DistanceBetween(seeds[0].Input, hit), o.FirstHit.Distance); diff != "" {
				t.Errorf("first hit: %s", diff)
			}
			if n := o.Queries - o.FirstHit.Queries; n != 20 {
				t.Errorf("%d queries after the first hit, expected 20", n)
			}
			if at := slices.Index(log, "close in"); at < 0 || slices.Contains(log[at+1:], "close in") || slices.Contains(log[:at], "told true") {
				t.Errorf("log %q; expected one call of CloseIn before the first hit is told", log)
			}
		})
	}
	t.Run("not when the searcher declines", func(t *testing.T) {
		s := enginetest.Settings()
		s.Strategy = nearing{from: 127, step: -1}
		s.Budget = engine.Budget{QueriesPerSeed: 100, ClosingQueriesPerSeed: 20}
		if o := enginetest.Search(t, enginetest.BrightnessPair(), seeds, s).Seeds[0]; o.Trigger.Input.Data[0] != 127 || o.Queries != 3 {
			t.Errorf("trigger of brightness %g, %d queries; expected 127 and the 3 of one ask", o.Trigger.Input.Data[0], o.Queries)
		}
	})
}

func TestBudgetsHoldWhileClosingIn(t *testing.T) {
	const seeds = 12
	for _, test := range []struct {
		budget engine.Budget
		spent  func(engine.Outcome) (spent, want int)
	}{
		{engine.Budget{QueriesPerSeed: 1000, ClosingQueriesPerSeed: 37}, func(o engine.Outcome) (int, int) { return o.Queries - o.FirstHit.Queries, 37 }},
		{engine.Budget{QueriesPerSeed: 1000, ClosingQueriesPerSeed: 1}, func(o engine.Outcome) (int, int) { return o.Queries - o.FirstHit.Queries, 1 }},
		{engine.Budget{QueriesPerSeed: 43, ClosingQueriesPerSeed: 100}, func(o engine.Outcome) (int, int) { return o.Queries, 43 }},
		{engine.Budget{Queries: 1e6, ClosingQueriesPerSeed: 25}, func(o engine.Outcome) (int, int) { return o.Queries - o.FirstHit.Queries, 25 }},
	} {
		s := enginetest.ClosingSettings(0, func(s *engine.Settings) { s.Budget = test.budget })
		report := enginetest.Search(t, enginetest.SmoothPair(), enginetest.PatternSeeds(seeds), s)
		if n := len(report.Triggers()); n != seeds {
			t.Errorf("%+v: %d triggers of %d", test.budget, n, seeds)
		}
		for _, o := range report.Seeds {
			if o.FirstHit == nil {
				continue
			}
			if spent, want := test.spent(o); spent != want {
				t.Errorf("%+v: seed %d: %d queries, expected %d (first hit after %d of %d)",
					test.budget, o.Index, spent, want, o.FirstHit.Queries, o.Queries)
			}
		}
	}

	t.Run("all queries", func(t *testing.T) {
		var announced atomic.Int64
		s := enginetest.ClosingSettings(0, func(s *engine.Settings) {
			s.Budget = engine.Budget{Queries: 333, ClosingQueriesPerSeed: 100}
			s.OnTrigger = func(*engine.Trigger) error { announced.Add(1); return nil }
		})
		report := enginetest.Search(t, enginetest.SmoothPair(), enginetest.PatternSeeds(seeds), s)
		if report.Ledger.Queries != 333 || report.Status != engine.QueryLimit {
			t.Errorf("%d queries, %s; expected 333, query-limit", report.Ledger.Queries, report.Status)
		}
		if n := int64(len(report.Triggers())); announced.Load() != n || n != seeds {
			t.Errorf("%d triggers, %d announced; expected %d of each", n, announced.Load(), seeds)
		}
		for _, o := range report.Seeds {
			enginetest.CheckOutcome(t, s, enginetest.PatternSeeds(seeds)[o.Index].Input, o)
		}
	})

	t.Run("both models are asked for exactly what the ledger says", func(t *testing.T) {
		o, c := &enginetest.Counting{PredictorFunc: enginetest.Smooth.Predict}, &enginetest.Counting{PredictorFunc: enginetest.Smooth.Moved(0.1).Predict}
		r := enginetest.Search(t, enginetest.PairOf(o.Predict, c.Predict), enginetest.PatternSeeds(seeds), enginetest.ClosingSettings(100, nil))
		want := int64(r.Ledger.Queries - r.Ledger.Repeated + r.Ledger.Screened + r.Ledger.Confirmations)
		if o.Inputs.Load() != want || c.Inputs.Load() != want {
			t.Errorf("original saw %d inputs, compressed %d; the ledger says %d", o.Inputs.Load(), c.Inputs.Load(), want)
		}
		queries := 0
		for _, o := range r.Seeds {
			queries += o.Queries
		}
		if queries != r.Ledger.Queries {
			t.Errorf("%d queries of seeds, %d in the ledger", queries, r.Ledger.Queries)
		}
	})
}

func TestStopAfterWhileClosingIn(t *testing.T) {
	for _, window := range []int{3, 16} {
		announced := map[int]int{}
		s := enginetest.ClosingSettings(60, func(s *engine.Settings) {
			s.StopAfter, s.Window = 5, window
			s.OnTrigger = func(trigger *engine.Trigger) error { announced[trigger.SeedIndex]++; return nil }
		})
		report := enginetest.Search(t, enginetest.SmoothPair(), enginetest.PatternSeeds(40), s)
		n := len(report.Triggers())
		if report.Status != engine.EnoughTriggers || n < 5 || n >= 5+window || len(announced) != n {
			t.Errorf("window %d: %s with %d triggers, %d announced; expected enough-triggers with about 5", window, report.Status, n, len(announced))
		}
		for index, times := range announced {
			o := report.Seeds[index]
			if times != 1 || o.Status != engine.Triggered || o.Queries-o.FirstHit.Queries != 60 {
				t.Errorf("window %d, seed %d: announced %d times, %s, %d queries after the first hit; expected 1, triggered, 60",
					window, index, times, o.Status, o.Queries-o.FirstHit.Queries)
			}
		}
	}
}

// Those that have no trigger yet are not searched on while others close in.
func TestStopAfterInterruptsTheOthersWhileClosingIn(t *testing.T) {
	s := enginetest.ClosingSettings(60, func(s *engine.Settings) { s.StopAfter = 3 })
	report := enginetest.Search(t, enginetest.PairOf(enginetest.Smooth.Predict, enginetest.Smooth.Moved(0.01).Predict), enginetest.PatternSeeds(40), s)
	count := map[engine.SeedStatus]int{}
	for _, o := range report.Seeds {
		count[o.Status]++
	}
	if report.Status != engine.EnoughTriggers || count[engine.Triggered] < 3 || count[engine.Interrupted] < 20 || count[engine.Triggered]+count[engine.Interrupted] != 40 {
		t.Errorf("%s: %v; expected most interrupted", report.Status, count)
	}
}

func TestCancellationWhileClosingInKeepsTheTrigger(t *testing.T) {
	for _, test := range []struct {
		name   string
		status engine.Status
		limit  func(*engine.Settings)
	}{
		{"cancelled", engine.Cancelled, nil},
		{"out of time", engine.TimeLimit, func(s *engine.Settings) { s.Budget.Time = 300 * time.Millisecond }},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			var asked atomic.Int64
			slow := func(c context.Context, batch []input.Input) ([][]float32, error) {
				if asked.Add(1) > 12 {
					if test.limit == nil {
						stop()
					} else {
						<-ctx.Done()
					}
				}
				if err := c.Err(); err != nil {
					return nil, err
				}
				return enginetest.Smooth.Predict(c, batch)
			}
			if test.limit != nil { // the model is slow as soon as the search closes in
				slow = func(c context.Context, batch []input.Input) ([][]float32, error) {
					if asked.Add(1) > 12 {
						select {
						case <-c.Done():
							return nil, c.Err()
						case <-time.After(20 * time.Millisecond):
						}
					}
					return enginetest.Smooth.Predict(c, batch)
				}
			}
			announced := map[int]int{}
			s := enginetest.ClosingSettings(1e6, func(s *engine.Settings) {
				s.Workers = 1
				s.OnTrigger = func(trigger *engine.Trigger) error { announced[trigger.SeedIndex]++; return nil }
				if test.limit != nil {
					test.limit(s)
				}
			})
			seeds := enginetest.PatternSeeds(4)
			report, err := engine.Search(ctx, enginetest.PairOf(slow, enginetest.Smooth.Moved(0.1).Predict), seeds, s)
			if err != nil {
				t.Fatal(err)
			}
			if report.Status != test.status || len(report.Triggers()) == 0 {
				t.Errorf("status %s, %d triggers", report.Status, len(report.Triggers()))
			}
			for _, o := range report.Seeds {
				enginetest.CheckOutcome(t, s, seeds[o.Index].Input, o)
				want := 0
				if o.Trigger != nil {
					want = 1
				}
				if announced[o.Index] != want || o.Trigger == nil && o.Status != engine.Interrupted {
					t.Errorf("seed %d: %s, announced %d times", o.Index, o.Status, announced[o.Index])
				}
			}
		})
	}
}

// Invariant 2: what did not repeat is never reported, however near it is.
func TestHitsThatDoNotRepeatWhileClosingIn(t *testing.T) {
	honest, compressed := enginetest.Smooth.Predict, enginetest.Smooth.Moved(0.1)
	var mu sync.Mutex
	confirmed := map[string]int{}
	// While many are asked, the compressed model deviates everywhere near a seed.
	rash := func(ctx context.Context, batch []input.Input) ([][]float32, error) {
		scores, err := compressed.Predict(ctx, batch)
		if len(batch) == 1 {
			mu.Lock()
			confirmed[batch[0].ID()]++
			mu.Unlock()
			return scores, err
		}
		for i, in := range batch {
			if sum := in.ID(); sum[0] < '8' { // half of all inputs
				slices.Reverse(scores[i])
			}
		}
		return scores, err
	}
	seeds := enginetest.PatternSeeds(16)
	s := enginetest.ClosingSettings(200, func(s *engine.Settings) { s.Workers = 1 })
	report := enginetest.Search(t, enginetest.PairOf(honest, rash), seeds, s)
	if len(report.Triggers()) < 8 {
		t.Fatalf("%d triggers", len(report.Triggers()))
	}
	for _, o := range report.Seeds {
		enginetest.CheckOutcome(t, s, seeds[o.Index].Input, o)
		if o.Trigger == nil {
			continue
		}
		in := o.Trigger.Input
		if answer.Label(enginetest.Smooth.Scores(in)) == answer.Label(compressed.Scores(in)) {
			t.Errorf("seed %d: the trigger does not repeat", o.Index)
		}
		if confirmed[o.Trigger.ID] == 0 {
			t.Errorf("seed %d: the trigger was never evaluated alone", o.Index)
		}
	}
	if report.Ledger.Unstable == 0 {
		t.Error("no hit was unstable")
	}
}

func TestATriggerStandsWhenNearerHitsDoNotRepeat(t *testing.T) {
	// Alone, the pair deviates at brightness 127 only; in company from 120 to 128.
	var asked atomic.Int64
	shy := func(ctx context.Context, batch []input.Input) ([][]float32, error) {
		if asked.Add(1); len(batch) == 1 && batch[0].Data[0] < 127 {
			return enginetest.Brightness(120)(ctx, batch)
		}
		return enginetest.Brightness(128)(ctx, batch)
	}
	s := enginetest.Settings()
	s.Strategy = nearing{from: 127, step: -1, closes: true}
	s.Budget, s.Aim = engine.Budget{QueriesPerSeed: 100, ClosingQueriesPerSeed: 20}, distance.NearestL2
	report := enginetest.Search(t, enginetest.PairOf(enginetest.Brightness(120), shy), enginetest.GreySeeds(1), s)
	o := report.Seeds[0]
	if o.Status != engine.Triggered || o.Trigger.Input.Data[0] != 127 || o.Trigger.Queries != 1 {
		t.Errorf("%s with brightness %g after %d queries; expected that of the first hit, 127 after 1", o.Status, o.Trigger.Input.Data[0], o.Trigger.Queries)
	}
	if o.Unstable == 0 || o.Unstable != report.Ledger.Unstable || report.Ledger.Confirmations != 1+o.Unstable {
		t.Errorf("%d unstable, ledger %+v", o.Unstable, report.Ledger)
	}
}

func TestAHitThatDoesNotRepeatDoesNotKeepOthersFromBeingReported(t *testing.T) {
	// In company the pair deviates from 80 to 128; alone not below 100.
	shy := func(ctx context.Context, batch []input.Input) ([][]float32, error) {
		if len(batch) == 1 && batch[0].Data[0] < 100 {
			return enginetest.Brightness(80)(ctx, batch)
		}
		return enginetest.Brightness(128)(ctx, batch)
	}
	s := enginetest.Settings()
	s.Strategy = nearing{list: []float32{127, 85, 110}, closes: true} // 85 is so much nearer that it is confirmed at once
	s.Budget, s.Aim = engine.Budget{QueriesPerSeed: 100, ClosingQueriesPerSeed: 20}, distance.NearestL2
	o := enginetest.Search(t, enginetest.PairOf(enginetest.Brightness(80), shy), enginetest.GreySeeds(1), s).Seeds[0]
	if o.Trigger.Input.Data[0] != 110 || o.Unstable == 0 {
		t.Errorf("trigger of brightness %g, %d unstable; expected 110", o.Trigger.Input.Data[0], o.Unstable)
	}
}

func TestKeepInputsWhileClosingIn(t *testing.T) {
	seen := 0
	s := enginetest.ClosingSettings(30, func(s *engine.Settings) {
		s.KeepInputs = 3
		s.OnTrigger = func(trigger *engine.Trigger) error {
			seen++
			if trigger.Abridged() || trigger.Seed.Data == nil || trigger.Original.Scores == nil || trigger.History == nil {
				return errors.New("a trigger was announced without its input")
			}
			return nil
		}
	})
	report := enginetest.Search(t, enginetest.SmoothPair(), enginetest.PatternSeeds(10), s)
	kept := 0
	for _, trigger := range report.Triggers() {
		if !trigger.Abridged() {
			kept++
		} else if trigger.ID == "" || trigger.Distance.L2 == 0 || trigger.Queries == 0 {
			t.Errorf("seed %d: the numbers of an abridged trigger are gone: %+v", trigger.SeedIndex, trigger)
		}
	}
	if seen != 10 || kept != 3 {
		t.Errorf("%d triggers seen, %d kept; expected 10 and 3", seen, kept)
	}
}
