package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
)

// Plural counts things in English: "1 seed", "2 seeds", "3 queries".
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if stem, ok := strings.CutSuffix(noun, "y"); ok {
		return fmt.Sprintf("%d %sies", n, stem)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Verb is a verb for so many things: "deviates" for one, "deviate" for others. It knows are and have.
func Verb(n int, plural string) string {
	if n != 1 {
		return plural
	}
	switch plural {
	case "are":
		return "is"
	case "have":
		return "has"
	case "were":
		return "was"
	}
	return plural + "s"
}

// ShortfallInWords says how far scores are from a deviation, as a [answer.Graded] oracle gives it. The least that there is
// stands for a tie and is no measure.
func ShortfallInWords(shortfall float64) string {
	const least = 1e-4
	if shortfall < least {
		return "less than 0.0001"
	}
	return strconv.FormatFloat(shortfall, 'g', 3, 64)
}

// skippedInWords tells how many seeds were skipped: "3 of 30 seeds were skipped"; "" when none was.
func skippedInWords(r *engine.Report) string {
	n := r.Ledger.Skipped
	if n == 0 {
		return ""
	}
	were := "were"
	if n == 1 {
		were = "was"
	}
	return fmt.Sprintf("%d of %s %s skipped", n, Plural(r.Own(), "seed"), were)
}

// SkippedAndWhy is the same with the commonest reasons: "3 of 30 seeds were skipped because: …".
func SkippedAndWhy(r *engine.Report) string {
	skipped := skippedInWords(r)
	if skipped == "" {
		return ""
	}
	return skipped + why(r.SkipReasons())
}

// why goes on from "skipped".
func why(reasons engine.SkipReasons) string {
	if len(reasons) == 1 {
		return " because: " + reasons[0].Reason
	}
	return ": " + reasons.String()
}

// SeedInWords names a seed: "seed 7", or "seed 7 (shirt.png)" where it has a name.
func SeedInWords(index int, name string) string {
	if name == "" {
		return fmt.Sprintf("seed %d", index)
	}
	return fmt.Sprintf("seed %d (%s)", index, name)
}

// OriginInWords names the seed of a trigger and its true class, where that is known: "seed 7 (shirt.png), truly
// Shirt".
func OriginInWords(t *engine.Trigger, classNames []string) string {
	text := SeedInWords(t.SeedIndex, t.SeedName)
	if t.SeedLabel != input.Unlabelled {
		text += ", truly " + answer.ClassName(classNames, t.SeedLabel)
	}
	return text
}

// AnswersInWords is what both models say of a trigger, with the scores of their labels: "original says Shirt (0.61),
// compressed says Coat (0.55)", or "…, the compressed model gives NaN for 3 of 10 scores", or in the words of the oracle, "original
// says 12.4, compressed says 12.9 (+4.0 %)".
func AnswersInWords(t *engine.Trigger, classNames []string) string {
	told := t.Told()
	words := sayInWords("original", "the original", told.From, t.OriginalConfidence, t.Original, classNames) + ", " +
		sayInWords("compressed", "the compressed model", told.To, t.CompressedConfidence, t.Compressed, classNames)
	if by := changeInWords(told); by != "" {
		words += " (" + by + ")"
	}
	return words
}

// changeInWords is by how much a number changed, where a deviation is from one number to another: "+3.0 %", or "−64.5"; "" otherwise.
func changeInWords(d answer.Deviation) string {
	before, after := strings.Fields(d.From.Words), strings.Fields(d.To.Words)
	last := len(after) - 1
	for last > 0 && last < len(before) && before[last] == after[last] { // a unit stands behind both numbers
		last--
	}
	if last < 0 || last >= len(before) || !slices.Equal(before[:last], after[:last]) || d.Size <= 0 {
		return ""
	}
	from, err := strconv.ParseFloat(before[last], 64)
	if err != nil {
		return ""
	}
	to, err := strconv.ParseFloat(after[last], 64)
	if err != nil || math.IsInf(from, 0) || math.IsInf(to, 0) {
		return ""
	}
	size := d.Size
	if to < from {
		size = -size
	}
	switch d.Unit {
	case "share":
		return signedPercent(size)
	case "":
		return signed(size)
	}
	if strings.HasSuffix(d.To.Words, " "+d.Unit) {
		if math.Abs(size) == 1 {
			return signed(size) + " " + strings.TrimSuffix(d.Unit, "s") // "-1 mark"
		}
		return signed(size) + " " + d.Unit
	}
	return ""
}

// sayInWords is what one model says: "original says Shirt (0.61)", "original says 12.4", "the original gives NaN for 3 of 10 scores".
func sayInWords(short, name string, said answer.Said, confidence float32, given answer.Answer, classNames []string) string {
	switch finite := answer.Finite(given.Scores) && given.Check() == nil; {
	case said.Words != "" && !finite && given.Check() == nil:
		return name + " gives " + said.In(classNames)
	case said.Words != "":
		return short + " says " + said.In(classNames)
	case said.Label != answer.NoLabel:
		return fmt.Sprintf("%s says %s (%.2f)", short, answer.ClassName(classNames, said.Label), confidence)
	case finite: // it is known, and no oracle told of it
		return short + " says " + answer.Say(given).In(classNames)
	}
	return name + " gives " + NotFiniteInWords(given)
}

// NotFiniteInWords is what is not finite of an answer: "NaN for 3 of 10 scores". Of scores that are not kept it is "NaN or
// infinity".
func NotFiniteInWords(given answer.Answer) string {
	if answer.Finite(given.Scores) {
		return "NaN or infinity"
	}
	return answer.NotFiniteInWords(given)
}

// NotFiniteLine says how many of the triggers a compressed model gives no finite answer to, and what it gives for the first:
// "3 of 20 triggers are not finite: the compressed model gives NaN for 3 of 10 scores where the original's are finite"; ""
// where there is none.
func NotFiniteLine(triggers []*engine.Trigger) string {
	var first *engine.Trigger
	n := 0
	for _, t := range triggers {
		if t.Kind == answer.NotFinite {
			if n++; first == nil {
				first = t
			}
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %s %s not finite: the compressed model gives %s where the original's are finite",
		n, Plural(len(triggers), "trigger"), Verb(n, "are"), NotFiniteInWords(first.Compressed))
}

// SpentInWords is "10917 queries", with the gradients, which are no queries, where there were some: "917 queries, 450 gradients".
func SpentInWords(l engine.Ledger) string {
	text := Plural(l.Queries, "query")
	if l.Gradients > 0 {
		text += ", " + Plural(l.Gradients, "gradient")
	}
	return text
}

// UnusableLine says for how many queries the original itself gives no finite answer: "12 candidates for which the
// original gives NaN or infinity, which is no deviation"; "" where there is none.
func UnusableLine(n int) string {
	if n == 0 {
		return ""
	}
	return Plural(n, "candidate") + " for which the original gives NaN or infinity, which is no deviation"
}
