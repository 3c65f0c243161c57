package main

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/litert"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/zoo"
)

// network is a network that is there in both formats.
type network struct {
	from          fs.FS
	folder        string
	files         []string // without their endings
	height, width int
	channels      int
	mean, std     []float64
	output        string
}

var networks = map[string]network{
	"resnet20": {
		from: zoo.Models, folder: "models", files: []string{"resnet20", "resnet20-int8"}, height: 32, width: 32, channels: 3,
		mean: []float64{0.4914, 0.4822, 0.4465}, std: []float64{0.2470, 0.2435, 0.2616}, output: "probabilities",
	},
	"rescnn": {
		from: fixtures.Models, files: []string{"rescnn", "rescnn-int8"}, height: 28, width: 28, channels: 1, output: "logits",
	},
}

// write puts a file of the network into a folder, as runtimes open it by its path.
func (n network) write(folder, file string) (string, error) {
	path := filepath.Join(folder, file)
	data, err := fs.ReadFile(n.from, filepath.ToSlash(filepath.Join(n.folder, file)))
	if err != nil {
		return "", err
	}
	return path, os.WriteFile(path, data, 0o600)
}

// images are made up: what a network takes does not depend on what is to be seen.
func (n network) images(count int) []input.Input {
	rng := rand.New(rand.NewPCG(1, 2))
	var all []input.Input
	for range count {
		pixels := make([]uint8, n.height*n.width*n.channels)
		for i := range pixels {
			pixels[i] = uint8(rng.UintN(256))
		}
		all = append(all, model.Must(input.NewImage(n.height, n.width, n.channels, pixels)))
	}
	return all
}

func (n network) onnx(path string) (*onnx.Model, error) {
	options := []onnx.Option{onnx.Scale(1.0 / 255)}
	if n.mean != nil {
		options = append(options, onnx.Mean(n.mean...), onnx.Std(n.std...))
	}
	return onnx.Open(path, options...)
}

func (n network) litert(path, library string) (*litert.Model, error) {
	options := []litert.Option{litert.Scale(1.0 / 255), litert.RuntimeLibrary(library)}
	if n.mean != nil {
		options = append(options, litert.Mean(n.mean...), litert.Std(n.std...))
	}
	return litert.Open(path, options...)
}

// sizes of a tensor of count images, and its volume.
func (n network) sizes(count int) ([]int64, int) {
	shape := []int64{int64(count), int64(n.channels), int64(n.height), int64(n.width)}
	return shape, count * n.channels * n.height * n.width
}
