// Package process makes a predictor of any program. It starts a command once, which gets batches of inputs on its standard input and answers on its
// standard output. That can be a Python pipeline with its own preprocessing, a vendor's SDK, another version of a runtime, or a device behind ssh or
// adb shell.
//
//	pair, err := process.OpenPair([]string{"python3", "server.py", "model.onnx"}, []string{"python3", "server.py", "model-int8.onnx"})
//
// opens an original model and its compressed version as the [model.Pair] of a search. The two models of a pair may run in different runtimes:
//
//	original, err := onnx.Open("model.onnx", onnx.Scale(1.0/255))
//	compressed, err := process.Open([]string{"ssh", "board", "./run-model"})
//	pair, err := model.NewPair("", original, compressed)
//
// The page docs/process-protocol.md of the module says what such a program reads and writes; examples/process has one in Python and one in Go, of
// some 30 lines each. See
//
//   - [Open]: how the program is started and ended, and what happens when it fails
//   - [Option]: preprocessing, and options for one model of a pair
//   - [Copies], [Timeout], [Restarts]: how it runs
package process
