//go:build cgo

package onnx_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxtest"
)

// logits is the name of the ten logits of LeNet-5.
const logits = "logits"

const (
	asFloat  = onnxpb.TensorProto_FLOAT
	asHalf   = onnxpb.TensorProto_FLOAT16
	asDouble = onnxpb.TensorProto_DOUBLE
	asByte   = onnxpb.TensorProto_UINT8
)

type modelProto = *onnxpb.ModelProto

// lenet is LeNet-5, which gives ten logits, with another end.
func lenet(t testing.TB, end func(m modelProto)) []byte {
	t.Helper()
	m := onnxtest.Load(t, fixtures.Models, "lenet5.onnx")
	if end != nil {
		end(m)
	}
	return onnxtest.Bytes(t, m)
}

// oneLogit makes one number of the ten logits: tops against the rest.
func oneLogit(m modelProto) string {
	return node(m, "MatMul", logits, onnxtest.Floats(m, []int64{10, 1}, -0.6, 0, -0.6, -0.6, -0.6, 1, -0.6, 1, 0, 1))
}

func node(m modelProto, operator string, inputs ...string) string {
	out, _ := onnxtest.Node(m, operator, inputs...)
	return out
}

func withInt(m modelProto, operator, attribute string, value int64, inputs ...string) string {
	out, n := onnxtest.Node(m, operator, inputs...)
	onnxtest.Int(n, attribute, value)
	return out
}

func scalar(m modelProto, v float32) string { return onnxtest.Floats(m, nil, v) }

func cast(m modelProto, in string, to onnxpb.TensorProto_DataType) string {
	return withInt(m, "Cast", "to", int64(to), in)
}

func softmaxOf(m modelProto) string { return withInt(m, "Softmax", "axis", 1, logits) }

func sigmoidOf(m modelProto) string { return node(m, "Sigmoid", oneLogit(m)) }

// firstSeeds are the first seeds of Fashion-MNIST.
func firstSeeds(t testing.TB, n int) []input.Input {
	t.Helper()
	var inputs []input.Input
	for i := range n {
		inputs = append(inputs, model.Must(fixtures.Seeds().Seed(i)).Input)
	}
	return inputs
}

// prepared opens a model and shows it seeds, as a search does.
func prepared(t testing.TB, data []byte, options ...onnx.Option) (*onnx.Model, error) {
	t.Helper()
	m, err := onnx.OpenBytes("m.onnx", data, append([]onnx.Option{onnx.Scale(fixtures.Scale)}, options...)...)
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { m.Close() })
	return m, m.Prepare(t.Context(), firstSeeds(t, 16), nil)
}

