package main

import (
	"strings"

	"github.com/triggerfinder/triggerfinder/answer"
)

// oracleFlags say what counts as a deviation.
type oracleFlags struct {
	labelOnly             bool
	minConfidence, minGap float64
	tolerance             answer.Measure
	outputs               []string // to which it applies; nil for all
}

func defineOracle(f *flags) *oracleFlags {
	o := &oracleFlags{}
	f.boolean("label-only", &o.labelOnly)
	for name, p := range map[string]*float64{"min-confidence": &o.minConfidence, "min-gap": &o.minGap} {
		define(f, name, p, "", func(text string) (float64, error) {
			v, err := parseNumber(text)
			if err != nil || v <= 0 || v > 1 {
				return 0, expected("a number above 0 and at most 1", text)
			}
			return v, nil
		})
	}
	define(f, "tolerance", &o.tolerance, "", plainly(answer.ParseMeasure))
	define(f, "tolerance-of", &o.outputs, "", func(text string) ([]string, error) { return strings.Split(text, ","), nil })
	return o
}

func (o *oracleFlags) oracle(f *flags) (oracle answer.Oracle, err error) {
	if f.given("tolerance") {
		if o.labelOnly || o.minConfidence > 0 || o.minGap > 0 {
			return nil, f.misuse("--tolerance: expected it without --label-only, --min-confidence and --min-gap, which are about labels")
		}
		if oracle, err = answer.Tolerance(o.tolerance, o.outputs...); err != nil {
			return nil, f.misuse("--tolerance-of: %w", err)
		}
		return oracle, nil
	}
	if f.given("tolerance-of") {
		return nil, f.misuse("--tolerance-of: expected --tolerance with it")
	}
	oracle = answer.Top1()
	if o.labelOnly {
		if o.minConfidence > 0 || o.minGap > 0 {
			return nil, f.misuse("--label-only: expected it without --min-confidence and --min-gap, which need scores")
		}
		return answer.LabelOnly(), nil
	}
	if o.minGap > 0 {
		if oracle, err = answer.MinGap(o.minGap, oracle); err != nil {
			return nil, f.misuse("--min-gap: %w", err)
		}
	}
	if o.minConfidence > 0 {
		if oracle, err = answer.MinConfidence(o.minConfidence, oracle); err != nil {
			return nil, f.misuse("--min-confidence: %w", err)
		}
	}
	return oracle, nil
}
