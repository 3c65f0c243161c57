package repair

import (
	"math"
	"slices"
)

const (
	// featureSet names what a selector looks at, so that a saved one is never read as another kind. The label itself
	// is not among it: it helps with triggers that all end in one class, and harms with others.
	featureSet = "sorted log-probabilities, entropy"
	// mostSorted is how many of the log-probabilities, from the highest on.
	mostSorted = 10
	// leastProbability keeps logarithms finite. float32 probabilities are rarely below.
	leastProbability = 1e-7
)

// featureCount is the number of features for a number of classes.
func featureCount(classes int) int { return min(classes, mostSorted) + 1 }

// features are the highest log-probabilities, in descending order, then the entropy in nats.
func features(scores []float32) []float64 {
	logs := make([]float64, len(scores), len(scores)+1)
	entropy := 0.0
	for i, s := range scores {
		p := min(max(float64(s), leastProbability), 1)
		logs[i] = math.Log(p)
		entropy -= p * logs[i]
	}
	slices.SortFunc(logs, func(a, b float64) int {
		switch {
		case a > b:
			return -1
		case a < b:
			return 1
		}
		return 0
	})
	return append(logs[:min(len(logs), mostSorted)], entropy)
}
