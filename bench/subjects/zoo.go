package subjects

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
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
			s.Name = authorsPrefix + s.Name // the zoo has networks of the same names
			list = append(list, Studied{Subject: s, Dataset: dataset})
		}
	}
	return list
}

const authorsPrefix = "authors-"

// FromAuthors reports whether a pair of the study is of the authors' public artefact, by its name.
func FromAuthors(pair string) bool { return strings.HasPrefix(pair, authorsPrefix) }

// HasAuthors reports whether a folder of data holds the authors' pairs.
func HasAuthors(data string) bool {
	_, err := os.Stat(filepath.Join(data, "models", "diffchaser"))
	return err == nil
}

func fromZoo(data, dataset string, p zoo.Pair) func(...onnx.Option) (*model.Pair, input.Seeds, error) {
	return func(more ...onnx.Option) (*model.Pair, input.Seeds, error) {
		seeds, err := seedsOf(data, dataset)
		if err != nil {
			return nil, nil, err
		}
		pair, err := onnx.OpenPairFS(zoo.Models, p.Original, p.Compressed,
			append(more, onnx.PairName(p.Name), onnx.Scale(1.0/255), onnx.Mean(p.Mean...), onnx.Std(p.Std...))...)
		return pair, seeds, err
	}
}

// seedsOf are the seeds of a data set.
func seedsOf(data, dataset string) (input.Seeds, error) {
	folder := filepath.Join(data, "seeds")
	var images string
	switch dataset {
	case MNIST:
		images = "mnist_500"
		if _, err := os.Stat(filepath.Join(folder, images+".npy")); errors.Is(err, fs.ErrNotExist) {
			return firstOfMNIST(data)
		}
	case CIFAR10:
		images = "cifar_500"
	case Fashion:
		clothing := fixtures.Seeds()
		labels := slices.Repeat([]int{input.Unlabelled}, clothing.Len())
		return generators.Labelled(clothing, labels)
	default:
		return nil, fmt.Errorf("expected seeds of %s, %s or %s, found %q", MNIST, CIFAR10, Fashion, dataset)
	}
	return generators.NPY(filepath.Join(folder, images+".npy"), generators.Labels(filepath.Join(folder, images+"_labels.npy")))
}

// firstOfMNIST are the first 500 test images, which is what mnist_500.npy holds, from a download of MNIST.
func firstOfMNIST(data string) (input.Seeds, error) {
	const images, labels, seeds = "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte", 500
	for _, folder := range []string{".", "MNIST/raw", "mnist", "data/mnist"} {
		for _, ending := range []string{".gz", ""} {
			path := filepath.Join(data, folder, images+ending)
			if _, err := os.Stat(path); err != nil {
				continue
			}
			all, err := generators.IDX(path, filepath.Join(data, folder, labels+ending))
			if err != nil {
				return nil, err
			}
			return generators.First(all, seeds), nil
		}
	}
	return nil, fmt.Errorf("%s: expected seeds/mnist_500.npy, or %s of MNIST (as it is, with .gz, or in MNIST/raw), found neither", data, images)
}
