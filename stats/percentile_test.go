package stats_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/triggerfinder/triggerfinder/stats"
)

// The expected values are what numpy.percentile gives by default, method "linear".
func TestPercentile(t *testing.T) {
	for _, test := range []struct {
		values  []float64
		p, want float64
	}{
		{[]float64{15, 20, 35, 40, 50}, 40, 29},
		{[]float64{50, 15, 40, 20, 35}, 40, 29}, // in any order
		{[]float64{10, 7, 4, 3, 2, 1}, 50, 3.5},
		{[]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 90, 9.1},
		{[]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 10, 1.9},
		{[]float64{1, 2, 3, 4}, 75, 3.25},
		{[]float64{7}, 90, 7},
		{[]float64{1, 9}, 0, 1},
		{[]float64{1, 9}, 100, 9},
	} {
		if got := stats.Percentile(test.values, test.p); math.Abs(got-test.want) > 1e-12 {
			t.Errorf("percentile %g of %v: got %g, expected %g", test.p, test.values, got, test.want)
		}
	}
}

func TestPercentileProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(-1e6, 1e6), 1, 40).Draw(t, "values")
		p, q := rapid.Float64Range(0, 100).Draw(t, "p"), rapid.Float64Range(0, 100).Draw(t, "q")
		low, high := stats.Percentile(values, min(p, q)), stats.Percentile(values, max(p, q))
		if low > high+1e-6 {
			t.Errorf("percentiles %g, %g fall: %g, %g", min(p, q), max(p, q), low, high)
		}
		if n := stats.Percentile(values, 0); low < n-1e-6 {
			t.Errorf("%g is less than the least value %g", low, n)
		}
	})
}

func TestPercentileOfNothingSensible(t *testing.T) {
	values := []float64{3, 1, 2}
	for _, p := range []float64{-1, 101, math.NaN()} {
		if got := stats.Percentile(values, p); !math.IsNaN(got) {
			t.Errorf("percentile %g: expected NaN, found %g", p, got)
		}
	}
	if got := stats.Median(nil); !math.IsNaN(got) {
		t.Errorf("median of nothing: expected NaN, found %g", got)
	}
	if got := stats.Median(values); got != 2 || !slices.Equal(values, []float64{3, 1, 2}) {
		t.Errorf("expected 2 and the values in their order, found %g and %v", got, values)
	}
}
