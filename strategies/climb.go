package strategies

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/vec"
)

// climber climbs from a seed to a boundary within a bound, one candidate an ask. It keeps the candidate with
// the least [squareLoss], the base.
type climber interface {
	Ask(limit int) []input.Input
	// learn takes note of the answers to the candidate of the last Ask.
	learn(e engine.Evaluation)
	// keep makes it the base when it is better, and reports whether it is.
	keep(e engine.Evaluation) bool
	// adopt does both for a candidate that another search came upon.
	adopt(e engine.Evaluation) bool
	// top is the base.
	top() []float32
}

var (
	_ climber = (*squareSearcher)(nil)
	_ climber = (*linearClimb)(nil)
)

// newClimber is the climber for a task. A linear model needs scores, and corners to go to; every other
// region than a [distance.Box], and answers that are no class scores, are climbed as [SquareSearch] does.
func newClimber(task engine.Task, neighbours []neighbour) (climber, error) {
	labelsOnly := answer.OneHot(task.Seed.Original.Scores) && answer.OneHot(task.Seed.Compressed.Scores)
	if !labelsOnly && task.OfClasses() {
		low, high, err := distance.EndsOf(task.Region, task.Seed.Input)
		if err != nil {
			return nil, err
		}
		if low != nil {
			return newLinearClimb(task, low, high, neighbours), nil
		}
	}
	searcher, err := SquareSearch{Radius: climbRadius(task)}.NewSearcher(task)
	if err != nil {
		return nil, err
	}
	return searcher.(*squareSearcher), nil
}

// climbRadius is how far a climb without a bound goes.
func climbRadius(task engine.Task) float64 {
	if task.Region != nil {
		return 0
	}
	return 0.25
}

// Parameters of the linear climb, chosen on the embedded pairs, on other seeds than those of docs/results. Success
// changes little around them.
const (
	climbRivals  = 3   // labels besides the seed's that are followed
	climbBlocks  = 100 // about how many blocks an image is cut into at first
	planEvery    = 6   // candidates between two of the planned corner itself
	chordCounts  = 0.5 // share of what the way to a neighbour says that is believed
	wiggle       = 0.1 // variance of a margin that is not linear, relative to an unsmooth change's
	halvesExpect = 0.5 // what is expected of a block's halves, relative to the block

	// Images of largeFrom pixels or more begin with texturesFirst candidates of textures.
	largeFrom     = 100 * 100
	texturesFirst = 200

	// climbPaths is how many queries are spent on paths before this climb.
	climbPaths = 5
	// alikeWithin is how different the changes of both models' scores on ways to neighbours may be, relative to those changes, for the original
	// alone to show the way.
	alikeWithin = 0.1
	// Where the original's margin is less than doubtFactor times what the two models' margins were ever apart, and leastDoubt at least, both models are asked.
	doubtFactor, leastDoubt = 0.5, 0.02
)

