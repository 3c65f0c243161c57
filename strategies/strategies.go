// Package strategies holds ready-made search strategies: an algorithm of package engine together with
// the mutation operators of package generators that belong to it.
//
//	Expect(pair).NotTo(HaveDeviationFrom(seeds).Using(strategies.TriggerFinder()))
//
// A strategy of your own needs nothing from here: implement [engine.Strategy], or fill the fields of
// [TriggerFinderSearch] with operators of your choice.
package strategies

import "github.com/triggerfinder/triggerfinder/generators"

// TriggerFinder is the search of arXiv 2112.02819 as the paper describes it, with the seven
// operators of [generators.Published].
func TriggerFinder() TriggerFinderSearch {
	return TriggerFinderSearch{Mode: AsPublished, Mutators: generators.Published()}
}

// TriggerFinderAsReleased is the same search as the authors' released code performs it, with the
// seven operators of [generators.Released]; for comparison with published figures. It needs 8-bit
// images.
func TriggerFinderAsReleased() TriggerFinderSearch {
	return TriggerFinderSearch{Mode: AsReleased, Mutators: generators.Released()}
}
