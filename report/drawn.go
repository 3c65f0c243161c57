package report

import (
	"image"
	"image/color"
	"math"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"golang.org/x/image/draw"
)

// This file holds what drawings of answers over pictures have in common.

func init() { answersDrawn = append(answersDrawn, drawBoxes, drawMasks) }

// drawnBy is the oracle of a name by which answers are drawn over a picture; nil for others.
func drawnBy(name string) answer.Oracle {
	if name == "" {
		return nil
	}
	if oracle, err := answer.ParseOracle(name, answer.Sources{}); err == nil && answer.Drawable(oracle) {
		return oracle
	}
	return nil
}

// pictured are the pictures of a seed and a trigger over which answers can be drawn: of a set those of its first searched picture.
func pictured(t *engine.Trigger) (seed, trigger input.Input, ok bool) {
	if len(t.Input.Parts()) == 0 {
		return t.Seed, t.Input, t.Input.Kind == input.Image && isPicture(t.Input) && isPicture(t.Seed)
	}
	for _, part := range t.Input.Parts() {
		if part.Kind != input.Image || part.Fixed {
			continue
		}
		seed, _ = t.Seed.Part(part.Name)
		if trigger, _ = t.Input.Part(part.Name); isPicture(trigger) && isPicture(seed) {
			return seed, trigger, true
		}
	}
	return seed, trigger, false
}

const (
	// leastDrawn and mostDrawn are the pixels of the longer side of what is drawn: small pictures are enlarged by whole numbers, so that
	// lines and words have room.
	leastDrawn = 448
	mostDrawn  = 1024
	// lettersOfSide is how many times the size of letters goes into that side, so that they can be read where a picture is shown small.
	lettersOfSide = 18
)

// overlay is a picture to draw on, with a legend below.
type overlay struct {
	*canvas
	scale         float64 // pixels of the drawing for one of the picture
	width, height int     // of the picture in the drawing, in pixels
	text          typeface
	letter, line  int // sizes in pixels
	tags          []image.Rectangle
}

// newOverlay draws the picture, as it is or in lighter grey.
func newOverlay(in input.Input, pale bool) *overlay {
	img := picture(in)
	size := img.Bounds().Size()
	longer := max(size.X, size.Y)
	scale := 1.0
	switch {
	case longer < leastDrawn:
		scale = math.Ceil(leastDrawn / float64(longer))
	case longer > mostDrawn:
		scale = mostDrawn / float64(longer)
	}
	o := &overlay{scale: scale, width: max(1, int(float64(size.X)*scale)), height: max(1, int(float64(size.Y)*scale))}
	o.letter = max(o.width, o.height) / lettersOfSide
	o.line = max(2, o.letter/4)
	o.text = typeface{bold: true, size: float64(o.letter) / pixelRatio}
	o.canvas = newCanvas(float64(o.width)/pixelRatio, float64(o.height+o.letter*3/2)/pixelRatio)
	scaler := draw.Scaler(draw.NearestNeighbor)
	if scale < 1 {
		scaler = draw.CatmullRom
	}
	area := image.Rect(0, 0, o.width, o.height)
	scaler.Scale(o.img, area, img, img.Bounds(), draw.Src, nil)
	if pale {
		for y := range o.height {
			for x := range o.width {
				c := o.img.RGBAAt(x, y)
				grey := uint8(96 + (int(c.R)*3+int(c.G)*6+int(c.B))*6/100)
				o.img.SetRGBA(x, y, color.RGBA{grey, grey, grey, 255})
			}
		}
	}
	return o
}

// rect fills a rectangle, within the picture.
func (o *overlay) rect(r image.Rectangle, ink color.Color) {
	draw.Draw(o.img, r.Intersect(image.Rect(0, 0, o.width, o.height)), image.NewUniform(ink), image.Point{}, draw.Src)
}

// frame draws the border of a rectangle, of dashes or in one, with a white edge that makes it seen on any ground.
func (o *overlay) frame(r image.Rectangle, thick int, dashed bool, ink color.Color) {
	const edge = 1
	o.border(r, thick, edge, 0, color.White)
	dash := 0
	if dashed {
		dash = 4 * thick
	}
	o.border(r, thick, 0, dash, ink)
}

