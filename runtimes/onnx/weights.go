package onnx

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/triggerfinder/triggerfinder/internal/half"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"
)

// weightInputs are the inputs of operators that hold weights: those that a layer multiplies with. The
// others are biases, parameters of normalisation, shapes and other constants.
var weightInputs = map[string][]int{
	"Conv": {1}, "ConvTranspose": {1}, "FusedConv": {1}, "DeformConv": {1},
	"Gemm": {0, 1}, "FusedGemm": {0, 1}, "MatMul": {0, 1}, "FusedMatMul": {0, 1}, "Einsum": {0, 1},
	"LSTM": {1, 2}, "GRU": {1, 2}, "RNN": {1, 2},
	"Gather": {0}, // embeddings; what is no matrix is no weight
}

// handing are operators that hand a weight on to the layer as it is.
var handing = map[string]bool{"Identity": true, "Transpose": true, "Reshape": true, "Cast": true, "Squeeze": true, "Unsqueeze": true, "Flatten": true}

// quantised are operators whose weights are integers.
var quantised = map[string]bool{
	"DequantizeLinear": true, "QLinearConv": true, "QLinearMatMul": true, "ConvInteger": true, "MatMulInteger": true,
	"QGemm": true, "DynamicQuantizeMatMul": true, "MatMulIntegerToFloat": true, "MatMulNBits": true, "DynamicQuantizeLSTM": true,
}

// floatWeights finds the weights of a model: float tensors with at least two dimensions that reach the
// weight of a layer. Each is listed once, in the order of the file.
func floatWeights(model *onnxpb.ModelProto) (weights []*onnxpb.TensorProto, integers int, err error) {
	if model.GetGraph() == nil {
		return nil, 0, errors.New("expected an ONNX model with a graph, found none")
	}
	f := weightFinder{constants: map[string]*onnxpb.TensorProto{}, source: map[string]string{}, wanted: map[string]bool{}, functions: map[string]bool{}}
	for _, function := range model.GetFunctions() {
		f.functions[function.GetDomain()+"."+function.GetName()] = true
	}
	if err := f.graph(model.GetGraph(), 0); err != nil {
		return nil, 0, err
	}
	wanted := map[string]bool{}
	for name := range f.wanted {
		for steps := 0; steps <= len(f.source); steps++ { // a cycle is no valid model
			wanted[name] = true
			before, ok := f.source[name]
			if !ok {
				break
			}
			name = before
		}
	}
	for _, name := range f.order {
		t := f.constants[name]
		if !wanted[name] || len(t.GetDims()) < 2 {
			continue
		}
		switch onnxpb.TensorProto_DataType(t.GetDataType()) {
		case onnxpb.TensorProto_FLOAT, onnxpb.TensorProto_FLOAT16, onnxpb.TensorProto_BFLOAT16, onnxpb.TensorProto_DOUBLE:
			weights = append(weights, t)
		}
	}
	return weights, f.integers, nil
}

type weightFinder struct {
	constants map[string]*onnxpb.TensorProto
	order     []string          // of the names of constants
	source    map[string]string // through operators that pass a weight on
	wanted    map[string]bool   // names at the weights of layers
	functions map[string]bool   // of the model itself: what they get may be a weight
	integers  int               // nodes with integer weights
}

func (f *weightFinder) constant(name string, t *onnxpb.TensorProto) {
	if _, known := f.constants[name]; !known && name != "" {
		f.constants[name] = t
		f.order = append(f.order, name)
	}
}

