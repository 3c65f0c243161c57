package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	models := [2]*model{newModel("original", pair.original), newModel("compressed", pair.compressed)}
	evaluations := make([]Evaluation, 0, len(inputs))
	for i, in := range inputs {
		e, err := replay(ctx, models, in, oracle)
		if err != nil {
			return evaluations, fmt.Errorf("engine: pair %s: replay of input %d of %d: %w", pair.Name(), i+1, len(inputs), err)
		}
		evaluations = append(evaluations, e)
	}
	return evaluations, nil
}

func replay(ctx context.Context, models [2]*model, in Input, oracle Oracle) (Evaluation, error) {
	var rows [2][]float32
	if err := in.Validate(); err != nil {
		return Evaluation{}, err
	}
	for i, m := range models {
		if err := checkInput(m.predictor, in); err != nil {
			return Evaluation{}, fmt.Errorf("%s model %q: %w", m.role, m.description.Name, err)
		}
		row := make([][]float32, 1)
		if err := m.predict(ctx, []Input{in}, row); err != nil {
			return Evaluation{}, err
		}
		rows[i] = slices.Clone(row[0])
	}
	if len(rows[0]) != len(rows[1]) {
		return Evaluation{}, fmt.Errorf("%w: expected one number for both models, found %d in the original and %d in the compressed",
			ErrClassCount, len(rows[0]), len(rows[1]))
	}
	return Evaluation{Input: in, Original: rows[0], Compressed: rows[1], Verdict: oracle.Judge(rows[0], rows[1])}, nil
}
