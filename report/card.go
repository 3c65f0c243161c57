package report

import (
	"image"
	"image/color"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
)

// The layout of a card.
const (
	cardWidth  = 980
	cardHeight = 320
	cardMargin = 28
	cardPanel  = 180
	cardPanels = 3
	cardGap    = 16
)

// Card draws a single trigger, in the wide format of a README. It is false for a trigger that cannot be shown, see [ViewOf].
func Card(t *engine.Trigger, c Context) (image.Image, bool) {
	v, err := ViewOf(t, c.ClassNames...)
	if err != nil || !v.drawable() {
		return nil, false
	}
	return drawCard(t, v, c), true
}

func drawCard(t *engine.Trigger, v View, context Context) image.Image {
	const width = cardWidth - 2*cardMargin
	c := newCanvas(cardWidth, cardHeight)
	drawCardTitle(c, cardMargin, cardMargin+12, width, t, context)

	const top = cardMargin + 30
	const left = cardPanels*(cardPanel+cardGap) - cardGap
	x := float64(cardMargin + left + sheetTextGap)
	if pictures := v.pictures(cardPanels); len(pictures) > 0 {
		x = drawPanels(c, cardMargin, top, cardPanel, cardGap, pictures) + sheetTextGap
	} else {
		drawFirst(c, cardMargin, top, left, cardPanel+linePitch, v)
	}
	right := cardWidth - cardMargin - x
	original, compressed := originalAnswer(t, context.ClassNames), compressedAnswer(t, context.ClassNames)
	drawAnswer(c, x, top+11, right, original)
	if answers := AnswersOf(t, context.ClassNames); len(answers) > 0 {
		drawAnswer(c, x, top+32, right, compressed)
		if answers[0].strip() {
			c.text(x, top+52, c.fit(answers[0].Name, smallText, right), smallText, inkGrey)
			drawStrip(c, x, top+60, right, answers[0])
		} else {
			drawTableRows(c, x, top+46, right, cardPanel-46, answers[0])
		}
	} else {
		drawAnswer(c, x, top+112, right, compressed)
	}

	y := top + cardPanel + 45.0
	drawSeedLine(c, cardMargin, y, width/2-cardGap, t, context.ClassNames)
	c.text(x, y, c.fit(metrics(t), smallText, right), smallText, inkDark)
	drawHistory(c, cardMargin, y+18, width, t)
	return c.img
}

// drawCardTitle says what happened.
func drawCardTitle(c *canvas, x, y, width float64, t *engine.Trigger, context Context) {
	told := t.Told()
	original, compressed := told.From.In(context.ClassNames), told.To.In(context.ClassNames)
	parts := []struct {
		text string
		most float64 // share of the width; 0 means all of it
		ink  color.Color
	}{
		{context.Pair, 0.26, inkDark},
		{": the original says ", 0, inkDark}, {original, 0.19, inkOriginal},
		{", the compressed model ", 0, inkDark}, {compressed, 0.19, inkCompressed},
	}
	if t.Kind == answer.NotFinite {
		parts[3].text, parts[4].text, parts[4].most = ", compressed gives ", NotFiniteInWords(t.Compressed), 0.26
	}
	if told.OfLabels() && t.OriginalLabel == t.CompressedLabel { // which some oracles call a deviation
		parts = append(parts[:1:1], parts[1], parts[2])
		parts[1].text = ": with different scores, both models say "
	}
	for _, p := range parts {
		if p.most > 0 {
			p.text = c.fit(p.text, headingText, p.most*width)
		}
		x = c.text(x, y, p.text, headingText, p.ink)
	}
}
