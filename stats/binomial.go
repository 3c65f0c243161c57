package stats

import (
	"math"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

// ClopperPearson returns the two-sided exact interval of a rate (Clopper and Pearson, Biometrika 26, 1934):
// whatever the rate, it lies inside with at least the confidence. For n = 0 it is 0..1.
//
// It is valid only when n was fixed before the first draw. A sample that ended because of what it showed
// needs [SequenceLower] and [SequenceUpper].
func ClopperPearson(k, n int, confidence float64) (lower, upper float64) {
	each := (1 + confidence) / 2
	return ClopperPearsonLower(k, n, each), ClopperPearsonUpper(k, n, each)
}

// ClopperPearsonLower is the one-sided lower bound: the rate is at least that with the confidence.
// It is 0 for k = 0.
func ClopperPearsonLower(k, n int, confidence float64) float64 {
	switch {
	case !sensible(k, n, confidence):
		return math.NaN()
	case k == 0:
		return 0
	}
	return distuv.Beta{Alpha: float64(k), Beta: float64(n - k + 1)}.Quantile(1 - confidence)
}

// ClopperPearsonUpper is the one-sided upper bound: the rate is at most that with the confidence.
// It is 1 for k = n.
func ClopperPearsonUpper(k, n int, confidence float64) float64 {
	switch {
	case !sensible(k, n, confidence):
		return math.NaN()
	case k == n:
		return 1
	}
	return distuv.Beta{Alpha: float64(k + 1), Beta: float64(n - k)}.Quantile(confidence)
}

// atLeast is the probability of k or more hits in n draws at a rate of one half.
func atLeast(k, n int) float64 {
	switch {
	case k <= 0:
		return 1
	case k > n:
		return 0
	}
	return mathext.RegIncBeta(float64(k), float64(n-k+1), 0.5)
}

// McNemar is the exact two-sided p value of paired counts (McNemar, Psychometrika 12, 1947, by the binomial
// distribution): how likely it is that b and c, the pairs that changed one way and the other, are as
// unequal as that or more, if both ways are equally likely. It is 1 when nothing changed.
func McNemar(b, c int) float64 {
	if b < 0 || c < 0 {
		return math.NaN()
	}
	return min(1, 2*atLeast(max(b, c), b+c))
}

// McNemarOneSided is the exact one-sided p value: how likely it is that as many of the changed pairs or
// more became worse, if both ways are equally likely. A small one says that worse outweighs better.
func McNemarOneSided(worse, better int) float64 {
	if worse < 0 || better < 0 {
		return math.NaN()
	}
	return atLeast(worse, worse+better)
}
