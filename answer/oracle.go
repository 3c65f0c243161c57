package answer

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
	// Kind is what kind of deviation it is. Oracles leave it alone; see [Judge].
	Kind Kind
}

// Oracle decides from both models' answers whether they deviate. Implementations are stateless. They are asked
// through [Judge], and never see numbers that are not finite, nor answers that [Check] refuses.
type Oracle interface {
	Judge(original, compressed Answer) Verdict
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
	Shortfall(original, compressed Answer) float64
}

// Top1 deviates when the models give different labels. Quantised outputs tie for the top score on
// 1-2 % of inputs; a tie counts as a deviation only when the sets of top labels are disjoint.
func Top1() Oracle { return topK{k: 1} }

// TopK deviates when the label of one model is not among the k likeliest labels of the other.
// Labels that tie with the k-th likeliest one are among them. Models have more than k classes.
func TopK(k int) (Oracle, error) {
	if k < 1 {
		return nil, fmt.Errorf("answer: TopK: k is %d; expected at least 1", k)
	}
	return topK{k: k}, nil
}

// LabelOnly is [Top1] for deployments that give labels and no scores: strategies see 1 for the label
// given and 0 elsewhere, so the search uses no more than such a deployment shows.
func LabelOnly() Oracle { return labelOnly{} }

// MinConfidence restricts another oracle to severe deviations: those in which the original gives its
// label a score of at least p, above 0 and at most 1. nil stands for [Top1].
func MinConfidence(p float64, oracle Oracle) (Oracle, error) {
	if !(p > 0 && p <= 1) {
		return nil, fmt.Errorf("answer: MinConfidence: p is %g; expected above 0 and at most 1", p)
	}
	oracle, err := scoring(oracle)
	if err != nil {
		return nil, fmt.Errorf("answer: MinConfidence: %w", err)
	}
	return minConfidence{p: p, oracle: oracle}, nil
}

// MinGap restricts another oracle to severe deviations: those in which the compressed model gives the
// original's label a score lower by at least gap, above 0 and at most 1, than the original does. nil
// stands for [Top1].
func MinGap(gap float64, oracle Oracle) (Oracle, error) {
	if !(gap > 0 && gap <= 1) {
		return nil, fmt.Errorf("answer: MinGap: gap is %g; expected above 0 and at most 1", gap)
	}
	oracle, err := scoring(oracle)
	if err != nil {
		return nil, fmt.Errorf("answer: MinGap: %w", err)
	}
	return minGap{gap: gap, oracle: oracle}, nil
}

// scoring is the oracle to restrict by scores; nil stands for Top1.
func scoring(oracle Oracle) (Oracle, error) {
	if oracle == nil {
		return Top1(), nil
	}
	if l, ok := oracle.(LabelOnlyOracle); ok && l.LabelOnly() {
		return nil, fmt.Errorf("oracle %s has no confidence to judge by", oracle)
	}
	return oracle, nil
}

type topK struct{ k int }

func (o topK) Judge(original, compressed Answer) Verdict {
	return o.judge(original.Scores, compressed.Scores)
}

