package restore

import (
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"
)

// editor changes a graph. The first error stays.
type editor struct {
	graph    *onnxpb.GraphProto
	original *floats
	err      error

	constant  map[string]*onnxpb.TensorProto
	producer  map[string]*onnxpb.NodeProto
	consumers map[string][]*onnxpb.NodeProto
	outputs   map[string]bool // of the graph
	names     map[string]bool // of all tensors
	// before and after are nodes to be added around one.
	before, after map[*onnxpb.NodeProto][]*onnxpb.NodeProto
	// added are the float tensors added, by their names in the original.
	added map[string]string
	// alias says which tensor takes the place of another.
	alias map[string]string
}

func newEditor(g *onnxpb.GraphProto, original *floats) *editor {
	e := &editor{
		graph: g, original: original,
		constant: map[string]*onnxpb.TensorProto{}, outputs: map[string]bool{}, names: map[string]bool{},
		before: map[*onnxpb.NodeProto][]*onnxpb.NodeProto{}, after: map[*onnxpb.NodeProto][]*onnxpb.NodeProto{},
		added: map[string]string{}, alias: map[string]string{},
	}
	for _, t := range g.GetInitializer() {
		e.constant[t.GetName()], e.names[t.GetName()] = t, true
	}
	for _, v := range g.GetInput() {
		e.names[v.GetName()] = true
	}
	for _, v := range g.GetOutput() {
		e.outputs[v.GetName()], e.names[v.GetName()] = true, true
	}
	e.index()
	for name := range e.producer {
		e.names[name] = true
	}
	return e
}

// index looks up again who makes and who reads each tensor.
func (e *editor) index() {
	e.producer, e.consumers = map[string]*onnxpb.NodeProto{}, map[string][]*onnxpb.NodeProto{}
	for _, n := range e.graph.GetNode() {
		for _, out := range n.GetOutput() {
			if out != "" {
				e.producer[out] = n
			}
		}
		for _, in := range n.GetInput() {
			if in != "" && !slices.Contains(e.consumers[in], n) {
				e.consumers[in] = append(e.consumers[in], n)
			}
		}
	}
}

func (e *editor) fail(format string, args ...any) {
	if e.err == nil {
		e.err = fmt.Errorf(format, args...)
	}
}

// dequantised is the DequantizeLinear that makes a tensor, or nil.
func (e *editor) dequantised(tensor string) *onnxpb.NodeProto {
	if n := e.producer[tensor]; n.GetOpType() == dequantize && len(n.GetInput()) >= 2 && len(n.GetOutput()) == 1 {
		return n
	}
	return nil
}

// dequantisedConstant reports whether a tensor is made from quantised weights.
func (e *editor) dequantisedConstant(tensor string) bool {
	n := e.dequantised(tensor)
	return n != nil && e.constant[n.GetInput()[0]] != nil
}

// fresh is a name that no tensor has.
func (e *editor) fresh(name string) string {
	for e.names[name] {
		name += "_"
	}
	e.names[name] = true
	return name
}

// floatInput adds a constant input of a node of the original, and returns its name here.
func (e *editor) floatInput(float *onnxpb.NodeProto, i int) string {
	if i >= len(float.GetInput()) || float.GetInput()[i] == "" {
		e.fail("node %q: expected at least %d inputs in the original, found %d; %w", float.GetName(), i+1, len(float.GetInput()), errOtherOriginal)
		return ""
	}
	name := float.GetInput()[i]
	if known, ok := e.added[name]; ok {
		return known
	}
	t := e.original.tensors[name]
	if t == nil {
		e.fail("node %q: expected input %q to be weights in the original, found what another node computes; %w", float.GetName(), name, errOtherOriginal)
		return ""
	}
	t = proto.CloneOf(t)
	here := e.fresh(name + "_float")
	t.Name = proto.String(here)
	e.graph.Initializer = append(e.graph.Initializer, t)
	e.constant[here], e.added[name] = t, here
	return here
}

