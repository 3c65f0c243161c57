package litert

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// What a .tflite file says, after the public schema of TensorFlow Lite: which tables have which fields is in the comments by the numbers.

// schema is what this package needs to know of a file.
type schema struct {
	description string
	operators   []operatorCode
	graphs      []subgraph
	signatures  []signature
	metadata    map[string][]byte
}

// operatorCode is an operator that the file uses.
type operatorCode struct {
	name    string // such as CONV_2D
	builtin int
	custom  string // the name of one that is not built in; "" else
}

type signature struct {
	key             string
	graph           int
	inputs, outputs []named
}

// named is a name that a signature gives to a tensor.
type named struct {
	name   string
	tensor int
}

type subgraph struct {
	tensors         []tensor
	inputs, outputs []int
	operations      []operation
}

type tensor struct {
	name        string
	kind        int   // of its elements, by the schema
	shape, open []int // open: the shape with -1 where a dimension may be resized; nil when none may
	quant       *quantization
	perChannel  bool
	badCode     string // what is wrong with its scales and zero points; "" for nothing
	constant    bool
	length      int       // of the data of a constant, in bytes
	packed      bool      // the data are not as many as the shape says
	scalar      []float64 // the value of a constant of one element
}

type quantization struct {
	scale float64
	zero  int64
}

type operation struct {
	code            int
	inputs, outputs []int
	activation      int // fused into it; 0 for none
	options         int // the kind of its options, by the schema; 0 for none
}

const (
	identifier = "TFL3"
	maxRank    = 8 // that the runtime's structures have room for
)

// parse reads a file. It is an error that says what is wrong with one that is none, was cut off or is damaged.
func parse(file []byte) (*schema, error) {
	if len(file) == 0 {
		return nil, errors.New("expected a .tflite file, found an empty one")
	}
	if len(file) < 8 || string(file[4:8]) != identifier {
		return nil, fmt.Errorf(`expected a .tflite file, which has "TFL3" at its fifth byte, found %s`, guessFormat(file))
	}
	f := newFlatbuffer(file)
	s := &schema{metadata: map[string][]byte{}}
	root := f.follow(0)
	if version := root.int32(0); f.err == nil && version != 3 {
		return nil, fmt.Errorf("expected a .tflite file of version 3, found version %d", version)
	}
	s.description = root.text(3)
	root.tables(1, func(_ int, t table) { s.operators = append(s.operators, readOperatorCode(t)) })
	buffers := readBuffers(root, len(file))
	root.tables(2, func(_ int, t table) { s.graphs = append(s.graphs, s.readGraph(t, buffers)) })
	root.tables(7, func(_ int, t table) { s.signatures = append(s.signatures, readSignature(t)) })
	root.tables(6, func(_ int, t table) {
		if at := t.int32(1); at > 0 && at < len(buffers) {
			s.metadata[t.text(0)] = buffers[at]
		}
	})
	if f.err != nil {
		return nil, fmt.Errorf("expected a whole .tflite file, found one that was cut off or is damaged: it has %w", f.err)
	}
	return s, s.check()
}

// readBuffers are the contents of the model's buffers. Those of large models lie behind the FlatBuffer.
func readBuffers(root table, size int) [][]byte {
	var all [][]byte
	root.tables(4, func(_ int, t table) {
		content := t.bytesOf(0)
		if offset, length := t.uint64(1), t.uint64(2); offset > 1 {
			if offset > uint64(size) || length > uint64(size)-offset {
				t.f.fail(int(min(offset, math.MaxInt32)), int(min(length, math.MaxInt32)))
				return
			}
			content = t.f.bytes(int(offset), int(length))
		}
		all = append(all, content)
	})
	return all
}

