package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// corner is about a third of enginetest.PatternSeeds, and what searches make of others now and then.
func corner(in input.Input) bool { return in.Data[0]+in.Data[13] > 340 }

// exact is an oracle that must not be asked about scores that are not finite.
type exact struct {
	answer.Graded
	t interface{ Errorf(string, ...any) }
}

func (o exact) Judge(original, compressed answer.Answer) answer.Verdict {
	o.check(original.Scores, compressed.Scores)
	return o.Graded.Judge(original, compressed)
}

func (o exact) Shortfall(original, compressed answer.Answer) float64 {
	o.check(original.Scores, compressed.Scores)
	return o.Graded.Shortfall(original, compressed)
}

func (o exact) check(original, compressed []float32) {
	if !answer.Finite(original) || !answer.Finite(compressed) {
		o.t.Errorf("the oracle was asked about %v and %v", original, compressed)
	}
}

// shown checks that a strategy is shown finite scores alone.
type shown struct {
	engine.Strategy
	t interface{ Errorf(string, ...any) }
}

func (s shown) NewSearcher(task engine.Task) (engine.Searcher, error) {
	s.check(task.Seed)
	searcher, err := s.Strategy.NewSearcher(task)
	return shownSearcher{searcher, s}, err
}

func (s shown) check(evaluations ...engine.Evaluation) {
	for _, e := range evaluations {
		if !answer.Finite(e.Original.Scores) || !answer.Finite(e.Compressed.Scores) {
			s.t.Errorf("a strategy was shown %v and %v", e.Original.Scores, e.Compressed.Scores)
		}
	}
}

type shownSearcher struct {
	engine.Searcher
	s shown
}

func (s shownSearcher) Tell(evaluations []engine.Evaluation) {
	s.s.check(evaluations...)
	s.Searcher.Tell(evaluations)
}

// wary are searches by all strategies.
func wary(t *testing.T) map[string]engine.Settings {
	mutators := []input.Mutator{enginetest.Shift{Most: 20}, enginetest.Speckle{}}
	closing := engine.Budget{QueriesPerSeed: 160, ClosingQueriesPerSeed: 100}
	budget := engine.Budget{QueriesPerSeed: 60}
	searches := map[string]engine.Settings{
		"triggerfinder as published": {Strategy: strategies.TriggerFinderSearch{Mutators: mutators}, Budget: budget},
		"triggerfinder as released":  {Strategy: strategies.TriggerFinderSearch{Mutators: mutators, Mode: strategies.AsReleased}, Budget: budget},
		"random":                     {Strategy: strategies.RandomSearch{Mutators: mutators, Accumulate: true}, Budget: budget},
		"square":                     {Strategy: strategies.SquareSearch{Horizon: 20, Radius: 0.3}, Budget: budget},
		"diffchaser":                 {Strategy: strategies.DiffChaserSearch{Mutators: mutators, Population: 9, MutationRate: 1}, Budget: budget},
		"many asked at once":         {Strategy: scatter{5}, Budget: budget},
		"labels":                     {Strategy: strategies.TriggerFinderSearch{Mutators: mutators}, Budget: budget, Oracle: answer.LabelOnly()},
		"confidence":                 {Strategy: strategies.BoundarySearch{}, Budget: closing, Oracle: model.Must(answer.MinConfidence(0.9, nil))},
		"gap":                        {Strategy: strategies.BoundarySearch{}, Budget: closing, Oracle: model.Must(answer.MinGap(0.9, nil))},
		"tolerance":                  {Strategy: strategies.SquareSearch{}, Budget: budget, Oracle: model.Must(answer.ScoreTolerance(0.9))},
		"boundary":                   {Strategy: strategies.BoundarySearch{Corruptions: []input.SeverityMutator{enginetest.Fade{}}}, Budget: closing},
		"boundary with labels":       {Strategy: strategies.BoundarySearch{}, Budget: closing, Oracle: answer.LabelOnly()},
	}
	for name, bound := range map[string]distance.Bound{
		"boundary within L-infinity": distance.LInf(40), "boundary within L2": distance.L2(400), "boundary within SSIM": distance.SSIMAtLeast(0.7),
	} {
		searches[name] = engine.Settings{Strategy: strategies.BoundarySearch{}, Budget: closing, Bound: bound}
	}
	for name, s := range searches {
		if g, ok := s.Oracle.(answer.Graded); ok && s.Oracle != answer.LabelOnly() {
			s.Oracle = exact{g, t}
		}
		if _, pool := s.Strategy.(engine.PoolStrategy); pool {
			s.Strategy = enginetest.Observed{PoolStrategy: s.Strategy.(engine.PoolStrategy),
				Tell: func(_ engine.Task, evaluations []engine.Evaluation) { shown{t: t}.check(evaluations...) },
				Pool: func(pool []engine.Evaluation) { shown{t: t}.check(pool...) },
			}
		} else {
			s.Strategy = shown{s.Strategy, t}
		}
		searches[name] = s
	}
	return searches
}