// linearClimb climbs within an L-infinity bound. Within a small bound margins are nearly linear, and the
// lowest place of a linear margin is a corner: every value at its least or its greatest, by the sign of the
// gradient (Goodfellow et al., "Explaining and harnessing adversarial examples", ICLR 2015). The gradients
// are learned from the answers: each candidate is the best corner by what is known, with one block of the image
// turned to one side, from coarse to fine where it pays (blocks as in [closer]); each answer
// corrects the gradients along its own direction (Kaczmarz 1937), spread over neighbouring pixels,
// whose gradients are alike. Ways to neighbours, known from screening, make the first guess.
//
// Gradients are those of the differences between the log scores of the seed's label and its nearest rivals,
// of both models apart: unlike margins, they have no kinks where another label takes the lead. So the corner
// can be the one that sets the two models apart: with differences m and n of the two models to a rival, it
// minimises max(m, -n) or max(n, -m), by weights between the two gradients.
//
// In images that are not large, the latest answers are remembered and gradients are learned from all of them together, see [toldAnswers]. Candidates are
// changed in all places then, not in blocks.
//
// In a large image, the answers to the first few hundred candidates tell little of so many gradients: it begins with textures instead, and with gradients, which take
// much room and time there, after them.
//
// Where the ways to neighbours show that both models' scores rise and fall together, as those of 8-bit models do, the original alone
// is asked on the way up, which costs half as much, and both models where it is about to give in.
type linearClimb struct {
	rng       *rand.Rand
	low, high []float32
	loss      squareLoss    // of labels
	graded    answer.Graded // the oracle where it asks for more than different labels, else nil
	grid      grid
	rivals    []int

	base  []float32
	least float64                   // loss of the base
	ahead [climbRivals]modelPair    // by rival: how far the seed's label is ahead of it, at the base
	now   [climbRivals]modelPair    // and at the latest candidate
	slope [climbRivals][2][]float64 // gradients, by rival and model
	plan  plan

	blocks    []channelBlock
	step      climbStep    // of the candidate that is learned from
	steps     [2]climbStep // of the last candidates
	fromBase  bool         // the corner was no better than the base: blocks are turned in the base
	asks      int
	textured  int         // candidates of textures that are left, all over the image and in patches
	patches   patchwork   // of the latter
	learns    bool        // gradients: not before textures, whose answers would say little of them
	ways      []neighbour // until then
	candidate [2]input.Input
	alike     bool    // both models' margins rise and fall together, so that the original alone shows the way
	doubtful  bool    // the first candidate is to be asked about again, of both models
	doubt     float64 // margin of the original up to which that is so
	afar      float64 // what is added to losses far from a boundary

	told *toldAnswers // that are remembered; nil for none

	// What follows is lent while it is learned from an answer.
	vectors                lent[float64]
	change, along, scratch []float64
}

// modelPair holds a figure of each model, the original's first.
type modelPair [2]float64

// plan is the aim of a corner: to make one model prefer the rival and the other one not.
type plan struct {
	rival, leaves int     // leaves is the model
	weight        float64 // of its gradient; the other's has the rest
}

// uphill is in which direction a value is not to go, by its slopes in the model that leaves and in the other one.
func (p plan) uphill(leaving, other float64) float64 { return p.weight*leaving - (1-p.weight)*other }

// climbStep is how a candidate was made.
type climbStep struct {
	block   int    // that was turned, or noBlock
	planned bool   // it is the planned corner itself
	texture int    // it is that one of the first textures all over the image, counted from 1
	patch   *patch // that was replaced
}

// channelBlock is a block of one channel.
type channelBlock struct {
	block
	channel int
}

const noBlock = -1

func newLinearClimb(task engine.Task, low, high []float32, neighbours []neighbour) *linearClimb {
	seed := task.Seed.Input
	n := len(seed.Data)
	if seed.HasCategories() { // which have no ends
		low, high = slices.Clone(low), slices.Clone(high)
		for i, v := range seed.Data {
			if seed.Categorical(i) {
				low[i], high[i] = v, v
			}
		}
	}
	c := &linearClimb{
		rng: task.Rand, low: low, high: high, loss: newLabelLoss(task), graded: answer.BeyondLabels(task.Oracle), grid: gridOf(seed),
		base: slices.Clone(seed.Data), step: climbStep{block: noBlock}, candidate: [2]input.Input{seed.Clone(), seed.Clone()},
		vectors: lentVectors.of(n),
	}
	c.chooseRivals(task.Seed)
	c.measure(&c.ahead, task.Seed)
	c.least, c.doubt = c.lossOf(&task.Seed), leastDoubt
	if c.graded != nil {
		c.afar = 1 + c.graded.Shortfall(task.Seed.Original, task.Seed.Compressed)
	}
	if c.graded == nil && seed.Kind == input.Image && c.grid.Height*c.grid.Width >= largeFrom {
		c.textured = texturesFirst
	}
	c.alike = c.moveAlike(neighbours)
	if c.ways = neighbours; c.textured == 0 {
		c.learnSlopes()
	}
	return c
}

