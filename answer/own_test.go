package answer_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/model"
)

// An oracle of one's own is a Go function over both answers.
func ExampleOracleFunc() {
	crosses := model.Must(answer.OracleFunc("crosses 0.5", func(original, compressed answer.Answer) bool {
		return (original.Scores[0] >= 0.5) != (compressed.Scores[0] >= 0.5)
	}))
	fmt.Println(crosses.Judge(answer.Of(0.4), answer.Of(0.45)).Deviates, crosses.Judge(answer.Of(0.4), answer.Of(0.6)).Deviates)
	fmt.Println(answer.DeviationOf(crosses, answer.Of(0.4), answer.Of(0.6)).In(nil))
	// Output:
	// false true
	// 0.4 → 0.6
}

func ExampleTolerance() {
	percent := model.Must(answer.Tolerance(answer.Relative(0.01, 0)))
	fmt.Println(percent.Judge(answer.Of(300), answer.Of(302)).Deviates, percent.Judge(answer.Of(300), answer.Of(310)).Deviates)
	fmt.Println(answer.DeviationOf(percent, answer.Of(300), answer.Of(310)).In(nil))
	// Output:
	// false true
	// 300 → 310
}

func TestOraclesOfOnesOwn(t *testing.T) {
	for _, err := range []error{
		second(answer.OracleFunc("", func(answer.Answer, answer.Answer) bool { return true })), second(answer.OracleFunc("a", nil)),
		second(answer.GradedFunc("", func(answer.Answer, answer.Answer) float64 { return 0 })), second(answer.GradedFunc("a", nil)),
		second(answer.Telling(nil, nil)), second(answer.Telling(answer.Top1(), nil)),
		second(answer.AnyOf()), second(answer.AnyOf(nil)), second(answer.AnyOf(answer.LabelOnly())), second(answer.AnyOf(ungraded{})),
	} {
		if err == nil || !strings.HasPrefix(err.Error(), "answer: ") {
			t.Errorf("error %v", err)
		}
	}
	far := model.Must(answer.GradedFunc("far", func(o, c answer.Answer) float64 { return 2 - math.Abs(float64(o.Scores[0]-c.Scores[0])) }))
	for _, test := range []struct {
		to, shortfall float64
	}{{0, 2}, {1.5, 0.5}, {2, 0}, {7, 0}} {
		o, c := answer.Of(0), answer.Of(float32(test.to))
		if v := answer.Judge(far, o, c); v.Deviates != (test.shortfall == 0) || far.(answer.Graded).Shortfall(o, c) != test.shortfall {
			t.Errorf("%g: %+v, shortfall %g", test.to, v, far.(answer.Graded).Shortfall(o, c))
		}
	}
	if answer.ByLabel(far) || answer.ByScores(far) || far.String() != "far" {
		t.Errorf("%v", far)
	}
}

func second[T any](_ T, err error) error { return err }

