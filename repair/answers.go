package repair

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// Answers are what both models of a pair say about one input.
type Answers struct {
	// ID is that of the input; see [input.Input.ID].
	ID string
	// Original and Compressed are the scores of both models: probabilities, one a class. Those of the compressed model
	// may be not finite.
	Original, Compressed []float32
	// Label is the true class, or input.Unlabelled.
	Label int
}

// deviates reports whether the models give different labels.
func (a Answers) deviates() bool {
	return answer.Judge(nil, answer.Of(a.Original...), answer.Of(a.Compressed...)).Deviates
}

// AnswersTo runs both models on every seed, each alone, as a trigger is confirmed. A seed that cannot be read or
// that a model cannot take is an error that names it.
func AnswersTo(ctx context.Context, pair *model.Pair, seeds input.Seeds) ([]Answers, error) {
	answers, err := answersTo(ctx, pair, seeds)
	if err != nil {
		return nil, fmt.Errorf("repair: answers: %w", err)
	}
	return answers, nil
}

// together is how many inputs are held in memory at once.
const together = 1000

func answersTo(ctx context.Context, pair *model.Pair, seeds input.Seeds) ([]Answers, error) {
	if seeds == nil || seeds.Len() == 0 {
		return nil, fmt.Errorf("%w: expected clean inputs, found none", input.ErrNoSeeds)
	}
	evaluator, err := engine.NewEvaluator(pair, engine.EvaluatorSettings{BatchSize: 1})
	if err != nil {
		return nil, err
	}
	answers := make([]Answers, 0, seeds.Len())
	for at := 0; at < seeds.Len(); at += together {
		var inputs []input.Input
		for i := at; i < min(at+together, seeds.Len()); i++ {
			seed, err := seeds.Seed(i)
			if err != nil {
				return nil, err
			}
			inputs = append(inputs, seed.Input)
			answers = append(answers, Answers{ID: seed.Input.ID(), Label: seed.Label})
		}
		judged, err := evaluator.Evaluate(ctx, inputs)
		if err != nil {
			return nil, err
		}
		for i, j := range judged {
			answers[at+i].Original, answers[at+i].Compressed = j.Original.Scores, j.Compressed.Scores
		}
	}
	return answers, nil
}

// AnswersToTriggers runs both models on every trigger again, alone, so that triggers of an earlier model of the
// same name do no harm. The label is the true class of the seed.
func AnswersToTriggers(ctx context.Context, pair *model.Pair, triggers []*engine.Trigger) ([]Answers, error) {
	answers, err := answersToTriggers(ctx, pair, triggers)
	if err != nil {
		return nil, fmt.Errorf("repair: answers to triggers: %w", err)
	}
	return answers, nil
}

func answersToTriggers(ctx context.Context, pair *model.Pair, triggers []*engine.Trigger) ([]Answers, error) {
	if err := checkTriggers(triggers); err != nil {
		return nil, err
	}
	inputs := make([]input.Input, len(triggers))
	for i, t := range triggers {
		inputs[i] = t.Input
	}
	evaluations, err := engine.Replay(ctx, pair, inputs, nil)
	if err != nil {
		return nil, err
	}
	answers := make([]Answers, len(triggers))
	for i, e := range evaluations {
		answers[i] = Answers{ID: inputs[i].ID(), Original: e.Original.Scores, Compressed: e.Compressed.Scores, Label: triggers[i].SeedLabel}
	}
	return answers, nil
}

func checkTriggers(triggers []*engine.Trigger) error {
	if len(triggers) == 0 {
		return errors.New("expected triggers, found none")
	}
	for i, t := range triggers {
		switch {
		case t == nil:
			return fmt.Errorf("trigger %d of %d is nil", i+1, len(triggers))
		case t.Abridged():
			return fmt.Errorf("trigger %d of %d: expected its input, found its numbers alone: search with Settings.KeepInputs of at least %d",
				i+1, len(triggers), len(triggers))
		}
	}
	return nil
}

// sumTolerance allows for scores of few bits: those of 8-bit models sum to 1 roughly.
const sumTolerance = 0.1

// checkScores finds scores that are no probabilities, or not so many.
func checkScores(scores []float32, classes int) error {
	if len(scores) != classes {
		return fmt.Errorf("%w: expected %d scores, found %d", model.ErrBadScores, classes, len(scores))
	}
	sum := 0.0
	for class, s := range scores {
		if !(s >= -sumTolerance && s <= 1+sumTolerance) { // NaN too
			return fmt.Errorf("%w: expected probabilities, found %g for class %d; model.Softmax makes them from logits", model.ErrBadScores, s, class)
		}
		sum += float64(s)
	}
	if math.Abs(sum-1) > sumTolerance {
		return fmt.Errorf("%w: expected probabilities, found scores that sum to %.4g; model.Softmax makes them from logits", model.ErrBadScores, sum)
	}
	return nil
}

// checkAnswers finds answers that nothing can be learnt from, and returns the number of classes.
func checkAnswers(what string, answers []Answers, classes int) (int, error) {
	for i, a := range answers {
		if classes == 0 {
			classes = len(a.Compressed)
		}
		if classes < 2 {
			return 0, fmt.Errorf("%s %d of %d: %w: expected at least 2 scores, found %d", what, i+1, len(answers), model.ErrBadScores, classes)
		}
		for _, m := range []struct {
			role   string
			scores []float32
		}{{"original", a.Original}, {"compressed", a.Compressed}} {
			err := checkScores(m.scores, classes)
			switch {
			case len(m.scores) == classes && !answer.Finite(m.scores) && m.role == "compressed":
				continue // the original is asked in any case
			case len(m.scores) == classes && !answer.Finite(m.scores):
				err = fmt.Errorf("%w: expected probabilities, found %s", model.ErrBadScores, answer.NotFiniteInWords(answer.Of(m.scores...)))
			}
			if err != nil {
				return 0, fmt.Errorf("%s %d of %d, %s model: %w", what, i+1, len(answers), m.role, err)
			}
		}
	}
	return classes, nil
}