func readOperatorCode(t table) operatorCode {
	code := operatorCode{builtin: max(t.int8(0, 0), t.int32(3)), custom: t.text(1)}
	if code.builtin >= 0 && code.builtin < len(operatorNames) {
		code.name = operatorNames[code.builtin]
	} else {
		code.name = fmt.Sprintf("operator %d", code.builtin)
	}
	if code.builtin != customOperator {
		code.custom = ""
	} else {
		code.name = code.custom
	}
	return code
}

func readSignature(t table) signature {
	one := signature{key: t.text(2), graph: t.int32(4)}
	maps := func(number int) (all []named) {
		t.tables(number, func(_ int, m table) { all = append(all, named{m.text(0), m.int32(1)}) })
		return all
	}
	one.inputs, one.outputs = maps(0), maps(1)
	return one
}

func (s *schema) readGraph(t table, buffers [][]byte) subgraph {
	g := subgraph{inputs: t.int32s(1), outputs: t.int32s(2)}
	t.tables(0, func(_ int, one table) { g.tensors = append(g.tensors, readTensor(one, buffers)) })
	t.tables(3, func(_ int, one table) {
		o := operation{code: one.int32(0), inputs: one.int32s(1), outputs: one.int32s(2), options: one.int8(3, 0)}
		if o.code >= 0 && o.code < len(s.operators) {
			if number, ok := fusedAt[s.operators[o.code].name]; ok {
				if options, ok := one.table(4); ok {
					o.activation = options.int8(number, 0)
				}
			}
		}
		g.operations = append(g.operations, o)
	})
	return g
}

func readTensor(t table, buffers [][]byte) tensor {
	one := tensor{name: t.text(3), kind: t.int8(1, 0), shape: t.int32s(0)}
	if open := t.int32s(7); slices.Contains(open, -1) {
		one.open = open
	}
	if q, ok := t.table(4); ok {
		scales, zeros := q.float32s(2), q.int64s(3)
		one.badCode = badCode(one.kind, scales, zeros)
		switch {
		case len(scales) == 1:
			one.quant = &quantization{scale: scales[0]}
			if len(zeros) > 0 {
				one.quant.zero = zeros[0]
			}
		case len(scales) > 1:
			one.perChannel = true
		}
	}
	if at := t.int32(2); at > 0 && at < len(buffers) && buffers[at] != nil {
		one.constant, one.length, one.packed = true, len(buffers[at]), t.field(6) > 0 // sparsity
		one.scalar = scalarOf(one.kind, buffers[at])
	}
	return one
}

// scalarOf is the number that is all of a buffer.
func scalarOf(kind int, b []byte) []float64 {
	switch {
	case kind == float32Kind && len(b) == 4:
		return []float64{float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))}
	case kind == int32Kind && len(b) == 4:
		return []float64{float64(int32(binary.LittleEndian.Uint32(b)))}
	}
	return nil
}

// badCode says which scale is none, or which zero point the type of the elements cannot hold.
func badCode(kind int, scales []float64, zeros []int64) string {
	low, high := int64(0), int64(0)
	switch kind {
	case int8Kind:
		low, high = math.MinInt8, math.MaxInt8
	case uint8Kind:
		high = math.MaxUint8
	case int16Kind:
		low, high = math.MinInt16, math.MaxInt16
	default:
		return ""
	}
	for _, s := range scales {
		if !(s >= 0x1p-126) && s != 0 || math.IsInf(s, 0) {
			return fmt.Sprintf("a scale of %g", s)
		}
	}
	if len(scales) != len(zeros) {
		return fmt.Sprintf("%d scales and %d zero points", len(scales), len(zeros))
	}
	for _, z := range zeros {
		if z < low || z > high {
			return fmt.Sprintf("a zero point of %d", z)
		}
	}
	return ""
}

// mostBytes is more than any tensor of a model that runs in a test.
const mostBytes = 1<<31 - 1

