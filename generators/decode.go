package generators

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	_ "image/jpeg" // decodes JPEG files
	_ "image/png"  // decodes PNG files

	"github.com/triggerfinder/triggerfinder/engine"
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

// decodeImage decodes a PNG or JPEG file.
func decodeImage(content []byte, c channels) (engine.Input, error) {
	config, format, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil {
		return engine.Input{}, fmt.Errorf("expected a PNG or JPEG file: %w", err)
	}
	if config.Width < 1 || config.Height < 1 || config.Width > mostPixels/config.Height {
		return engine.Input{}, fmt.Errorf("expected 1 to %d pixels, found %d x %d", mostPixels, config.Width, config.Height)
	}
	if bits := depthOf(config.ColorModel); bits != 8 {
		return engine.Input{}, fmt.Errorf("expected 8 bits a channel for the domain %s, found %d bits", engine.Bytes, bits)
	}
	img, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		return engine.Input{}, fmt.Errorf("expected a whole %s file: %w", format, err)
	}
	if o, ok := img.(interface{ Opaque() bool }); ok && !o.Opaque() {
		return engine.Input{}, errors.New("expected an opaque image, found transparent pixels")
	}
	if grey, ok := img.(*image.Gray); ok && c != threeChannels {
		return greyInput(grey), nil
	}
	colours := image.NewRGBA(img.Bounds())
	draw.Draw(colours, colours.Bounds(), img, img.Bounds().Min, draw.Src)
	if c == oneChannel {
		return lumaInput(colours), nil
	}
	return colourInput(colours), nil
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
		bytesToFloats(in.Data[y*width:], img.Pix[y*img.Stride:][:width])
	}
	return in
}

// colourInput takes an opaque image of its own, whose rows follow each other without a gap.
func colourInput(img *image.RGBA) engine.Input {
	in := newInput(img.Rect, 3)
	for i := range len(img.Pix) / 4 {
		bytesToFloats(in.Data[3*i:], img.Pix[4*i:4*i+3])
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
