// Package restore makes copies of a quantised ONNX model in which some nodes compute in float again,
// with the weights of the original model: what onnxruntime's quantiser would have made with these nodes
// in its option nodes_to_exclude, as near as the two files tell.
//
//	m, err := restore.Open("model.onnx", "model-int8.onnx")
//	for _, n := range m.Nodes() { … }
//	data, err := m.Restore("/layer1/conv1/Conv", "/layer1/conv2/Conv")
//
// It reads what onnxruntime's quantize_static and quantize_dynamic write: the form QDQ (QuantizeLinear
// and DequantizeLinear around nodes), the form QOperator (QLinearConv, QLinearMatMul, QGemm, QLinearAdd
// …) and dynamic quantisation (ConvInteger and MatMulInteger). What else is quantised stays so and is not
// among [Model.Nodes].
//
// # What a restored node frees
//
// A node that is quantised asks for quantised inputs and outputs. So the activation between two nodes is
// quantised as long as one of them is: the quantiser's nodes_to_exclude works like that, and so does
// this package. To free an activation whose range is badly calibrated, the node that makes it and those
// that read it have to be restored together. Nodes that only move or select values, such as MaxPool,
// Flatten and Transpose, ask for nothing: they work on whatever they get, and are not among the nodes.
//
// A ReLU or Clip that the quantiser merged into the node before it returns with that node.
//
// # What ONNX Runtime does with it
//
// ONNX Runtime quantises the float weights of a Conv anew when it stands right between a
// DequantizeLinear and a QuantizeLinear, unless its graph optimisations are off. It does so with a model
// of the quantiser's own too, so such a node alone in nodes_to_exclude gains little; with a neighbour it
// gains what it should.
//
// # What the original must be
//
// The original is the file that was quantised. Nodes are matched by name, or else by the name of their
// output. A file in which BatchNormalization was not folded yet, while the compressed one has it folded,
// holds other weights, which is an error: give the file that quant_pre_process wrote.
package restore
