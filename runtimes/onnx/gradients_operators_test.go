//go:build cgo

package onnx_test

import (
	"math/rand/v2"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxtest"
)

// layers are operators on images of 2 channels and 8x6 pixels, of values of about 1, each with what makes its rule hard.
var layers = map[string]func(m *onnxpb.ModelProto, x string) string{
	"Conv": func(m *onnxpb.ModelProto, x string) string { return convolved(m, x, 3, 1, nil, "pads", 1, 1, 1, 1) },
	"Conv with strides that leave a rest": func(m *onnxpb.ModelProto, x string) string {
		return convolved(m, x, 3, 1, []int64{2, 3}, "pads", 0, 1, 0, 0)
	},
	"Conv with strides wider than the kernel": func(m *onnxpb.ModelProto, x string) string {
		return convolved(m, x, 1, 1, []int64{3, 2}, "")
	},
	"Conv with dilations": func(m *onnxpb.ModelProto, x string) string { return convolved(m, x, 2, 1, nil, "dilations", 2, 3) },
	"Conv in groups": func(m *onnxpb.ModelProto, x string) string {
		return convolved(m, x, 3, 2, []int64{2, 2}, "pads", 1, 1, 1, 1)
	},
	"Conv with auto_pad SAME_UPPER": func(m *onnxpb.ModelProto, x string) string {
		out := convolved(m, x, 3, 1, []int64{2, 2}, "")
		n := m.GetGraph().GetNode()[len(m.GetGraph().GetNode())-1]
		n.Attribute = append(n.Attribute, &onnxpb.AttributeProto{Name: proto.String("auto_pad"), Type: onnxpb.AttributeProto_STRING.Enum(), S: []byte("SAME_UPPER")})
		return out
	},
	"ConvTranspose": func(m *onnxpb.ModelProto, x string) string {
		out, n := onnxtest.Node(m, "ConvTranspose", x, noise(m, 2, 3, 3, 3))
		onnxtest.Ints(n, "strides", 2, 2)
		onnxtest.Ints(n, "pads", 1, 0, 1, 1)
		onnxtest.Ints(n, "output_padding", 1, 1)
		return out
	},
	"MaxPool with windows that overlap": func(m *onnxpb.ModelProto, x string) string { return pooled(m, "MaxPool", x, 3, 2, 1) },
	"MaxPool with dilations": func(m *onnxpb.ModelProto, x string) string {
		out, n := onnxtest.Node(m, "MaxPool", x)
		onnxtest.Ints(n, "kernel_shape", 2, 2)
		onnxtest.Ints(n, "dilations", 2, 2)
		return out
	},
	"MaxPool with ceil_mode": func(m *onnxpb.ModelProto, x string) string {
		out := pooled(m, "MaxPool", x, 3, 2, 0)
		onnxtest.Int(m.GetGraph().GetNode()[len(m.GetGraph().GetNode())-1], "ceil_mode", 1)
		return out
	},
	"AveragePool with windows that overlap": func(m *onnxpb.ModelProto, x string) string { return pooled(m, "AveragePool", x, 3, 2, 1) },
	"AveragePool with count_include_pad": func(m *onnxpb.ModelProto, x string) string {
		out := pooled(m, "AveragePool", x, 3, 2, 1)
		onnxtest.Int(m.GetGraph().GetNode()[len(m.GetGraph().GetNode())-1], "count_include_pad", 1)
		return out
	},
	"AveragePool with ceil_mode": func(m *onnxpb.ModelProto, x string) string {
		out := pooled(m, "AveragePool", x, 3, 2, 0)
		onnxtest.Int(m.GetGraph().GetNode()[len(m.GetGraph().GetNode())-1], "ceil_mode", 1)
		return out
	},
	"GlobalAveragePool": func(m *onnxpb.ModelProto, x string) string { return made(m, "GlobalAveragePool", x) },
	"GlobalMaxPool":     func(m *onnxpb.ModelProto, x string) string { return made(m, "GlobalMaxPool", x) },
	"BatchNormalization": func(m *onnxpb.ModelProto, x string) string {
		return made(m, "BatchNormalization", x, noise(m, 2), noise(m, 2), noise(m, 2), onnxtest.Floats(m, []int64{2}, 0.7, 2.5))
	},
	"Add of another shape":  func(m *onnxpb.ModelProto, x string) string { return made(m, "Add", noise(m, 2, 1, 6), x) },
	"Sub from a mean":       func(m *onnxpb.ModelProto, x string) string { return made(m, "Sub", made(m, "GlobalAveragePool", x), x) },
	"Mul with its own mean": func(m *onnxpb.ModelProto, x string) string { return made(m, "Mul", x, made(m, "GlobalAveragePool", x)) },
	"Div by itself": func(m *onnxpb.ModelProto, x string) string {
		return made(m, "Div", made(m, "Tanh", x), made(m, "Add", made(m, "Mul", x, x), onnxtest.Floats(m, nil, 1)))
	},
	"Pow":  func(m *onnxpb.ModelProto, x string) string { return made(m, "Pow", x, onnxtest.Floats(m, nil, 2)) },
	"Relu": func(m *onnxpb.ModelProto, x string) string { return made(m, "Relu", x) },
	"Clip": func(m *onnxpb.ModelProto, x string) string {
		return made(m, "Clip", x, onnxtest.Floats(m, nil, -0.3), onnxtest.Floats(m, nil, 0.8))
	},
	"LeakyRelu":   func(m *onnxpb.ModelProto, x string) string { return made(m, "LeakyRelu", x) },
	"PRelu":       func(m *onnxpb.ModelProto, x string) string { return made(m, "PRelu", x, noise(m, 2, 1, 1)) },
	"Elu":         func(m *onnxpb.ModelProto, x string) string { return made(m, "Elu", x) },
	"Selu":        func(m *onnxpb.ModelProto, x string) string { return made(m, "Selu", x) },
	"Softplus":    func(m *onnxpb.ModelProto, x string) string { return made(m, "Softplus", x) },
	"Sigmoid":     func(m *onnxpb.ModelProto, x string) string { return made(m, "Sigmoid", x) },
	"Tanh":        func(m *onnxpb.ModelProto, x string) string { return made(m, "Tanh", x) },
	"HardSigmoid": func(m *onnxpb.ModelProto, x string) string { return made(m, "HardSigmoid", x) },
	"HardSwish":   func(m *onnxpb.ModelProto, x string) string { return made(m, "HardSwish", x) },
	"Erf":         func(m *onnxpb.ModelProto, x string) string { return made(m, "Erf", x) },
	"Exp, Sqrt, Log, Reciprocal, Neg and Abs": func(m *onnxpb.ModelProto, x string) string {
		positive := made(m, "Add", made(m, "Abs", x), made(m, "Exp", made(m, "Neg", x)))
		return made(m, "Add", made(m, "Log", positive), made(m, "Reciprocal", made(m, "Sqrt", positive)))
	},
	"Min and Max": func(m *onnxpb.ModelProto, x string) string {
		return made(m, "Max", made(m, "Min", x, noise(m, 2, 8, 6)), noise(m, 8, 1))
	},
	"Where": func(m *onnxpb.ModelProto, x string) string {
		return made(m, "Where", made(m, "Greater", noise(m, 2, 8, 6), onnxtest.Floats(m, nil, 0)), x, made(m, "Tanh", x))
	},
	"Concat and Split": func(m *onnxpb.ModelProto, x string) string {
		out, n := onnxtest.Node(m, "Split", x, onnxtest.Integers(m, []int64{2}, 2, 4))
		onnxtest.Int(n, "axis", 3)
		n.Output = append(n.Output, out+"/second")
		joined, n := onnxtest.Node(m, "Concat", made(m, "Tanh", out), x, out+"/second")
		onnxtest.Int(n, "axis", -1)
		return joined
	},
	"Split of which a part is left": func(m *onnxpb.ModelProto, x string) string {
		out, n := onnxtest.Node(m, "Split", x, onnxtest.Integers(m, []int64{2}, 2, 4))
		onnxtest.Int(n, "axis", 3)
		n.Output = append(n.Output, out+"/second")
		return out
	},
	"Slice": func(m *onnxpb.ModelProto, x string) string {
		return made(m, "Slice", x, onnxtest.Integers(m, []int64{2}, 1, -4), onnxtest.Integers(m, []int64{2}, 7, 1000), onnxtest.Integers(m, []int64{2}, 2, -1))
	},
	"Pad": func(m *onnxpb.ModelProto, x string) string {
		return made(m, "Pad", x, onnxtest.Integers(m, []int64{8}, 0, 0, 1, 2, 0, 1, 0, 0))
	},
	"Transpose and Reshape": func(m *onnxpb.ModelProto, x string) string {
		out, n := onnxtest.Node(m, "Transpose", x)
		onnxtest.Ints(n, "perm", 0, 2, 3, 1)
		return made(m, "Reshape", out, onnxtest.Integers(m, []int64{3}, 0, -1, 4))
	},
	"Squeeze, Unsqueeze and Expand": func(m *onnxpb.ModelProto, x string) string {
		mean := made(m, "Squeeze", made(m, "GlobalAveragePool", x), onnxtest.Integers(m, []int64{2}, 2, 3))
		return made(m, "Mul", made(m, "Expand", made(m, "Unsqueeze", mean, onnxtest.Integers(m, []int64{1}, 2)), onnxtest.Integers(m, []int64{3}, 1, 2, 5)), noise(m, 2, 5))
	},
	"ReduceMean": func(m *onnxpb.ModelProto, x string) string {
		out, n := onnxtest.Node(m, "ReduceMean", made(m, "Mul", x, x))
		onnxtest.Ints(n, "axes", 1, -1)
		onnxtest.Int(n, "keepdims", 0)
		return out
	},
	"ReduceSum": func(m *onnxpb.ModelProto, x string) string {
		return made(m, "ReduceSum", made(m, "Mul", x, x), onnxtest.Integers(m, []int64{1}, 2))
	},
	"Softmax": func(m *onnxpb.ModelProto, x string) string {
		out, n := onnxtest.Node(m, "Softmax", x)
		onnxtest.Int(n, "axis", 1)
		return out
	},
	"LogSoftmax": func(m *onnxpb.ModelProto, x string) string { return made(m, "LogSoftmax", x) },
	"attention": func(m *onnxpb.ModelProto, x string) string {
		out, n := onnxtest.Node(m, "Transpose", x)
		onnxtest.Ints(n, "perm", 0, 1, 3, 2)
		weights := made(m, "Softmax", made(m, "MatMul", x, out))
		return made(m, "MatMul", made(m, "MatMul", weights, x), noise(m, 6, 3))
	},
	"MatMul from the left": func(m *onnxpb.ModelProto, x string) string { return made(m, "MatMul", noise(m, 3, 8), x) },
	"Gemm turned": func(m *onnxpb.ModelProto, x string) string {
		out, n := onnxtest.Node(m, "Gemm", noise(m, 96, 5), made(m, "Flatten", x), noise(m, 5, 1))
		onnxtest.Int(n, "transA", 1)
		onnxtest.Int(n, "transB", 1)
		onnxtest.Float(n, "alpha", 0.5)
		turned, n := onnxtest.Node(m, "Transpose", out)
		onnxtest.Ints(n, "perm", 1, 0)
		return turned
	},
	"Dropout, Identity and Cast": func(m *onnxpb.ModelProto, x string) string {
		double := onnxtest.Cast(m, made(m, "Dropout", made(m, "Identity", x)), onnxpb.TensorProto_DOUBLE)
		return onnxtest.Cast(m, made(m, "Tanh", double), onnxpb.TensorProto_FLOAT)
	},
}

