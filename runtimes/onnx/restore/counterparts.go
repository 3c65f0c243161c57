package restore

import (
	"math"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"
)

// counterpart is a float tensor of the original that may be what quantised weights were made from.
type counterpart struct {
	tensor array
	name   string
	// node reads the tensor as its weights, and last is the last node of those that only scale and shift what it makes; nil
	// for a tensor that is no weights.
	node, last *onnxpb.NodeProto
}

// counterparts are the float tensors of the original, by their number of values. Weights are there once as they are and once
// for each scaling behind them that a converter folds into them; before a BatchNormalization not as they are, unless the
// compressed model has such nodes too.
func (f *floats) counterparts(normalising bool) map[int][]counterpart {
	all := map[int][]counterpart{}
	add := func(c counterpart) { all[len(c.tensor.values)] = append(all[len(c.tensor.values)], c) }
	seen := map[string]bool{}
	for _, n := range f.graph {
		if !weighted[n.GetOpType()] || len(n.GetInput()) < 2 || len(n.GetOutput()) != 1 {
			continue
		}
		name := n.GetInput()[1]
		a, ok := readFloats(f.tensors[name])
		if !ok {
			continue
		}
		seen[name] = true
		c := counterpart{tensor: a, name: name, node: n, last: n}
		fresh := true // not added yet
		for range longestChain {
			next := f.only(c.last)
			if fresh && (normalising || next.GetOpType() != "BatchNormalization") {
				add(c)
			}
			factors, ok := f.factors(next, c.last.GetOutput()[0], n)
			if !ok {
				break
			}
			c.last = next
			if fresh = factors != nil; fresh {
				c.tensor = scaled(c.tensor, channelAxis(n, len(a.dims)), factors)
			}
		}
	}
	for name, t := range f.tensors {
		if a, ok := readFloats(t); ok && !seen[name] {
			add(counterpart{tensor: a, name: name})
		}
	}
	for _, list := range all {
		slices.SortStableFunc(list, func(a, b counterpart) int { return strings.Compare(a.name, b.name) })
	}
	return all
}

// longestChain bounds how far is looked behind a node: a damaged file may have cycles.
const longestChain = 8

// only is the one reader of what a node makes, or nil.
func (f *floats) only(n *onnxpb.NodeProto) *onnxpb.NodeProto {
	if next := f.consumers[n.GetOutput()[0]]; len(next) == 1 && len(next[0].GetOutput()) >= 1 {
		return next[0]
	}
	return nil
}

// channelAxis is the axis of the weights that counts what the node makes.
func channelAxis(n *onnxpb.NodeProto, rank int) int {
	switch n.GetOpType() {
	case "Conv":
		return 0
	case "Gemm":
		for _, a := range n.GetAttribute() {
			if a.GetName() == "transB" && a.GetI() != 0 {
				return 0
			}
		}
	case "ConvTranspose":
		return -1
	}
	return rank - 1
}

// factors are what a node multiplies each channel with that n makes, nil for one that only adds; ok is false for a node
// that does anything else.
func (f *floats) factors(next *onnxpb.NodeProto, from string, n *onnxpb.NodeProto) (factors []float32, ok bool) {
	in := next.GetInput()
	channels := 0
	if t := f.tensors[n.GetInput()[1]]; t != nil {
		if axis := channelAxis(n, len(t.GetDims())); axis >= 0 && axis < len(t.GetDims()) {
			channels = int(t.GetDims()[axis])
		}
	}
	perChannel := func(name string) []float32 {
		a, ok := readFloats(f.tensors[name])
		if !ok || (len(a.values) != channels && len(a.values) != 1) {
			return nil
		}
		return a.values
	}
	switch op := next.GetOpType(); {
	case op == "BatchNormalization" && len(in) == 5 && in[0] == from:
		scale, variance := perChannel(in[1]), perChannel(in[4])
		if len(scale) != channels || len(variance) != channels || channels == 0 {
			return nil, false
		}
		epsilon := float32(1e-5)
		for _, a := range next.GetAttribute() {
			if a.GetName() == "epsilon" {
				epsilon = a.GetF()
			}
		}
		for i := range scale {
			factors = append(factors, float32(float64(scale[i])/math.Sqrt(float64(variance[i])+float64(epsilon))))
		}
		return factors, true
	case op == "Transpose": // of what is made: between the layouts of TensorFlow and ONNX
		return nil, true
	case len(in) != 2:
		return nil, false
	case op == "Add" || op == "Sub" && in[0] == from:
		return nil, f.tensors[in[0]] != nil || f.tensors[in[1]] != nil
	case op == "Mul" && in[1] == from:
		in = []string{in[1], in[0]}
		fallthrough
	case op == "Mul" && in[0] == from:
		factors = perChannel(in[1])
		return factors, factors != nil
	}
	return nil, false
}

