package onnx

import "slices"

// quantization is how integers stand for real numbers: real = (q - zero) * scale.
type quantization struct {
	scale float64
	zero  int
}

// Operators that hand values on unchanged.
var passing = []string{"Identity", "Transpose", "Reshape", "Flatten", "Squeeze", "Unsqueeze"}

// Where operators that read or make quantised values keep the scale; the zero point comes after.
var (
	inputScaleAt  = map[string]int{"DequantizeLinear": 1, "QLinearConv": 1, "QLinearMatMul": 1, "QGemm": 1}
	outputScaleAt = map[string]int{"QuantizeLinear": 1, "QLinearConv": 6, "QLinearMatMul": 6, "QGemm": 7, "QLinearSoftmax": 3, "QLinearSigmoid": 3}
)

// inputQuantization finds the scale and the zero point in the operator that reads the input.
func (g *graph) inputQuantization(name string) *quantization {
	if q, ok := g.codes[name]; ok {
		return q
	}
	for range len(g.nodes) + 1 {
		at := slices.IndexFunc(g.nodes, func(n node) bool { return len(n.inputs) > 0 && n.inputs[0] == name })
		if at < 0 {
			return nil
		}
		n := g.nodes[at]
		if scaleAt, ok := inputScaleAt[n.operator]; ok {
			return g.quantizationAt(n, scaleAt)
		}
		if !slices.Contains(passing, n.operator) || len(n.outputs) == 0 {
			return nil
		}
		name = n.outputs[0]
	}
	return nil
}

// outputQuantization finds the scale and the zero point in the operator that makes the output.
func (g *graph) outputQuantization(name string) *quantization {
	if q, ok := g.codes[name]; ok {
		return q
	}
	n, ok := g.origin(name, slices.Concat(passing, []string{"Slice", "Gather", "Split", "Clip"}))
	if !ok {
		return nil
	}
	if scaleAt, ok := outputScaleAt[n.operator]; ok {
		return g.quantizationAt(n, scaleAt)
	}
	return nil
}

// origin is the node that made a value, seen through operators that hand values on.
func (g *graph) origin(name string, through []string) (node, bool) {
	for range len(g.nodes) + 1 {
		at := slices.IndexFunc(g.nodes, func(n node) bool { return slices.Contains(n.outputs, name) })
		if at < 0 {
			return node{}, false
		}
		n := g.nodes[at]
		if !slices.Contains(through, n.operator) || len(n.inputs) == 0 {
			return n, true
		}
		name = n.inputs[0]
	}
	return node{}, false
}

func (g *graph) quantizationAt(n node, scaleAt int) *quantization {
	if scaleAt >= len(n.inputs) {
		return nil
	}
	scale, ok := g.scalar(n.inputs[scaleAt])
	if !ok || !(scale > 0) {
		return nil
	}
	q := &quantization{scale: scale}
	if scaleAt+1 < len(n.inputs) && n.inputs[scaleAt+1] != "" {
		zero, ok := g.scalar(n.inputs[scaleAt+1])
		if !ok || zero < -128 || zero > 255 {
			return nil
		}
		q.zero = int(zero)
	}
	return q
}

// scalar is the value of a constant with one element.
func (g *graph) scalar(name string) (float64, bool) {
	if t, ok := g.constants[name]; ok {
		return t.scalar()
	}
	for _, n := range g.nodes {
		if n.constant != nil && slices.Contains(n.outputs, name) {
			return n.constant.scalar()
		}
	}
	return 0, false
}

// mixesBatch reports whether the model has operators that look at the whole batch at once: dynamic
// quantisation takes its scale from all the values of a tensor.
func (g *graph) mixesBatch() bool {
	for operator := range g.operators {
		switch operator {
		case "DynamicQuantizeLinear", "DynamicQuantizeMatMul", "DynamicQuantizeLSTM":
			return true
		}
	}
	return false
}
