//go:build !linux || !cgo

package onnx

// missingLibraries is not known here: loading a library says what is wrong with it.
func missingLibraries(string) []string { return nil }
