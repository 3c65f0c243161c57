package answer_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/model"
	"pgregory.net/rapid"
)

// What is decided by a number: speech from 0.5 on.
func ExampleThreshold() {
	speech := model.Must(answer.Threshold(answer.Thresholds{At: []float64{0.5}}))
	fmt.Println(speech.Judge(answer.Of(0.1), answer.Of(0.4)).Deviates, speech.Judge(answer.Of(0.48), answer.Of(0.52)).Deviates)
	fmt.Println(answer.DeviationOf(speech, answer.Of(0.48), answer.Of(0.52)).In(nil))
	// Output:
	// false true
	// 0.48 → 0.52, across 0.5
}

// oracleCase is what an oracle makes of two answers.
type oracleCase struct {
	reason               string
	oracle               answer.Oracle
	original, compressed answer.Answer
	shortfall            float64
	says, group          string // "" where it is no deviation
}

func runOracleCases(t *testing.T, cases []oracleCase) {
	t.Helper()
	for _, test := range cases {
		t.Run(test.oracle.String()+"/"+test.reason, func(t *testing.T) {
			if err := answer.Check(test.oracle, test.original, test.compressed); err != nil {
				t.Fatal(err)
			}
			if got := answer.Judge(test.oracle, test.original, test.compressed).Deviates; got != (test.says != "") {
				t.Errorf("deviates: %t", got)
			}
			if got := test.oracle.(answer.Graded).Shortfall(test.original, test.compressed); math.Abs(got-test.shortfall) > 1e-6 {
				t.Errorf("shortfall %g, expected %g", got, test.shortfall)
			}
			if test.says == "" {
				return
			}
			if d := answer.DeviationOf(test.oracle, test.original, test.compressed); d.In(nil) != test.says || d.Group != test.group || d.OfLabels() {
				t.Errorf("%q of the group %q, expected %q of %q", d.In(nil), d.Group, test.says, test.group)
			}
		})
	}
}

// refusal are answers that an oracle cannot judge.
type refusal struct {
	oracle               answer.Oracle
	original, compressed answer.Answer
	says                 string
}

func runRefusals(t *testing.T, refusals []refusal) {
	t.Helper()
	for _, test := range refusals {
		err := answer.Check(test.oracle, test.original, test.compressed)
		if !errors.Is(err, answer.ErrNoJudgement) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%v: error %v; expected %q", test.oracle, err, test.says)
		}
		if v := answer.Judge(test.oracle, test.original, test.compressed); v.Deviates || v.Kind != answer.Unusable {
			t.Errorf("verdict %+v on what cannot be judged", v)
		}
	}
}

// checkGrades holds the shortfall of an oracle against its judgement, for answers that it can judge.
func checkGrades(t *rapid.T, oracle answer.Oracle, original, compressed answer.Answer) {
	if err := answer.Check(oracle, original, compressed); err != nil {
		t.Fatal(err)
	}
	shortfall, deviates := oracle.(answer.Graded).Shortfall(original, compressed), oracle.Judge(original, compressed).Deviates
	if !(shortfall >= 0) || math.IsInf(shortfall, 0) || (shortfall == 0) != deviates {
		t.Fatalf("%v: shortfall %g of %v and %v; deviates: %t", oracle, shortfall, original, compressed, deviates)
	}
	if oracle.Judge(original, original).Deviates {
		t.Fatalf("%v: %v deviates from itself", oracle, original)
	}
	if !deviates {
		return
	}
	d := answer.DeviationOf(oracle, original, compressed)
	if d.From.Words == d.To.Words || d.From.Words == "" || d.To.Words == "" || !(d.Size >= 0) || d.Group == "" {
		t.Fatalf("%v: %+v", oracle, d)
	}
}

// checkAllocations holds a query against allocating anything.
func checkAllocations(t *testing.T, oracle answer.Oracle, original, compressed answer.Answer) {
	t.Helper()
	graded := oracle.(answer.Graded)
	if err := answer.Check(oracle, original, compressed); err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(100, func() {
		_ = answer.Check(oracle, original, compressed)
		_ = answer.Judge(oracle, original, compressed)
		_ = graded.Shortfall(original, compressed)
	}); n != 0 {
		t.Errorf("%v: %g allocations a query", oracle, n)
	}
}

