// Package strategies holds the search strategies that come with the module, each an [engine.Strategy] in a file of
// its own. A function makes each with the mutation operators of package generators that belong to it; its type, with
// its options, is called Search:
//
//   - [Boundary], [BoundarySearch]: along paths across the decision boundary, then nearer to the seed; the default
//   - [TriggerFinder], [TriggerFinderAsReleased], [TriggerFinderSearch]: mutants that set the models apart
//   - [Square], [SquareSearch]: squares of random signs, for searches within a bound
//   - [DiffChaser], [DiffChaserSearch]: a genetic algorithm after uncertain models
//   - [Random], [RandomSearch]: no guidance, to compare with
//
// The last four have the operators of the paper of TriggerFinder or none, so that a comparison is one of algorithms.
//
//	Expect(pair).NotTo(HaveDeviationFrom(seeds).Using(strategies.TriggerFinder()))
//
// They use exported names of the engine alone, so that a strategy of your own can do all that they do: see
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

// fitting are those of a strategy's operators, at most 255, that can change inputs like the seed, and how many cannot. An error
// tells what is wrong with them, and that none fits.
func fitting(mutators []input.Mutator, seed input.Input) (fit omitting, err error) {
	if len(mutators) == 0 {
		return fit, errors.New("no mutation operators; expected at least one")
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

// omitting are the operators that a search of one seed goes by. It implements [engine.Omitter].
type omitting struct {
	mutators []input.Mutator
	leftOut  int
}

// LeftOut implements [engine.Omitter].
func (o omitting) LeftOut() int { return o.leftOut }
