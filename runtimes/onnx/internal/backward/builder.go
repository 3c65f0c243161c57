package backward

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/triggerfinder/triggerfinder/internal/half"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"
)

// builder adds nodes to a graph.
type builder struct {
	*Graph
	graph     *onnxpb.GraphProto
	shapes    map[string][]int64
	gradients map[string]string // of tensors
	at        *onnxpb.NodeProto // whose rule is applied
	made      int
}

// ruleError is what a rule cannot do. It ends [Graph.Build].
type ruleError struct{ error }

// refuse ends the building of the graph.
func (b *builder) refuse(format string, args ...any) {
	panic(ruleError{fmt.Errorf("gradient of %s %q: %w", operatorOf(b.at), b.at.GetOutput()[0], fmt.Errorf(format, args...))})
}

func (b *builder) name() string {
	b.made++
	return fmt.Sprintf("%s%d", prefix, b.made)
}

// node adds a node.
func (b *builder) node(operator string, outputs, inputs []string) *onnxpb.NodeProto {
	n := &onnxpb.NodeProto{OpType: proto.String(operator), Name: proto.String(outputs[0]), Input: inputs, Output: outputs}
	b.graph.Node = append(b.graph.Node, n)
	return n
}

// op adds a node of one output.
func (b *builder) op(operator string, inputs ...string) string {
	out := b.name()
	b.node(operator, []string{out}, inputs)
	return out
}

// with is op with attributes of whole numbers.
func (b *builder) with(operator string, numbers map[string][]int64, inputs ...string) string {
	out := b.name()
	n := b.node(operator, []string{out}, inputs)
	for _, name := range sortedKeys(numbers) {
		setIntegers(n, name, numbers[name]...)
	}
	return out
}

func sortedKeys(m map[string][]int64) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// whole is a constant of whole numbers.
func (b *builder) whole(values ...int64) string {
	t := &onnxpb.TensorProto{Name: proto.String(b.name()), DataType: proto.Int32(int32(onnxpb.TensorProto_INT64)), Dims: []int64{int64(len(values))}}
	for _, v := range values {
		t.RawData = binary.LittleEndian.AppendUint64(t.RawData, uint64(v))
	}
	b.graph.Initializer = append(b.graph.Initializer, t)
	return t.GetName()
}

// numbers is a constant of a floating-point type.
func (b *builder) numbers(kind onnxpb.TensorProto_DataType, dims []int64, values ...float64) string {
	t := &onnxpb.TensorProto{Name: proto.String(b.name()), DataType: proto.Int32(int32(kind)), Dims: dims, RawData: encode(kind, values)}
	b.graph.Initializer = append(b.graph.Initializer, t)
	return t.GetName()
}

func encode(kind onnxpb.TensorProto_DataType, values []float64) (raw []byte) {
	for _, v := range values {
		switch kind {
		case onnxpb.TensorProto_DOUBLE:
			raw = binary.LittleEndian.AppendUint64(raw, math.Float64bits(v))
		case onnxpb.TensorProto_FLOAT16:
			raw = binary.LittleEndian.AppendUint16(raw, half.FromFloat32(float32(v)))
		case onnxpb.TensorProto_BFLOAT16:
			raw = binary.LittleEndian.AppendUint16(raw, uint16(math.Float32bits(float32(v))>>16))
		default:
			raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(float32(v)))
		}
	}
	return raw
}

// scalar is a constant of the type of a tensor's gradient.
func (b *builder) scalar(like string, v float64) string {
	kind, ok := b.kinds[like]
	if !ok {
		kind = onnxpb.TensorProto_FLOAT
	}
	return b.numbers(kind, nil, v)
}

func (b *builder) cast(from string, to onnxpb.TensorProto_DataType) string {
	return b.with("Cast", map[string][]int64{"to": {int64(to)}}, from)
}

// add adds to the gradient of a tensor, where that depends on the input.
func (b *builder) add(to, gradient string) {
	if !b.active[to] {
		return
	}
	if sum, ok := b.gradients[to]; ok {
		gradient = b.op("Add", sum, gradient)
	}
	b.gradients[to] = gradient
}

// shape is that of a tensor.
func (b *builder) shape(name string) []int64 {
	s, ok := b.shapes[name]
	if !ok {
		b.refuse("expected the shape of %q", name)
	}
	return s
}

// dimension is a dimension that does not count inputs.
func (b *builder) dimension(name string, axis int) int64 {
	d := b.shape(name)[axis]
	if d < 0 {
		b.refuse("expected dimension %d of %q to be the same for all numbers of inputs", axis, name)
	}
	return d
}

// axis is one of a tensor's, counted from 0.
func (b *builder) axis(name string, axis int64) int {
	rank := int64(len(b.shape(name)))
	if axis < 0 {
		axis += rank
	}
	if axis < 0 || axis >= rank {
		b.refuse("expected an axis of %q, found %d", name, axis)
	}
	return int(axis)
}

// shaped gives a gradient the shape of a tensor.
func (b *builder) shaped(gradient, like string) string {
	return b.op("Reshape", gradient, b.op("Shape", like))
}

