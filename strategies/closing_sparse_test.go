//go:build cgo

package strategies_test

import (
	"testing"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
)

// Some five values of 784 are enough; before, some 450 were changed.
func TestFewValuesAreChangedByTheAimL0(t *testing.T) {
	for _, test := range []struct {
		pair fixtures.Pair
		most float64
	}{{fixtures.LeNet5Int8, 10}, {fixtures.ResCNNInt8, 10}, {fixtures.LeNet5Float16, 20}, {fixtures.LeNet5Student, 10}} {
		r := closedIn(t, distance.NearestL0, test.pair, nil)
		if many := medianFar(distance.NearestL0, r); len(r.Triggers()) != 24 || many > test.most {
			t.Errorf("%s: %d triggers of 24 seeds, %.0f values changed in the median, expected at most %.0f", test.pair.Name, len(r.Triggers()), many, test.most)
		} else {
			t.Logf("%s: %.0f", test.pair.Name, many)
		}
	}
}

// Where both models are the same at the boundary, closing in goes on from the first trigger as it does elsewhere.
func TestFewValuesAreLeftWhereBoundariesHaveNoGap(t *testing.T) {
	first := closedIn(t, distance.NearestL0, fixtures.LeNet5Planted, func(s *engine.Settings) { s.Budget.ClosingQueriesPerSeed = 0 })
	closed := closedIn(t, distance.NearestL0, fixtures.LeNet5Planted, nil)
	if before, after := medianFar(distance.NearestL0, first), medianFar(distance.NearestL0, closed); after >= before {
		t.Errorf("%.0f values changed in the median, expected less than the %.0f of first triggers", after, before)
	}
}
