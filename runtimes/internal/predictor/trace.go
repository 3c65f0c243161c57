package predictor

import "slices"

// Quantization is how integers stand for real numbers: real = (q - zero) * scale.
type Quantization struct {
	Scale float64
	Zero  int
}

// Operators that hand values on unchanged.
var passing = []string{"Identity", "Transpose", "Reshape", "Flatten", "Squeeze", "Unsqueeze"}

// Where operators that read or make quantised values keep the scale; the zero point comes after.
var (
	inputScaleAt  = map[string]int{"DequantizeLinear": 1, "QLinearConv": 1, "QLinearMatMul": 1, "QGemm": 1}
	outputScaleAt = map[string]int{"QuantizeLinear": 1, "QLinearConv": 6, "QLinearMatMul": 6, "QGemm": 7, "QLinearSoftmax": 3, "QLinearSigmoid": 3}
)

// inputQuantization finds the scale and the zero point in the operator that reads the input.
func (g *Graph) inputQuantization(name string) *Quantization {
	if q, ok := g.codes[name]; ok {
		return q
	}
	for range len(g.Nodes) + 1 {
		at := slices.IndexFunc(g.Nodes, func(n Node) bool { return len(n.Inputs) > 0 && n.Inputs[0] == name })
		if at < 0 {
			return nil
		}
		n := g.Nodes[at]
		if scaleAt, ok := inputScaleAt[n.Operator]; ok {
			return g.quantizationAt(n, scaleAt)
		}
		if !slices.Contains(passing, n.Operator) || len(n.Outputs) == 0 {
			return nil
		}
		name = n.Outputs[0]
	}
	return nil
}

// outputQuantization finds the scale and the zero point in the operator that makes the output.
func (g *Graph) outputQuantization(name string) *Quantization {
	if q, ok := g.codes[name]; ok {
		return q
	}
	n, ok := g.origin(name, slices.Concat(passing, []string{"Slice", "Gather", "Split", "Clip"}))
	if !ok {
		return nil
	}
	if scaleAt, ok := outputScaleAt[n.Operator]; ok {
		return g.quantizationAt(n, scaleAt)
	}
	return nil
}

// origin is the node that made a value, seen through operators that hand values on.
func (g *Graph) origin(name string, through []string) (Node, bool) {
	for range len(g.Nodes) + 1 {
		at := slices.IndexFunc(g.Nodes, func(n Node) bool { return slices.Contains(n.Outputs, name) })
		if at < 0 {
			return Node{}, false
		}
		n := g.Nodes[at]
		if !slices.Contains(through, n.Operator) || len(n.Inputs) == 0 {
			return n, true
		}
		name = n.Inputs[0]
	}
	return Node{}, false
}

func (g *Graph) quantizationAt(n Node, scaleAt int) *Quantization {
	if scaleAt >= len(n.Inputs) {
		return nil
	}
	scale, ok := g.scalar(n.Inputs[scaleAt])
	if !ok || !(scale > 0) {
		return nil
	}
	q := &Quantization{Scale: scale}
	if scaleAt+1 < len(n.Inputs) && n.Inputs[scaleAt+1] != "" {
		zero, ok := g.scalar(n.Inputs[scaleAt+1])
		if !ok || zero < -128 || zero > 255 {
			return nil
		}
		q.Zero = int(zero)
	}
	return q
}

// scalar is the value of a constant with one element.
func (g *Graph) scalar(name string) (float64, bool) {
	if t, ok := g.Constants[name]; ok {
		return t.scalar()
	}
	for _, n := range g.Nodes {
		if n.Constant != nil && slices.Contains(n.Outputs, name) {
			return n.Constant.scalar()
		}
	}
	return 0, false
}

// mixesBatch reports whether the model has operators that look at the whole batch at once: dynamic
// quantisation takes its scale from all the values of a tensor.
func (g *Graph) mixesBatch() bool {
	for operator := range g.Operators {
		switch operator {
		case "DynamicQuantizeLinear", "DynamicQuantizeMatMul", "DynamicQuantizeLSTM":
			return true
		}
	}
	return false
}
