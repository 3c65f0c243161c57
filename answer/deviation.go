package answer

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// Deviation is how two models differ on an input, as reports tell it: from what the original says to what the compressed model says.
// Two labels are one instance of it.
type Deviation struct {
	From Said `json:"from"`
	To   Said `json:"to"`
	// Size is how far apart they are, 0 or more, in the unit; 0 where that is not known.
	Size float64 `json:"size,omitempty"`
	// Unit is the unit of the size, such as "score" or "share" (of 1); "" for that of the numbers themselves.
	Unit string `json:"unit,omitempty"`
	// Group tells deviations of one sort from others: "price higher". It is coarse, as triggers are sorted by it. Where it is "",
	// they are sorted by what both models say, as labels are.
	Group string `json:"group,omitempty"`
}

// Said is what a model says.
type Said struct {
	Label int `json:"label"` // of a class; [NoLabel] where it is none
	// Words say it where it is no class, such as "12.4" or "3 boxes"; "" for a class. Where they tell of "class 9", they are shown with
	// its name.
	Words string `json:"words,omitempty"`
}

// In is what is said with the names of the classes: "Ankle boot", "class 9", "12.4", "2 boxes, missed Ankle boot (0.81)".
func (s Said) In(names []string) string {
	if s.Words != "" {
		return withNames(s.Words, names)
	}
	return ClassName(names, s.Label)
}

// classWords are those by which [ClassName] tells a class without its name.
var classWords = regexp.MustCompile(`\bclass [0-9]{1,6}\b`)

// withNames puts the names of classes in the place of their numbers.
func withNames(words string, names []string) string {
	if len(names) == 0 {
		return words
	}
	return classWords.ReplaceAllStringFunc(words, func(class string) string {
		label, _ := strconv.Atoi(strings.TrimPrefix(class, "class "))
		return ClassName(names, label)
	})
}

// OfLabels reports whether the deviation is from label to label.
func (d Deviation) OfLabels() bool { return d.From.Words == "" && d.To.Words == "" && d.Group == "" }

// In is the deviation with the names of the classes: "Shirt → Coat", "12.4 → 12.9". Where nothing but the group is known, it is that.
func (d Deviation) In(names []string) string {
	if d.Group != "" && d.From.Words == "" && d.To.Words == "" {
		return withNames(d.Group, names)
	}
	return d.From.In(names) + " → " + d.To.In(names)
}

// Teller is an optional extension of [Oracle]: Deviation says in the oracle's own words how two answers deviate that it judged to. It
// is asked about confirmed deviations alone, of finite answers.
type Teller interface {
	Oracle
	Deviation(original, compressed Answer) Deviation
}

// DeviationOf is how two answers deviate that the oracle judged to: as it tells itself, or from one label to the other, or else in
// general words. nil stands for [Top1].
func DeviationOf(oracle Oracle, original, compressed Answer) Deviation {
	if !Finite(original.Scores) || !Finite(compressed.Scores) {
		return notFinite(original, compressed)
	}
	if t, ok := oracle.(Teller); ok {
		return t.Deviation(original, compressed).tidy(original, compressed)
	}
	if d, ok := labelToLabel(original, compressed); ok && (ByLabel(oracle) || d.From.Label != d.To.Label) {
		return d
	}
	return Deviation{From: Said{NoLabel, original.briefly()}, To: Said{NoLabel, compressed.briefly()}, Group: anotherAnswer}
}

// anotherAnswer is the group of deviations of which no oracle tells more.
const anotherAnswer = "another answer"

// tidy makes what an oracle of one's own tells fit for a line, and for JSON.
func (d Deviation) tidy(original, compressed Answer) Deviation {
	for _, s := range []struct {
		said *Said
		a    Answer
	}{{&d.From, original}, {&d.To, compressed}} {
		s.said.Words = line(s.said.Words)
		if s.a.Label() == NoLabel || s.said.Label < 0 {
			s.said.Label = NoLabel
		}
	}
	if d.From.Label == NoLabel && d.From.Words == "" {
		d.From.Words = original.briefly()
	}
	if d.To.Label == NoLabel && d.To.Words == "" {
		d.To.Words = compressed.briefly()
	}
	d.Unit, d.Group = line(d.Unit), line(d.Group)
	if !(d.Size >= 0) || math.IsInf(d.Size, 0) {
		d.Size, d.Unit = 0, ""
	}
	return d
}

// line is a text of one line that is not too long.
func line(text string) string {
	return cut(strings.Join(strings.Fields(strings.ToValidUTF8(text, "?")), " "))
}

// labelToLabel is the deviation of class scores: by how much the compressed model lowers the score of the original's label. It
// reports false for other answers.
func labelToLabel(original, compressed Answer) (Deviation, bool) {
	o, c := original.Label(), compressed.Label()
	if o == NoLabel || c == NoLabel || len(original.Scores) != len(compressed.Scores) {
		return Deviation{}, false
	}
	size := float64(original.Scores[o]) - float64(compressed.Scores[o])
	return Deviation{From: Said{Label: o}, To: Said{Label: c}, Size: max(size, 0), Unit: "score"}, true
}

func notFinite(original, compressed Answer) Deviation {
	d := Deviation{From: Said{Label: original.Label()}, To: Said{Label: NoLabel}}
	if d.From.Label == NoLabel {
		d.From.Words, d.To.Words, d.Group = original.briefly(), compressed.briefly(), string(NotFinite)
	}
	return d
}

const (
	// mostBrief is how many numbers are listed in brief.
	mostBrief = 4
	// mostWords is how many bytes words of an oracle of one's own may have before they are cut off.
	mostWords = 200
)

// Say is what a model says, where no oracle tells it: the label of class scores, or what the numbers are in brief.
func Say(a Answer) Said {
	if label := a.Label(); label != NoLabel {
		return Said{Label: label}
	}
	return Said{Label: NoLabel, Words: a.briefly()}
}

// briefly says what the answer is, for oracles that tell nothing.
func (a Answer) briefly() string {
	switch {
	case !Finite(a.Scores):
		return NotFiniteInWords(a)
	case len(a.Scores) == 0 && a.Outputs == nil || len(a.Scores) > mostBrief && a.Outputs == nil:
		return a.inWords()
	case a.Outputs == nil:
		return list(a.Scores)
	}
	parts := make([]string, 0, len(a.Outputs))
	for _, o := range a.Outputs {
		values, shape, _ := a.Output(o.Name)
		if len(values) == 0 || len(values) > mostBrief {
			parts = append(parts, fmt.Sprintf("%s of shape %v", o.Name, shape))
			continue
		}
		parts = append(parts, o.Name+" "+list(values))
	}
	return cut(strings.Join(parts, ", "))
}

func list(values Scores) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = number(float64(v))
	}
	return strings.Join(parts, ", ")
}

// cut shortens words that are too long for a line.
func cut(words string) string {
	if len(words) <= mostWords {
		return words
	}
	return strings.ToValidUTF8(words[:mostWords], "") + "…"
}

// number writes a number as people read it.
func number(v float64) string { return strconv.FormatFloat(v, 'g', 5, 64) }
