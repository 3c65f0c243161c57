package backward

import "github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"

// least stands for a probability of 0, whose logarithm has no slope.
const least = 1e-30

// through are operators that hand on numbers as they are, in another form.
var through = map[string]bool{
	"Identity": true, "Cast": true, "QuantizeLinear": true, "DequantizeLinear": true, "Flatten": true, "Reshape": true, "Squeeze": true, "Unsqueeze": true,
}

// head begins with the gradient of the scores' logarithms by the numbers that the scores are made of: what goes into the last softmax or
// sigmoid, where there is one, as nothing is lost there by rounding to 0 and 1.
func (b *builder) head(kind Scores, width int) {
	z := b.output
	if p := b.producer[z]; p != nil {
		b.at = p
	} else {
		b.at = &onnxpb.NodeProto{OpType: ptr("output"), Output: []string{z}}
	}
	if last := b.lastActivation(z, kind, width); last != "" {
		z, kind = last, Logits
	} else {
		for p := b.producer[z]; p != nil && p.GetOpType() == "QuantizeLinear"; p = b.producer[z] { // to numbers
			z = p.GetInput()[0]
		}
	}
	if _, ok := b.kinds[z]; !ok || !b.active[z] {
		b.refuse("expected scores that depend on the input, found others")
	}
	row := b.whole(-1, int64(width))
	numbers := b.cast(b.op("Reshape", z, row), onnxpb.TensorProto_FLOAT)
	one := func(first, second float64) string { // of weights of two classes
		return b.op("MatMul", Weights, b.numbers(onnxpb.TensorProto_FLOAT, []int64{2, 1}, first, second))
	}
	number := func(v float64) string { return b.numbers(onnxpb.TensorProto_FLOAT, nil, v) }
	var grad string
	switch {
	case width == 1 && kind == Logits:
		grad = b.op("Sub", one(0, 1), b.op("Mul", b.op("Sigmoid", numbers), one(1, 1)))
	case width == 1 && kind == Probabilities:
		rest := b.op("Sub", number(1), numbers)
		grad = b.op("Sub", b.op("Div", one(0, 1), b.op("Max", numbers, number(least))), b.op("Div", one(1, 0), b.op("Max", rest, number(least))))
	case width == 1:
		b.refuse("expected logits or probabilities of two classes, found the logarithm of one")
	case kind == Logits:
		share := b.with("Softmax", map[string][]int64{"axis": {1}}, numbers)
		grad = b.op("Sub", Weights, b.op("Mul", share, b.sum(Weights, 1)))
	case kind == Probabilities:
		grad = b.op("Div", Weights, b.op("Max", numbers, number(least)))
	default:
		grad = b.op("Identity", Weights)
	}
	b.gradients[z] = b.cast(b.shaped(grad, z), b.kinds[z])
}

// lastActivation is what goes into the softmax or sigmoid that makes the scores; "" where none does.
func (b *builder) lastActivation(name string, kind Scores, width int) string {
	for kind != Logits {
		n := b.producer[name]
		switch {
		case n == nil:
			return ""
		case through[n.GetOpType()]:
			name = n.GetInput()[0]
		case n.GetOpType() == "Softmax" && kind == Probabilities && width > 1, n.GetOpType() == "LogSoftmax" && kind == LogProbabilities && width > 1:
			x := n.GetInput()[0]
			if b.shape(x)[b.axis(x, integer(n, "axis", -1))] != int64(width) {
				return ""
			}
			return x
		case n.GetOpType() == "Sigmoid" && kind == Probabilities && width == 1:
			return n.GetInput()[0]
		default:
			return ""
		}
	}
	return ""
}
