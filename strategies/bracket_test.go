package strategies

import (
	"fmt"
	"math"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"pgregory.net/rapid"
)

// margins are two falling margins along a path.
type margins func(t float64) (original, compressed float64)

func (m margins) at(t float64) point {
	o, c := m(t)
	return point{t: t, original: o, compressed: c}
}

// steps brackets until it meets the gap, and returns after how many points.
func (m margins) steps(labelsOnly bool, most int) (int, error) {
	b := bracket{labelsOnly: labelsOnly}
	b.between(m.at(0), m.at(1))
	for step := 1; step <= most; step++ {
		near, far := b.near.t, b.far.t
		at := b.next()
		if far-near < 1e-9 {
			return step, nil // no gap that wide
		}
		if !(at > near && at < far) {
			return step, fmt.Errorf("next is %g, not between %g and %g", at, near, far)
		}
		p := m.at(at)
		if p.original > 0 != (p.compressed > 0) {
			return step, nil
		}
		b.add(p)
		if b.near.t != at && b.far.t != at || b.far.t-b.near.t >= far-near {
			return step, fmt.Errorf("%g became no end of %g to %g", at, b.near.t, b.far.t)
		}
		if !b.near.near() || b.far.near() {
			return step, fmt.Errorf("the ends %+v and %+v lie on one side", b.near, b.far)
		}
	}
	return most + 1, nil
}

func labelled(m margins) margins {
	sign := func(v float64) float64 {
		if v > 0 {
			return -answer.LogScore(0)
		}
		return answer.LogScore(0)
	}
	return func(t float64) (float64, float64) {
		o, c := m(t)
		return sign(o), sign(c)
	}
}

func TestBracketFindsTheGap(t *testing.T) {
	straightLine := func(at, steep float64) func(float64) float64 {
		return func(t float64) float64 { return steep * (at - t) }
	}
	pair := func(o, c func(float64) float64) margins {
		return func(t float64) (float64, float64) { return o(t), c(t) }
	}
	curved := func(at, steep, bend float64) func(float64) float64 {
		return func(t float64) float64 { return steep * (math.Pow(at, bend) - math.Pow(t, bend)) }
	}
	cliff := func(at, width float64) func(float64) float64 {
		return func(t float64) float64 { return 12 * math.Tanh((at-t)/width) }
	}
	for _, test := range []struct {
		name   string
		m      margins
		scores int // points it takes, at most
		labels int // with labels alone
	}{
		{"straight", pair(straightLine(0.4, 10), straightLine(0.41, 10)), 4, 8},
		{"straight, the other way round", pair(straightLine(0.61, 10), straightLine(0.6, 10)), 4, 9},
		{"narrow", pair(straightLine(0.4, 10), straightLine(0.4005, 10)), 8, 14},
		{"near an end", pair(straightLine(0.03, 10), straightLine(0.035, 10)), 8, 10},
		{"near the other end", pair(straightLine(0.97, 10), straightLine(0.975, 10)), 8, 10},
		{"curved", pair(curved(0.7, 20, 3), curved(0.71, 20, 3)), 6, 9},
		{"flat at first", pair(curved(0.9, 20, 8), curved(0.91, 20, 8)), 9, 9},
		{"cliff", pair(cliff(0.8, 0.05), cliff(0.81, 0.05)), 12, 9},
	} {
		t.Run(test.name, func(t *testing.T) {
			for labelsOnly, most := range map[bool]int{false: test.scores, true: test.labels} {
				m := test.m
				if labelsOnly {
					m = labelled(m)
				}
				if n, err := m.steps(labelsOnly, most); err != nil || n > most {
					t.Errorf("labels only %t: not found after %d points: %v", labelsOnly, most, err)
				}
			}
		})
	}
}

func TestBracketBisectsLabels(t *testing.T) {
	m := labelled(func(t float64) (float64, float64) { return 0.3 - t, 0.3 - t })
	b := bracket{labelsOnly: true}
	b.between(m.at(0), m.at(1))
	for _, want := range []float64{0.5, 0.25, 0.375, 0.3125, 0.28125} {
		if got := b.next(); got != want {
			t.Fatalf("next is %g, expected %g", got, want)
		}
		b.add(m.at(want))
	}
}

