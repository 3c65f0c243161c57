// Package vehicles carries a pair of two classes, of the size of models that tell on a microcontroller whether there is a person: a small MobileNet for
// 96 x 96 pixels, and its 8-bit version. It tells vehicles from animals, on pictures of CIFAR-10 that were enlarged. cards/ says what both models
// achieve, training/ how they were made.
//
//	pair, err := onnx.OpenPairFS(vehicles.Models, vehicles.Pair.Original, vehicles.Pair.Compressed, onnx.Scale(vehicles.Scale))
//	seeds, err := vehicles.Seeds(cifar10)
//
// Models take float32 images in NCHW order, RGB, pixels divided by 255, any batch size, and give probabilities. CIFAR-10 comes without a licence, so that none of
// its images is here.
package vehicles

import (
	"embed"
	"encoding/json"
	"fmt"

	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
)

// Models holds the files, in the folder models.
//
//go:embed models/*.onnx
var Models embed.FS

// Scale turns pixels of 0..255 into what the models take, and Side is the height and width of a picture.
const (
	Scale = 1.0 / 255
	Side  = 96
)

// Of is an original network and a compressed version of it.
type Of struct {
	Name string

	Original, Compressed                 string // paths in [Models]
	OriginalAccuracy, CompressedAccuracy float64
	Agreement                            float64 // share of the test images to which both give the same label
	Labels                               []string
}

//go:embed cards/vehicles-int8.json
var card []byte

// Pair is vehicles-int8.
var Pair = fromCard()

func fromCard() Of {
	type model struct {
		File     string  `json:"file"`
		Accuracy float64 `json:"accuracy"`
	}
	var c struct {
		Pair       string   `json:"pair"`
		Original   model    `json:"original"`
		Compressed model    `json:"compressed"`
		Agreement  float64  `json:"agreement"`
		Labels     []string `json:"labels"`
	}
	if err := json.Unmarshal(card, &c); err != nil {
		panic(fmt.Sprintf("vehicles: cards/vehicles-int8.json: %v", err)) // it is embedded, and a test reads it
	}
	return Of{
		Name: c.Pair, Original: c.Original.File, Compressed: c.Compressed.File,
		OriginalAccuracy: c.Original.Accuracy, CompressedAccuracy: c.Compressed.Accuracy, Agreement: c.Agreement, Labels: c.Labels,
	}
}

// isVehicle tells it of the classes of CIFAR-10, in their order: airplane, automobile, bird, cat, deer, dog, frog, horse, ship, truck.
var isVehicle = [10]int{0: 1, 1: 1, 8: 1, 9: 1}

// Seeds are images of CIFAR-10, of 32 x 32 pixels with their labels from 0 to 9, as the models take them: enlarged, and of two classes. An image without a
// label stays without one; any other label is an error.
func Seeds(cifar10 input.Seeds) (input.Seeds, error) {
	labels := make([]int, cifar10.Len())
	for i := range labels {
		seed, err := cifar10.Seed(i)
		switch {
		case err != nil:
			return nil, fmt.Errorf("vehicles: seed %d: %w", i, err)
		case seed.Label == input.Unlabelled:
			labels[i] = input.Unlabelled
		case seed.Label < 0 || seed.Label >= len(isVehicle):
			return nil, fmt.Errorf("vehicles: seed %d: expected a class of CIFAR-10, from 0 to 9, found %d", i, seed.Label)
		default:
			labels[i] = isVehicle[seed.Label]
		}
	}
	seeds, err := generators.Labelled(generators.ResizedShort(cifar10, Side, generators.Bilinear), labels)
	if err != nil {
		return nil, fmt.Errorf("vehicles: %w", err)
	}
	return generators.WithClassNames(seeds, Pair.Labels...)
}
