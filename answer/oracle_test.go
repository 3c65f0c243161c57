package answer_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/model"
	"pgregory.net/rapid"
)

func TestOracles(t *testing.T) {
	top2 := model.Must(answer.TopK(2))
	tolerance := model.Must(answer.ScoreTolerance(0.1))
	severe := model.Must(answer.MinConfidence(0.7, nil))
	gap := model.Must(answer.MinGap(0.5, nil))
	both := model.Must(answer.MinGap(0.5, severe))
	type row = []float32
	for _, test := range []struct {
		reason               string
		oracle               answer.Oracle
		original, compressed row
		want                 answer.Verdict
	}{
		{"same label", answer.Top1(), row{0.7, 0.2, 0.1}, row{0.5, 0.4, 0.1}, answer.Verdict{}},
		{"other label", answer.Top1(), row{0.7, 0.2, 0.1}, row{0.4, 0.5, 0.1}, answer.Verdict{Deviates: true}},
		{"a tie that holds the other's label is no deviation, and counted", answer.Top1(),
			row{0.1, 0.7, 0.2}, row{0.4, 0.4, 0.2}, answer.Verdict{Tied: true}},
		{"a tie whose first label agrees is an ordinary agreement", answer.Top1(),
			row{0.7, 0.1, 0.2}, row{0.4, 0.4, 0.2}, answer.Verdict{}},
		{"two ties that overlap in one label", answer.Top1(),
			row{0.4, 0.4, 0.2}, row{0.2, 0.4, 0.4}, answer.Verdict{Tied: true}},
		{"disjoint ties deviate", answer.Top1(),
			row{0.3, 0.3, 0.2, 0.2}, row{0.2, 0.2, 0.3, 0.3}, answer.Verdict{Deviates: true, Tied: true}},
		{"second place is within the top 2", top2, row{0.7, 0.2, 0.1}, row{0.4, 0.5, 0.1}, answer.Verdict{}},
		{"third place is not", top2, row{0.7, 0.2, 0.1}, row{0.1, 0.5, 0.4}, answer.Verdict{Deviates: true}},
		{"it must hold both ways", top2, row{0.4, 0.5, 0.1}, row{0.3, 0.3, 0.4}, answer.Verdict{Deviates: true}},
		{"a tie at second place includes all of its labels", top2, row{0.6, 0.2, 0.2}, row{0.3, 0.1, 0.6}, answer.Verdict{}},
		{"within the tolerance", tolerance, row{0.5, 0.5}, row{0.58, 0.42}, answer.Verdict{}},
		{"beyond the tolerance, though the label is the same", tolerance, row{0.9, 0.1}, row{0.75, 0.25}, answer.Verdict{Deviates: true}},
		{"label only judges as top-1", answer.LabelOnly(), row{0.7, 0.2, 0.1}, row{0.4, 0.5, 0.1}, answer.Verdict{Deviates: true}},
		{"a sure original that is contradicted is a severe deviation", severe, row{0.75, 0.2, 0.05}, row{0.05, 0.75, 0.2}, answer.Verdict{Deviates: true}},
		{"an unsure original is not", severe, row{0.6, 0.3, 0.1}, row{0.1, 0.6, 0.3}, answer.Verdict{}},
		{"the compressed gives the original's label much less", gap, row{0.75, 0.15, 0.1}, row{0.25, 0.7, 0.05}, answer.Verdict{Deviates: true}},
		{"not much less", gap, row{0.6, 0.3, 0.1}, row{0.2, 0.7, 0.1}, answer.Verdict{}},
		{"much less, though the label is the same", gap, row{1, 0, 0}, row{0.4, 0.3, 0.3}, answer.Verdict{}},
		{"a tie is what the inner oracle says it is", gap, row{0.1, 0.7, 0.2}, row{0.4, 0.4, 0.2}, answer.Verdict{Tied: true}},
		{"sure and much less", both, row{0.75, 0.2, 0.05}, row{0.05, 0.75, 0.2}, answer.Verdict{Deviates: true}},
		{"much less, but unsure", both, row{0.6, 0.3, 0.1}, row{0.1, 0.6, 0.3}, answer.Verdict{}},
		{"sure, but not much less", both, row{0.75, 0.25, 0}, row{0.45, 0.55, 0}, answer.Verdict{}},
	} {
		t.Run(test.oracle.String()+"/"+test.reason, func(t *testing.T) {
			if got := test.oracle.Judge(answer.Of(test.original...), answer.Of(test.compressed...)); got != test.want {
				t.Errorf("%v against %v: got %+v, expected %+v", test.original, test.compressed, got, test.want)
			}
			if got := test.oracle.Judge(answer.Of(test.compressed...), answer.Of(test.original...)); got.Deviates != test.want.Deviates {
				t.Errorf("the verdict depends on which model comes first")
			}
		})
	}
}

