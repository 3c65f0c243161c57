package strategies

import (
	"errors"
	"fmt"
	"strings"

	"github.com/triggerfinder/triggerfinder/input"
)

// This file holds what the options of the strategies have in common.

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

// checkMutators tells what is wrong with a strategy's operators, at most 255, for inputs like seed.
func checkMutators(mutators []input.Mutator, seed input.Input) error {
	if len(mutators) == 0 {
		return errors.New("no mutation operators; expected at least one")
	}
	if len(mutators) > 255 {
		return fmt.Errorf("%d mutation operators; expected at most 255", len(mutators))
	}
	for i, m := range mutators {
		if m == nil {
			return fmt.Errorf("mutation operator %d is nil", i)
		}
		if s, ok := m.(input.InputSupporter); ok {
			if err := s.Supports(seed); err != nil {
				return fmt.Errorf("mutation operator %s: %w", m, err)
			}
		}
	}
	return nil
}
