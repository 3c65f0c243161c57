package generators

import (
	"errors"
	"fmt"
	"slices"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/internal/vec"
)

// FromBytes returns seeds of the given shape on [engine.Bytes], such as 8-bit images of the shape
// [height, width, channels]. Labels are as many as the seeds, or nil when they are unknown. The bytes
// are copied.
func FromBytes(shape []int, data [][]uint8, labels []int) (engine.SeedList, error) {
	inputs := make([]engine.Input, len(data))
	for i, row := range data {
		inputs[i] = engine.Input{Shape: slices.Clone(shape), Data: make([]float32, len(row)), Domain: engine.Bytes}
		vec.BytesToFloats(inputs[i].Data, row)
	}
	return fromInputs(inputs, labels)
}

// FromInputs returns seeds of inputs, which are checked and copied. Labels are as many as the
// inputs, or nil when they are unknown.
func FromInputs(inputs []engine.Input, labels []int) (engine.SeedList, error) {
	copies := make([]engine.Input, len(inputs))
	for i, in := range inputs {
		copies[i] = in.Clone()
	}
	return fromInputs(copies, labels)
}

func fromInputs(inputs []engine.Input, labels []int) (engine.SeedList, error) {
	if len(inputs) == 0 {
		return nil, errors.New("generators: expected at least one input, found none")
	}
	if labels == nil {
		labels = slices.Repeat([]int{engine.Unlabelled}, len(inputs))
	}
	if err := checkLabels("labels", labels, len(inputs)); err != nil {
		return nil, err
	}
	seeds := make(engine.SeedList, len(inputs))
	for i, in := range inputs {
		if err := in.Validate(); err != nil {
			return nil, fmt.Errorf("generators: input %d: %w", i, err)
		}
		seeds[i] = engine.Seed{Input: in, Label: labels[i], Name: fmt.Sprintf("input[%d]", i)}
	}
	return seeds, nil
}
