package dossier

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/triggerfinder/triggerfinder/gate"
)

// percent writes a share with the digits that a person reads: "0.12 %", "3.4 %", "98 %".
func percent(share float64) string {
	p := 100 * share
	switch {
	case p == 0 || p == 100:
		return fmt.Sprintf("%.0f %%", p)
	case p < 0.01:
		return fmt.Sprintf("%.2g %%", p)
	case p < 1:
		return fmt.Sprintf("%.2f %%", p)
	case p > 99:
		return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(min(p, 99.99), 'f', 2, 64), "0"), ".") + " %"
	}
	return strings.TrimSuffix(strconv.FormatFloat(p, 'f', 1, 64), ".0") + " %"
}

// number writes a number with the digits that a person reads.
func number(v float64) string {
	if math.Abs(v) < 1e15 && v == math.Trunc(v) {
		return thousands(int64(v))
	}
	if math.Abs(v) >= 1e15 {
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	if v >= 1000 || v <= -1000 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

// thousands groups digits from 10,000 on.
func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	if n < 10_000 && n > -10_000 {
		return s
	}
	for at := len(s) - 3; at > 0 && s[at-1] != '-'; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return s
}

// probability writes a p value.
func probability(p float64) string {
	if p > 0 && p < 0.001 {
		return strconv.FormatFloat(p, 'e', 1, 64)
	}
	return strconv.FormatFloat(p, 'f', 3, 64)
}

func inUnit(v float64, unit string) string {
	switch unit {
	case "share":
		return percent(v)
	case "":
		return number(v)
	}
	if v == 1 && !strings.HasPrefix(unit, "of ") {
		unit = strings.TrimSuffix(unit, "s") // "1 seed"
	}
	return number(v) + " " + unit
}

// interval describes the bounds of a number; "" when it has none.
func interval(n gate.Number) string {
	var s string
	confidence := "with confidence "
	lower, upper := "", ""
	if n.Lower != nil {
		lower = inUnit(*n.Lower, n.Unit)
		if n.Limit != nil && *n.Lower > *n.Limit && lower == inUnit(*n.Limit, n.Unit) {
			lower = "over " + lower
		}
	}
	if n.Upper != nil {
		upper = inUnit(*n.Upper, n.Unit)
		if n.Limit != nil && *n.Upper < *n.Limit && upper == inUnit(*n.Limit, n.Unit) {
			upper = "under " + upper // rounded, it would look as if it had reached the limit
		}
	}
	switch {
	case n.Lower != nil && n.Upper != nil:
		s = lower + " to " + upper
		confidence = "each bound with confidence "
	case n.Upper != nil:
		s = "at most " + upper
		if strings.HasPrefix(upper, "under ") {
			s = upper
		}
	case n.Lower != nil:
		s = "at least " + lower
		if strings.HasPrefix(lower, "over ") {
			s = lower
		}
	default:
		return ""
	}
	if n.Confidence > 0 {
		s += ", " + confidence + percent(n.Confidence)
	}
	return s
}

func numberInWords(n gate.Number) string {
	s := n.Name + ": " + inUnit(n.Value, n.Unit)
	if i := interval(n); i != "" {
		s += " (" + i + ")"
	}
	if n.Limit != nil {
		s += ", limit " + inUnit(*n.Limit, n.Unit)
	}
	return s
}
