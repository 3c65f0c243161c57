package restore_test

import (
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/restore"
)

// A model that TensorFlow Lite quantised and tf2onnx converted is restored from the float model, whether that came by
// TensorFlow Lite too (with the same names) or from Keras (with others, and with BatchNormalization folded in part).
func TestTFLite(t *testing.T) {
	batch := inputs(t, 30)
	for _, original := range []string{"tflite-float.onnx", "tflite-keras.onnx"} {
		for _, p := range []struct {
			compressed string
			operators  string
			form       restore.Form
			tolerance  float64
		}{
			{"tflite-int8.onnx", "Conv Conv Conv MaxPool Reshape MatMul MatMul Softmax", restore.TFLite, 1e-4},
			// What goes in and out stays in 8 bits: half a step of the scores, and that of the pixels.
			{"tflite-int8-io.onnx", "Conv Conv Conv MaxPool Reshape MatMul MatMul Softmax", restore.TFLite, 0.02},
			// tf2onnx quantises activations and the bias here, as TensorFlow Lite would do to activations.
			{"tflite-dynamic.onnx", "MatMul", restore.QDQ, 1e-5},
		} {
			t.Run(original+" "+p.compressed, func(t *testing.T) {
				m := open(t, original, p.compressed)
				var operators []string
				for _, n := range m.Nodes() {
					operators = append(operators, n.Operator)
					if n.Form != p.form || n.DequantisedWeights {
						t.Errorf("found %+v", n)
					}
				}
				if got := strings.Join(operators, " "); got != p.operators {
					t.Errorf("expected %s, found %s", p.operators, got)
				}
				all, err := m.Restore(m.Names()...)
				if err != nil {
					t.Fatal(err)
				}
				want := scores(t, original, read(t, original), batch)
				restored := largestDifference(want, scores(t, "all", all, batch))
				quantised := largestDifference(want, scores(t, p.compressed, read(t, p.compressed), batch))
				t.Logf("all nodes in float: %.2g from the original, none: %.2g", restored, quantised)
				if restored > p.tolerance || quantised < 1e-3 {
					t.Errorf("all nodes in float: %g from the original, none: %g", restored, quantised)
				}
				weights, err := m.RestoreWeights(m.Names()...)
				if err != nil {
					t.Fatal(err)
				}
				if d := largestDifference(want, scores(t, "weights", weights, batch)); d < 1e-4 || d > 0.5 {
					t.Errorf("with all weights in float scores differ from the original's by up to %g", d)
				}
			})
		}
	}
}

