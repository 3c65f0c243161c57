// Package bridge says what another runtime has to tell about a model, so that package onnx can open it as it opens its own: with the
// same options, the same inference of layouts and scores, and the same checks. A runtime describes the graph in the words of
// ONNX, and runs it.
package bridge

import (
	"context"

	"github.com/triggerfinder/triggerfinder/model"
)

// UnfitError is that of a model that runs on no input, whatever its numbers are.
type UnfitError struct{ error }

// Unfit makes an error one.
func Unfit(err error) error { return UnfitError{err} }

// Unwrap is for errors.Is and errors.As.
func (e UnfitError) Unwrap() error { return e.error }

// Element is the type of the elements of a tensor, numbered as ONNX does.
type Element int

// The types that can be read and written.
const (
	Float32  Element = 1
	Uint8    Element = 2
	Int8     Element = 3
	Int16    Element = 5
	Int32    Element = 6
	Int64    Element = 7
	Bool     Element = 9
	Float16  Element = 10
	Float64  Element = 11
	Bfloat16 Element = 16
)

// Size is how many bytes one element takes.
func (e Element) Size() int {
	switch e {
	case Uint8, Int8, Bool:
		return 1
	case Int16, Float16, Bfloat16:
		return 2
	case Float64, Int64:
		return 8
	}
	return 4
}

// Quantization is how integers stand for real numbers: real = (q - Zero) * Scale.
type Quantization struct {
	Scale float64
	Zero  int
}

// Dimension is one dimension of a tensor: a Size above 0 or, where that is open, 0 and a Name that other tensors have too, or none.
type Dimension struct {
	Size int
	Name string
}

// Tensor is an input or an output of a model. Int16 with a quantization stands for real numbers, without one for itself.
type Tensor struct {
	Name         string
	Element      Element // 0 for a type that cannot be read
	Type         string  // of elements that cannot be read
	Shape        []Dimension
	Quantization *Quantization // nil for none
}

// Node is one operation. Operator is that of ONNX which does the same to its first inputs, in the domain of ONNX; of one that has no such
// counterpart Domain is not empty, and what it makes is not known.
type Node struct {
	Operator, Domain string
	Inputs, Outputs  []string
	// Bounds are those of a Clip.
	Bounds *[2]float64
}

// Graph is what is known of a model without running it.
type Graph struct {
	Inputs, Outputs []Tensor
	Nodes           []Node
	// Constants are the names of constant tensors, with the value of those that have one element.
	Constants map[string][]float64
}

// Memory is a tensor in memory that does not move.
type Memory struct {
	Element Element
	Shape   []int64
	Data    []byte
}

// Session runs a model. It may be used concurrently. A run that can be broken off ends with the context; others need not look at it.
type Session interface {
	// Bind prepares runs from and to fixed memory, in the order of the names that the session was started with.
	Bind(inputs, outputs []Memory) (Binding, error)
	// Once runs the model once. Outputs without memory are returned with memory of their own, of the shapes that they have.
	Once(ctx context.Context, inputs, outputs []Memory) ([]Memory, error)
	Close()
}

// Binding is a run that can be repeated. It must not be used concurrently.
type Binding interface {
	Run(ctx context.Context) error
	Close()
}

// Source is a model that was read.
type Source struct {
	Graph Graph
	// Description has the identity of the files and the settings of the runtime.
	Description model.Description
	// Notes are remarks on the file.
	Notes []string
	// MaxBatch is how many inputs a run takes at most, 0 for no limit, and Scores what its scores are, as the option is called, or
	// "". Options win over what is said here, but for a larger batch.
	MaxBatch int
	Scores   string
	// ClassNames are the names of its classes in the order of its scores, where it has such.
	ClassNames []string
	// Start loads the model into the runtime.
	Start func(inputs, outputs []string) (Session, error)
}

// Runtime is another runtime.
type Runtime struct {
	// Package is the name of its package, which begins errors and stands before options in them.
	Package string
	// Suffix is that of file names, such as ".tflite".
	Suffix string
	// Elsewhere says that models are no files that run on this processor: they have names of their own, and may run anywhere.
	Elsewhere bool
	// Read reads a model. Side is "model", "original" or "compressed"; threads is how many a prediction may use.
	Read func(path, side string, threads int) (Source, error)
}
