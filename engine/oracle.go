package engine

import (
	"fmt"
	"math"
)

// Verdict is an oracle's judgement of one query.
type Verdict struct {
	// Deviates says that the two answers differ.
	Deviates bool
	// Tied says that a tie took part: a model's top score belongs to several labels. Without
	// Deviates, the answers differ only within that tie, which is no deviation.
	Tied bool
}

// Oracle decides from both models' scores whether they deviate. Implementations are stateless.
type Oracle interface {
	Judge(original, compressed []float32) Verdict
	// String names the oracle with its parameters, for reports.
	String() string
}

// LabelOnlyOracle is an optional extension of [Oracle]: when LabelOnly is true, strategies are shown
// labels instead of scores.
type LabelOnlyOracle interface {
	Oracle
	LabelOnly() bool
}

// Graded is an optional extension of [Oracle]: Shortfall says how far both answers are from a
// deviation, in scores: 0 for a deviation, larger for farther. It tells how near a search came that
// found nothing, and guides strategies.
type Graded interface {
	Oracle
	Shortfall(original, compressed []float32) float64
}

// Top1 deviates when the models give different labels. Quantised outputs tie for the top score on
// 1-2 % of inputs; a tie counts as a deviation only when the sets of top labels are disjoint.
func Top1() Oracle { return topK{k: 1} }

// TopK deviates when the label of one model is not among the k likeliest labels of the other.
// Labels that tie with the k-th likeliest one are among them.
func TopK(k int) (Oracle, error) {
	if k < 1 {
		return nil, fmt.Errorf("engine: TopK: k is %d; expected at least 1", k)
	}
	return topK{k: k}, nil
}

// LabelOnly is [Top1] for deployments that give labels and no scores: strategies see 1 for the label
// given and 0 elsewhere, so the search uses no more than such a deployment shows.
func LabelOnly() Oracle { return labelOnly{} }

// ScoreTolerance deviates when the score of any class differs by more than tolerance, which is
// above 0 and below 1.
func ScoreTolerance(tolerance float64) (Oracle, error) {
	if !(tolerance > 0 && tolerance < 1) {
		return nil, fmt.Errorf("engine: ScoreTolerance: tolerance is %g; expected above 0 and below 1", tolerance)
	}
	return scoreTolerance{tolerance: tolerance}, nil
}

// MinConfidence restricts another oracle to severe deviations: those in which the original gives its
// label a score of at least p, above 0 and at most 1. nil stands for [Top1].
func MinConfidence(p float64, oracle Oracle) (Oracle, error) {
	if !(p > 0 && p <= 1) {
		return nil, fmt.Errorf("engine: MinConfidence: p is %g; expected above 0 and at most 1", p)
	}
	if oracle == nil {
		oracle = Top1()
	}
	if l, ok := oracle.(LabelOnlyOracle); ok && l.LabelOnly() {
		return nil, fmt.Errorf("engine: MinConfidence: oracle %s has no confidence to judge by", oracle)
	}
	return minConfidence{p: p, oracle: oracle}, nil
}

type topK struct{ k int }

func (o topK) Judge(original, compressed []float32) Verdict {
	to, tc := kthScore(original, 1), kthScore(compressed, 1)
	ko, kc := to, tc
	if o.k > 1 {
		ko, kc = kthScore(original, o.k), kthScore(compressed, o.k)
	}
	var topsO, topsC int
	originalAmong, compressedAmong := false, false
	for i := range original {
		if original[i] == to {
			topsO++
			originalAmong = originalAmong || compressed[i] >= kc
		}
		if compressed[i] == tc {
			topsC++
			compressedAmong = compressedAmong || original[i] >= ko
		}
	}
	v := Verdict{Deviates: !originalAmong || !compressedAmong}
	tied := topsO > 1 || topsC > 1
	v.Tied = tied && (v.Deviates || Label(original) != Label(compressed))
	return v
}

func (o topK) String() string {
	if o.k == 1 {
		return "top-1"
	}
	return fmt.Sprintf("top-%d", o.k)
}

type labelOnly struct{}

func (labelOnly) Judge(original, compressed []float32) Verdict {
	return topK{k: 1}.Judge(original, compressed)
}
func (labelOnly) LabelOnly() bool { return true }
func (labelOnly) String() string  { return "label-only" }

type scoreTolerance struct{ tolerance float64 }

func (o scoreTolerance) Judge(original, compressed []float32) Verdict {
	for i := range original {
		if math.Abs(float64(original[i])-float64(compressed[i])) > o.tolerance {
			return Verdict{Deviates: true}
		}
	}
	return Verdict{}
}

func (o scoreTolerance) String() string { return fmt.Sprintf("score tolerance %g", o.tolerance) }

type minConfidence struct {
	p      float64
	oracle Oracle
}

func (o minConfidence) Judge(original, compressed []float32) Verdict {
	v := o.oracle.Judge(original, compressed)
	if v.Deviates && float64(original[Label(original)]) < o.p {
		return Verdict{}
	}
	return v
}

func (o minConfidence) String() string {
	return fmt.Sprintf("%s with the original at least %g confident", o.oracle, o.p)
}

// Label is the label of a row of scores: the first index of the highest score.
func Label(scores []float32) int {
	best := 0
	for i, s := range scores {
		if s > scores[best] {
			best = i
		}
	}
	return best
}

// kthScore is the k-th highest score, counting equal ones; the lowest where there are fewer.
func kthScore(scores []float32, k int) float32 {
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