// learnSlopes begins to learn gradients, with what the ways to neighbours say of them.
func (c *linearClimb) learnSlopes() {
	if !c.learns {
		c.learns = true
		for r := range c.rivals {
			c.slope[r] = [2][]float64{make([]float64, len(c.base)), make([]float64, len(c.base))}
		}
	}
	c.guess(c.ways)
	c.ways = nil
	c.startRemembering(c.candidate[0].Kind)
	c.cut()
}

// beginAtBoundary makes it one of a box at a boundary, where gradients tell more than textures. The box shrinks before the latest answers tell much. It begins with
// what another climb has learned around the seed or, where there is none, with what the ways say.
func (c *linearClimb) beginAtBoundary(known *linearClimb, ways []neighbour) {
	c.textured = 0
	if known != nil {
		c.slope, c.alike, c.doubt, c.learns = known.slope, known.alike, known.doubt, true
		c.cut()
	} else {
		c.alike, c.ways = c.moveAlike(ways), ways
		c.learnSlopes()
	}
	c.told = nil
}

// chooseRivals takes the labels that either model thinks likeliest after the seed's.
func (c *linearClimb) chooseRivals(seed engine.Evaluation) {
	for i := range seed.Original.Scores {
		if i != c.loss.label {
			c.rivals = append(c.rivals, i)
		}
	}
	slices.SortStableFunc(c.rivals, func(a, b int) int {
		return cmp.Compare(max(seed.Original.Scores[b], seed.Compressed.Scores[b]), max(seed.Original.Scores[a], seed.Compressed.Scores[a]))
	})
	c.rivals = c.rivals[:min(climbRivals, len(c.rivals))]
}

// measure writes how far the seed's label is ahead of each rival.
func (c *linearClimb) measure(dst *[climbRivals]modelPair, e engine.Evaluation) {
	for side, scores := range [...][]float32{e.Original.Scores, e.Compressed.Scores} {
		for i, r := range c.rivals {
			dst[i][side] = c.loss.difference(scores[c.loss.label], scores[r])
		}
	}
}

// borrow takes room to learn in, until it is given back.
func (c *linearClimb) borrow() {
	c.change, c.along, c.scratch = c.vectors.take(), c.vectors.take(), c.vectors.take()
}

func (c *linearClimb) giveBack() {
	c.vectors.giveBack(nil)
	c.change, c.along, c.scratch = nil, nil, nil
}

// guess takes gradients from the ways to neighbours, the most promising ones last.
func (c *linearClimb) guess(neighbours []neighbour) {
	c.borrow()
	defer c.giveBack()
	room := make([]float32, len(c.base))
	for i := len(neighbours) - 1; i >= 0; i-- {
		n := &neighbours[i]
		if length := c.moved(n.unpack(room).Data); length > 0 {
			c.measure(&c.now, *n.Evaluation)
			c.correct(c.change, chordCounts/length)
		}
	}
}

// moveAlike reports whether both models' margins change alike on the ways to neighbours.
func (c *linearClimb) moveAlike(neighbours []neighbour) bool {
	var apart, moved float64
	for i := len(neighbours) - 1; i >= 0; i-- {
		c.measure(&c.now, *neighbours[i].Evaluation)
		for r := range c.rivals {
			original, compressed := c.now[r][0]-c.ahead[r][0], c.now[r][1]-c.ahead[r][1]
			apart += math.Abs(original - compressed)
			moved += math.Abs(original)
		}
	}
	return apart < alikeWithin*moved
}

// moved writes the change from the base to data, and returns its squared length.
func (c *linearClimb) moved(data []float32) float64 {
	base, change := c.base[:len(data)], c.change[:len(data)]
	var length float64
	for i, v := range data {
		by := float64(v - base[i])
		change[i] = by
		length += float64(by * by)
	}
	return length
}

