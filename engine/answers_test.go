package engine_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// spots answers with as many spots as an input has values above the threshold, at most four, and with their number.
func spots(name string, threshold float32) model.Answerer {
	return model.AnswerFunc(name, func(_ context.Context, batch []input.Input, dst []answer.Answer) ([]answer.Answer, error) {
		if cap(dst) < len(batch) {
			dst = make([]answer.Answer, len(batch))
		}
		dst = dst[:len(batch)]
		for i, in := range batch {
			a := &dst[i]
			a.Scores = a.Scores[:0]
			n := 0
			for j, v := range in.Data {
				if v > threshold && n < 4 {
					a.Scores = append(a.Scores, float32(j), v)
					n++
				}
			}
			if a.Outputs == nil {
				a.Outputs = []answer.Output{{Name: "spots", Shape: []int{0, 2}}, {Name: "count"}}
			}
			a.Outputs[0].Shape[0] = n
			a.Scores = append(a.Scores, float32(n))
		}
		return dst, nil
	})
}

// anotherCount deviates where the models see another number of spots.
type anotherCount struct{}

func (anotherCount) String() string { return "another number of spots" }

func (anotherCount) Judge(original, compressed answer.Answer) answer.Verdict {
	o, _, _ := original.Output("count")
	c, _, _ := compressed.Output("count")
	return answer.Verdict{Deviates: o[0] != c[0]}
}

func spotSearch(t *testing.T, change func(*engine.Settings)) *engine.Report {
	pair := model.Must(model.NewPair("", spots("fine", 110), spots("coarse", 118)))
	settings := engine.Settings{
		Strategy: strategies.RandomSearch{Mutators: []input.Mutator{enginetest.Shift{Most: 40}}},
		Oracle:   anotherCount{}, Budget: engine.Budget{QueriesPerSeed: 200},
	}
	if change != nil {
		change(&settings)
	}
	return enginetest.Search(t, pair, enginetest.GreySeeds(10), settings)
}

// Answers are of another shape for each input, and models write them into memory that is used again.
func TestNamedOutputsOfAnyNumberAreSearched(t *testing.T) {
	report := spotSearch(t, nil)
	triggers := report.Triggers()
	if len(triggers) == 0 {
		t.Fatal("no triggers")
	}
	for _, trigger := range triggers {
		o, oShape, _ := trigger.Original.Output("count")
		c, _, _ := trigger.Compressed.Output("count")
		spotsOf, shape, _ := trigger.Original.Output("spots")
		if o[0] == c[0] || len(oShape) != 0 || shape[0] != int(o[0]) || len(spotsOf) != 2*shape[0] {
			t.Errorf("trigger of %v and %v", trigger.Original, trigger.Compressed)
		}
		if trigger.OriginalLabel != answer.NoLabel || trigger.CompressedLabel != answer.NoLabel {
			t.Errorf("labels %d and %d of spots", trigger.OriginalLabel, trigger.CompressedLabel)
		}
	}
	canonical := model.Must(report.Canonical())
	for _, batch := range []int{1, 7} {
		again := spotSearch(t, func(s *engine.Settings) { s.BatchSize, s.Workers = batch, 3 })
		if diff := cmp.Diff(string(canonical), string(model.Must(again.Canonical()))); diff != "" {
			t.Errorf("batches of %d: %s", batch, diff)
		}
	}
}

func TestNamedOutputsInADistributedSearch(t *testing.T) {
	pair := model.Must(model.NewPair("", spots("fine", 110), spots("coarse", 118)))
	seeds := enginetest.GreySeeds(10)
	settings := engine.Settings{
		Strategy: strategies.RandomSearch{Mutators: []input.Mutator{enginetest.Shift{Most: 40}}}, Oracle: anotherCount{}, Budget: engine.Budget{QueriesPerSeed: 200},
	}
	want := model.Must(enginetest.Search(t, pair, seeds, settings).Canonical())
	screening, results := distribute(t, pair, seeds, settings, 1)
	for i, r := range results {
		results[i] = sent(t, r)
	}
	report, err := engine.Combine(screening, results...)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(model.Must(report.Canonical()))); diff != "" {
		t.Error(diff)
	}
}

