package generators

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/pixels"
	"golang.org/x/image/draw"
)

// reshaped implements input.Seeds with images of another size.
type reshaped struct {
	input.Seeds
	change func(input.Input) (input.Input, error)
}

// Seed implements [input.Seeds].
func (r *reshaped) Seed(i int) (input.Seed, error) {
	seed, err := r.Seeds.Seed(i)
	if err != nil {
		return input.Seed{}, err
	}
	if seed.Input, err = r.change(seed.Input); err != nil {
		return input.Seed{}, fmt.Errorf("generators: %s: %w", seed.Name, err)
	}
	return seed, nil
}

// ClassNames implements [input.ClassNamer].
func (r *reshaped) ClassNames() []string { return input.ClassNamesOf(r.Seeds) }

// Notes implements [input.Noted].
func (r *reshaped) Notes() []string { return input.NotesOf(r.Seeds) }

// notesOn implements partly.
func (r *reshaped) notesOn(indices []int) []string { return notesOn(r.Seeds, indices) }

// knownLabels implements labeller.
func (r *reshaped) knownLabels() ([]int, error) { return labelsOf(r.Seeds) }

// Resized returns the images of src scaled to height x width, whatever their proportions, with
// the Catmull-Rom filter. It takes 8-bit images of 1 or 3 channels; any other seed becomes an error.
//
// It stretches what has other proportions, which models are seldom trained on, and many answers change by it. [ResizedShort] with [CenterCropped], or [Letterboxed], are what training pipelines do.
func Resized(src input.Seeds, height, width int) input.Seeds {
	return &reshaped{src, func(in input.Input) (input.Input, error) { return resize(in, height, width) }}
}

// Filter is a way to scale images, antialiased: [Bilinear] or [Bicubic].
type Filter = pixels.Filter

// The filters, as Pillow has them.
const (
	Bilinear = pixels.Bilinear // the default of torchvision's Resize
	Bicubic  = pixels.Bicubic
)

// ResizedShort returns the images of src scaled so that their shorter side has so many pixels, and the other as many as keep the
// proportions, rounded down: torchvision's Resize(side) of PIL images, to the last grey level. It takes 8-bit images of 1 or 3 channels;
// any other seed becomes an error. [CenterCropped] usually follows.
func ResizedShort(src input.Seeds, side int, filter Filter) input.Seeds {
	return &reshaped{src, func(in input.Input) (input.Input, error) { return resizeShort(in, side, filter) }}
}

// Letterboxed returns the images of src scaled to fit into height x width with their proportions, in the middle of a grey of 114: what
// YOLO of Ultralytics is trained with. Scaling is bilinear without antialiasing, as OpenCV's INTER_LINEAR within one grey level; the
// width and height of the scaled image are rounded, and of an odd number of grey rows or columns the last side has one more. It takes
// 8-bit images of 1 or 3 channels; any other seed becomes an error.
func Letterboxed(src input.Seeds, height, width int) input.Seeds {
	return &reshaped{src, func(in input.Input) (input.Input, error) { return letterbox(in, height, width) }}
}

// CenterCropped returns the middle height x width pixels of the images of src, where torchvision's CenterCrop takes them: half a pixel
// is rounded to the even one. A seed that is smaller, or is no image, becomes an error.
func CenterCropped(src input.Seeds, height, width int) input.Seeds {
	return &reshaped{src, func(in input.Input) (input.Input, error) { return crop(in, height, width) }}
}

// Prepared returns the images of src as a geometry wants them, such as that of the preset that a model is opened with:
//
//	preset := onnx.Torchvision(256, 224)
//	seeds := generators.Prepared(photos, preset.Geometry())
//
// It takes 8-bit images of 1 or 3 channels; any other seed becomes an error, and so does one that is smaller than what is to be left.
func Prepared(src input.Seeds, geometry input.Geometry) input.Seeds {
	return &reshaped{src, func(in input.Input) (input.Input, error) { return prepare(in, geometry) }}
}

func prepare(in input.Input, g input.Geometry) (input.Input, error) {
	if err := g.Validate(); err != nil {
		return in, err
	}
	if g.Square {
		im, ok := rasterOf(in)
		if !ok {
			return in, fmt.Errorf("middle square: expected an image, found %s", in)
		}
		side := min(im.height, im.width)
		var err error
		if in, err = crop(in, side, side); err != nil {
			return in, err
		}
	}
	if g.Short > 0 {
		filter := Bilinear
		if g.Bicubic {
			filter = Bicubic
		}
		var err error
		if in, err = resizeShort(in, g.Short, filter); err != nil {
			return in, err
		}
	}
	switch {
	case g.Height == 0:
		return in, nil
	case g.Fit == input.Stretch:
		return stretch(in, g.Height, g.Width)
	case g.Fit == input.Letterbox:
		return letterbox(in, g.Height, g.Width)
	}
	return crop(in, g.Height, g.Width)
}