func made(m *onnxpb.ModelProto, operator string, inputs ...string) string {
	out, _ := onnxtest.Node(m, operator, inputs...)
	return out
}

func noise(m *onnxpb.ModelProto, dims ...int64) string {
	n := int64(1)
	for _, d := range dims {
		n *= d
	}
	rng := rand.New(rand.NewPCG(uint64(n), uint64(len(m.GetGraph().GetNode()))))
	values := make([]float32, n)
	for i := range values {
		values[i] = float32(rng.NormFloat64() * 0.7)
	}
	return onnxtest.Floats(m, dims, values...)
}

func convolved(m *onnxpb.ModelProto, x string, kernel, group int64, strides []int64, name string, values ...int64) string {
	out, n := onnxtest.Node(m, "Conv", x, noise(m, 4, 2/group, kernel, kernel), noise(m, 4))
	onnxtest.Int(n, "group", group)
	if strides != nil {
		onnxtest.Ints(n, "strides", strides...)
	}
	if name != "" {
		onnxtest.Ints(n, name, values...)
	}
	return out
}

func pooled(m *onnxpb.ModelProto, operator, x string, kernel, stride, pad int64) string {
	out, n := onnxtest.Node(m, operator, x)
	onnxtest.Ints(n, "kernel_shape", kernel, kernel)
	onnxtest.Ints(n, "strides", stride, stride)
	onnxtest.Ints(n, "pads", pad, pad, pad, pad)
	return out
}

