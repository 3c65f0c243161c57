package generators

import (
	"fmt"
	"image"
	"image/color"
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
func Resized(src input.Seeds, height, width int) input.Seeds {
	return &reshaped{src, func(in input.Input) (input.Input, error) { return resize(in, height, width) }}
}

// CenterCropped returns the middle height x width pixels of the images of src. A seed that is
// smaller, or is no image, becomes an error.
func CenterCropped(src input.Seeds, height, width int) input.Seeds {
	return &reshaped{src, func(in input.Input) (input.Input, error) { return crop(in, height, width) }}
}

func resize(in input.Input, height, width int) (input.Input, error) {
	if height < 1 || width < 1 || height > pixels.MostPixels/width {
		return in, fmt.Errorf("resize to %d x %d: expected 1 to %d pixels", height, width, pixels.MostPixels)
	}
	im, ok := rasterOf(in)
	if !ok || in.Layout != nil || im.domain != input.Bytes || im.channels != 1 && im.channels != 3 {
		return in, fmt.Errorf("resize: expected an 8-bit image of 1 or 3 channels, found %s", in)
	}
	to := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.CatmullRom.Scale(to, to.Bounds(), im.asRGBA(), image.Rect(0, 0, im.width, im.height), draw.Src, nil)
	if im.channels == 1 {
		return inputOf(pixels.FromRGBA(to, pixels.Grey)), nil // all channels are alike, and luma keeps them
	}
	return inputOf(pixels.FromRGBA(to, pixels.RGB)), nil
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
	top, left := (im.height-height)/2, (im.width-width)/2
	for y := range height {
		from := im.at(top+y, left)
		out.Data = append(out.Data, im.data[from:from+width*im.channels]...)
	}
	return out, nil
}
