package model

import (
	"context"
	"io"
	"maps"

	"github.com/triggerfinder/triggerfinder/input"
)

// ScoresSetting is the setting of a [Description] that says how a model's scores of classes are to be read, in words. A model that has it
// vouches for them. Of others, the first rows have to be probabilities where labels are compared.
const ScoresSetting = "scores"

// AsScores wraps a predictor whose rows are scores of classes, the higher the likelier, but no probabilities that sum to 1: votes,
// or probabilities that stand each for itself. They are taken as they are. Logits are for [Softmax].
func AsScores(p Predictor) Predictor { return scoresPredictor{inner{p}} }

type scoresPredictor struct{ inner }

func (p scoresPredictor) Describe() Description {
	d := p.inner.Describe()
	d.Settings = maps.Clone(d.Settings)
	if d.Settings == nil {
		d.Settings = map[string]string{}
	}
	d.Settings[ScoresSetting] = "as they are, as model.AsScores says"
	return d
}

// inner is a predictor in another one that hands on what it does not change.
type inner struct{ Predictor }

func (p inner) Describe() Description { return Describe(p.Predictor, "") }

func (p inner) CheckInput(in input.Input) error { return CheckInput(p.Predictor, in) }

// UsesPart implements [PartUser].
func (p inner) UsesPart(in input.Input, name string) bool {
	user, ok := p.Predictor.(PartUser)
	return !ok || user.UsesPart(in, name)
}

// Prepare hands the inputs on.
func (p inner) Prepare(ctx context.Context, first []input.Input, other Predictor) error {
	if preparer, ok := p.Predictor.(Preparer); ok {
		return preparer.Prepare(ctx, first, other)
	}
	return nil
}

func (p inner) Close() error {
	if c, ok := p.Predictor.(io.Closer); ok {
		return c.Close()
	}
	return nil
}