// like is an outcome apart from where its seed stands.
func like(o engine.Outcome) string {
	o.Index, o.Seconds = 0, 0
	if o.Trigger != nil {
		trigger := *o.Trigger
		trigger.SeedIndex = 0
		o.Trigger = &trigger
	}
	return string(model.Must(json.MarshalIndent(o, "", " ")))
}

// sameWhateverTheLayout searches in batches and on workers of several numbers.
func sameWhateverTheLayout(t *testing.T, pair *model.Pair, seeds input.Seeds, s engine.Settings) *engine.Report {
	t.Helper()
	var report *engine.Report
	var want []byte
	for _, layout := range [][2]int{{32, 2}, {1, 1}, {7, 5}} {
		s.BatchSize, s.Workers = layout[0], layout[1]
		report = enginetest.Search(t, pair, seeds, s)
		got := model.Must(report.Canonical())
		if want == nil {
			want = got
		} else if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Fatalf("batches of %d, %d workers: the report differs:\n%s", layout[0], layout[1], diff)
		}
	}
	return report
}

func TestWhereTheCompressedModelIsNotFiniteIsATriggerAndTheOthersGoOn(t *testing.T) {
	seeds := enginetest.PatternSeeds(24)
	bad := slices.IndexFunc(seeds, func(s input.Seed) bool { return corner(s.Input) })
	others := slices.DeleteFunc(slices.Clone(seeds), func(s input.Seed) bool { return corner(s.Input) })
	if n := len(others); bad < 0 || n < 8 || n > 20 {
		t.Fatalf("%d of %d seeds are for the others", n, len(seeds))
	}
	var met atomic.Int64 // on the way
	for name, s := range wary(t) {
		t.Run(name, func(t *testing.T) {
			pair := enginetest.PairOf(enginetest.Smooth.Predict, enginetest.Failing(enginetest.Smooth.Moved(0.1).Predict, corner, enginetest.NaN, enginetest.Infinity))
			report := sameWhateverTheLayout(t, pair, seeds, s)
			var kept []engine.Outcome
			for _, o := range report.Seeds {
				trigger := o.Trigger
				notFinite := trigger != nil && trigger.Kind == answer.NotFinite
				if notFinite != (trigger != nil && corner(trigger.Input)) {
					t.Errorf("seed %d: a trigger of kind %q", o.Index, trigger.Kind)
				}
				if notFinite && (trigger.CompressedLabel != answer.NoLabel || trigger.CompressedConfidence != 0 ||
					trigger.OriginalLabel < 0 || !answer.Finite(trigger.Original.Scores) || answer.Finite(trigger.Compressed.Scores)) {
					t.Errorf("seed %d: %+v", o.Index, trigger)
				}
				switch {
				case !corner(seeds[o.Index].Input):
					kept = append(kept, o)
					if notFinite {
						met.Add(1)
					} else if o.Status == engine.Interrupted || o.Status == engine.NotSearched {
						t.Errorf("seed %d: %s", o.Index, o.Status)
					}
				case !notFinite || o.Queries != 0:
					t.Errorf("seed %d: %s after %d queries; expected a trigger that is not finite, of the seed itself", o.Index, o.Status, o.Queries)
				}
			}
			if got := report.NotFinite(); got < len(seeds)-len(others) {
				t.Errorf("%d triggers are not finite; expected at least %d", got, len(seeds)-len(others))
			}
			alone := enginetest.Search(t, pair, others, s)
			for i, o := range kept {
				if diff := cmp.Diff(like(alone.Seeds[i]), like(o)); diff != "" {
					t.Fatalf("seed %d has another outcome beside seeds that are not finite:\n%s", o.Index, diff)
				}
			}
		})
	}
	if met.Load() < 5 {
		t.Errorf("searches met answers that are not finite %d times; expected that to be tested too", met.Load())
	}
}

