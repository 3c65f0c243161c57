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
	best      float64 // gap of the latest kept mutant
	states    *stateCoverage
	oracle    answer.Oracle // whose shortfall makes the gap of answers that are no class scores; of others it is nil
}

func newFitness(t TriggerFinderSearch, task engine.Task) *fitness {
	f := &fitness{mode: t.Mode, tolerance: t.Tolerance}
	seed := &task.Seed
	if !task.OfClasses() {
		f.oracle = task.Oracle
	}
	if f.tolerance == 0 {
		f.tolerance = defaultTolerance
	}
	// The released code starts from 0, not from the seed's own difference.
	if f.mode == AsPublished {
		f.best = f.gap(seed)
	}
	if !t.DifferenceOnly && f.oracle == nil {
		f.states = &stateCoverage{distance: t.StateDistance}
		if f.states.distance == 0 {
			f.states.distance = defaultStateDistance
		}
		f.states.reaches(seed.Original.Scores, seed.Compressed.Scores)
	}
	return f
}

// gap is how far apart both models are: |d|, the larger the better, or how little is lacking to a deviation.
func (f *fitness) gap(e *engine.Evaluation) float64 {
	if f.oracle != nil {
		return -engine.Shortfall(f.oracle, e)
	}
	return confidenceGap(e.Original.Scores, e.Compressed.Scores)
}

// better judges a mutant by both models' answers, and remembers it when it is better.
func (f *fitness) better(e *engine.Evaluation) bool {
	gap := f.gap(e)
	// The state is recorded whatever the difference says.
	newState := f.states != nil && f.states.reaches(e.Original.Scores, e.Compressed.Scores)
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
