package answer_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/model"
)

// threshold decides by whether a number is above 0.5.
type threshold struct {
	answer.Graded
	at int
}

func (o threshold) Margin(a, reference answer.Answer) float64 {
	d := float64(a.Scores[o.at]) - 0.5
	if reference.Scores[o.at] > 0.5 {
		return d
	}
	return -d
}

func telling(o answer.Oracle) answer.Oracle {
	return model.Must(answer.Telling(o, func(_, _ answer.Answer) answer.Deviation { return answer.Deviation{Group: "own"} }))
}

// The excess of whatever measures has the sign of the verdict, and goes on where the shortfall ends.
func TestExcessGoesOnWhereTheShortfallEnds(t *testing.T) {
	absolute := model.Must(answer.Tolerance(answer.Absolute(0.5)))
	relative := model.Must(answer.Tolerance(answer.Relative(1, 0.2)))
	own := model.Must(answer.GradedFunc("own", func(o, c answer.Answer) float64 { return 0.4 - float64(c.Scores[1]-o.Scores[1]) }))
	for _, oracle := range []answer.Oracle{
		absolute, relative, model.Must(answer.Tolerance(answer.Cosine(0.2))), own, telling(absolute), telling(telling(own)),
		model.Must(answer.AnyOf(absolute, own)), telling(model.Must(answer.AnyOf(relative, telling(own)))),
	} {
		m := answer.MeasuredOf(oracle)
		if m == nil {
			t.Errorf("%s: expected an oracle that measures", oracle)
			continue
		}
		rng := rand.New(rand.NewPCG(1, 2))
		deviating, least, most := 0, math.Inf(1), math.Inf(-1)
		for range 500 {
			o := answer.Of(rng.Float32()-0.5, rng.Float32()-0.5)
			c := answer.Of(rng.Float32()-0.5, rng.Float32()-0.5)
			excess, deviates := m.Excess(o, c), oracle.Judge(o, c).Deviates
			if deviates != (excess > 0) {
				t.Fatalf("%s: excess %g of %v and %v, deviates: %v", oracle, excess, o.Scores, c.Scores, deviates)
			}
			if short := oracle.(answer.Graded).Shortfall(o, c); !deviates && math.Abs(short+excess) > 1e-8 {
				t.Fatalf("%s: excess %g and shortfall %g; expected one to be the other's negative", oracle, excess, short)
			}
			if least, most = min(least, excess), max(most, excess); deviates {
				deviating++
			}
		}
		if deviating < 50 || deviating > 450 || !(most > 0.05) {
			t.Errorf("%s: %d of 500 deviate, by up to %g; expected both, and a size", oracle, deviating, most)
		}
	}
}

func TestExcessIsFinite(t *testing.T) {
	m := answer.MeasuredOf(model.Must(answer.Tolerance(answer.Relative(0.1, 0))))
	if e := m.Excess(answer.Of(0), answer.Of(1)); !(e > 0) || math.IsInf(e, 0) {
		t.Errorf("excess %g of 0 and 1 without a floor; expected a finite one above 0", e)
	}
	for of, want := range map[float64]bool{math.NaN(): false, math.Inf(1): false, math.Inf(-1): true, 0: true} {
		m := answer.MeasuredOf(model.Must(answer.GradedFunc("own", func(_, _ answer.Answer) float64 { return of })))
		if e := m.Excess(answer.Of(0), answer.Of(1)); math.IsNaN(e) || math.IsInf(e, 0) || e > 0 != want {
			t.Errorf("shortfall %g: excess %g; expected a finite one, above 0: %v", of, e, want)
		}
	}
}

func TestDecidersAreFound(t *testing.T) {
	graded := model.Must(answer.GradedFunc("above", func(_, _ answer.Answer) float64 { return 1 })).(answer.Graded)
	above, second := threshold{graded, 0}, threshold{graded, 1}
	plain := model.Must(answer.Tolerance(answer.Absolute(1)))
	for _, test := range []struct {
		oracle answer.Oracle
		want   bool
	}{
		{above, true}, {telling(above), true}, {telling(telling(above)), true}, {model.Must(answer.AnyOf(above, second)), true}, {model.Must(answer.AnyOf(above, graded)), false}, {plain, false}, {telling(plain), false}, {answer.LabelOnly(), false},
	} {
		d := answer.DeciderOf(test.oracle)
		if (d != nil) != test.want {
			t.Errorf("%T: a decider: %v, expected %v", test.oracle, d != nil, test.want)
		}
		if d != nil && (d.Margin(answer.Of(0.75, 1), answer.Of(1, 1)) != 0.25 || d.Margin(answer.Of(0.75, 1), answer.Of(0, 1)) != -0.25) {
			t.Errorf("%T: its margin is not that of the decider in it", test.oracle)
		}
	}
}

// The excess of the stricter oracles of labels has the sign of the verdict too, ties included.
func TestExcessOfLabels(t *testing.T) {
	top1, top2 := answer.Top1(), model.Must(answer.TopK(2))
	for _, oracle := range []answer.Oracle{
		top1, top2, model.Must(answer.TopK(3)), model.Must(answer.MinConfidence(0.5, nil)), model.Must(answer.MinConfidence(0.4, top2)),
		model.Must(answer.MinGap(0.2, nil)), model.Must(answer.MinGap(0.1, model.Must(answer.MinConfidence(0.4, nil)))),
		model.Must(answer.MinGap(0.2, model.Must(answer.OracleFunc("own", func(o, c answer.Answer) bool { return o.Scores[0] > c.Scores[0] })))),
	} {
		m := answer.MeasuredOf(oracle)
		if m == nil {
			t.Errorf("%s: expected an oracle that measures", oracle)
			continue
		}
		rng := rand.New(rand.NewPCG(3, 4))
		deviating := 0
		for range 3000 {
			var a [2]answer.Answer
			for i := range a {
				a[i] = answer.Of(0, 0, 0, 0)
				rest := 8 // in eighths, so that many tie
				for j := range 3 {
					n := rng.IntN(rest + 1)
					a[i].Scores[j], rest = float32(n)/8, rest-n
				}
				a[i].Scores[3] = float32(rest) / 8
			}
			excess, deviates := m.Excess(a[0], a[1]), oracle.Judge(a[0], a[1]).Deviates
			if deviates != (excess > 0) || math.IsInf(excess, 0) {
				t.Fatalf("%s: excess %g of %v and %v, deviates: %v", oracle, excess, a[0].Scores, a[1].Scores, deviates)
			}
			if deviates {
				deviating++
			}
		}
		if deviating < 30 || deviating > 2970 {
			t.Errorf("%s: %d of 3000 deviate; expected both", oracle, deviating)
		}
	}
}
