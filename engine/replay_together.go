package engine

import (
	"context"
	"errors"
	"fmt"
)

// ReplayTogether is [Replay] with up to batch inputs in a call of a model, as a deployment may run it; the
// answers of some models depend on that. A model takes fewer where its [Description] says so. Replay gives each
// input alone.
func ReplayTogether(ctx context.Context, pair *Pair, inputs []Input, oracle Oracle, batch int) ([]Evaluation, error) {
	if pair == nil {
		return nil, errors.New("engine: replay: pair is nil")
	}
	if batch < 1 {
		return nil, fmt.Errorf("engine: pair %s: replay: batch is %d; expected at least 1", pair.Name(), batch)
	}
	if oracle == nil {
		oracle = Top1()
	}
	original, compressed := newModel("original", pair.original), newModel("compressed", pair.compressed)
	for i, in := range inputs {
		if err := usable(in, original, compressed); err != nil {
			return nil, fmt.Errorf("engine: pair %s: replay of input %d of %d: %w", pair.Name(), i+1, len(inputs), err)
		}
	}
	o, c := make([][]float32, len(inputs)), make([][]float32, len(inputs))
	for _, side := range []struct {
		model *model
		rows  [][]float32
	}{{original, o}, {compressed, c}} {
		if err := side.model.predictInPieces(ctx, inputs, side.rows, batch); err != nil {
			return nil, fmt.Errorf("engine: pair %s: replay of %d inputs, %d at once: %w", pair.Name(), len(inputs), batch, err)
		}
	}
	evaluations := make([]Evaluation, len(inputs))
	for i, in := range inputs {
		if err := sameClasses(original, compressed, o[i], c[i]); err != nil {
			return nil, fmt.Errorf("engine: pair %s: replay: %w", pair.Name(), err)
		}
		evaluations[i] = Evaluation{Input: in, Original: o[i], Compressed: c[i], Verdict: oracle.Judge(o[i], c[i])}
	}
	return evaluations, nil
}
