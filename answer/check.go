package answer

import (
	"errors"
	"fmt"
)

// ErrNoJudgement: an oracle cannot judge what the models answer.
var ErrNoJudgement = errors.New("answers that the oracle cannot judge")

// ClassOracle is an optional extension of [Oracle]: where ByLabel is true, it compares labels of classes, so that both models
// have to give scores of the same classes, two or more, and what it tells of is one label and another.
type ClassOracle interface {
	Oracle
	ByLabel() bool
}

// Checker is an optional extension of [Oracle]: Check tells why the oracle cannot judge answers like these; nil when it can. It is
// asked about each pair of answers, so it must be quick.
type Checker interface {
	Oracle
	Check(original, compressed Answer) error
}

// ByLabel reports whether an oracle compares labels of classes. nil stands for [Top1].
func ByLabel(oracle Oracle) bool {
	if oracle == nil {
		return true
	}
	c, ok := oracle.(ClassOracle)
	return ok && c.ByLabel()
}

// Check tells why the oracle cannot judge such answers, as [ErrNoJudgement]; nil when it can. nil stands for [Top1].
func Check(oracle Oracle, original, compressed Answer) error {
	if ByLabel(oracle) {
		n := len(original.Scores)
		if original.Outputs == nil && compressed.Outputs == nil && n >= 2 && n == len(compressed.Scores) {
			if k := likeliest(oracle); n <= k {
				return fmt.Errorf("%w: oracle %s: expected more than %d classes, as all labels are among the %d likeliest otherwise, found %d", ErrNoJudgement, oracle, k, k, n)
			}
			return nil
		}
		return notClasses(oracle, original, compressed)
	}
	if c, ok := oracle.(Checker); ok {
		if err := c.Check(original, compressed); err != nil {
			return fmt.Errorf("%w: oracle %s: %w", ErrNoJudgement, oracle, err)
		}
	}
	return nil
}

// likeliest is among how many labels an oracle that compares labels looks for one.
func likeliest(oracle Oracle) int {
	switch o := oracle.(type) {
	case topK:
		return o.k
	case minConfidence:
		return likeliest(o.oracle)
	case minGap:
		return likeliest(o.oracle)
	}
	return 1
}

// notClasses says what is wrong with answers of which labels are to be compared.
func notClasses(oracle Oracle, original, compressed Answer) error {
	if oracle == nil {
		oracle = Top1()
	}
	found := fmt.Sprintf("%s of the original and %s of the compressed model", original.inWords(), compressed.inWords())
	if o, c := original.inWords(), compressed.inWords(); o == c {
		found = o + " of both models"
	}
	return fmt.Errorf("%w: oracle %s compares labels: expected scores of the same classes, at least 2, found %s; for anything else say what a deviation is: %s",
		ErrNoJudgement, oracle, found, candidates)
}

// CheckClasses is Check for a model that does not say that its rows are scores of classes: it finds plain rows that cannot be, such as
// logits and embeddings, where the oracle compares labels and looks at scores. It looks at every number, and is for the first rows of a model.
func CheckClasses(oracle Oracle, a Answer) error {
	if l, ok := oracle.(LabelOnlyOracle); !ByLabel(oracle) || ok && l.LabelOnly() || a.Outputs != nil || ClassScores(a.Scores) {
		return nil
	}
	if oracle == nil {
		oracle = Top1()
	}
	low, high, sum := a.Scores[0], a.Scores[0], 0.0
	for _, v := range a.Scores {
		low, high, sum = min(low, v), max(high, v), sum+float64(v)
	}
	return fmt.Errorf("%w: oracle %s compares labels: expected scores of classes, from 0 to 1, that sum to 1, found %s from %s to %s that sum to %s; "+
		"model.Softmax makes scores of logits, model.AsScores takes other scores of classes as they are, answer.LabelOnly compares labels alone; for anything else say what a deviation is: %s",
		ErrNoJudgement, oracle, a.inWords(), number(float64(low)), number(float64(high)), number(sum), candidates)
}

// candidates are the oracles for what is no class scores.
const candidates = "answer.Tolerance compares numbers, answer.Threshold what is decided by them, answer.SeveralLabels labels that hold each for itself, " +
	"answer.NearestNeighbour and answer.Verification vectors, answer.Detection boxes, answer.Segmentation masks, " +
	"answer.CTC, answer.Tokens and answer.NextToken texts, answer.OracleFunc is a Go function over both answers"

// inWords says of what form the answer is.
func (a Answer) inWords() string {
	if a.Outputs == nil {
		if len(a.Scores) == 1 {
			return "1 number"
		}
		return fmt.Sprintf("%d numbers", len(a.Scores))
	}
	words := "the output"
	if len(a.Outputs) > 1 {
		words += "s"
	}
	for i, o := range a.Outputs {
		if i > 0 {
			words += ","
		}
		words += fmt.Sprintf(" %s %v", o.Name, o.Shape)
	}
	return words
}

// alike finds answers that cannot be compared number by number.
func alike(original, compressed Answer) error {
	if len(original.Scores) != len(compressed.Scores) || !sameOutputs(original.Outputs, compressed.Outputs) {
		return fmt.Errorf("expected answers of one form, found %s of the original and %s of the compressed model", original.inWords(), compressed.inWords())
	}
	return nil
}
