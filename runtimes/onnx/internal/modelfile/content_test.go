package modelfile_test

import (
	"encoding/binary"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"

	"google.golang.org/protobuf/proto"

	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/internal/modelfile"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxtest"
)

// contentOf is the content of a model in one file.
func contentOf(t *testing.T, m *onnxpb.ModelProto) string {
	t.Helper()
	loaded, err := modelfile.Load(modelfile.InMemory("m.onnx", onnxtest.Bytes(t, m)))
	if err != nil {
		t.Fatal(err)
	}
	return loaded.Content
}

func fixtureNames(t *testing.T) []string {
	t.Helper()
	names, err := fs.Glob(fixtures.Models, "*.onnx")
	if err != nil || len(names) < 5 {
		t.Fatalf("found %q, %v", names, err)
	}
	return names
}

func TestEveryFixtureHasAContentOfItsOwn(t *testing.T) {
	seen := map[string]string{}
	for _, name := range fixtureNames(t) {
		c := contentOf(t, onnxtest.Load(t, fixtures.Models, name))
		if len(c) != 64 || seen[c] != "" {
			t.Errorf("%s: found content %q, as %q has", name, c, seen[c])
		}
		seen[c] = name
	}
}

// savings are ways to save the same model.
var savings = map[string]func(m *onnxpb.ModelProto) *onnxpb.ModelProto{
	"names, producer and order of initializers": onnxtest.SavedAgain,
	"another IR version":                        changed(func(m *onnxpb.ModelProto) { m.IrVersion = proto.Int64(m.GetIrVersion() + 1) }),
	"an operator set that no node uses": changed(func(m *onnxpb.ModelProto) {
		m.OpsetImport = append(m.OpsetImport, &onnxpb.OperatorSetIdProto{Domain: proto.String("unused"), Version: proto.Int64(3)})
	}),
	"the default operator set by its long name": changed(func(m *onnxpb.ModelProto) {
		for _, o := range m.GetOpsetImport() {
			if o.GetDomain() == "" {
				o.Domain = proto.String("ai.onnx")
			}
		}
	}),
	"nodes in another order": changed(func(m *onnxpb.ModelProto) { slices.Reverse(m.GetGraph().GetNode()) }),
	"initializers among the inputs": changed(func(m *onnxpb.ModelProto) {
		g := m.GetGraph()
		for _, t := range g.GetInitializer() {
			g.Input = append(g.Input, &onnxpb.ValueInfoProto{Name: proto.String(t.GetName())})
		}
	}),
	"an initializer and a node that nothing reads": changed(func(m *onnxpb.ModelProto) {
		g := m.GetGraph()
		g.Initializer = append(g.Initializer, &onnxpb.TensorProto{Name: proto.String("unread"), DataType: proto.Int32(1), FloatData: []float32{1}})
		g.Node = append(g.Node, &onnxpb.NodeProto{OpType: proto.String("Relu"), Input: []string{"unread"}, Output: []string{"unread too"}})
	}),
	"Identity at the end": changed(func(m *onnxpb.ModelProto) { onnxtest.Append(m, "Identity") }),
	"initializers as Constants": changed(func(m *onnxpb.ModelProto) {
		g := m.GetGraph()
		for _, t := range g.GetInitializer() {
			g.Node = append(g.Node, &onnxpb.NodeProto{OpType: proto.String("Constant"), Output: []string{t.GetName()}, Attribute: []*onnxpb.AttributeProto{{
				Name: proto.String("value"), Type: onnxpb.AttributeProto_TENSOR.Enum(), T: t,
			}}})
		}
		g.Initializer = nil
	}),
	"typed data": changed(func(m *onnxpb.ModelProto) {
		for _, t := range m.GetGraph().GetInitializer() {
			type32 := func() (v []int32) {
				for raw := t.GetRawData(); len(raw) > 0; raw = raw[4:] {
					v = append(v, int32(binary.LittleEndian.Uint32(raw)))
				}
				return v
			}
			switch onnxpb.TensorProto_DataType(t.GetDataType()) {
			case onnxpb.TensorProto_FLOAT:
				for _, bits := range type32() {
					t.FloatData = append(t.FloatData, math.Float32frombits(uint32(bits)))
				}
			case onnxpb.TensorProto_INT32:
				t.Int32Data = append(t.Int32Data, type32()...)
			case onnxpb.TensorProto_INT64:
				for raw := t.GetRawData(); len(raw) > 0; raw = raw[8:] {
					t.Int64Data = append(t.Int64Data, int64(binary.LittleEndian.Uint64(raw)))
				}
			case onnxpb.TensorProto_INT8:
				for _, b := range t.GetRawData() {
					t.Int32Data = append(t.Int32Data, int32(int8(b)))
				}
			case onnxpb.TensorProto_UINT8:
				for _, b := range t.GetRawData() {
					t.Int32Data = append(t.Int32Data, int32(b))
				}
			default:
				continue
			}
			t.RawData = nil
		}
	}),
	"attributes without their types": changed(func(m *onnxpb.ModelProto) {
		for _, n := range m.GetGraph().GetNode() {
			for _, a := range n.GetAttribute() {
				if a.GetType() != onnxpb.AttributeProto_INTS || len(a.GetInts()) > 0 {
					a.Type = nil
				}
			}
		}
	}),
	"attributes as they are by default": changed(func(m *onnxpb.ModelProto) {
		for _, n := range m.GetGraph().GetNode() {
			without := func(name string) bool {
				return !slices.ContainsFunc(n.GetAttribute(), func(a *onnxpb.AttributeProto) bool { return a.GetName() == name })
			}
			add := func(a *onnxpb.AttributeProto) {
				if without(a.GetName()) {
					n.Attribute = append(n.Attribute, a)
				}
			}
			switch n.GetOpType() {
			case "Conv":
				add(&onnxpb.AttributeProto{Name: proto.String("auto_pad"), Type: onnxpb.AttributeProto_STRING.Enum(), S: []byte("NOTSET")})
				add(&onnxpb.AttributeProto{Name: proto.String("group"), Type: onnxpb.AttributeProto_INT.Enum(), I: proto.Int64(1)})
			case "MaxPool":
				add(&onnxpb.AttributeProto{Name: proto.String("storage_order"), Type: onnxpb.AttributeProto_INT.Enum(), I: proto.Int64(0)})
			case "Gemm":
				add(&onnxpb.AttributeProto{Name: proto.String("alpha"), Type: onnxpb.AttributeProto_FLOAT.Enum(), F: proto.Float32(1)})
				add(&onnxpb.AttributeProto{Name: proto.String("transA"), Type: onnxpb.AttributeProto_INT.Enum(), I: proto.Int64(0)})
			case "DequantizeLinear":
				add(&onnxpb.AttributeProto{Name: proto.String("axis"), Type: onnxpb.AttributeProto_INT.Enum(), I: proto.Int64(1)})
			}
		}
	}),
	"outputs left out at the end": changed(func(m *onnxpb.ModelProto) {
		for _, n := range m.GetGraph().GetNode() {
			n.Output, n.Input = append(n.Output, ""), append(n.Input, "", "")
		}
	}),
	"names of dimensions": changed(func(m *onnxpb.ModelProto) {
		for _, v := range m.GetGraph().GetInput() {
			for _, d := range v.GetType().GetTensorType().GetShape().GetDim() {
				if d.GetDimParam() != "" {
					d.Value = &onnxpb.TensorShapeProto_Dimension_DimParam{DimParam: "other"}
				}
			}
		}
	}),
}

