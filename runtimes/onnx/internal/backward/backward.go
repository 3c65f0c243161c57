// Package backward writes the gradient of an ONNX graph as an ONNX graph: reverse-mode differentiation (Griewank and Walther,
// "Evaluating Derivatives", SIAM 2008, chapter 3) of the scores of a model with respect to one of its inputs, for whatever runs ONNX
// files to run.
//
// What rules need to know of shapes is measured: [Graph.Probe] is a model that gives the shapes of all tensors.
package backward

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"
)

// The names of what is added to a graph.
const (
	// Weights is the input of a backward graph with the weights of the scores, float32 of the shape [rows, scores].
	Weights = prefix + "weights"
	// Gradient is its output: float32, of the shape of the input that it is about.
	Gradient = prefix + "gradient"
	// Shapes is the output of a probe, int64: for every tensor of [Graph.Tensors] its rank, then its dimensions.
	Shapes = prefix + "shapes"

	prefix = "triggerfinder/"
)

// leastOpset is the version of the operator set that the rules write for: the first with LayerNormalization, and beyond the first in
// which ScatterElements adds. Earlier models are rewritten for it.
const leastOpset = 17

// MissingError lists the operators between the input and the scores that have no rule.
type MissingError struct{ Operators []string }

// Error names the operators.
func (e MissingError) Error() string {
	return "expected operators with a rule for their gradients, found " + strings.Join(e.Operators, ", ")
}

// Graph is a model that can be differentiated.
type Graph struct {
	model         *onnxpb.ModelProto // what the scores are made of, and no more
	input, output string
	version       int64 // of the operator set
	nodes         []*onnxpb.NodeProto
	producer      map[string]*onnxpb.NodeProto
	active        map[string]bool // tensors that depend on the input, smoothly
	kinds         map[string]onnxpb.TensorProto_DataType
	constants     map[string]*onnxpb.TensorProto
	integers      map[string]bool // the input, where it is of integers, and what is made of it without reading them as other numbers
	tensors       []string
}

// New finds out whether the output of a model can be differentiated by the input. The model is left as it is. A [MissingError] lists
// operators without a rule.
func New(m *onnxpb.ModelProto, input, output string) (*Graph, error) {
	g := &Graph{
		input: input, output: output, producer: map[string]*onnxpb.NodeProto{}, active: map[string]bool{input: true},
		kinds: map[string]onnxpb.TensorProto_DataType{}, constants: map[string]*onnxpb.TensorProto{}, integers: map[string]bool{},
	}
	for _, o := range m.GetOpsetImport() {
		if o.GetDomain() == "" || o.GetDomain() == "ai.onnx" {
			g.version = o.GetVersion()
		}
	}
	if g.version < 7 {
		return nil, fmt.Errorf("expected operator set 7 or later, found %d", g.version)
	}
	whole := m.GetGraph()
	if len(whole.GetSparseInitializer()) > 0 {
		return nil, errors.New("expected dense weights, found sparse ones")
	}
	at := slices.IndexFunc(whole.GetInput(), func(v *onnxpb.ValueInfoProto) bool { return v.GetName() == input })
	if at < 0 {
		return nil, fmt.Errorf("expected an input %q", input)
	}
	g.kinds[input] = onnxpb.TensorProto_DataType(whole.GetInput()[at].GetType().GetTensorType().GetElemType())
	if !floating(g.kinds[input]) {
		g.kinds[input] = onnxpb.TensorProto_FLOAT // of its gradient
		g.integers[input] = true
	}
	var err error
	if g.nodes, err = inOrder(whole.GetNode(), output); err != nil {
		return nil, err
	}
	g.copyModel(m)
	if err := g.modernise(); err != nil {
		return nil, err
	}
	for _, t := range g.model.GetGraph().GetInitializer() {
		g.constants[t.GetName()] = t
	}
	g.spread()
	if !g.active[output] {
		return nil, fmt.Errorf("expected scores that depend on the input %q smoothly, found others", input)
	}
	return g, g.missing()
}

func floating(t onnxpb.TensorProto_DataType) bool {
	switch t {
	case onnxpb.TensorProto_FLOAT, onnxpb.TensorProto_FLOAT16, onnxpb.TensorProto_BFLOAT16, onnxpb.TensorProto_DOUBLE:
		return true
	}
	return false
}

// copyModel takes what the output is made of.
func (g *Graph) copyModel(m *onnxpb.ModelProto) {
	whole, read := m.GetGraph(), map[string]bool{g.input: true}
	for i, n := range g.nodes {
		g.nodes[i] = proto.CloneOf(n)
		for _, name := range reads(n) {
			read[name] = true
		}
	}
	part := &onnxpb.GraphProto{Name: proto.String("gradient"), Node: g.nodes}
	for _, t := range whole.GetInitializer() {
		if read[t.GetName()] {
			part.Initializer = append(part.Initializer, t)
		}
	}
	for _, v := range whole.GetInput() {
		if read[v.GetName()] {
			part.Input = append(part.Input, v)
		}
	}
	g.model = &onnxpb.ModelProto{IrVersion: proto.Int64(max(m.GetIrVersion(), 8)), Functions: m.GetFunctions(), Graph: part}
	for _, o := range m.GetOpsetImport() {
		o = proto.CloneOf(o)
		if (o.GetDomain() == "" || o.GetDomain() == "ai.onnx") && o.GetVersion() < leastOpset {
			o.Version = proto.Int64(leastOpset)
		}
		g.model.OpsetImport = append(g.model.OpsetImport, o)
	}
}