// bytes is the size of a tensor of a shape whose open dimensions are 1; ok is false for one that is too large.
func (t tensor) bytes(shape []int) (n int, ok bool) {
	n = max(kindSizes[t.kind], 1)
	for _, d := range shape {
		if d == -1 {
			d = 1
		}
		if d < 0 || d > mostBytes {
			return 0, false
		}
		if n *= d; n > mostBytes {
			return 0, false
		}
	}
	return n, true
}

// kindSizes are the bytes of an element, of kinds that take whole ones.
var kindSizes = map[int]int{float32Kind: 4, float16Kind: 2, int32Kind: 4, uint8Kind: 1, int64Kind: 8, boolKind: 1, int16Kind: 2, int8Kind: 1,
	float64Kind: 8, uint64Kind: 8, uint32Kind: 4, uint16Kind: 2, bfloat16Kind: 2}

// check tells what of the tensor would lead the runtime astray.
func (t tensor) check() string {
	n, ok := t.bytes(t.shape)
	_, open := t.bytes(t.open)
	switch {
	case t.badCode != "":
		return t.badCode
	case !ok:
		return fmt.Sprintf("the shape %v", t.shape)
	case t.constant && !t.packed && kindSizes[t.kind] > 0 && n != t.length:
		return fmt.Sprintf("%d bytes for the shape %v of %s", t.length, t.shape, kindName(t.kind))
	case !open || t.open != nil && len(t.open) != len(t.shape):
		return fmt.Sprintf("the shape %v and the shape signature %v", t.shape, t.open)
	}
	return ""
}

// check holds what refers to each other against each other.
func (s *schema) check() error {
	damaged := func(format string, args ...any) error {
		return fmt.Errorf("expected a whole .tflite file, found a damaged one: "+format, args...)
	}
	if len(s.graphs) == 0 {
		return damaged("it has no graph")
	}
	for _, g := range s.graphs {
		exists := func(list []int, optional bool) bool {
			return !slices.ContainsFunc(list, func(i int) bool { return i >= len(g.tensors) || i < 0 && !(optional && i == -1) })
		}
		if !exists(g.inputs, false) || !exists(g.outputs, false) {
			return damaged("an input or output is a tensor that there is not")
		}
		for _, one := range g.tensors {
			if wrong := one.check(); wrong != "" {
				return damaged("the tensor %q has %s", one.name, wrong)
			}
		}
		for _, o := range g.operations {
			if o.code < 0 || o.code >= len(s.operators) || !exists(o.inputs, true) || !exists(o.outputs, false) {
				return damaged("an operation has an operator or a tensor that there is not")
			}
			name := s.operators[o.code].name
			if kind, ok := optionsOf[name]; ok && o.options != 0 && o.options != kind {
				return damaged("an operation %s has the options of another one", name)
			}
		}
	}
	for _, sig := range s.signatures {
		if sig.graph < 0 || sig.graph >= len(s.graphs) {
			return damaged("the signature %q is about a graph that there is not", sig.key)
		}
		g := s.graphs[sig.graph]
		for _, list := range []struct {
			names   []named
			tensors []int
		}{{sig.inputs, g.inputs}, {sig.outputs, g.outputs}} {
			for i, n := range list.names {
				same := func(other named) bool { return other.name == n.name }
				if n.name == "" || !slices.Contains(list.tensors, n.tensor) || slices.ContainsFunc(list.names[:i], same) {
					return damaged("the signature %q names %q, which is no input or output of its graph, or names two alike", sig.key, n.name)
				}
			}
			if len(list.names) < len(list.tensors) {
				return damaged("the signature %q names %d of %d inputs or outputs of its graph", sig.key, len(list.names), len(list.tensors))
			}
		}
	}
	return nil
}

// Kinds of elements, by the schema.
const (
	float32Kind = iota
	float16Kind
	int32Kind
	uint8Kind
	int64Kind
	stringKind
	boolKind
	int16Kind
	complex64Kind
	int8Kind
	float64Kind
	complex128Kind
	uint64Kind
	resourceKind
	variantKind
	uint32Kind
	uint16Kind
	int4Kind
	bfloat16Kind
)