// changed is a copy with a change.
func changed(change func(*onnxpb.ModelProto)) func(*onnxpb.ModelProto) *onnxpb.ModelProto {
	return func(m *onnxpb.ModelProto) *onnxpb.ModelProto {
		m = proto.CloneOf(m)
		change(m)
		return m
	}
}

func TestSavedAgainIsTheSameModel(t *testing.T) {
	for _, name := range fixtureNames(t) {
		m := onnxtest.Load(t, fixtures.Models, name)
		want := contentOf(t, m)
		for how, save := range savings {
			again := save(m)
			if proto.Equal(m, again) && how != "names of dimensions" && how != "typed data" && how != "attributes as they are by default" && how != "attributes without their types" {
				t.Errorf("%s, %s: nothing was changed", name, how)
			}
			if c := contentOf(t, again); c != want {
				t.Errorf("%s, %s: found content %s, expected that of the model, %s", name, how, c, want)
			}
		}
		again := proto.CloneOf(m)
		weights := onnxtest.Externalize(again, "weights/w.bin", 1)
		loaded := loadFS(t, fstest.MapFS{"a/m.onnx": {Data: onnxtest.Bytes(t, again)}, "a/weights/w.bin": {Data: weights}}, "a/m.onnx")
		if loaded.Content != want {
			t.Errorf("%s with its weights in a file: found content %s, expected that of the model, %s", name, loaded.Content, want)
		}
	}
}

