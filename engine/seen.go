package engine

import (
	"fmt"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/model"
)

// seen is what one model's answers came to: whether they differ at all, and whether any of them is one.
type seen struct {
	classes     int           // plain numbers of an answer; 0 until known, and for named outputs
	rows        int           // answers
	finite      int           // of them finite, while not varied
	first       answer.Answer // the first finite one
	broken      answer.Answer // the first that is not finite
	varied      bool          // two finite ones were not equal
	label       int           // of the latest finite one, until labels vary; [answer.NoLabel] for what has none
	labelVaried bool
}

// see adds answers. It finds those that are none, and plain ones of another length than the others.
func (s *seen) see(answers []answer.Answer) error {
	for _, a := range answers {
		if err := a.Check(); err != nil {
			return fmt.Errorf("%w: %w", model.ErrBadScores, err)
		}
		if a.Outputs == nil {
			if s.classes == 0 {
				s.classes = len(a.Scores)
			}
			if len(a.Scores) != s.classes {
				return fmt.Errorf("%w: expected %d scores a row, found %d", model.ErrBadScores, s.classes, len(a.Scores))
			}
		}
		finite := s.labelVaried && s.varied || answer.Finite(a.Scores)
		if !s.labelVaried && finite {
			label := a.Label()
			s.labelVaried = s.finite > 0 && label != s.label
			s.label = label
		}
		switch {
		case s.varied:
		case !finite:
			if s.broken.Scores == nil {
				s.broken = a.Clone()
			}
		default:
			s.finite++
			if s.finite == 1 {
				s.first = a.Clone()
			}
			s.varied = !a.Same(s.first)
		}
	}
	s.rows += len(answers)
	return nil
}

// merge adds what others saw of the same model's answers to other inputs.
func (s *seen) merge(o seen) error {
	switch {
	case s.classes == 0:
		s.classes = o.classes
	case o.classes != 0 && o.classes != s.classes:
		return fmt.Errorf("%w: expected %d scores a row, found %d", model.ErrBadScores, s.classes, o.classes)
	}
	if o.finite > 0 {
		s.labelVaried = s.labelVaried || o.labelVaried || s.finite > 0 && s.label != o.label
		s.varied = s.varied || o.varied || s.finite > 0 && !s.first.Same(o.first)
		if s.finite == 0 {
			s.first, s.label = o.first, o.label
		}
	}
	if s.broken.Scores == nil {
		s.broken = o.broken
	}
	s.rows, s.finite = s.rows+o.rows, s.finite+o.finite
	return nil
}

// neverFinite is an error where there were answers of the model with this name, and none of them was finite.
func (s *seen) neverFinite(role, name string) error {
	if s.finite > 0 || s.broken.Scores == nil {
		return nil
	}
	return fmt.Errorf("%w: %s model %q gave NaN or infinity for all of %d inputs (%s of the first)",
		model.ErrBadScores, role, name, s.rows, answer.NotFiniteInWords(s.broken))
}

// constantOutput is an error where the model with this name gave the same scores for at least so many inputs; see [Sides.constant].
func (s *seen) constantOutput(role, name string, least int, judgeLabels bool) error {
	rows, constant, labelsAlone := s.constant()
	if !constant || rows < least || labelsAlone && !judgeLabels {
		return nil
	}
	return fmt.Errorf("%w: %s model %q gave the same scores for all of %d inputs", ErrConstantOutput, role, name, rows)
}

// constant reports whether the model has given the same scores for everything so far, and for how
// many inputs. Answers that are labels alone prove nothing: they may well be the same. Where some answers were not
// finite it takes more of the others: a few may be those to one input.
func (s *seen) constant() (rows int, constant, labelsAlone bool) {
	least := 2
	if s.broken.Scores != nil {
		least = enoughToJudge
	}
	return s.finite, s.finite >= least && !s.varied, s.first.Outputs == nil && answer.OneHot(s.first.Scores)
}

// onlyLabel is the label that the model gave to everything so far; it reports false where there were several.
func (s *seen) onlyLabel() (label int, only bool) {
	return s.label, s.finite > 1 && !s.labelVaried && s.label != answer.NoLabel
}
