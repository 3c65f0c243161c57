package report

import (
	"fmt"
	"image"
	"image/color"
	"math"

	"github.com/triggerfinder/triggerfinder/input"
)

// A heat map shows where an image was changed, and how much. Its scale is the same for all triggers, so that one map can be read beside
// another; it is logarithmic, as changes of 2 and of 200 levels of 255 are both to be seen. Its few colours, in 4 bits, make small files.
const (
	heatLevels = 15 // besides no change
	heatRange  = 255.0
)

// heatScaleInWords is how trigger.json calls the scale.
const heatScaleInWords = "heat map, logarithmic, 0 to 255"

// HeatStep is a colour of heat maps.
type HeatStep struct {
	// Least is the smallest change that has the colour, in 255ths of the range of values: levels, for 8-bit images.
	Least  float64
	Colour color.NRGBA
}

// HeatScale is the scale of heat maps, from no change to the greatest; it is the same for all triggers.
func HeatScale() []HeatStep {
	steps := []HeatStep{{0, heatColours[0].(color.NRGBA)}}
	for level := 1; level <= heatLevels; level++ {
		steps = append(steps, HeatStep{math.Exp2(float64(level-1) * math.Log2(heatRange+1) / heatLevels), heatColours[level].(color.NRGBA)})
	}
	return steps
}

// heatColours are those of the levels. They grow darker, so that they can be told apart without seeing colours, and in print.
var heatColours = func() color.Palette {
	anchors := []struct {
		level int
		color.NRGBA
	}{
		{1, color.NRGBA{0xff, 0xec, 0xa6, 0xff}}, {5, color.NRGBA{0xfd, 0xbb, 0x5d, 0xff}}, {8, color.NRGBA{0xf0, 0x7f, 0x3c, 0xff}},
		{11, color.NRGBA{0xb8, 0x37, 0x5f, 0xff}}, {13, color.NRGBA{0x6f, 0x1d, 0x70, 0xff}}, {heatLevels, color.NRGBA{0x1a, 0x0c, 0x3a, 0xff}},
	}
	p := color.Palette{color.NRGBA{0xff, 0xff, 0xff, 0xff}}
	for i := range len(anchors) - 1 {
		from, to := anchors[i], anchors[i+1]
		for level := from.level; level < to.level; level++ {
			mix := func(a, b uint8) uint8 {
				return uint8(int(a) + (int(b)-int(a))*(level-from.level)/(to.level-from.level))
			}
			p = append(p, color.NRGBA{mix(from.R, to.R), mix(from.G, to.G), mix(from.B, to.B), 0xff})
		}
	}
	return append(p, anchors[len(anchors)-1].NRGBA)
}()

// heatLevel is that of a change in 255ths of the range.
func heatLevel(change float64) uint8 {
	switch change = math.Abs(change); {
	case !(change > 0):
		return 0
	case change <= 1:
		return 1
	}
	return uint8(min(1+math.Floor(math.Log2(change)*heatLevels/math.Log2(heatRange+1)), heatLevels))
}

// heatMap draws what changed from seed to trigger. The greatest change is in 255ths of the range.
func heatMap(seed, trigger input.Input) (img *image.Paletted, greatest float64) {
	h, w, channels, _ := seed.ImageSize()
	img = image.NewPaletted(image.Rect(0, 0, w, h), heatColours)
	scale := heatRange / float64(seed.Domain.Range())
	for pixel := range h * w {
		most := 0.0
		for i := pixel * channels; i < (pixel+1)*channels; i++ {
			most = max(most, math.Abs(float64(trigger.Data[i])-float64(seed.Data[i]))*scale)
		}
		img.Pix[pixel] = heatLevel(most)
		greatest = max(greatest, most)
	}
	return img, greatest
}

// heatPanel is the panel of an image's view.
func heatPanel(seed, trigger input.Input) Panel {
	img, greatest := heatMap(seed, trigger)
	p := Panel{Name: "no change", Alt: "heat map of what changed from seed to trigger: nothing", File: differenceFile, Image: img}
	if greatest > 0 {
		p.Name = "change"
		p.Alt = fmt.Sprintf("heat map of what changed from seed to trigger: a pixel by %s of 255 at most", short(greatest))
	}
	return p
}
