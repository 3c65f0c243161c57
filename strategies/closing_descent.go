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

// Parameters of the descent, chosen on photos 61 to 120 of docs/results/production.md.
const (
	descentBlocks = 24 // measured before each step
	descentKeeps  = 5  // queries of the budget that are left when it ends

	// Blocks change by the amplitude, in 1/255 of the domain's range where that costs least. It grows where the descent is too slow, and is lessened where
	// it is fast, and where few blocks lower the margin.
	firstAmplitude, leastAmplitude, mostAmplitude = 24.0, 12.0, 100.0
	amplitudeGrows, fewHelpfulTakes               = 1.3, 1.8
	fewHelpful                                    = 0.2

	// The boundary is to be reached by descentEnds queries, a step every aDescentStep. A margin that a step lacks to that, as a share of the seed's, weighs as
	// much as a distance of lackWeighs, more the later it is, and one beyond it moreWeighs.
	descentEnds, aDescentStep = 140, 15
	lackWeighs, moreWeighs    = 0.4, 0.08
	pastTheGap                = 0.2 // margin beyond the boundary that is aimed at
	slowDescent               = 0.6 // share of what is needed that counts as behind
	behindFrom                = 85  // queries from which on that counts
	lateFrom, veryLateFrom    = 115, 150
	// Steps along the gradient are tried too, short ones from as many queries on, and far ones.
	shortDescentsFrom, farDescentsFrom = 100, 130

	descentCrossings = 4  // ways over the boundary without a hit, after which it is given up
	crossingSteps    = 6  // on each of them
	doubtedBlocks    = 10 // both models are asked about when a way had none
)

// descentCloser brings a trigger of a large image in colours nearer to its seed: it goes down from the seed to the boundary once more, and closes in from there, or from
// the first hit where that is nearer.
//
// The original alone is asked, two candidates for one query, until its boundary is crossed. Blocks of single colours are changed one by one, and those that lowered its margin
// all at once: they lower it far less together than one by one, but more than any of them, at a hundredth of what a step along the linear model costs in SSIM, as gradients of
// photographs hold for small changes only. Of a few such steps the best one by margin and distance is taken, as a hill climb in random blocks does (Andriushchenko et al.,
// "Square Attack", ECCV 2020). Where that is too slow, patches of textures go on, see [descentPatches].
type descentCloser struct {
	s       *boundarySearcher
	c       *closer // at its place; nil before and after the descent
	rest    *closer // that goes on
	first   engine.Evaluation
	limit   int // of its queries
	queries int

	state     descentState
	alike     bool // both models' margins are, see [boundarySearcher.alike]
	amplitude float64
	effects   []blockEffect // by block
	helpful   []int         // blocks whose probe lowered the margin, the most helpful first
	far       float64       // of the place, by the aim
	before    float64       // margin before the latest step
	behind    bool          // the latest step was too small

	patches *descentPatches // nil before them

	// kept is the best single probe, what patches lie around, or what lies beyond the boundary.
	kept       input.Input
	keptMargin float64
	keptFar    float64
	better     bool // than the place it was asked from

	crossed int     // ways over the boundary without a hit
	t       float64 // on the latest one
	steps   int
}

// blockEffect is what changing a block did when it was last measured.
type blockEffect struct {
	moved     float64 // the margin
	amplitude float64 // of the change
	slope     float64 // of the margin, by amplitude, less where other places lie between
}

type descentState uint8

const (
	descentMeasures descentState = iota // blocks
	descentSteps
	descentTextures // in patches
	descentCrosses  // asks both models on the way over the boundary
	descentDoubts   // asks both about blocks, near the boundary
)

var (
	_ closingIn     = (*descentCloser)(nil)
	_ originalAsker = (*descentCloser)(nil)
)

// newDescentCloser is nil where blocks are not of single colours, and otherwise where the approach does not serve.
func newDescentCloser(s *boundarySearcher) *descentCloser {
	if s.approach != nil || !s.approachable() || s.narrow || s.task.Aim != distance.MostAlike || !s.coloured() {
		return nil
	}
	return &descentCloser{s: s}
}

// begun reports whether it has begun, which it does with enough queries left.
func (d *descentCloser) begun(limit int) bool {
	if d.limit > 0 || limit < closesByApproach || d.s.unseen(d.s.farOf(&d.first)) {
		return d.limit > 0
	}
	c := closerAtSeed(d.s)
	c.margin = c.seed.original
	d.alike, c.alike = c.alike, true // the original's margin is all that counts up to its boundary
	c.cut(colouredBlocks)
	d.c, d.kept, d.before, d.amplitude = c, d.s.copyOf(d.s.task.Seed.Input), c.margin, firstAmplitude
	d.limit = limit - descentKeeps
	return true
}

