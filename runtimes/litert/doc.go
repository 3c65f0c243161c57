// Package litert makes predictors of LiteRT models (.tflite files, once of TensorFlow Lite), with the runtime that ships to phones and
// boards: the library libLiteRt, opened at run time.
//
//	pair, err := litert.OpenPair("model.tflite", "model-int8.tflite", litert.Scale(1.0/255))
//
// opens an original model and its compressed version as the [model.Pair] of a search. The two models of a pair may run in different runtimes:
//
//	original, err := onnx.Open("model.onnx", onnx.Scale(1.0/255))
//	compressed, err := litert.Open("model-int8.tflite", litert.Scale(1.0/255))
//	pair, err := model.NewPair("", original, compressed)
//
// Options say what the files do not; see
//
//   - [Option]: the preprocessing of a model, and options for one model of a pair
//   - [Model]: which inputs are read, of which types and layouts, and how batches run
//   - [Scores]: how outputs are read
//   - [RuntimeLibrary]: where LiteRT comes from
//   - [OpenVariants]: other settings of the runtime
package litert