func TestWhereTheOriginalIsNotFiniteIsUnusable(t *testing.T) {
	seeds := enginetest.PatternSeeds(24)
	compressed := enginetest.Smooth.Moved(0.1).Predict
	var unusable int
	for name, s := range wary(t) {
		s.SkippedAtMost = 1
		for both, pair := range map[string]*model.Pair{
			"the original": enginetest.PairOf(enginetest.Failing(enginetest.Smooth.Predict, corner, enginetest.NaN), compressed),
			"both":         enginetest.PairOf(enginetest.Failing(enginetest.Smooth.Predict, corner, 0, enginetest.Infinity), enginetest.Failing(compressed, corner, enginetest.NaN)),
		} {
			t.Run(name+", "+both, func(t *testing.T) {
				report := sameWhateverTheLayout(t, pair, seeds, s)
				skipped, told := 0, 0
				for _, o := range report.Seeds {
					told += o.Unusable
					if corner(seeds[o.Index].Input) {
						skipped++
						if o.Status != engine.Skipped || !strings.Contains(o.Reason, "the original gives ") || !strings.Contains(o.Reason, " for 1 of 4 scores") {
							t.Errorf("seed %d: %s: %s", o.Index, o.Status, o.Reason)
						}
					}
					if o.Trigger != nil && (o.Trigger.Kind != answer.OtherAnswer || corner(o.Trigger.Input)) {
						t.Errorf("seed %d: a trigger where the original gives no answer", o.Index)
					}
				}
				if l := report.Ledger; l.Skipped != skipped || l.Unusable != told {
					t.Errorf("%d skipped and %d unusable queries; expected %d and %d", l.Skipped, l.Unusable, skipped, told)
				}
				unusable += report.Ledger.Unusable
			})
		}
	}
	if unusable == 0 {
		t.Error("no query was unusable; expected that to be tested too")
	}
}

func TestStrictRefusesSeedsForWhichTheOriginalIsNotFinite(t *testing.T) {
	s := enginetest.Settings()
	s.Strict = true
	pair := enginetest.PairOf(enginetest.Failing(enginetest.Smooth.Predict, corner, enginetest.NaN), enginetest.Smooth.Moved(0.1).Predict)
	if _, err := engine.Search(t.Context(), pair, enginetest.PatternSeeds(24), s); !errors.Is(err, engine.ErrUnusableSeed) || !strings.Contains(err.Error(), "the original gives NaN for 1 of 4 scores") {
		t.Error(err)
	}
}

// bright is what only a search makes of enginetest.GreySeeds.
func bright(in input.Input) bool { return in.Data[5] > 200 }

