// Package engine searches for triggers: inputs on which an original model and its compressed version give different
// answers. Both are black boxes.
//
//	pair, err := model.NewPair("scaled", original, compressed)
//	report, err := engine.Search(ctx, pair, seeds, engine.Settings{Strategy: strategies.Boundary()})
//	for _, trigger := range report.Triggers() { … }
//
// The parts:
//
//   - [Search] searches around every seed, and [Merge] puts the reports of shards together (see [Shard])
//   - [Screen], [SeedSearch] and [Combine] do the same seed by seed, on any number of machines
//   - a [Strategy] says what to try, by a [Searcher] for each seed; a [Budget] limits the queries: a query is one input,
//     evaluated by both models
//   - [Replay] runs inputs again, and an [Evaluator] judges draws from an [input.Distribution], without a search
//   - [Sides] ask both models of a pair; everything else uses them
//
// The same random seed, settings and models give the same [Report], whatever the batch size and the number of workers,
// unless a limit of time ends the search. Cancelling keeps what was found. A search that could not have found anything
// is an error, such as [ErrInconclusive]. That nothing was found is never a proof that the models agree.
package engine