func TestOraclesOfLabelsRefuseNamedOutputs(t *testing.T) {
	pair := model.Must(model.NewPair("", spots("fine", 110), spots("coarse", 118)))
	_, err := engine.Search(t.Context(), pair, enginetest.GreySeeds(3), engine.Settings{
		Strategy: strategies.RandomSearch{Mutators: []input.Mutator{enginetest.Shift{Most: 40}}}, Budget: engine.Budget{QueriesPerSeed: 20},
	})
	if !errors.Is(err, answer.ErrNoJudgement) || !strings.Contains(err.Error(), `models "fine" (original) and "coarse" (compressed): `) ||
		!strings.Contains(err.Error(), "found the outputs spots [0 2], count [] of both models") {
		t.Errorf("error %v", err)
	}
}

func TestAnswersThatAreNoneAreErrors(t *testing.T) {
	bad := func(name string, a ...answer.Answer) model.Answerer {
		return model.AnswerFunc(name, func(_ context.Context, batch []input.Input, dst []answer.Answer) ([]answer.Answer, error) {
			if len(a) != 1 {
				return a, nil
			}
			dst = dst[:0]
			for range batch {
				dst = append(dst, a[0])
			}
			return dst, nil
		})
	}
	for _, test := range []struct {
		model model.Answerer
		says  string
	}{
		{bad("bad", answer.Answer{Scores: answer.Scores{1}, Outputs: []answer.Output{{Name: "a", Shape: []int{2}}}}), `original model "bad": bad scores: output "a": expected the 2 numbers of shape [2], found 1`},
		{bad("bad"), "inputs, found 0"},
	} {
		pair := model.Must(model.NewPair("", test.model, spots("coarse", 118)))
		_, err := engine.Search(t.Context(), pair, enginetest.GreySeeds(3), engine.Settings{
			Strategy: strategies.RandomSearch{Mutators: []input.Mutator{enginetest.Shift{Most: 40}}}, Oracle: anotherCount{}, Budget: engine.Budget{QueriesPerSeed: 20},
		})
		if !errors.Is(err, model.ErrBadScores) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("error %v; expected %q", err, test.says)
		}
	}
}

// numbers is a model of plain numbers that are no class scores.
func numbers(name string, of func(mean float32) []float32) model.Predictor {
	return model.Func(name, func(_ context.Context, batch []input.Input) ([][]float32, error) {
		rows := make([][]float32, len(batch))
		for i, in := range batch {
			var sum float32
			for _, v := range in.Data {
				sum += v
			}
			rows[i] = of(sum / float32(len(in.Data)))
		}
		return rows, nil
	})
}

// What the engine knows of classes does not concern numbers that are none: no label is beyond them, none is misread or always the
// same, and no order is another one.
func TestNumbersThatAreNoClasses(t *testing.T) {
	within := model.Must(answer.Tolerance(answer.Relative(0.01, 1)))
	for name, test := range map[string]struct {
		original, compressed func(float32) []float32
	}{
		"one number":                   {func(m float32) []float32 { return []float32{m} }, func(m float32) []float32 { return []float32{m * 1.001} }},
		"negative ones":                {func(m float32) []float32 { return []float32{-m, -3, m} }, func(m float32) []float32 { return []float32{-m, -3.001, m} }},
		"a large one in another place": {func(m float32) []float32 { return []float32{m + 100, m, -m} }, func(m float32) []float32 { return []float32{m + 100.5, m, -m} }},
	} {
		t.Run(name, func(t *testing.T) {
			seeds := enginetest.GreySeeds(30)
			for i := range seeds {
				seeds[i].Label = 5 + i%7
			}
			pair := model.Must(model.NewPair("", numbers("o", test.original), numbers("c", test.compressed)))
			report, err := engine.Search(t.Context(), pair, seeds, engine.Settings{
				Strategy: strategies.Boundary(), Oracle: within, Budget: engine.Budget{QueriesPerSeed: 40},
			})
			if err != nil || len(report.Triggers()) > 0 || len(report.Warnings) > 0 || len(report.Misread()) > 0 {
				t.Errorf("error %v, %d triggers, warnings %q, %d misread", err, len(report.Triggers()), report.Warnings, len(report.Misread()))
			}
			if least, _, ok := report.Nearest(); !ok || !(least > 0 && least < 0.01) {
				t.Errorf("nearest %g, %t", least, ok)
			}
		})
	}
	// Numbers that would be classes in another order, were they scores.
	swapped := model.Must(model.NewPair("", numbers("o", func(m float32) []float32 { return []float32{m, -m} }), numbers("c", func(m float32) []float32 { return []float32{-m, m} })))
	report := enginetest.Search(t, swapped, enginetest.GreySeeds(30), engine.Settings{Strategy: strategies.Boundary(), Oracle: within, Budget: engine.Budget{QueriesPerSeed: 40}})
	if len(report.Triggers()) != 30 {
		t.Errorf("%d triggers", len(report.Triggers()))
	}
}

