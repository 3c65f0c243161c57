package engine_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/triggerfinder/triggerfinder/engine"
)

func TestOracles(t *testing.T) {
	top2 := engine.Must(engine.TopK(2))
	tolerance := engine.Must(engine.ScoreTolerance(0.1))
	severe := engine.Must(engine.MinConfidence(0.7, nil))
	gap := engine.Must(engine.MinGap(0.5, nil))
	both := engine.Must(engine.MinGap(0.5, severe))
	type row = []float32
	for _, test := range []struct {
		reason               string
		oracle               engine.Oracle
		original, compressed row
		want                 engine.Verdict
	}{
		{"same label", engine.Top1(), row{0.7, 0.2, 0.1}, row{0.5, 0.4, 0.1}, engine.Verdict{}},
		{"other label", engine.Top1(), row{0.7, 0.2, 0.1}, row{0.4, 0.5, 0.1}, engine.Verdict{Deviates: true}},
		{"a tie that holds the other's label is no deviation, and counted", engine.Top1(),
			row{0.1, 0.7, 0.2}, row{0.4, 0.4, 0.2}, engine.Verdict{Tied: true}},
		{"a tie whose first label agrees is an ordinary agreement", engine.Top1(),
			row{0.7, 0.1, 0.2}, row{0.4, 0.4, 0.2}, engine.Verdict{}},
		{"two ties that overlap in one label", engine.Top1(),
			row{0.4, 0.4, 0.2}, row{0.2, 0.4, 0.4}, engine.Verdict{Tied: true}},
		{"disjoint ties deviate", engine.Top1(),
			row{0.3, 0.3, 0.2, 0.2}, row{0.2, 0.2, 0.3, 0.3}, engine.Verdict{Deviates: true, Tied: true}},
		{"second place is within the top 2", top2, row{0.7, 0.2, 0.1}, row{0.4, 0.5, 0.1}, engine.Verdict{}},
		{"third place is not", top2, row{0.7, 0.2, 0.1}, row{0.1, 0.5, 0.4}, engine.Verdict{Deviates: true}},
		{"it must hold both ways", top2, row{0.4, 0.5, 0.1}, row{0.3, 0.3, 0.4}, engine.Verdict{Deviates: true}},
		{"a tie at second place includes all of its labels", top2, row{0.6, 0.2, 0.2}, row{0.3, 0.1, 0.6}, engine.Verdict{}},
		{"within the tolerance", tolerance, row{0.5, 0.5}, row{0.58, 0.42}, engine.Verdict{}},
		{"beyond the tolerance, though the label is the same", tolerance, row{0.9, 0.1}, row{0.75, 0.25}, engine.Verdict{Deviates: true}},
		{"label only judges as top-1", engine.LabelOnly(), row{0.7, 0.2, 0.1}, row{0.4, 0.5, 0.1}, engine.Verdict{Deviates: true}},
		{"a sure original that is contradicted is a severe deviation", severe, row{0.75, 0.2, 0.05}, row{0.05, 0.75, 0.2}, engine.Verdict{Deviates: true}},
		{"an unsure original is not", severe, row{0.6, 0.3, 0.1}, row{0.1, 0.6, 0.3}, engine.Verdict{}},
		{"the compressed gives the original's label much less", gap, row{0.75, 0.15, 0.1}, row{0.25, 0.7, 0.05}, engine.Verdict{Deviates: true}},
		{"not much less", gap, row{0.6, 0.3, 0.1}, row{0.2, 0.7, 0.1}, engine.Verdict{}},
		{"much less, though the label is the same", gap, row{1, 0, 0}, row{0.4, 0.3, 0.3}, engine.Verdict{}},
		{"a tie is what the inner oracle says it is", gap, row{0.1, 0.7, 0.2}, row{0.4, 0.4, 0.2}, engine.Verdict{Tied: true}},
		{"sure and much less", both, row{0.75, 0.2, 0.05}, row{0.05, 0.75, 0.2}, engine.Verdict{Deviates: true}},
		{"much less, but unsure", both, row{0.6, 0.3, 0.1}, row{0.1, 0.6, 0.3}, engine.Verdict{}},
		{"sure, but not much less", both, row{0.75, 0.25, 0}, row{0.45, 0.55, 0}, engine.Verdict{}},
	} {
		t.Run(test.oracle.String()+"/"+test.reason, func(t *testing.T) {
			if got := test.oracle.Judge(test.original, test.compressed); got != test.want {
				t.Errorf("%v against %v: got %+v, expected %+v", test.original, test.compressed, got, test.want)
			}
			if got := test.oracle.Judge(test.compressed, test.original); got.Deviates != test.want.Deviates {
				t.Errorf("the verdict depends on which model comes first")
			}
		})
	}
}

