package predictor

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/triggerfinder/triggerfinder/internal/half"
)

// Dimension is one dimension of a shape: a number, or a name or nothing when it is dynamic.
type Dimension struct {
	Size int // 0 when dynamic
	Name string
}

// String is its size or its name.
func (d Dimension) String() string {
	switch {
	case d.Size > 0:
		return strconv.Itoa(d.Size)
	case d.Name != "":
		return d.Name
	}
	return "?"
}

// Value is a graph's input or output.
type Value struct {
	Name     string
	Kind     string // "tensor", "sequence", "map" …
	Element  Element
	HasShape bool
	Shape    []Dimension
	// Quantization is of integers that stand for real numbers, where a tensor tells that itself; nil for none.
	Quantization *Quantization
}

// NewTensor is a tensor whose dimensions are known, and are to be appended. One whose elements cannot be read has the element 0 and the name
// of their type.
func NewTensor(name string, e Element, typeName string) Value {
	v := Value{Name: name, Kind: "tensor", Element: e, HasShape: true, Shape: []Dimension{}}
	if e == 0 {
		v.Kind = "tensor of " + typeName
	}
	return v
}

func (v Value) shapeText() string {
	if !v.HasShape {
		return "[shape unknown]"
	}
	parts := make([]string, len(v.Shape))
	for i, d := range v.Shape {
		parts[i] = d.String()
	}
	return "[" + strings.Join(parts, ",") + "]"
}

// String describes the value, such as `"input" float32 [batch,3,32,32]`.
func (v Value) String() string {
	if v.Kind != "tensor" {
		return fmt.Sprintf("%q, a %s", v.Name, v.Kind)
	}
	return fmt.Sprintf("%q %s %s", v.Name, v.Element, v.shapeText())
}

func joinValues(values []Value) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = v.String()
	}
	return strings.Join(parts, ", ")
}

// Constant is a constant of the graph. Data points into the file.
type Constant struct {
	Name    string
	Element Element
	Rank    int // how many dimensions
	Count   int
	Raw     []byte
	Floats  []float64 // the first few of float_data
	Ints    []int64   // the first few of int32_data
	Texts   []string  // of strings
}

// scalar is the tensor's only element.
func (t Constant) scalar() (float64, bool) {
	if t.Count != 1 {
		return 0, false
	}
	switch {
	case t.Element == Float32 && len(t.Raw) == 4:
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(t.Raw))), true
	case t.Element == Float32 && len(t.Floats) == 1:
		return t.Floats[0], true
	case t.Element == Float64 && len(t.Raw) == 8:
		return math.Float64frombits(binary.LittleEndian.Uint64(t.Raw)), true
	case t.Element == Float16 && len(t.Raw) == 2:
		return float64(half.ToFloat32(binary.LittleEndian.Uint16(t.Raw))), true
	case t.Element == Float16 && len(t.Ints) == 1:
		return float64(half.ToFloat32(uint16(t.Ints[0]))), true
	case t.Element == Int8 && len(t.Raw) == 1:
		return float64(int8(t.Raw[0])), true
	case t.Element == Uint8 && len(t.Raw) == 1:
		return float64(t.Raw[0]), true
	case t.Element.isByte() && len(t.Ints) == 1:
		return float64(t.Ints[0]), true
	}
	return 0, false
}
