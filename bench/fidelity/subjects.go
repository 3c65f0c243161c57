package main

import (
	"path/filepath"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/onnx"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
)

// subject is a pair to search, and its seeds.
type subject struct {
	name    string
	open    func() (*engine.Pair, engine.Seeds, error)
	authors *authorsFigures // nil where there are none
}

// authorsFigures are what the authors' own loop took on the first 100 seeds: medians pooled over five
// random seeds, everything else with one. All of them were found.
type authorsFigures struct{ released, uniform row }

// subjects are all pairs; those of the authors need the folder of data.
func subjects(data string) []subject {
	if data == "" {
		return fixtureSubjects()
	}
	return append(authorsSubjects(data), fixtureSubjects()...)
}

// authorsSubjects are the pairs of the authors' public artefact.
func authorsSubjects(data string) []subject {
	byte01 := []onnx.Option{onnx.Scale(1.0 / 255), onnx.Layout(onnx.NHWC)}
	standardised := []onnx.Option{
		onnx.Mean(125.307, 122.95, 113.865), onnx.Std(62.9932, 62.0887, 66.7048), onnx.Layout(onnx.NHWC),
	}
	return []subject{
		{"lenet1", fromFiles(data, "lenet1", "mnist_500", byte01), &authorsFigures{
			released: row{median: 75, mean: 104, p90: 182, max: 945, geometricMean: 67.5, meanSSIM: 0.16},
			uniform:  row{median: 71, mean: 108, geometricMean: 66.7},
		}},
		{"lenet5", fromFiles(data, "lenet5", "mnist_500", byte01), &authorsFigures{
			released: row{median: 97, mean: 553, p90: 334, max: 39189, geometricMean: 88.6, meanSSIM: 0.17},
			uniform:  row{median: 87, mean: 273, geometricMean: 88.2},
		}},
		{"resnet20", fromFiles(data, "resnet", "cifar_500", standardised), &authorsFigures{
			released: row{median: 20, mean: 36, p90: 58, max: 359, geometricMean: 18.5, meanSSIM: 0.29},
			uniform:  row{median: 21, mean: 32, geometricMean: 18.3},
		}},
	}
}

func fromFiles(data, model, images string, options []onnx.Option) func() (*engine.Pair, engine.Seeds, error) {
	return func() (*engine.Pair, engine.Seeds, error) {
		models, folder := filepath.Join(data, "models", "diffchaser"), filepath.Join(data, "seeds")
		seeds, err := generators.NPY(filepath.Join(folder, images+".npy"),
			generators.Labels(filepath.Join(folder, images+"_labels.npy")))
		if err != nil {
			return nil, nil, err
		}
		pair, err := onnx.OpenPair(filepath.Join(models, model+".onnx"), filepath.Join(models, model+"-quan.onnx"), options...)
		return pair, seeds, err
	}
}

// fixtureSubjects are the pairs that this module carries.
func fixtureSubjects() []subject {
	var subjects []subject
	for _, p := range append(fixtures.Pairs(), fixtures.LeNet5Planted) {
		subjects = append(subjects, subject{name: p.Name, open: func() (*engine.Pair, engine.Seeds, error) {
			pair, err := onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed,
				onnx.PairName(p.Name), onnx.Scale(fixtures.Scale))
			return pair, fixtures.Seeds(), err
		}})
	}
	return subjects
}
