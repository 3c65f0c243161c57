package strategies

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
)

// TriggerFinder is the search of arXiv 2112.02819 as the paper describes it, with the seven
// operators of [generators.Published] for images, and for other kinds those that are usual: [generators.UsualMutators].
func TriggerFinder() TriggerFinderSearch {
	return TriggerFinderSearch{Mode: AsPublished, Mutators: []input.Mutator{generators.UsualMutators()}}
}

// TriggerFinderAsReleased is the same search as the authors' released code performs it, with the
// seven operators of [generators.Released]; for comparison with published figures. It needs 8-bit
// images.
func TriggerFinderAsReleased() TriggerFinderSearch {
	return TriggerFinderSearch{Mode: AsReleased, Mutators: generators.Released()}
}

// TriggerFinderSearch is the search of "Finding Deviated Behaviors of the Compressed DNN Models for Image
// Classifications" (arXiv 2112.02819, TOSEM 2023; first version "TriggerFinder", later "DFLARE"). It mutates
// the latest kept mutant of a seed with one operator at a time until the models deviate. One ask is
// one candidate.
//
// The paper is about classes. Of answers that are none, the difference is how little the oracle lacks to a deviation (or, where it does not
// tell and is an [answer.Decider], how near the nearer model is to another decision), relative to the seed's, of which the tolerance is a
// share. States are both models' numbers, relative to the length of the seed's, of answers of at most 8,192 numbers in all.
// An oracle that tells nothing leaves the states alone to go by.
//
// Differences to the released code, in either mode: the nearest neighbour among states is exact, not
// approximate, and all randomness comes from the seed's own stream.
type TriggerFinderSearch struct {
	// Mutators are the operators to choose from, at least one; those that cannot change a seed are left out for it. [generators.UsualMutators]
	// and [generators.Released] are those of the two modes.
	Mutators []input.Mutator
	// Mode selects the rules where paper and released code differ.
	Mode Mode
	// UniformSelector chooses operators uniformly instead (the paper's ablation "b").
	UniformSelector bool
	// DifferenceOnly leaves new states out of the fitness (the paper's ablation "c").
	DifferenceOnly bool
	// Tolerance is how much the difference of probabilities must grow (or change, as released) to
	// count. 0 means 0.001.
	Tolerance float64
	// StateDistance is the squared Euclidean distance from all earlier states beyond which a state
	// is new. 0 means 0.5.
	StateDistance float64
}

// Mode says which of two versions of TriggerFinder's rules a [TriggerFinderSearch] follows: those of the
// paper, or those of the code its authors released, where the two differ.
type Mode int

const (
	// AsPublished follows the paper (arXiv 2112.02819, sections 3.2 to 3.4). A mutant is kept when
	// the difference of the models' top-1 probabilities is larger than that of the latest kept one,
	// or when it reaches a new state, from which the difference may grow anew. The choice of operators
	// is a Markov chain over their ranks.
	AsPublished Mode = iota
	// AsReleased follows the released code. A mutant is kept when the difference has *changed*, in
	// either direction, or when it reaches a new state. The previous operator is never found in the
	// list of operators, so the chain has no memory: a proposal of rank k (0 is the best) is accepted
	// with probability (1-1/n)^(k+1).
	AsReleased
)

// String is "published" or "released".
func (m Mode) String() string {
	if m == AsReleased {
		return "released"
	}
	return "published"
}

var _ engine.Strategy = TriggerFinderSearch{}

// String names the strategy and what distinguishes it.
func (t TriggerFinderSearch) String() string {
	name := "triggerfinder as " + t.Mode.String()
	if t.UniformSelector {
		name += ", uniform selector"
	}
	if t.DifferenceOnly {
		name += ", difference only"
	}
	return strategyName(name, strategyOption{"tolerance", t.Tolerance, 0}, strategyOption{"state distance", t.StateDistance, 0})
}

// NewSearcher implements [engine.Strategy].
func (t TriggerFinderSearch) NewSearcher(task engine.Task) (engine.Searcher, error) {
	seed := task.Seed
	fit, err := fitting(t.Mutators, seed.Input)
	if err != nil {
		return nil, fmt.Errorf("triggerfinder: %w", err)
	}
	s := &triggerFinderSearcher{
		omitting: fit,
		rng:      task.Rand,
		selector: newSelector(len(fit.mutators), t.Mode, t.UniformSelector),
		fitness:  newFitness(t, task),
		latest:   seed.Input.Clone(),
		mutant:   [1]input.Input{seed.Input.Clone()},
	}
	return s, nil
}

type triggerFinderSearcher struct {
	omitting
	rng      *rand.Rand
	selector *selector
	fitness  *fitness
	latest   input.Input
	mutant   [1]input.Input
	operator int     // that made the mutant
	history  []uint8 // operators of the kept mutants
}

var (
	_ engine.Historian = (*triggerFinderSearcher)(nil)
	_ engine.Omitter   = (*triggerFinderSearcher)(nil)
)

func (s *triggerFinderSearcher) Ask(int) []input.Input {
	s.operator = s.selector.choose(s.rng)
	s.mutators[s.operator].Mutate(s.mutant[0], s.latest, s.rng)
	return s.mutant[:]
}

func (s *triggerFinderSearcher) Tell(evaluations []engine.Evaluation) {
	e := &evaluations[0]
	kept := e.Verdict.Kind == answer.OtherAnswer && s.fitness.better(e)
	s.selector.credit(s.operator, kept)
	if kept {
		s.latest.Data, s.mutant[0].Data = s.mutant[0].Data, s.latest.Data
		s.history = append(s.history, uint8(s.operator))
	}
}

func (s *triggerFinderSearcher) History(int) []string {
	names := make([]string, 0, len(s.history)+1)
	for _, operator := range slices.Concat(s.history, []uint8{uint8(s.operator)}) {
		names = append(names, s.mutators[operator].String())
	}
	return names
}