// correct moves the gradients in a direction, by rate times what they do not explain of the change.
func (c *linearClimb) correct(direction []float64, rate float64) {
	for r := range c.rivals {
		g := &c.slope[r]
		var explained modelPair
		explained[0], explained[1] = vec.Dots(c.change, g[0], g[1])
		for side := range g {
			vec.AddScaled(g[side], rate*(c.now[r][side]-c.ahead[r][side]-explained[side]), direction)
		}
	}
}

func (c *linearClimb) cut() {
	blocks := c.grid.blocks(climbBlocks)
	c.blocks = make([]channelBlock, 0, 2*len(blocks)*c.grid.Channels)
	for _, b := range blocks {
		b.hope = math.Inf(1) // before all refined ones
		for channel := range c.grid.Channels {
			c.blocks = append(c.blocks, channelBlock{b, channel})
		}
	}
}

// Ask implements [climber].
func (c *linearClimb) Ask(int) []input.Input {
	if c.doubtful { // it is known what there is to learn from it
		c.doubtful, c.step = false, climbStep{block: noBlock}
		return c.candidate[:1]
	}
	c.step = c.propose(c.candidate[0].Data)
	return c.candidate[:1]
}

// probes are candidates for the original alone, or none while both models are to be asked.
func (c *linearClimb) probes(limit int) []input.Input {
	if !c.alike || c.doubtful || c.least <= c.afar {
		return nil
	}
	n := min(limit, len(c.candidate))
	for i := range n {
		c.steps[i] = c.propose(c.candidate[i].Data)
	}
	return c.candidate[:n]
}

// probed takes note of what the original said to the last probes, and tells which of them is the base now, or that none
// is by a number below 0. What may be a trigger is asked about again.
func (c *linearClimb) probed(answers []answer.Answer) (best int) {
	best, inDoubt := -1, -1
	before := c.least
	for i, a := range answers {
		in := c.candidate[i]
		c.step = c.steps[i]
		if len(a.Scores) == 0 {
			continue
		}
		var now [climbRivals]modelPair
		for r, rival := range c.rivals {
			lead := c.loss.difference(a.Scores[c.loss.label], a.Scores[rival])
			now[r] = modelPair{lead, c.ahead[r][1] + lead - c.ahead[r][0]}
		}
		margin := c.loss.margin(a.Scores)
		doubtful := margin < c.doubt
		c.now = now
		c.absorb(in.Data, false)
		c.patched(before, margin+c.afar)
		if doubtful {
			if inDoubt < 0 {
				inDoubt = i
			}
			continue
		}
		if loss := margin + c.afar; c.improve(in.Data, now, loss) {
			if best >= 0 {
				c.patches.second = c.steps[best].patch
			}
			best = i
		} else if best >= 0 && loss < before {
			c.patches.second = c.steps[i].patch
		}
	}
	if inDoubt >= 0 {
		c.candidate[0], c.candidate[inDoubt] = c.candidate[inDoubt], c.candidate[0]
		c.doubtful = true
	}
	return best
}

// propose writes the next candidate: the corner of the plan, or the corner or the base with a block turned.
func (c *linearClimb) propose(data []float32) climbStep {
	if c.textured > 0 {
		return c.texture(data)
	}
	if !c.learns {
		c.learnSlopes()
	}
	if c.told != nil {
		return c.lean(data)
	}
	if c.asks%planEvery == 0 {
		c.replan()
	}
	c.corner(data)
	c.asks++
	if c.asks%planEvery == 1 && !slices.Equal(data, c.base) {
		return climbStep{block: noBlock, planned: true}
	}
	if c.fromBase {
		copy(data, c.base)
	}
	for range 2 {
		for i := c.mostHoped(); i >= 0; i = c.mostHoped() {
			b := &c.blocks[i]
			b.known = true
			if c.turn(data, b) {
				return climbStep{block: i}
			}
		}
		for i := range c.blocks { // all were asked: once more, with what is known by now
			c.blocks[i].known = false
		}
	}
	return climbStep{block: noBlock} // nothing can move
}