func (d *descentCloser) askOriginal(limit int) []input.Input {
	switch {
	case d.rest != nil:
		return d.rest.askOriginal(limit)
	case d.first.Input.Data == nil || !d.begun(limit/2) || d.state >= descentCrosses:
		return nil
	}
	left := min(limit/2, d.limit-d.queries)
	if left <= 0 {
		return nil
	}
	asked := d.propose(2 * left)
	d.queries += (len(asked) + 1) / 2
	d.c.original = true
	return asked
}

// propose are the next candidates for the original alone.
func (d *descentCloser) propose(limit int) []input.Input {
	d.c.trials = 0
	switch d.state {
	case descentSteps:
		if asked := d.proposeSteps(limit); len(asked) > 0 {
			return asked
		}
		d.state = descentMeasures
	case descentTextures:
		return d.proposePatches(limit)
	}
	return d.proposeBlocks(min(limit, descentBlocks), d.amplitude)
}

// proposeBlocks are n blocks of the most hope, changed one by one.
func (d *descentCloser) proposeBlocks(n int, amplitude float64) []input.Input {
	d.c.amplitude = amplitude
	n = d.c.probeRanked(n, 0)
	return d.c.asked[:n]
}

// proposeSteps are steps by what the blocks did.
func (d *descentCloser) proposeSteps(limit int) []input.Input {
	c := d.c
	d.helpful = d.helpful[:0]
	for _, b := range c.order {
		if d.effects[b].moved < 0 {
			d.helpful = append(d.helpful, b)
		}
	}
	slices.SortFunc(d.helpful, func(a, b int) int { return cmp.Compare(d.effects[a].moved, d.effects[b].moved) })
	step := func(by float64, write func(u []float64)) {
		if c.trials == limit {
			return
		}
		u := c.trial()
		vec.Combine(u, [][]float64{c.changed()}, []float64{by})
		write(u)
		c.at(c.input(c.trials-1), u, 1)
	}
	block := func(u []float64, b int, amplitude float64) {
		c.grid.rows(&c.blocks[b], func(row int, at []int, weight float64, along []float64) {
			along = along[:len(at)]
			for j, i := range at {
				u[row+i] += float64(amplitude * (weight * along[j]))
			}
		})
	}
	if len(d.helpful) > 1 {
		for _, of := range [...]struct {
			blocks int
			by     float64
		}{{3, 1}, {len(d.helpful), 1}, {len(d.helpful), 2}} {
			step(1, func(u []float64) {
				for _, b := range d.helpful[:min(of.blocks, len(d.helpful))] {
					block(u, b, of.by*d.effects[b].amplitude)
				}
			})
		}
	}
	if n := vec.Dot(c.gradient, c.gradient); n > 0 {
		for i, length := range [...]float64{1.5, 4, 10, 25} {
			if d.queries > shortDescentsFrom && i == 0 || d.queries >= farDescentsFrom {
				step(1, func(u []float64) { vec.AddScaled(u, -length*c.margin/n, c.gradient) })
			}
		}
	}
	if d.far > 0 {
		step(1.3, func([]float64) {})
	}
	var most float64
	for _, e := range d.effects {
		most = max(most, math.Abs(e.slope))
	}
	if most > 0 { // by all that is known, as far as a probe goes in each block
		step(1, func(u []float64) {
			for b, e := range d.effects {
				if amplitude := -d.amplitude * min(max(3*e.slope/most, -1), 1); math.Abs(amplitude) >= 1 {
					block(u, b, amplitude)
				}
			}
		})
	}
	return c.asked[:c.trials]
}

func (d *descentCloser) tellOriginal(answers []answer.Answer) {
	if d.rest != nil {
		d.rest.tellOriginal(answers)
		return
	}
	c := d.c
	d.learn(c.ofOriginal(answers))
	c.original, c.state, c.due, c.trials = false, probing, false, 0
	c.giveBack()
}

// margin is the original's, infinite where it gave no answer.
func (d *descentCloser) margin(e *engine.Evaluation) float64 {
	if e.Verdict.Kind != answer.OtherAnswer {
		return math.Inf(1)
	}
	original, _ := d.c.gauge.of(e)
	return original
}

