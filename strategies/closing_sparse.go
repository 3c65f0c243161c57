package strategies

import (
	"cmp"
	"math"
	"slices"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
)

// Parameters of closing in by the number of changed values, chosen on the embedded pairs and the zoo's, on other seeds than those of docs/results.
const (
	sparseAtWork = 50  // queries from which on it serves
	singlesFirst = 40  // values that are tried alone around the seed,
	singlesLater = 16  // and around each other base
	promises     = 0.6 // what a value does that the linear model expects much of, relative to that,
	keepsDoing   = 0.6 // and one that was tried beside fewer others, relative to what it did
	mostTaken    = 1   // of the sizes of sets, which is taken before the boundary: others do more beside few
	keptForGap   = 30  // queries for crossings of the boundary, a fifth of them at most
)

// setShares are the sizes of the sets that are tried, relative to how many values are expected to be needed.
var setShares = [...]float64{0.25, 0.4, 0.7, 1}

// sparseCloser brings a trigger nearer to its seed by the number of values that differ. Few values at the ends of their domain take the original to a boundary: which ones, is
// first guessed from how its scores change in waves (see [soundings]) and then measured, value by value, with the original alone. The best are changed together, others are
// measured beside them, and so on up to the boundary; then those are changed back that are not needed. The gap is crossed by the levels of one value.
//
// As in JSMA (Papernot et al., EuroS&P 2016) values are chosen by their gradients, which answers tell here, and go to their ends at once; as in Sparse-RS
// (Croce et al., AAAI 2022) what counts is what a change has really done.
type sparseCloser struct {
	soundings
	first engine.Evaluation
	rest  closingIn // that goes on where this does not serve

	state   sparseState
	kept    int                 // queries, for crossings of the boundary
	over    bool                // nothing is left to be done
	fewest  int                 // values of the smallest set with a trigger
	tired   []bool              // values that are not tried any more
	known   map[place][]float64 // falls of leads by values that were tried
	singles []single            // that are tried, or of the set
	next    int                 // of them to be asked about
	batch   int                 // that are asked about
	sizes   []int               // of the sets that are tried
	set     []single            // that is changed in the base; past the boundary while it is pruned

	gap     int // value of the set whose levels are tried
	bracket bracket
	t       float64
	sided   bool // both sides are known
}

// single is a value at an end of its domain.
type single struct {
	i        int
	to       float32
	expected float64   // fall of the nearest rival's lead
	leads    []float64 // with it, or for one of the set without it
	margin   float64
}

// place is a value at an end.
type place struct {
	i  int
	to float32
}

func (v single) place() place { return place{v.i, v.to} }

type sparseState uint8

const (
	askingBase sparseState = iota
	soundingWaves
	tryingSingles
	tryingSets
	pruning
	crossingByLevels
)

var (
	_ closingIn     = (*sparseCloser)(nil)
	_ originalAsker = (*sparseCloser)(nil)
)

// newSparseCloser is nil for other aims, and where slopes are not measured.
func newSparseCloser(s *boundarySearcher) *sparseCloser {
	if s.task.Aim != distance.NearestL0 {
		return nil
	}
	soundings, ok := newSoundings(s)
	if !ok {
		return nil
	}
	return &sparseCloser{soundings: soundings}
}

// otherwise goes on from the first trigger by the general way.
func (c *sparseCloser) otherwise() {
	c.rest = closerFrom(c.s, &c.first)
}

// askOriginal implements [originalAsker].
func (c *sparseCloser) askOriginal(limit int) []input.Input {
	if c.first.Input.Data == nil || c.rest != nil {
		return nil
	}
	if c.cosines == nil {
		if limit/2 < sparseAtWork {
			c.otherwise()
			return nil
		}
		c.begin()
		c.left = min(wavesFirst, limit/4)
		c.kept, c.state, c.tired = min(keptForGap, limit/2/5), soundingWaves, make([]bool, len(c.base.Data))
		c.known = map[place][]float64{}
	}
	if c.state == crossingByLevels && !c.over && !c.goesOn() && limit/2 > c.kept+singlesLater/2 {
		c.again()
	}
	for c.rest == nil && c.state != crossingByLevels {
		if left := limit/2 - c.kept; left < 2 {
			if c.state == pruning {
				c.cross()
			} else {
				c.leave()
			}
			return nil
		}
		switch c.state {
		case askingBase:
			copy(c.candidate(0).Data, c.base.Data)
			return c.candidates[:1]
		case soundingWaves:
			if asked := c.askWaves(min(limit, c.left)); len(asked) > 0 {
				return asked
			}
			c.list()
		case tryingSingles, pruning:
			if c.batch = min(wavesAtOnce, len(c.singles)-c.next, limit); c.batch > 0 {
				for k, v := range c.singles[c.next:][:c.batch] {
					c.with(c.candidate(k), v)
				}
				return c.candidates[:c.batch]
			}
			if c.state == pruning {
				c.prune()
			} else {
				c.gather()
			}
		case tryingSets:
			n := min(len(c.sizes), limit)
			for k, size := range c.sizes[:n] {
				c.with(c.candidate(k), c.singles[:size]...)
			}
			return c.candidates[:n]
		}
	}
	return nil
}

