// Package ownstrategy is a search strategy of one's own, outside the module's packages: it is meant to be copied. It uses all
// that the strategies of the module do: a pool of other seeds, the bound with its ends, the ruler and the aim, the oracle,
// closing in, and histories. The engine does the rest: batches, budgets, confirmations, cancellation.
//
//	go test ./examples/own-strategy
package ownstrategy

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
)

// Halving looks for triggers between a seed and other seeds, by halving the way. Within a bound that is a box it then turns blocks
// of the input to the ends of the box. From a trigger it goes on by putting blocks back to the seed.
type Halving struct {
	// Ways is how many other seeds are tried for each seed. 0 means 5.
	Ways int

	pool []engine.Evaluation
}

var _ engine.PoolStrategy = Halving{}

// String names the strategy in reports, with the options that change what it finds.
func (h Halving) String() string { return fmt.Sprintf("halving, ways %d", cmp.Or(h.Ways, 5)) }

// PoolSize implements [engine.PoolStrategy].
func (Halving) PoolSize() int { return 200 }

// WithPool implements [engine.PoolStrategy].
func (h Halving) WithPool(pool []engine.Evaluation) engine.Strategy {
	h.pool = pool
	return h
}

// NewSearcher implements [engine.Strategy]. An error skips the seed.
func (h Halving) NewSearcher(task engine.Task) (engine.Searcher, error) {
	if h.Ways < 0 {
		return nil, fmt.Errorf("halving: Ways is %d; expected at least 1, or 0 for 5", h.Ways)
	}
	low, high, err := distance.EndsOf(task.Region, task.Seed.Input)
	if err != nil {
		return nil, fmt.Errorf("halving: %w", err)
	}
	seed := task.Seed.Input
	s := &searcher{
		task: task, label: answer.Label(task.Seed.Original.Scores), low: low, high: high, grid: distance.GridOf(seed),
		base: seed.Clone(), candidate: []input.Input{seed.Clone()}, length: 1,
	}
	s.loss, s.size = s.lossOf(task.Seed), max(s.grid.Height, s.grid.Width)
	for _, e := range h.pool {
		if answer.Label(e.Original.Scores) != s.label && !e.Verdict.Deviates && e.Input.Like(seed) {
			s.ways = append(s.ways, e)
		}
	}
	// The nearest ones, by the aim of the search.
	slices.SortStableFunc(s.ways, func(a, b engine.Evaluation) int {
		return cmp.Compare(task.Ruler.Far(task.Aim, a.Input), task.Ruler.Far(task.Aim, b.Input))
	})
	s.ways = s.ways[:min(cmp.Or(h.Ways, 5), len(s.ways))]
	return s, nil
}

// searcher searches from one seed: on a way, then by corners, and from a trigger on by putting back.
type searcher struct {
	task      engine.Task
	label     int       // of the seed
	low, high []float32 // the ends of the bound, nil where it has none
	grid      distance.Grid
	candidate []input.Input // the one asked for
	step      string        // what made it

	ways         []engine.Evaluation // their ends: the first one is tried, then the others
	from, length float64             // the piece of the way in which the boundaries lie

	base input.Input // the best candidate so far, by its loss; while closing in, the nearest trigger
	loss float64

	closing bool
	far     float64 // of base, by the aim
	size    int     // of the blocks that are put back
	blocks  []distance.Block
}

// lossOf is how far answers are from a deviation.
func (s *searcher) lossOf(e engine.Evaluation) float64 {
	if oracle := answer.BeyondLabels(s.task.Oracle); oracle != nil { // it asks for more than different labels
		return oracle.Shortfall(e.Original, e.Compressed)
	}
	m, n := answer.Margin(e.Original.Scores, s.label), answer.Margin(e.Compressed.Scores, s.label)
	return min(max(n, -m), max(m, -n)) // one model leaves the label, the other one holds it
}

// Ask implements [engine.Searcher]. None says that there is nothing more to try.
func (s *searcher) Ask(int) []input.Input {
	in := s.candidate[0]
	switch {
	case s.closing:
		return s.putBack()
	case len(s.ways) > 0:
		middle, to := s.from+s.length/2, s.ways[0]
		s.step = fmt.Sprintf("blend %.4f with a seed of label %d", middle, answer.Label(to.Original.Scores))
		input.Blend(in, s.task.Seed.Input, to.Input, middle)
	case s.low != nil:
		s.step = "corner"
		s.turn()
	default:
		return nil
	}
	if s.task.Region != nil {
		s.task.Region.Project(in) // the engine would: here it is known before what is asked
	}
	return s.candidate
}

// turn moves a random block of the base to one end of the box.
func (s *searcher) turn() {
	in, end := s.candidate[0], s.low
	if s.task.Rand.IntN(2) == 1 {
		end = s.high
	}
	copy(in.Data, s.base.Data)
	blocks := s.grid.Cut(1 + s.task.Rand.IntN(max(s.grid.Height, s.grid.Width)/3+1))
	s.grid.Each(blocks[s.task.Rand.IntN(len(blocks))], func(i int) { in.Data[i] = end[i] })
}

// putBack puts the next block of the base back to the seed, from coarse to fine.
func (s *searcher) putBack() []input.Input {
	for in := s.candidate[0]; ; {
		if len(s.blocks) == 0 {
			if s.size == 1 {
				return nil
			}
			s.size = (s.size + 1) / 2
			s.blocks = s.grid.Cut(s.size)
		}
		copy(in.Data, s.base.Data)
		s.grid.Each(s.blocks[0], func(i int) { in.Data[i] = s.task.Seed.Input.Data[i] })
		s.blocks = s.blocks[1:]
		if !slices.Equal(in.Data, s.base.Data) && s.task.Ruler.Far(s.task.Aim, in) < s.far {
			return s.candidate
		}
	}
}

// Tell implements [engine.Searcher].
func (s *searcher) Tell(evaluations []engine.Evaluation) {
	e := evaluations[0]
	switch {
	case s.closing:
		if e.Verdict.Deviates { // also the trigger to begin with
			copy(s.base.Data, e.Input.Data)
			s.far = s.task.Ruler.Far(s.task.Aim, e.Input)
		}
		return
	case len(s.ways) > 0:
		if s.length /= 2; answer.Margin(e.Original.Scores, s.label)+answer.Margin(e.Compressed.Scores, s.label) > 0 {
			s.from += s.length
		}
		if s.length < 0.001 || e.Verdict.Kind != answer.OtherAnswer {
			s.ways, s.from, s.length = s.ways[1:], 0, 1
		}
	}
	if e.Verdict.Kind != answer.OtherAnswer { // not finite: nothing is to be learned from it
		return
	}
	if loss := s.lossOf(e); loss < s.loss {
		s.loss = loss
		copy(s.base.Data, e.Input.Data)
	}
}

// CloseIn implements [engine.Closer]: the next Tell is about the first trigger.
func (s *searcher) CloseIn() bool {
	s.closing, s.step = true, s.step+", blocks put back"
	return true
}

// History implements [engine.Historian].
func (s *searcher) History(int) []string { return []string{s.step} }
