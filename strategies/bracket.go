package strategies

import (
	"math"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
)

// logScores are the log scores that both models give to every label.
type logScores [2][]float64

// of fills in the log scores of an evaluation.
func (l *logScores) of(e *engine.Evaluation) {
	for side, scores := range [2][]float32{e.Original.Scores, e.Compressed.Scores} {
		l[side] = l[side][:0]
		for _, v := range scores {
			l[side] = append(l[side], answer.LogScore(v))
		}
	}
}

// point is a place on a path, with the margins of both models for the seed's label there and, where they are of use,
// with the log scores that these come from.
type point struct {
	t, original, compressed float64
	logs                    logScores
}

// near reports whether the point lies on the seed's side of both boundaries. In a tie of the original
// the compressed model decides.
func (p point) near() bool {
	return p.original > 0 || p.original == 0 && p.compressed > 0
}

// mean is the mean of both margins: 0 at about the middle of the gap between the boundaries.
func (p point) mean() float64 { return (p.original + p.compressed) / 2 }

const (
	// bisectEvery is how often the middle of a bracket is taken for safety.
	bisectEvery = 12
	// mostSteps ends a bracket whose gap is too narrow to be met.
	mostSteps = 12
	// leansTo is where on a path the first guess, between its very ends, is drawn to, and leans by which share of the
	// way: what two far ends tell of a crossing between them holds for a part of its spread only. (On 13 pairs for MNIST
	// and CIFAR-10 crossings lay at 0.07 to 0.21 + 0.57 to 0.80 times the guess.)
	leansTo, leans = 0.6, 0.3
	// afterFar is by which share of the way to the far end the second guess is later when the first one came to lie
	// beyond the gap: models give in at once rather than evenly.
	afterFar = 0.1
	// inside is how far from the ends of a bracket a crossing is expected at least, as a share of it: an end itself would teach nothing.
	inside = 0.01
	// noGap is the gap, as a share of a bracket, that is as good as none: models that compute alike differ by rounding.
	noGap = 1e-6
	// lowers is what is left of an end's margins when the other end moves twice in a row. The Illinois rule halves
	// them, which is for functions more bent than margins are, class by class.
	lowers = 0.9
)

// bracket narrows the piece of a path in which both models' boundaries lie: at its near end both
// give the seed's label, at its far end neither does. Each crossing is estimated by regula falsi with a milder form of
// the Illinois rule (Dowell and Jarratt, BIT 11, 1971), class by class: the seed's label gives in where the first
// other one overtakes it, and that need not be the one that is ahead at either end. The gap between
// the two crossings is where the pair deviates, and its middle is the next place to try. When only labels are known,
// and now and then for safety, the middle of the bracket is.
type bracket struct {
	label      int
	near, far  point
	weights    [2]float64 // of the margins at the near and at the far end
	labelsOnly bool
	steps      int
	nearLast   bool // the latest point became the near end
}

// between starts a new bracket. It keeps copies of the ends.
func (b *bracket) between(near, far point) {
	b.near.keep(near)
	b.far.keep(far)
	b.reset()
}

func (b *bracket) reset() { b.weights, b.steps, b.nearLast = evenly, 0, false }

// evenly are the weights of a bracket that begins.
var evenly = [2]float64{1, 1}

// keep copies another point.
func (p *point) keep(q point) {
	logs := p.logs
	*p, p.logs = q, logs
	for side := range p.logs {
		p.logs[side] = append(p.logs[side][:0], q.logs[side]...)
	}
}

// next is where to look next.
func (b *bracket) next() float64 {
	if b.labelsOnly || b.steps%bisectEvery == bisectEvery-1 {
		return (b.near.t + b.far.t) / 2
	}
	original, compressed := b.crossings()
	t := (original + compressed) / 2
	switch {
	case b.steps == 0:
		t += leans * (b.near.t + leansTo*(b.far.t-b.near.t) - t)
	case b.steps == 1 && !b.nearLast:
		t += afterFar * (b.far.t - t)
	}
	return t
}

// crossings are where the margins of both models are expected to be 0.
func (b *bracket) crossings() (original, compressed float64) {
	within := b.far.t - b.near.t
	return b.near.t + within*b.share(0, b.near.original, b.far.original),
		b.near.t + within*b.share(1, b.near.compressed, b.far.compressed)
}

// share is how far within the bracket a model's margin, of which the values at both ends are given, is expected to be 0.
func (b *bracket) share(side int, near, far float64) float64 {
	if !(near > far) {
		return 0.5
	}
	first := near * b.weights[0] / (near*b.weights[0] - far*b.weights[1])
	if n, f := b.near.logs[side], b.far.logs[side]; len(n) > 0 && len(n) == len(f) {
		first = 1
		for label := range n {
			ahead, behind := n[b.label]-n[label], f[label]-f[b.label]
			if behind > 0 {
				ahead = max(ahead, 0) * b.weights[0]
				first = min(first, ahead/(ahead+behind*b.weights[1]))
			}
		}
	}
	return min(max(first, inside), 1-inside)
}

// tied reports whether a model's two best labels are level at both ends. Scores of few bits, as those of 8-bit models,
// stay level for a stretch: between the ends there is no gap then. A bracket without steps knows nothing of that.
func (b *bracket) tied() bool {
	return b.steps > 0 && (b.near.original == 0 && b.far.original == 0 || b.near.compressed == 0 && b.far.compressed == 0)
}

// gapless reports whether both boundaries are expected in the very same place: what sets the models apart does not show between the ends.
func (b *bracket) gapless() bool {
	if b.labelsOnly {
		return false
	}
	original, compressed := b.share(0, b.near.original, b.far.original), b.share(1, b.near.compressed, b.far.compressed)
	return original > inside && original < 1-inside && math.Abs(original-compressed) <= noGap
}

// add takes a point inside the bracket as its new end.
func (b *bracket) add(p point) {
	near := p.near()
	end, other := &b.far, 0
	if near {
		end, other = &b.near, 1
	}
	end.keep(p)
	b.weights[1-other] = 1
	if b.steps > 0 && near == b.nearLast {
		b.weights[other] *= lowers
	}
	b.nearLast = near
	b.steps++
}
