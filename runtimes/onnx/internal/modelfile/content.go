package modelfile

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"math"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"
)

// errNoContent is for graphs that cannot be put into a canonical form, such as one with a cycle. No runtime takes most of them.
var errNoContent = errors.New("no canonical form")

// content is a hash of what a model computes. Models have the same one when they differ in their producer, documentation,
// metadata, names (of the graph, nodes, tensors, inputs and outputs), the order of their initializers and nodes, in what
// nothing reads, in nodes that hand values on (Identity), in attributes that are as they are by default, and in where and how
// weights are kept: in a file beside the model, as raw data or typed data, as an initializer or a Constant. Everything else
// makes another hash: weights, attributes, operators, versions of the operator sets that are used, wiring, the type and the
// shape of inputs. So models that compute the same in another way have different ones; equal hashes mean equal models.
//
// Every value is hashed from what computes it, as in a Merkle tree, so names do not occur in it. The hash of a graph covers the
// hashes of its outputs and of every node that they depend on, as often as it is there.
//
// read writes the values of a tensor that lie outside the message.
func content(m *onnxpb.ModelProto, read func(io.Writer, *onnxpb.TensorProto) error) string {
	c := &canon{read: read, functions: map[string]*onnxpb.FunctionProto{}, known: map[string]digest{}, busy: map[string]bool{}}
	for _, f := range m.GetFunctions() {
		c.functions[functionKey(f.GetDomain(), f.GetName(), f.GetOverload())] = f
	}
	d, err := c.graph(m.GetGraph(), nil, 0, opsets(m.GetOpsetImport()))
	if err != nil {
		return ""
	}
	w := newCanonWriter("triggerfinder content 1")
	w.digest(d)
	d = w.sum()
	return hex.EncodeToString(d[:])
}

type digest [sha256.Size]byte

// canonWriter hashes fields, each with its length, so that no two lists of fields are written alike.
type canonWriter struct{ h hash.Hash }

func newCanonWriter(kind string) *canonWriter {
	w := &canonWriter{sha256.New()}
	w.text(kind)
	return w
}

func (w *canonWriter) number(n uint64) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], n)
	_, _ = w.h.Write(b[:])
}

func (w *canonWriter) int(n int)       { w.number(uint64(n)) }
func (w *canonWriter) digest(d digest) { _, _ = w.h.Write(d[:]) }

func (w *canonWriter) bytes(b []byte) {
	w.int(len(b))
	_, _ = w.h.Write(b)
}

func (w *canonWriter) text(s string) { w.bytes([]byte(s)) }

func (w *canonWriter) sum() (d digest) {
	w.h.Sum(d[:0])
	return d
}

// canon puts the parts of one model into their canonical form.
type canon struct {
	read      func(io.Writer, *onnxpb.TensorProto) error
	functions map[string]*onnxpb.FunctionProto
	known     map[string]digest // of functions
	busy      map[string]bool   // functions that are being hashed
}

// scope holds the values of a graph, by name. Subgraphs see those around them.
type scope struct {
	around *scope
	values map[string]digest
}

func (s *scope) value(name string) (digest, error) {
	for at := s; at != nil; at = at.around {
		if d, ok := at.values[name]; ok {
			return d, nil
		}
	}
	return digest{}, errNoContent
}

func functionKey(domain, name, overload string) string {
	return domainName(domain) + "\x00" + name + "\x00" + overload
}

func domainName(domain string) string {
	if domain == "ai.onnx" {
		return ""
	}
	return domain
}

// opsets are the versions of operator sets, by domain.
func opsets(imports []*onnxpb.OperatorSetIdProto) map[string]int64 {
	versions := map[string]int64{}
	for _, o := range imports {
		versions[domainName(o.GetDomain())] = o.GetVersion()
	}
	return versions
}

