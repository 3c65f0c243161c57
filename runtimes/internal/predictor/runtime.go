// Package predictor makes predictors of models, whatever runs them: it infers from what a runtime tells about a model how images lie in its
// inputs, what its outputs are and in which order its classes stand, preprocesses, runs batches, and reads scores. A package of
// a runtime describes the graph in the words of ONNX, runs it by a [Session], and has the options of this package beside its own.
//
// Errors and notes are about options of the package that a user sees: "@Scale" in a text stands for "onnx.Scale" or "litert.Scale".
package predictor

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

// RuntimeError is an error of a runtime, whatever the model is. It begins with the name of the package.
type RuntimeError struct{ Err error }

// Error is that of the runtime.
func (e RuntimeError) Error() string { return e.Err.Error() }

// Unwrap is for errors.Is and errors.As.
func (e RuntimeError) Unwrap() error { return e.Err }

// Memory is a tensor in memory that does not move.
type Memory struct {
	Element Element
	Shape   []int64
	Data    []byte
	Texts   []string // of an output of strings, in place of Data
}

// Session is a loaded model. It may be used concurrently. A run that can be broken off ends with the context; others need not look at it.
type Session interface {
	// Bind prepares runs from and to fixed memory, in the order of the names that the session was started with.
	Bind(inputs, outputs []Memory) (Binding, error)
	// Once runs the model once. Outputs without memory are returned with memory of their own, of the shapes that they have.
	Once(ctx context.Context, inputs, outputs []Memory) ([]Memory, error)
	Close()
}

// Binding is a run that can be repeated: it reads and writes the memory that it was made with. It must not be used concurrently.
type Binding interface {
	Run(ctx context.Context) error
	Close()
}

// Role is the place of a model: alone, or one side of a pair.
type Role string

// The roles.
const (
	Alone        Role = "model"
	AsOriginal   Role = "original"
	AsCompressed Role = "compressed"
)

// Runtime is what a package of a runtime tells about it. S are the settings that its own options set.
type Runtime[S any] struct {
	// Package is the name of its package, which begins errors and stands before options in them.
	Package string
	// Suffix is that of file names, such as ".tflite".
	Suffix string
	// Elsewhere says that models are no files that run on this processor: they have names of their own, and may run anywhere.
	Elsewhere bool
	// Read reads a model. Threads is how many a prediction may use.
	Read func(path string, as Role, threads int, settings *S) (Source, error)
}

// Source is a model that was read.
type Source struct {
	Graph *Graph
	// MaxBatch is how many inputs a run takes at most, 0 for no limit, and Scores what its scores are, or "". Options win over what is said
	// here, but for a larger batch.
	MaxBatch int
	Scores   ScoreKind
	// Start loads the model into the runtime, for runs of these inputs and outputs. Unread are inputs of the graph that no node reads.
	Start func(inputs, outputs, unread []string) (Started, error)
}

// Started is a model that a runtime has loaded.
type Started struct {
	Session Session
	// Description has the identity of the files and the settings of the runtime.
	Description model.Description
	// Notes are remarks on the file.
	Notes []string
	// Slopes makes gradients; nil where none were asked for, and where there are none: then NoSlopes says why.
	Slopes   Slopes
	NoSlopes error
	// Where says which nodes run where: how many of them on what was asked for, and a note or "". It may run a session of its own, which run
	// does once, if it can make up an input. Nil where there is nothing to say.
	Where func(run func(Session) bool) (nodes, note string, err error)
}

// Slopes makes gradients of a model by its only input.
type Slopes interface {
	// Start makes a session that takes the input of a run and weights, float32 of the shape [rows, classes], and gives the gradient of
	// the sum of the weighted logarithms of scores by that input: float32, of its shape. One is the input of a run of one input, and two of a
	// run of two; there is no two for a model of a fixed batch. Numbers is how many a row of the output has: one stands for two classes.
	Start(one Memory, two *Memory, kind ScoreKind, numbers int) (Session, error)
}
