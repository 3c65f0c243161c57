package zoo

import (
	_ "embed"
	"encoding/json"
	"fmt"
)

// Pair is an original network and a compressed version of it.
type Pair struct {
	Name string // of the compressed model, such as "lenet5-int8"
	Task string // "mnist" or "cifar10"

	Original, Compressed string // paths in [Models]
	OriginalAccuracy     float64
	CompressedAccuracy   float64
	Agreement            float64 // share of test images to which both give the same label

	// A model's input is (x/255 - Mean) / Std, by channel.
	Mean, Std []float64
}

//go:embed cards/index.json
var index []byte

// Pairs lists the pairs of the zoo, in the order of the study.
func Pairs() []Pair {
	type model struct {
		File     string  `json:"file"`
		Accuracy float64 `json:"accuracy"`
	}
	var cards struct {
		Pairs []struct {
			Pair       string  `json:"pair"`
			Task       string  `json:"task"`
			Original   model   `json:"original"`
			Compressed model   `json:"compressed"`
			Agreement  float64 `json:"agreement"`
			Input      struct {
				Mean []float64 `json:"mean"`
				Std  []float64 `json:"std"`
			} `json:"input"`
		} `json:"pairs"`
	}
	if err := json.Unmarshal(index, &cards); err != nil {
		panic(fmt.Sprintf("zoo: cards/index.json: %v", err)) // it is embedded, and a test reads it
	}
	pairs := make([]Pair, len(cards.Pairs))
	for i, c := range cards.Pairs {
		pairs[i] = Pair{
			Name: c.Pair, Task: c.Task, Original: c.Original.File, Compressed: c.Compressed.File,
			OriginalAccuracy: c.Original.Accuracy, CompressedAccuracy: c.Compressed.Accuracy, Agreement: c.Agreement,
			Mean: c.Input.Mean, Std: c.Input.Std,
		}
	}
	return pairs
}
