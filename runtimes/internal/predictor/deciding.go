package predictor

import (
	"fmt"
	"math"
	"slices"
)

// evidence is what rows say that a model gave.
type evidence struct {
	rows              int
	first             []float32
	several           bool    // not all of them are the same
	low, high         float64 // of their numbers
	least, most       float64 // of their sums
	leastExp, mostExp float64 // of the sums of their exponentials
}

// add takes a row in, unless it has numbers that say nothing.
func (e *evidence) add(row []float32) {
	if !finite(row, true) {
		return
	}
	var sum, exp float64
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range row {
		low, high = min(low, float64(v)), max(high, float64(v))
		sum += float64(v)
		exp += math.Exp(float64(v))
	}
	one := evidence{rows: 1, first: slices.Clone(row), low: low, high: high, least: sum, most: sum, leastExp: exp, mostExp: exp}
	*e = e.with(one)
}

// with is both evidences together.
func (e evidence) with(more evidence) evidence {
	switch {
	case e.rows == 0:
		return more
	case more.rows == 0:
		return e
	}
	e.several = e.several || more.several || !slices.Equal(e.first, more.first)
	e.rows += more.rows
	e.low, e.high = min(e.low, more.low), max(e.high, more.high)
	e.least, e.most = min(e.least, more.least), max(e.most, more.most)
	e.leastExp, e.mostExp = min(e.leastExp, more.leastExp), max(e.mostExp, more.mostExp)
	return e
}

func span(low, high float64) string {
	if a, b := fmt.Sprintf("%.4g", low), fmt.Sprintf("%.4g", high); a != b {
		return a + ".." + b
	}
	return fmt.Sprintf("%.4g", low)
}

func (e evidence) sums() string { return span(e.least, e.most) }

func (e evidence) numbers() string { return span(e.low, e.high) }

// decision finds out what the numbers of an output are: from what the graph says about them, and from rows that the
// model gave for a few made-up inputs and for real ones. Both have to agree.
type decision struct {
	claim    claim
	told     ScoreKind // by the user; "" for not told
	numbers  int       // a row
	half     bool      // some of the graph computes with half precision
	step     float64   // of a quantised output
	trial    evidence  // of made-up inputs
	seen     evidence  // of real inputs
	question bool      // there are no real inputs yet: what is not plain stays open
	outputs  string    // of the model, for errors
}

// The options that cure what is in doubt.
const (
	sayWhat   = "say what they are with @Scores"
	rowCures  = "@Scores(@Logits) says that they are scores of classes, @Scores(@Raw) takes numbers that are none as they are, for an oracle such as answer.Tolerance or answer.NearestNeighbour, @Output(name) chooses among outputs"
	oneCures  = "@Scores(@Logits) says that it is the logit of two classes, @Scores(@Raw) takes any other number as it is, for an oracle such as answer.Tolerance or answer.Threshold, @Output(name) chooses among outputs"
	byOrder   = "@Scores(@Logits) compares the order of the classes all the same"
	asTheyAre = "@Scores(@Raw) with answer.SeveralLabels compares which of them hold, @Scores(@Probabilities) the likeliest classes all the same"
)

// decide sets the kind of the scoring, and its guard. The error is about what contradicts itself, or stays in doubt.
func (d decision) decide(s *scoring) error {
	s.kind, s.why, s.firm, s.guard = "", d.claim.ending(), true, guard{}
	switch {
	case d.told != "":
		return d.asTold(s)
	case d.claim.kind == labels:
		return fmt.Errorf("expected scores, found that %s: labels, or numbers that are in no order of classes; take an output before that one, or make one", d.claim.ending())
	case d.numbers == 1:
		return d.decideOne(s)
	}
	return d.decideRow(s)
}

// all is all evidence.
func (d decision) all() evidence { return d.trial.with(d.seen) }

// slack is by how much a number, and a sum below or above 1, may be off: by rounding, quantisation and clipping.
func (d decision) slack() (number, below, above float64) {
	base := 1e-3
	if d.half {
		base = 1e-2
	}
	step := max(d.step, d.claim.step)
	n := float64(d.numbers)
	rounding := min(1, (n/2+1)*step)
	return base + min(step, 0.5), base + rounding + d.claim.lowered, base + rounding + n*max(d.claim.raised, 0)
}

// slackOfLogs is slack for sums of exponentials.
func (d decision) slackOfLogs() (below, above float64) {
	_, base, _ := decision{half: d.half}.slack()
	n := float64(d.numbers)
	below, above = base, base+n*d.claim.raised
	if step := max(d.step, d.claim.step); step > 0 {
		below += 1 - math.Exp(-step)
		above += math.Exp(step) - 1 + n*math.Exp(-255*step)
	}
	return below, above
}

