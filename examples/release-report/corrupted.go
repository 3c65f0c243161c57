package main

import (
	"fmt"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/generators"
)

// severity of the corruptions in the labelled test set.
const severity = 0.3

// corrupted is every seed under every corruption: a labelled test set on which models do err.
func corrupted(seeds engine.Seeds) (engine.SeedList, error) {
	var all engine.SeedList
	for i := range seeds.Len() {
		seed, err := seeds.Seed(i)
		if err != nil {
			return nil, fmt.Errorf("seed %d: %w", i, err)
		}
		for _, c := range generators.Corruptions() {
			if s, ok := c.(engine.InputSupporter); ok && s.Supports(seed.Input) != nil {
				continue
			}
			in := seed.Input.Clone()
			c.MutateAt(in, seed.Input, severity, uint64(i))
			all = append(all, engine.Seed{Input: in, Label: seed.Label, Name: fmt.Sprintf("%s, %s %g", seed.Name, c, severity)})
		}
	}
	return all, nil
}