func TestTelling(t *testing.T) {
	told := answer.Deviation{}
	oracle := model.Must(answer.Telling(model.Must(answer.Tolerance(answer.Absolute(1))), func(o, c answer.Answer) answer.Deviation { return told }))
	graded, ok := oracle.(answer.Graded)
	if !ok || graded.Shortfall(answer.Of(1), answer.Of(1.5)) != 0.5 || !answer.ByScores(oracle) || answer.ByLabel(oracle) {
		t.Errorf("%v lost what it can", oracle)
	}
	if answer.Check(oracle, answer.Of(1), answer.Of(1, 2)) == nil {
		t.Error("its check is lost")
	}
	labels := model.Must(answer.Telling(answer.LabelOnly(), func(o, c answer.Answer) answer.Deviation { return told }))
	if l, ok := labels.(answer.LabelOnlyOracle); !ok || !l.LabelOnly() || !answer.ByLabel(labels) {
		t.Errorf("%v lost what it is", labels)
	}
	if _, ok := model.Must(answer.Telling(ungraded{}, func(o, c answer.Answer) answer.Deviation { return told })).(answer.Graded); ok {
		t.Error("an oracle that is not graded became so")
	}
	told = answer.Deviation{From: answer.Said{Words: "three\n  boxes\x00"}, To: answer.Said{Label: -7, Words: strings.Repeat("ä", 300)}, Size: math.NaN(), Unit: "m", Group: "fewer \n boxes"}
	d := answer.DeviationOf(oracle, answer.Of(1), answer.Of(3))
	if d.From.Words != "three boxes\x00" || d.From.Label != answer.NoLabel || d.To.Label != answer.NoLabel || d.Group != "fewer boxes" || d.Size != 0 || d.Unit != "" ||
		len(d.To.Words) > 210 || !strings.HasSuffix(d.To.Words, "ä…") {
		t.Errorf("%+v", d)
	}
	if _, err := json.Marshal(d); err != nil {
		t.Error(err)
	}
	told = answer.Deviation{}
	if d := answer.DeviationOf(oracle, answer.Of(1), answer.Of(3)); d.In(nil) != "1 → 3" {
		t.Errorf("an oracle that tells nothing: %+v", d)
	}
}

func TestAnyOf(t *testing.T) {
	oracle := model.Must(answer.AnyOf(model.Must(answer.Tolerance(answer.Relative(0.5, 0), "price")), model.Must(answer.Tolerance(answer.Absolute(1), "boxes")))).(answer.Graded)
	if oracle.String() != "tolerance relative 0.5 of price or tolerance absolute 1 of boxes" || answer.ByLabel(oracle) || !answer.ByScores(oracle) {
		t.Errorf("%v", oracle)
	}
	for _, test := range []struct {
		compressed answer.Answer
		shortfall  float64
		says       string
	}{
		{priced(10, 1, 2), 0.5, ""}, {priced(10, 1, 2.75), 0.25, ""}, {priced(14, 1, 2), 0.1, ""},
		{priced(20, 1, 2), 0, "price 10 → price 20"}, {priced(10, 4, 2), 0, "boxes 1 (number 1 of 2) → boxes 4"}, {priced(20, 4, 2), 0, "price 10 → price 20"},
	} {
		o := priced(10, 1, 2)
		if got := oracle.Shortfall(o, test.compressed); math.Abs(got-test.shortfall) > 1e-7 || answer.Judge(oracle, o, test.compressed).Deviates != (test.says != "") {
			t.Errorf("%v: shortfall %g, expected %g", test.compressed, got, test.shortfall)
		}
		if test.says != "" {
			if got := answer.DeviationOf(oracle, o, test.compressed).In(nil); got != test.says {
				t.Errorf("%q, expected %q", got, test.says)
			}
		}
	}
	if answer.Check(oracle, answer.Of(1), answer.Of(1)) == nil {
		t.Error("it judges what one of its oracles cannot")
	}
	if !answer.ByLabel(model.Must(answer.AnyOf(answer.Top1()))) {
		t.Error("labels alone are no labels")
	}
}