// Inputs are the names of all inputs that the graph reads and that are no constants.
func (g *Graph) Inputs() []string {
	var names []string
	for _, v := range g.model.GetGraph().GetInput() {
		if g.constants[v.GetName()] == nil {
			names = append(names, v.GetName())
		}
	}
	return names
}

// reads are the names of all tensors that a node reads, those of its subgraphs too.
func reads(n *onnxpb.NodeProto) []string {
	names := slices.Clone(n.GetInput())
	for _, a := range n.GetAttribute() {
		graphs := a.GetGraphs()
		if a.GetG() != nil {
			graphs = append([]*onnxpb.GraphProto{a.GetG()}, graphs...)
		}
		for _, inner := range graphs {
			for _, n := range inner.GetNode() {
				names = append(names, reads(n)...)
			}
			for _, o := range inner.GetOutput() {
				names = append(names, o.GetName())
			}
		}
	}
	return names
}

// inOrder lists the nodes that the output is made by, each after those that it reads.
func inOrder(nodes []*onnxpb.NodeProto, output string) ([]*onnxpb.NodeProto, error) {
	maker := map[string]*onnxpb.NodeProto{}
	for _, n := range nodes {
		for _, o := range n.GetOutput() {
			maker[o] = n
		}
	}
	type place struct {
		node  *onnxpb.NodeProto
		reads []string
	}
	var order []*onnxpb.NodeProto
	const entered, left = 1, 2
	state := map[*onnxpb.NodeProto]int{}
	var stack []place
	enter := func(name string) error {
		n := maker[name]
		if n == nil || name == "" || state[n] == left {
			return nil
		}
		if state[n] == entered {
			return fmt.Errorf("expected a graph without circles, found one at %q", name)
		}
		state[n] = entered
		stack = append(stack, place{n, reads(n)})
		return nil
	}
	if err := enter(output); err != nil {
		return nil, err
	}
	for len(stack) > 0 {
		top := &stack[len(stack)-1]
		if len(top.reads) == 0 {
			state[top.node] = left
			order = append(order, top.node)
			stack = stack[:len(stack)-1]
			continue
		}
		next := top.reads[0]
		top.reads = top.reads[1:]
		if err := enter(next); err != nil {
			return nil, err
		}
	}
	return order, nil
}

// spread finds out which tensors depend on the input, and what types their gradients have.
func (g *Graph) spread() {
	for _, n := range g.nodes {
		for _, o := range n.GetOutput() {
			g.producer[o] = n
		}
		if n.GetOpType() == "Constant" {
			if t := attribute(n, "value"); t != nil && t.GetT() != nil {
				g.constants[n.GetOutput()[0]] = t.GetT()
			}
		}
		r, known := rules[operatorOf(n)]
		var from string
		for i, name := range n.GetInput() {
			if name != "" && g.active[name] && (!known || r.smooth(i)) && from == "" {
				from = name
			}
		}
		if from == "" || flat[operatorOf(n)] {
			continue
		}
		kind := g.kinds[from]
		switch n.GetOpType() {
		case "Cast":
			kind = onnxpb.TensorProto_DataType(integer(n, "to", 1))
		case "DequantizeLinear":
			if s := g.constants[n.GetInput()[1]]; s != nil {
				kind = onnxpb.TensorProto_DataType(s.GetDataType())
			}
		}
		if !floating(kind) {
			continue // whole numbers jump
		}
		for i, o := range n.GetOutput() {
			if o != "" && (i == 0 || n.GetOpType() == "Split") {
				g.active[o], g.kinds[o] = true, kind
				g.integers[o] = g.integers[from] && n.GetOpType() != "DequantizeLinear" && n.GetOpType() != "Cast"
			}
		}
	}
}

// operatorOf is the name of a node's operator, with its domain where that is not ONNX's own.
func operatorOf(n *onnxpb.NodeProto) string {
	if d := n.GetDomain(); d != "" && d != "ai.onnx" {
		return d + "." + n.GetOpType()
	}
	return n.GetOpType()
}

// missing is an error when there are operators without a rule on the way.
func (g *Graph) missing() error {
	var missing []string
	needed := map[string]bool{g.output: true}
	for _, n := range slices.Backward(g.nodes) {
		if !slices.ContainsFunc(n.GetOutput(), func(o string) bool { return needed[o] && g.active[o] }) {
			continue
		}
		for _, in := range n.GetInput() {
			needed[in] = true
		}
		if _, ok := rules[operatorOf(n)]; !ok && !slices.Contains(missing, operatorOf(n)) {
			missing = append(missing, operatorOf(n))
		}
	}
	if missing != nil {
		slices.Sort(missing)
		return MissingError{missing}
	}
	return nil
}

