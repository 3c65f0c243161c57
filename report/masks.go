package report

import (
	"cmp"
	"fmt"
	"image"
	"image/color"
	"slices"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
)

// maskInks are colours that everybody tells apart (Okabe and Ito), by turns.
var maskInks = []color.RGBA{
	{0xe6, 0x9f, 0x00, 0xff}, {0x56, 0xb4, 0xe9, 0xff}, {0x00, 0x9e, 0x73, 0xff}, {0xf0, 0xe4, 0x42, 0xff}, {0x00, 0x72, 0xb2, 0xff},
	{0xd5, 0x5e, 0x00, 0xff}, {0xcc, 0x79, 0xa7, 0xff},
}

// maskTint is how much of the colour of a class covers the picture, of 256.
const maskTint = 120

// drawMasks draws the labels of pixels of both models over the trigger, and of the original over the seed. The class that covers the most
// has no colour. What the compressed model sees otherwise has an outline of its own.
func drawMasks(t *engine.Trigger, names []string) (panels []Panel) {
	oracle := drawnBy(t.Oracle)
	seed, trigger, ok := pictured(t)
	if oracle == nil || !ok {
		return nil
	}
	m, ok := answer.Masked(oracle, t.Original, t.Compressed)
	if !ok {
		return nil
	}
	ground := commonest(m.Original)
	panels = append(panels, Panel{
		Name: "mask, original", File: "original-mask.png", Alt: "what the original sees in the trigger: " + coverInWords(m.Original, names),
		Image: maskOver(trigger, m, m.Original, nil, ground, names),
	})
	if m.Compressed != nil {
		panels = append(panels, Panel{
			Name: "mask, compressed", File: "compressed-mask.png",
			Alt:   fmt.Sprintf("what the compressed model sees in the trigger, with an outline where the original sees something else: %s", coverInWords(m.Compressed, names)),
			Image: maskOver(trigger, m, m.Compressed, m.Original, ground, names),
		})
	}
	if t.SeedOriginal.Check() == nil && !slices.Equal(seed.Data, trigger.Data) {
		if s, ok := answer.Masked(oracle, t.SeedOriginal, t.SeedOriginal); ok {
			panels = append(panels, Panel{
				Name: "mask, seed", File: "seed-mask.png", Alt: "what the original sees in the seed: " + coverInWords(s.Original, names),
				Image: maskOver(seed, s, s.Original, nil, ground, names),
			})
		}
	}
	return panels
}

// covering counts the pixels of each label, the commonest first.
func covering(labels []uint16) (all []struct{ label, n int }) {
	counts := map[uint16]int{}
	for _, l := range labels {
		counts[l]++
	}
	for l, n := range counts {
		all = append(all, struct{ label, n int }{int(l), n})
	}
	slices.SortFunc(all, func(a, b struct{ label, n int }) int {
		return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(a.label, b.label))
	})
	return all
}

func commonest(labels []uint16) int { return covering(labels)[0].label }

// coverInWords says what covers how much: "ground 81 %, circle 12 %, square 7 %".
func coverInWords(labels []uint16, names []string) string {
	const shown = 6
	words := ""
	for i, c := range covering(labels) {
		if i == shown {
			return words + " and others"
		}
		if i > 0 {
			words += ", "
		}
		words += fmt.Sprintf("%s %.2g %%", oneLine(answer.ClassName(names, c.label)), 100*float64(c.n)/float64(len(labels)))
	}
	return words
}

func inkOf(label, ground int) color.RGBA {
	if label > ground {
		label--
	}
	return maskInks[label%len(maskInks)]
}

