package engine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
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

// sent is what a value is after it was written and read.
func sent[T any, P interface {
	*T
	MarshalBinary() ([]byte, error)
	UnmarshalBinary([]byte) error
}](t testing.TB, v P) P {
	t.Helper()
	data, err := v.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	read := P(new(T))
	if err := read.UnmarshalBinary(data); err != nil {
		t.Fatal(err)
	}
	again, err := read.MarshalBinary()
	if err != nil || !bytes.Equal(data, again) {
		t.Fatalf("%T is written otherwise after it was read (error %v)", v, err)
	}
	return read
}

// distribute searches seed by seed, in so many parts that know nothing of each other.
func distribute(t testing.TB, pair *model.Pair, seeds input.Seeds, s engine.Settings, parts int) (*engine.Screening, []*engine.SeedResult) {
	t.Helper()
	screening, err := engine.Screen(context.Background(), pair, seeds, s)
	if err != nil {
		t.Fatal(err)
	}
	results := make([]*engine.SeedResult, seeds.Len())
	var wait sync.WaitGroup
	for part := range parts {
		wait.Go(func() {
			searcher, err := engine.NewSeedSearch(context.Background(), pair, sent(t, screening), s)
			for i := part; err == nil && i < seeds.Len(); i += parts {
				var seed input.Seed
				var r *engine.SeedResult
				if seed, err = seeds.Seed(i); err != nil {
					r, err = searcher.Unreadable(context.Background(), i, err)
				} else {
					r, err = searcher.Search(context.Background(), i, seed)
				}
				if err == nil {
					results[i] = sent(t, r)
				}
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	if wait.Wait(); t.Failed() {
		t.FailNow()
	}
	return screening, results
}

// distributeTogether is distribute with seeds of a part side by side.
func distributeTogether(t testing.TB, pair *model.Pair, seeds input.Seeds, s engine.Settings, parts int) (*engine.Screening, []*engine.SeedResult) {
	t.Helper()
	screening, err := engine.Screen(context.Background(), pair, seeds, s)
	if err != nil {
		t.Fatal(err)
	}
	results := make([]*engine.SeedResult, seeds.Len())
	searcher, err := engine.NewSeedSearch(context.Background(), pair, sent(t, screening), s)
	for part := 0; err == nil && part < parts; part++ {
		err = searcher.SearchAll(context.Background(), part*seeds.Len()/parts, (part+1)*seeds.Len()/parts, seeds.Seed, func(i int, r *engine.SeedResult, err error) error {
			if err == nil {
				results[i] = sent(t, r)
			}
			return err
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	return screening, results
}

// unreadable cannot read seed 2.
type unreadable struct{ input.Seeds }

func (u unreadable) Seed(i int) (input.Seed, error) {
	if i == 2 {
		return input.Seed{}, errors.New("no such file")
	}
	return u.Seeds.Seed(i)
}

func TestADistributedSearchHasTheReportOfTheWhole(t *testing.T) {
	pool := strategies.BoundarySearch{Corruptions: []input.SeverityMutator{}}
	mislabelled := enginetest.PatternSeeds(20)
	for i := range mislabelled {
		mislabelled[i].Label = 3 - mislabelled[i].Label
	}
	narrow := distance.LInf(2)
	one := enginetest.PatternSeeds(12, 1)
	for i := range one {
		one[i].Label = input.Unlabelled
	}
	for _, test := range []struct {
		name     string
		pair     *model.Pair
		seeds    input.Seeds
		settings engine.Settings
		triggers int // at least
		fails    error
	}{
		{"without a pool", enginetest.BrightnessPair(), named{withBad(enginetest.GreySeeds(30)), []string{"dark", "light"}, []string{"two notes", "about the seeds"}}, enginetest.Settings(), 5, nil},
		{"with a pool", enginetest.SmoothPair(), unreadable{enginetest.PatternSeeds(30)}, enginetest.ClosingSettings(40, func(s *engine.Settings) { s.Strategy = pool }), 20, nil},
		{"with a small pool, a bound and an aim", enginetest.SmoothPair(), enginetest.PatternSeeds(30), enginetest.ClosingSettings(40, func(s *engine.Settings) {
			s.Strategy, s.Bound, s.Aim = strategies.BoundarySearch{Pool: 7}, distance.LInf(90), distance.NearestL0
		}), 1, nil},
		{"more triggers than are kept", enginetest.SmoothPair(), enginetest.PatternSeeds(30), enginetest.ClosingSettings(10, func(s *engine.Settings) { s.KeepInputs, s.Window = 7, 3 }), 20, nil},
		{"more triggers than are kept, side by side", enginetest.SmoothPair(), enginetest.PatternSeeds(30), enginetest.ClosingSettings(10, func(s *engine.Settings) { s.KeepInputs = 7 }), 20, nil},
		{"identical but for one seed", enginetest.PairOf(enginetest.Smooth.Predict, enginetest.Failing(enginetest.Smooth.Predict, func(in input.Input) bool { return in.ID() == enginetest.PatternSeeds(4)[3].Input.ID() }, 0, 0, 0, 1)),
			enginetest.PatternSeeds(4), enginetest.BoundarySettings(nil), 0, nil},
		{"labels alone", enginetest.LabelPair(0.1), enginetest.PatternSeeds(12), enginetest.BoundarySettings(nil), 1, nil},
		{"answers that are not finite", enginetest.PairOf(enginetest.Failing(enginetest.Smooth.Predict, func(in input.Input) bool { return in.Data[5] > 160 }, enginetest.NaN), enginetest.Failing(enginetest.Smooth.Moved(0.1).Predict, corner, enginetest.Infinity)),
			enginetest.PatternSeeds(30), enginetest.ClosingSettings(20, func(s *engine.Settings) { s.SkippedAtMost = 1 }), 5, nil},
		{"never finite", enginetest.PairOf(enginetest.Smooth.Predict, enginetest.Failing(enginetest.Smooth.Predict, enginetest.Everywhere, enginetest.NaN)), enginetest.PatternSeeds(12), enginetest.BoundarySettings(nil), 1, model.ErrBadScores},
		{"misread and skipped", enginetest.SmoothPair(), mislabelled, enginetest.BoundarySettings(func(s *engine.Settings) { s.SkipMisread = true }), 0, engine.ErrNoUsableSeeds},
		{"misread and searched", enginetest.SmoothPair(), mislabelled, enginetest.BoundarySettings(nil), 10, nil},
		{"nothing found", enginetest.SmoothPair(), enginetest.PatternSeeds(12), enginetest.BoundarySettings(func(s *engine.Settings) { s.Bound = narrow }), 0, nil},
		{"one label", enginetest.PairOf(unmoved().Original().Predict, unmoved().Compressed().Predict), one, enginetest.BoundarySettings(nil), 0, engine.ErrInconclusive},
		{"identical", enginetest.PairOf(enginetest.Smooth.Predict, enginetest.Smooth.Predict), enginetest.PatternSeeds(30), enginetest.BoundarySettings(nil), 0, engine.ErrIdenticalScores},
		{"no room", enginetest.SmoothPair(), enginetest.PatternSeeds(5), enginetest.BoundarySettings(func(s *engine.Settings) { s.Bound = distance.LInf(0.25) }), 0, distance.ErrNoRoom},
		{"scores alone", enginetest.PairOf(unmoved().Original().Predict, unmoved().Compressed().Predict), unlabelled(12), enginetest.BoundarySettings(func(s *engine.Settings) {
			s.Oracle = model.Must(answer.ScoreTolerance(0.5))
		}), 0, nil},
		{"one label of several classes", enginetest.PairOf(unmoved().Original().Predict, unmoved().Compressed().Predict), unlabelled(12), enginetest.BoundarySettings(nil), 0, engine.ErrInconclusive},
		{"too many skipped", enginetest.BrightnessPair(), withBad(enginetest.GreySeeds(5)), enginetest.Settings(), 1, engine.ErrTooManySkipped},
		{"values with names", enginetest.SmoothPair(), namedValues(12), enginetest.BoundarySettings(nil), 1, nil},
		{"constant", enginetest.PairOf(fixed, fixed), enginetest.PatternSeeds(5), enginetest.BoundarySettings(nil), 0, engine.ErrConstantOutput},
		{"too short", enginetest.SmoothPair(), enginetest.PatternSeeds(4), enginetest.BoundarySettings(func(s *engine.Settings) {
			s.Budget = engine.Budget{QueriesPerSeed: 20, TimePerSeed: 1, MinQueriesPerSeed: 20}
		}), 0, engine.ErrInconclusive},
	} {
		t.Run(test.name, func(t *testing.T) {
			whole, failure := engine.Search(t.Context(), test.pair, test.seeds, test.settings)
			if !errors.Is(failure, test.fails) || len(whole.Triggers()) < test.triggers {
				t.Fatalf("error %v, %d triggers; expected %v and at least %d", failure, len(whole.Triggers()), test.fails, test.triggers)
			}
			want := canonical(t, whole)
			for _, parts := range []int{1, 2, 7} {
				screening, results := distribute(t, test.pair, test.seeds, test.settings, parts)
				rng := rand.New(rand.NewPCG(uint64(parts), 0))
				for _, order := range []string{"in order", "shuffled", "with duplicates"} {
					given := append([]*engine.SeedResult{}, results...)
					if order == "with duplicates" && test.settings.Budget.TimePerSeed == 0 {
						_, again := distribute(t, test.pair, test.seeds, test.settings, 1)
						given = append(given, append(again, results[0], results[0])...)
					}
					if order != "in order" {
						rng.Shuffle(len(given), func(i, j int) { given[i], given[j] = given[j], given[i] })
					}
					r, err := engine.Combine(sent(t, screening), given...)
					if fmt.Sprint(err) != fmt.Sprint(failure) || !errors.Is(err, test.fails) {
						t.Errorf("%d parts, %s: error %v; expected %v", parts, order, err, failure)
					}
					if diff := cmp.Diff(string(want), string(canonical(t, r))); diff != "" {
						t.Fatalf("%d parts, %s: %s", parts, order, diff)
					}
				}
				_, together := distributeTogether(t, test.pair, test.seeds, test.settings, parts)
				light := append([]*engine.SeedResult{}, together...)
				if test.settings.Budget.TimePerSeed == 0 {
					light = append(light, results...) // the same ones
				}
				asked := 0
				for i, r := range light {
					light[i] = sent(t, r.Abridge())
				}
				r, err := engine.CombineAbridged(sent(t, screening), func(i int) (*engine.SeedResult, error) {
					asked++
					return together[i], nil
				}, light...)
				if fmt.Sprint(err) != fmt.Sprint(failure) {
					t.Errorf("%d parts, together: error %v; expected %v", parts, err, failure)
				}
				if diff := cmp.Diff(string(want), string(canonical(t, r))); diff != "" {
					t.Fatalf("%d parts, together: %s", parts, diff)
				}
				if most := max(len(whole.Triggers()), 1); asked > most || test.settings.KeepInputs > 0 && asked > test.settings.KeepInputs {
					t.Errorf("asked for %d whole results", asked)
				}
				for i, r := range results { // what is kept is whole
					if a, b := r.Outcome.Trigger, whole.Seeds[i].Trigger; b != nil && !b.Abridged() {
						if diff := cmp.Diff(b, a, cmp.Comparer(func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) })); diff != "" {
							t.Errorf("seed %d: %s", i, diff)
						}
					}
				}
			}
		})
	}
}

// namedValues are seeds whose values have names, with a vocabulary.
func namedValues(n int) input.SeedList {
	seeds := enginetest.PatternSeeds(n)
	layout := &input.Layout{Rate: 8000, Columns: make([]input.Column, len(seeds[0].Input.Data)), Vocabulary: &input.Vocabulary{Size: 256, Pad: input.Unpadded, Special: []int{255}, KeepLength: true, Words: input.ByteWords(0)}}
	layout.Columns[1] = input.Column{Name: "colour", Categories: make([]string, 256)}
	layout.Columns[2] = input.Column{Name: "weight", Unit: "kg"}
	for i := range seeds {
		seeds[i].Input.Layout = layout
	}
	return seeds
}

func unlabelled(n int) input.SeedList {
	seeds := enginetest.PatternSeeds(n)
	for i := range seeds {
		seeds[i].Label = input.Unlabelled
	}
	return seeds
}

func TestCombineFindsClassesInAnotherOrder(t *testing.T) {
	moved := func(ctx context.Context, batch []input.Input) ([][]float32, error) {
		scores, err := enginetest.Smooth.Predict(ctx, batch)
		for _, row := range scores {
			row[1], row[2] = row[2], row[1]
		}
		return scores, err
	}
	// Screened without a pool, as a pool of all seeds would show it at once.
	s := enginetest.BoundarySettings(func(s *engine.Settings) { s.Strategy = strategies.BoundarySearch{Pool: 3} })
	screening, results := distribute(t, enginetest.PairOf(enginetest.Smooth.Predict, moved), enginetest.PatternSeeds(30), s, 2)
	r, err := engine.Combine(screening, results...)
	if !errors.Is(err, engine.ErrClassOrder) || r == nil || r.Status != engine.Failed || len(r.Triggers()) > 0 {
		t.Errorf("error %v; expected classes in another order", err)
	}
}

func fixed(_ context.Context, batch []input.Input) ([][]float32, error) {
	scores := make([][]float32, len(batch))
	for i := range scores {
		scores[i] = []float32{0.1, 0.2, 0.3, 0.4}
	}
	return scores, nil
}

// prepared remembers what it was prepared with.
type prepared struct {
	model.Predictor
	mu    sync.Mutex
	shown []string
}

func (p *prepared) Prepare(_ context.Context, first []input.Input, _ model.Predictor) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shown = nil
	for _, in := range first {
		p.shown = append(p.shown, in.ID())
	}
	return nil
}

func TestSeedSearchesPrepareTheModelsAlike(t *testing.T) {
	p := &prepared{Predictor: model.Func("prepared", enginetest.Smooth.Predict)}
	pair := model.Must(model.NewPair("prepared", p, model.Func("other", enginetest.Smooth.Moved(0.1).Predict)))
	enginetest.Search(t, pair, enginetest.PatternSeeds(20), enginetest.BoundarySettings(nil))
	want := p.shown
	screening := model.Must(engine.Screen(t.Context(), pair, enginetest.PatternSeeds(20), enginetest.BoundarySettings(nil)))
	if diff := cmp.Diff(want, p.shown); diff != "" {
		t.Errorf("shown while screening: %s", diff)
	}
	p.shown = nil
	model.Must(engine.NewSeedSearch(t.Context(), pair, sent(t, screening), enginetest.BoundarySettings(nil)))
	if diff := cmp.Diff(want, p.shown); diff != "" || len(want) != 16 {
		t.Errorf("shown %d inputs: %s", len(want), diff)
	}
}

func TestADistributedSearchRefusesLimitsThatCoupleSeeds(t *testing.T) {
	for says, change := range map[string]func(*engine.Settings){
		"StopAfter is 3 in a distributed search":        func(s *engine.Settings) { s.StopAfter = 3 },
		"Budget.Queries is 70 in a distributed search":  func(s *engine.Settings) { s.Budget.Queries = 70 },
		"Budget.Time is 1m0s in a distributed search":   func(s *engine.Settings) { s.Budget.Time = time.Minute },
		"Shard is 1/2 in a distributed search":          func(s *engine.Settings) { s.Shard = engine.Shard{Total: 2} },
		"Strategy is nil; expected a strategy such as ": func(s *engine.Settings) { s.Strategy = nil },
	} {
		good, bad := enginetest.Settings(), enginetest.Settings()
		change(&bad)
		if s, err := engine.Screen(t.Context(), enginetest.BrightnessPair(), enginetest.GreySeeds(3), bad); s != nil || err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v; expected %q", err, says)
		}
		screening := model.Must(engine.Screen(t.Context(), enginetest.BrightnessPair(), enginetest.GreySeeds(3), good))
		if s, err := engine.NewSeedSearch(t.Context(), enginetest.BrightnessPair(), screening, bad); s != nil || err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v; expected %q", err, says)
		}
	}
}

func TestSeedSearchRefusesAnotherSearch(t *testing.T) {
	good := enginetest.BoundarySettings(nil)
	screening := model.Must(engine.Screen(t.Context(), enginetest.SmoothPair(), enginetest.PatternSeeds(8), good))
	for says, change := range map[string]func(*engine.Settings){
		"another one: strategy: ":             func(s *engine.Settings) { s.Strategy = strategies.BoundarySearch{Pool: 3} },
		"another one: oracle: ":               func(s *engine.Settings) { s.Oracle = model.Must(answer.ScoreTolerance(0.5)) },
		"another one: bound: ":                func(s *engine.Settings) { s.Bound = distance.LInf(2) },
		"another one: aim: ":                  func(s *engine.Settings) { s.Aim = distance.NearestL0 },
		"another one: budget: ":               func(s *engine.Settings) { s.Budget.QueriesPerSeed++ },
		"another one: random seed: 0 and 1":   func(s *engine.Settings) { s.RandomSeed = 1 },
		"another one: SkipMisread: false and": func(s *engine.Settings) { s.SkipMisread = true },
	} {
		other := good
		change(&other)
		if _, err := engine.NewSeedSearch(t.Context(), enginetest.SmoothPair(), screening, other); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v; expected %q", err, says)
		}
	}
	if _, err := engine.NewSeedSearch(t.Context(), enginetest.LabelPair(0.1), screening, good); err == nil || !strings.Contains(err.Error(), "another one: original model: at-120 and original") {
		t.Errorf("another pair: error %v", err)
	}
	for _, none := range []*engine.Screening{nil, {}} {
		if _, err := engine.NewSeedSearch(t.Context(), enginetest.SmoothPair(), none, good); err == nil || !strings.Contains(err.Error(), "made by Screen") {
			t.Errorf("error %v; expected one about no screening", err)
		}
		if _, err := engine.Combine(none); err == nil || !strings.Contains(err.Error(), "made by Screen") {
			t.Errorf("error %v; expected one about no screening", err)
		}
	}
	x := model.Must(engine.NewSeedSearch(t.Context(), enginetest.SmoothPair(), screening, good))
	for says, do := range map[string]func() (*engine.SeedResult, error){
		"index is 8; expected 0 to 7":                   func() (*engine.SeedResult, error) { return x.Search(t.Context(), 8, enginetest.PatternSeeds(1)[0]) },
		"index is -1; expected 0 to 7":                  func() (*engine.SeedResult, error) { return x.Unreadable(t.Context(), -1, nil) },
		"seed 3: expected the seed that was screened, ": func() (*engine.SeedResult, error) { return x.Search(t.Context(), 3, enginetest.PatternSeeds(8)[4]) },
		"context canceled": func() (*engine.SeedResult, error) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			return x.Search(ctx, 3, enginetest.PatternSeeds(8)[3])
		},
	} {
		if r, err := do(); r != nil || err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("result %v, error %v; expected %q", r, err, says)
		}
	}
}

