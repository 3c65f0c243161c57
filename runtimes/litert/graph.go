package litert

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/runtimes/internal/predictor"
)

// choose finds the signature to run: the one of that key or, where none is asked for, the only one, or the usual one of several.
// A file without signatures has one of its first graph.
func (s *schema) choose(key string) (at int, err error) {
	if len(s.signatures) == 0 {
		if key != "" {
			return 0, fmt.Errorf("expected a signature %q, as litert.Signature says, found a file without signatures", key)
		}
		return -1, nil
	}
	var keys []string
	for i, one := range s.signatures {
		keys = append(keys, fmt.Sprintf("%q", one.key))
		if one.key == key || key == "" && len(s.signatures) == 1 {
			return i, nil
		}
	}
	list := strings.Join(keys, ", ")
	if key != "" {
		return 0, fmt.Errorf("expected a signature %q, as litert.Signature says, found %s", key, list)
	}
	if at := slices.IndexFunc(s.signatures, func(one signature) bool { return one.key == usualSignature }); at >= 0 {
		return at, nil
	}
	return 0, fmt.Errorf("expected to see which signature to run, found %s; choose one with litert.Signature(key)", list)
}

const usualSignature = "serving_default"

// tensors are the inputs and outputs of a signature, in the order of its graph, which is that in which the runtime takes and gives them,
// under the names that the signature gives them. What it does not name keeps the name of the tensor.
func (s *schema) tensors(at int) (g *subgraph, inputs, outputs []named) {
	one := signature{}
	if at >= 0 {
		one = s.signatures[at]
	}
	g = &s.graphs[one.graph]
	list := func(tensors []int, names []named) (all []named) {
		for _, i := range tensors {
			n := named{g.tensors[i].name, i}
			if at := slices.IndexFunc(names, func(n named) bool { return n.tensor == i }); at >= 0 {
				n = names[at]
			}
			all = append(all, n)
		}
		return all
	}
	return g, list(g.inputs, one.inputs), list(g.outputs, one.outputs)
}

// mostOfPort bounds the memory that inputs and outputs ask for, in bytes.
const mostOfPort = 256 << 20

// ports are what the runtime has to know of them.
func (g *subgraph) ports(list []named) ([]port, error) {
	var all []port
	for _, n := range list {
		t := g.tensors[n.tensor]
		if len(t.shape) > maxRank {
			return nil, fmt.Errorf("expected tensors of at most %d dimensions, found %q of %d", maxRank, n.name, len(t.shape))
		}
		p := port{name: n.name, element: elementsByKind[t.kind], kind: t.kind, shape: t.shape}
		if t.open != nil && len(t.open) == len(t.shape) {
			p.shape = t.open
		}
		p.resizable = slices.Contains(p.shape, -1)
		if size, ok := t.bytes(p.shape); !ok || size > mostOfPort {
			return nil, fmt.Errorf("expected inputs and outputs of at most %d MiB, found %q of %v", mostOfPort>>20, n.name, p.shape)
		}
		for _, d := range p.shape {
			if d < -1 || d == 0 {
				return nil, fmt.Errorf("expected dimensions of at least 1, found %q of %v", n.name, p.shape)
			}
		}
		all = append(all, p)
	}
	return all, nil
}

// checkShapes tells of outputs that are open where no input is: how large they are depends on numbers.
func checkShapes(inputs, outputs []port) error {
	if slices.ContainsFunc(inputs, func(p port) bool { return p.resizable }) {
		return nil
	}
	for _, p := range outputs {
		if p.resizable {
			return fmt.Errorf("expected outputs whose shapes follow from those of the inputs, found %q of %v, with no open dimension in the inputs: its shape depends on their numbers", p.name, p.shape)
		}
	}
	return nil
}

// batchName is the dimension that counts inputs, where it may be resized.
const batchName = "batch"

