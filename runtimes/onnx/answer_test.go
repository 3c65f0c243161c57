//go:build cgo

package onnx_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxtest"
)

func answered(t *testing.T, m model.Answerer, dst []answer.Answer, batch ...input.Input) []answer.Answer {
	t.Helper()
	dst, err := m.Answer(t.Context(), batch, dst)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range dst {
		if err := a.Check(); err != nil {
			t.Error(err)
		}
	}
	return dst
}

// TestAnswersHaveNamedOutputs: raw outputs are answered by name, without the dimension for a batch, wherever that is.
func TestAnswersHaveNamedOutputs(t *testing.T) {
	names := []string{"doubled", "square", "whole", "state", "large"}
	m, err := onnx.OpenBytes("m.onnx", several(t), onnx.Scores(onnx.Raw), onnx.Output(names...))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if got := fmt.Sprint(m.Describe().Outputs); got != "[{doubled [4]} {square [2 2]} {whole [-1]} {state [2 2]} {large [4]}]" {
		t.Errorf("described as %s", got)
	}
	var dst []answer.Answer
	for _, batch := range [][]input.Input{{row(ids, 1, 2, 3, 4)}, {row(ids, 0, 1, 2, 9), row(ids, 1, 2, 3, 4), row(ids, 5, 5, 5, 5)}, {row(ids, 0, 1, 2, 9), row(ids, 1, 2, 3, 4)}} {
		dst = answered(t, m, dst, batch...)
		if len(dst) != len(batch) {
			t.Fatalf("%d answers to %d inputs", len(dst), len(batch))
		}
		last := dst[min(1, len(dst)-1)] // of 1 2 3 4
		if got := fmt.Sprint(last.Outputs); got != "[{doubled [4]} {square [2 2]} {whole [4]} {state [2 2]} {large [4]}]" {
			t.Errorf("got %s", got)
		}
		for name, want := range map[string]string{"doubled": "[2 4 6 8]", "square": "[-1 -2 -3 -4]", "whole": "[1 2 3 4]", "state": "[1 2 3 4]", "large": "[0 0 1 1]"} {
			if values, _, ok := last.Output(name); !ok || fmt.Sprint([]float32(values)) != want {
				t.Errorf("%s: got %v, expected %s", name, values, want)
			}
		}
	}
	rows, err := m.Predict(t.Context(), []input.Input{row(ids, 1, 2, 3, 4)})
	if err != nil || len(rows[0]) != 20 {
		t.Errorf("got %v, %v", rows, err)
	}
	one, err := onnx.OpenBytes("m.onnx", several(t), onnx.Scores(onnx.Raw), onnx.Output("sum"))
	if err != nil {
		t.Fatal(err)
	}
	defer one.Close()
	if got := fmt.Sprint(answered(t, one, nil, row(ids, 1, 2, 3, 4), row(ids, 0, 0, 0, 1))); got != "[{[10] [{sum []}]} {[1] [{sum []}]}]" {
		t.Errorf("got %s", got)
	}
}

// TestAnswersOfScoresArePlain: a classifier answers rows, as it predicts them.
func TestAnswersOfScoresArePlain(t *testing.T) {
	m := open(t, odd("nchw-rgb.onnx"), onnx.Scale(1.0/255))
	images := randomImages(5, 8, 8, 3)
	want := predict(t, m, images...)
	for i, a := range answered(t, m, nil, images...) {
		if a.Outputs != nil || !same(a.Scores, want[i]) {
			t.Errorf("input %d: got %v, expected %v", i, a, want[i])
		}
	}
	if m.Describe().Outputs != nil {
		t.Errorf("got %v", m.Describe().Outputs)
	}
}