func TestOracleOptions(t *testing.T) {
	if _, err := engine.TopK(0); err == nil {
		t.Error("TopK(0): expected an error")
	}
	for _, p := range []float64{0, -1, 1.1} {
		if _, err := engine.MinConfidence(p, nil); err == nil {
			t.Errorf("MinConfidence(%g): expected an error", p)
		}
	}
	if _, err := engine.MinConfidence(0.9, engine.LabelOnly()); err == nil {
		t.Error("MinConfidence of labels: expected an error")
	}
	for _, gap := range []float64{0, -1, 1.1, math.NaN()} {
		if _, err := engine.MinGap(gap, nil); err == nil || !strings.Contains(err.Error(), "engine: MinGap: gap is ") {
			t.Errorf("MinGap(%g): error %v", gap, err)
		}
	}
	if _, err := engine.MinGap(0.5, engine.LabelOnly()); err == nil || err.Error() != "engine: MinGap: oracle label-only has no confidence to judge by" {
		t.Errorf("MinGap of labels: error %v", err)
	}
	if got, want := engine.Must(engine.MinGap(0.5, engine.Must(engine.MinConfidence(0.9, nil)))).String(),
		"top-1 with the original at least 0.9 confident with a gap of at least 0.5 in the score of the original's label"; got != want {
		t.Errorf("name %q, expected %q", got, want)
	}
	for _, tolerance := range []float64{0, -1, 1, 2} {
		if _, err := engine.ScoreTolerance(tolerance); err == nil {
			t.Errorf("ScoreTolerance(%g): expected an error", tolerance)
		}
	}
}

func TestShortfall(t *testing.T) {
	top2 := engine.Must(engine.TopK(2))
	tolerance := engine.Must(engine.ScoreTolerance(0.25))
	severe := engine.Must(engine.MinConfidence(0.75, nil))
	gap := engine.Must(engine.MinGap(0.5, nil))
	custom := engine.Must(engine.MinConfidence(0.75, ungraded{}))
	const tie = 1e-9
	type row = []float32
	for _, test := range []struct {
		reason               string
		oracle               engine.Oracle
		original, compressed row
		want                 float64
	}{
		{"a deviation", engine.Top1(), row{0.75, 0.25}, row{0.25, 0.75}, 0},
		{"the less sure model is nearer", engine.Top1(), row{0.75, 0.25, 0}, row{0.5, 0.375, 0.125}, 0.125},
		{"whichever it is", engine.Top1(), row{0.5, 0.375, 0.125}, row{0.75, 0.25, 0}, 0.125},
		{"a tie is as near as it gets", engine.Top1(), row{0.75, 0.25, 0}, row{0.5, 0.5, 0}, tie},
		{"a model that ties all labels cannot be contradicted, only change", engine.Top1(), row{0.25, 0.25, 0.25, 0.25}, row{0.5, 0.5, 0, 0}, tie},
		{"nor can two", engine.Top1(), row{0.5, 0.5}, row{0.5, 0.5}, 1},
		{"the label is first: it has to fall behind two others", top2, row{1, 0, 0}, row{0.5, 0.375, 0.125}, 0.375},
		{"the label is second: it has to fall behind one more", top2, row{0.75, 0.25, 0, 0}, row{0.375, 0.5, 0.125, 0}, 0.25},
		{"or the third has to become the other's label", top2, row{0.625, 0.25, 0.125, 0}, row{0.5, 0.25, 0.4375, -0.1875}, 0.0625},
		{"two labels are always among the first two", top2, row{1, 0}, row{0, 1}, 1},
		{"the largest difference of scores", tolerance, row{0.5, 0.5, 0}, row{0.5, 0.375, 0.125}, 0.125},
		{"just within the tolerance", tolerance, row{0.75, 0.25}, row{0.5, 0.5}, tie},
		{"labels agree or not", engine.LabelOnly(), row{1, 0}, row{1, 0}, 1},
		{"labels differ", engine.LabelOnly(), row{1, 0}, row{0, 1}, 0},
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
			if got := test.oracle.(engine.Graded).Shortfall(test.original, test.compressed); got != test.want {
				t.Errorf("%v against %v: got %g, expected %g", test.original, test.compressed, got, test.want)
			}
		})
	}
}

// ungraded is an oracle of a user: it deviates when any score differs.
type ungraded struct{}

func (ungraded) Judge(original, compressed []float32) engine.Verdict {
	for i, s := range original {
		if s != compressed[i] {
			return engine.Verdict{Deviates: true}
		}
	}
	return engine.Verdict{}
}

func (ungraded) String() string { return "any score differs" }

func TestShortfallIsZeroForDeviationsOnly(t *testing.T) {
	oracles := []engine.Oracle{engine.Top1(), engine.LabelOnly()}
	for k := 1; k <= 4; k++ {
		oracles = append(oracles, engine.Must(engine.TopK(k)))
	}
	for _, tolerance := range []float64{0.1, 0.25, 0.6} {
		oracles = append(oracles, engine.Must(engine.ScoreTolerance(tolerance)))
	}
	for _, inner := range append(oracles, ungraded{}) {
		if l, ok := inner.(engine.LabelOnlyOracle); ok && l.LabelOnly() {
			continue
		}
		sure, wide := engine.Must(engine.MinConfidence(0.5, inner)), engine.Must(engine.MinGap(0.25, inner))
		oracles = append(oracles, sure, wide, engine.Must(engine.MinGap(0.25, sure)), engine.Must(engine.MinConfidence(0.5, wide)))
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
			shortfall := oracle.(engine.Graded).Shortfall(original, compressed)
			deviates := oracle.Judge(original, compressed).Deviates
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
		oracle := engine.Must(engine.TopK(k)).(engine.Graded)
		score := rapid.Float32Range(0, 1)
		original := rapid.SliceOfN(score, 5, 5).Draw(t, "original")
		compressed := rapid.SliceOfN(score, 5, 5).Draw(t, "compressed")
		shortfall := oracle.Shortfall(original, compressed)
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
					found := oracle.Judge(original, compressed).Deviates
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
