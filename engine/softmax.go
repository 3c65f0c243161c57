package engine

import (
	"context"
	"io"
	"math"
	"slices"
)

// Softmax wraps a predictor whose scores are logits: its scores become probabilities. A row of logits of which some are NaN
// or infinite has none, and stays as it is.
func Softmax(p Predictor) Predictor { return softmaxPredictor{p} }

type softmaxPredictor struct{ Predictor }

func (p softmaxPredictor) Predict(ctx context.Context, batch []Input) ([][]float32, error) {
	logits, err := p.Predictor.Predict(ctx, batch)
	if err != nil {
		return nil, err
	}
	scores := make([][]float32, len(logits))
	for i, row := range logits {
		scores[i] = softmax(row)
	}
	return scores, nil
}

func (p softmaxPredictor) Describe() Description { return describe(p.Predictor, "") }

func (p softmaxPredictor) CheckInput(in Input) error { return checkInput(p.Predictor, in) }

// Prepare hands the inputs on.
func (p softmaxPredictor) Prepare(ctx context.Context, first []Input, other Predictor) error {
	if inner, ok := p.Predictor.(Preparer); ok {
		return inner.Prepare(ctx, first, other)
	}
	return nil
}

func (p softmaxPredictor) Close() error {
	if c, ok := p.Predictor.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

func softmax(logits []float32) []float32 {
	if len(logits) == 0 || !Finite(logits) {
		return slices.Clone(logits)
	}
	scores := make([]float32, len(logits))
	highest := float64(logits[Label(logits)])
	var sum float64
	for _, l := range logits {
		sum += math.Exp(float64(l) - highest)
	}
	for i, l := range logits {
		scores[i] = float32(math.Exp(float64(l)-highest) / sum)
	}
	return scores
}
