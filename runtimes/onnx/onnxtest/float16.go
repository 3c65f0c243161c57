package onnxtest

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"
)

// InFloat16 is the model as a device computes it that keeps activations in float16: the result of every Conv and Gemm but
// the last is rounded to it. Before that, the weights of one layer are multiplied by 2^by, and those of the next, with
// nothing but Relu and pooling between the two, divided by it. In float32 that changes no bit of an answer; in float16 the
// activations in between become infinite where they exceed 65504, and what comes of these is NaN.
//
// The rounding is by explicit casts. A model whose weights and nodes are of float16 would not do: on a processor
// without float16 arithmetic ONNX Runtime (1.32) computes such nodes in float32 and keeps what is between them as it
// is, also without graph optimisation, so that nothing overflows there.
func InFloat16(t testing.TB, m *onnxpb.ModelProto, layer, next string, by int) *onnxpb.ModelProto {
	t.Helper()
	m = proto.CloneOf(m)
	scales := map[string]float64{layer + ".weight": math.Ldexp(1, by), layer + ".bias": math.Ldexp(1, by), next + ".weight": math.Ldexp(1, -by)}
	for _, w := range m.GetGraph().GetInitializer() {
		scale, ok := scales[w.GetName()]
		if !ok {
			continue
		}
		delete(scales, w.GetName())
		values := w.GetRawData()
		for i := 0; i < len(values); i += 4 {
			v := math.Float32frombits(binary.LittleEndian.Uint32(values[i:]))
			binary.LittleEndian.PutUint32(values[i:], math.Float32bits(float32(float64(v)*scale)))
		}
	}
	if len(scales) > 0 {
		t.Fatalf("the model lacks some of %s.weight, %s.bias and %s.weight", layer, layer, next)
	}
	g := m.GetGraph()
	var nodes []*onnxpb.NodeProto
	for _, n := range g.GetNode() {
		nodes = append(nodes, n)
		if out := n.GetOutput()[0]; slices.Contains([]string{"Conv", "Gemm"}, n.GetOpType()) && out != g.GetOutput()[0].GetName() {
			n.Output[0] = out + "/float32"
			nodes = append(nodes, cast(out+"/float32", out+"/float16", onnxpb.TensorProto_FLOAT16), cast(out+"/float16", out, onnxpb.TensorProto_FLOAT))
		}
	}
	g.Node = nodes
	return m
}

func cast(from, to string, kind onnxpb.TensorProto_DataType) *onnxpb.NodeProto {
	return &onnxpb.NodeProto{
		OpType: proto.String("Cast"), Name: proto.String("cast " + to), Input: []string{from}, Output: []string{to},
		Attribute: []*onnxpb.AttributeProto{{Name: proto.String("to"), Type: onnxpb.AttributeProto_INT.Enum(), I: proto.Int64(int64(kind))}},
	}
}
