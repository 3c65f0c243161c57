package model

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// Cause names what leads from one model of a chain to the next, and so what a deviation between these two is caused by: "compression". Package
// engine has the usual ones; others are made of their name, as in Cause("float16").
type Cause string

// To is the step of this cause that leads to the model.
func (c Cause) To(m Predictor) Step { return Step{Cause: c, Model: m} }

// Step is what leads from one model of a chain to the next.
type Step struct {
	Cause Cause
	Model Predictor // the next model
}

// NewChain makes a pair of which the models between the original and the compressed one are known, so that each deviation can be traced to the
// step that causes it. The last step leads to the compressed model. Each model should differ in one thing from that before it:
//
//	pair, err := model.NewChain("shipped", original,
//		engine.Conversion.To(converted),   // the original in the runtime of the compressed model
//		engine.Compression.To(shipped))    // the compressed model
//
// The name is as for [NewPair]. Fewer than two steps, a step without a model and two steps of the same cause are errors. Closing the pair closes all
// of the models.
func NewChain(name string, original Predictor, steps ...Step) (*Pair, error) {
	if len(steps) < 2 {
		return nil, fmt.Errorf("model: chain: expected at least two steps, the last of which leads to the compressed model, found %d; NewPair makes a pair of two models alone", len(steps))
	}
	for i, s := range steps {
		if err := s.Cause.check(); err != nil {
			return nil, fmt.Errorf("model: chain: step %d of %d: %w", i+1, len(steps), err)
		}
		if s.Model == nil {
			return nil, fmt.Errorf("model: chain: step %s: expected a model, found nil", s.Cause)
		}
		for _, earlier := range steps[:i] {
			if earlier.Cause == s.Cause {
				return nil, fmt.Errorf("model: chain: expected a cause of its own for each step, found %s twice; model.Cause(…) names others", s.Cause)
			}
		}
	}
	p, err := NewPair(name, original, steps[len(steps)-1].Model)
	if err != nil {
		return nil, err
	}
	p.steps = append([]Step(nil), steps...)
	return p, nil
}

// check finds a cause that cannot be told in a line, or among others.
func (c Cause) check() error {
	if strings.TrimSpace(string(c)) == "" {
		return errors.New("expected a cause such as engine.Compression, found none")
	}
	if i := strings.IndexFunc(string(c), func(r rune) bool { return r == ',' || !unicode.IsPrint(r) }); i >= 0 || strings.TrimSpace(string(c)) != string(c) || len(c) > longestCause {
		return fmt.Errorf("expected a cause of at most %d bytes, without commas, line breaks and outer spaces, found %.80q", longestCause, string(c))
	}
	return nil
}

const longestCause = 60

// Steps are those from the original to the compressed model, where the models between them are known; nil otherwise. See [NewChain].
func (p *Pair) Steps() []Step { return append([]Step(nil), p.steps...) }
