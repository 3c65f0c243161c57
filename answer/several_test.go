package answer_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/model"
	"pgregory.net/rapid"
)

// A picture may have several tags, each with a threshold of its own.
func ExampleSeveralLabels() {
	tags := model.Must(answer.SeveralLabels(answer.LabelThresholds{At: []float64{0.5, 0.5, 0.8}, Names: []string{"cat", "dog", "indoors"}}))
	original, compressed := answer.Of(0.7, 0.4, 0.9), answer.Of(0.3, 0.6, 0.85)
	fmt.Println(tags.Judge(original, compressed).Deviates)
	fmt.Println(answer.DeviationOf(tags, original, compressed).In(nil))
	// Output:
	// true
	// cat, indoors → +dog, -cat
}

func shapedAs(name string, shape []int, values ...float32) answer.Answer {
	return answer.Answer{Scores: values, Outputs: []answer.Output{{Name: name, Shape: shape}}}
}

func TestSeveralLabels(t *testing.T) {
	make := func(l answer.LabelThresholds) answer.Oracle { return model.Must(answer.SeveralLabels(l)) }
	plain, each := make(answer.LabelThresholds{}), make(answer.LabelThresholds{At: []float64{0.5, 0.25, 0.75}, Names: []string{"cat", "dog", "car"}})
	logits := make(answer.LabelThresholds{Logits: true, Names: []string{"cat", "dog"}})
	long := make(answer.LabelThresholds{})
	runOracleCases(t, []oracleCase{
		{"the same labels", plain, answer.Of(0.25, 0.75, 0.875), answer.Of(0.375, 0.625, 1), 0.125, "", ""},
		{"on the threshold it holds", plain, answer.Of(0.5), answer.Of(0.75), 1e-9, "", ""},
		{"one comes", plain, answer.Of(0.25, 0.75), answer.Of(0.625, 0.75), 0, "class 1 → +class 0", "+class 0"},
		{"one goes and nothing is left", plain, answer.Of(0.75, 0.25), answer.Of(0.25, 0.25), 0, "class 0 → -class 0", "-class 0"},
		{"from nothing", plain, answer.Of(0.25), answer.Of(0.75), 0, "no label → +class 0", "+class 0"},
		{"a threshold for each", each, answer.Of(0.25, 0.25, 0.5), answer.Of(0.25, 0.375, 0.625), 1e-9, "", ""},
		{"their names", each, answer.Of(0.625, 0.125, 0.875), answer.Of(0.375, 0.25, 0.875), 0, "cat, car → +dog, -cat", "+dog -cat"},
		{"more flips than a sort names", each, answer.Of(0, 0, 0), answer.Of(1, 1, 1), 0, "no label → +cat, +dog, +car", "3 labels"},
		{"logits", logits, answer.Of(-2, 3), answer.Of(-1, 3), 1, "", ""},
		{"logits that flip", logits, answer.Of(-2, 3), answer.Of(1, 3), 0, "dog → +cat", "+cat"},
		{"logits at a score", make(answer.LabelThresholds{Logits: true, At: []float64{0.9}}), answer.Of(2), answer.Of(2.5), 0, "no label → +class 0", "+class 0"},
		{"not far enough apart", make(answer.LabelThresholds{Apart: 0.5}), answer.Of(0.375), answer.Of(0.625), 0.25, "", ""},
		{"labels of several rows", make(answer.LabelThresholds{At: []float64{0.5, 0.75}, Names: []string{"cat", "dog"}, Output: "tags"}),
			shapedAs("tags", []int{1, 2, 2}, 1, 0, 0, 0), shapedAs("tags", []int{1, 2, 2}, 1, 0.625, 0, 1), 0, "cat (row 1) → +dog (row 2)", "+dog"},
		{"more than are listed", long, answer.Of(1, 1, 1, 1, 1, 1, 1, 1), answer.Of(0, 1, 1, 1, 1, 1, 1, 1), 0,
			"class 0, class 1, class 2, class 3, class 4, class 5, 2 more → -class 0", "-class 0"},
	})
	runRefusals(t, []refusal{
		{plain, answer.Of(1), answer.Of(1, 0), "oracle labels 0.5: expected as many numbers of both models"},
		{each, answer.Of(1, 0), answer.Of(1, 0), "expected as many labels as thresholds, 3, found 2 in 2 numbers"},
		{logits, answer.Of(1, 0, 1), answer.Of(1, 0, 1), "expected as many labels as names, 2, found 3 in 3 numbers"},
		{plain, answer.Of(1, 0.5), answer.Of(1, -4.5), "expected scores from 0 to 1, as the threshold 0.5 is one, found -4.5; LabelThresholds.Logits reads logits"},
		{plain, priced(1, 1, 2), priced(1, 1, 2), "expected the name of an output, as there are several"},
	})
	checkAllocations(t, each, answer.Of(0.25, 0.25, 0.5), answer.Of(0.25, 0.375, 0.625))
	nan := float32(math.NaN())
	if v := answer.Judge(plain, answer.Of(1, 0), answer.Of(nan, 0)); !v.Deviates || v.Kind != answer.NotFinite {
		t.Errorf("NaN: %+v", v)
	}
	for _, bad := range []struct {
		l    answer.LabelThresholds
		says string
	}{
		{answer.LabelThresholds{At: []float64{}}, "expected at least one threshold, found none"},
		{answer.LabelThresholds{At: []float64{math.Inf(1)}}, "expected thresholds that are numbers, found +Inf"},
		{answer.LabelThresholds{At: []float64{1}, Logits: true}, "expected thresholds above 0 and below 1 for the sigmoids of logits, found 1"},
		{answer.LabelThresholds{At: []float64{0.1, 0.2}, Names: []string{"a"}}, "expected a threshold for each label, found 2 and 1 names"},
		{answer.LabelThresholds{Apart: math.NaN()}, "expected to be apart by 0 or more, found NaN"},
	} {
		if _, err := answer.SeveralLabels(bad.l); err == nil || !strings.HasPrefix(err.Error(), "answer: SeveralLabels: ") || !strings.Contains(err.Error(), bad.says) {
			t.Errorf("%+v: error %v; expected %q", bad.l, err, bad.says)
		}
	}
}

