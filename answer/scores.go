package answer

import "math"

// This file holds what a row of a model's scores says besides its label.

// Margin is how far label is ahead of every other one, as a difference of log scores: above 0 while the
// model answers with the label, below 0 when another label is ahead, and minus infinity when there is no score of the label.
func Margin(scores []float32, label int) float64 {
	if label < 0 || label >= len(scores) { // of outputs that may have another shape for each input
		return math.Inf(-1)
	}
	return LogScore(scores[label]) - LogScore(HighestOther(scores, label))
}

// leastScore stands for scores that were rounded to 0.
const leastScore = 1e-12

// LogScore is the natural logarithm of a score. Scores that were rounded to 0, and negative ones, count as 1e-12.
func LogScore(score float32) float64 { return math.Log(max(float64(score), leastScore)) }

// HighestOther is the highest score of all labels but one; minus infinity where there is no other.
func HighestOther(scores []float32, label int) float32 {
	other := float32(math.Inf(-1))
	for i, s := range scores {
		if i != label {
			other = max(other, s)
		}
	}
	return other
}

// KthScore is the k-th highest score, counting equal ones; the lowest where there are fewer.
func KthScore(scores []float32, k int) float32 {
	bound := float32(math.Inf(1))
	for {
		// The highest score below the bound, and how many labels have it.
		best, n := float32(math.Inf(-1)), 0
		for _, s := range scores {
			switch {
			case s >= bound:
			case s > best:
				best, n = s, 1
			case s == best:
				n++
			}
		}
		if n == 0 {
			return bound
		}
		if k -= n; k <= 0 {
			return best
		}
		bound = best
	}
}

// OneHot reports whether scores, two or more, say no more than a label: 1 for one and 0 for all others.
func OneHot(scores []float32) bool {
	ones := 0
	for _, s := range scores {
		switch s {
		case 1:
			ones++
		case 0:
		default:
			return false
		}
	}
	return ones == 1 && len(scores) > 1
}

// nearlyOne is how far from 1 the sum of probabilities may be that were rounded.
const nearlyOne = 0.01

// Distribution reports whether scores may be the probabilities of several classes: two or more, none below 0, that sum to 1 but for
// rounding.
func Distribution(scores []float32) bool {
	var sum float64
	for _, s := range scores {
		if !(s >= 0) {
			return false
		}
		sum += float64(s)
	}
	return len(scores) > 1 && math.Abs(sum-1) <= nearlyOne
}

// ClassScores reports whether a row of numbers may be scores of several classes as a model gives them: probabilities, also where each
// was rounded to 8 bits, or the bytes of such. Logits, embeddings, features and probabilities that stand each for itself are none. What
// is not finite tells nothing, and may be.
func ClassScores(row []float32) bool {
	if len(row) < 2 {
		return false
	}
	if !Finite(row) {
		return true
	}
	var sum float64
	whole, most := true, float32(0)
	for _, v := range row {
		if v < 0 {
			return false
		}
		sum += float64(v)
		most = max(most, v)
		whole = whole && v == float32(math.Trunc(float64(v)))
	}
	rounded := min(max(nearlyOne, float64(len(row))/(2*byteValues)), 0.5)
	if whole && most > 1 {
		sum, most = sum/byteValues, most/byteValues
	}
	return most <= 1+nearlyOne && math.Abs(sum-1) <= rounded
}

// byteValues is how many numbers a byte has.
const byteValues = 256
