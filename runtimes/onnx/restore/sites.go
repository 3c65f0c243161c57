package restore

import (
	"errors"
	"fmt"
	"strings"

	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"
)

const (
	quantize   = "QuantizeLinear"
	dequantize = "DequantizeLinear"
)

// passive are the operators that quantised values go through as they are: with the scale and the zero
// point of the input for the output too. In the quantiser they are the direct 8-bit operators.
var passive = map[string]bool{
	"Reshape": true, "Transpose": true, "Squeeze": true, "Unsqueeze": true, "Flatten": true, "Resize": true,
	"MaxPool": true, "AveragePool": true, "Slice": true, "Pad": true, "Split": true, "Gather": true,
	"GatherElements": true, "TopK": true, "Identity": true,
}

// weighted are the operators whose second input is their weights.
var weighted = map[string]bool{"Conv": true, "ConvTranspose": true, "Gemm": true, "MatMul": true}

// operands says where an operator of the form QOperator has its inputs. Each is a triple of value, scale
// and zero point.
type operands struct {
	operator string // in float
	inputs   []int  // where the triples begin
	bias     int    // 0: none
	output   int    // where the output's scale stands, before its zero point
}

var qOperators = map[string]operands{
	"QLinearConv":              {operator: "Conv", inputs: []int{0, 3}, bias: 8, output: 6},
	"QLinearMatMul":            {operator: "MatMul", inputs: []int{0, 3}, output: 6},
	"QGemm":                    {operator: "Gemm", inputs: []int{0, 3}, bias: 6, output: 7},
	"QLinearAdd":               {operator: "Add", inputs: []int{0, 3}, output: 6},
	"QLinearMul":               {operator: "Mul", inputs: []int{0, 3}, output: 6},
	"QLinearGlobalAveragePool": {operator: "GlobalAveragePool", inputs: []int{0}, output: 3},
	"QLinearAveragePool":       {operator: "AveragePool", inputs: []int{0}, output: 3},
	"QLinearSigmoid":           {operator: "Sigmoid", inputs: []int{0}, output: 3},
	"QLinearLeakyRelu":         {operator: "LeakyRelu", inputs: []int{0}, output: 3},
	"QLinearSoftmax":           {operator: "Softmax", inputs: []int{0}, output: 3},
}

var dynamicOperators = map[string]string{"ConvInteger": "Conv", "MatMulInteger": "MatMul"}

// findSites finds the quantised nodes and what they are in the original.
func (m *Model) findSites() error {
	g := m.compressed.GetGraph()
	e := newEditor(g, m.original)
	kept := map[string]bool{} // names of the compressed model's nodes
	for _, n := range g.GetNode() {
		kept[n.GetName()] = true
	}
	taken := map[string]bool{}
	var unmatched error // the first
	matching, lacking := 0, 0
	for i, n := range g.GetNode() {
		s := site{index: i}
		switch op := n.GetOpType(); {
		case qOperators[op].operator != "":
			s.Form, s.Operator = QOperator, qOperators[op].operator
			if len(n.GetInput()) < qOperators[op].output+2 || len(n.GetOutput()) != 1 {
				return fmt.Errorf("node %q: expected %s with at least %d inputs and one output, found %d and %d",
					n.GetName(), op, qOperators[op].output+2, len(n.GetInput()), len(n.GetOutput()))
			}
		case dynamicOperators[op] != "":
			s.Form, s.Operator = Dynamic, dynamicOperators[op]
		case e.quantised(n) || passive[op] && strings.HasSuffix(n.GetName(), tfliteSuffix):
			s.Form, s.Operator = QDQ, op
		default:
			continue
		}
		s.Name = strings.TrimSuffix(n.GetName(), "_quant")
		if name, ok := strings.CutSuffix(s.Name, tfliteSuffix); ok && s.Form == QDQ {
			s.Form, s.Name = TFLite, name
		}
		named := s.Name
		err := m.match(&s, n)
		if err == nil && (s.Form == QDQ || s.Form == TFLite) && weighted[s.Operator] && !m.sameSize(s, n, e) {
			err = fmt.Errorf("node %q (%s): expected weights of the same size in the original %s, found others; %w", s.Name, s.Operator, m.originalName, errOtherOriginal)
		}
		if err == nil {
			err = m.checkFolding(s, g)
		}
		switch {
		case err == nil && s.Form != TFLite:
			s.merged = m.merged(s.float, kept)
		case err == nil:
		case s.Form != QDQ && s.Form != TFLite:
			return err
		default:
			if s.float = nil; named != "" {
				s.Name = named // not that of another node
			}
			m.matchByValues(&s, n, e, kept)
			if unmatched == nil {
				unmatched = err
			}
		}
		if s.Form == TFLite {
			m.findBias(&s, n, e)
		}
		if weighted[s.Operator] {
			if s.DequantisedWeights {
				lacking++
			} else {
				matching++
			}
		}
		if s.Name == "" {
			return fmt.Errorf("node %d (%s): expected a name, as nodes_to_exclude takes names, found none in both models", i, n.GetOpType())
		}
		if taken[s.Name] {
			return fmt.Errorf("expected nodes of different names, found two called %q", s.Name)
		}
		taken[s.Name] = true
		m.sites = append(m.sites, s)
	}
	if unmatched != nil && lacking > matching {
		// With other weights all the way there would be an answer, but about another model.
		return fmt.Errorf("%w; nor has it weights that are within a quantisation step of theirs, for %d of %d nodes", unmatched, lacking, lacking+matching)
	}
	if len(m.sites) == 0 {
		return errors.New("expected nodes quantised in the form QDQ (QuantizeLinear, DequantizeLinear), QOperator (QLinearConv …) or dynamic (ConvInteger, MatMulInteger), found none")
	}
	return nil
}

