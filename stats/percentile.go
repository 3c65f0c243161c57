package stats

import (
	"math"
	"slices"
)

// Percentile is the p-th percentile, p from 0 to 100, of values in any order: between two of them it
// interpolates linearly (the definition of Hyndman and Fan 1996, number 7, which NumPy uses too). It leaves the
// values as they are. Without values it is NaN.
func Percentile(values []float64, p float64) float64 {
	if len(values) == 0 || !(p >= 0 && p <= 100) {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	position := p / 100 * float64(len(sorted)-1)
	below := int(position)
	if below+1 == len(sorted) {
		return sorted[below]
	}
	weight := position - float64(below)
	return sorted[below]*(1-weight) + sorted[below+1]*weight
}

// Median is the 50th percentile.
func Median(values []float64) float64 { return Percentile(values, 50) }