func TestDeviationOf(t *testing.T) {
	nan := float32(math.NaN())
	own := model.Must(answer.OracleFunc("own", func(o, c answer.Answer) bool { return true }))
	for _, test := range []struct {
		oracle               answer.Oracle
		original, compressed answer.Answer
		want                 answer.Deviation
		says                 string
	}{
		{nil, answer.Of(0.75, 0.25), answer.Of(0.25, 0.75), answer.Deviation{To: answer.Said{Label: 1}, Size: 0.5, Unit: "score"}, "Shirt → Coat"},
		{nil, answer.Of(0.75, 0.25), answer.Of(nan, 0.75), answer.Deviation{To: answer.Said{Label: -1}}, "Shirt → not finite"},
		{own, answer.Of(0.75, 0.25), answer.Of(0.25, 0.75), answer.Deviation{To: answer.Said{Label: 1}, Size: 0.5, Unit: "score"}, "Shirt → Coat"},
		{own, answer.Of(0.75, 0.25), answer.Of(0.5, 0.25), answer.Deviation{From: answer.Said{Label: -1, Words: "0.75, 0.25"}, To: answer.Said{Label: -1, Words: "0.5, 0.25"}, Group: "another answer"}, "0.75, 0.25 → 0.5, 0.25"},
		{own, answer.Of(3), answer.Of(nan), answer.Deviation{From: answer.Said{Label: -1, Words: "3"}, To: answer.Said{Label: -1, Words: "NaN"}, Group: "not finite"}, "3 → NaN"},
		{own, priced(3, 1, 2), priced(3, 1, 2, 3, 4, 5, 6), answer.Deviation{From: answer.Said{Label: -1, Words: "price 3, boxes 1, 2"}, To: answer.Said{Label: -1, Words: "price 3, boxes of shape [3 2]"}, Group: "another answer"},
			"price 3, boxes 1, 2 → price 3, boxes of shape [3 2]"},
	} {
		got := answer.DeviationOf(test.oracle, test.original, test.compressed)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Error(diff)
		}
		if words := got.In([]string{"Shirt", "Coat"}); words != test.says {
			t.Errorf("%q, expected %q", words, test.says)
		}
	}
}

// Triggers are sorted by what they have in common: labels, the group, or what both models say.
func TestSortsOfDeviations(t *testing.T) {
	said := func(from, to, group string) answer.Labels {
		return answer.Labels{OriginalLabel: -1, CompressedLabel: -1, Deviation: answer.Deviation{From: answer.Said{Label: -1, Words: from}, To: answer.Said{Label: -1, Words: to}, Size: float64(len(from)), Group: group}}
	}
	for _, test := range []struct {
		a, b answer.Labels
		same bool
		says string
	}{
		{answer.Labels{CompressedLabel: 1}, answer.Labels{CompressedLabel: 1}, true, "class 0 → class 1"},
		{answer.Labels{CompressedLabel: 1}, answer.Labels{CompressedLabel: 2}, false, "class 0 → class 1"},
		{said("1", "2", "higher"), said("10", "20", "higher"), true, "higher"},
		{said("1", "2", "higher"), said("2", "1", "lower"), false, "higher"},
		{said("two", "one", ""), said("two", "one", ""), true, "two → one"},
		{said("two", "one", ""), said("three", "one", ""), false, "two → one"},
		{answer.Labels{Kind: answer.NotFinite, CompressedLabel: -1}, answer.Labels{Kind: answer.NotFinite, OriginalLabel: 3, CompressedLabel: -1}, true, "not finite → not finite"},
	} {
		if (test.a.Sort() == test.b.Sort()) != test.same {
			t.Errorf("%+v and %+v: one sort: %t", test.a, test.b, !test.same)
		}
		if got := test.a.Sort().Told().In(nil); got != test.says {
			t.Errorf("%q, expected %q", got, test.says)
		}
		if test.a.Sort().Sort() != test.a.Sort() {
			t.Errorf("the sort of a sort is another one: %+v", test.a)
		}
	}
}

func TestOneNumberIsNoLabel(t *testing.T) {
	if answer.OneHot([]float32{1}) || answer.OneHot(nil) || !answer.OneHot([]float32{0, 1}) || answer.OneHot([]float32{1, 1}) {
		t.Error("a label is told from a number wrongly")
	}
	for _, test := range []struct {
		scores []float32
		want   bool
	}{{[]float32{0.25, 0.75}, true}, {[]float32{1, 0}, true}, {[]float32{0.333, 0.333, 0.333}, true}, {[]float32{1}, false}, {nil, false},
		{[]float32{-0.25, 1.25}, false}, {[]float32{0.5, 0.6}, false}, {[]float32{float32(math.NaN()), 1}, false}} {
		if got := answer.Distribution(test.scores); got != test.want {
			t.Errorf("%v: %t", test.scores, got)
		}
	}
}
