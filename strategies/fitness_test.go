package strategies

import (
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
)

// scores makes a row for three classes whose likeliest class has probability p.
func scores(p float32) []float32 { return []float32{p, (1 - p) / 2, (1 - p) / 2} }

func TestFitness(t *testing.T) {
	type step struct {
		original, compressed float32
		better               bool
	}
	for _, test := range []struct {
		reason string
		rules  TriggerFinderSearch
		steps  []step
	}{
		{"a growing difference is better, a shrinking or equal one is not", TriggerFinderSearch{DifferenceOnly: true},
			[]step{{0.9, 0.85, true}, {0.9, 0.87, false}, {0.9, 0.85, false}, {0.9, 0.8, true}}},
		{"growth within the tolerance does not count", TriggerFinderSearch{DifferenceOnly: true},
			[]step{{0.9, 0.8995, false}, {0.9, 0.898, true}, {0.9, 0.8975, false}}},
		{"the sign of the difference does not matter", TriggerFinderSearch{DifferenceOnly: true},
			[]step{{0.8, 0.9, true}, {0.9, 0.85, false}, {0.9, 0.7, true}}},
		{"after a mutant is kept for its state, its own difference is the one to exceed", TriggerFinderSearch{},
			[]step{{0.9, 0.8, true}, {0.4, 0.4, true}, {0.9, 0.85, true}, {0.9, 0.87, false}}},
		{"without growth, a new state is better once", TriggerFinderSearch{},
			[]step{{0.4, 0.4, true}, {0.4, 0.4, false}, {0.42, 0.42, false}}},
		{"a state is recorded even when the difference decides", TriggerFinderSearch{},
			[]step{{0.5, 0.4, true}, {0.45, 0.45, false}}},
		{"as released, any change of the difference is better, also to less", TriggerFinderSearch{Mode: AsReleased, DifferenceOnly: true},
			[]step{{0.9, 0.5, true}, {0.9, 0.8, true}, {0.9, 0.8, false}, {0.9, 0.7, true}}},
		{"as released, the start is 0, not the seed's difference", TriggerFinderSearch{Mode: AsReleased, DifferenceOnly: true},
			[]step{{0.9, 0.9, false}}},
		{"as released, a new state is better as well", TriggerFinderSearch{Mode: AsReleased},
			[]step{{0.4, 0.4, true}, {0.4, 0.4, false}}},
		{"the tolerance can be set", TriggerFinderSearch{DifferenceOnly: true, Tolerance: 0.2},
			[]step{{0.9, 0.8, false}, {0.9, 0.65, true}}},
	} {
		t.Run(test.reason, func(t *testing.T) {
			f := newFitness(test.rules, engine.Task{Seed: engine.Evaluation{Original: answer.Of(scores(0.9)...), Compressed: answer.Of(scores(0.9)...)}})
			for i, s := range test.steps {
				if got := f.better(&engine.Evaluation{Original: answer.Of(scores(s.original)...), Compressed: answer.Of(scores(s.compressed)...)}); got != s.better {
					t.Errorf("step %d: better(%g, %g) is %t, expected %t", i, s.original, s.compressed, got, s.better)
				}
			}
		})
	}
}

func TestStateCoverage(t *testing.T) {
	c := stateCoverage{distance: 0.5}
	for i, test := range []struct {
		reason               string
		original, compressed []float32
		isNew                bool
	}{
		{"the first state is new", []float32{1, 0}, []float32{1, 0}, true},
		{"the same state is not", []float32{1, 0}, []float32{1, 0}, false},
		{"both halves count: squared distance 0.25+0.25 is not beyond 0.5", []float32{0.5, 0}, []float32{0.5, 0}, false},
		{"squared distance 0.36+0.36 is beyond", []float32{0.4, 0}, []float32{0.4, 0}, true},
		{"the nearest of all states decides, here the second", []float32{0.3, 0}, []float32{0.3, 0}, false},
		{"a state that was not new was not recorded: 1 from both recorded ones", []float32{0.4, 1}, []float32{0.4, 0}, true},
	} {
		if got := c.reaches(test.original, test.compressed); got != test.isNew {
			t.Errorf("%d: %s: got %t", i, test.reason, got)
		}
	}
	if want := 3 * 4; len(c.states) != want {
		t.Errorf("%d values recorded, expected %d", len(c.states), want)
	}
}