func TestClosingInOnWhatIsNotFinite(t *testing.T) {
	// Nothing but NaN is to be found.
	s := engine.Settings{
		Strategy: strategies.BoundarySearch{}, Aim: distance.NearestLInf,
		Budget: engine.Budget{QueriesPerSeed: 200, ClosingQueriesPerSeed: 60},
	}
	predict := enginetest.Brightness(300)
	report := sameWhateverTheLayout(t, enginetest.PairOf(predict, enginetest.Failing(enginetest.Brightness(301), bright, enginetest.NaN)), enginetest.GreySeeds(8), s)
	for _, o := range report.Seeds {
		if o.Trigger == nil || o.Trigger.Kind != answer.NotFinite {
			t.Fatalf("seed %d: %+v", o.Index, o)
		}
		if v := o.Trigger.Input.Data[5]; v > 203 {
			t.Errorf("seed %d: value %g; expected one that is just above 200", o.Index, v)
		}
		if o.Trigger.Distance.LInf >= o.FirstHit.Distance.LInf || o.Queries > 100 {
			t.Errorf("seed %d: first hit %+v, then %+v after %d queries", o.Index, o.FirstHit.Distance, o.Trigger.Distance, o.Queries)
		}
		if h := o.Trigger.History; len(h) != 2 || h[1] != "closing in" {
			t.Errorf("seed %d: history %q", o.Index, h)
		}
	}
}

func TestWhatIsNotFiniteTakesThePlaceOfANearerTrigger(t *testing.T) {
	// Close to the boundary between the labels, where closing in goes, one of the pixels is too bright.
	seeds := enginetest.PatternSeeds(12)
	s := enginetest.ClosingSettings(100, nil)
	plain := enginetest.Search(t, enginetest.SmoothPair(), seeds, s)
	changed := func(in input.Input) bool { return in.Data[77] == 120 || in.Data[78] == 121 || in.Data[40] == 99 }
	report := sameWhateverTheLayout(t, enginetest.PairOf(enginetest.Smooth.Predict, enginetest.Failing(enginetest.Smooth.Moved(0.1).Predict, changed, enginetest.NaN)), seeds, s)
	later := 0
	for i, o := range report.Seeds {
		if o.Trigger.Kind == answer.NotFinite && o.FirstHit.Queries < o.Trigger.Queries && o.FirstHit.Queries == plain.Seeds[i].FirstHit.Queries {
			later++
		}
		if o.Status != engine.Triggered {
			t.Errorf("seed %d: %s", i, o.Status)
		}
	}
	if later == 0 {
		t.Errorf("no trigger became one that is not finite while closing in")
	}
}

func TestAModelThatIsNeverFiniteIsAnError(t *testing.T) {
	seeds := enginetest.GreySeeds(20)
	seed := func(in input.Input) bool { return in.Data[0] != in.Data[1] } // plain inputs are another matter
	for name, test := range map[string]struct {
		original, compressed model.PredictorFunc
		seeds                int
		want                 error
		says                 string
	}{
		"original":                {enginetest.Failing(enginetest.Brightness(120), enginetest.Everywhere, enginetest.NaN, enginetest.NaN), enginetest.Brightness(128), 20, engine.ErrNoUsableSeeds, `original model "at-120" gave NaN or infinity for all of 20 inputs (NaN for all of 2 scores of the first)`},
		"compressed":              {enginetest.Brightness(120), enginetest.Failing(enginetest.Brightness(128), enginetest.Everywhere, 0, enginetest.Infinity), 20, model.ErrBadScores, `compressed model "at-128" gave NaN or infinity for all of`},
		"two seeds":               {enginetest.Brightness(120), enginetest.Failing(enginetest.Brightness(128), enginetest.Everywhere, enginetest.NaN), 2, model.ErrBadScores, "compressed"},
		"both":                    {enginetest.Failing(enginetest.Brightness(120), enginetest.Everywhere, enginetest.NaN), enginetest.Failing(enginetest.Brightness(128), enginetest.Everywhere, enginetest.NaN), 20, model.ErrBadScores, "original"},
		"one seed says nothing":   {enginetest.Brightness(120), enginetest.Failing(enginetest.Brightness(128), enginetest.Everywhere, enginetest.NaN), 1, nil, ""},
		"by chance for all seeds": {enginetest.Brightness(120), enginetest.Failing(enginetest.Brightness(128), seed, enginetest.NaN), 20, nil, ""},
		"constant otherwise": {enginetest.Failing(enginetest.Failing(enginetest.Brightness(120), enginetest.Everywhere, 0.2, 0.8), func(in input.Input) bool { return in.Data[0] > 100 }, enginetest.NaN), enginetest.Brightness(128), 20,
			engine.ErrConstantOutput, "original"},
	} {
		t.Run(name, func(t *testing.T) {
			report, err := engine.Search(t.Context(), enginetest.PairOf(test.original, test.compressed), seeds[:test.seeds], enginetest.Settings())
			if !errors.Is(err, test.want) || err != nil && !strings.Contains(err.Error(), test.says) {
				t.Fatalf("error %v; expected %v that says %q", err, test.want, test.says)
			}
			if err == nil && report.NotFinite() != test.seeds {
				t.Errorf("%d triggers are not finite; expected %d", report.NotFinite(), test.seeds)
			}
		})
	}
}

