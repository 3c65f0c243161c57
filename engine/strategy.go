package engine

import "math/rand/v2"

// Evaluation is one input with what both models say about it.
type Evaluation struct {
	Input      Input
	Original   []float32 // scores
	Compressed []float32 // scores
	Verdict    Verdict
}

// Strategy makes a [Searcher] for each seed.
type Strategy interface {
	// NewSearcher starts the search of one seed, with both models' answers to the seed itself and
	// the seed's own random stream. The evaluation's memory stays valid and unchanged.
	NewSearcher(seed Evaluation, rng *rand.Rand) (Searcher, error)
	// String names the strategy with the options that distinguish it, for reports.
	String() string
}

// Searcher searches from one seed by ask and tell. It never calls a model and never sees
// another seed's search, so every strategy gets batching, budgets, bounds, cancellation and
// determinism from the engine.
type Searcher interface {
	// Ask returns the candidates to evaluate next, at least one and at most limit of them, or none
	// when there is nothing more to try. The engine may move a candidate into the bound in place,
	// and is done with them after the next call of Tell.
	Ask(limit int) []Input
	// Tell gives both models' answers to all candidates of the last Ask, in their order. The
	// evaluations are valid during the call only. The engine ends the search at the first
	// confirmed trigger.
	Tell(evaluations []Evaluation)
}

// Historian is an optional extension of [Searcher]: History lists the mutation operators that
// lead from the seed to candidate i of the last Ask. It is called before Tell.
type Historian interface {
	History(i int) []string
}
