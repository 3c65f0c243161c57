package onnx

import (
	"fmt"
	"slices"
)

// scoresOutput is the output that carries the scores.
type scoresOutput struct {
	value
	classes int // numbers a row, 0 when the file does not tell
	quant   *quantization
	chosen  bool // found among several
}

// inferOutput chooses the output that carries class scores.
func inferOutput(g *graph, c *config) (*scoresOutput, error) {
	if len(g.outputs) == 0 {
		return nil, fmt.Errorf("expected an output, found none")
	}
	out := &scoresOutput{value: g.outputs[0]}
	switch {
	case c.outputName != "":
		at := slices.IndexFunc(g.outputs, func(v value) bool { return v.name == c.outputName })
		if at < 0 {
			return nil, fmt.Errorf("expected an output %q, as onnx.OutputName says, found %s", c.outputName, joinValues(g.outputs))
		}
		out.value = g.outputs[at]
	case len(g.outputs) > 1:
		var scores []value
		for _, v := range g.outputs {
			if looksLikeScores(v) {
				scores = append(scores, v)
			}
		}
		if len(scores) != 1 {
			return nil, fmt.Errorf("expected one output of class scores, found %d outputs: %s; choose one with onnx.OutputName", len(g.outputs), joinValues(g.outputs))
		}
		out.value, out.chosen = scores[0], true
	}
	return out, out.check(g, c)
}

// looksLikeScores reports whether the output can be one row of at least two scores an input.
func looksLikeScores(v value) bool {
	if v.kind != "tensor" || v.element.size() == 0 || !v.hasShape || len(v.shape) < 2 || v.shape[1].size == 1 {
		return false
	}
	for _, d := range v.shape[2:] {
		if d.size != 1 {
			return false
		}
	}
	return true
}

func (out *scoresOutput) check(g *graph, c *config) error {
	if out.kind != "tensor" {
		return fmt.Errorf("expected a tensor of scores as output, found %s", out)
	}
	if out.element.size() == 0 {
		return fmt.Errorf("expected scores of float32, float16, float64, int8 or uint8 as output, found %s", out)
	}
	if out.hasShape && !looksLikeScores(out.value) && !out.binary() {
		return fmt.Errorf("expected an output of scores [N, classes], found %s", out)
	}
	if out.hasShape {
		out.classes = out.shape[1].size
	}
	if !out.element.isByte() {
		if c.outputQuant != nil {
			return fmt.Errorf("expected an int8 or uint8 output for onnx.QuantizedOutput, found %s", out)
		}
		return nil
	}
	out.quant = c.outputQuant
	if out.quant == nil {
		out.quant = g.outputQuantization(out.name)
	}
	if out.quant == nil {
		return fmt.Errorf("expected the scale and the zero point of the %s output in the graph, found none; give onnx.QuantizedOutput(scale, zeroPoint), for probabilities mostly (1.0/256, %d)",
			out.element, map[elementType]int{uint8Type: 0, int8Type: -128}[out.element])
	}
	return nil
}

// binary reports whether the output is one number an input: two classes.
func (out *scoresOutput) binary() bool {
	if !out.hasShape || len(out.shape) < 2 {
		return false
	}
	for _, d := range out.shape[1:] {
		if d.size != 1 {
			return false
		}
	}
	return true
}
