package generators

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/internal/vec"
)

// channels says how many channels a decoded image has.
type channels int

const (
	asStored      channels = 0
	oneChannel    channels = 1
	threeChannels channels = 3
)

// mostPixels keeps a damaged header from filling the memory: decoders reserve what it asks for.
const mostPixels = 50_000_000

// reading says how an image file becomes an input.
type reading struct {
	channels channels
	upright  bool // as its EXIF orientation says
}

// decodeImage decodes an image file.
func decodeImage(content []byte, how reading) (engine.Input, error) {
	format, err := formatOfImage(content)
	if err != nil {
		return engine.Input{}, err
	}
	if format.several != nil {
		if what := format.several(content); what != "" {
			return engine.Input{}, fmt.Errorf("expected one image, found %s", what)
		}
	}
	config, err := format.config(bytes.NewReader(content))
	if err != nil {
		return engine.Input{}, fmt.Errorf("expected a whole %s file: %w", format.name, err)
	}
	if config.Width < 1 || config.Height < 1 || config.Width > mostPixels/config.Height {
		return engine.Input{}, fmt.Errorf("expected 1 to %d pixels, found %d x %d", mostPixels, config.Width, config.Height)
	}
	if bits := depthOf(config.ColorModel); bits != 8 {
		return engine.Input{}, fmt.Errorf("expected 8 bits a channel for the domain %s, found %d bits", engine.Bytes, bits)
	}
	img, err := format.decode(bytes.NewReader(content))
	if err != nil {
		return engine.Input{}, fmt.Errorf("expected a whole %s file: %w", format.name, err)
	}
	if size := img.Bounds().Size(); size != image.Pt(config.Width, config.Height) {
		return engine.Input{}, fmt.Errorf("expected an image that fills its %d x %d pixels, found one of %d x %d", config.Width, config.Height, size.X, size.Y)
	}
	if o, ok := img.(interface{ Opaque() bool }); ok && !o.Opaque() {
		return engine.Input{}, errors.New("expected an opaque image, found transparent pixels")
	}
	if indexed, ok := img.(*image.Paletted); ok && format.greyRamp {
		img = greyOfRamp(indexed)
	}
	in := inputOf(img, how.channels)
	// Pillow turns TIFF files by itself, and no others.
	if format.orientation != nil && (how.upright || format.name == "TIFF") {
		in = upright(in, format.orientation(bytes.NewReader(content), int64(len(content))))
	}
	return in, nil
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

func inputOf(img image.Image, c channels) engine.Input {
	if grey, ok := img.(*image.Gray); ok && c != threeChannels {
		return greyInput(grey)
	}
	colours := image.NewRGBA(img.Bounds())
	draw.Draw(colours, colours.Bounds(), img, img.Bounds().Min, draw.Src)
	if c == oneChannel {
		return lumaInput(colours)
	}
	return colourInput(colours)
}

func depthOf(model color.Model) (bits int) {
	switch model {
	case color.Gray16Model, color.RGBA64Model, color.NRGBA64Model:
		return 16
	}
	return 8
}

func newInput(bounds image.Rectangle, channels int) engine.Input {
	shape := []int{bounds.Dy(), bounds.Dx(), channels}
	return engine.Input{Shape: shape, Data: make([]float32, shape[0]*shape[1]*channels), Domain: engine.Bytes}
}

func greyInput(img *image.Gray) engine.Input {
	in := newInput(img.Rect, 1)
	for y, width := 0, img.Rect.Dx(); y < img.Rect.Dy(); y++ {
		vec.BytesToFloats(in.Data[y*width:], img.Pix[y*img.Stride:][:width])
	}
	return in
}

// colourInput takes an opaque image of its own, whose rows follow each other without a gap.
func colourInput(img *image.RGBA) engine.Input {
	in := newInput(img.Rect, 3)
	for i := range len(img.Pix) / 4 {
		vec.BytesToFloats(in.Data[3*i:], img.Pix[4*i:4*i+3])
	}
	return in
}

// lumaInput rounds as Pillow does; image/color rounds differently.
func lumaInput(img *image.RGBA) engine.Input {
	in := newInput(img.Rect, 1)
	for i := range in.Data {
		p := img.Pix[4*i : 4*i+3]
		in.Data[i] = float32((19595*uint32(p[0]) + 38470*uint32(p[1]) + 7471*uint32(p[2]) + 1<<15) >> 16)
	}
	return in
}
