package report

import (
	"image"
	"image/color"
	"math"
	"sort"
	"strings"
	"sync"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// pixelRatio is the number of pixels a unit of the layout: pictures are sharp on fine screens too.
const pixelRatio = 2

// typeface is a font at a size, in units of the layout.
type typeface struct {
	bold bool
	size float64
}

// parsedFonts are the fonts that x/image embeds. They cover Latin, Greek and Cyrillic.
var parsedFonts = sync.OnceValue(func() (fonts struct{ regular, bold *opentype.Font }) {
	var err error
	if fonts.regular, err = opentype.Parse(goregular.TTF); err != nil {
		panic(err) // cannot happen: the font is part of the program
	}
	if fonts.bold, err = opentype.Parse(gobold.TTF); err != nil {
		panic(err)
	}
	return fonts
})

// canvas is a white sheet to draw on. All its measures are in units of the layout.
type canvas struct {
	img   *image.RGBA
	faces map[typeface]font.Face
}

func newCanvas(width, height float64) *canvas {
	c := &canvas{faces: map[typeface]font.Face{}}
	c.img = image.NewRGBA(image.Rect(0, 0, devicePixels(width), devicePixels(height)))
	draw.Draw(c.img, c.img.Bounds(), image.White, image.Point{}, draw.Src)
	return c
}

func devicePixels(v float64) int { return int(math.Round(v * pixelRatio)) }

func (c *canvas) face(t typeface) font.Face {
	if f, ok := c.faces[t]; ok {
		return f
	}
	parsed := parsedFonts().regular
	if t.bold {
		parsed = parsedFonts().bold
	}
	f, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: t.size * pixelRatio, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		panic(err) // cannot happen: NewFace only fails for options that are not these
	}
	c.faces[t] = f
	return f
}

func (c *canvas) width(s string, t typeface) float64 {
	return float64(font.MeasureString(c.face(t), s)) / 64 / pixelRatio
}

// text draws s with its baseline at y, and returns where it ends.
func (c *canvas) text(x, y float64, s string, t typeface, ink color.Color) float64 {
	d := font.Drawer{Dst: c.img, Src: image.NewUniform(ink), Face: c.face(t), Dot: fixed.Point26_6{
		X: fixed.Int26_6(math.Round(x * pixelRatio * 64)), Y: fixed.Int26_6(devicePixels(y) * 64),
	}}
	d.DrawString(s)
	return x + c.width(s, t)
}

// fit shortens s, with an ellipsis, to what is at most this wide.
func (c *canvas) fit(s string, t typeface, most float64) string {
	s = oneLine(s)
	if c.width(s, t) <= most {
		return s
	}
	letters := []rune(s)
	shortened := func(n int) string { return strings.TrimRight(string(letters[:n]), " ") + "…" }
	n := sort.Search(len(letters), func(n int) bool { return c.width(shortened(n), t) > most }) - 1
	if n < 1 {
		return ""
	}
	return shortened(n)
}

// wrap breaks a text of several parts into lines that are at most this wide.
func (c *canvas) wrap(parts []string, separator string, t typeface, most float64) []string {
	var lines []string
	line := ""
	for _, p := range parts {
		p = c.fit(p, t, most)
		if line != "" && c.width(line+separator+p, t) > most {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += separator
		}
		line += p
	}
	return append(lines, line)
}

func (c *canvas) fill(x, y, w, h float64, ink color.Color) {
	r := image.Rect(devicePixels(x), devicePixels(y), devicePixels(x+w), devicePixels(y+h))
	draw.Draw(c.img, r, image.NewUniform(ink), image.Point{}, draw.Src)
}

// show draws a picture in the middle of a square: a small one enlarged with its pixels visible, a
// large one reduced. A thin frame goes around it.
func (c *canvas) show(img image.Image, x, y, size float64, frame color.Color) {
	side := float64(devicePixels(size))
	w, h := float64(img.Bounds().Dx()), float64(img.Bounds().Dy())
	scale := side / max(w, h)
	pw, ph := max(1, int(math.Round(w*scale))), max(1, int(math.Round(h*scale)))
	left, top := devicePixels(x)+(int(side)-pw)/2, devicePixels(y)+(int(side)-ph)/2
	target := image.Rect(left, top, left+pw, top+ph)

	scaler := draw.Scaler(draw.NearestNeighbor)
	if scale < 1 {
		scaler = draw.CatmullRom
	}
	draw.Draw(c.img, target.Inset(-1), image.NewUniform(frame), image.Point{}, draw.Src)
	scaler.Scale(c.img, target, img, img.Bounds(), draw.Src, nil)
}
