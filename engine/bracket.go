package engine

import "math"

// margin is how far label is ahead of every other one, as a difference of log scores: above 0 while the
// model answers with the label, below 0 when another label is ahead.
func margin(scores []float32, label int) float64 {
	return logScore(scores[label]) - logScore(highestOther(scores, label))
}

// leastScore stands for scores that were rounded to 0.
const leastScore = 1e-12

func logScore(score float32) float64 { return math.Log(max(float64(score), leastScore)) }

// point is a place on a path, with the margins of both models for the seed's label there.
type point struct{ t, original, compressed float64 }

// near reports whether the point lies on the seed's side of both boundaries. In a tie of the original
// the compressed model decides.
func (p point) near() bool {
	return p.original > 0 || p.original == 0 && p.compressed > 0
}

// mean is the mean of both margins: 0 at about the middle of the gap between the boundaries.
func (p point) mean() float64 { return (p.original + p.compressed) / 2 }

const (
	// straightens is the margin beyond which more of it counts for less: margins are steep where a
	// model is sure, and nearly linear around 0.
	straightens = 10
	// bisectEvery is how often the middle of a bracket is taken for safety.
	bisectEvery = 12
	// mostSteps ends a bracket whose gap is too narrow to be met.
	mostSteps = 12
	// leansTo is where on a path the first guess, between its very ends, is drawn to, and leans by which share of the
	// way. Models stay sure of themselves for longer than even straightened margins tell: on 12 pairs for MNIST and
	// CIFAR-10 crossings interpolated at 0.25 lay at 0.33 to 0.44, those at 0.55 at 0.55 to 0.64.
	leansTo, leans = 0.7, 0.3
)

// straight maps margins such that they fall along a path more evenly.
func straight(margin float64) float64 { return math.Asinh(margin / straightens) }

// bracket narrows the piece of a path in which both models' boundaries lie: at its near end both
// give the seed's label, at its far end neither does. Each crossing is estimated by the Illinois
// variant of regula falsi (Dowell and Jarratt, BIT 11, 1971), on straightened margins; the gap between
// the two crossings is where the pair deviates, and its middle is the next place to try, the first time a little
// later. When only labels are known, and now and then for safety, the middle of the bracket is.
type bracket struct {
	near, far     point
	atNear, atFar [2]float64 // straightened margins, lowered by the Illinois rule
	labelsOnly    bool
	steps         int
	nearLast      bool // the latest point became the near end
}

func newBracket(near, far point, labelsOnly bool) bracket {
	return bracket{near: near, far: far, atNear: near.straight(), atFar: far.straight(), labelsOnly: labelsOnly}
}

func (p point) straight() [2]float64 { return [2]float64{straight(p.original), straight(p.compressed)} }

// next is where to look next.
func (b *bracket) next() float64 {
	if b.labelsOnly || b.steps%bisectEvery == bisectEvery-1 {
		return (b.near.t + b.far.t) / 2
	}
	t := (b.crossing(0) + b.crossing(1)) / 2
	if b.steps == 0 {
		t += leans * (b.near.t + leansTo*(b.far.t-b.near.t) - t)
	}
	return t
}

// gap is the expected distance between the crossings of the two models.
func (b *bracket) gap() float64 { return math.Abs(b.crossing(0) - b.crossing(1)) }

// tied reports whether a model's two best labels are level at both ends. Scores of few bits, as those of 8-bit models,
// stay level for a stretch: between the ends there is no gap then. A bracket without steps knows nothing of that.
func (b *bracket) tied() bool {
	return b.steps > 0 && (b.near.original == 0 && b.far.original == 0 || b.near.compressed == 0 && b.far.compressed == 0)
}

// crossing estimates where the margin of a model (0: original, 1: compressed) is 0.
func (b *bracket) crossing(model int) float64 {
	n, f := b.atNear[model], b.atFar[model]
	if !(n > f) {
		return (b.near.t + b.far.t) / 2
	}
	const inside = 0.01 // an end itself would teach nothing
	share := min(max(n/(n-f), inside), 1-inside)
	return b.near.t + share*(b.far.t-b.near.t)
}

// add takes a point inside the bracket as its new end.
func (b *bracket) add(p point) {
	near := p.near()
	if near {
		b.near, b.atNear = p, p.straight()
	} else {
		b.far, b.atFar = p, p.straight()
	}
	if b.steps > 0 && near == b.nearLast {
		for model := range 2 {
			if near {
				b.atFar[model] /= 2
			} else {
				b.atNear[model] /= 2
			}
		}
	}
	b.nearLast = near
	b.steps++
}