// maskOver draws labels over a picture, with an outline where other ones differ from them.
func maskOver(in input.Input, m answer.MaskPair, labels, other []uint16, ground int, names []string) image.Image {
	o := newOverlay(in, true)
	at := func(x, y int) int { return y*m.Height/o.height*m.Width + x*m.Width/o.width }
	differs := func(x, y int) bool { k := at(x, y); return other != nil && labels[k] != other[k] }
	edge := max(1, o.line/3)
	for y := range o.height {
		for x := range o.width {
			label := int(labels[at(x, y)])
			border, changed, here := false, false, differs(x, y)
			for _, to := range [...]image.Point{{x + edge, y}, {x - edge, y}, {x, y + edge}, {x, y - edge}} {
				if to.X < 0 || to.Y < 0 || to.X >= o.width || to.Y >= o.height {
					continue
				}
				border = border || int(labels[at(to.X, to.Y)]) != label
				changed = changed || here && !differs(to.X, to.Y)
			}
			switch {
			case changed:
				o.img.SetRGBA(x, y, color.RGBA{0, 0, 0, 255})
			case here && (x+y)/(2*edge)%4 == 0: // hatched
				o.img.SetRGBA(x, y, color.RGBA{0, 0, 0, 255})
			case label == ground:
			case border:
				ink := inkOf(label, ground)
				o.img.SetRGBA(x, y, color.RGBA{ink.R / 4 * 3, ink.G / 4 * 3, ink.B / 4 * 3, 255})
			default:
				c, ink := o.img.RGBAAt(x, y), inkOf(label, ground)
				mix := func(a, b uint8) uint8 { return uint8((int(a)*(256-maskTint) + int(b)*maskTint) >> 8) }
				o.img.SetRGBA(x, y, color.RGBA{mix(c.R, ink.R), mix(c.G, ink.G), mix(c.B, ink.B), 255})
			}
		}
	}
	var items []legendItem
	if other != nil {
		items = append(items, legendItem{"changed", func(r image.Rectangle) {
			o.border(r, edge, 0, 0, color.Black)
			for y := r.Min.Y; y < r.Max.Y; y++ {
				for x := r.Min.X; x < r.Max.X; x++ {
					if (x+y)/(2*edge)%4 == 0 {
						o.img.Set(x, y, color.Black)
					}
				}
			}
		}})
	}
	shown := covering(m.Original)
	for _, c := range covering(labels) {
		if !slices.ContainsFunc(shown, func(s struct{ label, n int }) bool { return s.label == c.label }) {
			shown = append(shown, c)
		}
	}
	slices.SortFunc(shown, func(a, b struct{ label, n int }) int { return cmp.Compare(a.label, b.label) })
	for _, c := range shown {
		if c.label != ground {
			items = append(items, legendItem{oneLine(answer.ClassName(names, c.label)), func(r image.Rectangle) { o.rect(r, inkOf(c.label, ground)) }})
		}
	}
	if len(items) > 0 {
		o.legend(items)
	}
	return o.img
}

// masksTable lists what each class covers, the commonest first.
func masksTable(t *engine.Trigger, oracle answer.Oracle, names []string) []Table {
	m, ok := answer.Masked(oracle, t.Original, t.Compressed)
	if !ok || m.Compressed == nil {
		return nil
	}
	var from, to, both [1 << 16]int
	changed := 0
	for i, l := range m.Original {
		k := m.Compressed[i]
		from[l]++
		to[k]++
		if l == k {
			both[l]++
		} else {
			changed++
		}
	}
	n := float64(len(m.Original))
	table := Table{Name: fmt.Sprintf("%.2g %% of %d pixels changed", 100*float64(changed)/n, len(m.Original)), Head: []string{"class", "original", "compressed", "IoU"}}
	for _, c := range covering(append(slices.Clone(m.Original), m.Compressed...)) {
		if len(table.Rows) == mostNumbers {
			table.Left++
			continue
		}
		o, k := float64(from[c.label])/n, float64(to[c.label])/n
		table.Rows = append(table.Rows, TableRow{
			Cells: []string{oneLine(answer.ClassName(names, c.label)), fmt.Sprintf("%.1f %%", 100*o), fmt.Sprintf("%.1f %%", 100*k),
				fmt.Sprintf("%.2f", float64(both[c.label])/float64(from[c.label]+to[c.label]-both[c.label]))},
			Bars: []float64{o, k},
		})
	}
	return []Table{table}
}
