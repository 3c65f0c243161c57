package litert

import (
	"errors"
	"fmt"
	"strings"

	"github.com/triggerfinder/triggerfinder/runtimes/internal/predictor"
)

// The only view that this package has of the runtime's library; session_cgo.go implements it.

// loadable is a model as the runtime is to load it.
type loadable struct {
	file      []byte
	signature int
	inputs    []port // in the order of the signature
	outputs   []port
	settings  string // TOML
	custom    []string
}

// port is an input or an output of the signature.
type port struct {
	name      string
	element   predictor.Element
	kind      int
	shape     []int // -1 where it may be resized
	resizable bool
}

// statuses are what the numbers mean that functions of LiteRT return: its own texts are not exported.
var statuses = map[int]string{
	1: "invalid argument", 2: "memory allocation failure", 3: "runtime failure", 4: "missing input tensor", 5: "unsupported", 6: "not found",
	7: "timeout expired", 8: "wrong version", 9: "unknown error", 10: "already exists", 100: "cancelled", 500: "file I/O", 501: "invalid FlatBuffer",
	502: "dynamic loading", 503: "serialization", 504: "compilation", 1000: "index out of bounds", 1001: "invalid IR type",
	1002: "invalid graph invariant", 1003: "graph modification", 1500: "invalid tool configuration", 2000: "no match for legalization",
	2001: "invalid legalization", 3000: "no match for a pattern", 3001: "invalid transformation", 4000: "unsupported runtime version",
	4001: "unsupported compiler version", 4002: "incompatible byte code version", 5000: "unsupported shape inference of an operator",
	5001: "failed shape inference",
}

// statusError says which function of LiteRT failed, and how.
func statusError(what string, status int) error {
	text, ok := statuses[status]
	if !ok {
		text = "not known"
	}
	return fmt.Errorf("%s: status %d (%s)", what, status, text)
}

// oneLine is a text of several lines on one, without what is no message about the model.
func oneLine(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "See instructions:") {
			lines = append(lines, strings.TrimSuffix(line, "."))
		}
	}
	return strings.Join(lines, "; ")
}

var errClosed = errors.New("session is closed")

// elementCodes are the kinds of elements of the schema as the runtime numbers them.
var elementCodes = map[int]int{
	float32Kind: 1, float16Kind: 10, int32Kind: 2, uint8Kind: 3, int64Kind: 4, stringKind: 5, boolKind: 6, int16Kind: 7, complex64Kind: 8,
	int8Kind: 9, float64Kind: 11, complex128Kind: 12, uint64Kind: 13, uint32Kind: 16, uint16Kind: 17, int4Kind: 18, bfloat16Kind: 19,
}

// elementsByKind are the kinds of the schema as ONNX numbers them, those that cannot be read too where it has a number.
var elementsByKind = map[int]predictor.Element{
	float32Kind: predictor.Float32, float16Kind: predictor.Float16, int32Kind: predictor.Int32, uint8Kind: predictor.Uint8, int64Kind: predictor.Int64,
	boolKind: predictor.Bool, int16Kind: predictor.Int16, int8Kind: predictor.Int8, float64Kind: predictor.Float64, bfloat16Kind: predictor.Bfloat16,
	uint16Kind: 4, stringKind: 8, uint32Kind: 12, uint64Kind: 13, complex64Kind: 14, complex128Kind: 15,
}