func TestOracleOptions(t *testing.T) {
	if _, err := answer.TopK(0); err == nil {
		t.Error("TopK(0): expected an error")
	}
	for _, p := range []float64{0, -1, 1.1} {
		if _, err := answer.MinConfidence(p, nil); err == nil {
			t.Errorf("MinConfidence(%g): expected an error", p)
		}
	}
	if _, err := answer.MinConfidence(0.9, answer.LabelOnly()); err == nil {
		t.Error("MinConfidence of labels: expected an error")
	}
	for _, gap := range []float64{0, -1, 1.1, math.NaN()} {
		if _, err := answer.MinGap(gap, nil); err == nil || !strings.Contains(err.Error(), "answer: MinGap: gap is ") {
			t.Errorf("MinGap(%g): error %v", gap, err)
		}
	}
	if _, err := answer.MinGap(0.5, answer.LabelOnly()); err == nil || err.Error() != "answer: MinGap: oracle label-only has no confidence to judge by" {
		t.Errorf("MinGap of labels: error %v", err)
	}
	if got, want := model.Must(answer.MinGap(0.5, model.Must(answer.MinConfidence(0.9, nil)))).String(),
		"top-1 with the original at least 0.9 confident with a gap of at least 0.5 in the score of the original's label"; got != want {
		t.Errorf("name %q, expected %q", got, want)
	}
	for _, tolerance := range []float64{0, -1, 1, 2} {
		if _, err := answer.ScoreTolerance(tolerance); err == nil {
			t.Errorf("ScoreTolerance(%g): expected an error", tolerance)
		}
	}
}