func (d decision) guarded(kind ScoreKind, summing bool, reason, cure string) guard {
	number, below, above := d.slack()
	g := guard{reason: reason, summing: summing, cure: cure}
	switch {
	case kind == LogProbabilities && summing:
		below, above = d.slackOfLogs()
		g.what, g.exponential = "logarithms of probabilities that sum to 1", true
	case kind == LogProbabilities:
		g.what, g.exponential = "logarithms of probabilities, at most 0", true
	case summing:
		g.what = "probabilities that sum to 1"
	default:
		g.what = "probabilities of 0..1"
	}
	g.low, g.high = float32(-number), float32(1+number)
	if kind == LogProbabilities {
		g.low, g.high = float32(math.Inf(-1)), float32(math.Log1p(max(number, above)))
	}
	g.least, g.most = 1-below, 1+above
	return g
}

// fits holds evidence against a guard.
func (g guard) fits(e evidence) bool {
	least, most := e.least, e.most
	if g.exponential {
		least, most = e.leastExp, e.mostExp
	}
	return e.rows == 0 || e.low >= float64(g.low) && e.high <= float64(g.high) && (!g.summing || least >= g.least && most <= g.most)
}

// found says what of the evidence does not fit.
func (g guard) found(e evidence) string {
	switch {
	case !g.summing:
		return "numbers of " + e.numbers()
	case g.exponential:
		return fmt.Sprintf("numbers of %s whose exponentials sum to %s", e.numbers(), span(e.leastExp, e.mostExp))
	}
	return fmt.Sprintf("rows of %s that sum to %s", e.numbers(), e.sums())
}

// take makes the kind that of the scoring when the evidence fits.
func (d decision) take(s *scoring, kind ScoreKind, g guard) error {
	s.kind, s.guard = kind, g
	if e := d.all(); !g.fits(e) {
		return fmt.Errorf("expected %s, since %s, found %s; %s", g.what, g.reason, g.found(e), g.cure)
	}
	return nil
}

// asTold believes the user as far as the numbers allow.
func (d decision) asTold(s *scoring) error {
	s.why = "as @Scores says"
	if d.told == Logits {
		s.kind = d.told
		return nil
	}
	// Several sigmoids need not sum to 1. Only where the graph says that rows do must they.
	summing := d.numbers > 1 && (d.told == Probabilities && d.claim.kind == distribution || d.told == LogProbabilities && d.claim.kind == logs)
	reason := "@Scores says so"
	if summing {
		reason += " and " + d.claim.ending()
	}
	g := d.guarded(d.told, summing, reason, byOrder)
	if d.numbers == 1 {
		g.cure = "a logit is @Scores(@Logits)"
	}
	return d.take(s, d.told, g)
}

// decideOne decides about one number an input.
func (d decision) decideOne(s *scoring) error {
	e, c := d.all(), d.claim
	const cure = "say what it is with @Scores"
	number, _, _ := d.slack()
	switch {
	case c.kind == distribution || c.kind == separate || c.within():
		if c.kind != distribution && c.kind != separate {
			s.why += ", which keeps it within 0..1"
		}
		return d.take(s, Probabilities, d.guarded(Probabilities, false, s.why, cure))
	case c.kind == logs || c.kind == separateLogs:
		return d.take(s, LogProbabilities, d.guarded(LogProbabilities, false, s.why, cure))
	case c.kind == derived || c.kind == derivedLogs:
		return fmt.Errorf("expected one probability or one logit, found a number that is made of probabilities and is not one itself: %s; %s", s.why, cure)
	case c.low >= 0 || c.high <= 0:
		return fmt.Errorf("expected one probability or one logit, found a number that is never %s 0: %s; the model has %s; %s",
			map[bool]string{true: "below", false: "above"}[c.low >= 0], s.why, d.outputs, oneCures)
	case c.kind == linear:
		return fmt.Errorf("expected to see what the one number of the output is, found the sum of a layer with weights, which may be a logit or the value of a regression: %s; the model has %s; %s", s.why, d.outputs, oneCures)
	}
	s.firm = false
	inside := e.rows > 0 && e.low >= -number && e.high <= 1+number
	switch {
	case e.rows > 0 && !inside:
		return fmt.Errorf("expected to see what the one number of the output is, found numbers of %s, which may be logits or values of another kind: %s; the model has %s; %s", e.numbers(), s.why, d.outputs, oneCures)
	case d.question || e.rows == 0:
	default:
		return fmt.Errorf("expected to see whether the one number of the output is a probability or a logit, found %s always, and %s; %s", e.numbers(), s.why, cure)
	}
	return nil
}

