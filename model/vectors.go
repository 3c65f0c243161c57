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

// GalleryOf is a gallery of seeds as a model embeds them, see [Vectors], with the seeds' names and, where all have a label, their labels: the
// names of classes that the seeds carry (see [input.ClassNamer]), else numbers. It is what a search in production looks things up in, where
// its index was made by the original; with Compressed set to the vectors of the compressed model, each has an index of its own.
func GalleryOf(ctx context.Context, p Predictor, entries input.Seeds, output string) (answer.Gallery, error) {
	var g answer.Gallery
	var inputs []input.Input
	if entries == nil {
		return g, errors.New("model: GalleryOf: expected seeds as entries, found nil")
	}
	classes, labelled := input.ClassNamesOf(entries), 0
	for i := range entries.Len() {
		entry, err := entries.Seed(i)
		if err != nil {
			return answer.Gallery{}, fmt.Errorf("model: GalleryOf: entry %d: %w", i, err)
		}
		inputs, g.Names = append(inputs, entry.Input), append(g.Names, entry.Name)
		if entry.Label == input.Unlabelled {
			continue
		}
		labelled++
		name := fmt.Sprint(entry.Label)
		if entry.Label < len(classes) {
			name = classes[entry.Label]
		}
		g.Labels = append(g.Labels, name)
	}
	if labelled > 0 && labelled < len(inputs) {
		return answer.Gallery{}, fmt.Errorf("model: GalleryOf: expected a label of every entry or of none, found %d of %d", labelled, len(inputs))
	}
	var err error
	g.Vectors, err = Vectors(ctx, p, inputs, output)
	return g, err
}