// The weights are found with their axes in any order and in other forms of the same layer; of nodes whose weights the
// original does not have, activations are restored, and that is told.
func TestWeightsAreFoundByValue(t *testing.T) {
	batch := inputs(t, 20)
	whole, original := read(t, "tflite-int8.onnx"), read(t, "tflite-keras.onnx")
	want := scores(t, "keras", original, batch)
	matmul := func(g *onnxpb.GraphProto, n int) *onnxpb.NodeProto {
		for _, node := range g.GetNode() {
			if node.GetOpType() == "MatMul" {
				if n--; n < 0 {
					return node
				}
			}
		}
		return nil
	}
	initializer := func(g *onnxpb.GraphProto, name string) *onnxpb.TensorProto {
		for _, t := range g.GetInitializer() {
			if t.GetName() == name {
				return t
			}
		}
		return nil
	}
	for _, test := range []struct {
		name    string
		change  func(*onnxpb.GraphProto)
		lacking int
		most    float64 // difference with all nodes in float
	}{
		{"as it is", func(*onnxpb.GraphProto) {}, 0, 1e-4},
		{"a transposed matrix in a Gemm", func(g *onnxpb.GraphProto) {
			n := matmul(g, 1)
			w := initializer(g, n.GetInput()[1])
			rows, columns := int(w.GetDims()[0]), int(w.GetDims()[1])
			turned := make([]byte, len(w.GetRawData()))
			for r := range rows {
				for c := range columns {
					copy(turned[4*(c*rows+r):][:4], w.GetRawData()[4*(r*columns+c):])
				}
			}
			w.RawData, w.Dims = turned, []int64{int64(columns), int64(rows)}
			n.OpType = proto.String("Gemm")
			n.Attribute = append(n.Attribute, &onnxpb.AttributeProto{Name: proto.String("transB"), Type: onnxpb.AttributeProto_INT.Enum(), I: proto.Int64(1)})
		}, 0, 1e-4},
		{"a scaling in the other layout", func(g *onnxpb.GraphProto) {
			for i, n := range g.GetNode() {
				if n.GetOpType() != "Mul" {
					continue
				}
				transpose := func(name, from, to string, order ...int64) *onnxpb.NodeProto {
					return &onnxpb.NodeProto{OpType: proto.String("Transpose"), Name: proto.String(name), Input: []string{from}, Output: []string{to},
						Attribute: []*onnxpb.AttributeProto{{Name: proto.String("perm"), Type: onnxpb.AttributeProto_INTS.Enum(), Ints: order}}}
				}
				factors := initializer(g, n.GetInput()[1])
				factors.Dims = []int64{factors.GetDims()[1]} // of the last axis
				before, after := transpose("before", n.GetInput()[0], "pixels", 0, 2, 3, 1), transpose("after", "scaled", n.GetOutput()[0], 0, 3, 1, 2)
				n.Input[0], n.Output[0] = "pixels", "scaled"
				g.Node = slices.Insert(slices.Insert(g.Node, i+1, after), i, before)
				return
			}
			t.Error("expected a Mul, found none")
		}, 0, 1e-4},
		{"weights that were trained on", func(g *onnxpb.GraphProto) {
			w := initializer(g, matmul(g, 0).GetInput()[1])
			for i := range len(w.GetRawData()) / 4 {
				w.GetRawData()[4*i+3] ^= 0x80 // the sign
			}
		}, 1, 0.1},
	} {
		t.Run(test.name, func(t *testing.T) {
			changedOriginal := changed(t, "tflite-keras.onnx", test.change)
			m, err := restore.New("original.onnx", changedOriginal, "compressed.onnx", whole)
			if err != nil {
				t.Fatal(err)
			}
			lacking := 0
			for _, n := range m.Nodes() {
				if n.DequantisedWeights {
					lacking++
				}
			}
			if lacking != test.lacking {
				t.Errorf("expected %d nodes without weights in the original, found %d: %+v", test.lacking, lacking, m.Nodes())
			}
			all, err := m.Restore(m.Names()...)
			if err != nil {
				t.Fatal(err)
			}
			if d := largestDifference(want, scores(t, "all", all, batch)); d > test.most || (test.lacking > 0 && d < 1e-5) {
				t.Errorf("all nodes in float: %g from the original", d)
			}
		})
	}
	// The same names in a smaller network are no counterparts.
	_, err := restore.New("original.onnx", read(t, "lenet5-student.onnx"), "compressed.onnx", read(t, "lenet5-int8.onnx"))
	if err == nil || !strings.Contains(err.Error(), `node "/conv1/Conv" (Conv): expected weights of the same size in the original original.onnx, found others; give the original`) {
		t.Errorf("found %v", err)
	}
	// An original that has none of the weights is another model.
	_, err = restore.New("original.onnx", read(t, "rescnn.onnx"), "compressed.onnx", whole)
	if err == nil || !strings.Contains(err.Error(), "give the original that was quantised, preprocessed as it was then; nor has it weights that are within a quantisation step of theirs, for 5 of 5 nodes") {
		t.Errorf("found %v", err)
	}
}

// A model of onnxruntime's quantiser whose nodes have other names than the original's is matched by its weights; the ReLUs that
// the quantiser merged come back.
func TestRenamedNodesAreFoundByValue(t *testing.T) {
	renamed := changed(t, "lenet5.onnx", func(g *onnxpb.GraphProto) {
		names := map[string]string{}
		for i, n := range g.GetNode() {
			n.Name = proto.String("node" + string(rune('a'+i)))
			for k, out := range n.GetOutput() {
				names[out] = "t" + string(rune('a'+i))
				n.Output[k] = names[out]
			}
			for k, in := range n.GetInput() {
				if name, ok := names[in]; ok {
					n.Input[k] = name
				}
			}
		}
		g.Output[0].Name = proto.String(names[g.GetOutput()[0].GetName()])
	})
	m, err := restore.New("renamed.onnx", renamed, "lenet5-int8.onnx", read(t, "lenet5-int8.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(m.Names(), " "); got != pairs[0].nodes {
		t.Errorf("expected %s, found %s", pairs[0].nodes, got)
	}
	all, err := m.Restore(m.Names()...)
	if err != nil {
		t.Fatal(err)
	}
	batch := inputs(t, 20)
	if d := largestDifference(scores(t, "renamed", renamed, batch), scores(t, "all", all, batch)); d > 1e-4 {
		t.Errorf("all nodes in float: %g from the original", d)
	}
}