// addMerged puts merged activations behind a node whose only output is to be called as it is now.
func (e *editor) addMerged(n *onnxpb.NodeProto, merged []*onnxpb.NodeProto) {
	last := n.GetOutput()[0]
	for i, activation := range merged {
		a := proto.CloneOf(activation)
		from := e.fresh(last + "_before_" + a.GetOpType())
		if i == 0 {
			n.Output[0] = from
		} else {
			e.after[n][i-1].Output[0] = from
		}
		a.Input[0], a.Output = from, []string{last}
		for j := 1; j < len(a.GetInput()); j++ {
			if a.GetInput()[j] != "" {
				a.Input[j] = e.floatInput(activation, j)
			}
		}
		e.after[n] = append(e.after[n], a)
	}
}

func (e *editor) node(operator, name string, inputs, outputs []string) *onnxpb.NodeProto {
	return &onnxpb.NodeProto{OpType: proto.String(operator), Name: proto.String(name), Input: inputs, Output: outputs}
}

// flush puts the added nodes into the graph.
func (e *editor) flush() {
	var nodes []*onnxpb.NodeProto
	for _, n := range e.graph.GetNode() {
		nodes = append(append(append(nodes, e.before[n]...), n), e.after[n]...)
	}
	e.graph.Node = nodes
	clear(e.before)
	clear(e.after)
	e.index()
}

// replace lets all who read one tensor read another. An output of the graph keeps its name.
func (e *editor) replace(tensor, by string) { e.alias[tensor] = by }

// resolve does what replace was told.
func (e *editor) resolve() {
	final := func(name string) string {
		for steps := 0; steps <= len(e.alias); steps++ {
			next, ok := e.alias[name]
			if !ok {
				break
			}
			name = next
		}
		return name
	}
	// An output of the graph gives its name to the tensor that takes its place, if a node makes it.
	renamed := map[string]string{}
	for _, v := range e.graph.GetOutput() {
		name := v.GetName()
		by := final(name)
		if by == name {
			continue
		}
		if n := e.producer[by]; n != nil && !e.outputs[by] && renamed[by] == "" {
			renamed[by] = name
		} else {
			delete(e.alias, name) // it stays quantised
		}
	}
	rename := func(name string) string {
		name = final(name)
		if as, ok := renamed[name]; ok {
			return as
		}
		return name
	}
	nodes := e.graph.GetNode()[:0]
	for _, n := range e.graph.GetNode() {
		for i, in := range n.GetInput() {
			if in != "" {
				n.Input[i] = rename(in)
			}
		}
		for i, out := range n.GetOutput() {
			if _, replaced := e.alias[out]; replaced && renamed[final(out)] == out {
				n.Output[i] = e.fresh(out + "_unused")
			} else if as, ok := renamed[out]; ok {
				n.Output[i] = as
			}
		}
		nodes = append(nodes, n)
	}
	e.graph.Node = nodes
	clear(e.alias)
	e.index()
}

// sweep removes what nothing reads any more.
func (e *editor) sweep() {
	for {
		used := map[string]bool{}
		for _, n := range e.graph.GetNode() {
			for _, in := range n.GetInput() {
				used[in] = true
			}
			// What a subgraph reads stands in no list of inputs.
			for _, a := range n.GetAttribute() {
				for _, g := range append(a.GetGraphs(), a.GetG()) {
					useOf(g, used)
				}
			}
		}
		before := len(e.graph.Node)
		e.graph.Node = slices.DeleteFunc(e.graph.Node, func(n *onnxpb.NodeProto) bool {
			return !slices.ContainsFunc(n.GetOutput(), func(out string) bool { return used[out] || e.outputs[out] })
		})
		if len(e.graph.Node) < before {
			continue
		}
		e.graph.Initializer = slices.DeleteFunc(e.graph.Initializer, func(t *onnxpb.TensorProto) bool {
			return !used[t.GetName()] && !e.outputs[t.GetName()]
		})
		// Shapes and types that were inferred may be wrong now.
		e.graph.ValueInfo, e.graph.QuantizationAnnotation = nil, nil
		return
	}
}

func useOf(g *onnxpb.GraphProto, used map[string]bool) {
	for _, n := range g.GetNode() {
		for _, in := range n.GetInput() {
			used[in] = true
		}
		for _, a := range n.GetAttribute() {
			for _, inner := range append(a.GetGraphs(), a.GetG()) {
				useOf(inner, used)
			}
		}
	}
	for _, v := range g.GetOutput() {
		used[v.GetName()] = true
	}
}
