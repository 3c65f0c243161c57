package model

import (
	"context"
	"fmt"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/input"
)

// Answerer is an optional extension of [Predictor] for models that give something else than one row of class scores: several
// outputs, boxes, an embedding, a price. Where a model is one, it is asked by Answer, and Predict is for those who know class
// scores alone.
//
// Answer reuses dst and the memory of its answers where they are large enough, in the manner of append, and returns the result with
// len(batch) answers, in the order of the batch. All else is as for [Predictor].Predict.
type Answerer interface {
	Predictor
	Answer(ctx context.Context, batch []input.Input, dst []answer.Answer) ([]answer.Answer, error)
}

// AnswererFunc is the function form of [Answerer].Answer. Give it a name with [AnswerFunc].
type AnswererFunc func(ctx context.Context, batch []input.Input, dst []answer.Answer) ([]answer.Answer, error)

// AnswerFunc makes an [Answerer] of a Go function, with a name for reports and messages. A function that returns answers in
// memory of their own may leave dst alone.
func AnswerFunc(name string, fn AnswererFunc) Answerer {
	return &funcAnswerer{fn: fn, name: name}
}

type funcAnswerer struct {
	fn   AnswererFunc
	name string
}

func (p *funcAnswerer) Answer(ctx context.Context, batch []input.Input, dst []answer.Answer) ([]answer.Answer, error) {
	return p.fn(ctx, batch, dst)
}

// Predict implements [Predictor] for answers that are plain numbers.
func (p *funcAnswerer) Predict(ctx context.Context, batch []input.Input) ([][]float32, error) {
	answers, err := p.fn(ctx, batch, nil)
	if err != nil {
		return nil, err
	}
	return PlainRows(answers)
}

func (p *funcAnswerer) Describe() Description { return Description{Name: p.name} }

// PlainRows are the rows of answers without named outputs, sharing their memory: what an [Answerer] gives who predicts. Others
// are an error, [ErrBadScores].
func PlainRows(answers []answer.Answer) ([][]float32, error) {
	rows := make([][]float32, len(answers))
	for i, a := range answers {
		if a.Outputs != nil {
			return nil, fmt.Errorf("%w: expected a row of class scores, found %d named outputs", ErrBadScores, len(a.Outputs))
		}
		rows[i] = a.Scores
	}
	return rows, nil
}

// Ask asks a model in the way that it knows: as an [Answerer] or, where it is none, for rows of scores. dst is as for Answerer.
// A model that gives another number of answers than asked is an error, [ErrBadScores].
func Ask(ctx context.Context, p Predictor, batch []input.Input, dst []answer.Answer) ([]answer.Answer, error) {
	answers := dst
	var err error
	if a, ok := p.(Answerer); ok {
		answers, err = a.Answer(ctx, batch, dst)
	} else {
		var rows [][]float32
		rows, err = p.Predict(ctx, batch)
		answers = answers[:0]
		for _, row := range rows {
			answers = append(answers, answer.Of(row...))
		}
	}
	if err == nil && len(answers) != len(batch) {
		err = fmt.Errorf("%w: expected %d rows for %d inputs, found %d", ErrBadScores, len(batch), len(batch), len(answers))
	}
	if err != nil {
		return nil, err
	}
	return answers, nil
}
