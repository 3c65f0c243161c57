package wild

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"

	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"golang.org/x/image/draw"
)

// picturesWheel has pictures without restrictions, of NASA and others.
var picturesWheel = wheel{
	requirement: "scikit-image==0.26.0", file: "scikit_image-0.26.0-cp311-cp311-manylinux_2_24_x86_64.manylinux_2_28_x86_64.whl",
	tags: []string{"--python-version", "3.11", "--implementation", "cp", "--abi", "cp311", "--platform", "manylinux_2_28_x86_64"},
	sum:  "74aa5518ccea28121f57a95374581d3b979839adc25bb03f289b1bc9b99c58af",
}

// seedPictures are photos of things that have a class, and of two that have none. All are unlabelled: which of the classes of cats is
// right about a cat is not known.
var seedPictures = []string{"chelsea.png", "coffee.png", "motorcycle_left.png", "coins.png", "astronaut.png"}

// calibrationPictures are of any kind: no activation should come upon values that none of them has.
var calibrationPictures = append([]string{
	"camera.png", "grass.png", "gravel.png", "brick.png", "ihc.png", "cell.png", "moon.png", "page.png",
}, seedPictures...)

// picture is one of picturesWheel.
func (s *shelf) picture(ctx context.Context, name string) (image.Image, error) {
	file, err := s.member(ctx, picturesWheel, "skimage/data/"+name)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return picture, nil
}

// squares are each picture's largest square in the middle, and three of 0.6 of its side.
func (s *shelf) squares(ctx context.Context, names []string, size int) (input.SeedList, error) {
	var seeds input.SeedList
	for _, name := range names {
		picture, err := s.picture(ctx, name)
		if err != nil {
			return nil, err
		}
		bounds := picture.Bounds()
		side := min(bounds.Dx(), bounds.Dy())
		for _, at := range []struct{ side, x, y float64 }{{1, 0.5, 0.5}, {0.6, 0.5, 0.5}, {0.6, 0.15, 0.3}, {0.6, 0.85, 0.7}} {
			part := int(float64(side) * at.side)
			corner := bounds.Min.Add(image.Pt(int(float64(bounds.Dx()-part)*at.x), int(float64(bounds.Dy()-part)*at.y)))
			square := image.Rectangle{corner, corner.Add(image.Pt(part, part))}
			small := image.NewRGBA(image.Rect(0, 0, size, size))
			draw.CatmullRom.Scale(small, small.Bounds(), picture, square, draw.Src, nil)
			in, err := input.NewImage(size, size, 3, rgbOf(small))
			if err != nil {
				return nil, err
			}
			seeds = append(seeds, input.Seed{Input: in, Label: input.Unlabelled, Name: fmt.Sprintf("%s %v", name, square)})
		}
	}
	return seeds, nil
}

// Photos are seeds for [Classifiers]: the photos in a folder or a ZIP file, whose names begin with the index of their class
// ("0281.jpg"). Their short side becomes 256 pixels (Catmull-Rom), and the middle 224 x 224 are taken.
func Photos(file string) (input.Seeds, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, fmt.Errorf("wild: photos: %w", err)
	}
	var from fs.FS = os.DirFS(file)
	if !info.IsDir() {
		archive, err := zip.OpenReader(file) // open as long as its seeds are read
		if err != nil {
			return nil, fmt.Errorf("wild: photos: %s: %w", file, err)
		}
		from = archive
	}
	folder, err := generators.ImageFolderFS(from, generators.RGB())
	if err != nil {
		return nil, fmt.Errorf("wild: photos: %s: %w", file, err)
	}
	return photos{folder}, nil
}

// photos are prepared for a classifier.
type photos struct{ *generators.Folder }

// ClassNames implements [input.ClassNamer]: names of files are none of classes.
func (photos) ClassNames() []string { return nil }

func (p photos) Seed(i int) (input.Seed, error) {
	seed, err := p.Folder.Seed(i)
	if err != nil {
		return seed, err
	}
	name := path.Base(seed.Name)
	digits := len(name) - len(strings.TrimLeft(name, "0123456789"))
	if seed.Label, err = strconv.Atoi(name[:digits]); err != nil || seed.Label >= 1000 {
		return seed, fmt.Errorf("wild: %s: expected a name that begins with the index of a class, 0 to 999", seed.Name)
	}
	h, w, _, _ := seed.Input.ImageSize()
	whole := image.NewRGBA(image.Rect(0, 0, w, h))
	for at := range h * w {
		v := seed.Input.Data[3*at:]
		whole.SetRGBA(at%w, at/w, color.RGBA{uint8(v[0]), uint8(v[1]), uint8(v[2]), 255})
	}
	size := image.Pt(256*w/min(w, h), 256*h/min(w, h))
	scaled := image.NewRGBA(image.Rectangle{Max: size})
	draw.CatmullRom.Scale(scaled, scaled.Bounds(), whole, whole.Bounds(), draw.Src, nil)
	middle := image.NewRGBA(image.Rect(0, 0, 224, 224))
	draw.Draw(middle, middle.Bounds(), scaled, image.Pt((size.X-224)/2, (size.Y-224)/2), draw.Src)
	seed.Input, err = input.NewImage(224, 224, 3, rgbOf(middle))
	return seed, err
}

func rgbOf(picture *image.RGBA) []uint8 {
	var list []uint8
	for i := 0; i < len(picture.Pix); i += 4 {
		list = append(list, picture.Pix[i:i+3]...)
	}
	return list
}
