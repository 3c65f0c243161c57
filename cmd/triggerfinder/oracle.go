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

// parseOracle reads the text of an oracle. Names are those of the labels, nil where they are not known.
func parseOracle(text string, names []string) (answer.Oracle, error) {
	return plainly(func(text string) (answer.Oracle, error) {
		return answer.ParseOracle(text, answer.Sources{Names: names})
	})(text)
}

// oracle is the oracle that the command line asks for. Names are those of the labels, nil where they are not known.
func (o *oracleFlags) oracle(f *flags, names []string) (oracle answer.Oracle, err error) {
	if f.given("oracle") {
		for _, name := range alone {
			if f.on(name) {
				return nil, f.misuse("--oracle: expected it without --%s, which is an oracle of its own", name)
			}
		}
		if oracle, err = parseOracle(o.named, names); err != nil {
			return nil, f.misuse("--oracle: %w", err)
		}
		return oracle, nil
	}
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
func (o *oracleFlags) asSaved(f *flags, saved corpus, names []string) (answer.Oracle, error) {
	if o.given(f) {
		return o.oracle(f, names)
	}
	var oracle answer.Oracle
	called := ""
	for i, s := range saved.saved {
		if i > 0 && s.Oracle == called {
			continue
		}
		own, err := oracleCalled(s, saved.dir, s.Names(names))
		if err != nil {
			return nil, f.misuse("--oracle: expected it, as %s was found by %q, found none: %w", s.Dir, s.Oracle, err)
		}
		if answer.ByLabel(own) {
			own = answer.Top1()
		}
		if oracle != nil && own.String() != oracle.String() {
			return nil, f.misuse("--oracle: expected it, as the triggers of %s were found by several, found none: %s and %s", saved.dir, oracle, own)
		}
		oracle, called = own, s.Oracle
	}
	if oracle == nil {
		oracle = answer.Top1()
	}
	return oracle, nil
}

// oracleCalled is the oracle of that name by which a trigger was found: made from its name or, where that does not hold all, from
// what the command line of its search was.
func oracleCalled(s report.SavedTrigger, dir string, names []string) (answer.Oracle, error) {
	if s.Oracle == "" {
		return answer.Top1(), nil
	}
	oracle, err := parseOracle(s.Oracle, names)
	if err == nil && oracle.String() == s.Oracle {
		return oracle, nil
	}
	for _, r := range savedResults(dir) {
		text := r.option("oracle")
		if text == "" || r.Oracle != s.Oracle {
			continue
		}
		var again answer.Oracle
		if again, err = parseOracle(text, names); err == nil && again.String() == s.Oracle {
			return again, nil
		}
		if err == nil {
			err = fmt.Errorf("%s is another one now: %s", text, again)
		}
		return nil, err
	}
	if err == nil {
		err = fmt.Errorf("it is not %s", oracle)
	}
	return nil, err
}
