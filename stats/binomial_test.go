package stats_test

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"

	"github.com/triggerfinder/triggerfinder/stats"
)

func near(got, want, tolerance float64) bool {
	return got == want || math.Abs(got-want) <= tolerance*math.Abs(want)
}

// The values are those of scipy.stats 1.17: beta.ppf and binomtest.
func TestClopperPearsonAgainstScipy(t *testing.T) {
	for _, c := range []struct {
		k, n                     int
		confidence, lower, upper float64
	}{
		{0, 1, 0.95, 0, 0.95},
		{1, 1, 0.95, 0.05, 1},
		{0, 300, 0.95, 0, 0.00993608194446},
		{1, 300, 0.95, 0.000170963032113, 0.0157145548916},
		{300, 300, 0.99, 0.98476665211, 1},
		{3, 10, 0.9, 0.11582527803, 0.551730832384},
		{10, 10000, 0.95, 0.000542637575291, 0.00169563145365},
		{5000, 10000, 0.95, 0.491726504404, 0.508273495596},
		{37, 1000000, 0.95, 2.75947315141e-05, 4.86752010332e-05},
		{999963, 1000000, 0.99, 0.999946209179, 0.999975666995},
		{123456, 1000000, 0.999, 0.12244146295, 0.124475586023},
		{1, 10000000, 0.95, 5.1293294256e-09, 4.74386362984e-07},
		{2, 5, 0.5, 0.313810170456, 0.5},
		{0, 0, 0.95, 0, 1},
	} {
		lower, upper := stats.ClopperPearsonLower(c.k, c.n, c.confidence), stats.ClopperPearsonUpper(c.k, c.n, c.confidence)
		if !near(lower, c.lower, 1e-6) || !near(upper, c.upper, 1e-6) {
			t.Errorf("%d of %d at %g: %.12g..%.12g; expected %.12g..%.12g", c.k, c.n, c.confidence, lower, upper, c.lower, c.upper)
		}
	}
	// Two-sided at 95 % is one-sided at 97.5 %.
	if lower, upper := stats.ClopperPearson(3, 10, 0.95); !near(lower, 0.0667395111777, 1e-9) || !near(upper, 0.652452850060, 1e-9) {
		t.Errorf("two-sided 3 of 10: %.12g..%.12g", lower, upper)
	}
}

// By the definition of the bounds: summed over all outcomes, they fail with at most the error, at any rate.
func TestClopperPearsonCovers(t *testing.T) {
	const n, confidence = 60, 0.95
	for _, rate := range []float64{0.001, 0.01, 0.1, 0.3, 0.5, 0.77, 0.99} {
		below, above := 0.0, 0.0
		for k := range n + 1 {
			p := distuv.Binomial{N: n, P: rate}.Prob(float64(k))
			if stats.ClopperPearsonUpper(k, n, confidence) < rate {
				below += p
			}
			if stats.ClopperPearsonLower(k, n, confidence) > rate {
				above += p
			}
		}
		if below > 1-confidence || above > 1-confidence {
			t.Errorf("rate %g: the upper bound fails with %.4f, the lower with %.4f", rate, below, above)
		}
	}
}

func TestMcNemarAgainstScipy(t *testing.T) {
	for _, c := range []struct {
		worse, better      int
		twoSided, oneSided float64
	}{
		{0, 0, 1, 1},
		{5, 0, 0.0625, 0.03125},
		{10, 3, 0.09228515625, 0.046142578125},
		{3, 10, 0.09228515625, 0.98876953125},
		{6, 6, 1, 0.61279296875},
		{59, 6, 4.96465032713e-12, 2.48232516356e-12},
		{121, 59, 4.43444926376e-06, 2.21722463188e-06},
	} {
		two, one := stats.McNemar(c.worse, c.better), stats.McNemarOneSided(c.worse, c.better)
		if !near(two, c.twoSided, 1e-9) || !near(one, c.oneSided, 1e-9) {
			t.Errorf("%d worse, %d better: p %.12g and one-sided %.12g; expected %.12g and %.12g", c.worse, c.better, two, one, c.twoSided, c.oneSided)
		}
	}
}

func TestArgumentsThatMakeNoSenseGiveNaN(t *testing.T) {
	for name, v := range map[string]float64{
		"more hits than draws": stats.ClopperPearsonUpper(2, 1, 0.95),
		"negative hits":        stats.ClopperPearsonLower(-1, 1, 0.95),
		"confidence 1":         stats.SequenceUpper(0, 1, 1),
		"confidence 0":         stats.SequenceLower(1, 1, 0),
		"confidence NaN":       stats.ClopperPearsonUpper(0, 1, math.NaN()),
		"negative worse":       stats.McNemar(-1, 0),
		"negative better":      stats.McNemarOneSided(0, -1),
	} {
		if !math.IsNaN(v) {
			t.Errorf("%s: %g; expected NaN", name, v)
		}
	}
}

// Whatever the counts, the bounds are ordered, the sequence is the more careful of the two, and more
// confidence is wider.
func TestBoundsAreOrdered(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 5_000_000).Draw(t, "n")
		k := rapid.IntRange(0, n).Draw(t, "k")
		confidence := rapid.Float64Range(0.5, 0.9999).Draw(t, "confidence")
		bounds := []float64{0, stats.SequenceLower(k, n, confidence), stats.ClopperPearsonLower(k, n, confidence)}
		if n > 0 {
			bounds = append(bounds, float64(k)/float64(n))
		}
		bounds = append(bounds, stats.ClopperPearsonUpper(k, n, confidence), stats.SequenceUpper(k, n, confidence), 1)
		for i := 1; i < len(bounds); i++ {
			if !(bounds[i-1] <= bounds[i]+1e-12) {
				t.Fatalf("bounds %v: expected each at most the next", bounds)
			}
		}
		if more := stats.SequenceUpper(k, n, (1+confidence)/2); more < bounds[len(bounds)-2] {
			t.Fatalf("%g at more confidence, %g at less", more, bounds[len(bounds)-2])
		}
	})
}
