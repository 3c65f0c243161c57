package strategies

import (
	"fmt"
	"math/rand/v2"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
)

// Random mutates the seed by one operator of [generators.UsualMutators] at a time, those of [generators.Published] for images, without looking at
// the models' answers. It is not a good strategy, but useful for comparison: see [RandomSearch].
func Random() RandomSearch {
	return RandomSearch{Mutators: []input.Mutator{generators.UsualMutators()}}
}

// RandomSearch mutates without any fitness: the models' answers are not looked at. It is not a good
// strategy, but useful for comparison: what a strategy is worth is how much better than Random it
// is with the same operators. One ask is one candidate.
//
// The TriggerFinder paper has no such search: its ablations leave out one half of the guidance each
// (see [TriggerFinderSearch]). With Accumulate this is its loop without either: operators are chosen
// uniformly, and every mutant is kept.
type RandomSearch struct {
	// Mutators are the operators to choose from, each with the same probability; at least one. Those that cannot change a
	// seed are left out for it.
	Mutators []input.Mutator
	// Accumulate mutates the latest candidate again, whatever the models said about it: a walk that
	// only leads away. Otherwise every candidate is the seed, mutated by one operator, so that no
	// candidate depends on another.
	Accumulate bool
}

var _ engine.Strategy = RandomSearch{}

// String names the strategy and what distinguishes it.
func (r RandomSearch) String() string {
	if r.Accumulate {
		return "random, accumulating"
	}
	return "random"
}

// NewSearcher implements [engine.Strategy].
func (r RandomSearch) NewSearcher(task engine.Task) (engine.Searcher, error) {
	fit, err := fitting(r.Mutators, task.Seed.Input)
	if err != nil {
		return nil, fmt.Errorf("random: %w", err)
	}
	s := &randomSearcher{
		omitting: fit, accumulate: r.Accumulate, rng: task.Rand,
		source: task.Seed.Input, candidate: [1]input.Input{task.Seed.Input.Clone()},
	}
	if r.Accumulate { // the seed is not ours to write into
		s.source = s.source.Clone()
	}
	return s, nil
}

type randomSearcher struct {
	omitting
	accumulate bool
	rng        *rand.Rand
	source     input.Input // what is mutated next: the seed, or the latest candidate
	candidate  [1]input.Input
	history    []uint8 // operators that lead from the seed to the candidate
}

var (
	_ engine.Historian = (*randomSearcher)(nil)
	_ engine.Omitter   = (*randomSearcher)(nil)
)

func (s *randomSearcher) Ask(int) []input.Input {
	if !s.accumulate {
		s.history = s.history[:0]
	}
	operator := s.rng.IntN(len(s.mutators))
	s.mutators[operator].Mutate(s.candidate[0], s.source, s.rng)
	s.history = append(s.history, uint8(operator))
	return s.candidate[:]
}

func (s *randomSearcher) Tell([]engine.Evaluation) {
	if s.accumulate {
		s.source.Data, s.candidate[0].Data = s.candidate[0].Data, s.source.Data
	}
}

func (s *randomSearcher) History(int) []string {
	names := make([]string, len(s.history))
	for i, operator := range s.history {
		names[i] = s.mutators[operator].String()
	}
	return names
}