// Tensors lists the tensors whose shapes have to be known.
func (g *Graph) Tensors() []string {
	if g.tensors != nil {
		return g.tensors
	}
	seen := map[string]bool{g.input: true, g.output: true}
	for _, n := range g.nodes {
		if !slices.ContainsFunc(n.GetOutput(), func(o string) bool { return g.active[o] }) {
			continue
		}
		for _, name := range n.GetInput() {
			seen[name] = true
		}
		seen[n.GetOutput()[0]] = true
	}
	delete(seen, "")
	g.tensors = slices.Sorted(maps.Keys(seen))
	return g.tensors
}

// Probe is a model with the inputs of the graph, whose output is [Shapes].
func (g *Graph) Probe() *onnxpb.ModelProto {
	m := proto.CloneOf(g.model)
	b := &builder{Graph: g, graph: m.GetGraph()}
	var all []string
	for _, name := range g.Tensors() {
		shape := b.op("Shape", name)
		all = append(all, b.op("Shape", shape), shape)
	}
	n := b.node("Concat", []string{Shapes}, all)
	setInteger(n, "axis", 0)
	m.Graph.Output = []*onnxpb.ValueInfoProto{value(Shapes, onnxpb.TensorProto_INT64, 1)}
	return m
}

// ReadShapes reads the shapes that a probe gave.
func (g *Graph) ReadShapes(numbers []int64) (map[string][]int64, error) {
	shapes := map[string][]int64{}
	for _, name := range g.Tensors() {
		if len(numbers) == 0 || numbers[0] < 0 || int64(len(numbers)) < 1+numbers[0] {
			return nil, fmt.Errorf("expected the shape of %q, found %d numbers", name, len(numbers))
		}
		rank := numbers[0]
		shapes[name] = slices.Clone(numbers[1 : 1+rank])
		numbers = numbers[1+rank:]
	}
	return shapes, nil
}

// Varying marks the dimensions that differ between two runs by -1: those that count inputs.
func Varying(one, other map[string][]int64) (map[string][]int64, error) {
	shapes := map[string][]int64{}
	for name, a := range one {
		b := other[name]
		if len(a) != len(b) {
			return nil, fmt.Errorf("expected tensor %q of one rank in all runs, found %v and %v", name, a, b)
		}
		shape := slices.Clone(a)
		for i := range shape {
			if a[i] != b[i] {
				shape[i] = -1
			}
		}
		shapes[name] = shape
	}
	return shapes, nil
}

// Scores says what the numbers of the output are.
type Scores int

// The kinds of scores.
const (
	Logits Scores = iota
	Probabilities
	LogProbabilities
)

// Build writes the graph that computes, for every row of the output, the gradient of the sum of the logarithms of its scores, each
// multiplied with its weight, by the input. Width is how many numbers a row has; one number stands for two classes, the second of which it
// is about. Dimensions that count inputs are -1 in the shapes.
func (g *Graph) Build(shapes map[string][]int64, kind Scores, width int) (m *onnxpb.ModelProto, err error) {
	m = proto.CloneOf(g.model)
	b := &builder{Graph: g, graph: m.GetGraph(), shapes: shapes, gradients: map[string]string{}}
	defer func() {
		switch problem := recover().(type) {
		case nil:
		case ruleError:
			m, err = nil, problem.error
		default:
			panic(problem)
		}
	}()
	b.head(kind, width)
	nodes := b.graph.GetNode()[:len(g.nodes)]
	for _, n := range slices.Backward(nodes) {
		grads, some := make([]string, len(n.GetOutput())), false
		for i, o := range n.GetOutput() {
			grads[i] = b.gradients[o]
			some = some || grads[i] != ""
		}
		if !some || !slices.ContainsFunc(n.GetOutput(), func(o string) bool { return g.active[o] }) {
			continue
		}
		b.at = n
		rules[operatorOf(n)].back(b, n, grads)
	}
	of := b.gradients[g.input]
	if of == "" {
		return nil, errors.New("expected a way from the scores to the input, found none")
	}
	cast := b.node("Cast", []string{Gradient}, []string{of})
	setInteger(cast, "to", int64(onnxpb.TensorProto_FLOAT))
	b.graph.Input = append(b.graph.Input, value(Weights, onnxpb.TensorProto_FLOAT, 2))
	b.graph.Output = []*onnxpb.ValueInfoProto{value(Gradient, onnxpb.TensorProto_FLOAT, len(shapes[g.input]))}
	return m, nil
}

// value is an input or output of open dimensions.
func value(name string, kind onnxpb.TensorProto_DataType, rank int) *onnxpb.ValueInfoProto {
	shape := &onnxpb.TensorShapeProto{}
	for range rank {
		shape.Dim = append(shape.Dim, &onnxpb.TensorShapeProto_Dimension{})
	}
	return &onnxpb.ValueInfoProto{Name: proto.String(name), Type: &onnxpb.TypeProto{Value: &onnxpb.TypeProto_TensorType{
		TensorType: &onnxpb.TypeProto_Tensor{ElemType: proto.Int32(int32(kind)), Shape: shape},
	}}}
}