func (o *overlay) border(r image.Rectangle, thick, edge, dash int, ink color.Color) {
	thick, half := thick+2*edge, thick/2+edge
	r = image.Rect(r.Min.X-half, r.Min.Y-half, r.Max.X-half+thick, r.Max.Y-half+thick)
	along := func(from, to int, piece func(from, to int) image.Rectangle) {
		if dash == 0 {
			o.rect(piece(from, to), ink)
			return
		}
		for at := from; at < to; at += dash + dash/2 {
			o.rect(piece(at, min(at+dash, to)), ink)
		}
	}
	for _, y := range []int{r.Min.Y, r.Max.Y - thick} {
		along(r.Min.X, r.Max.X, func(a, b int) image.Rectangle { return image.Rect(a, y, b, y+thick) })
	}
	for _, x := range []int{r.Min.X, r.Max.X - thick} {
		along(r.Min.Y, r.Max.Y, func(a, b int) image.Rectangle { return image.Rect(x, a, x+thick, b) })
	}
}

// tag writes words on a ground of a colour at a rectangle: above its left upper corner or below its left lower one, or where else they
// cover no other.
func (o *overlay) tag(r image.Rectangle, words string, below bool, ink color.Color) {
	words = o.fit(words, o.text, float64(o.width)/pixelRatio-4)
	w, h := int(o.canvas.width(words, o.text)*pixelRatio)+o.letter/2, o.letter*5/4
	gap := o.line
	places := []image.Point{{r.Min.X, r.Min.Y - h - gap}, {r.Min.X, r.Max.Y + gap}, {r.Max.X - w, r.Min.Y - h - gap}, {r.Max.X - w, r.Max.Y + gap},
		{r.Min.X + gap, r.Min.Y + gap}, {r.Min.X + gap, r.Max.Y - h - gap}, {r.Max.X + gap, r.Min.Y}, {r.Min.X - w - gap, r.Min.Y}}
	if below {
		places[0], places[1], places[2], places[3] = places[1], places[0], places[3], places[2]
		places[4], places[5] = places[5], places[4]
	}
	best, least := image.Rectangle{}, math.MaxInt
	for _, p := range places {
		at := image.Rect(0, 0, w, h).Add(image.Pt(max(0, min(p.X, o.width-w)), max(0, min(p.Y, o.height-h))))
		covers := 0
		for _, other := range o.tags {
			both := at.Intersect(other)
			covers += both.Dx() * both.Dy()
		}
		if covers < least {
			best, least = at, covers
		}
	}
	o.tags = append(o.tags, best)
	o.rect(best, ink)
	o.canvas.text(float64(best.Min.X+o.letter/4)/pixelRatio, float64(best.Max.Y-o.letter/3)/pixelRatio, words, o.text, color.White)
}

// legendItem is a sample of what is drawn, and what it means.
type legendItem struct {
	words string
	draw  func(r image.Rectangle)
}

// legend writes below the picture what is what, as far as there is room.
func (o *overlay) legend(items []legendItem) {
	text := typeface{size: float64(o.letter) * 0.9 / pixelRatio}
	x, top, middle := o.letter/4, o.height, o.letter*3/2
	o.height += middle // samples lie below the picture
	defer func() { o.height -= middle }()
	for i, item := range items {
		sample := image.Rect(x, top+middle/2-o.letter/3, x+o.letter, top+middle/2+o.letter/3)
		words := item.words
		width := int(o.canvas.width(words, text) * pixelRatio)
		if sample.Max.X+o.letter/4+width > o.width {
			if i == 0 {
				words = o.fit(words, text, float64(o.width-sample.Max.X-o.letter/4)/pixelRatio)
			} else {
				o.canvas.text(float64(x)/pixelRatio, float64(top+middle*2/3+o.letter/12)/pixelRatio, "…", text, inkDark)
				return
			}
		}
		item.draw(sample)
		o.canvas.text(float64(sample.Max.X+o.letter/4)/pixelRatio, float64(top+middle*2/3+o.letter/12)/pixelRatio, words, text, inkDark)
		x = sample.Max.X + o.letter/4 + width + o.letter*2/3
	}
}
