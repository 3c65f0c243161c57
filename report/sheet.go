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
	var shown []sheetRowOf
	for _, t := range r.Triggers() {
		if v, err := ViewOf(t); err == nil && len(v.Panels) > 0 {
			shown = append(shown, sheetRowOf{t, v.Panels, v.Amplification > 0})
		}
		if len(shown) == rows {
			break
		}
	}
	if len(shown) == 0 {
		return nil, false
	}
	if o.ClassNames == nil {
		o.ClassNames = r.ClassNames
	}
	return drawSheet(r, shown, o.ClassNames), true
}

// sheetRowOf is a trigger with its pictures.
type sheetRowOf struct {
	*engine.Trigger
	panels    []Panel
	amplified bool // a panel shows differences
}

func drawSheet(r *engine.Report, triggers []sheetRowOf, names []string) image.Image {
	const width = sheetWidth - 2*sheetMargin
	measure := newCanvas(1, 1)
	var lines []string
	details := sheetDetails(r)
	if !slices.ContainsFunc(triggers, func(t sheetRowOf) bool { return t.amplified }) {
		details = details[:2]
	}
	for _, parts := range details {
		lines = append(lines, measure.wrap(parts, "   ·   ", smallText, width)...)
	}
	top := sheetMargin + 51 + 17*float64(len(lines)) + sheetRowGap + 4
	c := newCanvas(sheetWidth, top+float64(len(triggers))*(sheetRow+sheetRowGap)-sheetRowGap+sheetMargin)

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
	for i, t := range triggers {
		y := top + float64(i)*(sheetRow+sheetRowGap)
		c.fill(sheetMargin, y-sheetRowGap/2, width, 0.5, inkLine)
		drawSheetRow(c, y+2, t, names)
	}
	return c.img
}

// sheetDetails are the facts of the search, a line each.
func sheetDetails(r *engine.Report) [][]string {
	search := []string{"strategy: " + r.Strategy, "oracle: " + r.Oracle}
	if r.Bound != "" {
		search = append(search, "bound: "+r.Bound)
	}
	search = append(search, fmt.Sprintf("random seed: %d", r.RandomSeed), Plural(r.Ledger.Queries, "query"))
	return [][]string{
		{"original: " + modelName(r.Original), "compressed: " + modelName(r.Compressed)},
		search,
		{"difference: trigger minus seed; grey where they are equal, ×n where it is amplified"},
	}
}

func drawSheetRow(c *canvas, y float64, row sheetRowOf, names []string) {
	t := row.Trigger
	x := drawPanels(c, sheetMargin, y, sheetPanel, sheetGap, row.panels) + sheetTextGap
	width := sheetWidth - sheetMargin - x
	drawSeedLine(c, x, y+11, width, t, names)

	half := (width - sheetTextGap) / 2
	drawAnswer(c, x, y+35, half, originalAnswer(t, names))
	drawAnswer(c, x+half+sheetTextGap, y+35, half, compressedAnswer(t, names))

	drawHow(c, x, y+115, width, t)
}
