package onnx

import "context"

// The only view that this package has of ONNX Runtime, so that the binding can be replaced. The file
// session_cgo.go implements it.

// sessionSettings are what a session is made with.
type sessionSettings struct {
	inputs, outputs  []string // the names of the tensors used
	folder           string   // where external data lies
	threads          int
	provider         string
	providerSettings map[string]string
	optimization     OptimizationLevel
	exactProducts    bool
}

// tensorMemory is a tensor in memory that does not move.
type tensorMemory struct {
	element elementType
	shape   []int64
	data    []byte
	texts   []string // of an output of strings, in place of data
}

// session is a loaded model. It may be used concurrently.
type session interface {
	// bind prepares runs from and to fixed memory, in the order of the names that the session was made with.
	bind(inputs, outputs []tensorMemory) (binding, error)
	// once runs the model once. Outputs without memory are returned with memory of their own, of the shapes that they have.
	once(ctx context.Context, inputs, outputs []tensorMemory) ([]tensorMemory, error)
	close()
}

// binding is a run that can be repeated: it reads and writes the memory that it was made with. It must
// not be used concurrently. A runtime that can break off a run does so when the context ends.
type binding interface {
	run(ctx context.Context) error
	close()
}