func TestCombineRefusesWhatDoesNotFit(t *testing.T) {
	screening, results := distribute(t, enginetest.SmoothPair(), enginetest.PatternSeeds(4), enginetest.BoundarySettings(nil), 1)
	other, others := distribute(t, enginetest.SmoothPair(), enginetest.PatternSeeds(5), enginetest.BoundarySettings(nil), 1)
	if screening.ID() == other.ID() || screening.ID() == "" || screening.Seeds() != 4 {
		t.Fatalf("searches %q and %q of %d seeds", screening.ID(), other.ID(), screening.Seeds())
	}
	changed := sent(t, results[1])
	changed.Outcome.Ties++
	for _, test := range []struct {
		says    string
		results []*engine.SeedResult
	}{
		{"expected results of all of 4 seeds, found 4 of them missing, the first is seed 0", nil},
		{"found 2 of them missing, the first is seed 1", []*engine.SeedResult{results[0], results[3]}},
		{"result 2 is nil", []*engine.SeedResult{results[0], nil}},
		{"result 1 is of search ", others},
		{"seed 0: expected a result with the inputs of its triggers, found an abridged one", append([]*engine.SeedResult{results[0].Abridge()}, results[1:]...)},
		{"seed 1 is there twice with different results", append([]*engine.SeedResult{changed}, results...)},
		{"seed 1 is there twice with different results", append(append([]*engine.SeedResult{}, results...), changed)},
	} {
		r, err := engine.Combine(screening, test.results...)
		if r != nil || err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("error %v; expected %q", err, test.says)
		}
	}
}