func (d *descentCloser) learn(evaluations []engine.Evaluation) {
	c := d.c
	// Of what lies beyond the boundary the nearest counts. How far candidates are takes long to measure.
	beyond, nearest := -1, d.s.farOf(&d.first)
	for i := range evaluations {
		if e := &evaluations[i]; d.margin(e) <= 0 {
			if far := c.farOf(e); far < nearest {
				beyond, nearest = i, far
			}
		}
	}
	if d.state == descentMeasures {
		d.measured(evaluations)
	}
	if beyond >= 0 {
		d.cross(&evaluations[beyond])
		return
	}
	switch d.state {
	case descentMeasures:
		d.state = descentSteps
		d.keptMargin, d.keptFar, d.better = c.margin, d.far, false
		// Single blocks are about as far as each other.
		lowest := -1
		for i := range evaluations {
			if m := d.margin(&evaluations[i]); m > 0 && !math.IsInf(m, 1) && (lowest < 0 || m < d.margin(&evaluations[lowest])) {
				lowest = i
			}
		}
		if lowest >= 0 {
			if e := d.bestOf(evaluations[lowest:lowest+1], d.score(c.margin, d.far)); e != nil {
				copy(d.kept.Data, e.Input.Data)
				d.keptMargin, d.keptFar, d.better = d.margin(e), c.farOf(e), true
			}
		}
	case descentSteps:
		for _, e := range evaluations {
			c.learn(e)
		}
		if e := d.bestOf(evaluations, d.score(d.keptMargin, d.keptFar)); e != nil {
			d.moveTo(e, d.margin(e))
		} else if d.better {
			d.moveTo(&engine.Evaluation{Input: d.kept, Far: d.keptFar}, d.keptMargin)
		}
		d.plan()
	case descentTextures:
		d.tellPatches(evaluations)
	}
}

// bestOf is what has the least score of what lies before the boundary, if that is less; nil where none has. The lowest margins come first: how far others are need
// not be measured once these alone come to more.
func (d *descentCloser) bestOf(evaluations []engine.Evaluation, least float64) (best *engine.Evaluation) {
	var lowest []*engine.Evaluation
	for i := range evaluations {
		if m := d.margin(&evaluations[i]); m > 0 && !math.IsInf(m, 1) {
			lowest = append(lowest, &evaluations[i])
		}
	}
	slices.SortStableFunc(lowest, func(a, b *engine.Evaluation) int { return cmp.Compare(d.margin(a), d.margin(b)) })
	for _, e := range lowest {
		m := d.margin(e)
		if d.score(m, 0) >= least {
			break
		}
		if score := d.score(m, d.c.farOf(e)); score < least {
			best, least = e, score
		}
	}
	return best
}

// measured takes note of what single blocks did.
func (d *descentCloser) measured(evaluations []engine.Evaluation) {
	c := d.c
	const fades = 0.5 // of what is known, from place to place
	for b := range d.effects {
		d.effects[b].slope *= fades
	}
	d.effects = append(d.effects, make([]blockEffect, len(c.blocks)-len(d.effects))...)
	for i := range evaluations {
		b := c.order[i]
		d.effects[b] = blockEffect{}
		amplitude := c.amplitudeOf(evaluations[i].Input, &c.blocks[b])
		if m := d.margin(&evaluations[i]); !math.IsInf(m, 1) && amplitude != 0 {
			d.effects[b] = blockEffect{moved: m - c.margin, amplitude: amplitude, slope: (m - c.margin) / amplitude}
		}
	}
	c.tellBlocks(evaluations)
	d.effects = append(d.effects, make([]blockEffect, len(c.blocks)-len(d.effects))...)
}

// needed is how much a step is to lower the margin.
func (d *descentCloser) needed() float64 {
	return (d.c.margin + pastTheGap) / max(float64(descentEnds-d.queries)/aDescentStep, 1)
}

// score is smaller for better places to go on from: a distance.
func (d *descentCloser) score(margin, far float64) float64 {
	lacks := margin - (d.c.margin - d.needed())
	weighs := moreWeighs
	if lacks > 0 {
		weighs = lackWeighs
		if d.behind && d.queries > behindFrom {
			weighs *= 1.5
		}
		if d.queries > lateFrom {
			weighs *= 2
		}
		if d.queries > veryLateFrom {
			weighs *= 2
		}
	}
	return far + weighs*lacks/d.c.seed.original
}

func (d *descentCloser) moveTo(e *engine.Evaluation, margin float64) {
	d.c.moveTo(e, margin)
	d.far = d.c.distance
}