func TestAnswersThatAreFiniteAloneAreNoTriggers(t *testing.T) {
	predict := enginetest.Brightness(128)
	crowded := func(ctx context.Context, batch []input.Input) ([][]float32, error) {
		if len(batch) > 1 {
			return enginetest.Failing(predict, enginetest.Everywhere, enginetest.NaN)(ctx, batch)
		}
		return predict(ctx, batch)
	}
	s := enginetest.Settings()
	s.Budget.QueriesPerSeed = 20
	report := enginetest.Search(t, enginetest.PairOf(enginetest.Brightness(120), crowded), enginetest.GreySeeds(6), s)
	if report.NotFinite() != 0 || report.Ledger.Skipped != 0 || report.Ledger.Unstable == 0 {
		t.Errorf("%d triggers are not finite; ledger %+v", report.NotFinite(), report.Ledger)
	}
}

func TestReplayOfWhatIsNotFinite(t *testing.T) {
	in := enginetest.GreySeeds(1)[0].Input
	e := model.Must(engine.Replay(t.Context(), enginetest.PairOf(enginetest.Brightness(120), enginetest.Failing(enginetest.Brightness(120), enginetest.Everywhere, enginetest.NaN)), []input.Input{in}, nil))
	if !e[0].Verdict.Deviates || e[0].Verdict.Kind != answer.NotFinite {
		t.Errorf("verdict %+v", e[0].Verdict)
	}
}

func TestEvaluatorTellsWhatIsNotFinite(t *testing.T) {
	grey := func(from, to float32) func(input.Input) bool {
		return func(in input.Input) bool { return in.Data[0] >= from && in.Data[0] < to }
	}
	pair := enginetest.PairOf(enginetest.Failing(enginetest.Brightness(120), grey(200, 256), enginetest.NaN), enginetest.Failing(enginetest.Brightness(128), grey(150, 210), enginetest.Infinity))
	for _, oracle := range []answer.Oracle{nil, exact{answer.Top1().(answer.Graded), t}, model.Must(answer.MinConfidence(1, nil)), answer.LabelOnly()} {
		e := evaluator(t, pair, engine.EvaluatorSettings{Oracle: oracle})
		var inputs []input.Input
		for _, g := range []uint8{10, 160, 205, 250} {
			inputs = append(inputs, flat(1, g)...)
		}
		judged := model.Must(e.Evaluate(t.Context(), inputs))
		var got []answer.Verdict
		for _, j := range judged {
			got = append(got, j.Verdict)
		}
		want := []answer.Verdict{{}, {Deviates: true, Kind: answer.NotFinite}, {Kind: answer.Unusable}, {Kind: answer.Unusable}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%v: %s", oracle, diff)
		}
		if err := e.Conclude(true); err != nil {
			t.Error(err)
		}
	}
	e := evaluator(t, enginetest.PairOf(enginetest.Brightness(120), enginetest.Failing(enginetest.Brightness(128), enginetest.Everywhere, enginetest.NaN)), engine.EvaluatorSettings{})
	model.Must(e.Evaluate(t.Context(), append(flat(1, 4), flat(1, 7)...)))
	if err := e.Conclude(true); !errors.Is(err, model.ErrBadScores) {
		t.Errorf("error %v; expected one about a model that is never finite", err)
	}
}

