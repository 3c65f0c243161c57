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
// It reads too what tf2onnx writes for a model that TensorFlow Lite quantised. There every node is quantised as a whole,
// MaxPool and Reshape too; restored is what TensorFlow Lite makes with these nodes in its option denylisted_nodes. The original
// may be the float TensorFlow Lite model or the Keras model, each converted by tf2onnx.
//
// See [Open] for what the original has to be, and [Model.Restore] for what a restored node frees.
package restore