// TestEveryChangeMakesAnotherModel changes one thing after the other.
func TestEveryChangeMakesAnotherModel(t *testing.T) {
	for _, name := range fixtureNames(t) {
		m := onnxtest.Load(t, fixtures.Models, name)
		seen := map[string]string{contentOf(t, m): "the model itself"}
		edit := func(what string, change, undo func()) {
			change()
			c := contentOf(t, m)
			undo()
			if seen[c] != "" || c == "" {
				t.Errorf("%s, %s: found content %q, that of: %s", name, what, c, seen[c])
			}
			seen[c] = what
		}
		g := m.GetGraph()
		for _, tensor := range g.GetInitializer() {
			if raw := tensor.GetRawData(); len(raw) > 0 {
				for _, at := range []int{0, len(raw) - 1} {
					edit(fmt.Sprintf("bit of byte %d of %s", at, tensor.GetName()), func() { raw[at] ^= 1 << (at % 8) }, func() { raw[at] ^= 1 << (at % 8) })
				}
			}
			dims := tensor.Dims
			edit("dimensions of "+tensor.GetName(), func() { tensor.Dims = append([]int64{1}, dims...) }, func() { tensor.Dims = dims })
		}
		for i, n := range g.GetNode() {
			what := fmt.Sprintf("node %d (%s): ", i, n.GetOpType())
			operator, domain := n.OpType, n.Domain
			if n.GetOpType() != "Constant" {
				edit(what+"operator", func() { n.OpType = proto.String("Other") }, func() { n.OpType = operator })
				edit(what+"domain", func() { n.Domain = proto.String("other") }, func() { n.Domain = domain })
				edit(what+"one more attribute", func() {
					n.Attribute = append(n.Attribute, &onnxpb.AttributeProto{Name: proto.String("zz"), Type: onnxpb.AttributeProto_INT.Enum(), I: proto.Int64(1)})
				}, func() { n.Attribute = n.Attribute[:len(n.Attribute)-1] })
				edit(what+"one more output", func() { n.Output = append(n.Output, "zz") }, func() { n.Output = n.Output[:len(n.Output)-1] })
				edit(what+"one more input", func() { n.Input = append(n.Input, g.GetInput()[0].GetName()) }, func() { n.Input = n.Input[:len(n.Input)-1] })
			}
			if in := n.GetInput(); len(in) > 1 && in[0] != in[1] {
				edit(what+"inputs swapped", func() { in[0], in[1] = in[1], in[0] }, func() { in[0], in[1] = in[1], in[0] })
			}
			for _, a := range n.GetAttribute() {
				what := what + a.GetName()
				switch a.GetType() {
				case onnxpb.AttributeProto_INT:
					edit(what, func() { *a.I++ }, func() { *a.I-- })
				case onnxpb.AttributeProto_FLOAT:
					was := *a.F
					edit(what, func() { *a.F += 0.5 }, func() { *a.F = was })
				case onnxpb.AttributeProto_STRING:
					was := a.S
					edit(what, func() { a.S = []byte(string(was) + "x") }, func() { a.S = was })
				case onnxpb.AttributeProto_INTS:
					was := a.Ints
					edit(what, func() { a.Ints = append(slices.Clone(was), 1) }, func() { a.Ints = was })
				}
			}
		}
		for _, o := range m.GetOpsetImport() {
			if o.GetDomain() == "" {
				edit("operator set", func() { *o.Version++ }, func() { *o.Version-- })
			}
		}
		in := g.GetInput()[0].GetType().GetTensorType()
		edit("element type of the input", func() { *in.ElemType++ }, func() { *in.ElemType-- })
		dims := in.GetShape().Dim
		edit("rank of the input", func() { in.Shape.Dim = dims[1:] }, func() { in.Shape.Dim = dims })
		edit("one more input", func() { g.Input = append(g.Input, &onnxpb.ValueInfoProto{Name: proto.String("zz")}) }, func() { g.Input = g.Input[:len(g.Input)-1] })
		edit("an output twice", func() { g.Output = append(g.Output, g.Output[0]) }, func() { g.Output = g.Output[:len(g.Output)-1] })
	}
}