func scaled(a array, axis int, factors []float32) array {
	b := array{dims: a.dims, values: make([]float32, len(a.values))}
	inner := 1
	if axis >= 0 {
		for _, d := range a.dims[axis+1:] {
			inner *= d
		}
	}
	for i, v := range a.values {
		b.values[i] = v * factors[i/inner%len(factors)]
	}
	return b
}

// matchByValues finds the original's weights of a node whose name the original does not have, whatever the order of their axes.
// A bias that is not found stays as it is: in 32 bits it loses next to nothing.
func (m *Model) matchByValues(s *site, n *onnxpb.NodeProto, e *editor, kept map[string]bool) {
	for i, in := range n.GetInput() {
		if in == "" || !e.dequantisedConstant(in) {
			continue
		}
		d := e.dequantised(in)
		t, c := m.original.nearest(e, d)
		if t == nil {
			s.DequantisedWeights = s.DequantisedWeights || weighted[s.Operator] && !e.isBias(d)
			continue
		}
		if s.values == nil {
			s.values = map[int]*onnxpb.TensorProto{}
		}
		s.values[i] = t
		if c.node == nil || s.Form == TFLite || len(n.GetOutput()) != 1 {
			continue
		}
		if readers := e.consumers[n.GetOutput()[0]]; !slices.ContainsFunc(readers, mergeable) {
			s.merged = m.merged(c.last, kept)
		}
	}
}

// isBias reports whether a DequantizeLinear reads a constant of 32 bits.
func (e *editor) isBias(d *onnxpb.NodeProto) bool {
	return onnxpb.TensorProto_DataType(e.constant[d.GetInput()[0]].GetDataType()) == onnxpb.TensorProto_INT32
}

// findBias finds the bias that TensorFlow Lite adds behind a node.
func (m *Model) findBias(s *site, n *onnxpb.NodeProto, e *editor) {
	for _, next := range e.tail(n) {
		for _, in := range next.GetInput() {
			if e.dequantisedConstant(in) {
				s.bias, _ = m.original.nearest(e, e.dequantised(in))
			}
		}
	}
}

// nearest is the float tensor that quantised weights were made from, in their shape; nil if there is none.
func (f *floats) nearest(e *editor, d *onnxpb.NodeProto) (found *onnxpb.TensorProto, of counterpart) {
	w, ok := e.readWeights(d)
	if !ok || len(w.values) < fewestValues && !e.isBias(d) {
		return nil, of
	}
	if f.byCount == nil {
		f.byCount = f.counterparts(slices.ContainsFunc(e.graph.GetNode(), func(n *onnxpb.NodeProto) bool { return n.GetOpType() == "BatchNormalization" }))
	}
	best, order := math.Inf(1), []int(nil)
	for _, c := range f.byCount[len(w.values)] {
		for _, o := range c.tensor.orders() {
			if distance, ok := w.distance(c.tensor, o); ok && distance < best {
				best, of, order = distance, c, o
			}
		}
	}
	if order == nil {
		return nil, of
	}
	return w.tensor(of.name, of.tensor, order), of
}

// addValues adds a float tensor that was found by its values, and returns its name here.
func (e *editor) addValues(t *onnxpb.TensorProto) string {
	t = proto.CloneOf(t)
	t.Name = proto.String(e.fresh(t.GetName() + "_float"))
	e.graph.Initializer = append(e.graph.Initializer, t)
	e.constant[t.GetName()] = t
	return t.GetName()
}
