package strategies

import (
	"cmp"
	"math"
	"slices"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/vec"
)

// Parameters of closing in along tangents, chosen on the embedded pairs and the zoo's, on other seeds than those of docs/results.
const (
	tangentsAtWork = 50   // queries from which on they serve: with fewer, too little is measured
	wavesLater     = 40   // measured before each step but the first
	fewestWaves    = 10   // for which another step is taken
	forCrossing    = 36   // queries that are kept for crossings of the boundary
	forAnother     = 12   // where one was crossed already
	mostPlanned    = 3    // rivals of which a step is planned, the nearest ones by what was measured
	reachable      = 1.25 // how much longer than expected a step may be up to the boundary
	nearerBoundary = 0.99 // share of the best distance of the boundary which another one is to come to
	stepsOnLine    = 7    // queries of the original on the way to a boundary
	closeOnLine    = 0.06 // distance of both sides of it, as a share of the way
	farthestLine   = 8.0  // length of the way, relative to where the boundary was expected
	ordersInVain   = 8    // orders of pixels with nothing new in them after which a crossing is given up
)

// tangentShares are how much of the way from the step that is next to the base to the one that is next to the seed is tried, relative to the stride.
var tangentShares = [...]float64{1, 0.5, 0.2}

// tangentCloser brings a trigger nearer to its seed by its L2 distance. Near the seed lies a boundary of the original, and a trigger at it, where compression has moved it: the original alone is
// asked how its scores change around a base, at first the seed itself (see [cosines]). The nearest place of the tangent, where the linear model has two labels
// level, is the seed less so much of the gradient, within the domain; on the way there the boundary is looked for, and its place is the next
// base. Boundaries are bent, and steps that go too far are made shorter. At last the gap is crossed by pixels (see [crossing]).
//
// The steps are those of DeepFool (Moosavi-Dezfooli et al., CVPR 2016), with gradients from answers as in HopSkipJump (Chen et al., S&P 2020), which has decisions
// in the place of scores, random directions in the place of chosen ones, and begins each estimate anew.
type tangentCloser struct {
	soundings
	first engine.Evaluation
	rest  closingIn // that goes on where tangents do not serve

	state  tangentState
	stride float64 // of steps towards the place next to the seed
	shares []float64
	tried  [][]float64 // changes of the seed
	line   tangentLine

	near, far input.Input // the nearest place of the boundary: its two sides
	best      float64     // its distance; infinite where none is known
	checked   bool        // both models were asked about one
	fresh     bool        // it was not crossed yet
	crossed   bool        // one was
	over      bool        // no more steps are to be taken
	crossing  crossing
	path      path
	bracket   bracket
	t         float64 // of the candidate
	exchanged int     // pixels in it
}

// tangentLine is the way from the seed along a change, on which the boundary is looked for.
type tangentLine struct {
	change                []float64
	t                     float64 // of the candidate
	near, far             float64 // places on both sides; 0 where none is known
	nearMargin, farMargin float64
	leads                 []float64 // at the near one
	steps                 int
}

type tangentState uint8

const (
	measuringWaves tangentState = iota
	tryingSteps
	onLine
	boundaryFound
	crossingByPixels
)

var (
	_ closingIn     = (*tangentCloser)(nil)
	_ originalAsker = (*tangentCloser)(nil)
)

// newTangentCloser is nil where tangents do not serve: for other aims, and where slopes are not measured.
func newTangentCloser(s *boundarySearcher) *tangentCloser {
	if s.task.Aim != distance.NearestL2 {
		return nil
	}
	soundings, ok := newSoundings(s)
	if !ok {
		return nil
	}
	return &tangentCloser{soundings: soundings, best: math.Inf(1), stride: 1}
}

// otherwise goes on without tangents.
func (c *tangentCloser) otherwise() {
	if boxes := newShrinkingCloser(c.s); boxes != nil {
		boxes.begin(&c.first)
		c.rest = boxes
	} else {
		c.rest = closerFrom(c.s, &c.first)
	}
	c.cosines, c.base, c.near, c.far, c.line = nil, input.Input{}, input.Input{}, input.Input{}, tangentLine{}
}

