package strategies

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
)

// ascent searches where there are no boundaries between decisions that a path could cross: for answers that are to be as far apart as
// can be. It begins with places at the ends of paths, one of each sort by turns; then it goes on from the best of them, by moves of
// several sorts, of which those are taken more often that have helped (Thompson sampling: Thompson, Biometrika 25, 1933).
// Nothing is lost by a move that does not help: the best candidate stays.
type ascent struct {
	s    *boundarySearcher
	rng  *rand.Rand
	grid distance.Grid

	base      input.Input
	least     float64 // what the base lacks to a deviation
	previous  input.Input
	candidate [1]input.Input
	said      string
	lineage   []string // of the base

	opening int
	moves   []ascentMove
	chosen  int // move of the candidate, or noMove
	scratch input.Input
}

// ascentMove is a sort of move with what came of it.
type ascentMove struct {
	name      string
	won, lost float64
	apply     func(dst input.Input)
}

const noMove = -1

const (
	// openings is how many ends of paths are tried first.
	openings = 12
	// mostKnown is how many ways to other seeds that deviate themselves are tried before all others.
	mostKnown = 3
	// forgets is what is left of what is known of a move each time another one is taken: what helped at first may not later.
	forgets = 0.98
)

func newAscent(s *boundarySearcher) *ascent {
	seed := s.task.Seed.Input
	a := &ascent{
		s: s, rng: s.task.Rand, grid: distance.GridOf(seed), base: seed.Clone(), previous: seed.Clone(), scratch: seed.Clone(),
		candidate: [1]input.Input{seed.Clone()}, chosen: noMove,
	}
	a.least, _ = s.gauge.of(&s.task.Seed)
	for _, m := range s.corruptions {
		a.moves = append(a.moves, ascentMove{name: m.String(), apply: func(dst input.Input) { m.Mutate(dst, a.base, a.rng) }})
	}
	if !s.unordered {
		a.moves = append(a.moves,
			ascentMove{name: "block-shift", apply: a.shift},
			ascentMove{name: "block-fill", apply: a.flatten},
			ascentMove{name: "block-ends", apply: func(dst input.Input) { a.stripes(dst, a.block()) }},
			ascentMove{name: "farther", apply: a.farther})
	}
	if len(s.neighbours) > 0 {
		a.moves = append(a.moves, ascentMove{name: "seed-blend", apply: a.blend}, ascentMove{name: "seed-block", apply: a.borrow})
	}
	return a
}

// ask writes the next candidate.
func (a *ascent) ask() []input.Input {
	dst := a.candidate[0]
	for range 16 {
		a.chosen = noMove
		if a.opening < openings || len(a.moves) == 0 {
			a.open(dst)
		} else {
			a.chosen = a.choose()
			m := &a.moves[a.chosen]
			copy(dst.Data, a.base.Data)
			m.apply(dst)
			a.said = m.name
		}
		if r := a.s.task.Region; r != nil {
			r.Project(dst)
		}
		if !slices.Equal(dst.Data, a.base.Data) && !slices.Equal(dst.Data, a.s.task.Seed.Input.Data) {
			break
		}
		if a.chosen != noMove {
			a.moves[a.chosen].lost++
		}
	}
	return a.candidate[:]
}

// open writes the next place on the way to a seed that deviates itself or, where there is none, the end of the next path and, every other time, stripes between the ends of the domain: what saturates a compressed model
// is often no more than contrast.
func (a *ascent) open(dst input.Input) {
	a.opening++
	if n := a.opening - 1; n < mostKnown && n < len(a.s.neighbours) && a.s.neighbours[n].Verdict.Deviates {
		to := a.s.neighbours[n]
		a.s.path = a.s.pathTo(to)
		t := (1 + to.crossing) / 2
		a.s.path.at(dst, t)
		a.said = a.s.path.history(t)
		return
	}
	if a.opening%2 == 0 && !a.s.unordered {
		copy(dst.Data, a.s.task.Seed.Input.Data)
		a.stripes(dst, distance.Block{Bottom: a.grid.Height, Right: a.grid.Width})
		a.said = "domain-ends"
		return
	}
	a.s.take()
	t := 1.0
	if !a.s.openEnded {
		t = a.s.bracket.next()
	}
	a.s.walking = false
	a.s.path.at(dst, t)
	a.said = a.s.path.history(t)
}

// stripes gives all values of a column of a block, a channel, the least or the greatest value.
func (a *ascent) stripes(dst input.Input, b distance.Block) {
	line := a.grid.Width * a.grid.Channels
	ends := make([]float64, line)
	for i := range ends {
		ends[i] = float64(a.rng.IntN(2))
	}
	a.grid.Each(b, func(i int) {
		if d := dst.DomainAt(i); !dst.Categorical(i) {
			dst.Data[i] = d.Snap(d.Min + float32(ends[i%line])*d.Range())
		}
	})
}

