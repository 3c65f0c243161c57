package sample

import (
	"math"
	"testing"
)

func TestGeometricMean(t *testing.T) {
	if got := GeometricMean([]float64{1, 100}); math.Abs(got-10) > 1e-9 {
		t.Errorf("expected 10, found %g", got)
	}
}
