// Package subjects opens the pairs that are compared in this module, with their seeds.
package subjects

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/zoo/wild"
)

// Folder describes what the folder of the authors' pairs holds, for the help of commands.
const Folder = `  models/diffchaser/   lenet1.onnx, lenet5.onnx, resnet.onnx and, for each, the quantised
                       one: lenet1-quan.onnx, lenet5-quan.onnx, resnet-quan.onnx;
                       float32 input in NHWC order, 10 probabilities
  seeds/               mnist_500.npy (500 x 28 x 28 x 1, uint8) and cifar_500.npy
                       (500 x 32 x 32 x 3, uint8, RGB), each with its true labels in
                       mnist_500_labels.npy and cifar_500_labels.npy
  data/photos/         a ZIP file of photos whose names begin with the index of their class
                       of ImageNet ("0281.jpg"), for -pairs efficientnet-lite0-int8, -dynamic
                       and -float16; those pairs are downloaded
`

// Subject is a pair to search, and its seeds.
type Subject struct {
	Name string
	Open func(more ...onnx.Option) (*model.Pair, input.Seeds, error)
}

// All are all pairs; those of the authors need the folder of data.
func All(data string) []Subject {
	if data == "" {
		return Fixtures()
	}
	return append(Authors(data), Fixtures()...)
}

// Authors are the pairs of the authors' public artefact.
func Authors(data string) []Subject {
	byte01 := []onnx.Option{onnx.Scale(1.0 / 255), onnx.Layout(onnx.NHWC)}
	standardised := []onnx.Option{
		onnx.Mean(125.307, 122.95, 113.865), onnx.Std(62.9932, 62.0887, 66.7048), onnx.Layout(onnx.NHWC),
	}
	return []Subject{
		{"lenet1", fromFiles(data, "lenet1", MNIST, byte01)},
		{"lenet5", fromFiles(data, "lenet5", MNIST, byte01)},
		{"resnet20", fromFiles(data, "resnet", CIFAR10, standardised)},
	}
}

func fromFiles(data, m, task string, options []onnx.Option) func(...onnx.Option) (*model.Pair, input.Seeds, error) {
	return func(more ...onnx.Option) (*model.Pair, input.Seeds, error) {
		models := filepath.Join(data, "models", "diffchaser")
		seeds, err := seedsOf(data, task)
		if err != nil {
			return nil, nil, err
		}
		pair, err := onnx.OpenPair(filepath.Join(models, m+".onnx"), filepath.Join(models, m+"-quan.onnx"), slices.Concat(options, more)...)
		return pair, seeds, err
	}
}

// Fixtures are the pairs that this module carries.
func Fixtures() []Subject { return ofFixtures(append(fixtures.Pairs(), fixtures.LeNet5Planted)) }

// NearlyEqual are further ones, in half precision and with 16-bit activations.
func NearlyEqual() []Subject { return ofFixtures(fixtures.NearlyEqualPairs()) }

func ofFixtures(pairs []fixtures.Pair) []Subject {
	var subjects []Subject
	for _, p := range pairs {
		subjects = append(subjects, Subject{Name: p.Name, Open: func(more ...onnx.Option) (*model.Pair, input.Seeds, error) {
			pair, err := onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed,
				append(more, onnx.PairName(p.Name), onnx.Scale(fixtures.Scale))...)
			return pair, fixtures.Seeds(), err
		}})
	}
	return subjects
}

// Classifiers are pairs of production size, which package wild downloads. Their seeds are the photos in the folder of data, or the few
// pictures that come with the pairs where there are none.
func Classifiers(data string) []Subject {
	var subjects []Subject
	for _, p := range wild.Classifiers() {
		subjects = append(subjects, Subject{p.Name, func(...onnx.Option) (*model.Pair, input.Seeds, error) {
			s, err := p.Open(context.Background())
			if err != nil {
				return nil, nil, err
			}
			if files, _ := filepath.Glob(filepath.Join(data, "data", "photos", "*.zip")); data != "" && len(files) > 0 {
				if s.Seeds, err = wild.Photos(files[0]); err != nil {
					return nil, nil, errors.Join(err, s.Close())
				}
			}
			return s.Pair, s.Seeds, nil
		}})
	}
	return subjects
}

// Named are the pairs of the given names, in their order: of All, NearlyEqual, TwoClasses and Classifiers. Without names they are all of All, as
// Classifiers take long.
func Named(data string, names []string) ([]Subject, error) {
	all := All(data)
	if len(names) > 0 {
		all = slices.Concat(all, NearlyEqual(), TwoClasses(data), Classifiers(data))
	}
	return Choose(all, names)
}

// Choose lists the subjects of the given names, in their order, or all where there are no names.
func Choose[S interface{ name() string }](all []S, names []string) ([]S, error) {
	if len(names) == 0 {
		return all, nil
	}
	var chosen []S
	for _, name := range names {
		i := slices.IndexFunc(all, func(s S) bool { return s.name() == name })
		if i < 0 {
			var known []string
			for _, s := range all {
				known = append(known, s.name())
			}
			return nil, fmt.Errorf("-pairs: expected some of %s, found %q", strings.Join(known, ", "), name)
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

func (s Subject) name() string { return s.Name }
