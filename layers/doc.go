// Package layers finds which quantised nodes of a compressed model are to blame for triggers: the
// smallest list of nodes that heals them when they compute in float again.
//
//	m, err := restore.Open("model.onnx", "model-int8.onnx")
//	…
//	result, err := layers.Find(ctx, layers.Problem{
//		Original: original,
//		Nodes:    m.Names(),
//		Open: func(ctx context.Context, nodes []string) (model.Predictor, error) {
//			data, err := m.Restore(nodes...)
//			if err != nil {
//				return nil, err
//			}
//			return onnx.OpenBytes("restored", data, onnx.Scale(1.0/255))
//		},
//		Triggers: triggers,
//	}, layers.Settings{})
//
// [Find] first tries other settings of what runs the model ([Problem].Runtimes), then ranks each node by itself, and at last
// minimises the list. A trigger that deviates with all nodes in float is not the quantisation's: see [Result].
package layers
