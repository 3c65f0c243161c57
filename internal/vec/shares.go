package vec

import "math"

// RootsOfShares writes the root of which share least is of each value, at most 1. Least is above 0.
func RootsOfShares(dst []float64, of []float32, least float32) {
	dst = dst[:len(of)]
	n := inFours(len(of))
	if n > 0 {
		rootsOfShares(&dst[0], &of[0], least, n)
	}
	for i := n; i < len(of); i++ {
		dst[i] = math.Sqrt(float64(least / max(of[i], least)))
	}
}

// Quotients writes each value divided by the same number.
func Quotients(dst []float32, values []float64, by float64) {
	dst = dst[:len(values)]
	n := inFours(len(values))
	if n > 0 {
		quotients(&dst[0], &values[0], by, n)
	}
	for i := n; i < len(values); i++ {
		dst[i] = float32(values[i] / by)
	}
}

// Divide divides each value by the one of by in its place.
func Divide(values, by []float32) {
	by = by[:len(values)]
	n := inSingles(len(values))
	if n > 0 {
		divided(&values[0], &by[0], n)
	}
	for i := n; i < len(values); i++ {
		values[i] /= by[i]
	}
}