func (f *weightFinder) graph(g *onnxpb.GraphProto, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("expected subgraphs at most %d deep", maxDepth)
	}
	for _, t := range g.GetInitializer() {
		f.constant(t.GetName(), t)
	}
	for _, n := range g.GetNode() {
		f.node(n)
		for _, a := range n.GetAttribute() {
			if a.GetG() != nil {
				if err := f.graph(a.GetG(), depth+1); err != nil {
					return err
				}
			}
			for _, inner := range a.GetGraphs() {
				if err := f.graph(inner, depth+1); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (f *weightFinder) node(n *onnxpb.NodeProto) {
	inputs, operator := n.GetInput(), n.GetOpType()
	switch {
	case operator == "Constant" && len(n.GetOutput()) == 1:
		for _, a := range n.GetAttribute() {
			if a.GetName() == "value" && a.GetT() != nil {
				f.constant(n.GetOutput()[0], a.GetT())
			}
		}
	case handing[operator] && len(inputs) > 0 && len(n.GetOutput()) > 0:
		f.source[n.GetOutput()[0]] = inputs[0]
	case quantised[operator]:
		f.integers++
	case f.functions[n.GetDomain()+"."+operator]:
		for _, name := range inputs {
			f.wanted[name] = true
		}
	}
	for _, i := range weightInputs[operator] {
		if i < len(inputs) {
			f.wanted[inputs[i]] = true
		}
	}
}

// mostElements bounds a tensor; ONNX files end at 2 GiB anyway.
const mostElements = 1 << 31

// tensorSize is the number of values that the dimensions give.
func tensorSize(t *onnxpb.TensorProto) (int, error) {
	n := int64(1)
	for _, d := range t.GetDims() {
		if d < 0 || d > mostElements || n*d > mostElements {
			return 0, fmt.Errorf("weights %q: expected dimensions of at most %d values, found %v", t.GetName(), int64(mostElements), t.GetDims())
		}
		n *= d
	}
	return int(n), nil
}

// readWeights gives the values of a float tensor.
func readWeights(t *onnxpb.TensorProto) ([]float64, error) {
	n, err := tensorSize(t)
	if err != nil {
		return nil, err
	}
	kind := onnxpb.TensorProto_DataType(t.GetDataType())
	if len(t.GetRawData()) > 0 {
		size := map[onnxpb.TensorProto_DataType]int{onnxpb.TensorProto_FLOAT: 4, onnxpb.TensorProto_DOUBLE: 8}[kind]
		if size == 0 {
			size = 2
		}
		raw := t.GetRawData()
		if len(raw) != n*size {
			return nil, fmt.Errorf("weights %q: expected %d bytes for %v, found %d", t.GetName(), n*size, t.GetDims(), len(raw))
		}
		values := make([]float64, n)
		for i := range values {
			switch at := raw[i*size:]; kind {
			case onnxpb.TensorProto_FLOAT:
				values[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(at)))
			case onnxpb.TensorProto_DOUBLE:
				values[i] = math.Float64frombits(binary.LittleEndian.Uint64(at))
			default:
				values[i] = fromHalf(kind, binary.LittleEndian.Uint16(at))
			}
		}
		return values, nil
	}
	values := make([]float64, 0, max(len(t.GetFloatData()), len(t.GetDoubleData()), len(t.GetInt32Data())))
	switch kind {
	case onnxpb.TensorProto_FLOAT:
		for _, v := range t.GetFloatData() {
			values = append(values, float64(v))
		}
	case onnxpb.TensorProto_DOUBLE:
		values = append(values, t.GetDoubleData()...)
	default: // half-precision numbers stand there as their bits
		for _, v := range t.GetInt32Data() {
			values = append(values, fromHalf(kind, uint16(v)))
		}
	}
	if len(values) != n {
		return nil, fmt.Errorf("weights %q: expected %d values for %v, found %d", t.GetName(), n, t.GetDims(), len(values))
	}
	return values, nil
}

// writeWeights puts values into a float tensor, rounded to its type, in the form of raw data.
func writeWeights(t *onnxpb.TensorProto, values []float64) {
	kind := onnxpb.TensorProto_DataType(t.GetDataType())
	var raw []byte
	for _, v := range values {
		switch kind {
		case onnxpb.TensorProto_FLOAT:
			raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(float32(v)))
		case onnxpb.TensorProto_DOUBLE:
			raw = binary.LittleEndian.AppendUint64(raw, math.Float64bits(v))
		default:
			raw = binary.LittleEndian.AppendUint16(raw, toHalf(kind, float32(v)))
		}
	}
	t.RawData, t.FloatData, t.DoubleData, t.Int32Data = raw, nil, nil, nil
}

func fromHalf(kind onnxpb.TensorProto_DataType, bits uint16) float64 {
	if kind == onnxpb.TensorProto_BFLOAT16 {
		return float64(math.Float32frombits(uint32(bits) << 16))
	}
	return float64(half.ToFloat32(bits))
}

func toHalf(kind onnxpb.TensorProto_DataType, v float32) uint16 {
	if kind == onnxpb.TensorProto_BFLOAT16 {
		bits := math.Float32bits(v)
		return uint16((bits + 0x7fff + bits>>16&1) >> 16) // to the nearest, ties to even
	}
	return half.FromFloat32(v)
}

// weightNames are the names of tensors for messages, a few of them.
func weightNames(tensors []*onnxpb.TensorProto) string {
	var names []string
	for _, t := range tensors[:min(3, len(tensors))] {
		names = append(names, strconv.Quote(t.GetName()))
	}
	if len(tensors) > 3 {
		names = append(names, "…")
	}
	return strings.Join(slices.Clip(names), ", ")
}
