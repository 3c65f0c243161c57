package answer

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
)

// Kind is what kind of deviation a verdict is about.
type Kind string

// The kinds of verdicts.
const (
	// OtherAnswer: both answers are finite, and the oracle compared them.
	OtherAnswer Kind = ""
	// NotFinite: the compressed model gives NaN or infinity for a score, where the original gives finite ones
	// alone. That is the worst deviation, whatever the oracle: there is no answer that could be compared.
	NotFinite Kind = "not finite"
	// Unusable: there is nothing to deviate from, as the original's own answer is not finite. That is no
	// deviation.
	Unusable Kind = "unusable"
)

// NoLabel stands for the label of an answer that is not finite.
const NoLabel = -1

// Judge is the oracle's verdict on both models' answers to an input. Oracles are never shown numbers that are not
// finite: where the compressed model gives such and the original does not, that is a deviation of the kind
// [NotFinite], and where the original gives them the input is [Unusable]. nil stands for [Top1].
//
// That holds for oracles which ask for severe deviations too, such as [MinConfidence] and [MinGap]: they measure how
// far one answer is from another, and a model that gives no answer has failed however sure the original is.
//
// Answers that [Check] refuses are [Unusable] too; a search never gets so far with them.
func Judge(oracle Oracle, original, compressed Answer) Verdict {
	if oracle == nil {
		oracle = Top1()
	}
	if Check(oracle, original, compressed) != nil {
		return Verdict{Kind: Unusable}
	}
	return JudgeChecked(oracle, original, compressed)
}

// JudgeChecked is [Judge] for an oracle, not nil, and answers that [Check] has accepted.
func JudgeChecked(oracle Oracle, original, compressed Answer) Verdict {
	switch {
	case !Finite(original.Scores):
		return Verdict{Kind: Unusable}
	case !Finite(compressed.Scores):
		return Verdict{Deviates: true, Kind: NotFinite}
	}
	v := oracle.Judge(original, compressed)
	v.Kind = OtherAnswer
	return v
}

// Finite reports whether no score is NaN or infinite.
func Finite(scores []float32) bool {
	var sum float32 // 0 times NaN, and 0 times infinity, is NaN
	for _, s := range scores {
		sum += 0 * s
	}
	return sum == 0
}

// LabelOf is the label of a row of scores, and [NoLabel] where they are not finite.
func LabelOf(scores []float32) int {
	if !Finite(scores) {
		return NoLabel
	}
	return Label(scores)
}

// NotFiniteInWords says what is not finite of an answer: of a row of scores "NaN for 3 of 10 scores", "infinity for all of 10
// scores" or "NaN or infinity for 2 of 10 scores", and of named outputs which they are: "NaN for price, infinity for 3 of 4 numbers
// of box".
func NotFiniteInWords(a Answer) string {
	if a.Outputs == nil || a.Check() != nil {
		return brokenOf(a.Scores, "scores", "")
	}
	var words []string
	for _, o := range a.Outputs {
		if values, _, _ := a.Output(o.Name); !Finite(values) {
			words = append(words, brokenOf(values, "numbers of "+o.Name, " for "+o.Name))
		}
	}
	if more := len(words) - mostBrief; more > 0 {
		words = append(words[:mostBrief], fmt.Sprintf("%d more outputs", more))
	}
	return strings.Join(words, ", ")
}

// brokenOf says what is not finite of numbers, which have a name, or another one where it is one number.
func brokenOf(scores []float32, names, one string) string {
	var nan, infinite int
	for _, s := range scores {
		switch v := float64(s); {
		case math.IsNaN(v):
			nan++
		case math.IsInf(v, 0):
			infinite++
		}
	}
	what := "NaN or infinity"
	switch {
	case infinite == 0:
		what = "NaN"
	case nan == 0:
		what = "infinity"
	}
	n := nan + infinite
	if len(scores) == 1 && n == 1 {
		return what + one
	}
	if n < len(scores) {
		return fmt.Sprintf("%s for %d of %d %s", what, n, len(scores), names)
	}
	return fmt.Sprintf("%s for all of %d %s", what, len(scores), names)
}

// Scores are a row of scores. In JSON they are numbers and, as JSON has none for these, the strings "NaN",
// "Infinity" and "-Infinity".
type Scores []float32

// MarshalJSON implements [json.Marshaler].
func (s Scores) MarshalJSON() ([]byte, error) {
	if s == nil || Finite(s) {
		return json.Marshal([]float32(s))
	}
	values := make([]any, len(s))
	for i, v := range s {
		switch f := float64(v); {
		case math.IsNaN(f):
			values[i] = "NaN"
		case math.IsInf(f, 1):
			values[i] = "Infinity"
		case math.IsInf(f, -1):
			values[i] = "-Infinity"
		default:
			values[i] = v
		}
	}
	return json.Marshal(values)
}

// UnmarshalJSON implements [json.Unmarshaler].
func (s *Scores) UnmarshalJSON(data []byte) error {
	var values []json.RawMessage
	if err := json.Unmarshal(data, &values); err != nil {
		return err
	}
	*s = nil
	if values == nil {
		return nil
	}
	row := make(Scores, len(values))
	for i, v := range values {
		switch string(v) {
		case `"NaN"`:
			row[i] = float32(math.NaN())
		case `"Infinity"`:
			row[i] = float32(math.Inf(1))
		case `"-Infinity"`:
			row[i] = float32(math.Inf(-1))
		default:
			if len(v) == 0 || v[0] == '"' || v[0] == 'n' {
				return fmt.Errorf(`score %s: expected a number, "NaN", "Infinity" or "-Infinity"`, v)
			}
			if err := json.Unmarshal(v, &row[i]); err != nil {
				return err
			}
		}
	}
	*s = row
	return nil
}
