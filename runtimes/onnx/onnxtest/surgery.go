// Package onnxtest changes ONNX files, for tests: it makes of a model that was really trained what exporters,
// optimisers and users make of models. It holds no test itself, and nothing but tests imports it.
package onnxtest

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"
)

// Load reads a model.
func Load(t testing.TB, fsys fs.FS, path string) *onnxpb.ModelProto {
	t.Helper()
	data, err := fs.ReadFile(fsys, path)
	if err != nil {
		t.Fatal(err)
	}
	m := &onnxpb.ModelProto{}
	if err := proto.Unmarshal(data, m); err != nil {
		t.Fatal(err)
	}
	return m
}

// Bytes is the model as a file's content.
func Bytes(t testing.TB, m *onnxpb.ModelProto) []byte {
	t.Helper()
	data, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Save writes the model to a file, with its folder where there is none, and returns the path.
func Save(t testing.TB, m *onnxpb.ModelProto, path string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, Bytes(t, m), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// Append adds a node to the end of the main graph. Its first output takes the place of the graph's first output,
// which is what the node reads; further inputs are names of constants. It returns the node, for attributes.
func Append(m *onnxpb.ModelProto, operator string, constants ...string) *onnxpb.NodeProto {
	g := m.GetGraph()
	from := g.GetOutput()[0].GetName()
	to := operator + "_" + strconv.Itoa(len(g.GetNode()))
	n := &onnxpb.NodeProto{
		OpType: proto.String(operator), Name: proto.String(to),
		Input: append([]string{from}, constants...), Output: []string{to},
	}
	g.Node = append(g.Node, n)
	g.Output[0].Name = proto.String(to)
	return n
}

// Externalize moves the values of every initializer of at least so many bytes into the file location, which lies in the
// folder beside the model, one after the other, as exporters do. It gives the file's content.
func Externalize(m *onnxpb.ModelProto, location string, least int) []byte {
	var content []byte
	for _, t := range m.GetGraph().GetInitializer() {
		if len(t.GetRawData()) < least || len(t.GetRawData()) == 0 {
			continue
		}
		entry := func(key, value string) *onnxpb.StringStringEntryProto {
			return &onnxpb.StringStringEntryProto{Key: proto.String(key), Value: proto.String(value)}
		}
		t.ExternalData = []*onnxpb.StringStringEntryProto{
			entry("location", location), entry("offset", strconv.Itoa(len(content))), entry("length", strconv.Itoa(len(t.GetRawData()))),
		}
		t.DataLocation = onnxpb.TensorProto_EXTERNAL.Enum()
		content = append(content, t.GetRawData()...)
		t.RawData = nil
	}
	return content
}

// SaveExternal saves the model to path with its weights in the file path + ".data" beside it, as PyTorch's exporter does,
// and returns path.
func SaveExternal(t testing.TB, m *onnxpb.ModelProto, path string) string {
	t.Helper()
	content := Externalize(m, filepath.Base(path)+".data", 1)
	Save(t, m, path)
	if err := os.WriteFile(path+".data", content, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// Node adds a node to the end of the main graph that reads the named values, and returns it with the name of its output. An
// operator with a domain is written "com.microsoft:QLinearSigmoid"; version 1 of that domain is imported.
func Node(m *onnxpb.ModelProto, operator string, inputs ...string) (output string, node *onnxpb.NodeProto) {
	domain, name, ok := strings.Cut(operator, ":")
	if !ok {
		domain, name = "", operator
	}
	g := m.GetGraph()
	output = name + "_" + strconv.Itoa(len(g.GetNode()))
	node = &onnxpb.NodeProto{OpType: proto.String(name), Name: proto.String(output), Input: inputs, Output: []string{output}}
	if domain != "" {
		node.Domain = proto.String(domain)
		if !slices.ContainsFunc(m.GetOpsetImport(), func(o *onnxpb.OperatorSetIdProto) bool { return o.GetDomain() == domain }) {
			m.OpsetImport = append(m.OpsetImport, &onnxpb.OperatorSetIdProto{Domain: proto.String(domain), Version: proto.Int64(1)})
		}
	}
	g.Node = append(g.Node, node)
	return output, node
}

// Int gives the node an attribute that is an integer.
func Int(n *onnxpb.NodeProto, name string, value int64) {
	n.Attribute = append(n.Attribute, &onnxpb.AttributeProto{Name: proto.String(name), Type: onnxpb.AttributeProto_INT.Enum(), I: proto.Int64(value)})
}

// Float gives the node an attribute that is a number.
func Float(n *onnxpb.NodeProto, name string, value float32) {
	n.Attribute = append(n.Attribute, &onnxpb.AttributeProto{Name: proto.String(name), Type: onnxpb.AttributeProto_FLOAT.Enum(), F: proto.Float32(value)})
}

// Ints gives the node an attribute that is a list of integers.
func Ints(n *onnxpb.NodeProto, name string, values ...int64) {
	n.Attribute = append(n.Attribute, &onnxpb.AttributeProto{Name: proto.String(name), Type: onnxpb.AttributeProto_INTS.Enum(), Ints: values})
}

// Floats adds a constant of float32 and returns its name. No dimensions make a scalar.
func Floats(m *onnxpb.ModelProto, dims []int64, values ...float32) string {
	return constant(m, &onnxpb.TensorProto{DataType: proto.Int32(int32(onnxpb.TensorProto_FLOAT)), Dims: dims, FloatData: values})
}

// Integers adds a constant of int64 and returns its name.
func Integers(m *onnxpb.ModelProto, dims []int64, values ...int64) string {
	return constant(m, &onnxpb.TensorProto{DataType: proto.Int32(int32(onnxpb.TensorProto_INT64)), Dims: dims, Int64Data: values})
}

// Byte adds a scalar constant of uint8 and returns its name.
func Byte(m *onnxpb.ModelProto, value int32) string {
	return constant(m, &onnxpb.TensorProto{DataType: proto.Int32(int32(onnxpb.TensorProto_UINT8)), Int32Data: []int32{value}})
}

func constant(m *onnxpb.ModelProto, t *onnxpb.TensorProto) string {
	g := m.GetGraph()
	t.Name = proto.String("constant_" + strconv.Itoa(len(g.GetInitializer())))
	g.Initializer = append(g.Initializer, t)
	return t.GetName()
}

// Value is a value's type and shape as a graph lists it. A dimension below 1 is open, and called "batch" where it is 0.
func Value(name string, element onnxpb.TensorProto_DataType, dims ...int64) *onnxpb.ValueInfoProto {
	shape := &onnxpb.TensorShapeProto{}
	for _, d := range dims {
		dim := &onnxpb.TensorShapeProto_Dimension{}
		switch {
		case d > 0:
			dim.Value = &onnxpb.TensorShapeProto_Dimension_DimValue{DimValue: d}
		case d == 0:
			dim.Value = &onnxpb.TensorShapeProto_Dimension_DimParam{DimParam: "batch"}
		}
		shape.Dim = append(shape.Dim, dim)
	}
	return &onnxpb.ValueInfoProto{Name: proto.String(name), Type: &onnxpb.TypeProto{Value: &onnxpb.TypeProto_TensorType{
		TensorType: &onnxpb.TypeProto_Tensor{ElemType: proto.Int32(int32(element)), Shape: shape},
	}}}
}

// Output makes the named value the graph's only output.
func Output(m *onnxpb.ModelProto, name string, element onnxpb.TensorProto_DataType, dims ...int64) {
	m.GetGraph().Output = []*onnxpb.ValueInfoProto{Value(name, element, dims...)}
}