func TestACombinerKeepsOnceWhatTriggersHaveInCommon(t *testing.T) {
	settings := enginetest.ClosingSettings(40, nil)
	settings.KeepInputs = 1
	screening, results := distribute(t, enginetest.SmoothPair(), enginetest.PatternSeeds(6), settings, 1)
	combiner := model.Must(engine.NewCombiner(screening))
	for _, r := range results {
		if err := combiner.Add(sent(t, r.Abridge())); err != nil {
			t.Fatal(err)
		}
	}
	report, err := combiner.Report(func(i int) (*engine.SeedResult, error) { return results[i], nil })
	if err != nil {
		t.Fatal(err)
	}
	shapes, abridged := map[*int]bool{}, 0
	for _, found := range report.Triggers() {
		if found.Abridged() {
			abridged++
			shapes[&found.Seed.Shape[0]], shapes[&found.Input.Shape[0]] = true, true
		}
	}
	if abridged < 2 || len(shapes) != 1 {
		t.Errorf("%d abridged triggers have %d shapes in memory; expected one for several", abridged, len(shapes))
	}
}

func TestFailuresOfSomeSeedsAreTheirsAlone(t *testing.T) {
	seeds := enginetest.PatternSeeds(30)
	poisoned := seeds[11].Input.ID()
	poison := enginetest.SmoothPair()
	original := model.Func("poisoned", func(ctx context.Context, batch []input.Input) ([][]float32, error) {
		for _, in := range batch {
			if in.ID() == poisoned {
				panic("poison")
			}
		}
		return poison.Original().Predict(ctx, batch)
	})
	pair := model.Must(model.NewPair("poisoned", original, poison.Compressed()))
	s := enginetest.BoundarySettings(func(s *engine.Settings) { s.SkippedAtMost = 1 })
	screening := model.Must(engine.Screen(t.Context(), pair, seeds, s)) // without the poisoned one in its pool
	if _, err := engine.Screen(t.Context(), pair, seeds[11:12], s); err == nil || !strings.Contains(err.Error(), "panic: poison") {
		t.Errorf("error %v; expected one where nothing can be screened", err)
	}
	x := model.Must(engine.NewSeedSearch(t.Context(), pair, screening, s))
	failed, given := 0, []*engine.SeedResult{}
	err := x.SearchAll(t.Context(), 0, 30, func(i int) (input.Seed, error) {
		if i == 17 {
			panic("a bad reader")
		}
		return seeds[i], nil
	}, func(i int, r *engine.SeedResult, err error) error {
		if err != nil {
			failed++
			if (i != 11 || !strings.Contains(err.Error(), "panic: poison")) && i != 17 { // which could be read when it was screened
				t.Errorf("seed %d: %v", i, err)
			}
			r = model.Must(x.GivenUp(t.Context(), i, err))
		}
		given = append(given, r)
		return nil
	})
	if err != nil || failed != 2 || len(given) != 30 {
		t.Fatalf("error %v, %d failed, %d results; expected two failures of 30", err, failed, len(given))
	}
	r, err := engine.Combine(screening, given...)
	if err != nil || r.Ledger.Skipped != 2 || !strings.Contains(r.Seeds[11].Reason, "panic: poison") || !strings.Contains(r.Seeds[17].Reason, "expected the seed that was screened") {
		t.Fatalf("error %v, report %s, %s", err, r.Seeds[11].Reason, r.Seeds[17].Reason)
	}
	if n := len(r.Triggers()); n < 10 {
		t.Errorf("found %d triggers; expected those of the other seeds", n)
	}
}