func TestShortfall(t *testing.T) {
	top2 := model.Must(answer.TopK(2))
	tolerance := model.Must(answer.ScoreTolerance(0.25))
	severe := model.Must(answer.MinConfidence(0.75, nil))
	gap := model.Must(answer.MinGap(0.5, nil))
	custom := model.Must(answer.MinConfidence(0.75, ungraded{}))
	const tie = 1e-9
	type row = []float32
	for _, test := range []struct {
		reason               string
		oracle               answer.Oracle
		original, compressed row
		want                 float64
	}{
		{"a deviation", answer.Top1(), row{0.75, 0.25}, row{0.25, 0.75}, 0},
		{"the less sure model is nearer", answer.Top1(), row{0.75, 0.25, 0}, row{0.5, 0.375, 0.125}, 0.125},
		{"whichever it is", answer.Top1(), row{0.5, 0.375, 0.125}, row{0.75, 0.25, 0}, 0.125},
		{"a tie is as near as it gets", answer.Top1(), row{0.75, 0.25, 0}, row{0.5, 0.5, 0}, tie},
		{"a model that ties all labels cannot be contradicted, only change", answer.Top1(), row{0.25, 0.25, 0.25, 0.25}, row{0.5, 0.5, 0, 0}, tie},
		{"nor can two", answer.Top1(), row{0.5, 0.5}, row{0.5, 0.5}, 1},
		{"the label is first: it has to fall behind two others", top2, row{1, 0, 0}, row{0.5, 0.375, 0.125}, 0.375},
		{"the label is second: it has to fall behind one more", top2, row{0.75, 0.25, 0, 0}, row{0.375, 0.5, 0.125, 0}, 0.25},
		{"or the third has to become the other's label", top2, row{0.625, 0.25, 0.125, 0}, row{0.5, 0.25, 0.4375, -0.1875}, 0.0625},
		{"two labels are always among the first two", top2, row{1, 0}, row{0, 1}, 1},
		{"the largest difference of scores", tolerance, row{0.5, 0.5, 0}, row{0.5, 0.375, 0.125}, 0.125},
		{"just within the tolerance", tolerance, row{0.75, 0.25}, row{0.5, 0.5}, tie},
		{"labels agree or not", answer.LabelOnly(), row{1, 0}, row{1, 0}, 1},
		{"labels differ", answer.LabelOnly(), row{1, 0}, row{0, 1}, 0},
		{"sure, and contradicted", severe, row{0.75, 0.25}, row{0.25, 0.75}, 0},
		{"contradicted, but unsure", severe, row{0.5, 0.375, 0.125}, row{0, 1, 0}, 0.25},
		{"sure, but not contradicted", severe, row{0.875, 0.125}, row{0.75, 0.25}, 0.5},
		{"it does not help if the original changes its mind", severe, row{0.5, 0.4375, 0.0625}, row{0.75, 0.25, 0}, 0.25 + 0.5},
		{"a wide gap, and contradicted", gap, row{0.75, 0.25}, row{0.25, 0.75}, 0},
		{"contradicted, but a narrow gap", gap, row{0.625, 0.375}, row{0.375, 0.625}, 0.25},
		{"a wide gap, but not contradicted", gap, row{1, 0, 0}, row{0.5, 0.25, 0.25}, 0.25},
		{"an oracle that does not grade deviates or not", custom, row{0.5, 0.5}, row{0.5, 0.5}, 0.25 + 1},
		{"it deviates, but unsure", custom, row{0.5, 0.5}, row{0.5, 0.25}, 0.25},
	} {
		t.Run(test.oracle.String()+"/"+test.reason, func(t *testing.T) {
			if got := test.oracle.(answer.Graded).Shortfall(answer.Of(test.original...), answer.Of(test.compressed...)); got != test.want {
				t.Errorf("%v against %v: got %g, expected %g", test.original, test.compressed, got, test.want)
			}
		})
	}
}

// ungraded is an oracle of a user: it deviates when any score differs.
type ungraded struct{}

func (ungraded) Judge(original, compressed answer.Answer) answer.Verdict {
	for i, s := range original.Scores {
		if s != compressed.Scores[i] {
			return answer.Verdict{Deviates: true}
		}
	}
	return answer.Verdict{}
}

func (ungraded) String() string { return "any score differs" }

func TestShortfallIsZeroForDeviationsOnly(t *testing.T) {
	oracles := []answer.Oracle{answer.Top1(), answer.LabelOnly()}
	for k := 1; k <= 4; k++ {
		oracles = append(oracles, model.Must(answer.TopK(k)))
	}
	for _, tolerance := range []float64{0.1, 0.25, 0.6} {
		oracles = append(oracles, model.Must(answer.ScoreTolerance(tolerance)))
	}
	for _, inner := range append(oracles, ungraded{}) {
		if l, ok := inner.(answer.LabelOnlyOracle); ok && l.LabelOnly() {
			continue
		}
		sure, wide := model.Must(answer.MinConfidence(0.5, inner)), model.Must(answer.MinGap(0.25, inner))
		oracles = append(oracles, sure, wide, model.Must(answer.MinGap(0.25, sure)), model.Must(answer.MinConfidence(0.5, wide)))
	}
	rapid.Check(t, func(t *rapid.T) {
		score := rapid.Float32Range(-2, 2)
		if rapid.Bool().Draw(t, "ties") {
			score = rapid.SampledFrom([]float32{0, 0.125, 0.25, 0.5, 0.75, 1})
		}
		classes := rapid.IntRange(2, 6).Draw(t, "classes")
		original := rapid.SliceOfN(score, classes, classes).Draw(t, "original")
		compressed := rapid.SliceOfN(score, classes, classes).Draw(t, "compressed")
		for _, oracle := range oracles {
			shortfall := oracle.(answer.Graded).Shortfall(answer.Of(original...), answer.Of(compressed...))
			deviates := oracle.Judge(answer.Of(original...), answer.Of(compressed...)).Deviates
			if math.IsNaN(shortfall) || math.IsInf(shortfall, 0) || shortfall < 0 || (shortfall == 0) != deviates {
				t.Fatalf("%s: shortfall %g; deviates: %t", oracle, shortfall, deviates)
			}
		}
	})
}