// mostHoped is the block of which most is hoped of those that were not asked, below 0 when all were.
func (c *linearClimb) mostHoped() int {
	best := noBlock
	for i := range c.blocks {
		if b := &c.blocks[i]; !b.known && (best < 0 || b.hope > c.blocks[best].hope) {
			best = i
		}
	}
	return best
}

// replan finds the aim that can be come nearest to, by the gradients.
func (c *linearClimb) replan() {
	best := math.Inf(1)
	weights := [...]float64{1, 0.8, 0.65, 0.55}
	for r := range c.rivals {
		along := [4][len(weights)]float64{} // by the model that leaves, first in that and then in the other one
		for i := range weights {
			along[0][i], along[1][i] = c.ahead[r][0], c.ahead[r][1]
			along[2][i], along[3][i] = c.ahead[r][1], c.ahead[r][0]
		}
		vec.Corners(&along, &weights, c.slope[r][0], c.slope[r][1], c.base, c.low, c.high)
		for leaves := range 2 {
			for i, weight := range weights {
				if reached := max(along[2*leaves][i], -along[2*leaves+1][i]); reached < best {
					best, c.plan = reached, plan{rival: r, leaves: leaves, weight: weight}
				}
			}
		}
	}
}

// slopes are those that the plan looks at, of the model that leaves and of the other one.
func (c *linearClimb) slopes() (leaving, other []float64) {
	of := &c.slope[c.plan.rival]
	return of[c.plan.leaves], of[1-c.plan.leaves]
}

// corner writes the corner of the plan.
func (c *linearClimb) corner(dst []float32) {
	g, h := c.slopes()
	vec.Corner(dst, c.plan.weight, g, h, c.base, c.low, c.high)
}

// turn turns a block of the candidate to one side, the better one by the gradients, or to the other one where
// the base is at that side already. It reports whether the block can move.
func (c *linearClimb) turn(data []float32, b *channelBlock) bool {
	var up [2]float64 // by side
	var moves [2]bool
	g, h := c.slopes()
	c.each(b, func(i int, sign float64) {
		for side, to := range [...]float32{c.side(i, sign), c.side(i, -sign)} {
			up[side] += c.plan.uphill(g[i], h[i]) * float64(to-c.base[i])
			moves[side] = moves[side] || to != c.base[i]
		}
	})
	side := 0
	if up[1] < up[0] || up[1] == up[0] && c.rng.Uint64()&1 == 0 {
		side = 1
	}
	if !moves[side] {
		side = 1 - side
	}
	if !moves[side] {
		return false
	}
	c.each(b, func(i int, sign float64) { data[i] = c.side(i, sign*float64(1-2*side)) })
	return true
}

func (c *linearClimb) side(i int, sign float64) float32 {
	if sign > 0 {
		return c.high[i]
	}
	return c.low[i]
}

func (c *linearClimb) each(b *channelBlock, fn func(i int, sign float64)) {
	c.grid.eachOf(&b.block, b.channel, b.channel+1, fn)
}

// learn implements [climber].
func (c *linearClimb) learn(e engine.Evaluation) {
	if e.Verdict.Kind != answer.OtherAnswer {
		c.step.block = noBlock
		return
	}
	c.measure(&c.now, e)
	c.absorb(e.Input.Data, true)
	c.doubt = max(c.doubt, doubtFactor*math.Abs(c.loss.margin(e.Original.Scores)-c.loss.margin(e.Compressed.Scores)))
}

