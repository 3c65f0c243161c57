package strategies

import (
	"math"
	"slices"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
)

// withinCloser brings a trigger nearer to its seed where what deviates lies beyond one boundary, which need not be smooth: how far apart two
// answers are often is not. It has two ways, and goes on by the one that has brought more a query: the linear model of [closer], and
// an [ascent] among what lies nearer to the seed than the nearest hit.
type withinCloser struct {
	linear *closer
	ascent *ascent
	far    func(input.Input) float64

	hit     input.Input // the nearest one
	best    float64     // its distance, by the aim
	share   float64     // of that, within which the ascent goes
	dry     int         // asks of the ascent without a hit
	fresh   bool        // the base of the ascent is the nearest hit, brought nearer, and has no answer yet
	moves   []int       // that made the candidates
	asked   []input.Input
	scratch input.Input
	began   bool
	turn    int           // whose ask it is
	gained  [2]closingWay // of the linear model, of the ascent
}

// closingWay is what a way has brought.
type closingWay struct{ gain, queries float64 }

func (w closingWay) rate() float64 { return w.gain / w.queries }

const (
	byModel = iota
	byAscent
)

const (
	// nearerBy is the share of the nearest hit's distance within which the ascent begins.
	nearerBy = 0.65
	// driesUp is how many asks without a hit bring the ascent nearer to the nearest hit again.
	driesUp = 3
	// withinAtOnce is how many candidates the ascent has in an ask.
	withinAtOnce = 6
)

func newWithinCloser(s *boundarySearcher) *withinCloser {
	c := &withinCloser{
		linear: newCloser(s), ascent: s.ascent, share: nearerBy, scratch: s.task.Seed.Input.Clone(),
		// What they are expected to bring, before anything is known.
		gained: [2]closingWay{{0.3, 70}, {0.2, 20}},
	}
	c.far = c.linear.far
	return c
}

// within writes what is nearer to the seed, on the way to it, where an input is farther than a limit.
func (c *withinCloser) within(in input.Input, limit float64) {
	if c.far(in) <= limit {
		return
	}
	s := c.linear.s
	copy(c.scratch.Data, in.Data)
	lo, hi := 0.0, 1.0
	for range 8 {
		t := (lo + hi) / 2
		if s.between(in, s.task.Seed.Input, c.scratch, t); c.far(in) <= limit {
			lo = t
		} else {
			hi = t
		}
	}
	s.between(in, s.task.Seed.Input, c.scratch, lo)
}

func (c *withinCloser) ask(limit int) []input.Input {
	l := c.linear
	l.limit = limit
	l.lineUp()
	if c.turn = byModel; l.state == probing && l.scale != nil && (l.blind || c.gained[byAscent].rate() > c.gained[byModel].rate()) {
		c.turn = byAscent
	}
	if c.turn == byModel {
		return l.ask(limit)
	}
	a := c.ascent
	c.moves = c.moves[:0]
	goal := c.share * c.best
	if c.fresh {
		copy(a.base.Data, c.hit.Data)
		c.within(a.base, goal)
		copy(a.previous.Data, a.base.Data)
		a.least = math.Inf(1)
	}
	for misses := 0; len(c.moves) < min(limit, withinAtOnce) && misses < 3*withinAtOnce; {
		for len(c.asked) <= len(c.moves) {
			c.asked = append(c.asked, a.base.Clone())
		}
		dst := c.asked[len(c.moves)]
		copy(dst.Data, a.base.Data)
		move := noMove
		if !c.fresh {
			move = a.choose()
			a.moves[move].apply(dst)
		}
		c.fresh = false
		if c.within(dst, goal); slices.Equal(dst.Data, a.s.task.Seed.Input.Data) || move != noMove && slices.Equal(dst.Data, a.base.Data) {
			misses++
			if move != noMove {
				a.moves[move].lost++
			}
			continue
		}
		c.moves = append(c.moves, move)
	}
	if len(c.moves) == 0 { // the ascent leads nowhere else
		c.turn = byModel
		c.gained[byAscent].queries += withinAtOnce
		return l.ask(limit)
	}
	return c.asked[:len(c.moves)]
}

func (c *withinCloser) tell(evaluations []engine.Evaluation) {
	l := c.linear
	if !c.began {
		l.tell(evaluations)
		c.hit, c.best, c.fresh, c.began = l.base.Clone(), l.best, true, true
		return
	}
	before, nearest := c.best, -1
	for i := range evaluations {
		if e := &evaluations[i]; e.Verdict.Deviates && e.Verdict.Kind == answer.OtherAnswer {
			if far := l.farOf(e); far < c.best {
				c.best, nearest = far, i
			}
		}
	}
	w := &c.gained[c.turn]
	w.gain, w.queries = 0.9*w.gain, 0.9*w.queries+float64(len(evaluations))
	if c.best > 0 {
		w.gain += math.Log(before / c.best)
	}
	if nearest >= 0 {
		copy(c.hit.Data, evaluations[nearest].Input.Data)
	}
	if c.turn == byModel {
		l.tell(evaluations)
		if nearest >= 0 {
			c.fresh, c.dry = true, 0
		}
		return
	}
	defer l.giveBack()
	for i, move := range c.moves {
		c.ascent.chosen = move
		c.ascent.tell(&evaluations[i])
	}
	if nearest < 0 {
		if c.dry++; c.dry >= driesUp {
			c.dry, c.share, c.fresh = 0, min((1+c.share)/2, 0.97), true
		}
		return
	}
	c.dry, c.share, c.fresh = 0, max(c.share*c.share, nearerBy), true
	l.best, l.since = c.best, 0
	e := &evaluations[nearest]
	l.moveTo(e, l.margins(e).mean())
	l.chord(l.changed(), l.margin)
}
