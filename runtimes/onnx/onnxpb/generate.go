// Package onnxpb is Go code for the public schema of ONNX files, onnx.proto of ONNX 1.23.2, which stands beside it.
// The schema's package is renamed to triggerfinder.onnx, which does not change files: two packages of one
// program must not register the same name.
package onnxpb

//go:generate protoc -I ../../.. --go_out=../../.. --go_opt=module=github.com/triggerfinder/triggerfinder --go_opt=Mruntimes/onnx/onnxpb/onnx.proto=github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb runtimes/onnx/onnxpb/onnx.proto
