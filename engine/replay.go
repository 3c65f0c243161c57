package engine

import (
	"context"
	"errors"
	"fmt"
)

// Replay evaluates each input again, alone, and judges both models' answers; nil means [Top1]. It is
// how saved triggers are run again.
func Replay(ctx context.Context, pair *Pair, inputs []Input, oracle Oracle) ([]Evaluation, error) {
	if pair == nil {
		return nil, errors.New("engine: replay: pair is nil")
	}
	if oracle == nil {
		oracle = Top1()
	}
	original, compressed := newModel("original", pair.original), newModel("compressed", pair.compressed)
	evaluations := make([]Evaluation, 0, len(inputs))
	for i, in := range inputs {
		err := usable(in, original, compressed)
		var e Evaluation
		if err == nil {
			e, err = evaluateAlone(ctx, original, compressed, in, oracle)
		}
		if err != nil {
			return evaluations, fmt.Errorf("engine: pair %s: replay of input %d of %d: %w", pair.Name(), i+1, len(inputs), err)
		}
		evaluations = append(evaluations, e)
	}
	return evaluations, nil
}