func TestWhatSeveralNumbersAre(t *testing.T) {
	plain, err := prepared(t, lenet(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	want := predict(t, plain, firstSeeds(t, 40)...)
	for _, test := range []ending{
		{reason: "logits", end: func(modelProto) string { return logits }, scores: "logits, softmax applied (the graph ends in Gemm, and rows do not sum to 1)"},
		{reason: "logits of another temperature", end: func(m modelProto) string { return node(m, "Div", logits, scalar(m, 1)) }, scores: "logits, softmax applied (the graph ends in Gemm"},
		{reason: "softmax", end: softmaxOf, scores: "probabilities, as they are (the graph ends in Softmax, and rows sum to 1)"},
		{reason: "softmax, in float16", end: func(m modelProto) string {
			return cast(m, withInt(m, "Softmax", "axis", 1, cast(m, logits, asHalf)), asFloat)
		}, scores: "probabilities", tolerance: 5e-3},
		{reason: "softmax, as float16", end: func(m modelProto) string { return cast(m, softmaxOf(m), asHalf) }, element: asHalf, scores: "probabilities", tolerance: 5e-3},
		{reason: "softmax, as float64", end: func(m modelProto) string { return cast(m, softmaxOf(m), asDouble) }, element: asDouble, scores: "probabilities"},
		{reason: "softmax, clipped", end: func(m modelProto) string { return node(m, "Clip", softmaxOf(m), scalar(m, 1e-7), scalar(m, 1-1e-7)) }, scores: "probabilities, as they are (the graph ends in Softmax, then Clip, and rows sum to 1)"},
		{reason: "softmax, clipped on one side", end: func(m modelProto) string { return node(m, "Clip", softmaxOf(m), scalar(m, 1e-4)) }, scores: "probabilities", tolerance: 1e-3},
		{reason: "softmax, clipped by attributes, as before operator set 11", end: func(m modelProto) string {
			for _, o := range m.GetOpsetImport() {
				*o.Version = 10
			}
			out, n := onnxtest.Node(m, "Clip", softmaxOf(m))
			onnxtest.Float(n, "max", 0.5)
			return out
		}, scores: "probabilities", tolerance: 0.5},
		{reason: "softmax, rounded as float16 does", end: func(m modelProto) string {
			return cast(m, cast(m, node(m, "Mul", softmaxOf(m), scalar(m, 1.004)), asHalf), asFloat)
		}, scores: "probabilities", tolerance: 5e-3},
		{reason: "softmax, clipped by much", end: func(m modelProto) string { return node(m, "Clip", softmaxOf(m), scalar(m, 0.02), scalar(m, 0.9)) }, scores: "probabilities", tolerance: 0.11},
		{reason: "softmax, bounded by Max and Min", end: func(m modelProto) string {
			return node(m, "Min", node(m, "Max", softmaxOf(m), scalar(m, 1e-6)), scalar(m, 0.999999))
		}, scores: "probabilities", tolerance: 1e-4},
		{reason: "softmax, quantised and back", end: func(m modelProto) string {
			return node(m, "DequantizeLinear", node(m, "QuantizeLinear", softmaxOf(m), scalar(m, 1.0/256), onnxtest.Byte(m, 0)), scalar(m, 1.0/256), onnxtest.Byte(m, 0))
		}, scores: "probabilities", tolerance: 5e-3},
		{reason: "softmax, quantised", end: func(m modelProto) string {
			return node(m, "QuantizeLinear", softmaxOf(m), scalar(m, 1.0/256), onnxtest.Byte(m, 0))
		}, element: asByte, scores: "probabilities", tolerance: 5e-3},
		{reason: "softmax on integers", end: func(m modelProto) string {
			q := node(m, "QuantizeLinear", logits, scalar(m, 0.25), onnxtest.Byte(m, 128))
			out, n := onnxtest.Node(m, "com.microsoft:QLinearSoftmax", q, scalar(m, 0.25), onnxtest.Byte(m, 128), scalar(m, 1.0/256), onnxtest.Byte(m, 0))
			onnxtest.Int(n, "opset", 13)
			return out
		}, element: asByte, scores: "probabilities, as they are (the graph ends in QLinearSoftmax", tolerance: 0.07},
		{reason: "softmax, written out", end: func(m modelProto) string {
			e := node(m, "Exp", node(m, "Sub", logits, withInt(m, "ReduceMax", "keepdims", 1, logits)))
			return node(m, "Div", e, node(m, "ReduceSum", e, onnxtest.Integers(m, []int64{1}, 1)))
		}, options: nil, scores: "probabilities", tolerance: 2},
		{reason: "softmax, written out with a reciprocal, clipped", end: func(m modelProto) string {
			e := node(m, "Exp", logits)
			sum := node(m, "Add", node(m, "ReduceSum", e, onnxtest.Integers(m, []int64{1}, 1)), scalar(m, 1e-9))
			return node(m, "Clip", node(m, "Mul", e, node(m, "Reciprocal", sum)), scalar(m, 1e-7), scalar(m, 1))
		}, scores: "probabilities"},
		{reason: "a mean of two softmaxes", end: func(m modelProto) string {
			return node(m, "Mul", node(m, "Add", softmaxOf(m), softmaxOf(m)), scalar(m, 0.5))
		}, scores: "probabilities"},
		{reason: "softmax, smoothed", end: func(m modelProto) string {
			return node(m, "Add", node(m, "Mul", softmaxOf(m), scalar(m, 0.9)), scalar(m, 0.01))
		}, scores: "probabilities", tolerance: 0.11},
		{reason: "log-softmax", end: func(m modelProto) string { return withInt(m, "LogSoftmax", "axis", 1, logits) }, scores: "log-probabilities, exponential applied (the graph ends in LogSoftmax"},
		{reason: "the logarithm of a softmax", end: func(m modelProto) string { return node(m, "Log", softmaxOf(m)) }, scores: "log-probabilities, exponential applied (the graph ends in Softmax, then Log"},
		{reason: "the logarithm of a softmax and a little", end: func(m modelProto) string { return node(m, "Log", node(m, "Add", softmaxOf(m), scalar(m, 1e-7))) }, scores: "log-probabilities"},
		{reason: "the logarithm of a softmax, in float16, where 0 has no logarithm", end: func(m modelProto) string { return cast(m, node(m, "Log", cast(m, softmaxOf(m), asHalf)), asFloat) }, scores: "log-probabilities", tolerance: 5e-3},
		{reason: "log-softmax, written out", end: func(m modelProto) string {
			sum := node(m, "ReduceSum", node(m, "Exp", logits), onnxtest.Integers(m, []int64{1}, 1))
			return node(m, "Sub", logits, node(m, "Log", sum))
		}, scores: "log-probabilities"},
		{reason: "the exponential of a log-softmax", end: func(m modelProto) string { return node(m, "Exp", withInt(m, "LogSoftmax", "axis", 1, logits)) }, scores: "probabilities, as they are (the graph ends in LogSoftmax, then Exp"},
		{reason: "classes picked from a softmax by a matrix", end: func(m modelProto) string {
			eye := make([]float32, 100)
			for i := range 10 {
				eye[11*i] = 1
			}
			return node(m, "MatMul", softmaxOf(m), onnxtest.Floats(m, []int64{10, 10}, eye...))
		}, scores: "probabilities, as they are (the graph ends in MatMul, and rows sum to 1)"},
		{reason: "logits from relu", end: func(m modelProto) string { return node(m, "Relu", logits) }, options: []onnx.Option{onnx.Scores(onnx.Logits)}, scores: "logits, softmax applied (as onnx.Scores says)", tolerance: 2},
		{reason: "logits, the sum of integers by a scale", end: func(m modelProto) string {
			sum := onnxtest.Cast(m, node(m, "MatMulInteger", node(m, "QuantizeLinear", logits, scalar(m, 0.1), onnxtest.Byte(m, 128)), onnxtest.Tensor(m, asByte, []int64{10, 10}, make([]float64, 100)...)), asFloat)
			return node(m, "Add", logits, node(m, "Mul", sum, node(m, "Exp", scalar(m, 0))))
		}, scores: "logits, softmax applied (the graph ends in ", tolerance: 1e-4},
		{reason: "logits and a correction", end: func(m modelProto) string {
			return node(m, "Add", logits, node(m, "Mul", node(m, "Tanh", node(m, "ReduceMean", logits)), scalar(m, 1e-7)))
		}, scores: "logits, softmax applied (the graph ends in Add, and rows do not sum to 1)"},
		{reason: "logits of a learned temperature", end: func(m modelProto) string { return node(m, "Mul", logits, node(m, "Exp", scalar(m, 0))) }, scores: "logits, softmax applied (the graph ends in Gemm, and rows do not sum to 1)"},
		{reason: "logits and a bias, of integers", end: func(m modelProto) string {
			s, z := scalar(m, 0.1), onnxtest.Byte(m, 128)
			q := node(m, "QuantizeLinear", logits, s, z)
			zeros := onnxtest.Tensor(m, asByte, []int64{10}, slices.Repeat([]float64{128}, 10)...)
			return node(m, "DequantizeLinear", node(m, "com.microsoft:QLinearAdd", q, s, z, zeros, s, z, s, z), s, z)
		}, scores: "logits, softmax applied (the graph ends in Gemm, and rows do not sum to 1)", tolerance: 0.1},
		{reason: "a softmax, scaled and shifted", end: func(m modelProto) string {
			ones, each := onnxtest.Floats(m, []int64{10}, slices.Repeat([]float32{1}, 10)...), onnxtest.Floats(m, []int64{10}, make([]float32, 10)...)
			return node(m, "BatchNormalization", node(m, "Mul", softmaxOf(m), scalar(m, 9)), ones, each, each, ones)
		}, err: []string{"expected scores of classes, found rows of ", "the graph ends in BatchNormalization"}},
		{reason: "a normalised embedding", end: func(m modelProto) string { return node(m, "LpNormalization", logits) }, err: []string{"expected scores of classes, found rows of ", "that no layer with weights makes, which may be logits, features, an embedding", "the graph ends in LpNormalization; the model has the output \"LpNormalization_12\" float32 [batch,10]; onnx.Scores(onnx.Logits) says", "onnx.Scores(onnx.Raw) takes", "onnx.Output(name)"}},
		{reason: "features", end: func(m modelProto) string { return node(m, "Relu", logits) }, err: []string{"expected scores of classes, found rows of 0..", "Gemm, then Relu", "onnx.Scores(onnx.Raw)"}},
		{reason: "features, scaled and shifted", end: func(m modelProto) string {
			each := make([]float32, 10)
			ones := []float32{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}
			return node(m, "BatchNormalization", node(m, "Relu", logits), onnxtest.Floats(m, []int64{10}, ones...), onnxtest.Floats(m, []int64{10}, ones...), onnxtest.Floats(m, []int64{10}, each...), onnxtest.Floats(m, []int64{10}, ones...))
		}, err: []string{"expected scores of classes", "BatchNormalization"}},
		{reason: "the hyperbolic tangent of a pooler", end: func(m modelProto) string { return node(m, "Tanh", logits) }, err: []string{"expected scores of classes", "Tanh"}},

		{reason: "several sigmoids", end: func(m modelProto) string { return node(m, "Sigmoid", logits) }, err: []string{"several numbers that are each a probability of their own", "the graph ends in Sigmoid", "answer.SeveralLabels", "onnx.Scores(onnx.Probabilities)"}},
		{reason: "several sigmoids, clipped", end: func(m modelProto) string {
			return node(m, "Clip", node(m, "Sigmoid", logits), scalar(m, 1e-7), scalar(m, 0.99))
		}, err: []string{"each a probability of their own", "Sigmoid, then Clip"}},
		{reason: "several hard sigmoids", end: func(m modelProto) string { return node(m, "HardSigmoid", logits) }, err: []string{"each a probability of their own", "HardSigmoid"}},
		{reason: "what several sigmoids leave", end: func(m modelProto) string { return node(m, "Sub", scalar(m, 1), node(m, "Sigmoid", logits)) }, err: []string{"each a probability of their own", "Sigmoid, then Sub"}},
		{reason: "a layer whose rows are a distribution", end: func(m modelProto) string {
			w := make([]float32, 100)
			for i := range w { // what one class gets, the others lose
				w[i] = -0.0001
				if i%11 == 0 {
					w[i] = 0.0009
				}
			}
			return node(m, "Add", node(m, "MatMul", logits, onnxtest.Floats(m, []int64{10, 10}, w...)), scalar(m, 0.1))
		}, err: []string{"expected logits, since the graph ends in MatMul, found that all rows lie in 0..1 and sum to 1", "onnx.Scores"}},
		{reason: "a distribution of real images alone", end: func(m modelProto) string {
			corner := onnxtest.Floats(m, []int64{784, 1}, append([]float32{5}, make([]float32, 783)...)...)
			factor := node(m, "Add", node(m, "MatMul", withInt(m, "Flatten", "axis", 1, "input"), corner), scalar(m, 1))
			return node(m, "Mul", softmaxOf(m), factor)
		}, err: []string{"found that rows of real inputs sum to 1 and those of made-up inputs to 1..", "the graph ends in Mul", "onnx.Scores"}},
		{reason: "several sigmoids, written out", end: func(m modelProto) string {
			return node(m, "Div", scalar(m, 1), node(m, "Add", scalar(m, 1), node(m, "Exp", node(m, "Neg", logits))))
		}, err: []string{"each a probability of their own", "the graph ends in Div"}},
		{reason: "several sigmoids, said to be probabilities", end: func(m modelProto) string { return node(m, "Sigmoid", logits) }, options: []onnx.Option{onnx.Scores(onnx.Probabilities)}, scores: "probabilities, as they are (as onnx.Scores says)", tolerance: 2},
		{reason: "several sigmoids that sum to 1", end: func(m modelProto) string {
			s := node(m, "Sigmoid", logits)
			return node(m, "Div", s, node(m, "ReduceSum", s, onnxtest.Integers(m, []int64{1}, 1)))
		}, scores: "probabilities", tolerance: 2},
		{reason: "softmax with a wrong scale", end: func(m modelProto) string {
			return node(m, "DequantizeLinear", node(m, "QuantizeLinear", softmaxOf(m), scalar(m, 1.0/256), onnxtest.Byte(m, 0)), scalar(m, 1.0/11), onnxtest.Byte(m, 0))
		}, err: []string{"probabilities that sum to 1, since the graph ends in Softmax", "that sum to 23", "onnx.Scores(onnx.Logits)"}},
		{reason: "softmax with half the scale", end: func(m modelProto) string {
			return node(m, "DequantizeLinear", node(m, "QuantizeLinear", softmaxOf(m), scalar(m, 1.0/256), onnxtest.Byte(m, 0)), scalar(m, 1.0/512), onnxtest.Byte(m, 0))
		}, err: []string{"that sum to 0.49"}},
		{reason: "softmax that saturates", end: func(m modelProto) string {
			return node(m, "QuantizeLinear", softmaxOf(m), scalar(m, 1.0/1024), onnxtest.Byte(m, 0))
		}, element: asByte, err: []string{"expected probabilities that sum to 1"}},
		{reason: "softmax with a wrong scale, said to be probabilities", end: func(m modelProto) string { return node(m, "Mul", softmaxOf(m), scalar(m, 11)) }, options: []onnx.Option{onnx.Scores(onnx.Probabilities)}, err: []string{"since onnx.Scores says so", "found numbers of 0.00"}},
		{reason: "softmax over the batch", end: func(m modelProto) string { return withInt(m, "Softmax", "axis", 0, logits) }, err: []string{"the graph ends in Softmax", "that sum to 10"}},
		{reason: "softmax in per cent", end: func(m modelProto) string { return node(m, "Mul", softmaxOf(m), scalar(m, 100)) }, err: []string{"made of probabilities and do not sum to 1", "Softmax, then Mul", "sum to 100", "onnx.Scores"}},
		{reason: "softmax upside down", end: func(m modelProto) string { return node(m, "Sub", scalar(m, 1), softmaxOf(m)) }, err: []string{"made of probabilities", "sum to 9"}},
		{reason: "negative logarithms", end: func(m modelProto) string { return node(m, "Neg", withInt(m, "LogSoftmax", "axis", 1, logits)) }, err: []string{"made of probabilities", "LogSoftmax, then Neg"}},
		{reason: "numbers within 0..1 of nobody knows what", end: func(m modelProto) string { return node(m, "Mul", node(m, "Sin", logits), node(m, "Sin", logits)) }, err: []string{"neither a distribution nor plainly logits", "the graph ends in Mul", "onnx.Scores"}},
		{reason: "logits that are none", end: func(m modelProto) string { return softmaxOf(m) }, options: []onnx.Option{onnx.Scores(onnx.LogProbabilities)}, err: []string{"expected logarithms of probabilities, at most 0, since onnx.Scores says so"}},
	} {
		t.Run(test.reason, func(t *testing.T) {
			m := test.open(t, 10)
			if m == nil {
				return
			}
			tolerance := max(test.tolerance, 1e-5)
			for i, row := range predict(t, m, firstSeeds(t, len(want))...) {
				for class, p := range row {
					if math.Abs(float64(p-want[i][class])) > tolerance {
						t.Fatalf("seed %d: got %v, expected %v", i, row, want[i])
					}
				}
				if answer.Label(row) != answer.Label(want[i]) && tolerance < 0.1 {
					t.Errorf("seed %d: got class %d, expected %d", i, answer.Label(row), answer.Label(want[i]))
				}
			}
		})
	}
}

// ending is an end of a graph, and what is to be made of it.
type ending struct {
	reason    string
	end       func(m modelProto) string
	element   onnxpb.TensorProto_DataType // asFloat where none is given
	options   []onnx.Option
	scores    string   // how the setting begins
	tolerance float64  // of scores; 0 for 1e-5
	err       []string // parts of the error; none for no error
}

// open opens lenet5 with that end, of so many scores. It returns nil where that is an error, as expected.
func (e ending) open(t *testing.T, scores int64) *onnx.Model {
	t.Helper()
	element := e.element
	if element == 0 {
		element = asFloat
	}
	m, err := prepared(t, lenet(t, func(m modelProto) { onnxtest.Output(m, e.end(m), element, 0, scores) }), e.options...)
	if len(e.err) > 0 {
		if err == nil {
			t.Fatalf("expected an error, found %q", m.Describe().Settings["scores"])
		}
		for _, part := range append(e.err, "onnx: m.onnx: expected ") {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("expected %q in the error, found: %v", part, err)
			}
		}
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Describe().Settings["scores"]; !strings.HasPrefix(got, e.scores) {
		t.Errorf("got %q, expected %q", got, e.scores)
	}
	return m
}

func TestWhatOneNumberIs(t *testing.T) {
	plain, err := prepared(t, lenet(t, func(m modelProto) { onnxtest.Output(m, oneLogit(m), asFloat, 0, 1) }), onnx.Scores(onnx.Logits))
	if err != nil {
		t.Fatal(err)
	}
	want := predict(t, plain, firstSeeds(t, 40)...)
	const one, probability = "one logit, sigmoid applied", "probabilities, as they are"
	for _, test := range []ending{
		{reason: "a logit", end: oneLogit, options: []onnx.Option{onnx.Scores(onnx.Logits)}, scores: one + " (as onnx.Scores says)"},
		{reason: "a logit or the value of a regression", end: oneLogit, err: []string{"expected to see what the one number of the output is, found the sum of a layer with weights", "the graph ends in MatMul; the model has the output \"MatMul_12\" float32 [batch,1]; onnx.Scores(onnx.Logits) says", "onnx.Scores(onnx.Raw) takes"}},
		{reason: "a sigmoid", end: sigmoidOf, scores: probability + " (the graph ends in Sigmoid)"},
		{reason: "a sigmoid, clipped", end: func(m modelProto) string { return node(m, "Clip", sigmoidOf(m), scalar(m, 1e-7), scalar(m, 1-1e-7)) }, scores: probability + " (the graph ends in Sigmoid, then Clip)"},
		{reason: "a sigmoid in float16", end: func(m modelProto) string { return cast(m, node(m, "Sigmoid", cast(m, oneLogit(m), asHalf)), asFloat) }, scores: probability, tolerance: 1e-2},
		{reason: "a sigmoid, quantised", end: func(m modelProto) string {
			return node(m, "QuantizeLinear", sigmoidOf(m), scalar(m, 1.0/256), onnxtest.Byte(m, 0))
		}, element: asByte, scores: probability, tolerance: 5e-3},
		{reason: "one of a quantised softmax of two", end: func(m modelProto) string {
			l := oneLogit(m)
			pair := withInt(m, "Softmax", "axis", 1, withInt(m, "Concat", "axis", 1, node(m, "Sub", l, l), l))
			q := node(m, "QuantizeLinear", pair, scalar(m, 1.0/256), onnxtest.Byte(m, 0))
			return withInt(m, "Gather", "axis", 1, q, onnxtest.Integers(m, []int64{1}, 1))
		}, element: asByte, scores: probability + " (the graph ends in Softmax)", tolerance: 5e-3},
		{reason: "a sigmoid, clipped by attributes, as before operator set 11", end: func(m modelProto) string {
			for _, o := range m.GetOpsetImport() {
				*o.Version = 10
			}
			out, n := onnxtest.Node(m, "Clip", sigmoidOf(m))
			onnxtest.Float(n, "min", 1e-7)
			onnxtest.Float(n, "max", 0.9)
			return out
		}, scores: probability + " (the graph ends in Sigmoid, then Clip)", tolerance: 0.11},
		{reason: "a sigmoid on integers", end: func(m modelProto) string {
			q := node(m, "QuantizeLinear", oneLogit(m), scalar(m, 0.25), onnxtest.Byte(m, 128))
			return node(m, "com.microsoft:QLinearSigmoid", q, scalar(m, 0.25), onnxtest.Byte(m, 128), scalar(m, 1.0/256), onnxtest.Byte(m, 0))
		}, element: asByte, scores: probability + " (the graph ends in QLinearSigmoid)", tolerance: 0.04},
		{reason: "a hard sigmoid", end: func(m modelProto) string { return node(m, "HardSigmoid", oneLogit(m)) }, scores: probability + " (the graph ends in HardSigmoid)", tolerance: 0.2},
		{reason: "a hard sigmoid, written out", end: func(m modelProto) string {
			return node(m, "Div", node(m, "Clip", node(m, "Add", oneLogit(m), scalar(m, 3)), scalar(m, 0), scalar(m, 6)), scalar(m, 6))
		}, scores: probability + " (the graph ends in Div, which keeps it within 0..1)", tolerance: 0.2},
		{reason: "a sigmoid, written out", end: func(m modelProto) string {
			return node(m, "Div", scalar(m, 1), node(m, "Add", scalar(m, 1), node(m, "Exp", node(m, "Neg", oneLogit(m)))))
		}, scores: probability},
		{reason: "a sigmoid by tanh", end: func(m modelProto) string {
			half := node(m, "Tanh", node(m, "Mul", oneLogit(m), scalar(m, 0.5)))
			return node(m, "Add", node(m, "Mul", half, scalar(m, 0.5)), scalar(m, 0.5))
		}, scores: probability},
		{reason: "what a sigmoid leaves", end: func(m modelProto) string {
			return node(m, "Sub", scalar(m, 1), node(m, "Sigmoid", node(m, "Neg", oneLogit(m))))
		}, scores: probability},
		{reason: "a slice of a softmax of two", end: func(m modelProto) string {
			l := oneLogit(m)
			pair := withInt(m, "Softmax", "axis", 1, withInt(m, "Concat", "axis", 1, node(m, "Sub", l, l), l))
			return node(m, "Slice", pair, onnxtest.Integers(m, []int64{1}, 1), onnxtest.Integers(m, []int64{1}, 2), onnxtest.Integers(m, []int64{1}, 1))
		}, scores: probability + " (the graph ends in Softmax)"},
		{reason: "one of a softmax of two, gathered", end: func(m modelProto) string {
			l := oneLogit(m)
			pair := withInt(m, "Softmax", "axis", 1, withInt(m, "Concat", "axis", 1, node(m, "Sub", l, l), l))
			return withInt(m, "Gather", "axis", 1, pair, onnxtest.Integers(m, []int64{1}, 1))
		}, scores: probability},
		{reason: "a yes or no", end: func(m modelProto) string { return cast(m, node(m, "Greater", sigmoidOf(m), scalar(m, 0.5)), asFloat) }, scores: probability + " (the graph ends in Greater)", tolerance: 0.5},
		{reason: "a logit kept within 0..1", end: func(m modelProto) string { return node(m, "Clip", oneLogit(m), scalar(m, 0), scalar(m, 1)) }, scores: probability, tolerance: 0.5},
		{reason: "the logarithm of a sigmoid", end: func(m modelProto) string { return node(m, "Log", sigmoidOf(m)) }, scores: "log-probabilities, exponential applied (the graph ends in Sigmoid, then Log)"},
		{reason: "the logarithm of a sigmoid by softplus", end: func(m modelProto) string {
			return node(m, "Neg", node(m, "Softplus", node(m, "Neg", oneLogit(m))))
		}, scores: "log-probabilities"},
		{reason: "a logit within -8..8", end: func(m modelProto) string { return node(m, "Clip", oneLogit(m), scalar(m, -8), scalar(m, 8)) }, options: []onnx.Option{onnx.Scores(onnx.Logits)}, scores: one, tolerance: 1e-3},
		{reason: "numbers beyond 0..1 of nobody knows what", end: func(m modelProto) string { return node(m, "LeakyRelu", oneLogit(m)) }, err: []string{"expected to see what the one number of the output is, found numbers of -", "the graph ends in LeakyRelu", "onnx.Scores(onnx.Raw)"}},

		{reason: "numbers within 0..1 of nobody knows what", end: func(m modelProto) string {
			return node(m, "Mul", node(m, "Sin", oneLogit(m)), node(m, "Sin", oneLogit(m)))
		}, err: []string{"whether the one number of the output is a probability or a logit", "always", "the graph ends in Mul", "onnx.Scores"}},
		{reason: "a number that is never below 0", end: func(m modelProto) string { return node(m, "Relu", oneLogit(m)) }, err: []string{"never below 0", "MatMul, then Relu", "onnx.Scores"}},
		{reason: "a sigmoid in per cent", end: func(m modelProto) string { return node(m, "Mul", sigmoidOf(m), scalar(m, 100)) }, err: []string{"made of probabilities and is not one itself", "Sigmoid, then Mul"}},
		{reason: "how sure a softmax is", end: func(m modelProto) string {
			out, n := onnxtest.Node(m, "ReduceMax", softmaxOf(m))
			onnxtest.Ints(n, "axes", 1)
			return out
		}, err: []string{"expected scores, found that the graph ends in ReduceMax"}},
		{reason: "a label", end: func(m modelProto) string { return cast(m, withInt(m, "ArgMax", "axis", 1, logits), asFloat) }, err: []string{"expected scores, found that the graph ends in ArgMax: labels"}},
		{reason: "a logit that is said to be a probability", end: oneLogit, options: []onnx.Option{onnx.Scores(onnx.Probabilities)}, err: []string{"probabilities of 0..1, since onnx.Scores says so", "onnx.Scores(onnx.Logits)"}},
		{reason: "a sigmoid, quantised by a wrong scale", end: func(m modelProto) string {
			return node(m, "DequantizeLinear", node(m, "QuantizeLinear", sigmoidOf(m), scalar(m, 1.0/256), onnxtest.Byte(m, 0)), scalar(m, 1.0/11), onnxtest.Byte(m, 0))
		}, err: []string{"expected probabilities of 0..1, since the graph ends in Sigmoid, found numbers of 0..2"}},
	} {
		t.Run(test.reason, func(t *testing.T) {
			m := test.open(t, 1)
			if m == nil {
				return
			}
			for i, row := range predict(t, m, firstSeeds(t, len(want))...) {
				if math.Abs(float64(row[1]-want[i][1])) > max(test.tolerance, 1e-5) {
					t.Errorf("seed %d: got %v, expected %v", i, row, want[i])
				}
			}
		})
	}
}

// TestDecidedByTheFirstInputs: a model of open height and width, and one that nobody prepared.
func TestDecidedByTheFirstInputs(t *testing.T) {
	data := lenet(t, func(m modelProto) {
		onnxtest.Output(m, node(m, "Sqrt", node(m, "Mul", softmaxOf(m), softmaxOf(m))), asFloat, 0, 10)
		m.GetGraph().Input[0] = onnxtest.Value("input", asFloat, 0, 1, -1, -1)
	})
	for _, test := range []struct {
		reason string
		ask    func(m *onnx.Model) error
	}{
		{"prepared", func(m *onnx.Model) error { return m.Prepare(t.Context(), firstSeeds(t, 16), nil) }},
		{"asked at once", func(m *onnx.Model) error {
			_, err := m.Predict(t.Context(), firstSeeds(t, 3))
			return err
		}},
	} {
		t.Run(test.reason, func(t *testing.T) {
			m, err := onnx.OpenBytes("m.onnx", data, onnx.Scale(fixtures.Scale))
			if err != nil {
				t.Fatal(err)
			}
			defer m.Close()
			if got := m.Describe().Settings["scores"]; !strings.HasPrefix(got, "not decided yet, the first inputs tell (") {
				t.Errorf("before: %q", got)
			}
			if err := test.ask(m); err != nil {
				t.Fatal(err)
			}
			if got := m.Describe().Settings["scores"]; got != "probabilities, as they are (the graph ends in Softmax, then Mul, then Sqrt, and rows sum to 1)" {
				t.Errorf("after: %q", got)
			}
			if got := m.Describe().Notes; len(got) != 0 {
				t.Errorf("notes %q", got)
			}
		})
	}
}

// TestRowsAreHeldAgainstWhatWasFound: a softmax that is one for dark images only.
func TestRowsAreHeldAgainstWhatWasFound(t *testing.T) {
	data := lenet(t, func(m modelProto) {
		// 1 up to a mean of 0.8, then more and more.
		out, n := onnxtest.Node(m, "ReduceMean", "input")
		onnxtest.Ints(n, "axes", 1, 2, 3)
		onnxtest.Int(n, "keepdims", 0)
		factor := node(m, "Max", node(m, "Mul", out, scalar(m, 1/0.8)), scalar(m, 1))
		factor = node(m, "Unsqueeze", factor, onnxtest.Integers(m, []int64{1}, 1))
		onnxtest.Output(m, node(m, "Mul", softmaxOf(m), factor), asFloat, 0, 10)
	})
	m, err := prepared(t, data)
	if err != nil {
		t.Fatal(err)
	}
	white := model.Must(input.NewImage(28, 28, 1, []uint8(strings.Repeat("\xff", 28*28))))
	_, err = m.Predict(t.Context(), append(firstSeeds(t, 2), white))
	if !errors.Is(err, model.ErrBadScores) || !strings.Contains(err.Error(), "onnx: m.onnx: bad scores: expected probabilities that sum to 1, since the graph ends in ") ||
		!strings.Contains(err.Error(), "that sums to 1.25; onnx.Scores(onnx.Logits)") {
		t.Errorf("got %v", err)
	}
	if _, err := m.Predict(t.Context(), firstSeeds(t, 40)); err != nil {
		t.Error(err)
	}
}

// TestOneNumberIsHeldAgainstWhatWasFound: a number within 0..1 for all but bright images.
func TestOneNumberIsHeldAgainstWhatWasFound(t *testing.T) {
	m, err := prepared(t, lenet(t, func(m modelProto) {
		out, n := onnxtest.Node(m, "ReduceMean", "input")
		onnxtest.Ints(n, "axes", 1, 2, 3)
		onnxtest.Int(n, "keepdims", 0)
		onnxtest.Output(m, node(m, "Mul", out, scalar(m, 1.25)), asFloat, 0)
	}), onnx.Scores(onnx.Probabilities))
	if err != nil {
		t.Fatal(err)
	}
	white := model.Must(input.NewImage(28, 28, 1, []uint8(strings.Repeat("\xff", 28*28))))
	if _, err := m.Predict(t.Context(), []input.Input{white}); !errors.Is(err, model.ErrBadScores) ||
		!strings.HasSuffix(err.Error(), "expected probabilities of 0..1, since onnx.Scores says so, found numbers of 1.25; a logit is onnx.Scores(onnx.Logits)") {
		t.Errorf("got %v", err)
	}
}

// TestNaNIsTheEnginesBusiness: rows with NaN are no contradiction to anything.
func TestNaNIsTheEnginesBusiness(t *testing.T) {
	for _, end := range []func(m modelProto) string{
		softmaxOf,
		func(modelProto) string { return logits },
		func(m modelProto) string { return node(m, "Sqrt", node(m, "Mul", softmaxOf(m), softmaxOf(m))) },
		func(m modelProto) string { return node(m, "Mul", node(m, "Sin", logits), node(m, "Sin", logits)) },
	} {
		data := lenet(t, func(m modelProto) {
			zero := scalar(m, 0)
			onnxtest.Output(m, node(m, "Add", end(m), node(m, "Div", zero, zero)), asFloat, 0, 10)
		})
		m, err := prepared(t, data)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range predict(t, m, firstSeeds(t, 3)...) {
			for _, p := range row {
				if p == p {
					t.Errorf("%s: got %v, expected NaN", m.Describe().Settings["scores"], row)
				}
			}
		}
	}
}

func TestSidesAreReadOnOneScale(t *testing.T) {
	open := func(name string, end func(m modelProto) string, classes int64) *onnx.Model {
		m, err := onnx.OpenBytes(name, lenet(t, func(m modelProto) { onnxtest.Output(m, end(m), asFloat, 0, classes) }), onnx.Scale(fixtures.Scale))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { m.Close() })
		return m
	}
	// Around the probabilities, and no row sums to 1: arithmetic that went wrong, not logits.
	layer := func(factor, offset float32) func(m modelProto) string { // on a softmax
		return func(m modelProto) string {
			w := make([]float32, 100)
			for i := range 10 {
				w[11*i] = factor
			}
			return node(m, "Add", node(m, "MatMul", softmaxOf(m), onnxtest.Floats(m, []int64{10, 10}, w...)), scalar(m, offset))
		}
	}
	around, plainly := layer(1, -0.2), layer(20, -5)
	for _, test := range []struct {
		reason string
		a, b   func(m modelProto) string
		n      int64
		err    string
	}{
		{"logits and probabilities, both by the graph", func(modelProto) string { return logits }, softmaxOf, 10, ""},
		{"probabilities by the graph, logits plainly", softmaxOf, plainly, 10, ""},
		{"probabilities by the graph, and what may be", softmaxOf, around, 10, "replay: onnx: b: expected to see what the scores are, found numbers of -0.2..0.8 in this model, while those of a are probabilities"},
		{"the other way round", around, softmaxOf, 10, "replay: onnx: a: expected to see what the scores are"},
	} {
		t.Run(test.reason, func(t *testing.T) {
			a, b := open("a", test.a, test.n), open("b", test.b, test.n)
			pair := model.Must(model.NewPair("p", a, b))
			_, err := engine.Replay(t.Context(), pair, firstSeeds(t, 4), nil)
			switch {
			case test.err == "" && err != nil:
				t.Error(err)
			case test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)):
				t.Errorf("expected %q, found %v", test.err, err)
			}
		})
	}
	// One number and two: a sigmoid against a softmax of two.
	two := func(m modelProto) string {
		l := oneLogit(m)
		return withInt(m, "Softmax", "axis", 1, withInt(m, "Concat", "axis", 1, node(m, "Sub", l, l), l))
	}
	pair := model.Must(model.NewPair("p", open("a", sigmoidOf, 1), open("b", two, 2)))
	evaluations, err := engine.Replay(t.Context(), pair, firstSeeds(t, 20), model.Must(answer.ScoreTolerance(1e-4)))
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range evaluations {
		if e.Verdict.Deviates {
			t.Errorf("seed %d: got %v and %v", i, e.Original.Scores, e.Compressed.Scores)
		}
	}
}

