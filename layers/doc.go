// Package layers finds which quantised nodes of a compressed model are to blame for triggers: the
// smallest list of nodes that heals them when they compute in float again.
//
//	m, err := restore.Open("model.onnx", "model-int8.onnx")
//	…
//	result, err := layers.Find(ctx, layers.Problem{
//		Original: original,
//		Nodes:    m.Names(),
//		Open: func(ctx context.Context, nodes []string) (engine.Predictor, error) {
//			data, err := m.Restore(nodes...)
//			if err != nil {
//				return nil, err
//			}
//			return onnx.OpenBytes("restored", data, onnx.Scale(1.0/255))
//		},
//		Triggers: triggers,
//	}, layers.Settings{})
//
// First it ranks each node by itself: how many triggers heal when it alone is in float, and how many
// still deviate when it alone is quantised. The second number finds what the first cannot: the activation
// between two nodes stays quantised as long as one of them is, so that neither heals anything alone.
//
// Then it minimises the list of all nodes by delta debugging: the algorithm ddmin of A. Zeller and
// R. Hildebrandt, Simplifying and Isolating Failure-Inducing Input, IEEE Transactions on Software
// Engineering 28(2), 2002, section 3. Its result is 1-minimal: without any one of its nodes fewer triggers
// heal than asked for. It need not be the shortest list there is, unless it is of one node.
//
// A trigger that deviates with all nodes in float is not the quantisation's: see [Result].
package layers
