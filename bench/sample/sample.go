// Package sample has the means of samples; package stats has percentiles.
package sample

import "math"

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
