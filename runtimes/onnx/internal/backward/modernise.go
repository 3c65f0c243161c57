package backward

import (
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"
)

// modernise rewrites nodes of earlier operator sets for the one that rules are written for. Operators that have changed in between in
// another way than these are an error.
func (g *Graph) modernise() error {
	if g.version >= leastOpset {
		return nil
	}
	b := &builder{Graph: g, graph: g.model.GetGraph(), made: 1 << 20}
	for _, n := range slices.Clone(b.graph.GetNode()) {
		if d := n.GetDomain(); d != "" && d != "ai.onnx" {
			continue
		}
		if err := b.update(n); err != nil {
			return fmt.Errorf("operator set %d: %s %q: %w", g.version, n.GetOpType(), n.GetName(), err)
		}
	}
	return nil
}

// changed are operators that other versions of the operator set have otherwise, by the first version that is as ours.
var changed = map[string]int64{
	"Upsample": 99, "Scatter": 99, "Resize": 13, "TopK": 11, "OneHot": 11, "Hardmax": 13, "GRU": 14, "RNN": 14, "LSTM": 14, "CumSum": 11, "Mod": 10,
}

func (b *builder) update(n *onnxpb.NodeProto) error {
	moveInts := func(name string, before int64) {
		if values := integers(n, name); b.version < before && values != nil {
			drop(n, name)
			n.Input = append(n.Input, b.whole(values...))
		}
	}
	moveFloats := func(names ...string) {
		for _, name := range names {
			in := ""
			if a := attribute(n, name); a != nil {
				in = b.numbers(onnxpb.TensorProto_FLOAT, nil, float64(a.GetF()))
			}
			n.Input = append(n.Input, in)
			drop(n, name)
		}
	}
	switch operator := n.GetOpType(); operator {
	case "Squeeze", "Unsqueeze", "ReduceSum":
		moveInts("axes", 13)
	case "Split":
		moveInts("split", 13)
	case "Clip":
		if b.version < 11 {
			moveFloats("min", "max")
		}
	case "Pad":
		if b.version < 11 {
			moveInts("pads", 11)
			moveFloats("value")
		}
	case "Slice":
		if b.version < 10 {
			starts, ends, axes := integers(n, "starts"), integers(n, "ends"), integers(n, "axes")
			if axes == nil {
				for i := range starts {
					axes = append(axes, int64(i))
				}
			}
			drop(n, "starts", "ends", "axes")
			n.Input = append(n.Input, b.whole(starts...), b.whole(ends...), b.whole(axes...))
		}
	case "Softmax", "LogSoftmax":
		if b.version < 13 { // one softmax over all dimensions from the axis on
			if a := integer(n, "axis", 1); a != -1 && a != 1 {
				return fmt.Errorf("expected the axis 1 or -1 before operator set 13, found %d", a)
			}
			if integer(n, "axis", 1) == 1 {
				b.flattened(n)
			}
		}
	case "Dropout":
		drop(n, "ratio", "is_test")
		n.Output = n.Output[:1]
		n.OpType, n.Input, n.Attribute = proto.String("Identity"), n.GetInput()[:1], nil
	case "BatchNormalization":
		if b.version < 9 && integer(n, "spatial", 1) != 1 {
			return fmt.Errorf("expected spatial 1")
		}
		drop(n, "spatial", "momentum")
		n.Output = n.GetOutput()[:1]
	default:
		if since, ok := changed[operator]; ok && b.version < since {
			return fmt.Errorf("expected an operator that is the same in operator set %d", leastOpset)
		}
	}
	return nil
}

// flattened puts a softmax over all but the first dimension between two reshapes.
func (b *builder) flattened(n *onnxpb.NodeProto) {
	x, y := n.GetInput()[0], n.GetOutput()[0]
	drop(n, "axis")
	setInteger(n, "axis", 1)
	before := &onnxpb.NodeProto{OpType: proto.String("Flatten"), Input: []string{x}, Output: []string{b.name()}}
	shape := &onnxpb.NodeProto{OpType: proto.String("Shape"), Input: []string{x}, Output: []string{b.name()}}
	flat := b.name()
	after := &onnxpb.NodeProto{OpType: proto.String("Reshape"), Input: []string{flat, shape.Output[0]}, Output: []string{y}}
	n.Input, n.Output = []string{before.Output[0]}, []string{flat}
	at := slices.Index(b.Graph.nodes, n)
	b.Graph.nodes = slices.Insert(b.Graph.nodes, at+1, after)
	b.Graph.nodes = slices.Insert(b.Graph.nodes, at, before, shape)
	b.graph.Node = b.Graph.nodes
}