func TestClassOrder(t *testing.T) {
	rotated := lenet(t, func(m modelProto) {
		index := onnxtest.Integers(m, []int64{10}, 0, 1, 2, 3, 4, 5, 6, 8, 9, 7)
		onnxtest.Output(m, withInt(m, "Gather", "axis", 1, logits, index), asFloat, 0, 10)
	})
	plain, err := prepared(t, lenet(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	m, err := prepared(t, rotated, onnx.ClassOrder(0, 1, 2, 3, 4, 5, 6, 9, 7, 8))
	if err != nil {
		t.Fatal(err)
	}
	want := predict(t, plain, firstSeeds(t, 20)...)
	for i, row := range predict(t, m, firstSeeds(t, 20)...) {
		if !same(row, want[i]) {
			t.Errorf("seed %d: got %v, expected %v", i, row, want[i])
		}
	}
	if got := m.Describe().Settings["scores"]; !strings.HasPrefix(got, "logits, softmax applied, classes put in another order (") {
		t.Errorf("got %q", got)
	}
	one, err := prepared(t, lenet(t, func(m modelProto) { onnxtest.Output(m, node(m, "Neg", oneLogit(m)), asFloat, 0, 1) }), onnx.ClassOrder(1, 0), onnx.Scores(onnx.Logits))
	if err != nil {
		t.Fatal(err)
	}
	reference, err := prepared(t, lenet(t, func(m modelProto) { onnxtest.Output(m, oneLogit(m), asFloat, 0, 1) }), onnx.Scores(onnx.Logits))
	if err != nil {
		t.Fatal(err)
	}
	want = predict(t, reference, firstSeeds(t, 5)...)
	for i, row := range predict(t, one, firstSeeds(t, 5)...) {
		if math.Abs(float64(row[1]-want[i][1])) > 1e-6 {
			t.Errorf("seed %d: got %v, expected %v", i, row, want[i])
		}
	}
	if _, err := prepared(t, rotated, onnx.ClassOrder(1, 0)); err == nil || err.Error() != "onnx: m.onnx: expected the numbers of 10 classes in onnx.ClassOrder, found 2" {
		t.Errorf("got %v", err)
	}
	for _, order := range [][]int{nil, {0}, {0, 0}, {1, 2}, {-1, 0}} {
		if _, err := onnx.OpenBytes("m.onnx", rotated, onnx.ClassOrder(order...)); err == nil || !strings.HasPrefix(err.Error(), "onnx: option ClassOrder: expected ") {
			t.Errorf("%v: got %v", order, err)
		}
	}
}

// Steps of an 8-bit output may be so large that a row of small numbers sums to 1 as nearly as probabilities would: that
// tells nothing, and the rows of real images decide that they are none.
func TestNumbersInLargeSteps(t *testing.T) {
	for _, name := range []string{fixtures.LeNet5Int8.Original, fixtures.LeNet5Int8.Compressed} {
		m := onnxtest.Load(t, fixtures.Models, name)
		onnxtest.Append(m, "Relu")
		if _, err := prepared(t, onnxtest.Bytes(t, m)); err == nil || !strings.Contains(err.Error(), "expected scores of classes, found rows of 0..") {
			t.Errorf("%s: got %v", name, err)
		}
		told, err := prepared(t, onnxtest.Bytes(t, m), onnx.Scores(onnx.Logits))
		if err != nil {
			t.Fatal(err)
		}
		if got := told.Describe().Settings["scores"]; !strings.HasPrefix(got, "logits, softmax applied (as onnx.Scores says") {
			t.Errorf("%s: got %q", name, got)
		}
	}
}