func TestNumbersThatSayNothing(t *testing.T) {
	within := model.Must(answer.Tolerance(answer.Absolute(1)))
	for name, test := range map[string]struct {
		original, compressed func(float32) []float32
		is                   error
	}{
		"always one":      {func(float32) []float32 { return []float32{1} }, func(m float32) []float32 { return []float32{1 + m/1e4} }, engine.ErrConstantOutput},
		"the same":        {func(m float32) []float32 { return []float32{m} }, func(m float32) []float32 { return []float32{m} }, engine.ErrIdenticalScores},
		"no number":       {func(m float32) []float32 { return nil }, func(m float32) []float32 { return []float32{m} }, model.ErrBadScores},
		"more of them":    {func(m float32) []float32 { return []float32{m} }, func(m float32) []float32 { return []float32{m, m} }, answer.ErrNoJudgement},
		"never finite":    {func(m float32) []float32 { return []float32{enginetest.NaN} }, func(m float32) []float32 { return []float32{m} }, model.ErrBadScores},
		"another and one": {func(m float32) []float32 { return make([]float32, 1+int(m)%2) }, func(m float32) []float32 { return []float32{m} }, model.ErrBadScores},
	} {
		pair := model.Must(model.NewPair("", numbers("o", test.original), numbers("c", test.compressed)))
		_, err := engine.Search(t.Context(), pair, enginetest.GreySeeds(30), engine.Settings{Strategy: strategies.Boundary(), Oracle: within, Budget: engine.Budget{QueriesPerSeed: 40}})
		if !errors.Is(err, test.is) {
			t.Errorf("%s: error %v; expected %v", name, err, test.is)
		}
	}
}

// Where a regressor gives no number, that is what its deviation says.
func TestNumbersThatAreNotFinite(t *testing.T) {
	pair := model.Must(model.NewPair("", numbers("o", func(m float32) []float32 { return []float32{m} }), numbers("c", func(m float32) []float32 {
		if m > 130 {
			return []float32{enginetest.NaN}
		}
		return []float32{m}
	})))
	report := enginetest.Search(t, pair, enginetest.GreySeeds(10), engine.Settings{
		Strategy: strategies.Boundary(), Oracle: model.Must(answer.Tolerance(answer.Absolute(1))), Budget: engine.Budget{QueriesPerSeed: 60, ClosingQueriesPerSeed: 20},
	})
	if len(report.Triggers()) < 5 {
		t.Errorf("%d triggers", len(report.Triggers()))
	}
	for _, trigger := range report.Triggers() {
		if trigger.Kind != answer.NotFinite || trigger.Deviation.To.Words != "NaN" || trigger.Deviation.Group != "not finite" || trigger.OriginalLabel != answer.NoLabel {
			t.Errorf("%+v", trigger.Labels)
		}
	}
}

