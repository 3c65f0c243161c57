package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// Replay evaluates each input again, alone, and judges both models' answers; nil means [answer.Top1]. It is
// how saved triggers are run again. Beside an error it returns the evaluations of the inputs before.
func Replay(ctx context.Context, pair *model.Pair, inputs []input.Input, oracle answer.Oracle) ([]Evaluation, error) {
	return ReplayTogether(ctx, pair, inputs, oracle, 1)
}

// ReplayTogether is [Replay] with up to batch inputs in a call of a model, as a deployment may run it; the
// answers of some models depend on that. A model takes fewer where its [model.Description] says so. The memory of the
// evaluations is their own. A pair of twice the same model is an error, [ErrSameModel]: it agrees with itself, which heals nothing.
func ReplayTogether(ctx context.Context, pair *model.Pair, inputs []input.Input, oracle answer.Oracle, batch int) ([]Evaluation, error) {
	if pair == nil {
		return nil, errors.New("engine: replay: pair is nil")
	}
	if err := checkDistinct(pair, true); err != nil {
		return nil, fmt.Errorf("engine: replay: %w", err)
	}
	if batch < 1 {
		return nil, fmt.Errorf("engine: pair %s: replay: batch is %d; expected at least 1", pair.Name(), batch)
	}
	sides := NewSides(pair, oracle)
	if err := sides.Prepare(ctx, sides.usableOf(inputs)); err != nil {
		return nil, fmt.Errorf("engine: pair %s: replay: %w", pair.Name(), err)
	}
	evaluations := make([]Evaluation, 0, len(inputs))
	for together := range slices.Chunk(inputs, batch) {
		first := len(evaluations) + 1
		for i, in := range together {
			if err := sides.Usable(in); err != nil {
				return evaluations, fmt.Errorf("engine: pair %s: replay of input %d of %d: %w", pair.Name(), first+i, len(inputs), err)
			}
		}
		replayed, err := sides.together(ctx, together)
		if err != nil {
			which := fmt.Sprintf("input %d", first)
			if len(together) > 1 {
				which = fmt.Sprintf("inputs %d to %d", first, first+len(together)-1)
			}
			return evaluations, fmt.Errorf("engine: pair %s: replay of %s of %d: %w", pair.Name(), which, len(inputs), err)
		}
		if err := sides.traceAll(ctx, replayed); err != nil {
			return evaluations, fmt.Errorf("engine: pair %s: replay: %w", pair.Name(), err)
		}
		evaluations = append(evaluations, replayed...)
	}
	return evaluations, nil
}