// decideRow decides about several numbers an input.
func (d decision) decideRow(s *scoring) error {
	e, c := d.all(), d.claim
	probabilities := d.guarded(Probabilities, true, c.ending(), byOrder)
	logarithms := d.guarded(LogProbabilities, true, c.ending(), byOrder)
	sums := e.rows > 0 && probabilities.fits(e)
	sumsOfLogs := e.rows > 0 && e.low < 0 && logarithms.fits(e)
	separately := func() error {
		return fmt.Errorf("expected the scores of one distribution, found several numbers that are each a probability of their own: %s, and rows sum to %s; classes that do not exclude each other are no distribution; %s",
			c.ending(), e.sums(), asTheyAre)
	}
	summed := func(kind ScoreKind) {
		s.kind, s.guard = kind, probabilities
		s.why = c.ending() + ", and rows sum to 1"
		if kind == LogProbabilities {
			s.guard, s.why = logarithms, c.ending()+", and the exponentials of rows sum to 1"
		}
		s.guard.reason = s.why
	}
	switch c.kind {
	case distribution:
		if e.rows > 0 {
			s.why += ", and rows sum to 1"
		}
		return d.take(s, Probabilities, probabilities)
	case logs:
		return d.take(s, LogProbabilities, logarithms)
	case separate, derived, separateLogs, derivedLogs:
		switch {
		case e.rows == 0:
		case sums:
			summed(Probabilities)
		case sumsOfLogs:
			summed(LogProbabilities)
		case c.kind == separate:
			return separately()
		default:
			return fmt.Errorf("expected the scores of one distribution, found numbers that are made of probabilities and do not sum to 1: %s, and rows of %s sum to %s; %s",
				c.ending(), e.numbers(), e.sums(), sayWhat)
		}
		return nil
	case linear:
		s.kind = Logits
		switch {
		case e.rows == 0:
		case !sums:
			s.why += ", and rows do not sum to 1"
		case d.seen.several:
			return fmt.Errorf("expected logits, since %s, found that all rows lie in 0..1 and sum to 1, as probabilities do; %s", c.ending(), sayWhat)
		}
		return nil
	}
	return d.decideByNumbers(s, summed, separately)
}

// decideByNumbers decides where no operator tells.
func (d decision) decideByNumbers(s *scoring, summed func(ScoreKind), separately func() error) error {
	s.firm = false
	probabilities, logarithms := d.guarded(Probabilities, true, "", ""), d.guarded(LogProbabilities, true, "", "")
	e := d.all()
	sum := func(e evidence) bool { return probabilities.fits(e) }
	logs := func(e evidence) bool { return e.low < 0 && logarithms.fits(e) }
	inside := e.low >= float64(probabilities.low) && e.high <= float64(probabilities.high)
	_, below, above := d.slack()
	exact := max(below, above) < farOutside // steps are so small that a sum of 1 says something
	switch {
	case e.rows == 0:
	case sum(e):
		summed(Probabilities)
	case logs(e):
		summed(LogProbabilities)
	case d.question && inside:
	case exact && d.trial.rows > 0 && d.seen.rows > 0 && sum(d.trial) != sum(d.seen):
		of, not := d.trial, d.seen
		names := [2]string{"made-up inputs", "real inputs"}
		if sum(d.seen) {
			of, not = not, of
			names[0], names[1] = names[1], names[0]
		}
		return fmt.Errorf("expected to see what the scores are, found that rows of %s sum to %s and those of %s to %s, while %s; %s",
			names[0], of.sums(), names[1], not.sums(), s.why, sayWhat)
	case inside && d.claim.within():
		return separately()
	case inside:
		return fmt.Errorf("expected to see what the scores are, found numbers within 0..1 (%s) whose rows sum to %s, neither a distribution nor plainly logits, while %s; %s",
			e.numbers(), e.sums(), s.why, sayWhat)
	case !d.claim.weighed:
		return fmt.Errorf("expected scores of classes, found rows of %s that sum to %s and that no layer with weights makes, which may be logits, features, an embedding or values of another kind: %s; the model has %s; %s",
			e.numbers(), e.sums(), s.why, d.outputs, rowCures)
	default:
		s.kind, s.why = Logits, s.why+", and rows do not sum to 1"
	}
	return nil
}

// farOutside is beyond what arithmetic on quantised probabilities may come to.
const farOutside = 0.5

// agrees tells why the scores of two models of a pair cannot be held against each other.
func (s *scoring) agrees(other *scoring, e evidence, name, otherName string) error {
	if s.kind != "" && other.kind != "" && (s.kind == Raw) != (other.kind == Raw) {
		return fmt.Errorf("expected both models of the pair to give scores of classes or both raw numbers, found %s in %s, and %s in %s; give @Scores(@Raw) outside of @Original and @Compressed, or not at all",
			s, name, other, otherName)
	}
	if s.kind == other.kind || s.kind == "" || other.kind == "" || s.firm || s.kind != Logits {
		return nil
	}
	if e.low < -farOutside || e.high > 1+farOutside {
		return nil
	}
	return fmt.Errorf("expected to see what the scores are, found numbers of %s in %s, while those of %s are %s; %s",
		e.numbers(), name, otherName, other, sayWhat)
}