// scalable is an image that can be scaled to a size.
func scalable(in input.Input, height, width int) (raster, error) {
	if height < 1 || width < 1 || height > pixels.MostPixels/width {
		return raster{}, fmt.Errorf("resize to %d x %d: expected 1 to %d pixels", height, width, pixels.MostPixels)
	}
	im, ok := rasterOf(in)
	if !ok || in.Layout != nil || im.domain != input.Bytes || im.channels != 1 && im.channels != 3 {
		return raster{}, fmt.Errorf("resize: expected an 8-bit image of 1 or 3 channels, found %s", in)
	}
	return im, nil
}

func resizeShort(in input.Input, side int, filter Filter) (input.Input, error) {
	if filter != Bilinear && filter != Bicubic {
		return in, fmt.Errorf("resize: expected the filter Bilinear or Bicubic, found %d", filter)
	}
	im, err := scalable(in, side, 1)
	if err != nil {
		return in, err
	}
	height, width := side, side
	if im.width < im.height {
		height = side * im.height / im.width
	} else {
		width = side * im.width / im.height
	}
	if _, err := scalable(in, height, width); err != nil {
		return in, err
	}
	return inputOf(pixels.Resample(pixels.Image{Height: im.height, Width: im.width, Channels: im.channels, Data: in.Data}, height, width, filter)), nil
}

func letterbox(in input.Input, height, width int) (input.Input, error) {
	im, err := scalable(in, height, width)
	if err != nil {
		return in, err
	}
	scale := min(float64(height)/float64(im.height), float64(width)/float64(im.width))
	h, w := max(1, int(math.RoundToEven(float64(im.height)*scale))), max(1, int(math.RoundToEven(float64(im.width)*scale)))
	top, left := (height-h)/2, (width-w)/2
	to := image.NewRGBA(image.Rect(0, 0, width, height))
	const grey = 114
	draw.Draw(to, to.Bounds(), image.NewUniform(color.RGBA{grey, grey, grey, 255}), image.Point{}, draw.Src)
	return im.scaled(to, image.Rect(left, top, left+w, top+h), draw.ApproxBiLinear), nil
}

// stretch scales whatever the proportions, bilinear without antialiasing, as tf.image.resize does.
func stretch(in input.Input, height, width int) (input.Input, error) {
	return scaledTo(in, height, width, draw.ApproxBiLinear)
}

func resize(in input.Input, height, width int) (input.Input, error) {
	return scaledTo(in, height, width, draw.CatmullRom)
}

func scaledTo(in input.Input, height, width int, scaler draw.Scaler) (input.Input, error) {
	im, err := scalable(in, height, width)
	if err != nil {
		return in, err
	}
	to := image.NewRGBA(image.Rect(0, 0, width, height))
	return im.scaled(to, to.Bounds(), scaler), nil
}

// scaled is what becomes of an image that is scaled into a part of another one.
func (im raster) scaled(to *image.RGBA, part image.Rectangle, scaler draw.Scaler) input.Input {
	scaler.Scale(to, part, im.asRGBA(), image.Rect(0, 0, im.width, im.height), draw.Src, nil)
	if im.channels == 1 {
		return inputOf(pixels.FromRGBA(to, pixels.Grey)) // all channels are alike, and luma keeps them
	}
	return inputOf(pixels.FromRGBA(to, pixels.RGB))
}

func (im raster) asRGBA() image.Image {
	to := image.NewRGBA(image.Rect(0, 0, im.width, im.height))
	for y := range im.height {
		for x := range im.width {
			v := im.data[im.at(y, x):][:im.channels]
			to.SetRGBA(x, y, color.RGBA{uint8(v[0]), uint8(v[im.channels/2]), uint8(v[im.channels-1]), 255})
		}
	}
	return to
}

func crop(in input.Input, height, width int) (input.Input, error) {
	im, ok := rasterOf(in)
	switch {
	case !ok:
		return in, fmt.Errorf("crop: expected an image, found %s", in)
	case in.Layout != nil:
		return in, fmt.Errorf("crop: expected an image alone, of one domain, found %s", in)
	}
	if height < 1 || width < 1 || height > im.height || width > im.width {
		return in, fmt.Errorf("crop to %d x %d: expected 1 x 1 to %d x %d, the size of the image", height, width, im.height, im.width)
	}
	out := input.Input{Shape: slices.Clone(in.Shape), Domain: in.Domain, Kind: in.Kind}
	out.Shape[0], out.Shape[1] = height, width
	top, left := middle(im.height, height), middle(im.width, width)
	for y := range height {
		from := im.at(top+y, left)
		out.Data = append(out.Data, im.data[from:from+width*im.channels]...)
	}
	return out, nil
}

// middle is where the middle pixels begin: half of the rest, rounded to the even number.
func middle(all, part int) int { return int(math.RoundToEven(float64(all-part) / 2)) }
