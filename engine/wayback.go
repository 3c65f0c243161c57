package engine

import (
	"slices"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/input"
)

// wayBack closes in on a trigger whose compressed answer is not finite. There are no scores to be led by, so it bisects
// the straight way from the trigger back to the seed, whatever the strategy: what overflows at a place mostly does so
// from some strength on. It takes over from a strategy that is a [Closer].
type wayBack struct {
	from       Searcher // that found the trigger
	history    []string // of the trigger
	seed       input.Input
	trigger    input.Input
	near, far  float64 // shares of the way from the seed: finite at near, not finite at far
	candidate  [1]input.Input
	previous   []float32
	asked      bool
	bisections int
}

// mostBisections ends it: what is left then is a thousandth of the way.
const mostBisections = 10

func newWayBack(from Searcher, t *Trigger) *wayBack {
	return &wayBack{
		from: from, history: t.History, seed: t.Seed, trigger: t.Input, far: 1,
		candidate: [1]input.Input{t.Seed.Clone()}, previous: slices.Clone(t.Input.Data),
	}
}

var (
	_ Searcher  = (*wayBack)(nil)
	_ Historian = (*wayBack)(nil)
)

func (s *wayBack) middle() float64 { return (s.near + s.far) / 2 }

// Ask implements [Searcher].
func (s *wayBack) Ask(int) []input.Input {
	s.asked = true
	data := s.candidate[0].Data
	distance.BlendOf(s.seed)(s.candidate[0], s.seed, s.trigger, s.middle())
	if s.bisections == mostBisections || slices.Equal(data, s.previous) || slices.Equal(data, s.seed.Data) {
		return nil
	}
	copy(s.previous, data)
	s.bisections++
	return s.candidate[:]
}

// Tell implements [Searcher]. The first one may be about what the strategy asked.
func (s *wayBack) Tell(evaluations []Evaluation) {
	switch {
	case !s.asked:
	case evaluations[0].Verdict.Deviates:
		s.far = s.middle()
	default:
		s.near = s.middle()
	}
}

// History implements [Historian].
func (s *wayBack) History(i int) []string {
	if !s.asked {
		if h, ok := s.from.(Historian); ok {
			return h.History(i)
		}
		return nil
	}
	return append(slices.Clone(s.history), "closing in")
}
