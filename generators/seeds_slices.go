package generators

import (
	"errors"
	"fmt"
	"slices"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/vec"
)

// FromBytes returns seeds of the given shape on [input.Bytes]: 8-bit images where the shape is [height, width, channels] or
// [height, width], and inputs of the kind [input.Other] where it is another; [FromInputs] takes any. Labels are as many as the
// seeds, or nil when they are unknown. The bytes are copied.
func FromBytes(shape []int, data [][]uint8, labels []int) (input.SeedList, error) {
	inputs := make([]input.Input, len(data))
	for i, row := range data {
		inputs[i] = input.Input{Shape: slices.Clone(shape), Data: make([]float32, len(row)), Domain: input.Bytes, Kind: kindOfBytes(shape)}
		vec.BytesToFloats(inputs[i].Data, row)
	}
	return fromInputs(inputs, labels)
}

// FromInputs returns seeds of inputs, which are checked and copied. Labels are as many as the
// inputs, or nil when they are unknown.
func FromInputs(inputs []input.Input, labels []int) (input.SeedList, error) {
	copies := make([]input.Input, len(inputs))
	for i, in := range inputs {
		copies[i] = in.Clone()
	}
	return fromInputs(copies, labels)
}

func fromInputs(inputs []input.Input, labels []int) (input.SeedList, error) {
	if len(inputs) == 0 {
		return nil, errors.New("generators: expected at least one input, found none")
	}
	if labels == nil {
		labels = slices.Repeat([]int{input.Unlabelled}, len(inputs))
	}
	if err := checkLabels("labels", labels, len(inputs)); err != nil {
		return nil, err
	}
	seeds := make(input.SeedList, len(inputs))
	for i, in := range inputs {
		if err := in.Validate(); err != nil {
			return nil, fmt.Errorf("generators: input %d: %w", i, err)
		}
		seeds[i] = input.Seed{Input: in, Label: labels[i], Name: fmt.Sprintf("input[%d]", i)}
	}
	return seeds, nil
}
