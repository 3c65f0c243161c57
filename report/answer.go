package report

import (
	"fmt"
	"image/color"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// Blue and orange are told apart by everybody.
var (
	inkDark       = color.RGBA{0x1b, 0x1f, 0x24, 0xff}
	inkGrey       = color.RGBA{0x5b, 0x65, 0x70, 0xff}
	inkLine       = color.RGBA{0xd0, 0xd7, 0xde, 0xff}
	inkOther      = color.RGBA{0xb4, 0xbc, 0xc6, 0xff} // bars of labels that nobody gave
	inkTrack      = color.RGBA{0xf1, 0xf3, 0xf5, 0xff}
	inkOriginal   = color.RGBA{0x1b, 0x66, 0xc9, 0xff}
	inkCompressed = color.RGBA{0xd9, 0x5f, 0x0e, 0xff}
)

var (
	titleText   = typeface{bold: true, size: 20}
	headingText = typeface{bold: true, size: 14}
	strongText  = typeface{bold: true, size: 13}
	plainText   = typeface{size: 13}
	smallText   = typeface{size: 12}
)

const (
	barsShown  = 3
	barPitch   = 17
	labelShare = 0.36 // of the width, for the names of the classes
	valueWidth = 46
)

// answered is what a model says about a trigger.
type answered struct {
	says       string // such as "original says"
	label      int
	confidence float32
	scores     []float32
	labelInks  map[int]color.Color // of both models' labels
	names      []string
	words      string // what it says, where that is no class
	ink        color.Color
}

func originalAnswer(t *engine.Trigger, names []string) answered {
	return answered{"original says", t.OriginalLabel, t.OriginalConfidence, t.Original.Scores, labelInks(t), names, wordsOf(t.Told().From, names), inkOriginal}
}

func compressedAnswer(t *engine.Trigger, names []string) answered {
	if t.Kind == answer.NotFinite {
		return answered{"compressed gives", answer.NoLabel, 0, t.Compressed.Scores, labelInks(t), names, wordsOf(t.Told().To, names), inkCompressed}
	}
	return answered{"compressed says", t.CompressedLabel, t.CompressedConfidence, t.Compressed.Scores, labelInks(t), names, wordsOf(t.Told().To, names), inkCompressed}
}

// wordsOf is what is said that is no class.
func wordsOf(said answer.Said, names []string) string {
	if said.Words == "" {
		return ""
	}
	return said.In(names)
}

// labelInks gives a label the same colour in both charts. When both models give the same label, which
// some oracles call a deviation, it has the original's.
func labelInks(t *engine.Trigger) map[int]color.Color {
	return map[int]color.Color{t.CompressedLabel: inkCompressed, t.OriginalLabel: inkOriginal}
}

// answersHeight is what [drawAnswers] takes: that of bars of classes, or more.
func answersHeight(answers []Table) float64 {
	const usual, head = 74, 29
	switch {
	case len(answers) == 0:
		return usual
	case answers[0].strip():
		return head + linePitch + stripHeight + 8
	}
	lines := 1 + min(len(answers[0].Rows), answersShown)
	if answers[0].Left > 0 || len(answers[0].Rows) > answersShown {
		lines++
	}
	return max(usual, head+float64(lines)*linePitch+6)
}

// answersShown is how many rows of answers in numbers are drawn.
const answersShown = 5

// drawAnswers draws what both models say: side by side with the scores of their classes, or, where they say no classes, one below the
// other with the numbers that differ.
func drawAnswers(c *canvas, x, y, width float64, t *engine.Trigger, answers []Table, names []string) {
	original, compressed := originalAnswer(t, names), compressedAnswer(t, names)
	if original.words == "" && compressed.words == "" && len(answers) == 0 {
		half := (width - sheetTextGap) / 2
		drawAnswer(c, x, y, half, original)
		drawAnswer(c, x+half+sheetTextGap, y, half, compressed)
		return
	}
	drawAnswer(c, x, y, width, original)
	drawAnswer(c, x, y+19, width, compressed)
	if len(answers) == 0 {
		return
	}
	y += 26
	if t := answers[0]; t.strip() {
		c.text(x, y+11, c.fit(t.Name, smallText, width), smallText, inkGrey)
		drawStrip(c, x, y+linePitch, width, t)
		return
	}
	drawTableRows(c, x, y, width, answersHeight(answers)-29, answers[0])
}

// drawAnswer draws a line "original says Sneaker (p = 0.93)" with its baseline at y, and the scores of
// the likeliest labels below it.
func drawAnswer(c *canvas, x, y, width float64, a answered) {
	if a.words != "" { // no classes, and no scores of theirs
		at := c.text(x, y, a.says+" ", plainText, inkGrey)
		c.text(at, y, c.fit(a.words, strongText, width-(at-x)), strongText, a.ink)
		return
	}
	score, probabilities := scoreFormat(a.scores)
	value := " " + score(a.confidence)
	if probabilities {
		value = " (p = " + score(a.confidence) + ")"
	}
	name := answer.ClassName(a.names, a.label)
	if a.label == answer.NoLabel {
		name, value = NotFiniteInWords(answer.Of(a.scores...)), ""
	}
	ink := a.labelInks[a.label]
	at := c.text(x, y, a.says+" ", plainText, inkGrey)
	room := width - (at - x) - c.width(value, plainText)
	at = c.text(at, y, c.fit(name, strongText, room), strongText, ink)
	c.text(at, y, value, plainText, inkGrey)

	labelWidth := width * labelShare
	barX, barWidth := x+labelWidth+8, width-labelWidth-8-valueWidth
	share := barShare(a.scores, probabilities)
	for i, label := range topLabels(a.scores, barsShown) {
		base := y + 20 + float64(i)*barPitch
		ink, nameInk := color.Color(inkOther), color.Color(inkGrey)
		if known, ok := a.labelInks[label]; ok {
			ink, nameInk = known, known
		}
		c.text(x, base, c.fit(answer.ClassName(a.names, label), smallText, labelWidth), smallText, nameInk)
		c.fill(barX, base-9, barWidth, 10, inkTrack)
		c.fill(barX, base-9, max(1, barWidth*share(a.scores[label])), 10, ink)
		v := score(a.scores[label])
		c.text(x+width-c.width(v, smallText), base, v, smallText, nameInk)
	}
}

// scoreFormat says how to write scores, and whether they are probabilities.
func scoreFormat(scores []float32) (format func(float32) string, probabilities bool) {
	for _, s := range scores {
		if !(s >= 0 && s <= 1) {
			return func(v float32) string { return strconv.FormatFloat(float64(v), 'g', 4, 32) }, false
		}
	}
	return func(v float32) string { return strconv.FormatFloat(float64(v), 'f', 3, 32) }, true
}

// barShare is the length of a bar, from 0 to 1: the score if it is a probability, else its place
// between the least and the greatest.
func barShare(scores []float32, probabilities bool) func(float32) float64 {
	if probabilities {
		return func(v float32) float64 { return float64(v) }
	}
	least, greatest := slices.Min(scores), slices.Max(scores)
	return func(v float32) float64 {
		share := (float64(v) - float64(least)) / (float64(greatest) - float64(least))
		if !(share > 0) { // NaN too
			return 0
		}
		return min(share, 1)
	}
}

// topLabels are the n labels with the highest scores, the highest first. What is not finite goes before all others.
func topLabels(scores []float32, n int) []int {
	labels := make([]int, len(scores))
	for i := range labels {
		labels[i] = i
	}
	slices.SortStableFunc(labels, func(a, b int) int {
		x, y := answer.Finite(scores[a:a+1]), answer.Finite(scores[b:b+1])
		switch {
		case x != y:
			if y {
				return -1
			}
			return 1
		case scores[a] > scores[b]:
			return -1
		case scores[a] < scores[b]:
			return 1
		}
		return 0
	})
	return labels[:min(n, len(labels))]
}

// drawPanels draws the panels of a trigger side by side, each with its name below, and returns where they end.
func drawPanels(c *canvas, x, y, size, gap float64, panels []Panel) float64 {
	for _, p := range panels {
		name := c.fit(p.Name, smallText, size+gap)
		c.show(p.Image, x, y, size, inkLine)
		c.text(x+(size-c.width(name, smallText))/2, y+size+18, name, smallText, inkGrey)
		x += size + gap
	}
	return x - gap
}

// drawSeedLine names the seed and its true class.
func drawSeedLine(c *canvas, x, y, width float64, t *engine.Trigger, names []string) {
	class := "true class unknown"
	switch {
	case t.SeedLabel != input.Unlabelled:
		class = "true class: " + answer.ClassName(names, t.SeedLabel)
	case !t.Told().OfLabels():
		class = "" // there are no classes
	}
	class = c.fit(class, plainText, width/2)
	name := t.SeedName
	if name == "" {
		name = fmt.Sprintf("seed %d", t.SeedIndex)
	}
	at := c.text(x, y, c.fit(name, strongText, width-c.width(class, plainText)-12), strongText, inkDark)
	c.text(at+12, y, class, plainText, inkGrey)
}

// metrics says what the trigger took and how far it is from its seed.
func metrics(t *engine.Trigger) string {
	d := t.Distance
	cause := ""
	if by := t.Steps.String(); by != "" {
		cause = "  ·  by " + oneLine(by)
	}
	if words := OwnDistanceInWords(t); words != "" {
		return Plural(t.Queries, "query") + cause + "  ·  " + words
	}
	parts := []string{Plural(t.Queries, "query") + cause, fmt.Sprintf("L2 %.4g", d.L2), fmt.Sprintf("L∞ %.4g", d.LInf)}
	if s, ok := d.Alike(); ok {
		parts = append(parts, fmt.Sprintf("%s %.3f", s.Measure, s.Value))
	}
	return strings.Join(parts, "  ·  ")
}

// modelName is the file of a model, or its name when it has none.
func modelName(d model.Description) string {
	if d.File != "" {
		return filepath.Base(d.File)
	}
	return d.Name
}

// drawHow says how the trigger came about: its distance, then its mutation history.
func drawHow(c *canvas, x, y, width float64, t *engine.Trigger) {
	c.text(x, y, c.fit(metrics(t), smallText, width), smallText, inkDark)
	drawHistory(c, x, y+17, width, t)
}

func drawHistory(c *canvas, x, y, width float64, t *engine.Trigger) {
	history := "the seed itself, unchanged"
	if t.Distance.L0 > 0 {
		const before = "mutated by: "
		history = before + shortHistory(t.History, func(s string) bool { return c.width(before+s, smallText) <= width })
	}
	c.text(x, y, c.fit(history, smallText, width), smallText, inkGrey)
}