// with writes the base with values changed.
func (c *sparseCloser) with(dst input.Input, values ...single) {
	copy(dst.Data, c.base.Data)
	for _, v := range values {
		dst.Data[v.i] = v.to
	}
}

// list lines up the values that the linear model expects most of.
func (c *sparseCloser) list() {
	seed := c.s.task.Seed.Input
	slopes := c.vectors.take()
	c.cosines.compose(slopes, c.cosines.gradients(len(c.rivals))[c.rival])
	all := make([]single, 0, len(slopes))
	for i, slope := range slopes {
		if c.base.Data[i] != seed.Data[i] || c.tired[i] {
			continue
		}
		low, high := c.ends(i)
		to := low
		if slope < 0 {
			to = high
		}
		if falls := c.known[place{i, to}]; falls != nil {
			all = append(all, single{i: i, to: to, expected: keepsDoing * falls[c.rival]})
			continue
		}
		if by := promises * slope * (float64(c.base.Data[i]) - float64(to)); by > 0 {
			all = append(all, single{i: i, to: to, expected: by})
		}
	}
	c.vectors.giveBack(nil)
	slices.SortStableFunc(all, func(a, b single) int { return cmp.Compare(b.expected, a.expected) })
	most := singlesFirst
	if len(c.set) > 0 {
		most = singlesLater
	}
	c.singles, c.next, c.state = slices.Clone(all[:min(most, len(all))]), 0, tryingSingles
	if len(c.singles) == 0 {
		c.leave()
	}
}

// leave ends it or, where it has found nothing, goes on otherwise.
func (c *sparseCloser) leave() {
	if c.state, c.gap, c.over = crossingByLevels, len(c.set), true; c.fewest == 0 {
		c.otherwise()
	}
}

// gather lines up sets of the values that did most, for the rival that is level with the fewest of them.
func (c *sparseCloser) gather() {
	fewest := math.Inf(1)
	var best []single
	for r, lead := range c.leads {
		falls := make([]single, 0, len(c.singles))
		for _, v := range c.singles {
			if v.leads != nil {
				v.expected = lead - v.leads[r]
				if v.expected > 0 {
					falls = append(falls, v)
				}
			}
		}
		slices.SortStableFunc(falls, func(a, b single) int { return cmp.Compare(b.expected, a.expected) })
		needs, left := 0.0, lead
		for _, v := range falls {
			if left <= 0 {
				break
			}
			needs++
			left -= v.expected
		}
		if needs == 0 {
			continue
		}
		if left > 0 {
			needs *= lead / max(lead-left, 1e-9)
		}
		if needs < fewest {
			fewest, best, c.rival = needs, falls, r
		}
	}
	if len(best) == 0 {
		c.leave()
		return
	}
	c.singles = best
	c.sizes = c.sizes[:0]
	for _, share := range setShares {
		if size := min(max(int(math.Ceil(share*fewest)), 1), len(best)); len(c.sizes) == 0 || size > c.sizes[len(c.sizes)-1] {
			c.sizes = append(c.sizes, size)
		}
	}
	c.state = tryingSets
}

// tellOriginal implements [originalAsker].
func (c *sparseCloser) tellOriginal(answers []answer.Answer) {
	switch c.state {
	case askingBase:
		c.state = soundingWaves
		if len(answers[0].Scores) > 0 {
			c.leads = c.leadsOf(answers[0])
		}
	case soundingWaves:
		c.tellWaves(answers)
	case tryingSingles, pruning:
		for k, a := range answers {
			v := &c.singles[c.next+k]
			if v.margin = math.Inf(1); len(a.Scores) > 0 {
				v.leads, v.margin = c.leadsOf(a), c.loss.margin(a.Scores)
				if c.state == tryingSingles {
					falls := make([]float64, len(v.leads))
					for r := range falls {
						falls[r] = c.leads[r] - v.leads[r]
					}
					c.known[v.place()] = falls
				}
			}
		}
		c.next += len(answers)
		if c.state == tryingSingles {
			for k := range answers {
				if v := &c.singles[c.next-len(answers)+k]; v.margin <= 0 { // alone it is enough
					c.goPast([]single{*v})
					break
				}
			}
		}
	case tryingSets:
		c.tellSets(answers)
	}
	c.giveBack(nil)
}

// tellSets takes the smallest set that goes past the boundary or, where none does, a part of what is needed.
func (c *sparseCloser) tellSets(answers []answer.Answer) {
	best, margin := -1, slices.Min(c.leads)
	for k, a := range answers {
		if len(a.Scores) == 0 {
			continue
		}
		m := c.loss.margin(a.Scores)
		if m <= 0 {
			c.goPast(c.singles[:c.sizes[k]])
			return
		}
		if m < margin {
			best, margin = k, m
		}
	}
	if best < 0 { // none does anything: others are to be found
		c.cosines.moveOn()
		c.left, c.state = wavesLater, soundingWaves
		return
	}
	// A part of them is taken: beside them others do more.
	best = min(best, mostTaken)
	c.set = append(c.set, c.singles[:c.sizes[best]]...)
	in := c.s.task.Seed.Input
	in.Data = c.values.take()
	c.with(in, c.singles[:c.sizes[best]]...)
	c.moveTo(in, c.leadsOf(answers[best]))
	c.left, c.state = 0, soundingWaves
}