func TestGradesOfSeveralLabels(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 5).Draw(t, "n")
		row := rapid.SliceOfN(rapid.OneOf(rapid.Float32Range(0, 1), rapid.SampledFrom([]float32{0, 0.25, 0.5, 1})), n, n)
		oracle := model.Must(answer.SeveralLabels(answer.LabelThresholds{
			At:    rapid.SliceOfN(rapid.SampledFrom([]float64{0.25, 0.5}), n, n).Draw(t, "at"),
			Apart: rapid.SampledFrom([]float64{0, 0.25}).Draw(t, "apart"), Logits: rapid.Bool().Draw(t, "logits"),
		}))
		checkGrades(t, oracle, answer.Of(row.Draw(t, "original")...), answer.Of(row.Draw(t, "compressed")...))
	})
}

// checkMargins holds the margins of a decider, and what it measures, against its judgement.
func checkMargins(t *rapid.T, oracle answer.Oracle, original, compressed, reference answer.Answer) {
	deviates := oracle.Judge(original, compressed).Deviates
	if m := answer.MeasuredOf(oracle); m != nil {
		if e := m.Excess(original, compressed); math.IsNaN(e) || math.IsInf(e, 0) || e > 0 != deviates {
			t.Fatalf("%v: excess %g; deviates: %t", oracle, e, deviates)
		}
	}
	d := answer.DeciderOf(oracle)
	if d == nil {
		return
	}
	o, c := d.Margin(original, reference), d.Margin(compressed, reference)
	if math.IsNaN(o) || math.IsInf(o, 0) || math.IsNaN(c) || math.IsInf(c, 0) || (o > 0 && c < 0 || o < 0 && c > 0) && !deviates {
		t.Fatalf("%v: margins %g and %g by %v; deviates: %t", oracle, o, c, reference, deviates)
	}
	if self := d.Margin(reference, reference); self < 0 {
		t.Fatalf("%v: %v is %g from deciding as itself", oracle, reference, self)
	}
}

func TestMarginsOfLimits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 3).Draw(t, "n")
		row := rapid.SliceOfN(rapid.OneOf(rapid.Float32Range(0, 1), rapid.SampledFrom([]float32{0.25, 0.5})), n, n)
		// The answers of a model are all distributions, where the second of two numbers decides alone, or none is.
		kind := func(a answer.Answer) bool { return n != 2 || !answer.Distribution(a.Scores) }
		one := rapid.Custom(func(t *rapid.T) answer.Answer { return answer.Of(row.Draw(t, "row")...) })
		if n == 2 && rapid.Bool().Draw(t, "binary") {
			kind = func(answer.Answer) bool { return true }
			one = rapid.Custom(func(t *rapid.T) answer.Answer {
				p := rapid.OneOf(rapid.Float32Range(0, 1), rapid.SampledFrom([]float32{0.25, 0.5})).Draw(t, "p")
				return answer.Of(1-p, p)
			})
		}
		one = one.Filter(kind)
		a, b, c := one.Draw(t, "a"), one.Draw(t, "b"), one.Draw(t, "c")
		apart := rapid.SampledFrom([]float64{0, 0.25}).Draw(t, "apart")
		checkMargins(t, model.Must(answer.SeveralLabels(answer.LabelThresholds{Apart: apart})), a, b, c)
		checkMargins(t, model.Must(answer.Threshold(answer.Thresholds{At: []float64{0.25, 0.5}, Apart: apart})), a, b, c)
	})
	d := answer.DeciderOf(model.Must(answer.Threshold(answer.Thresholds{At: []float64{0.25, 0.5}})))
	for _, test := range []struct{ a, reference, want float64 }{{0.375, 0.3, 0.125}, {0.75, 0.3, -0.25}, {0.125, 0.3, -0.125}, {1, 0.75, 0.5}} {
		if got := d.Margin(answer.Of(float32(test.a)), answer.Of(float32(test.reference))); math.Abs(got-test.want) > 1e-6 {
			t.Errorf("%g beside %g: margin %g, expected %g", test.a, test.reference, got, test.want)
		}
	}
	if answer.DeciderOf(model.Must(answer.SeveralLabels(answer.LabelThresholds{Apart: 0.1}))) != nil {
		t.Error("where both have to be apart, none decides by itself")
	}
	if !slices.Contains(answer.OracleForms(), "labels=0.5") {
		t.Error("it has no form")
	}
}
