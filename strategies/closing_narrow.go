package strategies

import (
	"slices"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
)

// narrowHits is what closing in needs where the gap is narrow. Both models' margins are as good as the same there: the original alone
// is asked wherever no hit is looked for, for half the price, and the gap on the ray to the base is found as on a [narrowWay].
type narrowHits struct {
	way   narrowWay
	leads []float64 // at the base
	apart []float64 // nil where the original alone was asked
	vain  bool      // the gap on the ray to the base was not found
}

// note takes note of what the base's answers say.
func (n *narrowHits) note(e *engine.Evaluation, label int, original bool) {
	n.leads, n.apart = leadsAndApart(e, label, original)
	n.vain = false
}

// leadsAndApart are what a [narrowWay] knows of an evaluated input.
func leadsAndApart(e *engine.Evaluation, label int, original bool) (leads, apart []float64) {
	var p point
	if p.logs.of(e); !original {
		apart = apartOf(p, label)
	}
	return leadsOf(p.logs[0], label), apart
}

// hitOnRay begins to look for the gap on the ray, of which a place at 1 is known.
func (c *closer) hitOnRay(at input.Input, leads, apart []float64) {
	n := &c.narrow
	if n.way.write == nil {
		n.way.label = c.s.gauge.label
		n.way.write = func(dst input.Input, t float64) { c.at(dst, c.ray, t) }
	}
	n.way.begin(c.s.seed, 1, leads, apart, at)
}

// askOnRay are the next candidates on the ray, none where it is given up.
func (c *closer) askOnRay() []input.Input {
	c.input(1)
	asked := c.narrow.way.ask(c.asked)
	if len(asked) == 0 {
		c.narrow.vain = c.narrow.vain || !c.fromRace
		c.state, c.since, c.fromRace = probing, 0, false
		c.giveBack()
	}
	return asked
}

// tellOnRay takes both models' answers to them.
func (c *closer) tellOnRay(evaluations []engine.Evaluation) {
	i := slices.IndexFunc(evaluations, func(e engine.Evaluation) bool { return e.Verdict.Deviates })
	if i < 0 {
		c.narrow.way.tell(evaluations)
		return
	}
	c.narrow.way.asked = nil
	e := &evaluations[i]
	c.moveTo(e, c.margins(e).mean())
	c.hitMade()
}

// askOriginal are candidates for the original alone: all that are not expected to be hits.
func (c *closer) askOriginal(limit int) []input.Input {
	if c.scale == nil || !c.s.narrow && (!c.alike || c.state == following || c.state == hitting || c.s.unseen(c.best)) {
		return nil
	}
	c.original = true
	asked := c.ask(limit / 2)
	if c.state == following || c.state == hitting && (c.narrow.way.both || !c.s.narrow) {
		c.original = false
		return nil
	}
	return asked
}

// tellOriginal takes the original's answers to them.
func (c *closer) tellOriginal(answers []answer.Answer) {
	defer func() { c.original = false }()
	if c.state == hitting && c.s.narrow {
		c.since++
		c.narrow.way.tellOriginal(answers)
		c.giveBack()
		return
	}
	c.tell(c.ofOriginal(answers))
}

// ofOriginal are evaluations of what was asked, of which the original's answers are known.
func (c *closer) ofOriginal(answers []answer.Answer) []engine.Evaluation {
	evaluations := make([]engine.Evaluation, len(answers))
	for i, a := range answers {
		e := &evaluations[i]
		e.Input, e.Original, e.Compressed, e.Verdict.Kind = c.asked[i], a, a, answer.OtherAnswer
		if len(a.Scores) == 0 {
			e.Original, e.Compressed, e.Verdict.Kind = c.s.task.Seed.Original, c.s.task.Seed.Compressed, answer.Unusable
		}
	}
	return evaluations
}
