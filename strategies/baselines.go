package strategies

import "github.com/triggerfinder/triggerfinder/generators"

// The baselines have the operators of [TriggerFinder], so that a comparison with it is one of search
// algorithms alone.

// Random mutates the seed by one operator of [generators.Published] at a time, without looking at
// the models' answers. It is not a good strategy, but useful for comparison: see [RandomSearch].
func Random() RandomSearch {
	return RandomSearch{Mutators: generators.Published()}
}

// DiffChaser is the genetic algorithm of Xie et al. (IJCAI 2019), with the operators of
// [generators.Published]. Its generations of 1000 cost many queries: see [DiffChaserSearch] for
// where that comes from, and give it a budget of several thousand queries a seed or a smaller
// Population.
func DiffChaser() DiffChaserSearch {
	return DiffChaserSearch{Mutators: generators.Published()}
}

// Square is a search in the manner of the Square Attack (Andriushchenko et al., ECCV 2020), for
// searches within a bound, above all [distance.LInf]. It has no mutation operators.
func Square() SquareSearch { return SquareSearch{} }