// found is a graph that finds the positions of numbers above 2, and counts them: as many as there are.
func found(t *testing.T, dimension string) []byte {
	m := onnxtest.Graph(onnxtest.Value("x", asFloat, 0, 4))
	large := node(m, "Greater", "x", scalar(m, 2))
	places := node(m, "Gather", node(m, "NonZero", large), onnxtest.Integers(m, nil, 1)) // of the second dimension
	onnxtest.Result(m, onnxtest.Cast(m, places, asFloat), onnxtest.Named(onnxtest.Value("places", asFloat, -1), dimension))
	pairs, n := onnxtest.Node(m, "Transpose", node(m, "NonZero", large))
	onnxtest.Ints(n, "perm", 1, 0)
	onnxtest.Result(m, pairs, onnxtest.Named(onnxtest.Value("pairs", asInt64, -1, 2), dimension))
	onnxtest.Result(m, onnxtest.Cast(m, "x", asHalf), onnxtest.Value("half", asHalf, 0, 4))
	return onnxtest.Bytes(t, m)
}

// TestShapesThatChange: outputs whose shape depends on the numbers of an input have it in its answer, also where there is none,
// or as many as inputs.
func TestShapesThatChange(t *testing.T) {
	for _, dimension := range []string{"", "boxes"} {
		m, err := onnx.OpenBytes("m.onnx", found(t, dimension), onnx.Scores(onnx.Raw), onnx.Output("places", "half", "pairs"))
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		inputs := []input.Input{row(ids, 1, 2, 3, 4), row(ids, 0, 9, 0, 0), row(ids, 0, 0, 0, 0), row(ids, 5, 5, 5, 5), row(ids, 1, 2, 3, 4)}
		want := []string{
			"{[2 3 1 2 3 4 0 2 0 3] [{places [2]} {half [4]} {pairs [2 2]}]}", "{[1 0 9 0 0 0 1] [{places [1]} {half [4]} {pairs [1 2]}]}",
			"{[0 0 0 0] [{places [0]} {half [4]} {pairs [0 2]}]}", "{[0 1 2 3 5 5 5 5 0 0 0 1 0 2 0 3] [{places [4]} {half [4]} {pairs [4 2]}]}",
			"{[2 3 1 2 3 4 0 2 0 3] [{places [2]} {half [4]} {pairs [2 2]}]}",
		}
		var dst []answer.Answer
		for range 2 {
			dst = answered(t, m, dst, inputs...)
			for i, a := range dst {
				if got := fmt.Sprint(a); got != want[i] {
					t.Errorf("dimension %q, input %d: got %s, expected %s", dimension, i, got, want[i])
				}
			}
		}
		if d := m.Describe(); d.MaxBatch != 1 || !strings.Contains(strings.Join(d.Notes, "\n"), "the shapes of its outputs depend on the numbers of an input: inputs run one by one") ||
			fmt.Sprint(d.Outputs) != "[{places [-1]} {half [4]} {pairs [-1 2]}]" {
			t.Errorf("got %+v", d)
		}
	}
}

// TestOutputsOfAPairHaveOneName: tools rename outputs of compressed models; those in the same place are compared.
func TestOutputsOfAPairHaveOneName(t *testing.T) {
	doubled := func(name string) []byte {
		m := onnxtest.Graph(onnxtest.Value("x", asFloat, 0, 4))
		onnxtest.Result(m, node(m, "Mul", "x", scalar(m, 2)), onnxtest.Value(name, asFloat, 0, 4))
		return onnxtest.Bytes(t, m)
	}
	files := fstest.MapFS{"a.onnx": {Data: doubled("box")}, "b.onnx": {Data: doubled("box_quantized")}}
	pair, err := onnx.OpenPairFS(files, "a.onnx", "b.onnx", onnx.Scores(onnx.Raw))
	if err != nil {
		t.Fatal(err)
	}
	defer pair.Close()
	for _, p := range []model.Predictor{pair.Original(), pair.Compressed()} {
		if got := fmt.Sprint(answered(t, p.(model.Answerer), nil, row(ids, 1, 2, 3, 4)), p.(*onnx.Model).Describe().Outputs); got != "[{[2 4 6 8] [{box [4]}]}] [{box [4]}]" {
			t.Errorf("got %s", got)
		}
	}
}
