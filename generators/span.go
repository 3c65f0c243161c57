package generators

import (
	"fmt"
	"math/rand/v2"
)

// Span is the range from which a mutator draws its severity, uniformly and anew for every mutant.
// Low == High makes the severity fixed.
type Span struct{ Low, High float64 }

// Between is the span from low to high.
func Between(low, high float64) Span { return Span{Low: low, High: high} }

// Exactly is the span that holds v alone.
func Exactly(v float64) Span { return Span{Low: v, High: v} }

// String describes the span, such as "0.02..0.1".
func (s Span) String() string { return fmt.Sprintf("%g..%g", s.Low, s.High) }

func (s Span) draw(rng *rand.Rand) float64 { return s.Low + float64((s.High-s.Low)*rng.Float64()) }

// check reports a span that is reversed or leaves lowest..highest, which also refuses NaN and
// infinity.
func (s Span) check(operator, parameter string, lowest, highest float64) error {
	if lowest <= s.Low && s.Low <= s.High && s.High <= highest {
		return nil
	}
	return fmt.Errorf("generators: %s: %s %s: expected low <= high, both within %g..%g",
		operator, parameter, s, lowest, highest)
}