func TestThreshold(t *testing.T) {
	make := func(th answer.Thresholds) answer.Oracle { return model.Must(answer.Threshold(th)) }
	half, price := make(answer.Thresholds{At: []float64{0.5}}), make(answer.Thresholds{At: []float64{500, 300, 300}, Output: "price"})
	apart, second := make(answer.Thresholds{At: []float64{0.5}, Apart: 0.25}), make(answer.Thresholds{At: []float64{0.5}, Number: 2})
	runOracleCases(t, []oracleCase{
		{"both below", half, answer.Of(0.25), answer.Of(0.4375), 0.0625, "", ""},
		{"both above", half, answer.Of(0.625), answer.Of(0.75), 0.125, "", ""},
		{"on the threshold is above", half, answer.Of(0.5), answer.Of(0.75), 1e-9, "", ""},
		{"upwards", half, answer.Of(0.25), answer.Of(0.5), 0, "0.25 → 0.5, across 0.5", "upwards across 0.5"},
		{"downwards", half, answer.Of(0.75), answer.Of(0.25), 0, "0.75 → 0.25, across 0.5", "downwards across 0.5"},
		{"by very little", half, answer.Of(0.5), answer.Of(math.Nextafter32(0.5, 0)), 0, "0.5 → 0.4999999701976776, across 0.5", "downwards across 0.5"},
		{"0.7 as a model writes it", make(answer.Thresholds{At: []float64{0.7}}), answer.Of(0.7), answer.Of(0.75), 1e-9, "", ""},
		{"not far enough apart", apart, answer.Of(0.4375), answer.Of(0.5625), 0.125, "", ""},
		{"neither far enough apart nor across", apart, answer.Of(0.25), answer.Of(0.4375), 0.125, "", ""},
		{"as far apart as asked", apart, answer.Of(0.375), answer.Of(0.625), 0, "0.375 → 0.625, across 0.5", "upwards across 0.5"},
		{"one number of several", half, answer.Of(0, 0.25, 3), answer.Of(0, 0.75, 3), 0, "number 2 of 3 0.25 → 0.75, across 0.5", "number 2 of 3 upwards across 0.5"},
		{"the farthest of several", half, answer.Of(0, 0.25, 3), answer.Of(4, 0.75, 3), 0, "number 1 of 3 0 → 4, across 0.5", "number 1 of 3 upwards across 0.5"},
		{"the number that decides", second, answer.Of(0, 0.25, 3), answer.Of(4, 0.375, 3), 0.125, "", ""},
		{"two probabilities are one number", make(answer.Thresholds{At: []float64{0.7}}), answer.Of(0.75, 0.25), answer.Of(0.625, 0.375), 0.325, "", ""},
		{"that of class 1", make(answer.Thresholds{At: []float64{0.25}}), answer.Of(0.875, 0.125), answer.Of(0.625, 0.375), 0, "0.125 → 0.375, across 0.25", "upwards across 0.25"},
		{"scores of classes have their names", half, answer.Of(0.375, 0.25, 0.375), answer.Of(0.25, 0.25, 0.5), 0, "class 2 0.375 → 0.5, across 0.5", "class 2 upwards across 0.5"},
		{"one of several thresholds", price, priced(310, 1, 2), priced(490, 9, 9), 10, "", ""},
		{"another decision", price, priced(310, 1, 2), priced(290, 1, 2), 0, "price 310 → 290, across 300", "price downwards across 300"},
		{"two decisions on", price, priced(600, 1, 2), priced(290), 0, "price 600 → 290, across 300", "price downwards across 300"},
	})
	runRefusals(t, []refusal{
		{half, answer.Of(1), answer.Of(1, 2), "oracle threshold 0.5: expected as many numbers of both models, found 1 number of the original and 2 numbers of the compressed model"},
		{half, priced(1, 1, 2), priced(1, 1, 2), "expected the name of an output, as there are several, found the outputs price [], boxes [1 2] of the original"},
		{price, answer.Of(1), answer.Of(1), `expected the output "price", found 1 number of the original`},
		{second, answer.Of(1), answer.Of(1), "expected at least 2 numbers, found 1 number"},
		{make(answer.Thresholds{At: []float64{1}, Output: "boxes"}), priced(1), priced(1), "expected at least one number, found none"},
		{make(answer.Thresholds{At: []float64{1}, Output: "boxes"}), priced(1, 1, 2), priced(1), "found shape [1 2] of the original and shape [0 2] of the compressed model"},
	})
	checkAllocations(t, price, priced(310, 1, 2), priced(490, 9, 9))
	if answer.ByLabel(half) || !answer.ByScores(half) {
		t.Error("a threshold is taken for labels")
	}
}

func TestGradesOfThresholds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 4).Draw(t, "n")
		row := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) float32 { // often on a threshold
			return rapid.OneOf(rapid.Float32Range(-2, 2), rapid.SampledFrom([]float32{0, 0.5, 0.7})).Draw(t, "v")
		}), n, n)
		oracle := model.Must(answer.Threshold(answer.Thresholds{
			At: []float64{0, 0.5, 0.7}[:rapid.IntRange(1, 3).Draw(t, "at")], Number: rapid.IntRange(0, n).Draw(t, "number"),
			Apart: rapid.SampledFrom([]float64{0, 0.1, 1}).Draw(t, "apart"),
		}))
		checkGrades(t, oracle, answer.Of(row.Draw(t, "original")...), answer.Of(row.Draw(t, "compressed")...))
	})
}
