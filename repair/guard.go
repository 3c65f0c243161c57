package repair

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// Guarded is a compressed model with a selector in front of its original: an [model.Predictor] that asks the compressed model,
// and the original where the selector does not trust the answer. It owns neither model: close the pair that it was made of.
type Guarded struct {
	pair            *model.Pair
	selector        *Selector
	answered, asked atomic.Int64
}

// Guard makes the repaired system of a pair. A pair with another compressed model than the one that the selector was
// trained for is an error. To search or gate the system, make a pair of the original and it with [model.NewPair].
func (s *Selector) Guard(pair *model.Pair) (*Guarded, error) {
	err := s.Validate()
	if err == nil {
		err = s.fits(pair)
	}
	if err != nil {
		return nil, fmt.Errorf("repair: guard: %w", err)
	}
	return &Guarded{pair: pair, selector: s}, nil
}

// Asked is of how many inputs so far, out of how many, the original was asked.
func (g *Guarded) Asked() (asked, all int) { return int(g.asked.Load()), int(g.answered.Load()) }

// Predict implements [model.Predictor].
func (g *Guarded) Predict(ctx context.Context, batch []input.Input) ([][]float32, error) {
	scores, err := g.pair.Compressed().Predict(ctx, batch)
	if err != nil {
		return nil, err
	}
	if len(scores) != len(batch) {
		return nil, fmt.Errorf("%w: expected %d rows for %d inputs, found %d", model.ErrBadScores, len(batch), len(batch), len(scores))
	}
	var doubtful []int
	var inputs []input.Input
	for i, row := range scores {
		trusted, err := g.selector.Trusts(row)
		if err != nil {
			return nil, err
		}
		if !trusted {
			doubtful, inputs = append(doubtful, i), append(inputs, batch[i])
		}
	}
	if len(inputs) > 0 {
		answers, err := g.pair.Original().Predict(ctx, inputs)
		if err != nil {
			return nil, fmt.Errorf("the original, asked: %w", err)
		}
		if len(answers) != len(inputs) {
			return nil, fmt.Errorf("the original, asked: %w: expected %d rows for %d inputs, found %d", model.ErrBadScores, len(inputs), len(inputs), len(answers))
		}
		scores = slices.Clone(scores)
		for i, row := range answers {
			scores[doubtful[i]] = row
		}
	}
	g.answered.Add(int64(len(batch)))
	g.asked.Add(int64(len(inputs)))
	return scores, nil
}

// Describe implements [model.Describer]. A model that must not be called concurrently makes the whole so; the original of such
// a pair must not run elsewhere at the same time, as it would in a search of the repaired system with several workers.
func (g *Guarded) Describe() model.Description {
	original, compressed := g.pair.Describe()
	settings := maps.Clone(compressed.Settings)
	if settings == nil {
		settings = map[string]string{}
	}
	settings["selector"] = g.selector.String()
	return model.Description{
		Name: compressed.Name + "-guarded", Settings: settings, Notes: compressed.Notes,
		Classes: g.selector.Classes, MaxBatch: smaller(original.MaxBatch, compressed.MaxBatch),
		Serial: original.Serial || compressed.Serial,
	}
}

// smaller is the smaller of two limits, of which 0 is none.
func smaller(a, b int) int {
	if a == 0 || b == 0 {
		return a + b
	}
	return min(a, b)
}

// CheckInput implements [model.InputChecker].
func (g *Guarded) CheckInput(in input.Input) error {
	for _, p := range []model.Predictor{g.pair.Compressed(), g.pair.Original()} {
		if c, ok := p.(model.InputChecker); ok {
			if err := c.CheckInput(in); err != nil {
				return err
			}
		}
	}
	return nil
}