func TestSearchAllEnds(t *testing.T) {
	seeds, s := enginetest.PatternSeeds(30), enginetest.BoundarySettings(nil)
	screening := model.Must(engine.Screen(t.Context(), enginetest.SmoothPair(), seeds, s))
	x := model.Must(engine.NewSeedSearch(t.Context(), enginetest.SmoothPair(), screening, s))
	enough, done := errors.New("enough"), 0
	if err := x.SearchAll(t.Context(), 0, 30, seeds.Seed, func(int, *engine.SeedResult, error) error {
		done++
		return enough
	}); err != enough || done != 1 {
		t.Errorf("error %v after %d; expected the first one to end it", err, done)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := x.SearchAll(ctx, 0, 30, seeds.Seed, func(int, *engine.SeedResult, error) error {
		t.Error("a result after the end")
		return nil
	}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v; expected cancellation", err)
	}
	if err := x.SearchAll(t.Context(), 25, 31, seeds.Seed, func(i int, _ *engine.SeedResult, err error) error { return err }); err == nil || !strings.Contains(err.Error(), "index is 30; expected 0 to 29") {
		t.Errorf("error %v; expected one about the index", err)
	}
}

// Pieces of work on one machine share a SeedSearch; the race detector looks on.
func TestPiecesAreSearchedAtTheSameTime(t *testing.T) {
	seeds, s := enginetest.PatternSeeds(24), enginetest.ClosingSettings(10, func(s *engine.Settings) { s.Workers = 3 })
	want := canonical(t, enginetest.Search(t, enginetest.SmoothPair(), seeds, s))
	screening := model.Must(engine.Screen(t.Context(), enginetest.SmoothPair(), seeds, s))
	x := model.Must(engine.NewSeedSearch(t.Context(), enginetest.SmoothPair(), screening, s))
	combiner := model.Must(engine.NewCombiner(screening))
	var mu sync.Mutex
	var wait sync.WaitGroup
	for _, piece := range [][2]int{{16, 24}, {0, 8}, {8, 16}, {4, 12}} { // some twice
		wait.Go(func() {
			if err := x.SearchAll(t.Context(), piece[0], piece[1], seeds.Seed, func(_ int, r *engine.SeedResult, err error) error {
				if err != nil {
					return err
				}
				mu.Lock()
				defer mu.Unlock()
				return combiner.Add(r)
			}); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	r, err := combiner.Report(nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, canonical(t, r)); diff != "" {
		t.Error(diff)
	}
}

func TestModelsAreAskedInCompany(t *testing.T) {
	seeds, s := enginetest.PatternSeeds(64), enginetest.BoundarySettings(func(s *engine.Settings) { s.Workers, s.BatchSize = 1, 16 })
	var mu sync.Mutex
	calls, inputs := 0, 0
	counting := func(m model.Predictor) model.Predictor {
		return model.Func("counted", func(ctx context.Context, batch []input.Input) ([][]float32, error) {
			mu.Lock()
			calls, inputs = calls+1, inputs+len(batch)
			mu.Unlock()
			return m.Predict(ctx, batch)
		})
	}
	p := enginetest.SmoothPair()
	pair := model.Must(model.NewPair("counted", counting(p.Original()), counting(p.Compressed())))
	enginetest.Search(t, pair, seeds, s)
	whole := float64(inputs) / float64(calls)
	screening := model.Must(engine.Screen(t.Context(), pair, seeds, s))
	x := model.Must(engine.NewSeedSearch(t.Context(), pair, screening, s))
	calls, inputs = 0, 0
	if err := x.SearchAll(t.Context(), 0, 64, seeds.Seed, func(_ int, _ *engine.SeedResult, err error) error { return err }); err != nil {
		t.Fatal(err)
	}
	if together := float64(inputs) / float64(calls); together < 0.8*whole {
		t.Errorf("batches of %.1f inputs (%d, %d); those of one search have %.1f", together, calls, inputs, whole)
	}
}

func TestDamagedResultsAreRefused(t *testing.T) {
	screening, results := distribute(t, enginetest.SmoothPair(), enginetest.PatternSeeds(4), enginetest.BoundarySettings(nil), 1)
	for name, v := range map[string]interface {
		MarshalBinary() ([]byte, error)
		UnmarshalBinary([]byte) error
	}{"screening": screening, "result": results[0]} {
		data, _ := v.MarshalBinary()
		for at := 0; at < len(data); at += 1 + len(data)/300 {
			damaged := bytes.Clone(data)
			damaged[at] ^= 0x10
			if v.UnmarshalBinary(damaged) == nil || v.UnmarshalBinary(data[:at]) == nil {
				t.Errorf("%s: damaged or cut off at %d: no error", name, at)
			}
		}
		newer := bytes.Clone(data)
		version := &newer[bytes.IndexByte(newer, 0)+1]
		*version++
		if err := v.UnmarshalBinary(newer); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("format version is %d; expected %d", *version, *version-1)) {
			t.Errorf("%s: error %v; expected one about the version", name, err)
		}
		if again, err := v.MarshalBinary(); err != nil || !bytes.Equal(again, data) {
			t.Errorf("%s: a failure changed it", name)
		}
	}
	r := sent(t, results[0])
	r.Outcome.Trigger.Input.Data[0]++
	if _, err := r.MarshalBinary(); err == nil || !strings.Contains(err.Error(), "result of seed 0: trigger: input: expected content ") {
		t.Errorf("error %v; expected one about the content", err)
	}
}