// Only where there are scores.
func TestBracketLeansAtFirst(t *testing.T) {
	for _, crossing := range []float64{0.2, 0.4, leansTo, 0.9} {
		line := margins(func(t float64) (float64, float64) { m := crossing - t; return m, m })
		var b bracket
		b.between(line.at(0), line.at(1))
		want := crossing + leans*(leansTo-crossing)
		if got := b.next(); math.Abs(got-want) > 1e-9 {
			t.Errorf("crossing at %g: looks at %g first, expected %g", crossing, got, want)
		}
		b.add(line.at(want))
		then := crossing
		if want > crossing { // it came to lie beyond
			then += afterFar * (want - crossing)
		}
		if want != crossing && math.Abs(b.next()-then) > 1e-2 {
			t.Errorf("crossing at %g: looks at %g next, expected %g", crossing, b.next(), then)
		}
		labels := bracket{labelsOnly: true}
		labels.between(line.at(0), line.at(1))
		if labels.next() != 0.5 {
			t.Errorf("labels alone: looks at %g first, expected the middle", labels.next())
		}
	}
}

// The seed's label 0 is ahead of 1 by 1 and of 2 by 3, at the end behind 2 by 1 and ahead of 1 by 2: 2 overtakes it at
// 0.75 and 1 never does. What is ahead at either end would make that 0.5.
func TestBracketInterpolatesClassByClass(t *testing.T) {
	of := func(at float64, scores ...float64) point {
		p := point{t: at, original: scores[0] - max(scores[1], scores[2])}
		p.compressed = p.original
		p.logs = logScores{scores, scores}
		return p
	}
	var b bracket
	near, far := of(0, 3, 2, 0), of(1, 0, -2, 1)
	b.between(near, far)
	if original, compressed := b.crossings(); original != 0.75 || compressed != 0.75 {
		t.Errorf("crossings at %g and %g, expected 0.75", original, compressed)
	}
	for side := range near.logs {
		near.logs[side][1] = 9
	}
	if original, _ := b.crossings(); original != 0.75 {
		t.Errorf("a bracket reads what its end became later: crossing at %g", original)
	}
	near.logs, far.logs = logScores{}, logScores{}
	b.between(near, far)
	if original, _ := b.crossings(); original != 0.5 {
		t.Errorf("margins alone: crossing at %g, expected 0.5", original)
	}
}

func TestBracketHoldsAnyFallingMargins(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		curve := func(name string) func(float64) float64 {
			at := rapid.Float64Range(0.01, 0.99).Draw(t, name+" at")
			steep := rapid.Float64Range(0.1, 200).Draw(t, name+" steep")
			bend := rapid.Float64Range(0.2, 5).Draw(t, name+" bend")
			return func(t float64) float64 { return steep * (math.Pow(at, bend) - math.Pow(t, bend)) }
		}
		o, c := curve("original"), curve("compressed")
		m := margins(func(t float64) (float64, float64) { return o(t), c(t) })
		if _, err := m.steps(false, mostSteps); err != nil {
			t.Error(err)
		}
		if _, err := labelled(m).steps(true, mostSteps); err != nil {
			t.Error(err)
		}
	})
}

func TestBracketIsTiedWhereAModelIsLevelAtBothEnds(t *testing.T) {
	near, far := point{t: 0, original: 2, compressed: 2}, point{t: 1, original: -2, compressed: -2}
	var b bracket
	b.between(near, far)
	for _, step := range []struct {
		point point
		tied  bool
	}{
		{point{t: 0.4, original: 0.1, compressed: 0}, false}, // the compressed model may fall before the original does
		{point{t: 0.6, original: -0.1, compressed: -0.2}, false},
		{point{t: 0.5, original: -0.02, compressed: 0}, true},
	} {
		b.add(step.point)
		if b.tied() != step.tied {
			t.Errorf("with an end at %+v: tied is %v, expected %v", step.point, b.tied(), step.tied)
		}
	}
}

func TestBracketIsGaplessWhereBothBoundariesAreInTheSamePlace(t *testing.T) {
	at := func(t, original, compressed float64) point {
		return point{t: t, original: original, compressed: compressed}
	}
	for _, test := range []struct {
		name      string
		near, far point
		labels    bool
		gapless   bool
	}{
		{"equal models", at(0, 3, 3), at(1, -2, -2), false, true},
		{"models that round differently", at(0, 3, 3+1e-6), at(1, -2, -2+1e-6), false, true},
		{"half precision", at(0, 3, 3.002), at(1, -2, -2.001), false, false},
		{"a gap that shows at one end alone", at(0, 3, 3), at(1, -2, -1), false, false},
		{"an end where nothing is learned", at(0, 1e-3, 0), at(1, -2, -2), false, false},
		{"labels alone", at(0, 3, 3), at(1, -3, -3), true, false},
	} {
		b := bracket{labelsOnly: test.labels}
		b.between(test.near, test.far)
		if b.gapless() != test.gapless {
			t.Errorf("%s: gapless is %v", test.name, b.gapless())
		}
	}
}
