package strategies

import (
	"cmp"
	"math"
	"slices"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/input"
)

// Parameters of measuring slopes, chosen as those of the local cosines are.
const (
	wavesFirst   = 96  // measured around the seed,
	wavesAtOnce  = 16  // and in one ask
	waveHeight   = 4.0 // root of the mean square of a wave, in 1/255 of the domain's range
	mostFollowed = 9   // rivals that are followed, the likeliest ones
)

// soundings ask the original how far the seed's label is ahead of its rivals around a base, in waves (see [cosines]).
type soundings struct {
	s   *boundarySearcher
	box *boxAround // of the bound, nil where there is none

	loss       squareLoss // of labels
	rivals     []int
	seedLeads  []float64 // of the seed's label, by rival
	seedMargin float64
	cosines    *cosines
	base       input.Input
	leads      []float64 // at the base
	rival      int       // the nearest one by what was measured
	left       int       // waves that are to be measured yet
	asked      []int     // waves

	// What follows is lent, up to the end of being told; but for a vector that is kept.
	values     lent[float32]
	vectors    lent[float64]
	candidates []input.Input
}

// newSoundings is false where they are not measured: for few values and such in units of different sorts, for large images, of which so few measurements tell little, and where
// no scores of labels lead.
func newSoundings(s *boundarySearcher) (soundings, bool) {
	seed := s.task.Seed.Input
	g := gridOf(seed)
	if !s.classes || s.labelsOnly || s.unordered || s.severe || !seed.Uniform() || seed.HasCategories() || len(seed.Data) < leastValues || g.Height*g.Width >= largeFrom {
		return soundings{}, false
	}
	c := soundings{s: s, loss: newLabelLoss(s.task)}
	if s.task.Region != nil {
		low, high, err := distance.EndsOf(s.task.Region, seed)
		if err != nil || low == nil {
			return soundings{}, false
		}
		c.box = &boxAround{low: low, high: high}
	}
	return c, true
}

// begin starts at the seed.
func (c *soundings) begin() {
	seed := c.s.task.Seed
	for label := range seed.Original.Scores {
		if label != c.loss.label {
			c.rivals = append(c.rivals, label)
		}
	}
	slices.SortStableFunc(c.rivals, func(a, b int) int { return cmp.Compare(seed.Original.Scores[b], seed.Original.Scores[a]) })
	c.rivals = c.rivals[:min(len(c.rivals), mostFollowed)]
	c.seedLeads, c.seedMargin = c.leadsOf(seed.Original), c.loss.margin(seed.Original.Scores)
	c.base, c.leads = seed.Input.Clone(), c.seedLeads
	c.cosines = newCosines(gridOf(seed.Input))
	c.values, c.vectors = lentValues.of(len(seed.Input.Data)), lentVectors.of(len(seed.Input.Data))
	c.left = wavesFirst
}

// leadsOf are how far the seed's label is ahead of each rival.
func (c *soundings) leadsOf(a answer.Answer) []float64 {
	leads := make([]float64, len(c.rivals))
	for i, r := range c.rivals {
		leads[i] = c.loss.difference(a.Scores[c.loss.label], a.Scores[r])
	}
	return leads
}

// ends are the least and the greatest that a value may be.
func (c *soundings) ends(i int) (low, high float32) {
	if c.box != nil {
		return c.box.low[i], c.box.high[i]
	}
	d := c.base.Domain
	return d.Min, d.Max
}

// snap is a value that an input may have.
func (c *soundings) snap(i int, v float64) float32 {
	low, high := c.ends(i)
	return min(max(c.base.Domain.Snap(float32(v)), low), high)
}

func (c *soundings) candidate(i int) input.Input {
	for len(c.candidates) <= i {
		in := c.s.task.Seed.Input
		in.Data = c.values.take()
		c.candidates = append(c.candidates, in)
	}
	return c.candidates[i]
}

// askWaves asks about the base with single waves added, n at most.
func (c *soundings) askWaves(n int) []input.Input {
	c.asked = c.asked[:0]
	if n <= 0 {
		return nil
	}
	for _, i := range c.cosines.rank() {
		if len(c.asked) == min(n, wavesAtOnce) {
			break
		}
		if dst := c.candidate(len(c.asked)); c.add(dst, &c.cosines.all[i]) {
			c.asked = append(c.asked, i)
		} else {
			c.cosines.tell(i, c.base, dst, nil)
		}
	}
	return c.candidates[:len(c.asked)]
}

// add writes the base with a wave added or, where the domain has more room for that, taken off. It reports whether anything has changed.
func (c *soundings) add(dst input.Input, w *wave) bool {
	t := &c.cosines.tiles[w.tile]
	values := (t.bottom - t.top) * (t.right - t.left) * c.cosines.grid.Channels
	by := waveHeight / 255 * float64(c.base.Domain.Range()) * math.Sqrt(float64(values))
	var up, down float64
	c.cosines.each(w, func(i int, v float64) {
		at := float64(c.base.Data[i])
		above, below := float64(c.snap(i, at+float64(by*v)))-at, float64(c.snap(i, at-float64(by*v)))-at
		up += float64(above * above)
		down += float64(below * below)
	})
	if down > up {
		by = -by
	}
	copy(dst.Data, c.base.Data)
	c.cosines.each(w, func(i int, v float64) { dst.Data[i] = c.snap(i, float64(c.base.Data[i])+float64(by*v)) })
	return max(up, down) > 0
}

func (c *soundings) tellWaves(answers []answer.Answer) {
	c.left -= len(answers)
	for k, a := range answers {
		var moved []float64
		if len(a.Scores) > 0 {
			moved = c.leadsOf(a)
			for r := range moved {
				moved[r] -= c.leads[r]
			}
		}
		c.cosines.tell(c.asked[k], c.base, c.candidates[k], moved)
	}
	nearest := math.Inf(1)
	for r, lead := range c.seedLeads {
		if far := lead / math.Sqrt(c.cosines.squared(r)); far < nearest {
			nearest, c.rival = far, r
		}
	}
	c.cosines.learn(c.rival)
}

// moveTo makes an input the base.
func (c *soundings) moveTo(in input.Input, leads []float64) {
	copy(c.base.Data, in.Data)
	c.leads = leads
	c.cosines.moveOn()
}

// giveBack gives back what is needed from being asked to being told, but for a vector.
func (c *soundings) giveBack(kept []float64) {
	c.values.giveBack(nil)
	c.vectors.giveBack(kept)
	c.candidates = c.candidates[:0]
}