var kindNames = []string{"float32", "float16", "int32", "uint8", "int64", "string", "bool", "int16", "complex64", "int8", "float64", "complex128", "uint64",
	"resource", "variant", "uint32", "uint16", "int4", "bfloat16", "int2", "uint4", "float8_e4m3fn", "float8_e5m2"}

func kindName(kind int) string {
	if kind >= 0 && kind < len(kindNames) {
		return kindNames[kind]
	}
	return fmt.Sprintf("type %d", kind)
}

// fusedAt is the number of the field with the fused activation in the options of an operator.
var fusedAt = map[string]int{"CONV_2D": 3, "DEPTHWISE_CONV_2D": 4, "FULLY_CONNECTED": 0, "ADD": 0, "MUL": 0, "SUB": 0, "DIV": 0, "CONCATENATION": 1,
	"AVERAGE_POOL_2D": 5, "MAX_POOL_2D": 5, "L2_NORMALIZATION": 0, "CONV_3D": 4, "TRANSPOSE_CONV": 3}

// optionsOf are the kinds of the options that usual operators have, by the schema.
var optionsOf = map[string]int{
	"CONV_2D": 1, "DEPTHWISE_CONV_2D": 2, "AVERAGE_POOL_2D": 5, "MAX_POOL_2D": 5, "L2_POOL_2D": 5, "FULLY_CONNECTED": 8, "SOFTMAX": 9, "CONCATENATION": 10,
	"ADD": 11, "L2_NORMALIZATION": 12, "LSTM": 14, "RESIZE_BILINEAR": 15, "RESHAPE": 17, "MUL": 21, "PAD": 22, "GATHER": 23, "TRANSPOSE": 26, "MEAN": 27, "SUM": 27,
	"REDUCE_MAX": 27, "REDUCE_MIN": 27, "SUB": 28, "DIV": 29, "SQUEEZE": 30, "STRIDED_SLICE": 32, "SPLIT": 35, "CAST": 37, "MAXIMUM": 39, "MINIMUM": 39,
	"ARG_MAX": 40, "TRANSPOSE_CONV": 49, "EXPAND_DIMS": 52, "PACK": 59, "LEAKY_RELU": 75, "BATCH_MATMUL": 101, "CONV_3D": 106, "GELU": 116,
}

const customOperator = 32

