// Package strategies holds the search strategies of the module. Each is an [engine.Strategy] in a file of
// its own. A function makes each with its mutation operators; its options are the fields of the type whose name ends in
// Search. Unless you give others, the operators are the usual ones for the kind of a seed (see [generators.Usual]):
//
//   - [Boundary], [BoundarySearch]: along paths across the decision boundary, then closer to the seed; the default
//   - [TriggerFinder], [TriggerFinderAsReleased], [TriggerFinderSearch]: mutants that increase the difference between the models
//   - [Square], [SquareSearch]: squares of random signs, for searches within a bound
//   - [DiffChaser], [DiffChaserSearch]: a genetic algorithm that looks for uncertain answers
//   - [Random], [RandomSearch]: no guidance, for comparison
//
// The last four use the operators of TriggerFinder's paper, or none, so that a comparison is about the algorithms.
//
//	Expect(pair).NotTo(HaveDeviationFrom(seeds).Using(strategies.TriggerFinder()))
//
// They use only exported names of the engine, so a strategy of your own can do everything that they do: see
// examples/own-strategy.
package strategies

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/triggerfinder/triggerfinder/input"
)

// strategyOption is a number that a strategy's name shows when it is neither 0 nor the usual one.
type strategyOption struct {
	name         string
	value, usual float64
}

func strategyName(name string, options ...strategyOption) string {
	parts := []string{name}
	for _, o := range options {
		if o.value != 0 && o.value != o.usual {
			parts = append(parts, fmt.Sprintf("%s %g", o.name, o.value))
		}
	}
	return strings.Join(parts, ", ")
}

// fitting are those of a strategy's operators, at most 255, that can change inputs like the seed, and how many cannot. Families stand for
// their members. An error tells what is wrong with them, and that none fits.
func fitting(mutators []input.Mutator, seed input.Input) (fit omitting, err error) {
	if len(mutators) == 0 {
		return fit, errors.New("no mutation operators; expected at least one")
	}
	mutators, none := members(mutators, seed)
	if len(mutators) == 0 {
		return fit, none
	}
	if len(mutators) > 255 {
		return fit, fmt.Errorf("%d mutation operators; expected at most 255", len(mutators))
	}
	var unfit error
	for i, m := range mutators {
		if m == nil {
			return fit, fmt.Errorf("mutation operator %d is nil", i)
		}
		if err := input.Supports(m, seed); err != nil {
			fit.leftOut++
			unfit = cmp.Or(unfit, err)
			continue
		}
		fit.mutators = append(fit.mutators, m)
	}
	if len(fit.mutators) == 0 {
		return fit, fmt.Errorf("none of the %d mutation operators fits: %w", len(mutators), unfit)
	}
	return fit, nil
}

// members are the operators with the members of families in their places; why there are none, where a family has none.
func members[M input.Mutator](mutators []M, seed input.Input) (all []input.Mutator, none error) {
	for _, m := range mutators {
		family, ok := any(m).(input.MutatorFamily)
		if !ok {
			all = append(all, m)
			continue
		}
		of := family.Members(seed)
		if len(of) == 0 {
			none = cmp.Or(none, input.Supports(m, seed), fmt.Errorf("%s has no operators for %s", m, seed))
		}
		all = append(all, of...)
	}
	return all, none
}

// omitting are the operators that a search of one seed goes by. It implements [engine.Omitter].
type omitting struct {
	mutators []input.Mutator
	leftOut  int
}

// LeftOut implements [engine.Omitter].
func (o omitting) LeftOut() int { return o.leftOut }
