package strategies

import (
	"math"
	"slices"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/vec"
)

// Parameters of the approach, chosen on seeds of one label of the embedded pairs and the zoo's.
const (
	// coarseBlocks is about how many blocks an image is cut into to begin with, and blocksAStep how many are measured before each step.
	coarseBlocks = 16
	blocksAStep  = 12
	// colouredAStep is how many blocks of single colours are measured before each step, in large images without a path: where others lead to the boundary, the descent serves.
	colouredAStep = 24
	firstChange   = 48.0 // of a block, as firstProbe of closing in
	// A step goes to where the linear model has the boundary, times firstStride, and strideGrows times as far, up to lastStride, as long as the margin
	// falls to less than fallsTo of what it was. Margins below leastMargin count as that.
	firstStride = 1.5
	shortStride = 0.4 // where that came to no lower margin
	strideGrows = 2
	lastStride  = 8
	fallsTo     = 0.8
	leastMargin = 2.0
	// approachQueries is how many queries it may take before other paths have their turn, and approachWorks how many have to be left for it to begin.
	approachQueries = 150
	approachWorks   = 40
	// mostTints is up to how many channels single ones are measured over the whole image, by tintChange in 1/255 of the domain's range where that costs
	// least: colours carry what no grey block does.
	mostTints  = 4
	tintChange = 48.0
)

// approach goes from the seed to the boundary where no other seed leads there, as where all of them have one label: it measures in which
// blocks of the image the margins fall, as closing in does, and goes on from where they have fallen most. So it comes to places nearer to the seed than blends
// with plain images and noise do, and closing in goes on with what it has learned.
type approach struct {
	*closer
	asking  bool // the candidates are its own
	over    bool
	queries int
	gapless int // crossings of the boundary on which there was no gap
	state   approachState
	reached float64     // least margin of what was tried around the base
	best    input.Input // with that margin
	tints   []int       // channels that are measured
	step    float64     // that is tried, as a multiple of that to the model's boundary
}

type approachState uint8

const (
	measuring  approachState = iota // blocks around the base
	goingOut                        // along the gradient
	bracketing                      // the way to a place beyond the boundary
)

// newApproach is nil where other seeds lead to the boundary, and where nothing measures how near that is.
func newApproach(s *boundarySearcher) *approach {
	if !s.Pathless() || !s.approachable() {
		return nil
	}
	return &approach{}
}

// approachable reports whether margins tell how near the boundary is, and nothing keeps the search from going there.
func (s *boundarySearcher) approachable() bool {
	return s.gauge.twoSided() && !s.labelsOnly && !s.unordered && !s.severe && s.task.Region == nil
}

// turn reports whether it goes on, with so many queries left.
func (a *approach) turn(s *boundarySearcher, limit int) bool {
	a.asking = false
	if a.over || s.walking || s.natural && s.next < 2*len(s.corruptions) {
		return false
	}
	if a.closer == nil {
		if a.over = limit < approachWorks; a.over {
			return false
		}
		a.begin(s)
	}
	if a.queries >= approachQueries || !a.propose(min(limit, approachQueries-a.queries)) {
		a.over, a.closer, a.best.Data = true, nil, nil
		return false
	}
	a.asking = true
	a.queries += len(a.asked)
	s.queries += len(a.asked)
	return true
}

// begin starts at the seed.
func (a *approach) begin(s *boundarySearcher) {
	c := closerAtSeed(s)
	c.margin, c.amplitude = c.seed.mean(), firstChange
	c.apart = c.seed.compressed - c.seed.original
	c.cut(coarseBlocks)
	a.closer, a.best = c, s.copyOf(s.task.Seed.Input)
}

// propose writes the next candidates, and reports whether there are any.
func (a *approach) propose(limit int) bool {
	switch a.state {
	case goingOut:
		u := a.trial()
		copy(u, a.changed())
		vec.AddScaled(u, -a.step*max(a.margin, leastMargin)/a.normal, a.gradient)
		a.at(a.input(0), u, 1)
		if !vec.SameBits(a.asked[0].Data, a.base.Data) {
			return true
		}
		a.state = measuring
	case bracketing:
		a.at(a.input(0), a.ray, a.t)
		return true
	}
	return a.blocksAround(limit)
}

// blocksAround changes single blocks of the base.
func (a *approach) blocksAround(limit int) bool {
	tints := a.tint(limit)
	n := blocksAStep
	if a.coloured {
		n = colouredAStep
	}
	if a.began {
		n -= tints
	}
	a.began = true
	n = a.probeRanked(min(limit-tints, n), tints)
	a.asked = a.asked[:min(len(a.asked), tints+n)]
	return len(a.asked) > 0
}

