package report

import (
	"fmt"
	"image/color"
	"math"
	"strings"
)

var (
	inkTakenOut = color.RGBA{0xff, 0xdf, 0xd9, 0xff}
	inkPutIn    = color.RGBA{0xd4, 0xf2, 0xdc, 0xff}
	inkChange   = color.RGBA{0x6f, 0x7b, 0x88, 0xff} // of bars that belong to neither model
)

const (
	linePitch = 17.0
	barsWide  = 64.0
	cellGap   = 10.0
)

// drawTable draws as many rows of a table as fit into the height, and returns where they end. A short bar goes from the middle of its place
// to the side of its sign.
func drawTable(c *canvas, x, y, width, height float64, t Table) float64 {
	c.text(x, y+11, c.fit(t.Name, strongText, width), strongText, inkDark)
	return drawTableRows(c, x, y+linePitch+2, width, height-linePitch-2, t)
}

// drawTableRows draws a table without its name.
func drawTableRows(c *canvas, x, y, width, height float64, t Table) float64 {
	bottom := y + height
	room := max(1, int((bottom-y)/linePitch)-1) // without the head
	rows, left := t.Rows, t.Left
	if len(rows) > room || left > 0 {
		room = max(1, room-1)
		left += max(0, len(rows)-room)
		rows = rows[:min(room, len(rows))]
	}
	columns := cellWidths(c, t.Head, rows, math.Inf(1))
	needed := cellGap * float64(len(columns))
	for _, w := range columns {
		needed += w
	}
	bars := t.hasBars() && needed+barsWide <= width // where there is room
	if !bars {
		columns = cellWidths(c, t.Head, rows, width)
	}
	line := func(cells []string, ink color.Color) {
		at := x
		for i, cell := range cells {
			c.text(at, y+11, c.fit(cell, smallText, columns[i]), smallText, ink)
			at += columns[i] + cellGap
		}
	}
	line(t.Head, inkGrey)
	y += linePitch
	for _, r := range rows {
		line(r.Cells, inkDark)
		if bars && len(r.Bars) > 0 {
			drawBars(c, x+needed, y, barsWide, r.Bars)
		}
		y += linePitch
	}
	if left > 0 {
		c.text(x, y+11, fmt.Sprintf("… and %d more", left), smallText, inkGrey)
		y += linePitch
	}
	return y
}

// drawBars draws one bar of a change, or two of both models.
func drawBars(c *canvas, x, y, width float64, bars []float64) {
	inks := []color.Color{inkOriginal, inkCompressed}
	height := 5.0
	if len(bars) == 1 {
		inks, height = []color.Color{inkChange}, 9
	}
	middle := x + width/2
	for i, b := range bars {
		top := y + 2 + float64(i)*(height+1)
		long := max(1, width/2*max(b, -b))
		if b < 0 {
			c.fill(middle-long, top, long, height, inks[i])
		} else {
			c.fill(middle, top, long, height, inks[i])
		}
	}
	c.fill(middle-0.25, y, 0.5, linePitch-3, inkOther)
}

// cellWidths share the width among the columns: what each needs where that fits, and otherwise the widest give way.
func cellWidths(c *canvas, head []string, rows []TableRow, width float64) []float64 {
	widths := make([]float64, len(head))
	for i := range head {
		widths[i] = c.width(oneLine(head[i]), smallText)
		for _, r := range rows {
			widths[i] = max(widths[i], c.width(oneLine(r.Cells[i]), smallText))
		}
	}
	room := width - cellGap*float64(len(head)-1)
	for range 64 {
		total, widest := 0.0, 0
		for i, w := range widths {
			if total += w; w > widths[widest] {
				widest = i
			}
		}
		if total <= room {
			break
		}
		widths[widest] = max(widths[widest]-max(total-room, 1), widths[widest]*0.85)
	}
	return widths
}

// stripHeight is that of a strip of bars with the numbers below.
const stripHeight = 62

// drawStrip draws the rows of a table side by side: the bars of both models up and down from a line, with the first cell below.
func drawStrip(c *canvas, x, y, width float64, t Table) {
	const bar, height = 10.0, 42.0
	pitch := min(width/float64(max(len(t.Rows), 1)), 44)
	middle := y + height/2
	for i, r := range t.Rows {
		at := x + float64(i)*pitch + (pitch-2*bar)/2
		for j, b := range r.Bars {
			ink := []color.Color{inkOriginal, inkCompressed}[j]
			long := max(1, height/2*max(b, -b))
			top := middle - long
			if b < 0 {
				top = middle
			}
			c.fill(at+float64(j)*bar, top, bar-1, long, ink)
		}
		name := strings.TrimPrefix(r.Cells[0], numberCell)
		name = c.fit(name, smallText, pitch-2)
		c.text(at+bar-c.width(name, smallText)/2, y+height+13, name, smallText, inkGrey)
	}
	c.fill(x, middle-0.25, pitch*float64(len(t.Rows)), 0.5, inkOther)
}

const textContext = 24 // letters around an edit

// drawText draws a text with its edits, as far as it fits into the height, and returns where it ends: what was taken out is struck
// out, what was put in is underlined.
func drawText(c *canvas, x, y, width, height float64, t Text) float64 {
	bottom := y + height
	c.text(x, y+11, c.fit(t.Name, strongText, width), strongText, inkDark)
	y += linePitch + 4
	lines := max(1, int((bottom-y)/linePitch))
	letters := max(8, int(float64(lines)*width/6.5))
	short, left := t.Around(textContext, letters)
	at := x
	next := func() {
		at = x
		y += linePitch
	}
	full := func() bool { return y+linePitch > bottom+0.5 }
	draw := func(edit Edit, text string) {
		w := c.width(text, plainText)
		switch edit {
		case TakenOut:
			c.fill(at, y, w, linePitch-2, inkTakenOut)
		case PutIn:
			c.fill(at, y, w, linePitch-2, inkPutIn)
		}
		c.text(at, y+11, text, plainText, inkDark)
		switch edit {
		case TakenOut:
			c.fill(at, y+7, w, 1, inkDark)
		case PutIn:
			c.fill(at, y+13, w, 1.5, inkDark)
		}
		at += w
	}
	for _, p := range short.Pieces {
		for _, word := range strings.SplitAfter(visible(p.Text), " ") {
			for word != "" && !full() {
				if at+c.width(strings.TrimRight(word, " "), plainText) <= x+width {
					draw(p.Edit, word)
					break
				}
				if at > x {
					next()
					continue
				}
				n := fitting(c, word, width) // one long word is broken
				draw(p.Edit, word[:n])
				word = word[n:]
				next()
			}
		}
	}
	if at > x {
		next()
	}
	if left > 0 && !full() {
		c.text(x, y+11, fmt.Sprintf("… and %s more", Plural(left, "piece")), smallText, inkGrey)
		next()
	}
	return min(y, bottom)
}

// fitting is how many bytes of a text, at least those of one letter, are at most this wide.
func fitting(c *canvas, text string, width float64) int {
	n := 0
	for i, r := range text {
		end := i + len(string(r))
		if n > 0 && c.width(text[:end], plainText) > width {
			break
		}
		n = end
	}
	return n
}
