package generators

import (
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"

	"github.com/triggerfinder/triggerfinder/input"
)

// array is input.Seeds of one shape that lie one after the other in a file.
type array struct {
	content blob
	offset  int64 // of the first seed
	n       int
	rowSize int // bytes of a seed
	decode  func(to []float32, from []byte)
	shape   []int // of a seed
	domain  input.Domain
	kind    input.Kind
	layout  *input.Layout // of all seeds
	labels  []int         // nil when unknown
	notes   []string      // for the user
}

var _ input.Seeds = (*array)(nil)

// Len implements [input.Seeds].
func (a *array) Len() int { return a.n }

// Seed implements [input.Seeds].
func (a *array) Seed(i int) (input.Seed, error) {
	if err := checkIndex(i, a.n); err != nil {
		return input.Seed{}, err
	}
	in, err := a.row(i)
	if err != nil {
		return input.Seed{}, err
	}
	if err := snapAll(in); err != nil {
		return input.Seed{}, fmt.Errorf("generators: %s[%d]: %w", a.content.name, i, err)
	}
	seed := input.Seed{Input: in, Label: input.Unlabelled, Name: rowName(a.content.name, i)}
	if a.labels != nil {
		seed.Label = a.labels[i]
	}
	return seed, nil
}

// row reads one seed, whose values need not be those of the domain yet.
func (a *array) row(i int) (input.Input, error) {
	row := make([]byte, a.rowSize)
	if err := readRow(a.content, row, a.offset+int64(i)*int64(a.rowSize), i); err != nil {
		return input.Input{}, err
	}
	n, _ := volume(a.shape...)
	in := input.Input{Shape: slices.Clone(a.shape), Data: make([]float32, n), Domain: a.domain, Kind: a.kind, Layout: a.layout}
	a.decode(in.Data, row)
	return in, nil
}

// Notes implements [input.Noted].
func (a *array) Notes() []string { return a.notes }

// knownLabels implements labeller.
func (a *array) knownLabels() ([]int, error) {
	if a.labels == nil {
		return slices.Repeat([]int{input.Unlabelled}, a.n), nil
	}
	return a.labels, nil
}

func rowName(path string, i int) string { return fmt.Sprintf("%s[%d]", filepath.Base(path), i) }

func checkIndex(i, n int) error {
	if i < 0 || i >= n {
		return fmt.Errorf("generators: seed %d: expected an index from 0 to %d", i, n-1)
	}
	return nil
}

// readRow fills row from an offset that was inside the file when it was opened.
func readRow(content blob, row []byte, offset int64, i int) error {
	n, err := content.ReadAt(row, offset)
	switch {
	case n == len(row):
		return nil
	case errors.Is(err, io.EOF):
		return fmt.Errorf("generators: %s[%d]: expected %d bytes at offset %d, found %d; the file has become shorter",
			content.name, i, len(row), offset, n)
	}
	return fmt.Errorf("generators: %s[%d]: %w", content.name, i, err)
}

// snapAll snaps values to the domain that miss it by no more than the rounding of a file format
// does (a millionth of the range or a thousandth of a step) and refuses others.
func snapAll(in input.Input) error {
	tolerance := in.Domain.Range() * 1e-6
	if in.Domain.Step > 0 {
		tolerance = in.Domain.Step * 1e-3
	}
	for i, v := range in.Data {
		snapped := in.Domain.Snap(v)
		if !(math.Abs(float64(v-snapped)) <= float64(tolerance)) { // also true for NaN
			return fmt.Errorf("value %g at index %d: expected a value of the domain %s", v, i, in.Domain)
		}
		in.Data[i] = snapped
	}
	return nil
}

// checkLabels reports labels that are not as many as the seeds or no class indices.
func checkLabels(name string, labels []int, seeds int) error {
	if len(labels) != seeds {
		return fmt.Errorf("generators: %s: expected %d labels, one a seed, found %d", name, seeds, len(labels))
	}
	for i, label := range labels {
		if label < input.Unlabelled {
			return fmt.Errorf("generators: %s: label %d: expected a class index, or %d for none, found %d",
				name, i, input.Unlabelled, label)
		}
	}
	return nil
}
