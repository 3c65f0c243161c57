// Package onnxtest changes ONNX files, for tests: it makes of a model that was really trained what exporters,
// optimisers and users make of models. It holds no test itself, and nothing but tests imports it.
package onnxtest

import (
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/triggerfinder/triggerfinder/engine/onnx/onnxpb"
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
