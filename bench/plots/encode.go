package plots

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	imagedraw "image/draw"
	"image/png"
	"maps"
	"slices"

	"gonum.org/v1/plot/vg/vgimg"
)

// Encode writes PNG of at most 256 colours, which makes files small: plots have few but those of smooth edges.
func Encode(c *vgimg.Canvas) ([]byte, error) {
	picture := c.Image()
	few := image.NewPaletted(picture.Bounds(), frequent(picture, 256))
	imagedraw.Draw(few, few.Bounds(), picture, picture.Bounds().Min, imagedraw.Src)
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&b, few); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// frequent are the most frequent colours of a picture.
func frequent(picture image.Image, most int) color.Palette {
	counts := map[color.RGBA]int{}
	bounds := picture.Bounds()
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			counts[color.RGBAModel.Convert(picture.At(x, y)).(color.RGBA)]++
		}
	}
	colours := slices.SortedFunc(maps.Keys(counts), func(a, b color.RGBA) int {
		return cmp.Or(counts[b]-counts[a], cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
	})
	var palette color.Palette
	for _, c := range colours[:min(most, len(colours))] {
		palette = append(palette, c)
	}
	return palette
}
