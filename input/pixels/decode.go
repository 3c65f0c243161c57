package pixels

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"

	"github.com/triggerfinder/triggerfinder/internal/vec"
)

// Image is an image of 8 bits a channel.
type Image struct {
	Height, Width int
	Channels      int       // 1, grey, or 3, red, green and blue
	Data          []float32 // 0 to 255, by row, column and channel
}

// Channels says how many channels a decoded image has.
type Channels int

// What [Decode] makes of an image.
const (
	AsStored Channels = 0 // one channel of a grey image, else three
	Grey     Channels = 1 // with the luma of ITU-R 601 for colours, as Pillow does
	RGB      Channels = 3
)

// MostPixels keeps a damaged header from filling the memory: decoders reserve what it asks for.
const MostPixels = 50_000_000

// Reading says how an image file becomes an image.
type Reading struct {
	Channels Channels
	Upright  bool // as its EXIF orientation says; a TIFF file is turned in any case, as by Pillow
}

// Decode decodes an image file, of whichever format it is. Anything but one whole opaque image of 8 bits a channel and at
// most [MostPixels] is an error.
func Decode(content []byte, how Reading) (Image, error) {
	format, err := FormatOf(content)
	if err != nil {
		return Image{}, err
	}
	if format.several != nil {
		if what := format.several(content); what != "" {
			return Image{}, fmt.Errorf("expected one image, found %s", what)
		}
	}
	config, err := format.config(bytes.NewReader(content))
	if err != nil {
		return Image{}, fmt.Errorf("expected a whole %s file: %w", format.Name, err)
	}
	if config.Width < 1 || config.Height < 1 || config.Width > MostPixels/config.Height {
		return Image{}, fmt.Errorf("expected 1 to %d pixels, found %d x %d", MostPixels, config.Width, config.Height)
	}
	if bits := depthOf(config.ColorModel); bits != 8 {
		return Image{}, fmt.Errorf("expected 8 bits a channel for the domain 0..255 step 1, found %d bits", bits)
	}
	img, err := format.decode(bytes.NewReader(content))
	if err != nil {
		return Image{}, fmt.Errorf("expected a whole %s file: %w", format.Name, err)
	}
	if size := img.Bounds().Size(); size != image.Pt(config.Width, config.Height) {
		return Image{}, fmt.Errorf("expected an image that fills its %d x %d pixels, found one of %d x %d", config.Width, config.Height, size.X, size.Y)
	}
	if o, ok := img.(interface{ Opaque() bool }); ok && !o.Opaque() {
		return Image{}, errors.New("expected an opaque image, found transparent pixels")
	}
	if indexed, ok := img.(*image.Paletted); ok && format.greyRamp {
		img = greyOfRamp(indexed)
	}
	im := imageOf(img, how.Channels)
	// Pillow turns TIFF files by itself, and no others.
	if format.orientation != nil && (how.Upright || format.Name == "TIFF") {
		im = im.upright(format.orientation(bytes.NewReader(content), int64(len(content))))
	}
	return im, nil
}

// greyOfRamp is the image as a grey one, where its palette is 0, 1, 2 …, or black and white.
func greyOfRamp(img *image.Paletted) image.Image {
	step := 1
	if len(img.Palette) == 2 {
		step = 255
	}
	for i, c := range img.Palette {
		r, g, b, a := c.RGBA()
		if v := uint32(i*step) * 0x101; r != v || g != v || b != v || a != 0xffff {
			return img
		}
	}
	grey := image.NewGray(img.Rect)
	for y := range img.Rect.Dy() {
		for x, index := range img.Pix[y*img.Stride:][:img.Rect.Dx()] {
			grey.Pix[y*grey.Stride+x] = index * byte(step)
		}
	}
	return grey
}

func imageOf(img image.Image, c Channels) Image {
	if grey, ok := img.(*image.Gray); ok && c != RGB {
		return greyImage(grey)
	}
	colours := image.NewRGBA(img.Bounds())
	draw.Draw(colours, colours.Bounds(), img, img.Bounds().Min, draw.Src)
	return FromRGBA(colours, c)
}

func depthOf(model color.Model) (bits int) {
	switch model {
	case color.Gray16Model, color.RGBA64Model, color.NRGBA64Model:
		return 16
	}
	return 8
}

func newImage(bounds image.Rectangle, channels int) Image {
	h, w := bounds.Dy(), bounds.Dx()
	return Image{Height: h, Width: w, Channels: channels, Data: make([]float32, h*w*channels)}
}

func greyImage(img *image.Gray) Image {
	im := newImage(img.Rect, 1)
	for y := range im.Height {
		vec.BytesToFloats(im.Data[y*im.Width:], img.Pix[y*img.Stride:][:im.Width])
	}
	return im
}

// FromRGBA takes an opaque image whose rows follow each other without a gap. It has one channel if [Grey] is asked for,
// else three.
func FromRGBA(img *image.RGBA, c Channels) Image {
	if c == Grey {
		return lumaImage(img)
	}
	im := newImage(img.Rect, 3)
	for i := range len(img.Pix) / 4 {
		vec.BytesToFloats(im.Data[3*i:], img.Pix[4*i:4*i+3])
	}
	return im
}

// lumaImage rounds as Pillow does; image/color rounds differently.
func lumaImage(img *image.RGBA) Image {
	im := newImage(img.Rect, 1)
	for i := range im.Data {
		p := img.Pix[4*i : 4*i+3]
		im.Data[i] = float32((19595*uint32(p[0]) + 38470*uint32(p[1]) + 7471*uint32(p[2]) + 1<<15) >> 16)
	}
	return im
}
