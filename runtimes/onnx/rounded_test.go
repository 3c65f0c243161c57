//go:build cgo

package onnx_test

import (
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxtest"
)

// The note stands where ONNX Runtime's answers are those of activations in 8 bits, and nowhere else.
func TestNoteOfActivationsRoundedWithWeights(t *testing.T) {
	const rows, columns = 64, 32
	weights := make([]float64, rows*columns)
	for i := range weights {
		weights[i] = float64(i*7919%255 - 127)
	}
	scales := func(n int) []float64 {
		values := make([]float64, n)
		for i := range values {
			values[i] = 0.01
		}
		return values
	}
	int8s, float := onnxpb.TensorProto_INT8, onnxpb.TensorProto_FLOAT
	for _, test := range []struct {
		name    string
		rounded bool
		build   func(m *onnxpb.ModelProto, x string) string
	}{
		{"one scale", true, func(m *onnxpb.ModelProto, x string) string {
			w, _ := onnxtest.Node(m, "DequantizeLinear", onnxtest.Tensor(m, int8s, []int64{rows, columns}, weights...), onnxtest.Tensor(m, float, nil, 0.01))
			y, _ := onnxtest.Node(m, "MatMul", x, w)
			return y
		}},
		{"a scale a column", true, func(m *onnxpb.ModelProto, x string) string {
			w, _ := onnxtest.Node(m, "DequantizeLinear", onnxtest.Tensor(m, int8s, []int64{rows, columns}, weights...), onnxtest.Tensor(m, float, []int64{columns}, scales(columns)...))
			y, _ := onnxtest.Node(m, "Gemm", x, w)
			return y
		}},
		{"a scale a row", false, func(m *onnxpb.ModelProto, x string) string {
			w, n := onnxtest.Node(m, "DequantizeLinear", onnxtest.Tensor(m, int8s, []int64{rows, columns}, weights...), onnxtest.Tensor(m, float, []int64{rows}, scales(rows)...))
			onnxtest.Int(n, "axis", 0)
			y, _ := onnxtest.Node(m, "MatMul", x, w)
			return y
		}},
		{"blocks of 16", true, func(m *onnxpb.ModelProto, x string) string {
			w, n := onnxtest.Node(m, "DequantizeLinear", onnxtest.Tensor(m, int8s, []int64{rows, columns}, weights...), onnxtest.Tensor(m, float, []int64{rows / 16, columns}, scales(rows/16*columns)...))
			onnxtest.Int(n, "axis", 0)
			onnxtest.Int(n, "block_size", 16)
			y, _ := onnxtest.Node(m, "MatMul", x, w)
			return y
		}},
		{"blocks of 8", false, func(m *onnxpb.ModelProto, x string) string {
			w, n := onnxtest.Node(m, "DequantizeLinear", onnxtest.Tensor(m, int8s, []int64{rows, columns}, weights...), onnxtest.Tensor(m, float, []int64{rows / 8, columns}, scales(rows/8*columns)...))
			onnxtest.Int(n, "axis", 0)
			onnxtest.Int(n, "block_size", 8)
			y, _ := onnxtest.Node(m, "MatMul", x, w)
			return y
		}},
		{"transposed weights, a scale a column", true, func(m *onnxpb.ModelProto, x string) string {
			w, n := onnxtest.Node(m, "DequantizeLinear", onnxtest.Tensor(m, int8s, []int64{columns, rows}, weights...), onnxtest.Tensor(m, float, []int64{columns}, scales(columns)...))
			onnxtest.Int(n, "axis", 0)
			w, n = onnxtest.Node(m, "Transpose", w)
			onnxtest.Ints(n, "perm", 1, 0)
			y, _ := onnxtest.Node(m, "MatMul", x, w)
			return y
		}},
		{"transB", false, func(m *onnxpb.ModelProto, x string) string {
			w, _ := onnxtest.Node(m, "DequantizeLinear", onnxtest.Tensor(m, int8s, []int64{columns, rows}, weights...), onnxtest.Tensor(m, float, nil, 0.01))
			y, n := onnxtest.Node(m, "Gemm", x, w)
			onnxtest.Int(n, "transB", 1)
			return y
		}},
		{"alpha", false, func(m *onnxpb.ModelProto, x string) string {
			w, _ := onnxtest.Node(m, "DequantizeLinear", onnxtest.Tensor(m, int8s, []int64{rows, columns}, weights...), onnxtest.Tensor(m, float, nil, 0.01))
			y, n := onnxtest.Node(m, "Gemm", x, w)
			onnxtest.Float(n, "alpha", 0.5)
			return y
		}},
		{"16 bits", false, func(m *onnxpb.ModelProto, x string) string {
			w, _ := onnxtest.Node(m, "DequantizeLinear", onnxtest.Tensor(m, onnxpb.TensorProto_INT16, []int64{rows, columns}, weights...), onnxtest.Tensor(m, float, nil, 0.01))
			y, _ := onnxtest.Node(m, "MatMul", x, w)
			return y
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := onnxtest.Graph(onnxtest.Value("x", float, 0, 1, 1, rows))
			m.OpsetImport[0].Version = new(int64)
			*m.OpsetImport[0].Version, *m.IrVersion = 21, 10
			flat, _ := onnxtest.Node(m, "Flatten", "x")
			onnxtest.Result(m, test.build(m, flat), onnxtest.Value("y", float, 0, columns))
			file := onnxtest.Bytes(t, m)
			pixels := make([]uint8, rows)
			for i := range pixels {
				pixels[i] = uint8(i * 37 % 251)
			}
			image := model.Must(input.NewImage(1, 1, rows, pixels))
			var answers [2][]float32
			for i, level := range []onnx.OptimizationLevel{onnx.OptimizeAll, onnx.OptimizeBasic} {
				opened, err := onnx.OpenBytes("m.onnx", file, onnx.Layout(onnx.NHWC), onnx.Scores(onnx.Logits), onnx.GraphOptimization(level), onnx.Scale(1.0/255))
				if err != nil {
					t.Fatal(err)
				}
				defer opened.Close()
				answers[i] = predict(t, opened, image)[0]
				noted := strings.Contains(strings.Join(opened.Describe().Notes, "\n"), "quantised in the weights alone are 1 of its MatMul and Gemm")
				if want := test.rounded && level == onnx.OptimizeAll; noted != want {
					t.Errorf("optimisation %s: noted %v, expected %v", level, noted, want)
				}
			}
			var off float64
			for i, v := range answers[0] {
				off = max(off, math.Abs(float64(v-answers[1][i])))
			}
			if rounded := off > 1e-3; rounded != test.rounded && runtime.GOARCH == "amd64" {
				t.Errorf("ONNX Runtime's answers are off by %g under optimisation, expected it to round: %v", off, test.rounded)
			}
		})
	}
}
