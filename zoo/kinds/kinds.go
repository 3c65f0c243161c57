// Package kinds carries pairs of models that are no image classifiers: of rows of tables, tokens, sound, embeddings, boxes and
// masks. Each is a trained network and a compressed version of it, small enough to embed, with a file of seeds. cards/
// says of each what it is for, what both models achieve and how near deviations are, training/ how they were made.
//
// A model is opened from [Files], such as
//
//	onnx.OpenPairFS(kinds.Files, kinds.TableMLP.Original.File, kinds.TableMLP.Compressed.File, onnx.Output("probabilities"))
package kinds

import (
	"embed"
	"encoding/json"
	"fmt"
	"sync"
)

// Files holds the ONNX files, in the folder models, and the seeds, in the folder seeds.
//
//go:embed models/*.onnx seeds
var Files embed.FS

// The pairs. Documentation of a pair's inputs says what its seeds hold; cards/NAME.md says more.
var (
	// TableBoosting and TableMLP tell malignant from benign tumours, from 30 numbers: gradient boosting against a smaller
	// random forest, and a multi-layer perceptron against its 8-bit version. Outputs are "label", int64, and
	// "probabilities". The seeds are a CSV file whose last column is the right label.
	TableBoosting = named("table-boosting")
	TableMLP      = named("table-mlp")

	// TableRegression says how far diabetes went on, from 10 numbers, one of them a category: a multi-layer perceptron
	// against its 8-bit version. The output is one number, "variable". The seeds are a CSV file whose last column is
	// the right number.
	TableRegression = named("table-regression")

	// Language says which of 29 languages a short text is in: embedding and convolutions against a dynamically quantised
	// version. Inputs are "input_ids" and "attention_mask", int64, of any length: byte b of UTF-8 is b+3, 1 ends a text, 0
	// pads it. The seeds are JSON lines of "text" and "label".
	Language = named("language")

	// Keywords and KeywordsWave say which of ten digits is spoken, or none: the same convolutions against their 8-bit
	// version. Keywords takes "features" [time, mel], logarithms of the power in 24 bands, as training/audio.py makes them,
	// and its seeds are an NPZ file of "features" and "labels". KeywordsWave takes a second of sound, "wave", at 8 kHz from -1 to
	// 1, and makes the features itself; its seeds are a folder of WAV files, named after what is said, shorter than a
	// second, to be followed by silence.
	Keywords     = named("keywords")
	KeywordsWave = named("keywords-wave")

	// Embedding lays pictures of clothing out in 32 dimensions: convolutions against their 8-bit version. It takes "image",
	// pixel/255, and gives "embedding", of length 1. The seeds are an NPZ file of "image", bytes [N, height, width, 1], and "labels", with the
	// "gallery" in which similar ones are looked for and its "gallery_labels".
	Embedding = named("embedding")

	// Detection and Segmentation find circles, squares and triangles: convolutions against their 8-bit versions. Detection takes
	// "images" and gives "output0" in the layout of YOLOv8, [N, 4 + 3, 64]: centre x, centre y, width and height in pixels,
	// and a score from 0 to 1 for each class. Segmentation takes "image" and gives "classes", a score for each of 4 labels and
	// each pixel. Inputs are RGB, pixel/255. The seeds of both are one NPZ file of "image", bytes [N, height, width, 3], "boxes" and "masks".
	Detection    = named("detection")
	Segmentation = named("segmentation")
)

// Pair is a model and a compressed version of it.
type Pair struct {
	Name string `json:"pair"`
	Kind string `json:"kind"` // of the input: "table", "tokens", "signal" or "image"
	Task string `json:"task"` // "classification", "regression", "embedding", "detection" or "segmentation"

	Original   Model `json:"original"`
	Compressed Model `json:"compressed"`

	// How good both are, on HeldOut inputs that they were not trained on: Metric names what Score of a model is, such as
	// "accuracy". Agreement is the share of them on which the two do not deviate.
	Metric    string  `json:"metric"`
	HeldOut   int     `json:"held_out"`
	Agreement float64 `json:"agreement"`

	// What both models take and give.
	Inputs  []Tensor `json:"inputs"`
	Outputs []Tensor `json:"outputs"`

	Labels  []string `json:"labels"`  // of the classes, in their order; none for a regression
	Columns []Column `json:"columns"` // of a table, in the order of the input

	Seeds string `json:"seeds"` // in Files: a CSV, JSON lines or NPZ file, or a folder of WAV files
}

// Model is one file of a pair.
type Model struct {
	File  string  `json:"file"` // a path in Files
	Bytes int     `json:"bytes"`
	Score float64 `json:"score"` // see Pair.Metric
}

// Tensor is an input or an output of a model.
type Tensor struct {
	Name  string `json:"name"`
	Type  string `json:"type"`  // "float32", "int64" or "uint8"
	Shape []int  `json:"shape"` // -1 where any length is right
}

// Column is a column of a table.
type Column struct {
	Name     string    `json:"name"`
	Min      float64   `json:"min"` // of the training rows, as Max
	Max      float64   `json:"max"`
	Decimals int       `json:"decimals"` // after the point, as the data are written
	Values   []float64 `json:"values"`   // of a category: all that there are
}

// Pairs lists all pairs, in the order of the variables above.
func Pairs() []Pair { return append([]Pair(nil), all()...) }

//go:embed cards/index.json
var index []byte

var all = sync.OnceValue(func() []Pair {
	var cards struct {
		Pairs []Pair `json:"pairs"`
	}
	if err := json.Unmarshal(index, &cards); err != nil {
		panic(fmt.Sprintf("kinds: cards/index.json: %v", err)) // it is embedded, and a test reads it
	}
	return cards.Pairs
})

func named(name string) Pair {
	for _, p := range all() {
		if p.Name == name {
			return p
		}
	}
	panic(fmt.Sprintf("kinds: cards/index.json: expected the pair %q", name))
}
