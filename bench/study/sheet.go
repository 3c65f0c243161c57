package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"strconv"

	"github.com/triggerfinder/triggerfinder/bench/subjects"
	"github.com/triggerfinder/triggerfinder/report"
	xdraw "golang.org/x/image/draw"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// The layout of a sheet, in pixels. Inputs are enlarged by a whole number, so that each of their pixels stays a square.
const (
	sheetDPI     = 144
	sheetPicture = 128 // at most; 28 pixels become 112, 32 become 128
	sheetColumn  = 186 // a picture with its caption
	sheetTitle   = 40
	sheetCaption = 92
	sheetGap     = 28
	sheetMargin  = 24
	pairsPerRow  = 2
)

// classNames are those of a data set; others are numbers.
var classNames = map[string][]string{
	subjects.CIFAR10: {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"},
}

func className(dataset string, class int) string {
	if names := classNames[dataset]; class >= 0 && class < len(names) {
		return names[class]
	}
	return strconv.Itoa(class)
}

// sheet draws a seed a pair, beside its triggers; nil where there are none.
func sheet(dataset string, examples []example) ([]byte, error) {
	var shown []example
	most := 0 // pictures in a row of a pair
	for _, e := range examples {
		if e.Dataset == dataset {
			shown = append(shown, e)
			most = max(most, 1+len(e.Triggers))
		}
	}
	if len(shown) == 0 {
		return nil, nil
	}
	columns := min(pairsPerRow, len(shown))
	rows := (len(shown) + columns - 1) / columns
	cellWidth, cellHeight := most*sheetColumn, sheetTitle+sheetPicture+sheetCaption
	width := 2*sheetMargin + columns*cellWidth + (columns-1)*sheetGap
	height := 2*sheetMargin + rows*cellHeight + (rows-1)*sheetGap/2
	s := newSheet(width, height)
	for i, e := range shown {
		x := sheetMargin + i%columns*(cellWidth+sheetGap)
		y := sheetMargin + i/columns*(cellHeight+sheetGap/2)
		if err := s.pair(x, y, e); err != nil {
			return nil, fmt.Errorf("%s: %w", e.Pair, err)
		}
	}
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	err := encoder.Encode(&b, s.image)
	return b.Bytes(), err
}

type canvas struct {
	draw.Canvas
	image  xdraw.Image
	height int
}

func newSheet(width, height int) *canvas {
	picture := vgimg.NewWith(vgimg.UseWH(points(width), points(height)), vgimg.UseDPI(sheetDPI))
	return &canvas{draw.New(picture), picture.Image(), height}
}

func points(pixels int) vg.Length { return vg.Length(pixels) * vg.Inch / sheetDPI }

// write writes a line of text, at most that wide, with its baseline at y pixels from the top.
func (c *canvas) write(x, y, width int, size vg.Length, bold bool, ink color.Color, text string) {
	style := plot.New().Legend.TextStyle
	style.Font.Size, style.Color, style.Font.Variant = size, ink, font.Variant("Sans")
	if bold {
		style.Font.Weight = 1
	}
	for style.Width(text) > points(width) && len(text) > 1 {
		text = text[:len(text)-1]
	}
	c.FillText(style, vg.Point{X: points(x), Y: points(c.height - y)}, text)
}

var dark, grey = color.Gray{0x20}, color.Gray{0x60}

// pair draws the seed of a pair and its triggers.
func (c *canvas) pair(x, y int, e example) error {
	c.write(x, y+22, 4*sheetColumn, 10.5, true, dark, e.Pair)
	seed := "true class: " + className(e.Dataset, e.Label)
	if e.Label < 0 {
		seed = "no label"
	}
	if err := c.column(x, y+sheetTitle, e.Picture, "seed", seed, e.SeedName); err != nil {
		return err
	}
	for i, t := range e.Triggers {
		queries := report.Plural(t.Queries, "query")
		if err := c.column(x+(i+1)*sheetColumn, y+sheetTitle, t.Picture, t.Strategy,
			"original: "+className(e.Dataset, t.OriginalSays), "compressed: "+className(e.Dataset, t.CompressedSays),
			fmt.Sprintf("SSIM %.2f, %s", math.Round(100*t.SSIM)/100+0, queries)); err != nil {
			return err
		}
	}
	return nil
}

// column draws a picture with lines of text below.
func (c *canvas) column(x, y int, picture []byte, title string, lines ...string) error {
	img, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		return err
	}
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	scale := max(sheetPicture/max(w, h), 1)
	w, h = min(w*scale, sheetPicture), min(h*scale, sheetPicture)
	target := image.Rect(x, y, x+w, y+h)
	xdraw.Draw(c.image, target.Inset(-1), image.NewUniform(color.Gray{0xb0}), image.Point{}, xdraw.Src)
	xdraw.NearestNeighbor.Scale(c.image, target, img, img.Bounds(), xdraw.Src, nil)
	y += h + 20
	c.write(x, y, sheetColumn-8, 7.5, true, dark, title)
	for _, line := range lines {
		y += 18
		c.write(x, y, sheetColumn-8, 7.5, false, grey, line)
	}
	return nil
}