// Distributed, a deviation in words comes to the same report.
func TestDeviationsInWordsInADistributedSearch(t *testing.T) {
	pair := model.Must(model.NewPair("", numbers("o", func(m float32) []float32 { return []float32{m} }), numbers("c", func(m float32) []float32 { return []float32{m + m*m/4000} })))
	seeds := enginetest.GreySeeds(10)
	settings := engine.Settings{Strategy: strategies.Boundary(), Oracle: model.Must(answer.Tolerance(answer.Absolute(5))), Budget: engine.Budget{QueriesPerSeed: 60}}
	report := enginetest.Search(t, pair, seeds, settings)
	if len(report.Triggers()) == 0 || report.Triggers()[0].Deviation.Group != "higher" {
		t.Fatalf("%d triggers", len(report.Triggers()))
	}
	screening, results := distribute(t, pair, seeds, settings, 1)
	for i, r := range results {
		results[i] = sent(t, r)
	}
	combined, err := engine.Combine(screening, results...)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(model.Must(report.Canonical())), string(model.Must(combined.Canonical()))); diff != "" {
		t.Error(diff)
	}
}

// Rows of Go functions that cannot be scores of classes are never taken for such: logits, embeddings, features, probabilities that each stand
// for themselves. Whoever asks for labels has to say so.
func TestRowsThatCannotBeScoresOfClasses(t *testing.T) {
	giving := func(name string, row func(x float32) []float32) model.Predictor {
		return model.Func(name, func(_ context.Context, batch []input.Input) ([][]float32, error) {
			rows := make([][]float32, len(batch))
			for i, in := range batch {
				rows[i] = row(in.Data[0] / 255)
			}
			return rows, nil
		})
	}
	embedding := func(x float32) []float32 { return []float32{x - 0.5, 0.25 - x/2, 0.25, -0.75} }
	sure := func(x float32) []float32 { return []float32{x, 1 - x, 0, 0} }
	var seeds input.SeedList
	for i := range 20 {
		seeds = append(seeds, input.Seed{Input: model.Must(input.NewImage(1, 1, 1, []uint8{uint8(10 * i)})), Label: input.Unlabelled})
	}
	for _, test := range []struct {
		reason               string
		original, compressed model.Predictor
		oracle               answer.Oracle
		says                 string // "" where it is searched
	}{
		{"an embedding", giving("a", embedding), giving("b", embedding), nil, "original model \"a\": answers that the oracle cannot judge: oracle top-1 compares labels: expected scores of classes, from 0 to 1, that sum to 1, found 4 numbers from -0.75 to 0.25 that sum to -0.75; model.Softmax makes scores of logits"},
		{"of the compressed model", giving("a", sure), giving("b", embedding), nil, "compressed model \"b\": "},
		{"several labels", giving("a", func(x float32) []float32 { return []float32{x, 1 - x, 0.75, 1} }), giving("b", sure), nil, "that sum to 2.75"},
		{"features", giving("a", func(x float32) []float32 { return []float32{3 * x, 7.5 * (1 - x), 1} }), giving("b", func(x float32) []float32 { return []float32{1, 0, 0} }), nil, "found 3 numbers from 0 to 7.5"},
		{"a stricter oracle", giving("a", embedding), giving("b", embedding), model.Must(answer.MinGap(0.5, nil)), "compares labels"},
		{"another oracle", giving("a", embedding), giving("b", sure), model.Must(answer.Tolerance(answer.Absolute(0.001))), ""},
		{"labels alone", giving("a", embedding), giving("b", sure), answer.LabelOnly(), ""},
		{"logits, as scores", model.Softmax(giving("a", embedding)), giving("b", sure), nil, ""},
		{"what is said to be scores", model.AsScores(giving("a", embedding)), giving("b", sure), nil, ""},
	} {
		t.Run(test.reason, func(t *testing.T) {
			pair := model.Must(model.NewPair("p", test.original, test.compressed))
			_, err := engine.Search(t.Context(), pair, seeds, engine.Settings{Strategy: strategies.Random(), Oracle: test.oracle, Budget: engine.Budget{QueriesPerSeed: 5}})
			if refused := errors.Is(err, answer.ErrNoJudgement); refused != (test.says != "") || refused && !strings.Contains(err.Error(), test.says) {
				t.Errorf("search: error %v; expected %q", err, test.says)
			}
			_, err = engine.Replay(t.Context(), pair, []input.Input{seeds[0].Input}, test.oracle)
			if (err != nil) != (test.says != "") || err != nil && !strings.Contains(err.Error(), test.says) && test.reason != "features" {
				t.Errorf("replay: error %v; expected %q", err, test.says)
			}
		})
	}
}
