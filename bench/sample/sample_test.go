package sample

import (
	"math"
	"testing"
)

func TestPercentile(t *testing.T) {
	for _, test := range []struct {
		p, want float64
	}{{0, 1}, {50, 2.5}, {90, 3.7}, {100, 4}} {
		if got := Percentile([]float64{4, 1, 3, 2}, test.p); math.Abs(got-test.want) > 1e-9 {
			t.Errorf("percentile %g: expected %g, found %g", test.p, test.want, got)
		}
	}
	if got := Percentile(nil, 50); !math.IsNaN(got) {
		t.Errorf("expected NaN of no values, found %g", got)
	}
}

func TestGeometricMean(t *testing.T) {
	if got := GeometricMean([]float64{1, 100}); math.Abs(got-10) > 1e-9 {
		t.Errorf("expected 10, found %g", got)
	}
}
