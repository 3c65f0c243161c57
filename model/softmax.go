package model

import (
	"context"
	"math"
	"slices"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/input"
)

// Softmax wraps a predictor whose scores are logits: its scores become probabilities. A row of logits of which some are NaN
// or infinite has none, and stays as it is.
func Softmax(p Predictor) Predictor { return softmaxPredictor{inner{p}} }

type softmaxPredictor struct{ inner }

func (p softmaxPredictor) Predict(ctx context.Context, batch []input.Input) ([][]float32, error) {
	logits, err := p.Predictor.Predict(ctx, batch)
	if err != nil {
		return nil, err
	}
	scores := make([][]float32, len(logits))
	for i, row := range logits {
		scores[i] = slices.Clone(row)
		SoftmaxInPlace(scores[i])
	}
	return scores, nil
}

// SoftmaxInPlace turns a row of logits into probabilities. A row of which some are NaN or infinite has none, and stays as it is.
func SoftmaxInPlace(row []float32) {
	if !answer.Finite(row) {
		return
	}
	highest := math.Inf(-1)
	for _, v := range row {
		highest = max(highest, float64(v))
	}
	var sum float64
	for i, v := range row {
		e := math.Exp(float64(v) - highest)
		sum += e
		row[i] = float32(e)
	}
	for i, v := range row {
		row[i] = float32(float64(v) / sum)
	}
}
