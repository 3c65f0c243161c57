// Package model holds the models that are compared: black boxes, in pairs of an original and its compressed version.
//
//   - a [Predictor] is one model: inputs in, a row of scores for each out. [Func] and [LabelFunc] make one of a Go function,
//     [Softmax] turns logits into probabilities, and the packages below runtimes open files. An [Answerer] gives other
//     answers: named outputs, of shapes that may differ
//   - a [Pair] is an original and its compressed version: [NewPair]; [NewChain] makes one of which the models in between
//     are known
//   - a [Description] is what a report says about a model; its [Identity] says whether two models are the same
//   - a predictor may do more: [BufferedPredictor], [Describer], [InputChecker], [PartUser],
//     [Preparer]
package model
