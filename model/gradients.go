package model

import (
	"context"
	"errors"

	"github.com/triggerfinder/triggerfinder/input"
)

// Differentiable is an optional extension of [Predictor] for a model that gives scores of classes and knows how they change with its
// input. A search is led by that where a strategy can make use of it; gradients are no queries.
type Differentiable interface {
	Predictor
	// CheckGradient tells why the model gives no gradients at inputs of this shape and domain; nil when it does. It is
	// [ErrNoGradients] where none were asked for. It may take as long as opening a model does, at the first input of a shape.
	CheckGradient(in input.Input) error
	// Gradient gives, for every input, the gradient of the sum over classes c of weights[c] * log(scores[c]) by the raw values of
	// the input: one row of weights an input and one number a value, in the order of [input.Input].Data. Logarithms of scores that
	// come from a softmax differ as the logits do.
	//
	// It reuses dst and the memory of its rows where they are large enough, in the manner of append, and returns the result with
	// len(batch) rows. The gradient of an input must not depend on what else is in the batch. All else is as for
	// [Predictor].Predict.
	Gradient(ctx context.Context, batch []input.Input, weights [][]float32, dst [][]float32) ([][]float32, error)
}

// ErrNoGradients: a model gives no gradients, as none were asked for or as it knows none.
var ErrNoGradients = errors.New("no gradients")

// CheckGradient tells why a model gives no gradients at inputs like this one; nil when it does.
func CheckGradient(p Predictor, in input.Input) error {
	if d, ok := p.(Differentiable); ok {
		return d.CheckGradient(in)
	}
	return ErrNoGradients
}