// describe is the graph in the words of ONNX.
func (s *schema) describe(g *subgraph, inputs, outputs []named, in, out []port) (*predictor.Graph, error) {
	constants := map[string][]float64{}
	name := g.namer(inputs, outputs)
	tensors := func(list []named, ports []port) (all []predictor.Value, err error) {
		for i, n := range list {
			t := g.tensors[n.tensor]
			if t.perChannel && t.kind != float32Kind {
				return nil, fmt.Errorf("expected one scale for %s %q, found one for each channel", kindName(t.kind), n.name)
			}
			one := predictor.NewTensor(n.name, ports[i].element, kindName(t.kind))
			for k, d := range ports[i].shape {
				switch {
				case d > 0:
					one.Shape = append(one.Shape, predictor.Dimension{Size: d})
				case k == 0:
					one.Shape = append(one.Shape, predictor.Dimension{Name: batchName})
				default:
					one.Shape = append(one.Shape, predictor.Dimension{})
				}
			}
			if t.quant != nil && t.quant.scale > 0 && !math.IsInf(t.quant.scale, 0) {
				one.Quantization = &predictor.Quantization{Scale: t.quant.scale, Zero: int(t.quant.zero)}
			}
			all = append(all, one)
		}
		return all, nil
	}
	takes, err := tensors(inputs, in)
	if err != nil {
		return nil, err
	}
	gives, err := tensors(outputs, out)
	if err != nil {
		return nil, err
	}
	var nodes []predictor.Node
	for i, t := range g.tensors {
		if t.constant {
			constants[name(i)] = t.scalar
		}
	}
	for _, o := range g.operations {
		nodes = append(nodes, s.nodes(g, o, name, constants)...)
	}
	for _, n := range outputs { // an input that is an output too has two names
		if made := name(n.tensor); made != n.name {
			nodes = append(nodes, predictor.Node{Operator: "Identity", Inputs: []string{made}, Outputs: []string{n.name}})
		}
	}
	return predictor.NewGraph(takes, gives, nodes, constants)
}

// namer tells tensors apart: by the names that a signature gives them, else by their numbers.
func (g *subgraph) namer(inputs, outputs []named) func(int) string {
	known := map[int]string{}
	for _, n := range slices.Concat(outputs, inputs) {
		known[n.tensor] = n.name
	}
	return func(i int) string {
		if i < 0 {
			return ""
		}
		if n, ok := known[i]; ok {
			return n
		}
		return fmt.Sprintf("#%d", i)
	}
}

// counterparts are the operators of ONNX that do the same.
var counterparts = map[string]string{
	"FULLY_CONNECTED": "Gemm", "CONV_2D": "Conv", "DEPTHWISE_CONV_2D": "Conv", "CONV_3D": "Conv", "TRANSPOSE_CONV": "ConvTranspose",
	"CONV_3D_TRANSPOSE": "ConvTranspose", "BATCH_MATMUL": "MatMul", "STABLEHLO_DOT_GENERAL": "MatMul", "STABLEHLO_CONVOLUTION": "Conv",
	"SOFTMAX": "Softmax", "LOG_SOFTMAX": "LogSoftmax", "LOGISTIC": "Sigmoid", "STABLEHLO_LOGISTIC": "Sigmoid", "TANH": "Tanh", "RELU": "Relu",
	"RESHAPE": "Reshape", "SQUEEZE": "Squeeze", "EXPAND_DIMS": "Unsqueeze", "TRANSPOSE": "Transpose", "CAST": "Cast",
	"STABLEHLO_RESHAPE": "Reshape", "STABLEHLO_TRANSPOSE": "Transpose", "STABLEHLO_CONVERT": "Cast",
	"SLICE": "Slice", "STRIDED_SLICE": "Slice", "SPLIT_V": "Split", "GATHER": "Gather", "GATHER_ND": "GatherND", "TILE": "Expand", "BROADCAST_TO": "Expand",
	"MAX_POOL_2D": "MaxPool", "AVERAGE_POOL_2D": "AveragePool", "MEAN": "ReduceMean", "SUM": "ReduceSum", "REDUCE_MAX": "ReduceMax", "REDUCE_MIN": "ReduceMin",
	"CONCATENATION": "Concat", "ADD": "Add", "SUB": "Sub", "MUL": "Mul", "DIV": "Div", "ADD_N": "Sum", "NEG": "Neg", "POW": "Pow", "SQRT": "Sqrt", "ABS": "Abs",
	"MINIMUM": "Min", "MAXIMUM": "Max", "EXP": "Exp", "LOG": "Log", "ARG_MAX": "ArgMax", "ARG_MIN": "ArgMin", "TOPK_V2": "TopK",
	"GREATER": "Greater", "GREATER_EQUAL": "GreaterOrEqual", "LESS": "Less", "LESS_EQUAL": "LessOrEqual", "EQUAL": "Equal", "LOGICAL_AND": "And",
	"LOGICAL_OR": "Or", "LOGICAL_NOT": "Not",
}

