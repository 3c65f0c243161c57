package strategies

import (
	"math"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/internal/vec"
)

const (
	defaultTolerance     = 1e-3
	defaultStateDistance = 0.5
)

// fitness decides whether a mutant is worth going on from (arXiv 2112.02819, section 3.3).
type fitness struct {
	mode      Mode
	tolerance float64
	best      float64 // |difference| of the latest kept mutant
	states    *stateCoverage
}

func newFitness(t TriggerFinderSearch, seed engine.Evaluation) *fitness {
	f := &fitness{mode: t.Mode, tolerance: t.Tolerance}
	if f.tolerance == 0 {
		f.tolerance = defaultTolerance
	}
	// The released code starts from 0, not from the seed's own difference.
	if f.mode == AsPublished {
		f.best = confidenceGap(seed.Original.Scores, seed.Compressed.Scores)
	}
	if !t.DifferenceOnly {
		f.states = &stateCoverage{distance: t.StateDistance}
		if f.states.distance == 0 {
			f.states.distance = defaultStateDistance
		}
		f.states.reaches(seed.Original.Scores, seed.Compressed.Scores)
	}
	return f
}

// better judges a mutant by both models' scores, and remembers it when it is better.
func (f *fitness) better(original, compressed []float32) bool {
	gap := confidenceGap(original, compressed)
	// The state is recorded whatever the difference says.
	newState := f.states != nil && f.states.reaches(original, compressed)
	change := gap - f.best
	if f.mode == AsReleased {
		change = math.Abs(change)
	}
	if change > f.tolerance || newState {
		f.best = gap
		return true
	}
	return false
}

// confidenceGap is |d|, the difference of the probabilities that the models give to their own
// likeliest class.
func confidenceGap(original, compressed []float32) float64 {
	return math.Abs(float64(original[answer.Label(original)]) - float64(compressed[answer.Label(compressed)]))
}

// stateCoverage remembers the states of one seed's search, in the manner of TensorFuzz (Odena et
// al., ICML 2019). A state is both models' scores side by side.
type stateCoverage struct {
	distance float64   // squared Euclidean distance beyond which a state is new
	states   []float32 // concatenated
}

// reaches reports whether the state is new, and remembers it when it is.
func (c *stateCoverage) reaches(original, compressed []float32) bool {
	n, size := len(original), len(original)+len(compressed)
	for at := 0; at < len(c.states); at += size {
		known := c.states[at : at+size]
		if vec.SquaredDifferences(known[:n], original)+vec.SquaredDifferences(known[n:], compressed) <= c.distance {
			return false
		}
	}
	c.states = append(append(c.states, original...), compressed...)
	return true
}
