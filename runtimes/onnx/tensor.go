package onnx

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/triggerfinder/triggerfinder/internal/half"
)

// dimension is one dimension of a shape: a number, or a name or nothing when it is dynamic.
type dimension struct {
	size int // 0 when dynamic
	name string
}

func (d dimension) String() string {
	switch {
	case d.size > 0:
		return strconv.Itoa(d.size)
	case d.name != "":
		return d.name
	}
	return "?"
}

// value is a graph's input or output.
type value struct {
	name     string
	kind     string // "tensor", "sequence", "map" …
	element  elementType
	hasShape bool
	shape    []dimension
}

func (v value) shapeText() string {
	if !v.hasShape {
		return "[shape unknown]"
	}
	parts := make([]string, len(v.shape))
	for i, d := range v.shape {
		parts[i] = d.String()
	}
	return "[" + strings.Join(parts, ",") + "]"
}

// String describes the value, such as `"input" float32 [batch,3,32,32]`.
func (v value) String() string {
	if v.kind != "tensor" {
		return fmt.Sprintf("%q, a %s", v.name, v.kind)
	}
	return fmt.Sprintf("%q %s %s", v.name, v.element, v.shapeText())
}

func joinValues(values []value) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = v.String()
	}
	return strings.Join(parts, ", ")
}

// tensor is a constant of the graph. Data points into the file.
type tensor struct {
	name    string
	element elementType
	count   int
	raw     []byte
	floats  []float64 // the first few of float_data
	ints    []int64   // the first few of int32_data
	texts   []string  // of strings
}

// scalar is the tensor's only element.
func (t tensor) scalar() (float64, bool) {
	if t.count != 1 {
		return 0, false
	}
	switch {
	case t.element == float32Type && len(t.raw) == 4:
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(t.raw))), true
	case t.element == float32Type && len(t.floats) == 1:
		return t.floats[0], true
	case t.element == float64Type && len(t.raw) == 8:
		return math.Float64frombits(binary.LittleEndian.Uint64(t.raw)), true
	case t.element == float16Type && len(t.raw) == 2:
		return float64(half.ToFloat32(binary.LittleEndian.Uint16(t.raw))), true
	case t.element == float16Type && len(t.ints) == 1:
		return float64(half.ToFloat32(uint16(t.ints[0]))), true
	case t.element == int8Type && len(t.raw) == 1:
		return float64(int8(t.raw[0])), true
	case t.element == uint8Type && len(t.raw) == 1:
		return float64(t.raw[0]), true
	case t.element.isByte() && len(t.ints) == 1:
		return float64(t.ints[0]), true
	}
	return 0, false
}
