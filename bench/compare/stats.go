package main

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// percentile interpolates linearly between the two nearest values, as package report does. Of no values it is NaN.
func percentile(values []float64, p float64) float64 {
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

func median(values []float64) float64 { return percentile(values, 50) }

func mean(values []float64) float64 {
	var sum float64
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// significant rounds to so many significant digits.
func significant(v float64, digits int) float64 {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', digits, 64), 64)
	if err != nil {
		return v
	}
	return rounded
}

// number has at most so many decimals; what is not a number is a dash.
func number(v float64, decimals int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "–"
	}
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	if strings.Contains(s, ".") && decimals == 1 {
		s = strings.TrimSuffix(s, ".0")
	}
	return s
}

func percent(share float64) string {
	if math.IsNaN(share) {
		return "–"
	}
	return number(100*share, 1) + " %"
}

// times is a ratio as the paper states it.
func times(ratio float64) string {
	if math.IsNaN(ratio) || math.IsInf(ratio, 0) {
		return "–"
	}
	return number(ratio, 1) + "x"
}
