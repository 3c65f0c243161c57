package predictor

import (
	"fmt"
	"math"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/model"
)

// scoring is how a row of the output becomes a row of probabilities.
type scoring struct {
	kind    ScoreKind // "" while that is open
	why     string    // how the kind was found
	firm    bool      // the graph or the user says so, not numbers alone
	binary  bool      // one number stands for two classes
	numbers int       // a row of the output
	order   []int     // of the classes in the output; nil when it is that of the rows
	guard   guard
	read    func(dst []float32, row []byte)
}

// classes is the length of a row of scores.
func (s *scoring) classes() int {
	if s.binary {
		return 2
	}
	return s.numbers
}

// String is the setting "scores" of the model's description.
func (s *scoring) String() string {
	how := map[ScoreKind]string{
		"":               "not decided yet, the first inputs tell",
		Logits:           "logits, softmax applied",
		Probabilities:    "probabilities, as they are",
		LogProbabilities: "log-probabilities, exponential applied",
		Raw:              "raw numbers, as they are",
	}[s.kind]
	if s.binary && s.kind == Logits {
		how = "one logit, sigmoid applied"
	}
	if s.order != nil {
		how += ", classes put in another order"
	}
	return how + " (" + s.why + ")"
}

// decode turns a row of the output into probabilities. Of logits that are not all finite there are none: softmax would make NaN
// of the whole row, or hide that one of them is infinite behind a 0 or a 1, as a sigmoid would. Such a row stays as it is, so
// that the engine sees what is wrong. A log-probability of minus infinity is a probability of 0. The error tells of numbers
// that cannot be what the model was found to give. Scratch is memory of the length of a row.
func (s *scoring) decode(dst, scratch []float32, row []byte) error {
	into := dst
	if s.order != nil {
		into = scratch
	}
	if s.binary {
		s.read(into[1:2], row)
		if err := s.guard.check(into[1:2]); err != nil {
			return err
		}
		p := float64(into[1])
		rest := p // of what is not finite
		if s.kind != Logits || answer.Finite(into[1:2]) {
			switch s.kind {
			case Logits:
				p = 1 / (1 + math.Exp(-p))
			case LogProbabilities:
				p = math.Exp(p)
			}
			rest = 1 - p
		}
		into[0], into[1] = float32(rest), float32(p)
	} else {
		s.read(into, row)
		if err := s.guard.check(into); err != nil {
			return err
		}
		switch s.kind {
		case Logits:
			model.SoftmaxInPlace(into)
		case LogProbabilities:
			for i, v := range into {
				into[i] = float32(math.Exp(float64(v)))
			}
		}
	}
	if s.order != nil {
		for class, at := range s.order {
			dst[class] = into[at]
		}
	}
	return nil
}

// order puts the classes in the order that the user says.
func (m *Model) order(s *scoring) error {
	if m.told > 0 && m.told != s.classes() {
		return fmt.Errorf("expected names of %d classes, as many as there are scores, found %d", s.classes(), m.told)
	}
	s.order = m.config.classOrder
	if s.order != nil && len(s.order) != s.classes() {
		return fmt.Errorf("expected the numbers of %d classes in @ClassOrder, found %d", s.classes(), len(s.order))
	}
	return nil
}

// guard holds every row against what the model was found to give.
type guard struct {
	reason      string  // what says what rows are; "" for no guard
	what        string  // what they are
	low, high   float32 // of a number
	summing     bool    // the numbers, or their exponentials, sum to 1
	exponential bool
	least, most float64 // of the sum
	cure        string  // the option to give
}

// check leaves rows with NaN or infinite numbers to the engine.
func (g *guard) check(row []float32) error {
	if g.reason == "" {
		return nil
	}
	var sum float64
	outside := false
	for _, v := range row {
		outside = outside || v < g.low || v > g.high
		if g.exponential {
			sum += math.Exp(float64(v))
		} else {
			sum += float64(v)
		}
	}
	if !outside && (!g.summing || sum >= g.least && sum <= g.most) || !finite(row, g.exponential) {
		return nil
	}
	if g.summing && !outside {
		return fmt.Errorf("%w: expected %s, since %s, found a row that sums to %.4g; %s", model.ErrBadScores, g.what, g.reason, sum, g.cure)
	}
	low, high := row[0], row[0]
	for _, v := range row {
		low, high = min(low, v), max(high, v)
	}
	if g.summing {
		return fmt.Errorf("%w: expected %s, since %s, found a row of %s that sums to %.4g; %s", model.ErrBadScores, g.what, g.reason, span(float64(low), float64(high)), sum, g.cure)
	}
	return fmt.Errorf("%w: expected %s, since %s, found numbers of %s; %s", model.ErrBadScores, g.what, g.reason, span(float64(low), float64(high)), g.cure)
}

// finite reports whether numbers are finite; logarithms of 0 may be among logarithms.
func finite(row []float32, logarithms bool) bool {
	for _, v := range row {
		if v != v || math.IsInf(float64(v), 1) || !logarithms && math.IsInf(float64(v), -1) {
			return false
		}
	}
	return true
}