// operatorNames are the built-in operators, by their numbers.
var operatorNames = strings.Fields(`
ADD AVERAGE_POOL_2D CONCATENATION CONV_2D DEPTHWISE_CONV_2D DEPTH_TO_SPACE DEQUANTIZE EMBEDDING_LOOKUP FLOOR FULLY_CONNECTED
HASHTABLE_LOOKUP L2_NORMALIZATION L2_POOL_2D LOCAL_RESPONSE_NORMALIZATION LOGISTIC LSH_PROJECTION LSTM MAX_POOL_2D MUL RELU
RELU_N1_TO_1 RELU6 RESHAPE RESIZE_BILINEAR RNN SOFTMAX SPACE_TO_DEPTH SVDF TANH CONCAT_EMBEDDINGS SKIP_GRAM CALL CUSTOM
EMBEDDING_LOOKUP_SPARSE PAD UNIDIRECTIONAL_SEQUENCE_RNN GATHER BATCH_TO_SPACE_ND SPACE_TO_BATCH_ND TRANSPOSE MEAN SUB DIV SQUEEZE
UNIDIRECTIONAL_SEQUENCE_LSTM STRIDED_SLICE BIDIRECTIONAL_SEQUENCE_RNN EXP TOPK_V2 SPLIT LOG_SOFTMAX DELEGATE
BIDIRECTIONAL_SEQUENCE_LSTM CAST PRELU MAXIMUM ARG_MAX MINIMUM LESS NEG PADV2 GREATER GREATER_EQUAL LESS_EQUAL SELECT SLICE SIN
TRANSPOSE_CONV SPARSE_TO_DENSE TILE EXPAND_DIMS EQUAL NOT_EQUAL LOG SUM SQRT RSQRT SHAPE POW ARG_MIN FAKE_QUANT REDUCE_PROD
REDUCE_MAX PACK LOGICAL_OR ONE_HOT LOGICAL_AND LOGICAL_NOT UNPACK REDUCE_MIN FLOOR_DIV REDUCE_ANY SQUARE ZEROS_LIKE FILL FLOOR_MOD
RANGE RESIZE_NEAREST_NEIGHBOR LEAKY_RELU SQUARED_DIFFERENCE MIRROR_PAD ABS SPLIT_V UNIQUE CEIL REVERSE_V2 ADD_N GATHER_ND COS
WHERE RANK ELU REVERSE_SEQUENCE MATRIX_DIAG QUANTIZE MATRIX_SET_DIAG ROUND HARD_SWISH IF WHILE NON_MAX_SUPPRESSION_V4
NON_MAX_SUPPRESSION_V5 SCATTER_ND SELECT_V2 DENSIFY SEGMENT_SUM BATCH_MATMUL PLACEHOLDER_FOR_GREATER_OP_CODES CUMSUM CALL_ONCE
BROADCAST_TO RFFT2D CONV_3D IMAG REAL COMPLEX_ABS HASHTABLE HASHTABLE_FIND HASHTABLE_IMPORT HASHTABLE_SIZE REDUCE_ALL
CONV_3D_TRANSPOSE VAR_HANDLE READ_VARIABLE ASSIGN_VARIABLE BROADCAST_ARGS RANDOM_STANDARD_NORMAL BUCKETIZE RANDOM_UNIFORM
MULTINOMIAL GELU DYNAMIC_UPDATE_SLICE RELU_0_TO_1 UNSORTED_SEGMENT_PROD UNSORTED_SEGMENT_MAX UNSORTED_SEGMENT_SUM ATAN2
UNSORTED_SEGMENT_MIN SIGN BITCAST BITWISE_XOR RIGHT_SHIFT STABLEHLO_LOGISTIC STABLEHLO_ADD STABLEHLO_DIVIDE STABLEHLO_MULTIPLY
STABLEHLO_MAXIMUM STABLEHLO_RESHAPE STABLEHLO_CLAMP STABLEHLO_CONCATENATE STABLEHLO_BROADCAST_IN_DIM STABLEHLO_CONVOLUTION
STABLEHLO_SLICE STABLEHLO_CUSTOM_CALL STABLEHLO_REDUCE STABLEHLO_ABS STABLEHLO_AND STABLEHLO_COSINE STABLEHLO_EXPONENTIAL
STABLEHLO_FLOOR STABLEHLO_LOG STABLEHLO_MINIMUM STABLEHLO_NEGATE STABLEHLO_OR STABLEHLO_POWER STABLEHLO_REMAINDER STABLEHLO_RSQRT
STABLEHLO_SELECT STABLEHLO_SUBTRACT STABLEHLO_TANH STABLEHLO_SCATTER STABLEHLO_COMPARE STABLEHLO_CONVERT STABLEHLO_DYNAMIC_SLICE
STABLEHLO_DYNAMIC_UPDATE_SLICE STABLEHLO_PAD STABLEHLO_IOTA STABLEHLO_DOT_GENERAL STABLEHLO_REDUCE_WINDOW STABLEHLO_SORT
STABLEHLO_WHILE STABLEHLO_GATHER STABLEHLO_TRANSPOSE DILATE STABLEHLO_RNG_BIT_GENERATOR REDUCE_WINDOW STABLEHLO_COMPOSITE
STABLEHLO_SHIFT_LEFT STABLEHLO_CBRT STABLEHLO_CASE
`)