// graph hashes a graph: the main one at level 0, subgraphs below.
func (c *canon) graph(g *onnxpb.GraphProto, around *scope, level int, versions map[string]int64) (digest, error) {
	if level > maxDepth {
		return digest{}, errTooDeep
	}
	s := &scope{around, map[string]digest{}}
	for _, t := range g.GetInitializer() {
		d, err := c.tensor(t)
		if err != nil {
			return d, err
		}
		s.values[t.GetName()] = d
	}
	for _, sparse := range g.GetSparseInitializer() {
		d, err := c.sparse(sparse)
		if err != nil {
			return d, err
		}
		s.values[sparse.GetValues().GetName()] = d
	}
	w := newCanonWriter("graph")
	inputs := 0
	for _, v := range g.GetInput() {
		if _, constant := s.values[v.GetName()]; constant {
			continue
		}
		in := newCanonWriter("input")
		in.int(level)
		in.int(inputs)
		inputs++
		s.values[v.GetName()] = in.sum()
		if level == 0 { // a subgraph's are what it is given
			w.valueType(v.GetType())
		}
	}
	w.int(inputs)
	var outputs []string
	for _, v := range g.GetOutput() {
		outputs = append(outputs, v.GetName())
	}
	if err := c.body(w, g.GetNode(), outputs, s, level, versions); err != nil {
		return digest{}, err
	}
	return w.sum(), nil
}

// body writes the outputs and the nodes that they depend on.
func (c *canon) body(w *canonWriter, nodes []*onnxpb.NodeProto, outputs []string, s *scope, level int, versions map[string]int64) error {
	needed, err := inOrder(nodes, outputs)
	if err != nil {
		return err
	}
	var all []digest
	for _, i := range needed {
		d, alone, err := c.node(nodes[i], i, s, level, versions)
		if err != nil {
			return err
		}
		if alone {
			all = append(all, d)
		}
	}
	w.int(len(outputs))
	for _, name := range outputs {
		d, err := s.value(name)
		if err != nil {
			return err
		}
		w.digest(d)
	}
	slices.SortFunc(all, func(a, b digest) int { return bytes.Compare(a[:], b[:]) })
	w.int(len(all))
	for _, d := range all {
		w.digest(d)
	}
	return nil
}

// inOrder lists the nodes that outputs depend on, each after those that it depends on.
func inOrder(nodes []*onnxpb.NodeProto, outputs []string) ([]int, error) {
	makers := map[string]int{}
	for i, n := range nodes {
		for _, out := range n.GetOutput() {
			if _, twice := makers[out]; twice && out != "" {
				return nil, errNoContent
			}
			makers[out] = i
		}
	}
	delete(makers, "")
	const begun, done = 1, 2
	state := make([]byte, len(nodes))
	var order, stack []int
	push := func(names []string) error {
		for _, name := range names {
			i, ok := makers[name]
			switch {
			case !ok || state[i] == done:
			case state[i] == begun:
				return errNoContent // a cycle
			default:
				stack = append(stack, i)
			}
		}
		return nil
	}
	for _, out := range outputs { // one after the other: of several outputs none is inside another
		if err := push([]string{out}); err != nil {
			return nil, err
		}
		for len(stack) > 0 {
			i := stack[len(stack)-1]
			switch state[i] {
			case done:
				stack = stack[:len(stack)-1]
			case begun:
				state[i], stack = done, stack[:len(stack)-1]
				order = append(order, i)
			default:
				state[i] = begun
				if err := push(reads(nodes[i])); err != nil {
					return nil, err
				}
			}
		}
	}
	return order, nil
}

// reads lists the values that a node takes, those that its subgraphs take from around them too.
func reads(n *onnxpb.NodeProto) []string {
	names := slices.Clone(n.GetInput())
	for _, a := range n.GetAttribute() {
		for _, g := range withOne(a.GetGraphs(), a.GetG()) {
			names = append(names, captured(g, 0)...)
		}
	}
	return names
}

