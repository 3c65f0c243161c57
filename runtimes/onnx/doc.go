// Package onnx makes predictors of ONNX models, with ONNX Runtime: of classifiers, and of models that give other numbers.
//
//	pair, err := onnx.OpenPair("model.onnx", "model-int8.onnx", onnx.Scale(1.0/255))
//
// opens an original model and its compressed version as the [model.Pair] of a search. Options say what the files do not; see
//
//   - [Option]: the preprocessing of a model, and options for one model of a pair
//   - [Model]: which inputs are read, of which types and layouts, and how batches run; [Feed], [Fixed] and [Made]
//     feed several inputs
//   - [Scores]: how outputs are read, and what is an error; [Raw] numbers
//   - [Open]: where ONNX Runtime comes from
//   - [OpenPerturbed] and [Perturbed]: copies with a known, small change of their weights; [OpenVariants]: other settings of
//     the runtime. Package restore puts chosen nodes of a quantised model back into float.
package onnx