// sum sums over axes, which stay as 1.
func (b *builder) sum(of string, axes ...int64) string {
	return b.op("ReduceSum", of, b.whole(axes...))
}

// narrow sums a gradient of the shape of one tensor over the axes along which another one was repeated.
func (b *builder) narrow(gradient, from, to string) string {
	wide, small := b.shape(from), b.shape(to)
	lead := len(wide) - len(small)
	if lead < 0 {
		b.refuse("expected %q of no higher rank than %q", to, from)
	}
	var axes []int64
	for i, d := range wide {
		if i < lead || small[i-lead] == 1 && d != 1 {
			axes = append(axes, int64(i))
		}
	}
	if axes != nil {
		gradient = b.sum(gradient, axes...)
	}
	if lead > 0 {
		gradient = b.shaped(gradient, to)
	}
	return gradient
}

func (b *builder) where(condition, yes, no string) string { return b.op("Where", condition, yes, no) }

// within passes a gradient on where a tensor lies between two others, "" for no limit.
func (b *builder) within(gradient, x, low, high string) string {
	zero := b.scalar(x, 0)
	if low != "" {
		gradient = b.where(b.op("Less", x, low), zero, gradient)
	}
	if high != "" {
		gradient = b.where(b.op("Greater", x, high), zero, gradient)
	}
	return gradient
}

// Attributes.

func attribute(n *onnxpb.NodeProto, name string) *onnxpb.AttributeProto {
	for _, a := range n.GetAttribute() {
		if a.GetName() == name {
			return a
		}
	}
	return nil
}

func integer(n *onnxpb.NodeProto, name string, otherwise int64) int64 {
	if a := attribute(n, name); a != nil {
		return a.GetI()
	}
	return otherwise
}

func integers(n *onnxpb.NodeProto, name string) []int64 { return attribute(n, name).GetInts() }

func float(n *onnxpb.NodeProto, name string, otherwise float64) float64 {
	if a := attribute(n, name); a != nil {
		return float64(a.GetF())
	}
	return otherwise
}

func text(n *onnxpb.NodeProto, name string) string { return string(attribute(n, name).GetS()) }

func setInteger(n *onnxpb.NodeProto, name string, v int64) {
	n.Attribute = append(n.Attribute, &onnxpb.AttributeProto{Name: proto.String(name), Type: onnxpb.AttributeProto_INT.Enum(), I: proto.Int64(v)})
}

// single are the attributes that are one number, where others of the same operators are lists.
var single = []string{"to", "axis", "group", "transA", "transB", "keepdims"}

func setIntegers(n *onnxpb.NodeProto, name string, values ...int64) {
	if slices.Contains(single, name) {
		setInteger(n, name, values[0])
		return
	}
	n.Attribute = append(n.Attribute, &onnxpb.AttributeProto{Name: proto.String(name), Type: onnxpb.AttributeProto_INTS.Enum(), Ints: values})
}

func setText(n *onnxpb.NodeProto, name, v string) {
	n.Attribute = append(n.Attribute, &onnxpb.AttributeProto{Name: proto.String(name), Type: onnxpb.AttributeProto_STRING.Enum(), S: []byte(v)})
}

func setFloat(n *onnxpb.NodeProto, name string, v float64) {
	n.Attribute = append(n.Attribute, &onnxpb.AttributeProto{Name: proto.String(name), Type: onnxpb.AttributeProto_FLOAT.Enum(), F: proto.Float32(float32(v))})
}

// drop removes attributes.
func drop(n *onnxpb.NodeProto, names ...string) {
	n.Attribute = slices.DeleteFunc(n.Attribute, func(a *onnxpb.AttributeProto) bool { return slices.Contains(names, a.GetName()) })
}

// input is one of a node's inputs, "" where it is left out.
func input(n *onnxpb.NodeProto, i int) string {
	if i < len(n.GetInput()) {
		return n.GetInput()[i]
	}
	return ""
}

// constantIntegers are the numbers of a constant.
func (g *Graph) constantIntegers(name string) ([]int64, bool) {
	t := g.constants[name]
	if t == nil {
		return nil, false
	}
	switch onnxpb.TensorProto_DataType(t.GetDataType()) {
	case onnxpb.TensorProto_INT64:
		if t.RawData == nil {
			return t.GetInt64Data(), true
		}
		var values []int64
		for raw := t.GetRawData(); len(raw) >= 8; raw = raw[8:] {
			values = append(values, int64(binary.LittleEndian.Uint64(raw)))
		}
		return values, true
	case onnxpb.TensorProto_INT32:
		var values []int64
		for _, v := range t.GetInt32Data() {
			values = append(values, int64(v))
		}
		for raw := t.GetRawData(); len(raw) >= 4; raw = raw[4:] {
			values = append(values, int64(int32(binary.LittleEndian.Uint32(raw))))
		}
		return values, true
	}
	return nil, false
}

// fixed are the whole numbers of an input that has to be constant.
func (b *builder) fixed(name string) []int64 {
	values, ok := b.constantIntegers(name)
	if !ok {
		b.refuse("expected %q to be a constant of whole numbers", name)
	}
	return values
}