// goPast begins to prune the set with these values added.
func (c *sparseCloser) goPast(values []single) {
	c.set = append(c.set, values...)
	for _, v := range values {
		c.base.Data[v.i] = v.to
	}
	c.without()
}

// without lines up the set, each value of it changed back.
func (c *sparseCloser) without() {
	seed := c.s.task.Seed.Input
	c.singles = c.singles[:0:0]
	for _, v := range c.set {
		c.singles = append(c.singles, single{i: v.i, to: seed.Data[v.i], margin: math.Inf(1)})
	}
	c.next, c.state = 0, pruning
}

// prune takes out the value that is needed least, if any is not needed.
func (c *sparseCloser) prune() {
	least := 0
	for k := range c.singles {
		if c.singles[k].margin < c.singles[least].margin {
			least = k
		}
	}
	if len(c.set) > 1 && c.singles[least].margin <= 0 {
		c.base.Data[c.set[least].i] = c.singles[least].to
		c.set = slices.Delete(c.set, least, least+1)
		c.without()
		return
	}
	c.cross()
}

// cross begins with the levels of values.
func (c *sparseCloser) cross() {
	c.state, c.gap, c.sided = crossingByLevels, 0, false
}

func (c *sparseCloser) ask(limit int) []input.Input {
	if c.rest == nil && c.state != crossingByLevels {
		c.otherwise()
	}
	if c.rest != nil {
		return c.rest.ask(limit)
	}
	if !c.goesOn() {
		return nil
	}
	v := c.set[c.gap]
	copy(c.candidate(0).Data, c.base.Data)
	if !c.sided {
		copy(c.candidate(1).Data, c.base.Data)
		c.candidate(0).Data[v.i] = c.s.task.Seed.Input.Data[v.i]
		return c.candidates[:min(2, limit)]
	}
	c.candidate(0).Data[v.i] = c.level(c.t)
	return c.candidates[:1]
}

// level is a place between both sides of the value that is tried.
func (c *sparseCloser) level(t float64) float32 {
	v := c.set[c.gap]
	from := float64(c.s.task.Seed.Input.Data[v.i])
	return c.snap(v.i, from+float64(t*(float64(v.to)-from)))
}

// goesOn chooses the next level, and reports whether any is left.
func (c *sparseCloser) goesOn() bool {
	for ; c.gap < len(c.set); c.gap, c.sided = c.gap+1, false {
		if !c.sided {
			return true
		}
		if c.bracket.steps >= mostSteps || c.bracket.tied() {
			continue
		}
		for _, t := range [...]float64{c.bracket.next(), (c.bracket.near.t + c.bracket.far.t) / 2} {
			if at := c.level(t); at != c.level(c.bracket.near.t) && at != c.level(c.bracket.far.t) {
				c.t = t
				return true
			}
		}
	}
	return false
}

// again takes values out of the set, for others in their place: that one whose levels are tried first, as there was no gap, or, where there was one, two, for one.
func (c *sparseCloser) again() {
	out := 1
	if c.fewest > 0 {
		out = 2
	}
	if out > len(c.set) || c.fewest == 1 {
		c.leave()
		return
	}
	for range out {
		least := 0
		for k := range c.singles {
			if c.singles[k].margin < c.singles[least].margin {
				least = k
			}
		}
		v := c.singles[least]
		c.base.Data[v.i], c.tired[v.i] = v.to, true
		c.set, c.singles = slices.Delete(c.set, least, least+1), slices.Delete(c.singles, least, least+1)
	}
	c.cosines.moveOn()
	c.left, c.state = 0, askingBase
}

func (c *sparseCloser) tell(evaluations []engine.Evaluation) {
	if c.rest != nil {
		c.rest.tell(evaluations)
		return
	}
	defer c.giveBack(nil)
	hit := slices.IndexFunc(evaluations, func(e engine.Evaluation) bool { return e.Verdict.Deviates })
	if c.first.Input.Data == nil {
		c.first = kept(&evaluations[hit])
		c.s.forget()
		return
	}
	switch {
	case hit >= 0:
		c.gap, c.fewest = len(c.set), len(c.set)
	case !c.sided && len(evaluations) == 2:
		c.bracket = bracket{label: c.s.gauge.label}
		c.bracket.near.keep(c.s.point(0, evaluations[0]))
		c.bracket.far.keep(c.s.point(1, evaluations[1]))
		c.bracket.reset()
		c.sided = true
		if c.fewest == 0 && c.bracket.gapless() { // both models are the same here
			c.otherwise()
			return
		}
		if !c.bracket.near.near() || c.bracket.far.near() {
			c.gap, c.sided = c.gap+1, false
		}
	case c.sided:
		c.bracket.add(c.s.point(c.t, evaluations[0]))
	}
}
