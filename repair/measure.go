package repair

import (
	"context"
	"errors"
	"fmt"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// Measured is what a selector does on triggers and on clean inputs. A repaired system's answer is the original's where it is asked,
// else the compressed model's.
type Measured struct {
	Triggers int `json:"triggers"` // on which the models deviate
	Healed   int `json:"healed"`   // on which they do no longer; left out
	// Mended are the triggers on which the repaired system agrees with the original.
	Mended int `json:"mended"`

	Clean int `json:"clean"`
	Asked int `json:"asked"` // clean inputs for which the original is asked
	// Clean inputs to which the compressed model and the repaired system give the original's label.
	AgreeingBefore int `json:"agreeing_before"`
	AgreeingAfter  int `json:"agreeing_after"`

	Labelled int `json:"labelled"` // clean inputs whose class is known
	// Of those, the ones whose class each gives.
	RightOriginal int `json:"right_original"`
	RightBefore   int `json:"right_before"` // by the compressed model
	RightAfter    int `json:"right_after"`  // by the repaired system
}

// MendedShare is the share of the triggers that are mended.
func (m Measured) MendedShare() float64 { return share(m.Mended, m.Triggers) }

// AskedShare is the extra cost: the share of clean inputs for which both models have to run.
func (m Measured) AskedShare() float64 { return share(m.Asked, m.Clean) }

// Coverage is the share of clean inputs that the compressed model answers alone.
func (m Measured) Coverage() float64 { return share(m.Clean-m.Asked, m.Clean) }

func share(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

// String says it in a line.
func (m Measured) String() string {
	text := fmt.Sprintf("mended %d of %d triggers, asked for %d of %d clean inputs; agreement with the original %.2f %%, before %.2f %%",
		m.Mended, m.Triggers, m.Asked, m.Clean, 100*share(m.AgreeingAfter, m.Clean), 100*share(m.AgreeingBefore, m.Clean))
	if m.Labelled > 0 {
		text += fmt.Sprintf("; accuracy %.2f %%, before %.2f %%, original %.2f %%",
			100*share(m.RightAfter, m.Labelled), 100*share(m.RightBefore, m.Labelled), 100*share(m.RightOriginal, m.Labelled))
	}
	return text
}

// Measure runs both models on triggers and clean inputs, which training must not have seen (see [Split]), and tells what
// the selector makes of the answers.
func (s *Selector) Measure(ctx context.Context, pair *model.Pair, triggers []*engine.Trigger, clean input.Seeds) (Measured, error) {
	m, err := s.measure(ctx, pair, triggers, clean)
	if err != nil {
		return Measured{}, fmt.Errorf("repair: measure: %w", err)
	}
	return m, nil
}

func (s *Selector) measure(ctx context.Context, pair *model.Pair, triggers []*engine.Trigger, clean input.Seeds) (Measured, error) {
	if err := s.fits(pair); err != nil {
		return Measured{}, err
	}
	deviating, err := answersToTriggers(ctx, pair, triggers)
	if err != nil {
		return Measured{}, err
	}
	ordinary, err := answersTo(ctx, pair, clean)
	if err != nil {
		return Measured{}, err
	}
	return s.measureOn(deviating, ordinary)
}

// MeasureOn is [Selector.Measure] for answers that are there already.
func (s *Selector) MeasureOn(triggers, clean []Answers) (Measured, error) {
	m, err := s.measureOn(triggers, clean)
	if err != nil {
		return Measured{}, fmt.Errorf("repair: measure: %w", err)
	}
	return m, nil
}

func (s *Selector) measureOn(triggers, clean []Answers) (Measured, error) {
	if err := s.Validate(); err != nil {
		return Measured{}, err
	}
	if len(triggers) == 0 || len(clean) == 0 {
		return Measured{}, errors.New("expected triggers and clean inputs, found none of one of them")
	}
	if _, err := checkAnswers("trigger", triggers, s.Classes); err != nil {
		return Measured{}, err
	}
	if _, err := checkAnswers("clean input", clean, s.Classes); err != nil {
		return Measured{}, err
	}
	var m Measured
	for _, a := range triggers {
		if !a.deviates() {
			m.Healed++
			continue
		}
		m.Triggers++
		if s.asks(a) {
			m.Mended++
		}
	}
	for _, a := range clean {
		m.Clean++
		said := a.Compressed
		if s.asks(a) {
			m.Asked++
			said = a.Original
		}
		original, before, after := answer.LabelOf(a.Original), answer.LabelOf(a.Compressed), answer.LabelOf(said)
		m.AgreeingBefore += one(before == original)
		m.AgreeingAfter += one(after == original)
		if a.Label != input.Unlabelled {
			m.Labelled++
			m.RightOriginal += one(original == a.Label)
			m.RightBefore += one(before == a.Label)
			m.RightAfter += one(after == a.Label)
		}
	}
	return m, nil
}

// asks reports whether the original is asked. The answers are checked.
func (s *Selector) asks(a Answers) bool {
	return !answer.Finite(a.Compressed) || s.doubt(features(a.Compressed)) > s.Threshold
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