// giveBack gives back what is needed from being asked to being told.
func (c *tangentCloser) giveBack() {
	c.soundings.giveBack(c.line.change)
	c.tried = c.tried[:0]
}

// askOriginal implements [originalAsker].
func (c *tangentCloser) askOriginal(limit int) []input.Input {
	if c.first.Input.Data == nil { // it is yet to be told
		return nil
	}
	if c.rest == nil && c.cosines == nil {
		if limit/2 < tangentsAtWork {
			c.otherwise()
		} else {
			c.begin()
		}
	}
	if c.rest != nil {
		if asker, ok := c.rest.(originalAsker); ok {
			return asker.askOriginal(limit)
		}
		return nil
	}
	for {
		switch c.state {
		case measuringWaves:
			if asked := c.askWaves(min(limit, c.left)); len(asked) > 0 {
				return asked
			}
			c.plan()
			if c.state = tryingSteps; len(c.tried) == 0 {
				c.state, c.over = boundaryFound, true
			}
		case tryingSteps:
			for i, change := range c.tried {
				c.at(c.candidate(i), change, 1)
			}
			return c.candidates[:min(limit, len(c.tried))]
		case onLine:
			c.at(c.candidate(0), c.line.change, c.line.t)
			return c.candidates[:1]
		case boundaryFound:
			if c.over || !c.checked && c.best < math.Inf(1) {
				return nil
			}
			kept := forCrossing
			if c.crossed {
				kept = forAnother
			}
			if c.left = min(wavesLater, 2*(limit/2-kept)); c.left < fewestWaves {
				c.over = true
				return nil
			}
			c.state = measuringWaves
		default:
			return nil
		}
	}
}

// tellOriginal implements [originalAsker].
func (c *tangentCloser) tellOriginal(answers []answer.Answer) {
	if c.rest != nil {
		c.rest.(originalAsker).tellOriginal(answers)
		return
	}
	switch c.state {
	case measuringWaves:
		c.tellWaves(answers)
	case tryingSteps:
		c.tellTried(answers)
	default:
		c.tellOnLine(answers[0])
	}
	if c.state != onLine {
		c.line.change = nil
	}
	c.giveBack()
}

// plan lines up changes by which the linear model has the nearest rival level with the seed's label.
func (c *tangentCloser) plan() {
	seed := c.s.task.Seed.Input
	gradients := c.cosines.gradients(len(c.rivals))
	var nearest []int
	far := make([]float64, len(c.rivals))
	for r := range c.rivals {
		if far[r] = c.seedLeads[r] / gradients[r].length(); far[r] < math.Inf(1) {
			nearest = append(nearest, r)
		}
	}
	slices.SortStableFunc(nearest, func(a, b int) int { return cmp.Compare(far[a], far[b]) })
	away, direct, other, step := c.vectors.take(), c.vectors.take(), c.vectors.take(), c.vectors.take()
	for i, v := range seed.Data {
		away[i] = float64(v) - float64(c.base.Data[i])
	}
	slopes, best, shortest := c.vectors.take(), c.vectors.take(), math.Inf(1)
	for _, r := range nearest[:min(len(nearest), mostPlanned)] {
		c.cosines.compose(slopes, gradients[r])
		lead := c.leads[r] + vec.Dot(slopes, away) // at the seed, by what is known around the base
		if lead <= 0 {
			lead = c.seedLeads[r]
		}
		if c.fall(other, slopes, seed.Data, lead) {
			if length := vec.Dot(other, other); length < shortest {
				shortest, c.rival = length, r
				direct, other = other, direct
				best, slopes = slopes, best
			}
		}
	}
	if shortest == math.Inf(1) {
		return
	}
	if vec.Dot(away, away) == 0 {
		c.tried, c.shares = append(c.tried, direct), append(c.shares[:0], 1)
		return
	}
	if !c.fall(step, best, c.base.Data, max(c.leads[c.rival], 0)) {
		return
	}
	vec.AddScaled(step, -1, away)
	c.shares = c.shares[:0]
	for _, share := range tangentShares {
		share *= c.stride
		change := c.vectors.take()
		for i := range change {
			change[i] = float64(share*direct[i]) + float64((1-share)*step[i])
		}
		c.tried, c.shares = append(c.tried, change), append(c.shares, share)
	}
}

