package strategies

import (
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
)

// ofClasses reports whether a search can be led by labels and their margins: the models give scores of the same classes. Where they
// give something else, the shortfall of the oracle leads, if it is graded.
func ofClasses(task engine.Task) bool {
	o, c := task.Seed.Original, task.Seed.Compressed
	if o.Outputs != nil || c.Outputs != nil || len(o.Scores) < 2 || len(o.Scores) != len(c.Scores) {
		return false
	}
	return !answer.ByScores(task.Oracle) || answer.Distribution(o.Scores) && answer.Distribution(c.Scores)
}

// shortfallOf is how far answers are from a deviation for an oracle of what is no classes: 1 for all that do not deviate where it
// is not graded.
func shortfallOf(oracle answer.Oracle, e *engine.Evaluation) float64 {
	if e.Verdict.Deviates {
		return 0
	}
	if graded, ok := oracle.(answer.Graded); ok {
		return graded.Shortfall(e.Original, e.Compressed)
	}
	return 1
}
