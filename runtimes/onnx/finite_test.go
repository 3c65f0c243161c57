//go:build cgo

package onnx_test

import (
	"math"
	"testing"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

// A softmax would make NaN of a row with an infinite logit, or hide it behind 0 and 1, as a sigmoid would.
func TestLogitsThatAreNotFiniteStayAsTheyAre(t *testing.T) {
	infinity := float32(math.Inf(1))
	flat := nodeOf("Flatten", "x", "flat")
	for _, test := range []struct {
		reason   string
		operator string
		kind     onnx.ScoreKind
		input    []uint8
		want     []float32
	}{
		{"infinity", "Reciprocal", onnx.Logits, []uint8{0, 16}, []float32{infinity, 1}},
		{"minus infinity", "Log", onnx.Logits, []uint8{0, 16}, []float32{-infinity, 0}},
		{"all finite", "Reciprocal", onnx.Logits, []uint8{16, 16}, []float32{0.5, 0.5}},
		{"one infinite logit", "Reciprocal", onnx.Logits, []uint8{0}, []float32{infinity, infinity}},
		{"one logit of minus infinity", "Log", onnx.Logits, []uint8{0}, []float32{-infinity, -infinity}},
		{"an infinite probability", "Reciprocal", onnx.Probabilities, []uint8{0, 16}, []float32{infinity, 1}},
	} {
		t.Run(test.reason, func(t *testing.T) {
			classes := len(test.input)
			m1 := modelOf([][]byte{tensorValue(11, "x", isFloat32, 0, 1, 1, classes), tensorValue(12, "y", isFloat32, 0, classes), flat, nodeOf(test.operator, "flat", "y")})
			m, err := onnx.OpenBytes("m.onnx", m1, onnx.Layout(onnx.NHWC), onnx.Scale(1.0/16), onnx.Scores(test.kind))
			if err != nil {
				t.Fatal(err)
			}
			defer m.Close()
			row := predict(t, m, model.Must(input.NewImage(1, 1, classes, test.input)))[0]
			if !same(row, test.want) {
				t.Errorf("got %v, expected %v", row, test.want)
			}
		})
	}
	// The logarithm of a probability that is 0 is minus infinity, and an answer all the same.
	m1 := modelOf([][]byte{tensorValue(11, "x", isFloat32, 0, 1, 1, 2), tensorValue(12, "y", isFloat32, 0, 2), flat, nodeOf("Softmax", "flat", "p"), nodeOf("Log", "p", "y")})
	m, err := onnx.OpenBytes("m.onnx", m1, onnx.Layout(onnx.NHWC), onnx.Scores(onnx.LogProbabilities))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if row := predict(t, m, model.Must(input.NewImage(1, 1, 2, []uint8{0, 255})))[0]; !same(row, []float32{0, 1}) {
		t.Errorf("got %v, expected the probabilities 0 and 1", row)
	}
}
