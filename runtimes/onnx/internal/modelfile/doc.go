// Package modelfile reads an ONNX model with all of its files: the graph, and the files that it keeps weights in. It is the
// one place that knows where weights may lie, what tells one model from another, and how a model in several files becomes one.
package modelfile