// tint changes single colours of the whole base, and returns how many.
func (a *approach) tint(limit int) int {
	a.tints = a.tints[:0]
	if a.coloured || a.grid.Channels < 2 || a.grid.Channels > mostTints {
		return 0
	}
	for c := range min(a.grid.Channels, limit) {
		dst := a.input(len(a.tints))
		copy(dst.Data, a.base.Data)
		room := 0.0
		for i := c; i < len(dst.Data); i += a.grid.Channels {
			d := dst.DomainAt(i)
			room += float64(d.Max+d.Min-2*dst.Data[i]) * a.scale[i]
		}
		by := tintChange / 255
		if room < 0 {
			by = -by
		}
		for i := c; i < len(dst.Data); i += a.grid.Channels {
			if d := dst.DomainAt(i); !dst.Categorical(i) {
				dst.Data[i] = d.Snap(float32(float64(dst.Data[i]) + float64(by*float64(d.Range())*a.scale[i])))
			}
		}
		if !slices.Equal(dst.Data, a.base.Data) {
			a.tints = append(a.tints, c)
		}
	}
	return len(a.tints)
}

// tellTints corrects the gradient by what single colours do.
func (a *approach) tellTints(evaluations []engine.Evaluation) {
	for i, c := range a.tints {
		e := &evaluations[i]
		if e.Verdict.Kind != answer.OtherAnswer {
			continue
		}
		var n, expected float64
		for j := c; j < len(a.base.Data); j += a.grid.Channels {
			u := float64(e.Input.Data[j]-a.base.Data[j]) / a.scale[j]
			n += float64(u * u)
			expected += float64(u * a.gradient[j])
		}
		k := (a.margins(e).mean() - a.margin - expected) / n
		for j := c; j < len(a.base.Data); j += a.grid.Channels {
			a.gradient[j] += k * float64(e.Input.Data[j]-a.base.Data[j]) / a.scale[j]
		}
	}
}

func (a *approach) tell(evaluations []engine.Evaluation) {
	a.learnFrom(evaluations)
	a.trials = 0
	a.closer.state = probing
	if a.state == bracketing { // its ray is kept
		a.closer.state = hitting
	}
	a.giveBack()
}

func (a *approach) learnFrom(evaluations []engine.Evaluation) {
	if a.state == measuring {
		a.reached = math.Inf(1)
		for i := range evaluations { // a change of one block may do more than a step by what is known of all
			if m := a.margins(&evaluations[i]).mean(); m > 0 && m < a.reached && evaluations[i].Verdict.Kind == answer.OtherAnswer {
				a.reached = m
				copy(a.best.Data, evaluations[i].Input.Data)
			}
		}
		a.tellTints(evaluations)
		if blocks := evaluations[len(a.tints):]; len(blocks) > 0 {
			a.tellBlocks(blocks)
		}
		if a.normal = vec.Dot(a.gradient, a.gradient); a.normal > 0 {
			a.state, a.step = goingOut, firstStride
		}
		return
	}
	e := &evaluations[0]
	p := a.point(1, *e)
	switch {
	case e.Verdict.Kind != answer.OtherAnswer:
		a.state = measuring
	case a.state == bracketing:
		p.t = a.t
		a.bracket.add(p)
		if a.steps++; a.steps > mostSteps || a.bracket.tied() {
			a.state = measuring
			a.gapless++
		}
		a.t = a.bracket.next()
	case p.near():
		a.learn(*e)
		a.stepped(e, p.mean())
	default:
		a.ray = a.trial()
		a.measure(a.ray, e.Input)
		a.bracket.between(a.closer.seed, p)
		a.steps, a.state = 0, bracketing
		a.t = a.bracket.next()
	}
}

// stepped decides whether to go farther or to measure again, at the best place that the step has come to.
func (a *approach) stepped(e *engine.Evaluation, margin float64) {
	if margin < a.reached {
		from := a.margin
		if a.coloured && a.step > firstStride { // what the last step brought decides
			from = a.reached
		}
		a.reached = margin
		copy(a.best.Data, e.Input.Data)
		if margin < fallsTo*from && a.step < lastStride {
			a.step *= strideGrows
			return
		}
	}
	if margin >= a.margin && a.step == firstStride {
		a.step = shortStride
		return
	}
	a.state = measuring
	if a.reached < a.margin {
		a.moveTo(&engine.Evaluation{Input: a.best}, a.reached)
	}
}

// handOver is what closes in on the hit that is told next. One among the changes of blocks is begun from anew.
func (a *approach) handOver(s *boundarySearcher) *closer {
	if a.state == measuring {
		return newCloser(s).after(a.closer)
	}
	if a.state == goingOut {
		a.t = 1
	}
	a.closer.state = hitting
	return a.closer
}