// value, node and attribute make parts of graphs by hand.
func value(name string) *onnxpb.ValueInfoProto {
	return &onnxpb.ValueInfoProto{Name: proto.String(name)}
}

func node(operator string, inputs, outputs []string, attributes ...*onnxpb.AttributeProto) *onnxpb.NodeProto {
	return &onnxpb.NodeProto{OpType: proto.String(operator), Input: inputs, Output: outputs, Attribute: attributes}
}

func subgraph(name string, g *onnxpb.GraphProto) *onnxpb.AttributeProto {
	return &onnxpb.AttributeProto{Name: proto.String(name), Type: onnxpb.AttributeProto_GRAPH.Enum(), G: g}
}

func model(nodes ...*onnxpb.NodeProto) *onnxpb.ModelProto {
	return &onnxpb.ModelProto{
		OpsetImport: []*onnxpb.OperatorSetIdProto{{Version: proto.Int64(17)}},
		Graph:       &onnxpb.GraphProto{Input: []*onnxpb.ValueInfoProto{value("x"), value("c")}, Output: []*onnxpb.ValueInfoProto{value("y")}, Node: nodes},
	}
}

// branch is a graph without inputs.
func branch(output string, nodes ...*onnxpb.NodeProto) *onnxpb.GraphProto {
	return &onnxpb.GraphProto{Node: nodes, Output: []*onnxpb.ValueInfoProto{value(output)}}
}

func list(names ...string) []string { return names }

