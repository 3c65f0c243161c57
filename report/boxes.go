package report

import (
	"fmt"
	"image"
	"math"
	"slices"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
)

const (
	// mostDrawnBoxes is how many boxes of both models are drawn, the best of those that deviate first.
	mostDrawnBoxes = 60
	// mostNamed is how many boxes on which both models agree are drawn with their names.
	mostNamed = 6
)

// drawBoxes draws what detectors found over the seed and over the trigger: the original's boxes solid and blue, the compressed model's
// dashed and orange. Those that deviate are thick, and have their names and scores.
func drawBoxes(t *engine.Trigger, names []string) (panels []Panel) {
	oracle := drawnBy(t.Oracle)
	seed, trigger, ok := pictured(t)
	if oracle == nil || !ok {
		return nil
	}
	same := slices.Equal(seed.Data, trigger.Data)
	add := func(name string, in input.Input, o, c answer.Answer) {
		h, w, _, _ := in.ImageSize()
		pairs, ok := answer.BoxPairs(oracle, o, c, w, h)
		if !ok {
			return
		}
		counts := [2]int{}
		for _, p := range pairs {
			if p.Original != nil {
				counts[0]++
			}
			if p.Compressed != nil {
				counts[1]++
			}
		}
		panels = append(panels, Panel{
			Name: "boxes, " + name, File: name + "-boxes.png", Image: boxesOver(in, pairs, names),
			Alt: fmt.Sprintf("what both models found in the %s: %s of the original, solid and blue, and %s of the compressed model, dashed and orange", name,
				boxCount(counts[0]), boxCount(counts[1])),
		})
	}
	if t.SeedOriginal.Check() == nil && t.SeedCompressed.Check() == nil && !same {
		add("seed", seed, t.SeedOriginal, t.SeedCompressed)
	}
	add("trigger", trigger, t.Original, t.Compressed)
	if len(panels) > 0 {
		told := t.Told()
		panels[len(panels)-1].Alt += ": " + oneLine(told.In(names))
	}
	return panels
}

func boxCount(n int) string {
	if n == 1 {
		return "1 box"
	}
	return fmt.Sprintf("%d boxes", n)
}

func boxesOver(in input.Input, pairs []answer.BoxPair, names []string) image.Image {
	o := newOverlay(in, false)
	place := func(b *answer.Box) image.Rectangle {
		at := func(v float64, most int) int {
			return int(math.Round(min(max(v*o.scale, -float64(o.line)), float64(most+o.line))))
		}
		return image.Rect(at(b.X1, o.width), at(b.Y1, o.height), at(b.X2, o.width), at(b.Y2, o.height))
	}
	pairs = pairs[:min(len(pairs), mostDrawnBoxes)]
	agree := 0
	for _, p := range slices.Backward(pairs) { // those that deviate lie on top
		thick := max(2, o.line/2)
		if p.Deviates {
			thick = o.line
		} else {
			agree++
		}
		if p.Original != nil {
			o.frame(place(p.Original), thick, false, inkOriginal)
		}
		if p.Compressed != nil {
			o.frame(place(p.Compressed), thick, true, inkCompressed)
		}
	}
	name := func(b *answer.Box) string { return oneLine(answer.ClassName(names, b.Class)) }
	for _, p := range pairs {
		switch {
		case p.Deviates:
			if p.Original != nil {
				o.tag(place(p.Original), fmt.Sprintf("%s %.2f", name(p.Original), p.Original.Score), false, inkOriginal)
			}
			if p.Compressed != nil {
				o.tag(place(p.Compressed), fmt.Sprintf("%s %.2f", name(p.Compressed), p.Compressed.Score), true, inkCompressed)
			}
		case agree <= mostNamed:
			o.tag(place(p.Original), name(p.Original), false, inkGrey)
		}
	}
	o.legend([]legendItem{
		{"original", func(r image.Rectangle) { o.frame(r.Inset(1), max(2, o.line/2), false, inkOriginal) }},
		{"compressed", func(r image.Rectangle) { o.frame(r.Inset(1), max(2, o.line/2), true, inkCompressed) }},
	})
	return o.img
}

// boxesTable lists the boxes of both models, those that deviate first.
func boxesTable(t *engine.Trigger, oracle answer.Oracle, names []string) []Table {
	height, width := 0, 0
	if _, trigger, ok := pictured(t); ok {
		height, width, _, _ = trigger.ImageSize()
	}
	pairs, ok := answer.BoxPairs(oracle, t.Original, t.Compressed, width, height)
	if !ok || len(pairs) == 0 {
		return nil
	}
	name := func(b *answer.Box) string { return oneLine(answer.ClassName(names, b.Class)) }
	at := func(b *answer.Box) string {
		if b == nil {
			return "none"
		}
		if max(b.X2, b.Y2) < 2 { // shares of a picture whose size is not known
			return fmt.Sprintf("%.2f at (%.3f, %.3f, %.3f, %.3f)", b.Score, b.X1, b.Y1, b.X2, b.Y2)
		}
		return fmt.Sprintf("%.2f at (%.0f, %.0f, %.0f, %.0f)", b.Score, b.X1, b.Y1, b.X2, b.Y2)
	}
	table := Table{Name: "boxes", Head: []string{"box", "original", "compressed", "difference"}}
	for _, p := range pairs {
		if len(table.Rows) == mostNumbers {
			table.Left++
			continue
		}
		row := TableRow{Cells: []string{"", at(p.Original), at(p.Compressed), ""}}
		switch {
		case p.Compressed == nil:
			row.Cells[0], row.Cells[3] = name(p.Original), "missed"
		case p.Original == nil:
			row.Cells[0], row.Cells[3] = name(p.Compressed), "invented"
		case p.Original.Class != p.Compressed.Class:
			row.Cells[0], row.Cells[3] = name(p.Original), "taken for "+name(p.Compressed)
		case p.Deviates:
			row.Cells[0], row.Cells[3] = name(p.Original), fmt.Sprintf("moved, IoU %.2f", p.IoU)
		default:
			row.Cells[0], row.Cells[3] = name(p.Original), fmt.Sprintf("the same, IoU %.2f", p.IoU)
		}
		table.Rows = append(table.Rows, row)
	}
	return []Table{table}
}
