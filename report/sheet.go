package report

import (
	"fmt"
	"image"
	"slices"

	"github.com/triggerfinder/triggerfinder/engine"
)

const defaultRows = 8

// The layout of a contact sheet.
const (
	sheetWidth   = 980
	sheetMargin  = 28
	sheetPanel   = 112
	sheetGap     = 14 // between panels, and between columns of text
	sheetRow     = 138
	sheetRowGap  = 22
	sheetTextGap = 26 // between panels and text
)

// Sheet draws a contact sheet of a report: a row a trigger with the seed, the trigger, what changed, what
// both models say and how the trigger was found. It is false when no trigger can be shown, see [ViewOf].
func Sheet(r *engine.Report, o Options) (image.Image, bool) {
	rows := o.Rows
	if rows <= 0 {
		rows = defaultRows
	}
	if o.ClassNames == nil {
		o.ClassNames = r.ClassNames
	}
	var shown []sheetRowOf
	for _, t := range r.Triggers() {
		if v, err := ViewOf(t, o.ClassNames...); err == nil && v.drawable() {
			shown = append(shown, sheetRowOf{t, v, AnswersOf(t, o.ClassNames)})
		}
		if len(shown) == rows {
			break
		}
	}
	if len(shown) == 0 {
		return nil, false
	}
	return drawSheet(r, shown, o.ClassNames), true
}

// sheetRowOf is a trigger with what is shown of it.
type sheetRowOf struct {
	*engine.Trigger
	View
	answers []Table
}

// drawable reports whether there is something to draw; sounds alone are not.
func (v View) drawable() bool {
	return len(v.Panels)+len(v.Tables)+len(v.Texts)+len(v.Answers) > 0
}

const (
	// sheetPanels is how many pictures stand side by side.
	sheetPanels = 3
	// sheetMore is the height of a table or a text below a row, beside those that stand at its left.
	sheetMore = 6 * linePitch
)

// pictures are those that stand side by side: the seed, the trigger and what changed, or in place of the last ones what both
// models say.
func (v View) pictures(most int) []Panel {
	answers := v.Answers[:min(len(v.Answers), max(most-1, 1))]
	return slices.Concat(v.Panels[:min(len(v.Panels), most-len(answers))], answers)
}

// below are the tables and texts for which there is no room at the left.
func (v View) below() (tables []Table, texts []Text) {
	tables, texts = v.Tables, v.Texts
	switch {
	case len(v.Panels)+len(v.Answers) > 0:
	case len(tables) > 0:
		tables = tables[1:]
	default:
		texts = texts[min(2, len(texts)):]
	}
	return tables, texts
}

// height is that of the row.
func (row sheetRowOf) height() float64 {
	tables, texts := row.below()
	return row.upper() + float64(len(tables)+len(texts))*sheetMore
}

// upper is the height of what stands beside each other.
func (row sheetRowOf) upper() float64 { return max(sheetRow, 64+answersHeight(row.answers)) }

func drawSheet(r *engine.Report, triggers []sheetRowOf, names []string) image.Image {
	const width = sheetWidth - 2*sheetMargin
	measure := newCanvas(1, 1)
	var lines []string
	for _, parts := range sheetDetails(r, triggers) {
		lines = append(lines, measure.wrap(parts, "   ·   ", smallText, width)...)
	}
	top := sheetMargin + 51 + 17*float64(len(lines)) + sheetRowGap + 4
	height := top - sheetRowGap + sheetMargin
	for _, t := range triggers {
		height += t.height() + sheetRowGap
	}
	c := newCanvas(sheetWidth, height)

	y := sheetMargin + 18.0
	c.text(sheetMargin, y, c.fit(r.Pair, titleText, width), titleText, inkDark)
	y += 25
	found := len(r.Triggers())
	at := c.text(sheetMargin, y, fmt.Sprintf("%d of %s %s a trigger", found, Plural(r.Usable(), "seed"), Verb(found, "have")),
		headingText, inkDark)
	if len(triggers) < found {
		c.text(at, y, fmt.Sprintf("   the first %d of them:", len(triggers)), plainText, inkGrey)
	}
	y += 6
	for _, line := range lines {
		y += 17
		c.text(sheetMargin, y, line, smallText, inkGrey)
	}
	y = top
	for _, t := range triggers {
		c.fill(sheetMargin, y-sheetRowGap/2, width, 0.5, inkLine)
		drawSheetRow(c, y+2, t, names)
		y += t.height() + sheetRowGap
	}
	return c.img
}

// sheetDetails are the facts of the search, a line each, and how to read what is shown.
func sheetDetails(r *engine.Report, triggers []sheetRowOf) [][]string {
	search := []string{"strategy: " + r.Strategy, "oracle: " + r.Oracle}
	if r.Bound != "" {
		search = append(search, "bound: "+r.Bound)
	}
	search = append(search, fmt.Sprintf("random seed: %d", r.RandomSeed), SpentInWords(r.Ledger))
	details := [][]string{{"original: " + modelName(r.Original), "compressed: " + modelName(r.Compressed)}, search}
	shows := func(what func(sheetRowOf) bool, words string) {
		if slices.ContainsFunc(triggers, what) {
			details = append(details, []string{words})
		}
	}
	shows(func(t sheetRowOf) bool { return t.Amplification > 0 }, "difference: trigger minus seed; grey where they are equal, ×n where it is amplified")
	shows(func(t sheetRowOf) bool { return t.Heat }, "change: white where there is none, pale yellow for 1 level of 255, orange for 16, purple for 64, dark for 255, in all of them")
	shows(func(t sheetRowOf) bool { return len(t.Texts) > 0 }, "text: struck out is what stands in the seed alone, underlined what stands in the trigger alone")
	return details
}

func drawSheetRow(c *canvas, y float64, row sheetRowOf, names []string) {
	t := row.Trigger
	const left = sheetPanels*(sheetPanel+sheetGap) - sheetGap
	x := float64(sheetMargin + left + sheetTextGap)
	if pictures := row.pictures(sheetPanels); len(pictures) > 0 {
		x = drawPanels(c, sheetMargin, y, sheetPanel, sheetGap, pictures) + sheetTextGap
	} else {
		drawFirst(c, sheetMargin, y, left, sheetRow, row.View)
	}
	width := sheetWidth - sheetMargin - x
	drawSeedLine(c, x, y+11, width, t, names)
	drawAnswers(c, x, y+35, width, row.Trigger, row.answers, names)
	drawHow(c, x, y+row.upper()-23, width, t)

	y += row.upper()
	tables, texts := row.below()
	for _, table := range tables {
		drawTable(c, sheetMargin, y, sheetWidth-2*sheetMargin, sheetMore-8, table)
		y += sheetMore
	}
	for _, text := range texts {
		drawText(c, sheetMargin, y, sheetWidth-2*sheetMargin, sheetMore-8, text)
		y += sheetMore
	}
}

// drawFirst draws what there is in place of pictures: the first table, or else the first two texts.
func drawFirst(c *canvas, x, y, width, height float64, v View) {
	switch {
	case len(v.Tables) > 0:
		drawTable(c, x, y, width, height, v.Tables[0])
	case len(v.Texts) == 1:
		drawText(c, x, y, width, height, v.Texts[0])
	case len(v.Texts) > 1:
		drawText(c, x, y, width, height/2-4, v.Texts[0])
		drawText(c, x, y+height/2, width, height/2-4, v.Texts[1])
	}
}