// fall writes the shortest change of values, within their ends, by which a lead falls to 0 by its slopes. It is false where none does.
func (c *tangentCloser) fall(dst, slopes []float64, from []float32, lead float64) bool {
	write := func(k float64) (fallen float64) {
		for i, slope := range slopes {
			low, high := c.ends(i)
			at := float64(from[i])
			dst[i] = min(max(float64(-k*slope), float64(low)-at), float64(high)-at)
			fallen -= float64(dst[i] * slope)
		}
		return fallen
	}
	if lead == 0 {
		clear(dst)
		return true
	}
	const doublings, halvings = 12, 20
	least, most := 0.0, lead/vec.Dot(slopes, slopes)
	if math.IsInf(most, 1) {
		return false
	}
	for range doublings {
		if write(most) >= lead {
			break
		}
		least, most = most, 2*most
	}
	for range halvings {
		if k := (least + most) / 2; write(k) >= lead {
			most = k
		} else {
			least = k
		}
	}
	return write(most) > 0
}

// at writes the seed, changed by t times that.
func (c *tangentCloser) at(dst input.Input, change []float64, t float64) {
	for i, v := range c.s.task.Seed.Input.Data {
		dst.Data[i] = c.snap(i, float64(v)+float64(t*change[i]))
	}
}

// tellTried goes on along the change that is expected to come to the boundary first. Before any boundary is known, and where none is near, it moves on to where the
// seed's label is least ahead.
func (c *tangentCloser) tellTried(answers []answer.Answer) {
	best, shortest := -1, math.Inf(1)
	lowest, margin := -1, slices.Min(c.leads)
	for i, a := range answers {
		if len(a.Scores) == 0 {
			continue
		}
		m := c.loss.margin(a.Scores)
		if m > 0 && m < margin {
			lowest, margin = i, m
		}
		const flat = 0.95 // share of the seed's margin: what leaves more leads nowhere
		if m >= flat*c.seedMargin {
			continue
		}
		reach := c.seedMargin / (c.seedMargin - m)
		if length := reach * math.Sqrt(vec.Dot(c.tried[i], c.tried[i])); reach < reachable && length < shortest {
			best, shortest = i, length
		}
	}
	c.state = boundaryFound
	switch {
	case best < 0 && lowest >= 0 && math.IsInf(c.best, 1):
		c.moveTo(c.candidates[lowest], c.leadsOf(answers[lowest]))
		return
	case best < 0 || shortest > nearerBoundary*c.best:
		c.stride = max(0.4*c.stride, 0.05)
		return
	case best == 0:
		c.stride = min(1, 1.5*c.stride)
	case best == 1:
		c.stride *= 0.6
	default:
		c.stride *= 0.3
	}
	c.state, c.line = onLine, tangentLine{change: c.tried[best], t: 1, nearMargin: c.seedMargin}
	c.tellOnLine(answers[best])
}

// tellOnLine narrows the piece of the way in which the boundary lies.
func (c *tangentCloser) tellOnLine(a answer.Answer) {
	l := &c.line
	l.steps++
	if len(a.Scores) == 0 {
		c.endLine()
		return
	}
	if m := c.loss.margin(a.Scores); m > 0 {
		l.near, l.nearMargin, l.leads = l.t, m, c.leadsOf(a)
	} else {
		l.far, l.farMargin = l.t, m
	}
	const beside = 0.3 * closeOnLine // of where the boundary is expected: both of its sides are wanted
	if l.far == 0 {
		grows, most := math.Inf(1), 1.6
		if l.nearMargin < c.seedMargin { // margins fall slower and slower
			grows = c.seedMargin / (c.seedMargin - l.nearMargin) * (1 + float64(beside*math.Exp2(float64(l.steps))))
		}
		l.t *= max(min(grows, most), 1+beside)
		if l.t > farthestLine || l.steps >= stepsOnLine {
			c.endLine()
		}
		return
	}
	within := l.far - l.near
	if within < closeOnLine*l.far || l.steps >= stepsOnLine {
		c.endLine()
		return
	}
	const inner = 0.1
	l.t = l.near + within*min(max(l.nearMargin/(l.nearMargin-l.farMargin), inner), 1-inner)
	if l.near > 0 && l.far-l.t > l.t-l.near {
		l.t += min(beside*l.far, 0.3*(l.far-l.t))
	} else {
		l.t -= min(beside*l.far, 0.3*(l.t-l.near))
	}
}

