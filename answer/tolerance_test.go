package answer_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/model"
	"pgregory.net/rapid"
)

// priced is an answer with a price and as many boxes.
func priced(price float32, boxes ...float32) answer.Answer {
	return answer.Answer{Scores: append(answer.Scores{price}, boxes...), Outputs: []answer.Output{
		{Name: "price"}, {Name: "boxes", Shape: []int{len(boxes) / 2, 2}},
	}}
}

func TestTolerance(t *testing.T) {
	none := answer.NoLabel
	say := func(from, to string, size float64, unit, group string) *answer.Deviation {
		return &answer.Deviation{From: answer.Said{Label: none, Words: from}, To: answer.Said{Label: none, Words: to}, Size: size, Unit: unit, Group: group}
	}
	absolute, relative, floor := model.Must(answer.Tolerance(answer.Absolute(0.5))), model.Must(answer.Tolerance(answer.Relative(0.25, 0))), model.Must(answer.Tolerance(answer.Relative(0.25, 8)))
	cosine, boxes, price := model.Must(answer.Tolerance(answer.Cosine(0.5))), model.Must(answer.Tolerance(answer.Absolute(0.5), "boxes")), model.Must(answer.Tolerance(answer.Relative(0.25, 0), "price"))
	scores := model.Must(answer.ScoreTolerance(0.25))
	for _, test := range []struct {
		reason               string
		oracle               answer.Oracle
		original, compressed answer.Answer
		shortfall            float64
		deviation            *answer.Deviation // nil where it is none
	}{
		{"a price that is near", absolute, answer.Of(10), answer.Of(10.25), 0.25, nil},
		{"as far as it may be", absolute, answer.Of(10), answer.Of(10.5), 1e-9, nil},
		{"a price that is far", absolute, answer.Of(10), answer.Of(11), 0, say("10", "11", 1, "", "higher")},
		{"lower", absolute, answer.Of(-10), answer.Of(-11), 0, say("-10", "-11", 1, "", "lower")},
		{"the farthest of several", absolute, answer.Of(10, -4, 7), answer.Of(11, -8, 7), 0, say("-4 (number 2 of 3)", "-8", 4, "", "lower")},
		{"numbers that are told with all digits", model.Must(answer.Tolerance(answer.Absolute(0.001))), answer.Of(100000.0625), answer.Of(100000.09375), 0,
			say("100000.0625", "100000.09375", 0.03125, "", "higher")},
		{"with a unit", model.Must(answer.Tolerance(answer.Absolute(0.5).In("points"))), answer.Of(10), answer.Of(11), 0, say("10 points", "11 points", 1, "points", "higher")},
		{"a unit of several numbers", model.Must(answer.Tolerance(answer.Absolute(0.5).In(" mg\n/dl "))), answer.Of(1, 10), answer.Of(1, 11), 0,
			say("10 mg /dl (number 2 of 2)", "11 mg /dl", 1, "mg /dl", "higher")},
		{"relative, with a unit", model.Must(answer.Tolerance(answer.Relative(0.25, 0).In("€"))), answer.Of(8), answer.Of(12), 0, say("8 €", "12 €", 0.5, "share", "higher")},
		{"relative, near", relative, answer.Of(8), answer.Of(9), 0.125, nil},
		{"relative, far", relative, answer.Of(-8), answer.Of(-12), 0, say("-8", "-12", 0.5, "share", "lower")},
		{"relative, both 0", relative, answer.Of(0), answer.Of(0), 0.25, nil},
		{"relative, from 0", relative, answer.Of(0), answer.Of(0.5), 0, say("0", "0.5", 0.5, "", "higher")},
		{"with a floor, near", floor, answer.Of(0), answer.Of(1), 0.125, nil},
		{"with a floor, far", floor, answer.Of(1), answer.Of(5), 0, say("1", "5", 0.5, "share", "higher")},
		{"with a floor, above it", floor, answer.Of(16), answer.Of(18), 0.125, nil},
		{"one direction", cosine, answer.Of(1, 0, 0), answer.Of(7, 0, 0), 0.5, nil},
		{"another direction", cosine, answer.Of(1, 0, 0), answer.Of(0, 3, 0), 0,
			say("a vector of 3 numbers", "one at cosine distance 1", 1, "cosine distance", "in another direction")},
		{"the direction of an output", model.Must(answer.Tolerance(answer.Cosine(0.5), "boxes")), priced(10, 1, 0), priced(10, 0, 1), 0,
			say("a vector of 2 numbers (boxes)", "one at cosine distance 1", 1, "cosine distance", "boxes in another direction")},
		{"no direction", cosine, answer.Of(1, 0), answer.Of(0, 0), 0, say("a vector of 2 numbers", "one at cosine distance 1", 1, "cosine distance", "in another direction")},
		{"no direction in both", cosine, answer.Of(0, 0), answer.Of(0, 0), 0.5, nil},
		{"one output alone", boxes, priced(10, 1, 2), priced(99, 1, 2), 0.5, nil},
		{"in that output", boxes, priced(10, 1, 2), priced(10, 1, 4), 0, say("boxes 2 (number 2 of 2)", "boxes 4", 2, "", "boxes higher")},
		{"another number of boxes", boxes, priced(10, 1, 2), priced(10, 1, 2, 3, 4), 0, say("boxes of shape [1 2]", "boxes of shape [2 2]", 0, "", "boxes of another shape")},
		{"another number of boxes does not matter", price, priced(10, 1, 2), priced(11, 1, 2, 3, 4), 0.15000000000000002, nil},
		{"no boxes at all", boxes, priced(10), priced(20), 0.5, nil},
		{"any output", absolute, priced(10, 1, 2), priced(12, 1, 2), 0, say("price 10", "price 12", 2, "", "price higher")},
		{"scores of classes", scores, answer.Of(0.75, 0.25), answer.Of(0.25, 0.75), 0, &answer.Deviation{To: answer.Said{Label: 1}, Size: 0.5, Unit: "score"}},
		{"scores of one label", scores, answer.Of(1, 0), answer.Of(0.625, 0.375), 0, &answer.Deviation{Size: 0.375, Unit: "score"}},
	} {
		t.Run(test.oracle.String()+"/"+test.reason, func(t *testing.T) {
			if err := answer.Check(test.oracle, test.original, test.compressed); err != nil {
				t.Fatal(err)
			}
			if got := answer.Judge(test.oracle, test.original, test.compressed).Deviates; got != (test.deviation != nil) {
				t.Errorf("deviates: %t", got)
			}
			if got := test.oracle.(answer.Graded).Shortfall(test.original, test.compressed); math.Abs(got-test.shortfall) > 1e-7 {
				t.Errorf("shortfall %g, expected %g", got, test.shortfall)
			}
			if test.deviation != nil {
				if diff := cmp.Diff(*test.deviation, answer.DeviationOf(test.oracle, test.original, test.compressed)); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

func TestMeasuresAreReadAsTheyAreWritten(t *testing.T) {
	for _, m := range []answer.Measure{answer.Absolute(0.5), answer.Relative(0.01, 0), answer.Relative(0.01, 2.5), answer.Cosine(0.1)} {
		for _, text := range []string{m.String(), strings.Replace(m.String(), " ", "=", 1)} {
			if got, err := answer.ParseMeasure(text); err != nil || got != m {
				t.Errorf("%q: %v, error %v", text, got, err)
			}
		}
	}
	for _, bad := range []string{"", "absolute", "absolute=x", "absolute=-1", "relative=0.1 from", "relative=0.1 from -1 on", "cosine=2", "far=1", "absolute 1 2"} {
		if m, err := answer.ParseMeasure(bad); err == nil || m != (answer.Measure{}) {
			t.Errorf("%q: %v", bad, m)
		}
	}
}

func TestToleranceRefuses(t *testing.T) {
	for _, test := range []struct {
		measure answer.Measure
		outputs []string
		says    string
	}{
		{answer.Measure{}, nil, "expected Absolute, Relative or Cosine, found no measure"},
		{answer.Absolute(0), nil, "expected a tolerance above 0, found 0"},
		{answer.Absolute(math.NaN()), nil, "expected a tolerance above 0, found NaN"},
		{answer.Relative(math.Inf(1), 0), nil, "expected a tolerance above 0, found +Inf"},
		{answer.Relative(0.1, -1), nil, "expected a floor of 0 or more, found -1"},
		{answer.Cosine(2), nil, "expected a distance below 2, which is the largest, found 2"},
		{answer.Absolute(1), []string{""}, "expected names of different outputs"},
		{answer.Absolute(1), []string{"a", "a"}, "expected names of different outputs"},
	} {
		if _, err := answer.Tolerance(test.measure, test.outputs...); err == nil || !strings.Contains(err.Error(), "answer: Tolerance: ") || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%v of %q: error %v; expected %q", test.measure, test.outputs, err, test.says)
		}
	}
	all, boxes := model.Must(answer.Tolerance(answer.Absolute(1))), model.Must(answer.Tolerance(answer.Absolute(1), "boxes"))
	other := answer.Answer{Scores: answer.Scores{1, 2}, Outputs: []answer.Output{{Name: "price"}, {Name: "area"}}}
	for _, test := range []struct {
		oracle               answer.Oracle
		original, compressed answer.Answer
		says                 string
	}{
		{all, answer.Of(1, 2), answer.Of(1), "found 2 numbers of the original and 1 number of the compressed model"},
		{all, answer.Of(1), priced(1), "expected answers of one form"},
		{all, priced(1), other, "expected answers of one form, found the outputs price [], boxes [0 2] of the original and the outputs price [], area [] of the compressed model"},
		{boxes, answer.Of(1), answer.Of(1), "oracle tolerance absolute 1 of boxes: expected the outputs boxes, found 1 number without names"},
		{boxes, other, other, `expected the output "boxes" among those of the models, found the outputs price [], area []`},
	} {
		err := answer.Check(test.oracle, test.original, test.compressed)
		if !errors.Is(err, answer.ErrNoJudgement) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("error %v; expected %q", err, test.says)
		}
		if v := answer.Judge(test.oracle, test.original, test.compressed); v.Deviates || v.Kind != answer.Unusable {
			t.Errorf("verdict %+v on what cannot be judged", v)
		}
	}
}

// The shortfall is 0 for deviations and for nothing else, for any numbers.
func TestShortfallOfTolerances(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 5).Draw(t, "n")
		row := rapid.SliceOfN(rapid.Float32Range(-1e6, 1e6), n, n)
		original, compressed := answer.Of(row.Draw(t, "original")...), answer.Of(row.Draw(t, "compressed")...)
		most := rapid.Float64Range(1e-6, 1.9).Draw(t, "most")
		for _, m := range []answer.Measure{answer.Absolute(most), answer.Relative(most, 0), answer.Relative(most, 10), answer.Cosine(most)} {
			oracle := model.Must(answer.Tolerance(m))
			shortfall, deviates := oracle.(answer.Graded).Shortfall(original, compressed), oracle.Judge(original, compressed).Deviates
			if math.IsNaN(shortfall) || shortfall < 0 || (shortfall == 0) != deviates {
				t.Fatalf("%v: shortfall %g; deviates: %t", oracle, shortfall, deviates)
			}
			if oracle.Judge(original, original).Deviates {
				t.Fatalf("%v: an answer deviates from itself", oracle)
			}
			if d := answer.DeviationOf(oracle, original, compressed); deviates && (d.From.Words == d.To.Words || d.Size < 0) {
				t.Fatalf("%v: %+v", oracle, d)
			}
		}
	})
}

func TestTolerancesAllocateNothing(t *testing.T) {
	oracle := model.Must(answer.Tolerance(answer.Relative(0.1, 0), "boxes")).(answer.Graded)
	o, c := priced(10, 1, 2), priced(10, 1, 2)
	if n := testing.AllocsPerRun(100, func() {
		_ = answer.Check(oracle, o, c)
		_ = answer.Judge(oracle, o, c)
		_ = oracle.Shortfall(o, c)
	}); n != 0 {
		t.Errorf("%g allocations a query", n)
	}
}