// absorb corrects the gradients by the leads at an input, those of now, of both models or of the original alone.
func (c *linearClimb) absorb(data []float32, both bool) {
	if !c.learns {
		return
	}
	c.borrow()
	defer c.giveBack()
	if c.told != nil {
		c.remember(data, both)
		return
	}
	length := c.moved(data)
	if length == 0 {
		return
	}
	c.grid.smooth(c.along, c.change, c.scratch)
	c.correct(c.along, 1/(vec.Dot(c.change, c.along)+wiggle*length))
	if c.step.block == noBlock {
		return
	}
	b := &c.blocks[c.step.block]
	first := b.age == 0
	b.age++
	b.slope = 0
	for _, g := range c.slope[c.plan.rival] {
		var sum float64
		c.each(b, func(i int, sign float64) { sum += sign * g[i] })
		b.slope = max(b.slope, math.Abs(sum))
	}
	b.hope = halvesExpect * b.slope
	if first {
		parts, channel := [2]block{}, b.channel
		for _, part := range b.refined(parts[:0]) {
			part.hope = b.hope
			c.blocks = append(c.blocks, channelBlock{part, channel})
		}
	}
	c.step.block = noBlock
}

// keep implements [climber].
func (c *linearClimb) keep(e engine.Evaluation) bool {
	loss := math.Inf(1)
	if e.Verdict.Kind == answer.OtherAnswer {
		loss = c.lossOf(&e)
	}
	var ahead [climbRivals]modelPair
	if loss < math.Inf(1) {
		c.measure(&ahead, e)
	}
	c.patched(c.least, loss)
	return c.improve(e.Input.Data, ahead, loss)
}

// patched takes note of the loss of a candidate of textures, and what the base's was.
func (c *linearClimb) patched(before, loss float64) {
	if c.step.texture > 0 {
		c.patches.first[c.step.texture-1] = loss
	}
	c.patches.credit(c.step.patch, before-loss)
	c.step.texture, c.step.patch = 0, nil
}

// improve makes an input the base when its loss is less, and reports whether it is.
func (c *linearClimb) improve(data []float32, ahead [climbRivals]modelPair, loss float64) bool {
	if c.step.planned {
		c.fromBase = loss >= c.least
	}
	if loss >= c.least {
		return false
	}
	c.least, c.ahead = loss, ahead
	copy(c.base, data)
	return true
}

// lossOf is the loss of labels. Where more than different labels is asked for, it comes first, and then what
// is lacking.
func (c *linearClimb) lossOf(e *engine.Evaluation) float64 {
	loss := c.loss.of(e.Original, e.Compressed)
	if c.graded == nil {
		return loss
	}
	lacking := c.graded.Shortfall(e.Original, e.Compressed)
	if loss > 0 {
		return 1 + loss + lacking
	}
	return lacking / (1 + lacking)
}

// adopt implements [climber].
func (c *linearClimb) adopt(e engine.Evaluation) bool {
	c.learn(e)
	return c.keep(e)
}

// top implements [climber].
func (c *linearClimb) top() []float32 { return c.base }

// smooth blurs values over the nearest pixels of their channel, weighted 1, 2, 1 in both directions, without those
// beyond the rim.
func (g grid) smooth(dst, values, scratch []float64) {
	blurLines(scratch, values, g.Width*g.Channels, g.Channels)
	blurLines(dst, scratch, len(values), g.Width*g.Channels)
}

// blurLines takes the neighbours a step before and behind in the same line.
func blurLines(dst, values []float64, line, step int) {
	for from := 0; from < len(values); from += line {
		v := values[from:min(from+line, len(values))]
		out := dst[from:][:len(v)]
		inner := max(len(v)-step, 0) // from here on, nothing is behind
		for i := range min(step, len(v)) {
			sum := 2 * v[i]
			if i < inner {
				sum += v[i+step]
			}
			out[i] = sum / 4
		}
		if inner > step {
			before, at, behind, to := v[:inner-step], v[step:inner], v[2*step:], out[step:inner]
			for i, b := range before {
				to[i] = (2*at[i] + b + behind[i]) / 4
			}
		}
		for i := max(inner, step); i < len(v); i++ {
			out[i] = (2*v[i] + v[i-step]) / 4
		}
	}
}