// captured lists the values that a subgraph takes from around it.
func captured(g *onnxpb.GraphProto, depth int) (names []string) {
	if depth > maxDepth {
		return nil // graph refuses it
	}
	own := map[string]bool{"": true}
	for _, t := range g.GetInitializer() {
		own[t.GetName()] = true
	}
	for _, t := range g.GetSparseInitializer() {
		own[t.GetValues().GetName()] = true
	}
	for _, v := range g.GetInput() {
		own[v.GetName()] = true
	}
	for _, n := range g.GetNode() {
		for _, out := range n.GetOutput() {
			own[out] = true
		}
	}
	add := func(list []string) {
		for _, name := range list {
			if !own[name] {
				own[name] = true // once is enough
				names = append(names, name)
			}
		}
	}
	for _, n := range g.GetNode() {
		add(n.GetInput())
		for _, a := range n.GetAttribute() {
			for _, inner := range withOne(a.GetGraphs(), a.GetG()) {
				add(captured(inner, depth+1))
			}
		}
	}
	for _, v := range g.GetOutput() {
		add([]string{v.GetName()})
	}
	return names
}

// drawing are operators that give other values each time: two of them are not one.
var drawing = map[string]bool{
	"RandomNormal": true, "RandomNormalLike": true, "RandomUniform": true, "RandomUniformLike": true, "Bernoulli": true, "Multinomial": true, "Dropout": true,
}

// node hashes a node and puts its outputs into the scope. It is not alone where another node, or a constant, stands for it.
func (c *canon) node(n *onnxpb.NodeProto, at int, s *scope, level int, versions map[string]int64) (d digest, alone bool, err error) {
	domain, operator := domainName(n.GetDomain()), n.GetOpType()
	inputs, outputs := withoutLast(n.GetInput()), withoutLast(n.GetOutput())
	function := c.functions[functionKey(domain, operator, n.GetOverload())]
	if domain == "" && function == nil && len(outputs) == 1 {
		switch {
		case operator == "Identity" && len(inputs) == 1:
			s.values[outputs[0]], err = s.value(inputs[0])
			return d, false, err
		case operator == "Constant" && len(inputs) == 0 && len(n.GetAttribute()) == 1 && n.GetAttribute()[0].GetRefAttrName() == "":
			if constant, ok, err := c.constant(n.GetAttribute()[0]); ok || err != nil {
				s.values[outputs[0]] = constant
				return d, false, err
			}
		}
	}
	w := newCanonWriter("node")
	w.text(domain)
	w.text(operator)
	w.text(n.GetOverload())
	w.number(uint64(versions[domain]))
	if drawing[operator] {
		w.int(at)
	}
	w.int(len(inputs))
	for _, name := range inputs {
		if name == "" {
			w.int(0)
			continue
		}
		v, err := s.value(name)
		if err != nil {
			return d, false, err
		}
		w.int(1)
		w.digest(v)
	}
	w.int(len(outputs))
	for _, name := range outputs {
		w.int(min(1, len(name)))
	}
	attributes := n.GetAttribute()
	if domain == "" && function == nil {
		attributes = slices.DeleteFunc(slices.Clone(attributes), func(a *onnxpb.AttributeProto) bool { return isDefault(operator, a) })
	}
	if err := c.attributes(w, attributes, s, level, versions); err != nil {
		return d, false, err
	}
	if function != nil {
		f, err := c.function(function)
		if err != nil {
			return d, false, err
		}
		w.digest(f)
	}
	d = w.sum()
	for i, name := range outputs {
		if name != "" {
			out := newCanonWriter("output")
			out.digest(d)
			out.int(i)
			s.values[name] = out.sum()
		}
	}
	return d, true, nil
}

// defaults are attributes of common operators that are the same in every version of the operator set, with what they are where they
// are left out. Some programs write them out, such as ONNX Runtime where it saves weights into another file.
var defaults = map[string]any{
	"Conv.auto_pad": "NOTSET", "Conv.group": int64(1), "ConvTranspose.auto_pad": "NOTSET", "ConvTranspose.group": int64(1),
	"MaxPool.auto_pad": "NOTSET", "MaxPool.ceil_mode": int64(0), "MaxPool.storage_order": int64(0),
	"AveragePool.auto_pad": "NOTSET", "AveragePool.ceil_mode": int64(0), "AveragePool.count_include_pad": int64(0),
	"Gemm.alpha": float32(1), "Gemm.beta": float32(1), "Gemm.transA": int64(0), "Gemm.transB": int64(0),
	"BatchNormalization.epsilon": float32(1e-5), "BatchNormalization.momentum": float32(0.9), "BatchNormalization.training_mode": int64(0),
	"Flatten.axis": int64(1), "LeakyRelu.alpha": float32(0.01), "Elu.alpha": float32(1), "Reshape.allowzero": int64(0), "Cast.saturate": int64(1),
	"QuantizeLinear.axis": int64(1), "QuantizeLinear.block_size": int64(0), "QuantizeLinear.saturate": int64(1), "QuantizeLinear.output_dtype": int64(0), "QuantizeLinear.precision": int64(0),
	"DequantizeLinear.axis": int64(1), "DequantizeLinear.block_size": int64(0), "DequantizeLinear.output_dtype": int64(0),
}

