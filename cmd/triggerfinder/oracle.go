package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/report"
)

// oracleFlags say what counts as a deviation.
type oracleFlags struct {
	labelOnly             bool
	minConfidence, minGap float64
	tolerance             answer.Measure
	outputs               []string // to which it applies; nil for all
	named                 string   // of --oracle
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
	f.text("oracle", &o.named)
	return o
}

// alone are the flags that say what a deviation is in a way of their own.
var alone = []string{"label-only", "min-confidence", "min-gap", "tolerance", "tolerance-of"}

// given reports whether the command line says what a deviation is.
func (o *oracleFlags) given(f *flags) bool {
	return f.given("oracle") || slices.ContainsFunc(alone, f.given)
}

// ofScores are the beginnings of oracles that read scores of classes, or numbers, as the models' own scores are read.
var ofScores = []string{"top-", "label-only", "score tolerance ", "tolerance", "threshold"}

// readsRaw reports whether an oracle reads the numbers of outputs as they are, which is how models are to be opened for it.
func readsRaw(oracle string) bool {
	for one := range strings.SplitSeq(oracle, " or ") {
		if !slices.ContainsFunc(ofScores, func(of string) bool { return strings.HasPrefix(one, of) }) {
			return true
		}
	}
	return false
}

// oracle is the oracle that the command line asks for.
func (o *oracleFlags) oracle(f *flags) (judging, error) {
	if !f.given("oracle") {
		oracle, err := o.ofFlags(f)
		return judging{Oracle: oracle}, err
	}
	for _, name := range alone {
		if f.on(name) {
			return judging{}, f.misuse("--oracle: expected it without --%s, which is an oracle of its own", name)
		}
	}
	oracle, err := judgingBy(o.named)
	if err != nil {
		return judging{}, f.misuse("--oracle: %w", err)
	}
	return oracle, nil
}

// ofFlags is the oracle of the flags that are each for one.
func (o *oracleFlags) ofFlags(f *flags) (oracle answer.Oracle, err error) {
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

// asSaved is the oracle for saved triggers: that of the command line or, where it says none, that by which they were found, unless it
// compares labels. Labels are compared as they are then, however severe the deviations were that the search asked for.
func (o *oracleFlags) asSaved(f *flags, saved corpus) (judging, error) {
	if o.given(f) {
		return o.oracle(f)
	}
	var oracle judging
	called := ""
	for i, s := range saved.saved {
		if i > 0 && s.Oracle == called {
			continue
		}
		own, err := oracleCalled(s, saved.dir)
		if err != nil {
			return oracle, f.misuse("--oracle: expected it, as %s was found by %q, found none: %w", s.Dir, s.Oracle, err)
		}
		if answer.ByLabel(own.Oracle) {
			own = judging{Oracle: answer.Top1()}
		}
		if oracle.Oracle != nil && own.String() != oracle.String() {
			return oracle, f.misuse("--oracle: expected it, as the triggers of %s were found by several, found none: %s and %s", saved.dir, oracle, own)
		}
		oracle, called = own, s.Oracle
	}
	if oracle.Oracle == nil {
		oracle.Oracle = answer.Top1()
	}
	return oracle, nil
}

// oracleCalled is the oracle of that name by which a trigger was found: made from what the command line of its search was or, where
// there is none, from its name.
func oracleCalled(s report.SavedTrigger, dir string) (judging, error) {
	if s.Oracle == "" {
		return judging{Oracle: answer.Top1()}, nil
	}
	for _, r := range savedResults(dir) {
		if text := r.option("oracle"); text != "" && r.Oracle == s.Oracle {
			again, err := judgingBy(text)
			if err == nil && again.String() != s.Oracle {
				err = fmt.Errorf("--oracle %s of its search is %s now", text, again)
			}
			return again, err
		}
	}
	oracle, err := judgingBy(s.Oracle)
	if err == nil && oracle.String() != s.Oracle {
		err = fmt.Errorf("that name is read as %s", oracle)
	}
	return oracle, err
}
