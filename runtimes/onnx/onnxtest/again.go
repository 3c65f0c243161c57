package onnxtest

import (
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"
)

// SavedAgain is the model as another program may save it: by another producer, with other names of its graph, nodes and
// tensors, inputs and outputs included, other documentation, and its initializers in another order. It computes the same.
func SavedAgain(m *onnxpb.ModelProto) *onnxpb.ModelProto {
	m = proto.CloneOf(m)
	m.ProducerName, m.ProducerVersion = proto.String("another program"), proto.String("7")
	m.DocString = proto.String("saved again")
	m.MetadataProps = append(m.MetadataProps, &onnxpb.StringStringEntryProto{Key: proto.String("saved"), Value: proto.String("again")})
	renameGraph(m.GetGraph())
	slices.Reverse(m.GetGraph().GetInitializer())
	return m
}

func renamed(name string) string {
	if name == "" {
		return "" // an input or output that is left out
	}
	return "again/" + name
}

func renameGraph(g *onnxpb.GraphProto) {
	g.Name = proto.String("again")
	for _, t := range g.GetInitializer() {
		t.Name = proto.String(renamed(t.GetName()))
	}
	for _, t := range g.GetSparseInitializer() {
		t.Values.Name = proto.String(renamed(t.GetValues().GetName()))
	}
	for _, v := range slices.Concat(g.GetInput(), g.GetOutput()) {
		v.Name = proto.String(renamed(v.GetName()))
	}
	g.ValueInfo, g.QuantizationAnnotation = nil, nil
	for _, n := range g.GetNode() {
		n.Name, n.DocString = proto.String(renamed(n.GetName())), proto.String("again")
		for i := range n.GetInput() {
			n.Input[i] = renamed(n.GetInput()[i])
		}
		for i := range n.GetOutput() {
			n.Output[i] = renamed(n.GetOutput()[i])
		}
		slices.Reverse(n.GetAttribute())
		for _, a := range n.GetAttribute() {
			if a.GetG() != nil {
				renameGraph(a.GetG())
			}
			for _, inner := range a.GetGraphs() {
				renameGraph(inner)
			}
		}
	}
}