func (o topK) judge(original, compressed []float32) Verdict {
	to, tc := KthScore(original, 1), KthScore(compressed, 1)
	ko, kc := to, tc
	if o.k > 1 {
		ko, kc = KthScore(original, o.k), KthScore(compressed, o.k)
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

// Shortfall implements [Graded]: how far the scores of one model, the nearer one, have to move.
func (o topK) Shortfall(original, compressed Answer) float64 {
	return undecided(min(o.distance(original.Scores, compressed.Scores), o.distance(compressed.Scores, original.Scores)))
}

// contradiction is the shortfall when only the scores of the compressed model may move.
func (o topK) contradiction(original, compressed Answer) float64 {
	return undecided(o.distance(original.Scores, compressed.Scores))
}

// shortfallFloor is the shortfall of answers that would deviate but for a tie.
const shortfallFloor = 1e-9

// undecided turns a distance to a deviation, below 0 where there is one, into a shortfall.
func undecided(far float64) float64 {
	switch {
	case far < 0:
		return 0
	case math.IsInf(far, 1): // all labels tie, or there are too few for a deviation
		return 1
	}
	return max(far, shortfallFloor)
}

// distance is how far the scores of one model have to move to deviate from the other's, which stand
// still: below 0 for a deviation, infinite when no move will do.
//
// There are two ways: the moving model's label becomes one that is not among the standing model's k
// likeliest, or the standing model's label drops out of the moving model's k likeliest. For k = 1
// they are the same.
func (o topK) distance(standing, moving []float32) float64 {
	inside, outside := highestScores(moving, standing, KthScore(standing, o.k))
	far := float64(inside) - float64(outside)
	if o.k > 1 {
		top := KthScore(standing, 1)
		label, _ := highestScores(moving, standing, top)
		far = min(far, float64(label)-float64(kthScoreBelow(moving, o.k, standing, top)))
	}
	return far
}

func (o topK) String() string {
	if o.k == 1 {
		return "top-1"
	}
	return fmt.Sprintf("top-%d", o.k)
}

type labelOnly struct{}

func (labelOnly) Judge(original, compressed Answer) Verdict {
	return topK{k: 1}.Judge(original, compressed)
}

// Shortfall implements [Graded]: labels show no more than whether they differ.
func (o labelOnly) Shortfall(original, compressed Answer) float64 {
	if o.Judge(original, compressed).Deviates {
		return 0
	}
	return 1
}

func (labelOnly) LabelOnly() bool { return true }

func (labelOnly) String() string { return "label-only" }

type minConfidence struct {
	p      float64
	oracle Oracle
}

func (o minConfidence) Judge(original, compressed Answer) Verdict {
	v := o.oracle.Judge(original, compressed)
	if v.Deviates && o.lacking(original.Scores) > 0 {
		return Verdict{}
	}
	return v
}

// Shortfall implements [Graded]: the confidence that the original lacks, and what the compressed
// model lacks to contradict it.
func (o minConfidence) Shortfall(original, compressed Answer) float64 {
	return max(o.lacking(original.Scores), 0) + contradiction(o.oracle, original, compressed)
}

func (o minConfidence) lacking(original []float32) float64 {
	return o.p - float64(original[Label(original)])
}

func (o minConfidence) String() string {
	return fmt.Sprintf("%s with the original at least %g confident", o.oracle, o.p)
}

type minGap struct {
	gap    float64
	oracle Oracle
}

func (o minGap) Judge(original, compressed Answer) Verdict {
	v := o.oracle.Judge(original, compressed)
	if v.Deviates && o.lacking(original.Scores, compressed.Scores) > 0 {
		return Verdict{}
	}
	return v
}

func (o minGap) lacking(original, compressed []float32) float64 {
	label := Label(original)
	return o.gap - (float64(original[label]) - float64(compressed[label]))
}

// Shortfall implements [Graded]: what the gap lacks, and what the compressed model lacks to contradict
// the original.
func (o minGap) Shortfall(original, compressed Answer) float64 {
	return max(o.lacking(original.Scores, compressed.Scores), 0) + contradiction(o.oracle, original, compressed)
}

func (o minGap) String() string {
	return fmt.Sprintf("%s with a gap of at least %g in the score of the original's label", o.oracle, o.gap)
}

// contradiction is the shortfall of an oracle that another one restricts. The original must stay sure
// of its label there, so for labels only the compressed model may move: an original that is about to
// change its mind is near no such deviation.
func contradiction(oracle Oracle, original, compressed Answer) float64 {
	switch o := oracle.(type) {
	case topK:
		return o.contradiction(original, compressed)
	case Graded:
		return o.Shortfall(original, compressed)
	}
	if oracle.Judge(original, compressed).Deviates {
		return 0
	}
	return 1
}

// BeyondLabels is the oracle when it is [Graded] and asks for something else than different labels: its shortfall is then
// what leads a search. It is nil otherwise, where the margins of both models do; see [Margin].
func BeyondLabels(oracle Oracle) Graded {
	switch o := oracle.(type) {
	case topK:
		if o.k == 1 {
			return nil
		}
	case labelOnly:
		return nil
	}
	graded, _ := oracle.(Graded)
	return graded
}

// Label is the label of a row of finite scores: the first index of the highest score. See [LabelOf] for others.
func Label(scores []float32) int {
	best := 0
	for i, s := range scores {
		if s > scores[best] {
			best = i
		}
	}
	return best
}

// kthScoreBelow is the k-th highest score among the labels to which the other row gives less than
// limit, counting equal ones; minus infinity where there are fewer.
func kthScoreBelow(scores []float32, k int, other []float32, limit float32) float32 {
	bound := float32(math.Inf(1))
	for k > 0 {
		best, n := float32(math.Inf(-1)), 0
		for i, s := range scores {
			switch {
			case other[i] >= limit || s >= bound:
			case s > best:
				best, n = s, 1
			case s == best:
				n++
			}
		}
		if n == 0 {
			return best
		}
		k, bound = k-n, best
	}
	return bound
}

// highestScores are the highest scores of the labels to which the other row gives at least limit, and
// of those to which it gives less; minus infinity where there are none.
func highestScores(scores, other []float32, limit float32) (atLeast, less float32) {
	atLeast, less = float32(math.Inf(-1)), float32(math.Inf(-1))
	for i, s := range scores {
		if other[i] >= limit {
			atLeast = max(atLeast, s)
		} else {
			less = max(less, s)
		}
	}
	return atLeast, less
}

// ByLabel implements [ClassOracle].
func (topK) ByLabel() bool { return true }

// ByLabel implements [ClassOracle].
func (labelOnly) ByLabel() bool { return true }

// ByLabel implements [ClassOracle].
func (minConfidence) ByLabel() bool { return true }

// ByLabel implements [ClassOracle].
func (minGap) ByLabel() bool { return true }

// ByScores reports whether an oracle compares the scores themselves, as [Tolerance] does, so that models whose labels never
// change tell something all the same.
func ByScores(oracle Oracle) bool {
	o, ok := oracle.(interface{ byScores() bool })
	return ok && o.byScores()
}
