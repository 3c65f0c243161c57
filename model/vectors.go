package model

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/input"
)

// vectorBatch is how many inputs are embedded at once.
const vectorBatch = 32

// Vectors are what a model gives for inputs, in their order, in memory of their own: the numbers of the output of that name, or of the only
// one for "". They are the entries of an [answer.Gallery], or [answer.References], where inputs are given and not vectors: those of
// the original, and of the compressed model with what it gives itself. Vectors that have another length than the first, or are not
// finite, are an error, [ErrBadScores].
func Vectors(ctx context.Context, p Predictor, inputs []input.Input, output string) ([][]float32, error) {
	if p == nil || len(inputs) == 0 {
		return nil, errors.New("model: Vectors: expected a model and at least one input, found one missing")
	}
	name := Describe(p, "model").Name
	for i, in := range inputs {
		err := in.Validate()
		if err == nil {
			err = CheckInput(p, in)
		}
		if err != nil {
			return nil, fmt.Errorf("model: Vectors: model %q, input %d: %w", name, i, err)
		}
	}
	if prepares, ok := p.(Preparer); ok {
		if err := prepares.Prepare(ctx, inputs[:min(len(inputs), 16)], nil); err != nil {
			return nil, fmt.Errorf("model: Vectors: %w", err)
		}
	}
	most := vectorBatch
	if limit := Describe(p, name).MaxBatch; limit > 0 {
		most = min(most, limit)
	}
	vectors := make([][]float32, 0, len(inputs))
	var answers []answer.Answer
	for batch := range slices.Chunk(inputs, most) {
		var err error
		if answers, err = Ask(ctx, p, batch, answers); err != nil {
			return nil, fmt.Errorf("model: Vectors: model %q: %w", name, err)
		}
		for _, a := range answers {
			row, err := a.Vector(output)
			if err == nil && len(vectors) > 0 && len(row) != len(vectors[0]) {
				err = fmt.Errorf("expected %d numbers as of the first, found %d", len(vectors[0]), len(row))
			}
			if err == nil && !answer.Finite(row) {
				err = errors.New("expected finite numbers, found NaN or infinity")
			}
			if err != nil {
				return nil, fmt.Errorf("model: Vectors: model %q, input %d: %w: %w", name, len(vectors), ErrBadScores, err)
			}
			vectors = append(vectors, slices.Clone(row))
		}
	}
	return vectors, nil
}
