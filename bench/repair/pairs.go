package main

import (
	"archive/zip"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"path/filepath"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/zoo"
)

// folder describes what the folder of data holds, for the help.
const folder = `  data/mnist/     t10k-images-idx3-ubyte.gz and t10k-labels-idx1-ubyte.gz
  data/cifar10/   cifar10-test-jpeg.zip, for the pairs of CIFAR-10: see zoo/training/README.md
  seeds/          mnist_500_testidx.npy and cifar_500_testidx.npy: which test images are seeds
`

// options of the runtime for the inputs of a pair.
func options(p zoo.Pair) []onnx.Option {
	return []onnx.Option{onnx.ImageInput(p.Mean, p.Std)}
}

// openPair opens a pair of the zoo.
func openPair(p zoo.Pair) (*model.Pair, error) {
	return onnx.OpenPairFS(zoo.Models, p.Original, p.Compressed, append(options(p), onnx.PairName(p.Name))...)
}

// openMended opens the original of a pair with another compressed model.
func openMended(p zoo.Pair, file string) (*model.Pair, error) {
	original, err := onnx.OpenFS(zoo.Models, p.Original, options(p)...)
	if err != nil {
		return nil, err
	}
	mended, err := onnx.Open(file, options(p)...)
	if err != nil {
		return nil, errors.Join(err, original.Close())
	}
	return model.NewPair(p.Name+"-mended", original, mended)
}

// images are a test set and the seeds, which are some of its images.
type images struct{ test, seeds input.Seeds }

// openImages opens those of a task, "mnist" or "cifar10".
func openImages(data, task string) (images, error) {
	var test input.Seeds
	var err error
	indexes := "mnist_500_testidx.npy"
	switch task {
	case "mnist":
		dir := filepath.Join(data, "data", "mnist")
		test, err = generators.IDX(filepath.Join(dir, "t10k-images-idx3-ubyte.gz"), filepath.Join(dir, "t10k-labels-idx1-ubyte.gz"))
	case "cifar10":
		indexes = "cifar_500_testidx.npy"
		test, err = openCIFAR(filepath.Join(data, "data", "cifar10", "cifar10-test-jpeg.zip"))
	default:
		err = fmt.Errorf("task %q: expected mnist or cifar10", task)
	}
	if err != nil {
		return images{}, err
	}
	chosen, err := generators.OpenLabels(filepath.Join(data, "seeds", indexes)) // whole numbers, one an image
	if err != nil {
		return images{}, err
	}
	for _, i := range chosen {
		if i < 0 || i >= test.Len() {
			return images{}, fmt.Errorf("%s: image %d: expected 0 to %d", indexes, i, test.Len()-1)
		}
	}
	return images{test: test, seeds: &some{source: test, indexes: chosen}}, nil
}

// some are some seeds of a source.
type some struct {
	source  input.Seeds
	indexes []int
}

func (s *some) Len() int { return len(s.indexes) }

func (s *some) Seed(i int) (input.Seed, error) { return s.source.Seed(s.indexes[i]) }

// cifar are the images of a zip archive of JPEG files, in the order of zoo/training/data.py: image n of class c is at 10 n + c.
type cifar struct{ files []*zip.File }

var cifarClasses = []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}

// openCIFAR opens an archive, which stays open until the process ends.
func openCIFAR(path string) (input.Seeds, error) {
	archive, err := zip.OpenReader(path)
	if err != nil {
		return nil, err
	}
	byClass := make([][]*zip.File, len(cifarClasses))
	for _, f := range archive.File {
		parts := strings.Split(f.Name, "/")
		if class := slices.Index(cifarClasses, parts[max(len(parts)-2, 0)]); class >= 0 && strings.HasSuffix(f.Name, ".jpg") {
			byClass[class] = append(byClass[class], f)
		}
	}
	c := &cifar{files: make([]*zip.File, 10*len(byClass[0]))}
	for class, files := range byClass {
		if len(files) != len(byClass[0]) || len(files) == 0 {
			return nil, fmt.Errorf("%s: expected as many images of class %s as of %s, found %d and %d", path, cifarClasses[class], cifarClasses[0], len(files), len(byClass[0]))
		}
		slices.SortFunc(files, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
		for n, f := range files {
			c.files[10*n+class] = f
		}
	}
	return c, nil
}

func (c *cifar) Len() int { return len(c.files) }

func (c *cifar) Seed(i int) (input.Seed, error) {
	f := c.files[i]
	r, err := f.Open()
	if err != nil {
		return input.Seed{}, err
	}
	defer r.Close()
	picture, err := jpeg.Decode(r)
	if err != nil {
		return input.Seed{}, fmt.Errorf("%s: %w", f.Name, err)
	}
	in, err := rgb(picture)
	return input.Seed{Input: in, Label: i % 10, Name: f.Name}, err
}

func rgb(picture image.Image) (input.Input, error) {
	b := picture.Bounds()
	pixels := make([]uint8, 0, 3*b.Dx()*b.Dy())
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			r, g, blue, _ := picture.At(x, y).RGBA()
			pixels = append(pixels, uint8(r>>8), uint8(g>>8), uint8(blue>>8))
		}
	}
	return input.NewImage(b.Dy(), b.Dx(), 3, pixels)
}
