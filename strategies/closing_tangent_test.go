//go:build cgo

package strategies_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// closedIn searches the first seeds with 200 queries each.
func closedIn(t *testing.T, aim distance.Aim, p fixtures.Pair, change func(*engine.Settings)) *engine.Report {
	pair := model.Must(onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.Scale(fixtures.Scale)))
	defer pair.Close()
	s := engine.Settings{Strategy: strategies.Boundary(), Aim: aim, Budget: engine.Budget{QueriesPerSeed: 200, ClosingQueriesPerSeed: 200}}
	if change != nil {
		change(&s)
	}
	return model.Must(engine.Search(t.Context(), pair, generators.First(fixtures.Seeds(), 24), s))
}

// medianFar is how far triggers are by an aim.
func medianFar(aim distance.Aim, r *engine.Report) float64 {
	var far []float64
	for _, trigger := range r.Triggers() {
		far = append(far, enginetest.FarBy(aim, trigger.Distance))
	}
	slices.Sort(far)
	return far[len(far)/2]
}

// What exists lies at 116 of LeNet-5, 8-bit, in the median (see docs/results/boundary.md); boxes around the seed came to 372.
func TestTangentsComeNearASeedByL2(t *testing.T) {
	for _, test := range []struct {
		pair fixtures.Pair
		most float64
	}{{fixtures.LeNet5Int8, 300}, {fixtures.ResCNNInt8, 190}, {fixtures.LeNet5Float16, 400}, {fixtures.LeNet5Student, 260}} {
		r := closedIn(t, distance.NearestL2, test.pair, nil)
		if far := medianFar(distance.NearestL2, r); len(r.Triggers()) != 24 || far > test.most {
			t.Errorf("%s: %d triggers of 24 seeds, %.0f from them in the median, expected at most %.0f", test.pair.Name, len(r.Triggers()), far, test.most)
		} else {
			t.Logf("%s: %.0f", test.pair.Name, far)
		}
	}
}

// Where both models are the same at the boundary, tangents lead to no trigger, and closing in goes on from the first one without them.
func TestTangentsAreLeftWhereBoundariesHaveNoGap(t *testing.T) {
	first := closedIn(t, distance.NearestL2, fixtures.LeNet5Planted, func(s *engine.Settings) { s.Budget.ClosingQueriesPerSeed = 0 })
	closed := closedIn(t, distance.NearestL2, fixtures.LeNet5Planted, nil)
	if before, after := medianFar(distance.NearestL2, first), medianFar(distance.NearestL2, closed); after > 0.97*before {
		t.Errorf("%.0f from the seeds in the median, expected at most 0.97 of the %.0f of first triggers", after, before)
	}
}

// Whatever is closed in is found alike, however many seeds are searched at once.
func TestClosingInWithTheOriginalAloneIsTheSameByAnyNumberOfWorkers(t *testing.T) {
	for _, aim := range []distance.Aim{distance.NearestL2, distance.NearestL0} {
		of := func(workers int) (far []distance.Distance) {
			for _, o := range closedIn(t, aim, fixtures.ResCNNInt8, func(s *engine.Settings) { s.Workers = workers }).Seeds {
				far = append(far, o.Trigger.Distance)
			}
			return far
		}
		if diff := cmp.Diff(of(1), of(3)); diff != "" {
			t.Errorf("%s: with 3 workers: %s", aim, diff)
		}
	}
}