// isDefault reports whether it is as if the attribute were left out.
func isDefault(operator string, a *onnxpb.AttributeProto) bool {
	value, ok := defaults[operator+"."+a.GetName()]
	if !ok || a.GetRefAttrName() != "" {
		return false
	}
	switch attributeKind(a) {
	case onnxpb.AttributeProto_INT:
		return value == a.GetI()
	case onnxpb.AttributeProto_FLOAT:
		return value == a.GetF()
	case onnxpb.AttributeProto_STRING:
		return value == string(a.GetS())
	}
	return false
}

// withoutLast leaves out what is empty at the end: it is as if it were not there.
func withoutLast(names []string) []string {
	for len(names) > 0 && names[len(names)-1] == "" {
		names = names[:len(names)-1]
	}
	return names
}

// constant is the value of a Constant, as that of an initializer. Not ok means that it has another form.
func (c *canon) constant(a *onnxpb.AttributeProto) (d digest, ok bool, err error) {
	of := func(kind onnxpb.TensorProto_DataType, dims ...int64) *onnxpb.TensorProto {
		return &onnxpb.TensorProto{DataType: proto.Int32(int32(kind)), Dims: dims}
	}
	var t *onnxpb.TensorProto
	switch name := a.GetName(); {
	case name == "value" && a.GetT() != nil:
		t = a.GetT()
	case name == "sparse_value" && a.GetSparseTensor() != nil:
		d, err = c.sparse(a.GetSparseTensor())
		return d, true, err
	case name == "value_float":
		t = of(onnxpb.TensorProto_FLOAT)
		t.FloatData = []float32{a.GetF()}
	case name == "value_floats":
		t = of(onnxpb.TensorProto_FLOAT, int64(len(a.GetFloats())))
		t.FloatData = a.GetFloats()
	case name == "value_int":
		t = of(onnxpb.TensorProto_INT64)
		t.Int64Data = []int64{a.GetI()}
	case name == "value_ints":
		t = of(onnxpb.TensorProto_INT64, int64(len(a.GetInts())))
		t.Int64Data = a.GetInts()
	case name == "value_string":
		t = of(onnxpb.TensorProto_STRING)
		t.StringData = [][]byte{a.GetS()}
	case name == "value_strings":
		t = of(onnxpb.TensorProto_STRING, int64(len(a.GetStrings())))
		t.StringData = a.GetStrings()
	default:
		return d, false, nil
	}
	d, err = c.tensor(t)
	return d, true, err
}

// mostCalls bounds how deep functions of a model call each other.
const mostCalls = 256

func (c *canon) function(f *onnxpb.FunctionProto) (digest, error) {
	key := functionKey(f.GetDomain(), f.GetName(), f.GetOverload())
	if d, ok := c.known[key]; ok {
		return d, nil
	}
	if c.busy[key] || len(c.busy) > mostCalls {
		return digest{}, errNoContent
	}
	c.busy[key] = true
	defer delete(c.busy, key)
	s := &scope{nil, map[string]digest{}}
	versions := opsets(f.GetOpsetImport())
	w := newCanonWriter("function")
	w.int(len(f.GetInput()))
	for i, name := range f.GetInput() {
		in := newCanonWriter("parameter")
		in.int(i)
		s.values[name] = in.sum()
	}
	names := slices.Sorted(slices.Values(f.GetAttribute()))
	w.int(len(names))
	for _, name := range names {
		w.text(name)
	}
	if err := c.attributes(w, f.GetAttributeProto(), s, 1, versions); err != nil {
		return digest{}, err
	}
	if err := c.body(w, f.GetNode(), f.GetOutput(), s, 1, versions); err != nil {
		return digest{}, err
	}
	c.known[key] = w.sum()
	return c.known[key], nil
}

