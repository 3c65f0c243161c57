package main

import (
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// The names of strategies on the command line.
const (
	boundary      = "boundary"
	triggerFinder = "triggerfinder"
	diffChaser    = "diffchaser"
	random        = "random"
	square        = "square"
)

// The modes of triggerfinder.
const (
	published = "published"
	released  = "released"
)

// newStrategy makes the strategy of a name that is one of the above.
func newStrategy(name, mode string) engine.Strategy {
	switch name {
	case triggerFinder:
		if mode == released {
			return strategies.TriggerFinderAsReleased()
		}
		return strategies.TriggerFinder()
	case diffChaser:
		return strategies.DiffChaser()
	case random:
		return strategies.Random()
	case square:
		return strategies.Square()
	}
	return strategies.Boundary()
}
