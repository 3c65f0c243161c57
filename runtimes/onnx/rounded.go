package onnx

import (
	"fmt"

	"github.com/triggerfinder/triggerfinder/runtimes/internal/predictor"
)

// The types of weights that inputs and outputs cannot have.
const (
	uint4 predictor.Element = 21
	int4  predictor.Element = 22
)

// roundedNote says where ONNX Runtime rounds activations to 8 bits although the graph quantises weights alone; "" if nowhere. From version 1.26 on its
// extended optimisation makes one MatMulNBits of a DequantizeLinear of weights and the MatMul or Gemm behind it, which
// the session option session.qdq_matmulnbits_accuracy_level has multiply in 8 bits by default.
func roundedNote(g *predictor.Graph, s *settings) string {
	if !s.onCPU() || s.optimization != OptimizeExtended && s.optimization != OptimizeAll {
		return ""
	}
	n := weightsAlone(g)
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("quantised in the weights alone are %d of its MatMul and Gemm: from version 1.26 on ONNX Runtime rounds what is multiplied with them to 8 bits too, "+
		"but not under GraphOptimization(OptimizeBasic)", n)
}

// weightsAlone counts the nodes of the main graph that become a MatMulNBits.
func weightsAlone(g *predictor.Graph) int {
	if !g.Operators["DequantizeLinear"] || !g.Operators["MatMul"] && !g.Operators["Gemm"] {
		return 0
	}
	made, uses, constants := map[string]*predictor.Node{}, map[string]int{}, map[string]predictor.Constant{}
	for name, c := range g.Constants {
		constants[name] = c
	}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		for _, name := range n.Inputs {
			uses[name]++
		}
		for _, name := range n.Outputs {
			made[name] = n
			if n.Constant != nil {
				constants[name] = *n.Constant
			}
		}
	}
	for _, o := range g.Outputs {
		uses[o.Name]++
	}
	count := 0
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if !plainProduct(n, constants) || dequantizes(made[n.Inputs[0]]) {
			continue
		}
		name, rows := n.Inputs[1], int64(0)
		if t := made[name]; t != nil && t.Operator == "Transpose" && uses[name] == 1 && len(t.Inputs) == 1 {
			name, rows = t.Inputs[0], 1
		}
		if w := made[name]; dequantizes(w) && uses[name] == 1 && smallWeights(w, constants, rows) {
			count++
		}
	}
	return count
}

func dequantizes(n *predictor.Node) bool {
	return n != nil && n.Domain == "" && n.Operator == "DequantizeLinear" && len(n.Inputs) >= 2 && len(n.Outputs) == 1
}

// plainProduct reports whether the node multiplies its inputs as they lie and adds at most a vector.
func plainProduct(n *predictor.Node, constants map[string]predictor.Constant) bool {
	if n.Domain != "" || len(n.Inputs) < 2 {
		return false
	}
	switch n.Operator {
	case "MatMul":
		return true
	case "Gemm":
		for _, scale := range []string{"alpha", "beta"} {
			if v, ok := n.Numbers[scale]; ok && v != 1 {
				return false
			}
		}
		if len(n.Inputs) > 2 && n.Inputs[2] != "" {
			if c, ok := constants[n.Inputs[2]]; !ok || c.Rank != 1 {
				return false
			}
		}
		return n.Integers["transA"] == 0 && n.Integers["transB"] == 0
	}
	return false
}

// smallWeights reports whether the node dequantises a constant matrix of 4 or 8 bits with one scale in all, or one a column or a block of rows. Rows
// is the axis that the product sums over.
func smallWeights(n *predictor.Node, constants map[string]predictor.Constant, rows int64) bool {
	weights, ok := constants[n.Inputs[0]]
	scale, scaled := constants[n.Inputs[1]]
	if !ok || !scaled || weights.Rank != 2 {
		return false
	}
	switch weights.Element {
	case predictor.Int8, predictor.Uint8, uint4, int4:
	default:
		return false
	}
	axis, given := n.Integers["axis"]
	if !given {
		axis = 1
	} else if axis < 0 {
		axis += 2
	}
	if block := n.Integers["block_size"]; block > 0 {
		return axis == rows && block >= 16 && block&(block-1) == 0
	}
	return scale.Count == 1 || axis == 1-rows
}
