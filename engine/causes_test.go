package engine_test

import (
	"bytes"
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/minimize"
	"github.com/triggerfinder/triggerfinder/model"
)

// shipped is a pair by way of a converted model: from 120 to 123 the conversion makes a deviation, from 123 to 128 the compression does.
func shipped(t testing.TB, converted model.Predictor) *model.Pair {
	t.Helper()
	return chainOf(t, model.Func("original", enginetest.Brightness(120)), engine.Conversion.To(converted), engine.Compression.To(model.Func("shipped", enginetest.Brightness(128))))
}

func converted() model.Predictor { return model.Func("converted", enginetest.Brightness(123.01)) }

func chainOf(t testing.TB, original model.Predictor, steps ...model.Step) *model.Pair {
	t.Helper()
	pair, err := model.NewChain("shipped", original, steps...)
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

func causedBy(s engine.Settings, causes ...model.Cause) engine.Settings {
	s.CausedBy = causes
	return s
}

func brightnessOf(in input.Input) (sum float64) {
	for _, v := range in.Data {
		sum += float64(v)
	}
	return sum / float64(len(in.Data))
}

// checkCause holds a trigger of the pair shipped against what is known of its models.
func checkCause(t *testing.T, trigger *engine.Trigger) model.Cause {
	t.Helper()
	want := engine.Compression
	if brightnessOf(trigger.Input) <= 123.01 {
		want = engine.Conversion
	}
	steps := trigger.Steps
	if len(steps) != 2 || steps.String() != string(want) || steps[0].Deviates != (want == engine.Conversion) || steps[1].Deviates != (want == engine.Compression) ||
		steps[0].Cause != engine.Conversion || steps[0].Model != "converted" || steps[1].Cause != engine.Compression || steps[1].Model != "shipped" {
		t.Errorf("seed %d, mean %g: found %+v, expected %s", trigger.SeedIndex, brightnessOf(trigger.Input), steps, want)
	}
	for _, s := range steps {
		if s.Deviates && (s.Deviation.From.Label != 1 || s.Deviation.To.Label != 0) {
			t.Errorf("seed %d: step %s tells %s", trigger.SeedIndex, s.Cause, s.Deviation.In(nil))
		}
	}
	return want
}

func TestTriggersAreTracedToTheirStep(t *testing.T) {
	between := &enginetest.Counting{PredictorFunc: enginetest.Brightness(123.01)}
	pair := shipped(t, between)
	r := enginetest.Search(t, pair, enginetest.GreySeeds(30), enginetest.Settings())
	plain := enginetest.Search(t, enginetest.BrightnessPair(), enginetest.GreySeeds(30), enginetest.Settings())
	if len(r.Triggers()) < 10 || len(r.Triggers()) != len(plain.Triggers()) || r.Ledger.Queries != plain.Ledger.Queries {
		t.Fatalf("found %d triggers in %d queries, without a chain %d in %d", len(r.Triggers()), r.Ledger.Queries, len(plain.Triggers()), plain.Ledger.Queries)
	}
	if n := int(between.Inputs.Load()); n != len(r.Triggers()) || r.Ledger.Between != n {
		t.Errorf("the model between was asked %d times, for %d triggers; the ledger says %d", n, len(r.Triggers()), r.Ledger.Between)
	}
}

func TestCausesAreCounted(t *testing.T) {
	r := enginetest.Search(t, shipped(t, converted()), enginetest.GreySeeds(30), enginetest.Settings())
	counts := map[model.Cause]int{}
	for _, trigger := range r.Triggers() {
		counts[checkCause(t, trigger)]++
	}
	found := engine.CountCauses(r.Triggers())
	if len(found) != 2 || found[0].N < found[1].N || found[0].N+found[1].N != len(r.Triggers()) {
		t.Fatalf("found %v", found)
	}
	for _, c := range found {
		if len(c.Causes) != 1 || counts[c.Causes[0]] != c.N {
			t.Errorf("found %s, expected %v", c, counts)
		}
	}
	if found := engine.CountCauses(enginetest.Search(t, enginetest.BrightnessPair(), enginetest.GreySeeds(10), enginetest.Settings()).Triggers()); found != nil {
		t.Errorf("a pair of two models has the causes %v", found)
	}
	if r.Causes == nil || r.Between[0].Name != "converted" || r.CausedBy != nil || r.Ledger.OtherCauses != 0 || r.Apart() != nil {
		t.Errorf("found %+v", r)
	}
}

func TestASearchForOneCauseGoesOnBehindOthers(t *testing.T) {
	seeds := enginetest.GreySeeds(30)
	seeds[3].Input = model.Must(input.NewImage(4, 4, 1, bytes.Repeat([]byte{122}, 16))) // deviates itself, by the conversion
	seeds[4].Input = model.Must(input.NewImage(4, 4, 1, bytes.Repeat([]byte{126}, 16))) // and by the compression
	for _, cause := range []model.Cause{engine.Conversion, engine.Compression} {
		r := enginetest.Search(t, shipped(t, converted()), seeds, causedBy(enginetest.Settings(), cause))
		if len(r.Triggers()) < 10 {
			t.Errorf("%s: found %d triggers", cause, len(r.Triggers()))
		}
		for _, trigger := range r.Triggers() {
			if found := checkCause(t, trigger); found != cause {
				t.Errorf("%s: found a trigger by %s", cause, found)
			}
		}
		if r.Ledger.OtherCauses < 5 || len(r.Apart()) < 5 || !slices.Equal(r.CausedBy, []model.Cause{cause}) {
			t.Errorf("%s: %d hits of the other one, %d kept", cause, r.Ledger.OtherCauses, len(r.Apart()))
		}
		sum := 0
		for i, o := range r.Seeds {
			sum += o.OtherCauses
			if (o.OtherCauses > 0) != (o.Apart != nil) {
				t.Errorf("%s: seed %d: %d hits of the other one, kept %v", cause, i, o.OtherCauses, o.Apart)
			}
			if o.Apart != nil && checkCause(t, o.Apart) == cause {
				t.Errorf("%s: seed %d: kept apart, but of this cause", cause, i)
			}
			enginetest.CheckOutcome(t, causedBy(enginetest.Settings(), cause), seeds[i].Input, o)
		}
		if sum != r.Ledger.OtherCauses {
			t.Errorf("%s: seeds have %d hits of the other one, the ledger %d", cause, sum, r.Ledger.OtherCauses)
		}
		if at := map[model.Cause]int{engine.Conversion: 3, engine.Compression: 4}[cause]; r.Seeds[at].Queries != 0 || r.Seeds[7-at].Queries == 0 {
			t.Errorf("%s: seeds that deviate themselves took %d and %d queries", cause, r.Seeds[3].Queries, r.Seeds[4].Queries)
		}
	}
}

func TestSearchesForACauseAreTheSameHoweverTheyAreLaidOut(t *testing.T) {
	seeds := enginetest.PatternSeeds(30)
	pair := chainOf(t, model.Func("a", enginetest.Smooth.Predict), engine.Conversion.To(model.Func("b", enginetest.Smooth.Moved(0.05).Predict)), engine.Compression.To(model.Func("c", enginetest.Smooth.Moved(0.1).Predict)))
	for _, causes := range [][]model.Cause{nil, {engine.Compression}} {
		settings := causedBy(enginetest.ClosingSettings(40, func(s *engine.Settings) { s.KeepInputs = 7 }), causes...)
		var first []byte
		for _, layout := range []struct{ batch, workers int }{{32, 1}, {1, 1}, {7, 3}} {
			s := settings
			s.BatchSize, s.Workers = layout.batch, layout.workers
			whole := canonical(t, enginetest.Search(t, pair, seeds, s))
			if first == nil {
				first = whole
			}
			if !bytes.Equal(whole, first) {
				t.Errorf("causes %v: another report with %+v", causes, layout)
			}
		}
		if !bytes.Contains(first, []byte(`"steps"`)) || bytes.Contains(first, []byte(`"apart"`)) != (causes != nil) {
			t.Errorf("causes %v: expected steps, and triggers apart where causes are asked for", causes)
		}
		screening, results := distribute(t, pair, seeds, settings, 2)
		combined, err := engine.Combine(sent(t, screening), results...)
		if err != nil || !bytes.Equal(canonical(t, combined), first) {
			t.Errorf("causes %v: distributed: another report, error %v", causes, err)
		}
		settings.KeepInputs = 0
		whole := canonical(t, enginetest.Search(t, pair, seeds, settings))
		merged, err := engine.Merge(enginetest.Shards(t, pair, seeds, settings, 3)...)
		if err != nil || !bytes.Equal(canonical(t, merged), whole) {
			t.Errorf("causes %v: shards: another report, error %v", causes, err)
		}
	}
}

func TestPartsOfSearchesForOtherCausesAreNotPutTogether(t *testing.T) {
	pair, seeds, s := shipped(t, converted()), enginetest.GreySeeds(9), enginetest.Settings()
	part := func(pair *model.Pair, i int, causes ...model.Cause) *engine.Report {
		s := causedBy(s, causes...)
		s.Shard = engine.Shard{Index: i, Total: 2}
		return enginetest.Search(t, pair, seeds, s)
	}
	for want, parts := range map[string][]*engine.Report{
		"cause: compression and any":                              {part(pair, 0, engine.Compression), part(pair, 1)},
		"steps: conversion and compression and x and compression": {part(pair, 0), part(chainOf(t, model.Func("original", enginetest.Brightness(120)), model.Cause("x").To(converted()), engine.Compression.To(pair.Compressed())), 1)},
		"intermediate model: converted and another":               {part(pair, 0), part(shipped(t, model.Func("another", enginetest.Brightness(123.01))), 1)},
	} {
		if _, err := engine.Merge(parts...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("found %v, expected %q", err, want)
		}
	}
	screening := model.Must(engine.Screen(t.Context(), pair, seeds, causedBy(s, engine.Compression)))
	if _, err := engine.NewSeedSearch(t.Context(), pair, screening, s); err == nil || !strings.Contains(err.Error(), "cause: compression and any") {
		t.Errorf("found %v", err)
	}
}

// says gives the same row for everything.
func says(name string, row ...float32) model.Predictor {
	return model.AsScores(model.Func(name, func(_ context.Context, batch []input.Input) ([][]float32, error) {
		rows := make([][]float32, len(batch))
		for i := range rows {
			rows[i] = slices.Clone(row)
		}
		return rows, nil
	}))
}

func TestWhatTheStepsOfADeviationAre(t *testing.T) {
	tolerance := model.Must(answer.ScoreTolerance(0.25))
	nan := float32(math.NaN())
	in := []input.Input{model.Must(input.NewImage(1, 1, 1, []uint8{1}))}
	for name, test := range map[string]struct {
		oracle  answer.Oracle
		a, b, c model.Predictor
		causes  string
		tells   [2]string // of both steps
	}{
		"the first":   {nil, says("a", 1, 0, 0), says("b", 0, 1, 0), says("c", 0, 0.9, 0.1), "conversion", [2]string{"class 0 → class 1", ""}},
		"the second":  {nil, says("a", 1, 0, 0), says("b", 0.9, 0.1, 0), says("c", 0, 1, 0), "compression", [2]string{"", "class 0 → class 1"}},
		"both":        {nil, says("a", 1, 0, 0), says("b", 0, 1, 0), says("c", 0, 0, 1), "conversion and compression", [2]string{"class 0 → class 1", "class 1 → class 2"}},
		"none alone":  {tolerance, says("a", 0.1, 0), says("b", 0.3, 0), says("c", 0.5, 0), "no step alone", [2]string{}},
		"a tie":       {nil, says("a", 1, 0, 0), says("b", 0.5, 0.5, 0), says("c", 0, 1, 0), "no step alone", [2]string{}},
		"by numbers":  {tolerance, says("a", 0.1, 0), says("b", 0.2, 0), says("c", 0.5, 0), "compression", [2]string{"", "0.2 (number 1 of 2) → 0.5"}},
		"not finite":  {nil, says("a", 1, 0), says("b", 0.9, 0.1), says("c", nan, 0), "compression", [2]string{"", "class 0 → not finite"}},
		"NaN between": {nil, says("a", 1, 0), says("b", nan, 0), says("c", 0, 1), "conversion", [2]string{"class 0 → not finite", ""}},
	} {
		pair := chainOf(t, test.a, engine.Conversion.To(test.b), engine.Compression.To(test.c))
		e, err := engine.Replay(t.Context(), pair, in, test.oracle)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		steps := e[0].Steps
		if !e[0].Verdict.Deviates || steps.String() != test.causes {
			t.Errorf("%s: found %q in %+v, expected %q", name, steps, steps, test.causes)
		}
		for i, want := range test.tells {
			tells := ""
			if steps[i].Deviates {
				tells = steps[i].Deviation.In(nil)
			}
			if !strings.Contains(tells, want) || want == "" && tells != "" {
				t.Errorf("%s: step %d tells %q, expected %q", name, i+1, tells, want)
			}
		}
		if steps[0].Tied || steps[1].Tied != (name == "a tie") { // the first label of the tie is that of the original
			t.Errorf("%s: tied %t and %t", name, steps[0].Tied, steps[1].Tied)
		}
		if name == "NaN between" && (steps[0].Kind != answer.NotFinite || steps[1].Kind != answer.Unusable) {
			t.Errorf("%s: kinds %q and %q", name, steps[0].Kind, steps[1].Kind)
		}
		if !steps.By(steps.Causes()[0], "another") || steps.By("another") || steps.By() {
			t.Errorf("%s: By", name)
		}
		judged, err := evaluator(t, pair, engine.EvaluatorSettings{Oracle: test.oracle}).Evaluate(t.Context(), in)
		if err != nil || judged[0].Steps.String() != test.causes {
			t.Errorf("%s: the evaluator found %q, error %v", name, judged[0].Steps, err)
		}
	}
	agreeing := chainOf(t, says("a", 1, 0), engine.Conversion.To(says("b", 0, 1)), engine.Compression.To(says("c", 0.9, 0.1)))
	if e, err := engine.Replay(t.Context(), agreeing, in, nil); err != nil || e[0].Steps != nil {
		t.Errorf("no deviation: found %+v, error %v", e, err)
	}
}

func TestMoreStepsThanTwo(t *testing.T) {
	pair := chainOf(t, says("a", 1, 0, 0), engine.Conversion.To(says("b", 0.9, 0.1, 0)), engine.Compression.To(says("d", 0.8, 0.2, 0)), engine.RuntimeSetting.To(says("c", 0, 1, 0)))
	e := model.Must(engine.Replay(t.Context(), pair, []input.Input{model.Must(input.NewImage(1, 1, 1, []uint8{1}))}, nil))
	if s := e[0].Steps; s.String() != "runtime setting" || len(s) != 3 || s[1].Model != "d" {
		t.Errorf("found %+v", s)
	}
}

func TestAConverseOfNoStepAlone(t *testing.T) {
	pair := chainOf(t, model.Func("a", enginetest.Brightness(120)), engine.Conversion.To(model.Func("b", enginetest.Brightness(124))), engine.Compression.To(model.Func("c", enginetest.Brightness(128))))
	s := causedBy(enginetest.Settings(), engine.NoStepAlone)
	s.Oracle = model.Must(answer.ScoreTolerance(0.12))
	r, err := engine.Search(t.Context(), pair, enginetest.GreySeeds(20), s)
	if err != nil || len(r.Triggers()) == 0 {
		t.Fatalf("found %v", err)
	}
	for _, trigger := range r.Triggers() {
		if trigger.Steps.String() != "no step alone" {
			t.Errorf("found %s", trigger.Steps)
		}
	}
}

func TestCausesThatCannotBeAskedFor(t *testing.T) {
	file := func(sum string, threshold float64) model.Predictor {
		return saved{enginetest.Brightness(threshold), model.Description{Name: sum, File: sum, SHA256: strings.Repeat(sum, 64), Settings: map[string]string{"runtime": "R"}}}
	}
	for name, test := range map[string]struct {
		pair   *model.Pair
		causes []model.Cause
		is     error
		want   string
	}{
		"no chain": {enginetest.BrightnessPair(), []model.Cause{engine.Compression}, nil,
			"caused by compression: expected a pair of which the models in between are known, made by model.NewChain, found pair brightness of two models alone"},
		"another cause": {shipped(t, converted()), []model.Cause{engine.Compression, engine.RuntimeSetting}, nil,
			`expected a cause of pair shipped, whose steps are conversion and compression, found "runtime setting"`},
		"a name that is taken": {chainOf(t, file("a", 120), engine.NoStepAlone.To(file("b", 123)), engine.Compression.To(file("c", 128))), nil, nil, `step "no step alone": expected another name`},
		"a step that is none":  {chainOf(t, file("a", 120), engine.Conversion.To(file("b", 123)), engine.Compression.To(file("b", 123))), nil, engine.ErrSameModel, "step compression: original and compressed are the same model"},
		"no first step":        {chainOf(t, file("a", 120), engine.Conversion.To(file("a", 120)), engine.Compression.To(file("b", 128))), nil, engine.ErrSameModel, "step conversion"},
		"other classes":        {shipped(t, says("between", 0.5, 0.3, 0.2)), nil, answer.ErrNoJudgement, `step conversion: models "original" and "between": `},
		"no classes": {shipped(t, model.Func("between", func(_ context.Context, batch []input.Input) ([][]float32, error) {
			return slices.Repeat([][]float32{{3, 9}}, len(batch)), nil
		})), nil, nil, `step conversion: intermediate model "between"`},
		"one that fails": {shipped(t, model.Func("between", func(context.Context, []input.Input) ([][]float32, error) { return nil, errors.New("out of order") })), []model.Cause{engine.Compression}, nil,
			`intermediate model "between": out of order`},
	} {
		_, err := engine.Search(t.Context(), test.pair, enginetest.GreySeeds(10), causedBy(enginetest.Settings(), test.causes...))
		if err == nil || !strings.Contains(err.Error(), test.want) || test.is != nil && !errors.Is(err, test.is) {
			t.Errorf("%s: found %v, expected %q", name, err, test.want)
		}
	}
}

func TestMinimisedTriggersKeepTheirCause(t *testing.T) {
	pair := shipped(t, converted())
	s := causedBy(enginetest.Settings(), engine.Compression)
	refined := 0
	s.Refine = func(ctx context.Context, trigger *engine.Trigger) (*engine.Trigger, error) {
		small, err := minimize.Trigger(ctx, pair, trigger, minimize.Settings{Queries: 200})
		if small.Smaller() {
			refined++
		}
		return small.Trigger, err
	}
	r := enginetest.Search(t, pair, enginetest.GreySeeds(20), s)
	if refined < 5 {
		t.Errorf("%d triggers became smaller", refined)
	}
	for _, trigger := range r.Triggers() {
		if checkCause(t, trigger) != engine.Compression {
			t.Errorf("found a trigger by %s", trigger.Steps)
		}
	}
	// One of another cause is a mistake.
	s.Refine = func(_ context.Context, trigger *engine.Trigger) (*engine.Trigger, error) {
		other := *trigger
		other.Input = trigger.Input.Clone()
		for i := range other.Input.Data {
			other.Input.Data[i] = 122
		}
		other.ID = other.Input.ID()
		return &other, nil
	}
	if _, err := engine.Search(t.Context(), pair, enginetest.GreySeeds(20), s); err == nil || !strings.Contains(err.Error(), "Refine: expected a trigger caused by compression, found one by") {
		t.Errorf("found %v", err)
	}
}

func TestASeedThatIsNotFiniteByAnotherCauseIsSkipped(t *testing.T) {
	bad := func(in input.Input) bool { return in.Data[0] == 7 }
	seeds := enginetest.GreySeeds(20)
	pixels := bytes.Repeat([]byte{90}, 16)
	pixels[0] = 7
	seeds[2].Input = model.Must(input.NewImage(4, 4, 1, pixels))
	pair := chainOf(t, model.Func("original", enginetest.Brightness(120)), engine.Conversion.To(model.Func("converted", enginetest.Failing(enginetest.Brightness(123.01), bad, enginetest.NaN))),
		engine.Compression.To(model.Func("shipped", enginetest.Failing(enginetest.Brightness(128), bad, enginetest.NaN))))
	r := enginetest.Search(t, pair, seeds, causedBy(enginetest.Settings(), engine.Compression))
	if o := r.Seeds[2]; o.Status != engine.Skipped || !strings.Contains(o.Reason, "caused by conversion") || o.Apart == nil {
		t.Errorf("found %+v", o)
	}
}

// A model between that answers otherwise in company than alone: what it says alone decides.
func TestCausesAreConfirmedAlone(t *testing.T) {
	moody := model.Func("converted", func(ctx context.Context, batch []input.Input) ([][]float32, error) {
		if len(batch) > 1 {
			return enginetest.Brightness(200)(ctx, batch) // blames the conversion for everything
		}
		return enginetest.Brightness(123.01)(ctx, batch)
	})
	pair := shipped(t, moody)
	for _, cause := range []model.Cause{engine.Conversion, engine.Compression} {
		r, err := engine.Search(t.Context(), pair, enginetest.GreySeeds(30), causedBy(enginetest.Settings(), cause))
		if err != nil || len(r.Triggers()) == 0 || r.Ledger.OtherCauses == 0 {
			t.Fatalf("%s: %d triggers, %d hits of other causes, error %v", cause, len(r.Triggers()), r.Ledger.OtherCauses, err)
		}
		for _, trigger := range append(r.Triggers(), r.Apart()...) {
			checkCause(t, trigger)
		}
		for _, trigger := range r.Triggers() {
			if !trigger.Steps.By(cause) {
				t.Errorf("%s: found a trigger by %s", cause, trigger.Steps)
			}
			small, err := minimize.Trigger(t.Context(), pair, trigger, minimize.Settings{Queries: 100})
			if err != nil || checkCause(t, small.Trigger) != cause {
				t.Errorf("%s: minimised to one by %s, error %v", cause, small.Trigger.Steps, err)
			}
		}
	}
}
