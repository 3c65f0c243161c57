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
	// mostOfState is how many numbers, of both models, are a state where answers are no class scores: masks would fill the memory.
	mostOfState = 1 << 13
)

// fitness decides whether a mutant is worth going on from (arXiv 2112.02819, section 3.3).
type fitness struct {
	mode      Mode
	tolerance float64
	best      float64 // gap of the latest kept mutant
	states    *stateCoverage
	gauge     *gauge  // what makes the gap of answers that are no class scores; of others it is nil
	unit      float64 // of the states of such answers
	sizes     [2]int  // of both answers to the seed: others have no state
	scaled    [2][]float32
}

func newFitness(t TriggerFinderSearch, task engine.Task) *fitness {
	f := &fitness{mode: t.Mode, tolerance: t.Tolerance}
	seed := &task.Seed
	if f.tolerance == 0 {
		f.tolerance = defaultTolerance
	}
	if !task.OfClasses() {
		g := newDistanceGauge(task)
		if d := newGauge(task); g.sort == byVerdict && d.sort == byDecisions {
			g = d
		}
		f.gauge = &g
		f.tolerance *= usualMargin
		f.unit = math.Sqrt(max(squares(seed.Original.Scores), squares(seed.Compressed.Scores)))
		f.sizes = [2]int{len(seed.Original.Scores), len(seed.Compressed.Scores)}
	}
	// The released code starts from 0, not from the seed's own difference.
	if f.mode == AsPublished {
		f.best = f.gap(seed)
	}
	if !t.DifferenceOnly && f.sizes[0]+f.sizes[1] <= mostOfState {
		f.states = &stateCoverage{distance: t.StateDistance}
		if f.states.distance == 0 {
			f.states.distance = defaultStateDistance
		}
		f.reaches(seed)
	}
	return f
}

func squares(values []float32) float64 {
	var sum float64
	for _, v := range values {
		sum += float64(v) * float64(v)
	}
	return sum
}

// gap is how far apart both models are: |d|, the larger the better, or how little is lacking to a deviation.
func (f *fitness) gap(e *engine.Evaluation) float64 {
	if f.gauge != nil {
		o, c := f.gauge.of(e)
		return -min(math.Abs(o), math.Abs(c))
	}
	return confidenceGap(e.Original.Scores, e.Compressed.Scores)
}

// reaches reports whether an evaluation shows a new state, and remembers it.
func (f *fitness) reaches(e *engine.Evaluation) bool {
	if f.gauge == nil {
		return f.states.reaches(e.Original.Scores, e.Compressed.Scores)
	}
	if f.unit == 0 || f.sizes != [2]int{len(e.Original.Scores), len(e.Compressed.Scores)} {
		return false
	}
	for side, scores := range [2][]float32{e.Original.Scores, e.Compressed.Scores} {
		f.scaled[side] = f.scaled[side][:0]
		for _, v := range scores {
			f.scaled[side] = append(f.scaled[side], float32(float64(v)/f.unit))
		}
	}
	return f.states.reaches(f.scaled[0], f.scaled[1])
}

// better judges a mutant by both models' answers, and remembers it when it is better.
func (f *fitness) better(e *engine.Evaluation) bool {
	gap := f.gap(e)
	// The state is recorded whatever the difference says.
	newState := f.states != nil && f.reaches(e)
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
