package strategies

import (
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
)

// gauge tells how near both models are to where the seed's side ends: by their margins, which are above 0 on it. There are
// two sorts of ends. Where each model decides by itself, by labels or as an [answer.Decider], each has a boundary of its own, and the
// pair deviates between the two. Otherwise what is measured is how far apart both answers are, and the pair deviates
// beyond one boundary: both margins are the same then.
type gauge struct {
	sort      gaugeSort
	label     int // of the seed
	decider   answer.Decider
	reference answer.Answer // of the seed
	measured  answer.Measured
	oracle    answer.Oracle
	scale     float64 // of margins that are no differences of log scores
}

type gaugeSort uint8

const (
	byLabels    gaugeSort = iota
	byDecisions           // of an [answer.Decider]
	byExcess              // of an [answer.Measured]
	byShortfall           // of an [answer.Graded], which has no sign: it goes to 0
	byVerdict             // the pair deviates or not
)

const (
	// usualMargin is what the margin of a seed counts as where its unit may be any, so that parameters that are
	// differences of log scores have a meaning.
	usualMargin = 6.0
	// faintMargin is what a margin counts as at least that an oracle's figure has not, for the verdict is what counts.
	faintMargin = 1e-9
)

// newGauge is what leads the search of a seed for a deviation.
func newGauge(task engine.Task) gauge {
	if task.OfClasses() {
		return gauge{sort: byLabels, label: answer.Label(task.Seed.Original.Scores)}
	}
	if d := answer.DeciderOf(task.Oracle); d != nil {
		g := gauge{sort: byDecisions, decider: d, reference: task.Seed.Original, scale: 1}
		o, c := g.of(&task.Seed)
		if o > 0 && c > 0 { // else the oracle contradicts itself, as the seed does not deviate
			g.scale = usualMargin / max((o+c)/2, faintMargin)
			return g
		}
	}
	return newDistanceGauge(task)
}

// newDistanceGauge is what leads a search by the oracle's own figures, whatever the answers are.
func newDistanceGauge(task engine.Task) gauge {
	g := gauge{oracle: task.Oracle, scale: 1}
	if g.measured = answer.MeasuredOf(task.Oracle); g.measured != nil {
		g.sort = byExcess
	} else if _, graded := task.Oracle.(answer.Graded); graded {
		g.sort = byShortfall
	} else {
		g.sort, g.scale = byVerdict, usualMargin
		return g
	}
	lacks, _ := g.of(&task.Seed)
	g.scale = usualMargin / max(lacks, faintMargin)
	return g
}

// twoSided reports whether each model has a boundary of its own, between which the pair deviates.
func (g *gauge) twoSided() bool { return g.sort <= byDecisions }

// of are the margins of both models.
func (g *gauge) of(e *engine.Evaluation) (original, compressed float64) {
	switch g.sort {
	case byLabels:
		return answer.Margin(e.Original.Scores, g.label), answer.Margin(e.Compressed.Scores, g.label)
	case byDecisions:
		if e.Verdict.Kind != answer.OtherAnswer {
			return g.scale, g.scale
		}
		original, compressed = answer.Margins(g.decider, e.Original, e.Compressed, g.reference)
		return g.scale * original, g.scale * compressed
	}
	lacks := g.lacks(e)
	return lacks, lacks
}

// lacks is what is lacking to a deviation, and below 0 for one.
func (g *gauge) lacks(e *engine.Evaluation) float64 {
	deviates := e.Verdict.Deviates
	var lacks float64
	switch {
	case e.Verdict.Kind != answer.OtherAnswer: // nothing can be told of it
		return g.scale
	case g.sort == byExcess:
		lacks = -g.measured.Excess(e.Original, e.Compressed)
	case g.sort == byShortfall && !deviates:
		lacks = engine.Shortfall(g.oracle, e)
	case deviates:
		lacks = -1
		if g.sort == byShortfall {
			return -usualMargin
		}
	default:
		lacks = 1
	}
	if lacks *= g.scale; deviates {
		return min(lacks, -faintMargin)
	}
	return max(lacks, faintMargin)
}
