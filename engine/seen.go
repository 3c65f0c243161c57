package engine

import (
	"fmt"
	"slices"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/model"
)

// seen is what one model's answers came to: whether they differ at all, and whether any of them is one.
type seen struct {
	classes     int       // 0 until known
	rows        int       // rows of scores
	finite      int       // rows of finite scores, while not varied
	first       []float32 // the first row of finite scores
	broken      []float32 // the first row that is not finite
	varied      bool      // two rows of finite scores were not equal
	label       int       // of the latest finite row, until labels vary
	labelVaried bool
}

// see adds answers. It finds rows of another length than the oracles are to compare.
func (s *seen) see(rows [][]float32) error {
	for _, row := range rows {
		if s.classes == 0 {
			s.classes = len(row)
		}
		if len(row) != s.classes || len(row) < 2 {
			return fmt.Errorf("%w: expected %d scores a row, at least 2, found %d", model.ErrBadScores, s.classes, len(row))
		}
		if !s.labelVaried && answer.Finite(row) {
			label := answer.Label(row)
			s.labelVaried = s.finite > 0 && label != s.label
			s.label = label
		}
		switch {
		case s.varied:
		case !answer.Finite(row):
			if s.broken == nil {
				s.broken = slices.Clone(row)
			}
		default:
			s.finite++
			if s.first == nil {
				s.first = slices.Clone(row)
			}
			s.varied = !slices.Equal(row, s.first)
		}
	}
	s.rows += len(rows)
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
		s.varied = s.varied || o.varied || s.finite > 0 && !slices.Equal(s.first, o.first)
		if s.finite == 0 {
			s.first, s.label = o.first, o.label
		}
	}
	if s.broken == nil {
		s.broken = o.broken
	}
	s.rows, s.finite = s.rows+o.rows, s.finite+o.finite
	return nil
}

// constant reports whether the model has given the same scores for everything so far, and for how
// many inputs. Answers that are labels alone prove nothing: they may well be the same. Where some answers were not
// finite it takes more of the others: a few may be those to one input.
func (s *seen) constant() (rows int, constant, labelsAlone bool) {
	least := 2
	if s.broken != nil {
		least = enoughToJudge
	}
	return s.finite, s.finite >= least && !s.varied, answer.OneHot(s.first)
}

// onlyLabel is the label that the model gave to everything so far; it reports false where there were several.
func (s *seen) onlyLabel() (label int, only bool) {
	return s.label, s.finite > 1 && !s.labelVaried
}