// A trigger is of the kind that its confirmation shows, alone.
func TestKindsThatDependOnTheCompany(t *testing.T) {
	deviating := enginetest.Smooth.Moved(0.1).Predict
	for name, test := range map[string]struct {
		together, alone model.PredictorFunc
		kind            answer.Kind
	}{
		"not finite together": {enginetest.Failing(deviating, corner, enginetest.NaN), deviating, answer.OtherAnswer},
		"not finite alone":    {deviating, enginetest.Failing(deviating, enginetest.Everywhere, enginetest.NaN), answer.NotFinite},
	} {
		t.Run(name, func(t *testing.T) {
			compressed := func(ctx context.Context, batch []input.Input) ([][]float32, error) {
				if len(batch) > 1 {
					return test.together(ctx, batch)
				}
				return test.alone(ctx, batch)
			}
			report := enginetest.Search(t, enginetest.PairOf(enginetest.Smooth.Predict, compressed), enginetest.PatternSeeds(16), enginetest.ClosingSettings(60, nil))
			n := 0
			for i := range report.Seeds {
				o := &report.Seeds[i]
				trigger := o.Trigger
				if trigger == nil {
					continue
				}
				if enginetest.FarBy(distance.MostAlike, trigger.Distance) > enginetest.FarBy(distance.MostAlike, o.FirstHit.Distance) {
					t.Errorf("seed %d: closing in led from %+v to %+v", i, o.FirstHit.Distance, trigger.Distance)
				}
				if n++; trigger.Kind != test.kind || trigger.Kind == answer.NotFinite == answer.Finite(trigger.Compressed.Scores) {
					t.Errorf("seed %d: kind %q of %v", trigger.SeedIndex, trigger.Kind, trigger.Compressed.Scores)
				}
			}
			if n < 8 {
				t.Errorf("%d triggers", n)
			}
		})
	}
}

// leap asks for white, several times at once, and is ready to close in.
type leap struct{}

func (leap) String() string { return "leap" }

func (leap) NewSearcher(task engine.Task) (engine.Searcher, error) {
	return leaping{task.Seed.Input}, nil
}

type leaping struct{ seed input.Input }

func (l leaping) Ask(limit int) []input.Input {
	var asked []input.Input
	for i := range min(limit, 3) {
		in := l.seed.Clone()
		for j := range in.Data {
			in.Data[j] = float32(255 - i)
		}
		asked = append(asked, in)
	}
	return asked
}

func (leaping) Tell([]engine.Evaluation) {}

func (leaping) CloseIn() bool { panic("there are no scores to close in by") }

func (leaping) History(i int) []string { return []string{fmt.Sprint("leap ", i)} }

// On the way back from what is not finite lies another deviation, which is not as bad.
func TestClosingInDoesNotLeadFromWhatIsNotFiniteToAnotherDeviation(t *testing.T) {
	pair := enginetest.PairOf(enginetest.Brightness(120), enginetest.Failing(enginetest.Brightness(190), bright, enginetest.NaN))
	s := engine.Settings{Strategy: leap{}, Budget: engine.Budget{QueriesPerSeed: 50, ClosingQueriesPerSeed: 40}, Aim: distance.NearestLInf}
	for _, trigger := range sameWhateverTheLayout(t, pair, enginetest.GreySeeds(9), s).Triggers() {
		if v := trigger.Input.Data[5]; trigger.Kind != answer.NotFinite || v < 201 || v > 203 {
			t.Errorf("seed %d: kind %q at value %g", trigger.SeedIndex, trigger.Kind, v)
		}
	}
	// Without more queries, a nearer one of those that were asked at once.
	s.Budget.ClosingQueriesPerSeed, s.Budget.QueriesPerSeed = 1, 3
	for _, trigger := range sameWhateverTheLayout(t, pair, enginetest.GreySeeds(9), s).Triggers() {
		if trigger.Input.Data[5] != 253 || !slices.Equal(trigger.History, []string{"leap 2"}) {
			t.Errorf("seed %d: value %g, history %q", trigger.SeedIndex, trigger.Input.Data[5], trigger.History)
		}
	}
}
