package page

import (
	"math"
	"strconv"
	"strings"
)

// Significant rounds to so many significant digits.
func Significant(v float64, digits int) float64 {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', digits, 64), 64)
	if err != nil {
		return v
	}
	return rounded
}

// Number has at most so many decimals; what is not a number is a dash.
func Number(v float64, decimals int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "–"
	}
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	if strings.Contains(s, ".") && decimals == 1 {
		s = strings.TrimSuffix(s, ".0")
	}
	return s
}

// Percent is a share of 1 in per cent.
func Percent(share float64) string {
	if math.IsNaN(share) {
		return "–"
	}
	return Number(100*share, 1) + " %"
}

// Times is a ratio as the paper states it.
func Times(ratio float64) string {
	if math.IsNaN(ratio) || math.IsInf(ratio, 0) {
		return "–"
	}
	return Number(ratio, 1) + "x"
}