// endLine goes on from where the boundary was found or, before any is known, from where it is nearest.
func (c *tangentCloser) endLine() {
	c.state = boundaryFound
	l := &c.line
	if l.near == 0 {
		return
	}
	near, far := c.s.task.Seed.Input, c.s.task.Seed.Input
	near.Data = c.values.take()
	c.at(near, l.change, l.near)
	if l.far == 0 {
		if math.IsInf(c.best, 1) && l.nearMargin < slices.Min(c.leads) {
			c.moveTo(near, l.leads)
		}
		return
	}
	far.Data = c.values.take()
	c.at(far, l.change, l.far)
	from := c.s.ruler.Far(c.s.task.Aim, far)
	if from >= c.best {
		return
	}
	if c.near.Data == nil {
		c.near, c.far = near.Clone(), far.Clone()
	}
	copy(c.near.Data, near.Data)
	copy(c.far.Data, far.Data)
	c.best, c.fresh = from, true
	c.moveTo(near, l.leads)
}

// ask crosses the nearest boundary.
func (c *tangentCloser) ask(limit int) []input.Input {
	if c.rest == nil && (c.cosines == nil || math.IsInf(c.best, 1)) {
		c.otherwise()
	}
	if c.rest != nil {
		return c.rest.ask(limit)
	}
	if c.state != crossingByPixels {
		if !c.fresh && c.checked { // it was crossed already, and nothing is left for another one
			return nil
		}
		copy(c.candidate(0).Data, c.near.Data)
		copy(c.candidate(1).Data, c.far.Data)
		return c.candidates[:min(2, limit)]
	}
	for range ordersInVain {
		c.t = c.bracket.next()
		exchanged := int(math.Round(c.t * float64(len(c.crossing.order))))
		if exchanged != c.exchanged && exchanged > 0 && exchanged < len(c.crossing.order) && c.bracket.steps < mostSteps && !c.bracket.tied() {
			c.exchanged = exchanged
			c.path.at(c.candidate(0), c.t)
			return c.candidates[:1]
		}
		c.order()
	}
	return nil
}

// order begins another way over the boundary.
func (c *tangentCloser) order() {
	c.crossing.shuffle(c.near, c.far, c.s.task.Rand)
	c.path = path{from: c.near, to: c.far, blend: c.crossing.exchange, exchanges: true, name: "a candidate beyond the boundary"}
	c.bracket.between(c.crossing.near, c.crossing.far)
	c.exchanged = 0
}

func (c *tangentCloser) tell(evaluations []engine.Evaluation) {
	if c.rest != nil {
		c.rest.tell(evaluations)
		return
	}
	hit := slices.IndexFunc(evaluations, func(e engine.Evaluation) bool { return e.Verdict.Deviates })
	if c.first.Input.Data == nil {
		c.first = kept(&evaluations[hit])
		c.s.forget()
		return
	}
	switch {
	case hit >= 0:
		c.state, c.checked, c.crossed, c.fresh, c.over = boundaryFound, true, true, false, false
	case c.state == crossingByPixels:
		c.bracket.add(c.s.point(c.t, evaluations[0]))
	case len(evaluations) == 2:
		c.tellSides(&evaluations[0], &evaluations[1])
	}
	c.giveBack()
}

// tellSides begins to cross the boundary between its sides when it is time to. Where both models are the same there, it leads nowhere.
func (c *tangentCloser) tellSides(near, far *engine.Evaluation) {
	c.bracket = bracket{label: c.s.gauge.label}
	c.bracket.near.keep(c.s.point(0, *near))
	c.bracket.far.keep(c.s.point(1, *far))
	c.bracket.reset()
	first := !c.checked
	c.checked = true
	if first && c.bracket.gapless() {
		c.otherwise()
		return
	}
	if first && !c.over { // there are queries for nearer places
		return
	}
	c.crossing.begin(c.bracket.near, c.bracket.far, gridOf(c.base))
	c.state = crossingByPixels
	c.order()
}
