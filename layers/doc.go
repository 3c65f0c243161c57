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
// Before it looks for nodes it tries [Problem].Runtimes: other settings of what runs the model, such as graph optimisation off.
// Where most triggers vanish under one, the 8-bit kernels of the runtime make them (their sums saturate on x86 processors
// without VNNI), and the search is about those that are left, under that setting. onnx.Int8Settings lists the settings
// for ONNX Runtime:
//
//	for _, s := range onnx.Int8Settings() {
//		problem.Runtimes = append(problem.Runtimes, layers.Runtime{Setting: s.Name, Advice: s.Advice, Open: open(s.Option)})
//	}
//
// Then it ranks each node by itself: how many triggers heal when it alone is in float, and how many
// still deviate when it alone is quantised. The second number finds what the first cannot: the activation
// between two nodes stays quantised as long as one of them is, so that neither heals anything alone.
//
// At last it minimises the list of all nodes by delta debugging: the algorithm ddmin of A. Zeller and
// R. Hildebrandt, Simplifying and Isolating Failure-Inducing Input, IEEE Transactions on Software
// Engineering 28(2), 2002, section 3. Its result is 1-minimal: without any one of its nodes fewer triggers
// heal than asked for. It need not be the shortest list there is, unless it is of one node.
//
// A trigger that deviates with all nodes in float is not the quantisation's: see [Result].
package layers