// TestContentOfSubgraphsAndFunctions has groups of models: those of a group are the same, and no two groups are.
func TestContentOfSubgraphsAndFunctions(t *testing.T) {
	relu, neg := func(in, out string) *onnxpb.NodeProto { return node("Relu", list(in), list(out)) }, func(in, out string) *onnxpb.NodeProto { return node("Neg", list(in), list(out)) }
	conditional := func(then, otherwise *onnxpb.GraphProto) *onnxpb.NodeProto {
		return node("If", list("c"), list("y"), subgraph("then_branch", then), subgraph("else_branch", otherwise))
	}
	loop := func(level string, inner ...*onnxpb.NodeProto) *onnxpb.GraphProto {
		return &onnxpb.GraphProto{Input: []*onnxpb.ValueInfoProto{value("i" + level), value("v" + level)}, Output: []*onnxpb.ValueInfoProto{value("o" + level)}, Node: inner}
	}
	scan := func(in, out string, body *onnxpb.GraphProto) *onnxpb.NodeProto {
		return node("Scan", list("x", in), list(out), subgraph("body", body))
	}
	function := func(m *onnxpb.ModelProto, inner ...*onnxpb.NodeProto) *onnxpb.ModelProto {
		m.Functions = []*onnxpb.FunctionProto{{
			Name: proto.String("F"), Domain: proto.String("own"), Input: list("p", "q"), Output: list("r"), Node: inner,
			OpsetImport: []*onnxpb.OperatorSetIdProto{{Version: proto.Int64(17)}},
		}}
		for _, n := range m.GetGraph().GetNode() {
			if n.GetOpType() == "F" {
				n.Domain = proto.String("own")
			}
		}
		return m
	}
	of := func(domain string, m *onnxpb.ModelProto) *onnxpb.ModelProto {
		m.GetGraph().GetNode()[0].Domain = proto.String(domain)
		return m
	}
	groups := [][]*onnxpb.ModelProto{
		{
			model(conditional(branch("a", relu("x", "a")), branch("b", neg("x", "b")))),
			model(conditional(branch("q", relu("x", "q")), branch("q", neg("x", "q")))),
			onnxtest.SavedAgain(model(conditional(branch("a", relu("x", "a")), branch("b", neg("x", "b"))))),
		},
		{model(conditional(branch("b", neg("x", "b")), branch("a", relu("x", "a"))))},
		{ // what a branch reads is made outside, wherever that node stands
			model(relu("x", "h"), conditional(branch("a", neg("h", "a")), branch("b", neg("x", "b")))),
			model(conditional(branch("a", neg("h", "a")), branch("b", neg("x", "b"))), relu("x", "h")),
		},
		{model(neg("x", "h"), conditional(branch("a", neg("h", "a")), branch("b", neg("x", "b"))))},
		{model(scan("x", "y", loop("1", relu("v1", "o1"))))},
		{model(scan("x", "y", loop("1", relu("i1", "o1"))))},
		{ // which loop a value is of
			model(scan("x", "y", loop("1", scan("v1", "o1", loop("2", node("Add", list("v1", "v2"), list("o2"))))))),
			model(scan("x", "y", loop("7", scan("v7", "o7", loop("8", node("Add", list("v7", "v8"), list("o8"))))))),
		},
		{model(scan("x", "y", loop("1", scan("v1", "o1", loop("2", node("Add", list("v2", "v1"), list("o2")))))))},
		{model(scan("x", "y", loop("1", scan("v1", "o1", loop("2", node("Add", list("v2", "v2"), list("o2")))))))},
		{model(scan("x", "y", loop("1", scan("v1", "o1", loop("2", node("Add", list("x", "v2"), list("o2")))))))},
		{
			function(model(node("F", list("x", "c"), list("y"))), node("Sub", list("p", "q"), list("r"))),
			function(model(node("F", list("x", "c"), list("y"))), node("Sub", list("p", "q"), list("r")), relu("p", "unread")),
		},
		{function(model(node("F", list("x", "c"), list("y"))), node("Sub", list("q", "p"), list("r")))},
		{function(model(node("F", list("c", "x"), list("y"))), node("Sub", list("p", "q"), list("r")))},
		{function(model(node("F", list("x", "c"), list("y"))), node("Add", list("p", "q"), list("r")))},
		{model(node("Add", list("x", "x"), list("y")))},
		{of("a", model(relu("x", "y")))},
		{of("b", model(relu("x", "y")))},
		{ // a branch may read what is around it in any order
			model(relu("x", "g"), neg("x", "h"), conditional(branch("a", relu("g", "s"), relu("h", "t"), node("Sub", list("s", "t"), list("a"))), branch("b", neg("x", "b")))),
			model(relu("x", "g"), neg("x", "h"), conditional(branch("a", relu("h", "t"), relu("g", "s"), node("Sub", list("s", "t"), list("a"))), branch("b", neg("x", "b")))),
		},
		{model(scan("x", "y", func() *onnxpb.GraphProto {
			g := loop("1", relu("v1", "o1"))
			g.Input = append(g.Input, value("unread"))
			return g
		}()))},
		{model(node("LeakyRelu", list("x"), list("y"), &onnxpb.AttributeProto{Name: proto.String("alpha"), Type: onnxpb.AttributeProto_FLOAT.Enum(), F: proto.Float32(2)}))},
		{model(node("LeakyRelu", list("x"), list("y"), &onnxpb.AttributeProto{Name: proto.String("beta"), Type: onnxpb.AttributeProto_FLOAT.Enum(), F: proto.Float32(2)}))},
		{model(node("Pad", list("x"), list("y"), &onnxpb.AttributeProto{Name: proto.String("mode"), Type: onnxpb.AttributeProto_STRING.Enum(), S: []byte("edge")}))},
		{model(node("Pad", list("x"), list("y"), &onnxpb.AttributeProto{Name: proto.String("mode"), Type: onnxpb.AttributeProto_STRING.Enum(), S: []byte("wrap")}))},
		{model(node("Own", list("x"), list("y"), &onnxpb.AttributeProto{Name: proto.String("words"), Type: onnxpb.AttributeProto_STRINGS.Enum(), Strings: [][]byte{[]byte("ab"), []byte("c")}}))},
		{model(node("Own", list("x"), list("y"), &onnxpb.AttributeProto{Name: proto.String("words"), Type: onnxpb.AttributeProto_STRINGS.Enum(), Strings: [][]byte{[]byte("a"), []byte("bc")}}))},
		{model(node("Constant", nil, list("k"), &onnxpb.AttributeProto{Name: proto.String("value"), T: &onnxpb.TensorProto{DataType: proto.Int32(6), RawData: []byte{0, 0, 0, 0x40}}}), node("Mul", list("x", "k"), list("y")))},
		// Of two nodes that are there twice: which one is shared.
		{model(relu("x", "a"), neg("x", "b"), neg("x", "d"), node("Sum", list("a", "a", "b", "d"), list("y")))},
		{model(relu("x", "a"), relu("x", "b"), neg("x", "d"), node("Sum", list("a", "b", "d", "d"), list("y")))},
		// One node is not two of the same kind: they may draw other numbers.
		{model(node("RandomNormal", nil, list("a")), node("Add", list("a", "a"), list("y")))},
		{model(node("RandomNormal", nil, list("a")), node("RandomNormal", nil, list("b")), node("Add", list("a", "b"), list("y")))},
		{model(relu("x", "a"), node("Add", list("a", "a"), list("y")))},
		{model(relu("x", "a"), relu("x", "b"), node("Add", list("a", "b"), list("y")))},
		{ // constants in all their forms
			model(node("Constant", nil, list("k"), &onnxpb.AttributeProto{Name: proto.String("value_float"), Type: onnxpb.AttributeProto_FLOAT.Enum(), F: proto.Float32(2)}), node("Mul", list("x", "k"), list("y"))),
			model(node("Constant", nil, list("k"), &onnxpb.AttributeProto{Name: proto.String("value"), T: &onnxpb.TensorProto{DataType: proto.Int32(1), RawData: []byte{0, 0, 0, 0x40}}}), node("Mul", list("x", "k"), list("y"))),
			model(node("Constant", nil, list("k"), &onnxpb.AttributeProto{Name: proto.String("value"), T: &onnxpb.TensorProto{DataType: proto.Int32(1), FloatData: []float32{2}}}), node("Mul", list("x", "k"), list("y"))),
		},
		{model(node("Constant", nil, list("k"), &onnxpb.AttributeProto{Name: proto.String("value_floats"), Type: onnxpb.AttributeProto_FLOATS.Enum(), Floats: []float32{2}}), node("Mul", list("x", "k"), list("y")))},
		{model(node("Constant", nil, list("k"), &onnxpb.AttributeProto{Name: proto.String("value_int"), Type: onnxpb.AttributeProto_INT.Enum(), I: proto.Int64(2)}), node("Mul", list("x", "k"), list("y")))},
		{model(node("Constant", nil, list("k"), &onnxpb.AttributeProto{Name: proto.String("value_string"), Type: onnxpb.AttributeProto_STRING.Enum(), S: []byte("2")}), node("Mul", list("x", "k"), list("y")))},
		{model(node("Constant", nil, list("k"), &onnxpb.AttributeProto{Name: proto.String("value_strings"), Type: onnxpb.AttributeProto_STRINGS.Enum(), Strings: [][]byte{[]byte("2"), []byte("3")}}), node("Mul", list("x", "k"), list("y")))},
		{model(node("Constant", nil, list("k"), &onnxpb.AttributeProto{Name: proto.String("value_strings"), Type: onnxpb.AttributeProto_STRINGS.Enum(), Strings: [][]byte{[]byte("23"), nil}}), node("Mul", list("x", "k"), list("y")))},
	}
	seen := map[string]int{}
	for i, group := range groups {
		first := contentOf(t, group[0])
		if other, ok := seen[first]; ok || first == "" {
			t.Errorf("group %d has the content %q of group %d", i, first, other)
		}
		seen[first] = i
		for j, m := range group[1:] {
			if c := contentOf(t, m); c != first {
				t.Errorf("group %d: model %d has the content %q, expected %q", i, j+1, c, first)
			}
		}
	}
}