// classifier puts a layer between a first convolution and scores of three classes.
func classifier(layer func(m *onnxpb.ModelProto, x string) string) *onnxpb.ModelProto {
	m := onnxtest.Graph(onnxtest.Value("x", onnxpb.TensorProto_FLOAT, 0, 2, 8, 6))
	x, n := onnxtest.Node(m, "Conv", "x", noise(m, 2, 2, 3, 3), noise(m, 2))
	onnxtest.Ints(n, "pads", 1, 1, 1, 1)
	y := made(m, "Flatten", layer(m, x))
	// Any number of features becomes three classes.
	wide, n := onnxtest.Node(m, "Pad", y, onnxtest.Integers(m, []int64{4}, 0, 0, 0, 400))
	_ = n
	first := made(m, "Slice", wide, onnxtest.Integers(m, []int64{1}, 0), onnxtest.Integers(m, []int64{1}, 400), onnxtest.Integers(m, []int64{1}, 1))
	onnxtest.Result(m, made(m, "MatMul", first, noise(m, 400, 3)), onnxtest.Value("y", onnxpb.TensorProto_FLOAT, 0, 3))
	return m
}

// TestGradientsOfOperators holds the rule of every operator against differences.
func TestGradientsOfOperators(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	in := input.Input{Shape: []int{8, 6, 2}, Data: make([]float32, 96), Domain: input.Bytes}
	for i := range in.Data {
		in.Data[i] = float32(rng.IntN(256))
	}
	for name, layer := range layers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, err := onnx.OpenBytes("layer", onnxtest.Bytes(t, classifier(layer)), onnx.Scale(1.0/64), onnx.Mean(1.5, 2.5), onnx.Std(1, 1.5), onnx.Layout(onnx.NCHW),
				onnx.Scores(onnx.Logits), onnx.Gradients())
			if err != nil {
				t.Fatal(err)
			}
			defer m.Close()
			if err := m.CheckGradient(in); err != nil {
				t.Fatal(err)
			}
			if worst := alongGradient(t, m, in, []float32{1, -0.5, -0.25}, 0.05); worst > 0.02 {
				t.Errorf("differences deviate from the gradient by %.3g of its length", worst)
			}
		})
	}
}