// plan decides how to go on after a step.
func (d *descentCloser) plan() {
	c := d.c
	fell, needed := d.before-c.margin, d.needed()
	d.state, d.before, d.behind = descentMeasures, c.margin, fell < slowDescent*needed
	switch {
	case float64(len(d.helpful)) < fewHelpful*float64(len(c.order)):
		d.amplitude = max(d.amplitude/fewHelpfulTakes, leastAmplitude)
	case fell < needed:
		d.amplitude = min(d.amplitude*amplitudeGrows, mostAmplitude)
	case fell > 2*needed:
		d.amplitude = max(d.amplitude/amplitudeGrows, leastAmplitude)
	}
	if d.farBehind() {
		d.beginPatches()
	}
}

// cross begins to look for the gap on the way from the place to an input beyond the original's boundary.
func (d *descentCloser) cross(to *engine.Evaluation) {
	c := d.c
	copy(d.kept.Data, to.Input.Data)
	d.state, d.steps = descentCrosses, 0
	far := d.margin(to)
	c.bracket.between(point{original: c.margin, compressed: c.margin}, point{t: 1, original: far, compressed: far})
	c.bracket.steps = 2 // both ends are near
	d.t = c.bracket.next()
}

func (d *descentCloser) ask(limit int) []input.Input {
	if d.rest == nil && d.begun(limit) && d.state >= descentCrosses && d.queries < d.limit && d.crossed < descentCrossings {
		d.s.found = []string{"approach"}
		var asked []input.Input
		if d.state == descentCrosses {
			d.onTheWay(d.c.input(0), d.t)
			asked = d.c.asked[:1]
		} else {
			asked = d.proposeBlocks(min(limit, doubtedBlocks), d.amplitude/2)
		}
		if d.queries += len(asked); len(asked) > 0 {
			return asked
		}
	}
	if d.rest == nil {
		d.goOnFromFirst()
	}
	return d.rest.ask(limit)
}

// onTheWay writes the place t of the way over the boundary.
func (d *descentCloser) onTheWay(dst input.Input, t float64) {
	for i, v := range d.c.base.Data {
		dst.Data[i] = dst.Domain.Snap(v + float32(float32(t)*(d.kept.Data[i]-v)))
	}
}

func (d *descentCloser) tell(evaluations []engine.Evaluation) {
	hit := slices.IndexFunc(evaluations, func(e engine.Evaluation) bool { return e.Verdict.Deviates })
	switch {
	case d.rest != nil:
		d.rest.tell(evaluations)
	case d.first.Input.Data == nil:
		d.first = kept(&evaluations[hit])
		d.s.forget()
	case hit >= 0 && d.s.farOf(&evaluations[hit]) < d.s.farOf(&d.first):
		c := d.c
		c.state, c.alike, c.trials = hitting, d.alike, 0
		d.goOnFrom(c, evaluations[hit:hit+1])
		c.correct()
	case hit >= 0:
		d.goOnFromFirst()
	case d.state == descentDoubts:
		c := d.c
		c.tellBlocks(evaluations)
		c.state, c.due, c.trials = probing, false, 0
		c.giveBack()
		d.state = descentMeasures
	default:
		d.tellCrossing(&evaluations[0])
		d.c.giveBack()
	}
}

// tellCrossing narrows the way over the boundary and, where it has no gap, goes on from where it is near.
func (d *descentCloser) tellCrossing(e *engine.Evaluation) {
	c := d.c
	if e.Verdict.Kind != answer.OtherAnswer {
		d.crossed++
		d.state = descentMeasures
		return
	}
	p := d.s.margins(d.t, *e)
	c.bracket.add(p)
	if d.steps++; d.steps <= crossingSteps && !c.bracket.tied() {
		d.t = c.bracket.next()
		return
	}
	d.crossed++
	d.state = descentDoubts
	near := c.scratchImage()
	d.onTheWay(near, c.bracket.near.t)
	d.moveTo(&engine.Evaluation{Input: near}, c.bracket.near.original)
}

// goOnFromFirst closes in from the first hit.
func (d *descentCloser) goOnFromFirst() {
	rest := newCloser(d.s)
	if d.c != nil {
		rest.after(d.c)
	}
	d.s.found = nil
	d.goOnFrom(rest, []engine.Evaluation{d.first})
}

// goOnFrom closes in from a hit.
func (d *descentCloser) goOnFrom(rest *closer, evaluations []engine.Evaluation) {
	d.rest = rest
	d.rest.tell(evaluations)
	d.c, d.first, d.effects, d.patches, d.kept.Data = nil, engine.Evaluation{}, nil, nil, nil
}
