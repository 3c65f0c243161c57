// Package enginetest has what tests of searches have in common: models whose boundaries are known, seeds for them,
// operators, settings, and what has to hold for every outcome.
//
//   - [BrightnessPair] of images of 4x4, with [GreySeeds], deviates between two mean values; [Shift] and [Speckle] find that
//   - [SmoothPair] of images of 12x12, with [PatternSeeds], has four classes and boundaries that a path can cross
//   - [Failing] and [Counting] models, and a strategy that is [Observed]
package enginetest

import (
	"context"
	"math"
	"sync/atomic"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// Scores that are no numbers.
var (
	NaN      = float32(math.NaN())
	Infinity = float32(math.Inf(1))
)

// PairOf is a pair of two functions, whose models are called "at-120" and "at-128".
func PairOf(original, compressed model.PredictorFunc) *model.Pair {
	return model.Must(model.NewPair("brightness", model.Func("at-120", original), model.Func("at-128", compressed)))
}

// Failing is a model that gives row, cut to its classes, where an input is like that.
func Failing(predict model.PredictorFunc, where func(input.Input) bool, row ...float32) model.PredictorFunc {
	return func(ctx context.Context, batch []input.Input) ([][]float32, error) {
		scores, err := predict(ctx, batch)
		for i, in := range batch {
			if where(in) {
				copy(scores[i], row)
			}
		}
		return scores, err
	}
}

// Everywhere is where any input lies.
func Everywhere(input.Input) bool { return true }

// Counting is a predictor that counts its inputs.
type Counting struct {
	model.PredictorFunc
	Inputs atomic.Int64
}

// Predict implements [model.Predictor].
func (c *Counting) Predict(ctx context.Context, batch []input.Input) ([][]float32, error) {
	c.Inputs.Add(int64(len(batch)))
	return c.PredictorFunc(ctx, batch)
}