func (a *ascent) choose() int {
	best, most := 0, -1.0
	for i := range a.moves {
		m := &a.moves[i]
		if v := a.beta(1+m.won, 1+m.lost); v > most {
			best, most = i, v
		}
	}
	return best
}

// beta draws from a beta distribution.
func (a *ascent) beta(x, y float64) float64 {
	g, h := a.gamma(x), a.gamma(y)
	return g / (g + h)
}

// gamma draws from a gamma distribution of a shape of at least 1 (Marsaglia and Tsang, ACM TOMS 26, 2000).
func (a *ascent) gamma(shape float64) float64 {
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := a.rng.NormFloat64()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		if math.Log(1-a.rng.Float64()) < 0.5*x*x+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}

// tell learns from the answers to the candidate.
func (a *ascent) tell(e *engine.Evaluation) {
	better := false
	if e.Verdict.Kind == answer.OtherAnswer {
		if lacks, _ := a.s.gauge.of(e); lacks < a.least {
			better, a.least = true, lacks
			copy(a.previous.Data, a.base.Data)
			copy(a.base.Data, e.Input.Data)
			if a.chosen == noMove {
				a.lineage = a.lineage[:0]
			}
			a.lineage = append(a.lineage, a.said)
		}
	}
	if a.chosen == noMove {
		return
	}
	for i := range a.moves {
		a.moves[i].won *= forgets
		a.moves[i].lost *= forgets
	}
	if better {
		a.moves[a.chosen].won++
	} else {
		a.moves[a.chosen].lost++
	}
}

func (a *ascent) history() []string {
	if a.chosen == noMove {
		return []string{a.said}
	}
	return append(slices.Clone(a.lineage), a.said)
}

// block is a random block of the grid, often as high or as wide as that.
func (a *ascent) block() distance.Block {
	side := func(most int) int {
		if a.rng.IntN(4) == 0 {
			return most
		}
		return 1 + int(float64(most)*math.Pow(a.rng.Float64(), 2))
	}
	h, w := min(side(a.grid.Height), a.grid.Height), min(side(a.grid.Width), a.grid.Width)
	top, left := a.rng.IntN(a.grid.Height-h+1), a.rng.IntN(a.grid.Width-w+1)
	return distance.Block{Top: top, Left: left, Bottom: top + h, Right: left + w}
}

// shift moves all values of a block, by one random share of their ranges a channel.
func (a *ascent) shift(dst input.Input) {
	b := a.block()
	by := make([]float64, a.grid.Channels)
	for c := range by {
		by[c] = 2*a.rng.Float64() - 1
	}
	a.grid.Each(b, func(i int) {
		if d := dst.DomainAt(i); !dst.Categorical(i) {
			dst.Data[i] = d.Snap(dst.Data[i] + float32(by[i%a.grid.Channels]*float64(d.Range())))
		}
	})
}

// flatten gives all values of a block one place in their ranges, a channel: often one end.
func (a *ascent) flatten(dst input.Input) {
	b := a.block()
	at := make([]float64, a.grid.Channels)
	for c := range at {
		at[c] = min(max(3*a.rng.Float64()-1, 0), 1)
	}
	a.grid.Each(b, func(i int) {
		if d := dst.DomainAt(i); !dst.Categorical(i) {
			dst.Data[i] = d.Snap(d.Min + float32(at[i%a.grid.Channels]*float64(d.Range())))
		}
	})
}

// farther goes on in the direction of the latest step that helped.
func (a *ascent) farther(dst input.Input) {
	by := 2 * a.rng.Float64()
	for i, v := range a.base.Data {
		if d := float64(v - a.previous.Data[i]); d != 0 && !dst.Categorical(i) {
			dst.Data[i] = dst.DomainAt(i).Snap(float32(float64(v) + float64(by*d)))
		}
	}
}

func (a *ascent) other() input.Input {
	return a.s.neighbours[a.rng.IntN(len(a.s.neighbours))].unpack(nil)
}

// blend mixes another seed in.
func (a *ascent) blend(dst input.Input) {
	t := a.rng.Float64()
	if !a.s.unordered {
		t *= 1.5
	}
	a.s.between(dst, a.base, a.other(), t)
}

// borrow takes a block of another seed. Of texts of other lengths it leaves padding and special tokens where they are.
func (a *ascent) borrow(dst input.Input) {
	other := a.other()
	a.s.between(a.scratch, a.base, other, 0.999)
	a.grid.Each(a.block(), func(i int) {
		if !dst.Held(i) && !a.scratch.Held(i) {
			dst.Data[i] = a.scratch.Data[i]
		}
	})
}