func TestGraphsWithoutContent(t *testing.T) {
	self := model(node("F", list("x"), list("y")))
	self.Graph.Node[0].Domain = proto.String("own")
	self.Functions = []*onnxpb.FunctionProto{{Name: proto.String("F"), Domain: proto.String("own"), Output: list("r"), Node: []*onnxpb.NodeProto{{OpType: proto.String("F"), Domain: proto.String("own"), Output: list("r")}}}}
	for name, m := range map[string]*onnxpb.ModelProto{
		"a cycle":                      model(node("Add", list("x", "b"), list("a")), node("Relu", list("a"), list("b")), node("Neg", list("b"), list("y"))),
		"a node that reads itself":     model(node("Add", list("x", "y"), list("y"))),
		"a value that nothing makes":   model(node("Add", list("x", "nothing"), list("y"))),
		"an output that nothing makes": model(),
		"a value made twice":           model(node("Relu", list("x"), list("y")), node("Neg", list("x"), list("y"))),
		"a function that calls itself": self,
	} {
		if c := contentOf(t, m); c != "" {
			t.Errorf("%s: found content %s, expected none", name, c)
		}
	}
}

// FuzzLoad reads anything as a model with a file of weights: the answer is an error, or the same identity each time, and a
// model in one file whose content is that of all.
func FuzzLoad(f *testing.F) {
	for _, name := range []string{"nchw-rgb.onnx", "int8-io.onnx"} { // small ones
		data, err := os.ReadFile(filepath.Join("..", "..", "testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, []byte{})
	}
	small := model(node("Mul", list("x", "w"), list("y")))
	small.Graph.Initializer = []*onnxpb.TensorProto{{Name: proto.String("w"), DataType: proto.Int32(1), Dims: []int64{2}, RawData: make([]byte, 8)}}
	data, err := proto.Marshal(small)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data, []byte{})
	weights := onnxtest.Externalize(small, "w.bin", 1)
	if data, err = proto.Marshal(small); err != nil {
		f.Fatal(err)
	}
	f.Add(data, weights)
	f.Fuzz(func(t *testing.T, graph, weights []byte) {
		fsys := fstest.MapFS{"m.onnx": {Data: graph}, "w.bin": {Data: weights}}
		file, err := modelfile.ReadFS(fsys, "m.onnx")
		if err != nil {
			t.Fatal(err)
		}
		m, err := modelfile.Load(file)
		if err != nil {
			return
		}
		again, err := modelfile.Load(file)
		if err != nil || again.SHA256 != m.SHA256 || again.Content != m.Content || again.Size != m.Size {
			t.Fatalf("another identity, or %v", err)
		}
		one, err := modelfile.Load(modelfile.InMemory("m.onnx", m.Runnable))
		if err != nil || one.Content != m.Content {
			t.Fatalf("in one file: content %q, expected %q, or %v", one.Content, m.Content, err)
		}
	})
}