// bounds are operators that cut values off.
var bounds = map[string][2]float64{"RELU6": {0, 6}, "RELU_N1_TO_1": {-1, 1}, "RELU_0_TO_1": {0, 1}}

// activations are those that are fused into other operators, by their numbers in the schema.
var activations = map[int]string{1: "RELU", 2: "RELU_N1_TO_1", 3: "RELU6", 4: "TANH"}

// nodes are what an operation does, in the words of ONNX.
func (s *schema) nodes(g *subgraph, o operation, name func(int) string, constants map[string][]float64) []predictor.Node {
	code := s.operators[o.code]
	n := predictor.Node{Operator: code.name, Domain: "tflite"}
	for _, i := range o.inputs {
		n.Inputs = append(n.Inputs, name(i))
	}
	for _, i := range o.outputs {
		n.Outputs = append(n.Outputs, name(i))
	}
	if code.custom != "" || len(n.Outputs) == 0 {
		return []predictor.Node{n}
	}
	// scale is a constant with the scale of a tensor, where it has one.
	scale := func(of int) []string {
		if of < 0 || g.tensors[of].quant == nil {
			return nil
		}
		made := fmt.Sprintf("#scale%d", of)
		constants[made] = []float64{g.tensors[of].quant.scale}
		return []string{made}
	}
	first := func(list []int) int {
		if len(list) == 0 {
			return -1
		}
		return list[0]
	}
	counterpart, ok := counterparts[code.name]
	limits, clips := bounds[code.name]
	switch {
	case ok:
		n.Operator, n.Domain = counterpart, ""
	case clips:
		n.Operator, n.Domain, n.Numbers = "Clip", "", limitsOf(limits)
	case code.name == "SPLIT" && len(n.Inputs) == 2: // the axis comes first
		n.Operator, n.Domain, n.Inputs = "Split", "", n.Inputs[1:]
	case code.name == "QUANTIZE" && len(n.Inputs) == 1:
		n.Operator, n.Domain, n.Inputs = "QuantizeLinear", "", append(n.Inputs, scale(first(o.outputs))...)
	case code.name == "DEQUANTIZE" && len(n.Inputs) == 1:
		n.Operator, n.Domain, n.Inputs = "DequantizeLinear", "", append(n.Inputs, scale(first(o.inputs))...)
	}
	fused, ok := activations[o.activation]
	if !ok {
		return []predictor.Node{n}
	}
	made := n.Outputs[0]
	n.Outputs = slices.Clone(n.Outputs)
	n.Outputs[0] = made + "#before"
	after := predictor.Node{Operator: counterparts[fused], Inputs: n.Outputs[:1], Outputs: []string{made}}
	if limits, ok := bounds[fused]; ok {
		after.Operator, after.Numbers = "Clip", limitsOf(limits)
	}
	return []predictor.Node{n, after}
}

// customs are the names of the operators that are not built in.
func (s *schema) customs() []string {
	var all []string
	for _, o := range s.operators {
		if o.builtin == customOperator {
			all = append(all, o.custom)
		}
	}
	return all
}

// checkOperators tells of operators that no build of LiteRT for tests has.
func (s *schema) checkOperators() error {
	var flex []string
	for _, name := range s.customs() {
		if strings.HasPrefix(name, "Flex") {
			flex = append(flex, name)
		}
	}
	if flex != nil {
		return fmt.Errorf("expected operators that LiteRT has, found operators of TensorFlow (Flex): %s; convert the model without tf.lite.OpsSet.SELECT_TF_OPS", strings.Join(flex, ", "))
	}
	return nil
}

// limitsOf are the attributes of a Clip.
func limitsOf(limits [2]float64) map[string]float64 {
	return map[string]float64{"min": limits[0], "max": limits[1]}
}