// TestShortfallIsTheDistanceToADeviation holds that the scores of one model deviate when the difference of
// two of them moves by a little more than the shortfall, and that none do when it moves by a little less.
func TestShortfallIsTheDistanceToADeviation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(1, 3).Draw(t, "k")
		oracle := model.Must(answer.TopK(k)).(answer.Graded)
		score := rapid.Float32Range(0, 1)
		original := rapid.SliceOfN(score, 5, 5).Draw(t, "original")
		compressed := rapid.SliceOfN(score, 5, 5).Draw(t, "compressed")
		shortfall := oracle.Shortfall(answer.Of(original...), answer.Of(compressed...))
		if shortfall < 1e-5 {
			t.Skip("too near to tell, or a deviation")
		}
		// All ways to move each score of one model by half as much, up or down.
		deviates := func(s float64) bool {
			for _, moving := range [][]float32{original, compressed} {
				for set := range 1 << len(moving) {
					kept := slices.Clone(moving)
					for i := range moving {
						if set>>i&1 == 1 {
							moving[i] += float32(s / 2)
						} else {
							moving[i] -= float32(s / 2)
						}
					}
					found := oracle.Judge(answer.Of(original...), answer.Of(compressed...)).Deviates
					copy(moving, kept)
					if found {
						return true
					}
				}
			}
			return false
		}
		if deviates(shortfall-2e-6) || !deviates(shortfall+2e-6) {
			t.Fatalf("shortfall %g; deviates a little before: %t, a little after: %t",
				shortfall, deviates(shortfall-2e-6), deviates(shortfall+2e-6))
		}
	})
}

func TestMarginsOfLabelsWithoutAScore(t *testing.T) {
	for _, label := range []int{answer.NoLabel, 2} {
		if got := answer.Margin([]float32{0.4, 0.6}, label); !math.IsInf(got, -1) {
			t.Errorf("label %d: %g; expected minus infinity", label, got)
		}
	}
}

func TestMargin(t *testing.T) {
	for _, test := range []struct {
		scores []float32
		label  int
		want   float64
	}{
		{[]float32{0.8, 0.2}, 0, math.Log(4)},
		{[]float32{0.8, 0.2}, 1, -math.Log(4)},
		{[]float32{0.2, 0.5, 0.3}, 1, math.Log(0.5 / 0.3)},
		{[]float32{0.5, 0.5}, 0, 0},
		{[]float32{1, 0}, 0, -answer.LogScore(0)},
		{[]float32{0, 1, 0}, 2, answer.LogScore(0)},
	} {
		if got := answer.Margin(test.scores, test.label); math.Abs(got-test.want) > 1e-6 {
			t.Errorf("%v, label %d: margin %g, expected %g", test.scores, test.label, got, test.want)
		}
	}
}

func TestClassScores(t *testing.T) {
	nan := float32(math.NaN())
	thousand := make([]float32, 1000) // of a softmax in bytes, of which most were rounded to 0
	thousand[3], thousand[5] = 0.5, 0.25
	for _, test := range []struct {
		row  []float32
		want bool
	}{
		{[]float32{0.25, 0.75}, true}, {[]float32{0, 1, 0}, true}, {[]float32{0.33, 0.33, 0.335}, true}, {thousand, true},
		{[]float32{0.25, 0.73}, false}, {make([]float32, 1000), false}, {[]float32{128, 64, 62}, true}, {[]float32{3, 7, 2}, false},
		{[]float32{-0.25, 1.25}, false}, {[]float32{-0.25, 0.5, 0.75}, false}, {[]float32{0.75, 0.75}, false}, {[]float32{2, -1}, false}, {[]float32{1}, false}, {nil, false}, {[]float32{nan, 7}, true},
	} {
		if got := answer.ClassScores(test.row); got != test.want {
			t.Errorf("%.8v: %t", test.row[:min(len(test.row), 5)], got)
		}
	}
}
