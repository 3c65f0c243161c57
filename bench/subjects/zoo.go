package subjects

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/onnx"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/zoo"
)

// The data sets that seeds are of.
const (
	MNIST   = "mnist"
	CIFAR10 = "cifar10"
	Fashion = "fashion-mnist" // clothing, in place of MNIST where that is not at hand
)

// Studied is a pair of the study, and what is known about it.
type Studied struct {
	Subject
	Dataset string // that the seeds are of
	// What the zoo's card says, over the test images: both accuracies, and the share with the same answer from
	// both. 0 for the authors' pairs.
	OriginalAccuracy, CompressedAccuracy, Agreement float64
}

// OfStudy are the pairs of the zoo and, where there is a folder of data, those of the authors. Seeds are those of the
// folder. Without it there are only the pairs for MNIST, with the images of package fixtures as seeds: clothing
// instead of digits, without labels, since to these models there is no right answer to them.
func OfStudy(data string) []Studied {
	var list []Studied
	for _, p := range zoo.Pairs() {
		if data == "" && p.Task != MNIST {
			continue
		}
		dataset := p.Task
		if data == "" {
			dataset = Fashion
		}
		list = append(list, Studied{
			Subject: Subject{Name: p.Name, Open: fromZoo(data, dataset, p)}, Dataset: dataset,
			OriginalAccuracy: p.OriginalAccuracy, CompressedAccuracy: p.CompressedAccuracy, Agreement: p.Agreement,
		})
	}
	if data != "" {
		for _, s := range Authors(data) {
			dataset := MNIST
			if s.Name == "resnet20" {
				dataset = CIFAR10
			}
			s.Name = "authors-" + s.Name // the zoo has networks of the same names
			list = append(list, Studied{Subject: s, Dataset: dataset})
		}
	}
	return list
}

func fromZoo(data, dataset string, p zoo.Pair) func() (*engine.Pair, engine.Seeds, error) {
	return func() (*engine.Pair, engine.Seeds, error) {
		seeds, err := seedsOf(data, dataset)
		if err != nil {
			return nil, nil, err
		}
		pair, err := onnx.OpenPairFS(zoo.Models, p.Original, p.Compressed,
			onnx.PairName(p.Name), onnx.Scale(1.0/255), onnx.Mean(p.Mean...), onnx.Std(p.Std...))
		return pair, seeds, err
	}
}

// seedsOf are the seeds of a data set.
func seedsOf(data, dataset string) (engine.Seeds, error) {
	var images string
	switch dataset {
	case MNIST:
		images = "mnist_500"
	case CIFAR10:
		images = "cifar_500"
	case Fashion:
		clothing := fixtures.Seeds()
		labels := slices.Repeat([]int{engine.Unlabelled}, clothing.Len())
		return generators.Labelled(clothing, labels)
	default:
		return nil, fmt.Errorf("expected seeds of %s, %s or %s, found %q", MNIST, CIFAR10, Fashion, dataset)
	}
	folder := filepath.Join(data, "seeds")
	return generators.NPY(filepath.Join(folder, images+".npy"), generators.Labels(filepath.Join(folder, images+"_labels.npy")))
}
