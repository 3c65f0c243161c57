package main

import (
	"github.com/triggerfinder/triggerfinder/bench/subjects"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// subject is a pair to search, and its seeds.
type subject struct {
	name    string
	open    func() (*model.Pair, input.Seeds, error)
	authors *authorsFigures // nil where there are none
}

// authorsFigures are what the authors' own loop took on the first 100 seeds: medians pooled over five
// random seeds, everything else with one. All of them were found.
type authorsFigures struct{ released, uniform row }

var figures = map[string]*authorsFigures{
	"lenet1": {
		released: row{median: 75, mean: 104, p90: 182, max: 945, geometricMean: 67.5, meanSSIM: 0.16},
		uniform:  row{median: 71, mean: 108, geometricMean: 66.7},
	},
	"lenet5": {
		released: row{median: 97, mean: 553, p90: 334, max: 39189, geometricMean: 88.6, meanSSIM: 0.17},
		uniform:  row{median: 87, mean: 273, geometricMean: 88.2},
	},
	"resnet20": {
		released: row{median: 20, mean: 36, p90: 58, max: 359, geometricMean: 18.5, meanSSIM: 0.29},
		uniform:  row{median: 21, mean: 32, geometricMean: 18.3},
	},
}

// withFigures are pairs with the figures of the authors, where there are any.
func withFigures(all []subjects.Subject) []subject {
	var list []subject
	for _, s := range all {
		list = append(list, subject{name: s.Name, open: func() (*model.Pair, input.Seeds, error) { return s.Open() }, authors: figures[s.Name]})
	}
	return list
}
