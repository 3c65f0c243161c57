package strategies

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/vec"
)

// Parameters of what a climb remembers, chosen on the embedded pairs, on other seeds than those of docs/results.
const (
	// A climb remembers at most mostTold answers with toldValues values in all. Where so many are fewer than leastTold, it remembers none.
	mostTold, leastTold = 200, 40
	toldValues          = 1 << 18
	// alikeness is how much gradients are alike from one pixel to the next.
	alikeness = 0.37
	// unevenness is the variance of what is not linear in a change of a lead, relative to that of what is.
	unevenness = 0.1
	// doubts is how much of what may be wrong with the gradients a candidate makes use of, and leastDoubts what share of their variance is
	// taken to be unknown at least.
	doubts, leastDoubts = 1.0, 0.1
	// changedShare is the share of pixels that a candidate may change of the base's, after the first everywhereFirst candidates.
	changedShare    = 0.3
	everywhereFirst = 3
	replanEvery     = 2 // candidates
)

// toldAnswers are the latest answers to a climb in an image that is not large. Gradients follow from all of them together, by ridge regression: changes of
// leads are expected to be nearly linear, and gradients to be alike in neighbouring pixels, by a covariance that falls to [alikeness] with each, and in all colours of one. Each
// answer has a weight, which is corrected with new ones by a step as Kaczmarz's (dual coordinate ascent: Shalev-Shwartz and Zhang, "Stochastic dual
// coordinate ascent methods", JMLR 14, 2013, section 6.2). What forgotten answers have taught stays, as what is expected before the others.
type toldAnswers struct {
	grid grid
	// Channels are colours, in which gradients are alike: they are correlated by 0.73 to 0.84 in ResNet-20 for CIFAR-10, and expected to be by 0.5.
	colours bool
	most    int
	all     []toldAnswer // a ring when there are most
	last    int
	fresh   bool                   // the last one is not weighed against the others yet
	total   int                    // that were ever told
	apart   [climbRivals][]float64 // by how much the compressed model's gradient differs from the original's
}

// toldAnswer is by how much leads changed from the base of then.
type toldAnswer struct {
	change, spread []float32              // and what a change says of the gradients
	length         float64                // product of both
	by             [climbRivals]modelPair // of the original, and how much more of the compressed model
	weights        [climbRivals]modelPair
	both           bool // models were asked
}

// newToldAnswers is nil where few answers would take much memory.
func newToldAnswers(g grid, kind input.Kind) *toldAnswers {
	n := g.Height * g.Width * g.Channels
	if n*leastTold > toldValues {
		return nil
	}
	return &toldAnswers{grid: g, colours: kind == input.Image && g.Channels > 1 && g.Channels <= mostTints, most: min(mostTold, toldValues/n)}
}

// add is the place of a new answer, that of the oldest one where there are most.
func (t *toldAnswers) add(values int) *toldAnswer {
	t.total++
	if len(t.all) < t.most {
		t.all = append(t.all, toldAnswer{change: make([]float32, values), spread: make([]float32, values)})
		t.last = len(t.all) - 1
		return &t.all[t.last]
	}
	t.last = (t.last + 1) % t.most
	a := &t.all[t.last]
	a.weights = [climbRivals]modelPair{}
	return a
}

// back is the answer that was told so many answers before the last one.
func (t *toldAnswers) back(n int) *toldAnswer { return &t.all[(t.last+len(t.all)-n)%len(t.all)] }

// spread multiplies by the covariance of gradients: by a recursive filter, forwards and backwards in both directions.
func (t *toldAnswers) spread(values []float64) {
	t.mix(values)
	line := t.grid.Width * t.grid.Channels
	for from := 0; from < len(values); from += line {
		forwards(values[from:from+line], t.grid.Channels)
	}
	forwards(values, line)
	t.spreadBack(values)
}

// spreadBack is the second half of it, which makes gradients with that covariance of white noise.
func (t *toldAnswers) spreadBack(values []float64) {
	line := t.grid.Width * t.grid.Channels
	backwards(values, line)
	for from := 0; from < len(values); from += line {
		backwards(values[from:from+line], t.grid.Channels)
	}
	t.mix(values)
}

// mix adds to each colour the mean of those of the pixel.
func (t *toldAnswers) mix(values []float64) {
	if !t.colours {
		return
	}
	for ; len(values) > 0; values = values[t.grid.Channels:] {
		pixel := values[:t.grid.Channels]
		mean := vec.Sum(pixel) / float64(len(pixel))
		for i := range pixel {
			pixel[i] += mean
		}
	}
}

func forwards(values []float64, step int) {
	for i := step; i < len(values); i++ {
		values[i] += float64(alikeness * values[i-step])
	}
}

func backwards(values []float64, step int) {
	for i := len(values) - step - 1; i >= 0; i-- {
		values[i] += float64(alikeness * values[i+step])
	}
}