// attributes writes attributes in the order of their names.
func (c *canon) attributes(w *canonWriter, attributes []*onnxpb.AttributeProto, s *scope, level int, versions map[string]int64) error {
	sorted := slices.SortedStableFunc(slices.Values(attributes), func(a, b *onnxpb.AttributeProto) int { return strings.Compare(a.GetName(), b.GetName()) })
	w.int(len(sorted))
	for _, a := range sorted {
		w.text(a.GetName())
		w.text(a.GetRefAttrName())
		if err := c.attribute(w, a, s, level, versions); err != nil {
			return err
		}
	}
	return nil
}

func (c *canon) attribute(w *canonWriter, a *onnxpb.AttributeProto, s *scope, level int, versions map[string]int64) error {
	kind := attributeKind(a)
	w.int(int(kind))
	if a.GetRefAttrName() != "" {
		return nil
	}
	each := func(n int, write func(i int) (digest, error)) error {
		w.int(n)
		for i := range n {
			d, err := write(i)
			if err != nil {
				return err
			}
			w.digest(d)
		}
		return nil
	}
	switch kind {
	case onnxpb.AttributeProto_FLOAT:
		w.number(uint64(math.Float32bits(a.GetF())))
	case onnxpb.AttributeProto_INT:
		w.number(uint64(a.GetI()))
	case onnxpb.AttributeProto_STRING:
		w.bytes(a.GetS())
	case onnxpb.AttributeProto_FLOATS:
		w.int(len(a.GetFloats()))
		for _, v := range a.GetFloats() {
			w.number(uint64(math.Float32bits(v)))
		}
	case onnxpb.AttributeProto_INTS:
		w.int(len(a.GetInts()))
		for _, v := range a.GetInts() {
			w.number(uint64(v))
		}
	case onnxpb.AttributeProto_STRINGS:
		w.int(len(a.GetStrings()))
		for _, v := range a.GetStrings() {
			w.bytes(v)
		}
	case onnxpb.AttributeProto_TENSOR, onnxpb.AttributeProto_TENSORS:
		list := withOne(a.GetTensors(), a.GetT())
		return each(len(list), func(i int) (digest, error) { return c.tensor(list[i]) })
	case onnxpb.AttributeProto_SPARSE_TENSOR, onnxpb.AttributeProto_SPARSE_TENSORS:
		list := withOne(a.GetSparseTensors(), a.GetSparseTensor())
		return each(len(list), func(i int) (digest, error) { return c.sparse(list[i]) })
	case onnxpb.AttributeProto_GRAPH, onnxpb.AttributeProto_GRAPHS:
		list := withOne(a.GetGraphs(), a.GetG())
		return each(len(list), func(i int) (digest, error) { return c.graph(list[i], s, level+1, versions) })
	default:
		list := withOne(a.GetTypeProtos(), a.GetTp())
		w.int(len(list))
		for _, t := range list {
			w.valueType(t)
		}
	}
	return nil
}

// attributeKind is the type of an attribute. Old files leave it out.
func attributeKind(a *onnxpb.AttributeProto) onnxpb.AttributeProto_AttributeType {
	switch {
	case a.GetType() != onnxpb.AttributeProto_UNDEFINED:
		return a.GetType()
	case a.F != nil:
		return onnxpb.AttributeProto_FLOAT
	case a.I != nil:
		return onnxpb.AttributeProto_INT
	case a.S != nil:
		return onnxpb.AttributeProto_STRING
	case a.T != nil:
		return onnxpb.AttributeProto_TENSOR
	case a.G != nil:
		return onnxpb.AttributeProto_GRAPH
	case len(a.Floats) > 0:
		return onnxpb.AttributeProto_FLOATS
	case len(a.Ints) > 0:
		return onnxpb.AttributeProto_INTS
	case len(a.Strings) > 0:
		return onnxpb.AttributeProto_STRINGS
	case len(a.Tensors) > 0:
		return onnxpb.AttributeProto_TENSORS
	case len(a.Graphs) > 0:
		return onnxpb.AttributeProto_GRAPHS
	case a.SparseTensor != nil || len(a.SparseTensors) > 0:
		return onnxpb.AttributeProto_SPARSE_TENSORS
	}
	return onnxpb.AttributeProto_UNDEFINED
}

