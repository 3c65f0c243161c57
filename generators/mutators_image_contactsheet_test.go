package generators_test

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
)

var update = flag.Bool("update", false, "draw the contact sheets of docs/images anew")

// Sizes of a contact sheet, in pixels.
const (
	sheetZoom   = 4
	sheetGap    = 6
	sheetLabels = 124 // width of the column of names
	sheetHeader = 22
)

// The contact sheets of docs/corruptions.md show what the corruptions do:
//
//	go test ./generators -run ContactSheet -update
func TestContactSheets(t *testing.T) {
	boot, err := fixtures.Seeds().Seed(109)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		in     input.Input
		stream uint64 // two that go into opposite directions
	}{
		{"corruptions-grey.png", boot.Input, 3},
		{"corruptions-colour.png", drawHouse(), 8},
	} {
		path, sheet := filepath.Join("..", "docs", "images", test.name), contactSheet(test.in, test.stream)
		if *update {
			writeSheet(t, path, sheet)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if most := 300_000; len(content) > most {
			t.Errorf("%s: %d bytes, expected at most %d", path, len(content), most)
		}
		committed, err := png.Decode(bytes.NewReader(content))
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if at, differ := firstDifference(committed, sheet); differ {
			t.Errorf("%s: differs from what the corruptions draw, first at %v; look at it after go test -update", path, at)
		}
	}
}

// contactSheet has a row for each corruption that takes the input and a column for each severity.
func contactSheet(in input.Input, stream uint64) *image.RGBA {
	const columns = 6
	corruptions := generators.Supporting(in, generators.Corruptions())
	height, width, _, _ := in.ImageSize()
	stepX, stepY := width*sheetZoom+sheetGap, height*sheetZoom+sheetGap
	sheet := image.NewRGBA(image.Rect(0, 0, sheetLabels+columns*stepX, sheetHeader+len(corruptions)*stepY))
	draw.Draw(sheet, sheet.Bounds(), image.White, image.Point{}, draw.Src)
	writeText(sheet, sheetGap, sheetHeader-7, "severity")
	for column := range columns {
		severity := float64(column) / (columns - 1)
		left := sheetLabels + column*stepX
		writeText(sheet, left, sheetHeader-7, fmt.Sprintf("%.1f", severity))
		for row, m := range corruptions {
			mutant, top := in.Clone(), sheetHeader+row*stepY
			m.(input.SeverityMutator).MutateAt(mutant, in, severity, stream)
			drawInput(sheet, left, top, mutant)
			writeText(sheet, sheetGap, top+stepY/2, m.String())
		}
	}
	return sheet
}

func drawInput(sheet draw.Image, left, top int, in input.Input) {
	height, width, channels, _ := in.ImageSize()
	for y := range height * sheetZoom {
		for x := range width * sheetZoom {
			v := in.Data[(y/sheetZoom*width+x/sheetZoom)*channels:][:channels]
			sheet.Set(left+x, top+y, color.RGBA{uint8(v[0]), uint8(v[channels/2]), uint8(v[channels-1]), 255})
		}
	}
}

func writeText(sheet draw.Image, x, baseline int, text string) {
	d := font.Drawer{Dst: sheet, Src: image.Black, Face: basicfont.Face7x13, Dot: fixed.P(x, baseline)}
	d.DrawString(text)
}

func writeSheet(t *testing.T, path string, sheet image.Image) {
	t.Helper()
	var content bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&content, sheet); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
}

func firstDifference(a, b image.Image) (image.Point, bool) {
	if a.Bounds() != b.Bounds() {
		return image.Point{}, true
	}
	for y := a.Bounds().Min.Y; y < a.Bounds().Max.Y; y++ {
		for x := a.Bounds().Min.X; x < a.Bounds().Max.X; x++ {
			r1, g1, b1, _ := a.At(x, y).RGBA()
			r2, g2, b2, _ := b.At(x, y).RGBA()
			if r1 != r2 || g1 != g2 || b1 != b2 {
				return image.Pt(x, y), true
			}
		}
	}
	return image.Point{}, false
}

// drawHouse draws a house under a tree, of 32 x 32 pixels in colour. Four points in each direction are
// averaged for a pixel, so that edges are smooth as in a photo.
func drawHouse() input.Input {
	const side, points = 32, 4
	var pixels []uint8
	for y := range side {
		for x := range side {
			var sum [3]int
			for i := range points * points {
				c := houseAt((x*points+i%points)*2+1, (y*points+i/points)*2+1)
				sum[0], sum[1], sum[2] = sum[0]+int(c.R), sum[1]+int(c.G), sum[2]+int(c.B)
			}
			for _, s := range sum {
				pixels = append(pixels, uint8(s/(points*points)))
			}
		}
	}
	return model.Must(input.NewImage(side, side, 3, pixels))
}

// houseAt is the colour at a point of a picture of 256 x 256.
func houseAt(x, y int) color.RGBA {
	disc := func(cx, cy, r int) bool { return (x-cx)*(x-cx)+(y-cy)*(y-cy) < r*r }
	inside := func(left, top, right, bottom int) bool { return left <= x && x < right && top <= y && y < bottom }
	switch {
	case disc(60, 96, 34) || disc(86, 78, 32) || disc(48, 70, 26):
		return color.RGBA{uint8(30 + x/3), uint8(90 + x/2 - y/4), 36, 255}
	case inside(60, 110, 74, 206):
		return color.RGBA{94, 62, 40, 255}
	case y >= 92 && y < 140 && x-168 < y-84 && 168-x < y-84:
		return color.RGBA{uint8(200 - (y-92)/2), 52, 40, 255}
	case inside(148, 176, 172, 212):
		return color.RGBA{84, 50, 34, 255}
	case inside(182, 152, 206, 176):
		return color.RGBA{120, 170, 214, 255}
	case inside(124, 140, 216, 212):
		return color.RGBA{236, uint8(222 - (x-124)/4), 178, 255}
	case disc(214, 40, 22):
		return color.RGBA{252, 226, 110, 255}
	case y > 196-(x-128)*(x-128)/900:
		return color.RGBA{uint8(70 + (256-y)/3), uint8(150 - (y-180)/2), 60, 255}
	}
	return color.RGBA{uint8(90 + y/2), uint8(150 + y/3), 235, 255}
}
