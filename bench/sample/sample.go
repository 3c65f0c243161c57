// Package sample describes samples by numbers.
package sample

import (
	"math"
	"slices"
)

// Percentile interpolates linearly between the two nearest values, as package report does. Of no values it is NaN.
func Percentile(values []float64, p float64) float64 {
	if len(values) == 0 {
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

// Mean is the arithmetic mean. Of no values it is NaN.
func Mean(values []float64) float64 {
	var sum float64
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// GeometricMean is that of values above 0. Of no values it is NaN.
func GeometricMean(values []float64) float64 {
	var sum float64
	for _, v := range values {
		sum += math.Log(v)
	}
	return math.Exp(sum / float64(len(values)))
}
