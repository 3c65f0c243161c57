package answer

import "math"

// This file holds what leads a search along a boundary where answers are no scores of classes: signed figures, as
// [Margin] is one of labels. A shortfall is none, as it is 0 for whatever deviates.

// Measured is an optional extension of [Graded] for an oracle that measures how far apart both answers are, such as
// [Tolerance]: Excess is by how much they are farther apart than is allowed, above 0 for what deviates and 0 or below for what
// does not, in the unit of the Shortfall. It should not jump where answers change little, so that searches can tell where it is
// expected to be 0. It must be finite, and should not allocate.
type Measured interface {
	Graded
	Excess(original, compressed Answer) float64
}

// Decider is an optional extension of [Oracle] for one that compares what each model decides by itself, as labels, thresholds and
// the nearest neighbour in a gallery do: Margin is how far an answer is from another decision than that of the reference, which is
// another answer of either model. It is above 0 where both decide alike, below 0 where the answer decides otherwise, and then the
// lower the farther it is from deciding as the reference; 0 stands for an answer between two decisions. It should not jump
// where answers change little, may have any unit, must be finite, and should not allocate. Where the margins of two answers have
// different signs, the oracle has to find that they deviate, whatever the reference.
//
// An oracle that is a Decider and [Measured] too is led by its decisions.
type Decider interface {
	Oracle
	Margin(a, reference Answer) float64
}

// MeasuredOf is the oracle as a [Measured] one; nil where it is none. It sees through [Telling].
func MeasuredOf(oracle Oracle) Measured {
	switch o := oracle.(type) {
	case gradedTelling:
		return MeasuredOf(o.Oracle)
	case anyOf:
		all := anyMeasured{anyOf: o}
		for _, one := range o {
			m := MeasuredOf(one)
			if m == nil {
				return nil
			}
			all.measured = append(all.measured, m)
		}
		return all
	case Measured:
		return o
	}
	return nil
}

// DeciderOf is the oracle as a [Decider]; nil where it is none. It sees through [Telling].
func DeciderOf(oracle Oracle) Decider { return deciderOf(oracle, true) }

// DecisionsOf is DeciderOf for what one model decides: it is not nil either for oracles that compare decisions and ask for more than that
// they differ, such as [Threshold] with numbers that are apart besides, and [CTC] with edits.
func DecisionsOf(oracle Oracle) Decider { return deciderOf(oracle, false) }

// deciderOf leaves oracles out, where alone is set, that ask for more than other decisions.
func deciderOf(oracle Oracle, alone bool) Decider {
	switch o := oracle.(type) {
	case gradedTelling:
		return deciderOf(o.Oracle, alone)
	case telling:
		return deciderOf(o.Oracle, alone)
	case anyOf:
		all := anyDecider{anyOf: o}
		for _, one := range o {
			d := deciderOf(one, alone)
			if d == nil {
				return nil
			}
			all.deciders = append(all.deciders, d)
		}
		return all
	case Decider:
		if d, ok := o.(interface{ decides() bool }); ok && alone && !d.decides() {
			return nil
		}
		return o
	}
	return nil
}

// anyMeasured is [AnyOf] measured oracles: the farthest beyond counts.
type anyMeasured struct {
	anyOf
	measured []Measured
}

// Excess implements [Measured].
func (o anyMeasured) Excess(original, compressed Answer) float64 {
	most := o.measured[0].Excess(original, compressed)
	for _, m := range o.measured[1:] {
		most = max(most, m.Excess(original, compressed))
	}
	return most
}

// anyDecider is [AnyOf] deciders: their decisions together are one.
type anyDecider struct {
	anyOf
	deciders []Decider
}

// Margin implements [Decider].
func (o anyDecider) Margin(a, reference Answer) float64 {
	least := o.deciders[0].Margin(a, reference)
	for _, d := range o.deciders[1:] {
		least = min(least, d.Margin(a, reference))
	}
	return least
}

var (
	_ Measured = topK{}
	_ Measured = minConfidence{}
	_ Measured = minGap{}
	_ Measured = tolerance{}
	_ Measured = gradedOracle{}
	_ Measured = anyMeasured{}
	_ Decider  = anyDecider{}
)

// farthest stands for an excess without end, such as that of outputs of another shape.
const farthest = 1e30

// Excess implements [Measured].
func (o tolerance) Excess(original, compressed Answer) float64 {
	return min(o.find(original, compressed).far-o.measure.most, farthest)
}

// Excess implements [Measured]: a function that goes on below 0 says how far beyond 0 it is.
func (o gradedOracle) Excess(original, compressed Answer) float64 {
	switch s := o.shortfall(original, compressed); {
	case s == 0:
		return shortfallFloor
	case s < 0:
		return min(-s, farthest)
	case s > 0:
		return -min(s, farthest)
	}
	return -farthest // it is no number, which is no deviation
}

// Excess implements [Measured], in scores.
func (o topK) Excess(original, compressed Answer) float64 {
	return beyond(min(o.distance(original.Scores, compressed.Scores), o.distance(compressed.Scores, original.Scores)))
}

// Excess implements [Measured]: what is left of the confidence or of the contradiction, whichever is less.
func (o minConfidence) Excess(original, compressed Answer) float64 {
	return restricted(o.oracle, o.lacking(original.Scores), original, compressed)
}

// Excess implements [Measured]: what is left of the gap or of the contradiction, whichever is less.
func (o minGap) Excess(original, compressed Answer) float64 {
	return restricted(o.oracle, o.lacking(original.Scores, compressed.Scores), original, compressed)
}

// restricted is the excess of an oracle that another one restricts, to what lacks nothing.
func restricted(oracle Oracle, lacking float64, original, compressed Answer) float64 {
	var excess float64
	switch o := oracle.(type) {
	case topK:
		excess = beyond(o.distance(original.Scores, compressed.Scores))
	case Measured:
		excess = o.Excess(original, compressed)
	default:
		excess = -contradiction(oracle, original, compressed)
		if excess == 0 {
			excess = 1
		}
	}
	if excess > 0 && lacking <= 0 {
		return max(min(excess, -lacking), shortfallFloor)
	}
	return min(excess, -lacking)
}

// beyond is the excess of a distance to a deviation, which is below 0 where there is one.
func beyond(far float64) float64 {
	switch {
	case far < 0:
		return max(-far, shortfallFloor)
	case math.IsInf(far, 1):
		return -1
	}
	return -max(far, shortfallFloor)
}

// SidedDecider is an optional extension of [Decider] for one whose models decide by different things, such as a gallery that each embeds
// for itself: Margin is of answers of the original then, MarginOfCompressed of those of the compressed model. The reference is an
// answer of the original for both.
type SidedDecider interface {
	Decider
	MarginOfCompressed(a, reference Answer) float64
}

// Margins are those of both models' answers by a decider; the reference is an answer of the original.
func Margins(d Decider, original, compressed, reference Answer) (o, c float64) {
	if s, ok := d.(SidedDecider); ok {
		return s.Margin(original, reference), s.MarginOfCompressed(compressed, reference)
	}
	return d.Margin(original, reference), d.Margin(compressed, reference)
}

// MarginOfCompressed implements [SidedDecider].
func (o anyDecider) MarginOfCompressed(a, reference Answer) float64 {
	least := farthest
	for _, d := range o.deciders {
		if s, ok := d.(SidedDecider); ok {
			least = min(least, s.MarginOfCompressed(a, reference))
		} else {
			least = min(least, d.Margin(a, reference))
		}
	}
	return least
}