// tfliteSuffix ends the names of the nodes that tf2onnx makes of quantised ones. In TensorFlow Lite passive ones are quantised too.
const tfliteSuffix = "_prequant"

// sameSize reports whether the node of the original has as many weights.
func (m *Model) sameSize(s site, n *onnxpb.NodeProto, e *editor) bool {
	if len(n.GetInput()) < 2 || len(s.float.GetInput()) < 2 {
		return true // told where it is needed
	}
	d := e.dequantised(n.GetInput()[1])
	if d == nil || m.original.tensors[s.float.GetInput()[1]] == nil {
		return true
	}
	_, here, ok := dimensions(e.constant[d.GetInput()[0]])
	_, there, known := dimensions(m.original.tensors[s.float.GetInput()[1]])
	return !ok || !known || here == there
}

// match finds the node of the original: by name, or by the name of the output.
func (m *Model) match(s *site, n *onnxpb.NodeProto) error {
	name := s.Name
	s.float = m.original.nodes[name]
	if gemm, split := strings.CutSuffix(name, "_MatMul"); s.float == nil && split && s.Form == Dynamic {
		s.float = m.original.nodes[gemm]
	}
	if s.float == nil && len(n.GetOutput()) > 0 {
		out := n.GetOutput()[0]
		for _, suffix := range []string{"_output_quantized", "_quantized", "_QuantizeLinear_Input"} {
			out = strings.TrimSuffix(out, suffix)
		}
		s.float = m.original.producers[out]
		// The output may be that of an activation that is merged into the node.
		for s.float != nil && mergeable(s.float) && s.float.GetOpType() != s.Operator && len(s.float.GetInput()) > 0 {
			s.float = m.original.producers[s.float.GetInput()[0]]
		}
		if s.float != nil && s.float.GetName() != "" {
			s.Name = s.float.GetName()
		}
	}
	if s.float == nil {
		return fmt.Errorf("node %q (%s): expected a node of this name, or of its output's, in the original %s, found none; %w",
			name, n.GetOpType(), m.originalName, errOtherOriginal)
	}
	found := s.float.GetOpType()
	if found != s.Operator && (s.Form != Dynamic || found != "Gemm") {
		return fmt.Errorf("node %q: expected %s in the original %s, found %.40q; %w", name, s.Operator, m.originalName, found, errOtherOriginal)
	}
	return nil
}

func mergeable(n *onnxpb.NodeProto) bool { return n.GetOpType() == "Relu" || n.GetOpType() == "Clip" }

// merged lists the activations behind a node of the original that the compressed model does not have.
func (m *Model) merged(float *onnxpb.NodeProto, kept map[string]bool) []*onnxpb.NodeProto {
	var merged []*onnxpb.NodeProto
	for n := float; len(n.GetOutput()) == 1; {
		next := m.original.consumers[n.GetOutput()[0]]
		if len(next) != 1 || !mergeable(next[0]) || kept[next[0].GetName()] || next[0] == n {
			break
		}
		n = next[0]
		merged = append(merged, n)
		if len(merged) > 8 {
			break // a cycle, in a damaged file
		}
	}
	return merged
}

// checkFolding refuses an original whose weights are not yet what was quantised.
func (m *Model) checkFolding(s site, g *onnxpb.GraphProto) error {
	if !weighted[s.Operator] || len(s.float.GetOutput()) == 0 {
		return nil
	}
	for _, next := range m.original.consumers[s.float.GetOutput()[0]] {
		if next.GetOpType() != "BatchNormalization" {
			continue
		}
		for _, n := range g.GetNode() {
			if n.GetOpType() == "BatchNormalization" && n.GetName() == next.GetName() {
				return nil
			}
		}
		return fmt.Errorf("node %q: expected weights with BatchNormalization folded in, as in the compressed model, found node %q behind it in the original %s; %w",
			s.Name, next.GetName(), m.originalName, errOtherOriginal)
	}
	return nil
}

// quantised reports whether a float node works on dequantised values and makes values to be quantised.
func (e *editor) quantised(n *onnxpb.NodeProto) bool {
	op := n.GetOpType()
	if op == quantize || op == dequantize || passive[op] || len(n.GetInput()) == 0 {
		return false
	}
	if weighted[op] && len(n.GetInput()) > 1 {
		w := n.GetInput()[1]
		if e.constant[w] != nil {
			return false // its weights are float: it was excluded
		}
		if e.dequantisedConstant(w) {
			return true
		}
	}
	dequantised := false
	for _, in := range n.GetInput() {
		if in == "" || e.constant[in] != nil {
			continue
		}
		if e.dequantised(in) == nil {
			return false
		}
		dequantised = true
	}
	for _, out := range n.GetOutput() {
		read := false
		for _, c := range e.consumers[out] {
			read = read || c.GetOpType() == quantize
		}
		if !read {
			return false
		}
	}
	return dequantised
}
