// Package engine searches for inputs on which an original model and its compressed version give different answers,
// with both models as black boxes.
//
//	pair, err := model.NewPair("scaled", original, compressed)
//	report, err := engine.Search(ctx, pair, seeds, engine.Settings{Strategy: strategies.Boundary()})
//	for _, trigger := range report.Triggers() { … }
//
// It links neither cgo nor ONNX Runtime. Models in ONNX files are predictors by package onnx, seeds are read by package
// generators, and package matchers makes all of it an assertion.
//
// # Words
//
//   - A [model.Pair] is an original and a compressed model, each a [model.Predictor]: inputs in, a row of scores for each out.
//   - An [input.Input] is an array in raw units, such as an 8-bit image of shape [height, width, channels], with the [input.Domain]
//     of its values.
//   - A [input.Seed] is an input to start from. A search is carried out around each of the [input.Seeds].
//   - An [answer.Oracle] decides whether two answers are a deviation: [answer.Top1], [answer.TopK], [answer.ScoreTolerance], [answer.LabelOnly], and
//     stricter ones by [answer.MinConfidence] and [answer.MinGap].
//     They are asked through [answer.Judge]: NaN and infinity of the compressed model alone are the worst deviation, [answer.NotFinite].
//   - A trigger is an input on which they are. It is reported as a [Trigger] when both models confirmed it again, alone.
//   - A query is one input evaluated by both models. A [Budget] limits them.
//   - A [Strategy] proposes inputs by a [Searcher] for each seed, which is asked for candidates and told both
//     answers; it never calls a model. [strategies.BoundarySearch], [strategies.TriggerFinderSearch], [strategies.DiffChaserSearch], [strategies.RandomSearch] and [strategies.SquareSearch] are here; package
//     strategies gives them with their operators.
//   - A [distance.Bound] keeps candidates near their seed.
//
// # What is here
//
//   - [Search] searches, [Merge] puts the reports of shards together (see [Shard]).
//   - [Screen], [SeedSearch] and [Combine] carry out the same search seed by seed, on as many machines as one likes.
//   - [Replay] and [ReplayTogether] run inputs again, alone or in batches.
//   - [minimize.Trigger] makes a trigger smaller.
//   - An [Evaluator] judges inputs drawn from a [input.Distribution], without a search.
//   - [Sides] ask both models of a pair; all of these do so through it.
//
// # What can be relied on
//
// The same random seed, settings and models give the same [Report], whatever the size of batches and the number of
// workers, unless a limit of time ends the search. Cancelling the context keeps what was found, and the status says that
// the report is partial. A search that was not able to find anything (the same model twice, no usable seeds, scores that are constant or NaN
// for everything, a budget that ended before every seed had its minimum) is an error; see [ErrInconclusive]. That nothing was
// found is never a proof that the models agree.
package engine
