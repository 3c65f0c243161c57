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
// It reads too what tf2onnx writes for a model that TensorFlow Lite quantised. There every node is quantised as a whole, MaxPool and
// Reshape too; restored is what TensorFlow Lite makes with these nodes in its option denylisted_nodes. The original may be
// the float TensorFlow Lite model or the Keras model, each converted by tf2onnx.
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
// The original is the file that was quantised, or the same network in another file. Nodes are matched by name, or else by the name of their
// output, or else, in the forms QDQ and TFLite, by their weights: a float tensor of the original, with its axes in
// any order and what is multiplied behind it folded in, that is within a quantisation step of the dequantised weights. Where there is none
// (another training, say) the node is restored with its dequantised weights, which [Node].DequantisedWeights tells; where
// there is none for most nodes, the original is another model, an error. A file in which BatchNormalization was not folded yet, while the compressed one has it folded,
// holds other weights, which is an error if folding them gives others: give the file that quant_pre_process wrote.
package restore
