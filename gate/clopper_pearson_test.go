package gate

import (
	"math"
	"testing"
)

// TestClopperPearson compares with R's binom.test and with the closed forms at the ends.
func TestClopperPearson(t *testing.T) {
	for _, test := range []struct {
		k, n         int
		confidence   float64
		lower, upper float64
	}{
		{0, 40, 0.95, 0, 1 - math.Pow(0.025, 1.0/40)},
		{40, 40, 0.95, math.Pow(0.025, 1.0/40), 1},
		{97, 100, 0.95, 0.9148, 0.9938},
		{1, 2, 0.5, 1 - math.Sqrt(0.75), math.Sqrt(0.75)},
	} {
		lower, upper := clopperPearson(test.k, test.n, test.confidence)
		if math.Abs(lower-test.lower) > 1e-4 || math.Abs(upper-test.upper) > 1e-4 {
			t.Errorf("%d of %d: %g to %g; expected %g to %g", test.k, test.n, lower, upper, test.lower, test.upper)
		}
	}
}
