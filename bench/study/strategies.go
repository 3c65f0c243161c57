package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// contender is a strategy with the name that it has in tables.
type contender struct {
	name     string
	strategy engine.Strategy
	baseline bool // never learns from the difference of the models, so hard seeds take it very long: fewer seeds, a lower limit
	ablation bool
	closing  bool // brings the first trigger nearer
}

// The names of strategies.
const (
	published      = "TriggerFinder, published"
	released       = "TriggerFinder, released"
	uniform        = "uniform selector"
	differenceOnly = "difference-only fitness"
	diffChaser     = "DiffChaser"
	random         = "Random"
	boundary       = "Boundary"
	closedIn       = "Boundary, closing in"
)

// contenders are the strategies of the study, those that take the least first.
func contenders() []contender {
	withUniform, withDifference := strategies.TriggerFinder(), strategies.TriggerFinder()
	withUniform.UniformSelector = true
	withDifference.DifferenceOnly = true
	return []contender{
		{name: boundary, strategy: strategies.Boundary()},
		{name: closedIn, strategy: strategies.Boundary(), closing: true},
		{name: published, strategy: strategies.TriggerFinder()},
		{name: uniform, strategy: withUniform, ablation: true},
		{name: differenceOnly, strategy: withDifference, ablation: true},
		{name: released, strategy: strategies.TriggerFinderAsReleased()},
		{name: diffChaser, strategy: strategies.DiffChaser(), baseline: true},
		{name: random, strategy: strategies.Random(), baseline: true},
	}
}

// shortNames are the names of strategies on the command line.
var shortNames = []struct{ short, name string }{
	{"boundary", boundary}, {"closing", closedIn}, {"published", published}, {"uniform", uniform},
	{"difference", differenceOnly}, {"released", released}, {"diffchaser", diffChaser}, {"random", random},
}

func shortList() string {
	var list []string
	for _, n := range shortNames {
		list = append(list, n.short)
	}
	return strings.Join(list, ", ")
}

// chooseContenders are those of the given short names, in the order of the study, or all where there are none.
func chooseContenders(names []string) ([]contender, error) {
	var wanted []string
	for _, name := range names {
		i := slices.IndexFunc(shortNames, func(n struct{ short, name string }) bool { return n.short == name })
		if i < 0 {
			return nil, fmt.Errorf("-strategies: expected some of %s, found %q", shortList(), name)
		}
		wanted = append(wanted, shortNames[i].name)
	}
	all := contenders()
	if len(wanted) == 0 {
		return all, nil
	}
	return slices.DeleteFunc(all, func(c contender) bool { return !slices.Contains(wanted, c.name) }), nil
}

// hard are pairs on which TriggerFinder takes thousands of queries a seed, of an expensive model: ablations take as few
// seeds there as the baselines.
var hard = []string{"cnn-int8"}