// valueType writes the type of a value: of a tensor its elements and its dimensions, of which the names do not matter.
func (w *canonWriter) valueType(t *onnxpb.TypeProto) {
	tensor := t.GetTensorType()
	if tensor == nil {
		b, _ := proto.MarshalOptions{Deterministic: true}.Marshal(t)
		w.bytes(b)
		return
	}
	w.text("tensor")
	w.int(int(tensor.GetElemType()))
	if tensor.GetShape() == nil {
		w.int(-1)
		return
	}
	w.int(len(tensor.GetShape().GetDim()))
	for _, d := range tensor.GetShape().GetDim() {
		w.number(uint64(max(0, d.GetDimValue())))
	}
}

func (c *canon) sparse(s *onnxpb.SparseTensorProto) (digest, error) {
	w := newCanonWriter("sparse")
	w.dims(s.GetDims())
	for _, t := range []*onnxpb.TensorProto{s.GetValues(), s.GetIndices()} {
		d, err := c.tensor(t)
		if err != nil {
			return d, err
		}
		w.digest(d)
	}
	return w.sum(), nil
}

func (w *canonWriter) dims(dims []int64) {
	w.int(len(dims))
	for _, d := range dims {
		w.number(uint64(d))
	}
}

// tensor hashes a tensor's type, dimensions and values, wherever these are.
func (c *canon) tensor(t *onnxpb.TensorProto) (digest, error) {
	w := newCanonWriter("tensor")
	w.int(int(t.GetDataType()))
	w.dims(t.GetDims())
	if t.GetSegment() != nil {
		return digest{}, errNoContent
	}
	if t.GetDataLocation() == onnxpb.TensorProto_EXTERNAL {
		if err := c.read(w.h, t); err != nil {
			return digest{}, err
		}
		return w.sum(), nil
	}
	if onnxpb.TensorProto_DataType(t.GetDataType()) == onnxpb.TensorProto_STRING {
		for _, s := range t.GetStringData() {
			w.bytes(s)
		}
		return w.sum(), nil
	}
	if len(t.GetRawData()) > 0 {
		_, _ = w.h.Write(t.GetRawData())
	} else {
		_, _ = w.h.Write(rawOf(t))
	}
	return w.sum(), nil
}

// rawOf is the raw form of typed data.
func rawOf(t *onnxpb.TensorProto) (raw []byte) {
	bits := elementBits(onnxpb.TensorProto_DataType(t.GetDataType()))
	for _, v := range t.GetFloatData() {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	for _, v := range t.GetDoubleData() {
		raw = binary.LittleEndian.AppendUint64(raw, math.Float64bits(v))
	}
	for _, v := range t.GetInt64Data() {
		raw = binary.LittleEndian.AppendUint64(raw, uint64(v))
	}
	for _, v := range t.GetInt32Data() {
		switch { // what is narrower stands there one element a number, and what is narrower than a byte in pairs
		case bits == 16:
			raw = binary.LittleEndian.AppendUint16(raw, uint16(v))
		case bits > 0 && bits <= 8:
			raw = append(raw, byte(v))
		default:
			raw = binary.LittleEndian.AppendUint32(raw, uint32(v))
		}
	}
	for _, v := range t.GetUint64Data() {
		if bits == 32 {
			raw = binary.LittleEndian.AppendUint32(raw, uint32(v))
		} else {
			raw = binary.LittleEndian.AppendUint64(raw, v)
		}
	}
	return raw
}