// draw draws gradients with that covariance.
func (t *toldAnswers) draw(dst []float64, rng *rand.Rand) {
	for i := range dst {
		dst[i] = rng.NormFloat64()
	}
	t.spreadBack(dst)
}

// unknown is how far gradients may be from what is known of them: by the size that answers say they have, less what has been learned.
func (t *toldAnswers) unknown(rival, values int) float64 {
	var sum float64
	for i := range t.all {
		sum += float64(t.all[i].weights[rival][0] * t.all[i].by[rival][0])
	}
	left := max(leastDoubts, 1-float64(t.total)/float64(values))
	return math.Sqrt(max(0, sum) / float64(max(1, len(t.all))) * left)
}

// remember learns from the leads of now at a candidate.
func (c *linearClimb) remember(data []float32, both bool) {
	t := c.told
	if c.moved(data) == 0 {
		return
	}
	copy(c.along, c.change)
	t.spread(c.along)
	a := t.add(len(data))
	a.both, a.length = both, vec.Dot(c.change, c.along)
	for i, v := range c.change {
		a.change[i], a.spread[i] = float32(v), float32(c.along[i])
	}
	for r := range c.rivals {
		original, compressed := c.now[r][0]-c.ahead[r][0], c.now[r][1]-c.ahead[r][1]
		a.by[r] = modelPair{original, compressed - original}
		c.weigh(a, r)
	}
	t.fresh = true
}

// reweigh goes over all answers once, the latest ones first, for the rival that the plan aims at.
func (c *linearClimb) reweigh() {
	t := c.told
	if !t.fresh {
		return
	}
	t.fresh = false
	for n := range len(t.all) {
		c.weigh(t.back(n), c.plan.rival)
	}
	for r := range c.rivals { // the compressed model's gradients are those of the original and what sets them apart
		g, apart := c.slope[r][0], t.apart[r]
		h := c.slope[r][1][:len(g)]
		for i, v := range g {
			h[i] = v + apart[i]
		}
	}
}

// weigh corrects the weight of an answer, as to a rival, and the gradients by it.
func (c *linearClimb) weigh(a *toldAnswer, rival int) {
	bend := float64(unevenness * a.length) // not fused with the sum that it goes into
	for side, g := range [...][]float64{c.slope[rival][0], c.told.apart[rival]} {
		if side == 1 && !a.both {
			return
		}
		by := (a.by[rival][side] - vec.DotOfSingles(g, a.change) - float64(bend*a.weights[rival][side])) / (a.length + bend)
		a.weights[rival][side] += by
		vec.AddScaledSingles(g, by, a.spread)
	}
}

// startRemembering begins to remember answers, with what is known of the gradients as what is expected.
func (c *linearClimb) startRemembering(kind input.Kind) {
	if c.graded != nil {
		return
	}
	if c.told = newToldAnswers(c.grid, kind); c.told == nil {
		return
	}
	for r := range c.rivals {
		c.told.apart[r] = make([]float64, len(c.base))
		for i := range c.told.apart[r] {
			c.told.apart[r][i] = c.slope[r][1][i] - c.slope[r][0][i]
		}
	}
}

// lean writes the next candidate where answers are remembered: the base, changed in random pixels to the corner that would be the best one if gradients
// were what they may be, for all that is known (Thompson sampling: Agrawal and Goyal, "Thompson sampling for contextual bandits with linear payoffs", ICML 2013). So it
// asks about all values at once where gradients are unknown, which takes half the answers that blocks and their halves do, and goes the right way where
// they are known. Every [planEvery]th candidate is the corner that is the best one by what is known.
func (c *linearClimb) lean(data []float32) climbStep {
	t := c.told
	c.reweigh()
	if c.asks%replanEvery == 0 {
		c.replan()
	}
	c.asks++
	if c.asks%planEvery == 0 {
		if c.corner(data); !slices.Equal(data, c.base) {
			return climbStep{block: noBlock}
		}
	}
	may := c.vectors.take()
	defer c.vectors.giveBack(nil)
	t.draw(may, c.rng)
	known, by := 1.0, doubts*t.unknown(c.plan.rival, len(data))
	if len(t.all) == 0 { // nothing is
		known, by = 0, 1
	}
	g, h := c.slopes()
	channels := t.grid.Channels
	for pixel := 0; pixel < len(data); pixel += channels {
		changed := c.asks <= everywhereFirst || c.rng.Float64() < changedShare
		for i := pixel; i < pixel+channels; i++ {
			up := float64(known*c.plan.uphill(g[i], h[i])) + float64(by*may[i])
			switch {
			case !changed:
				data[i] = c.base[i]
			case up > 0:
				data[i] = c.low[i]
			default:
				data[i] = c.high[i]
			}
		}
	}
	return climbStep{block: noBlock}
}
