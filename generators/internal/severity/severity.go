// Package severity is how operators whose change grows with a severity are used as plain ones.
package severity

import (
	"math/rand/v2"

	"github.com/triggerfinder/triggerfinder/input"
)

// Least is the least severity that [Mutate] draws, so that mutants are not the input over and over.
const Least = 0.1

// Mutate writes a mutant of a severity from [Least] to 1, all equally likely.
func Mutate(m input.SeverityMutator, dst, src input.Input, rng *rand.Rand) {
	drawn := Least + float64((1-Least)*rng.Float64())
	m.MutateAt(dst, src, drawn, rng.Uint64())
}
