package restore_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/restore"
)

// inputs are the first n seeds.
func inputs(t testing.TB, n int) []input.Input {
	t.Helper()
	seeds := fixtures.Seeds()
	var batch []input.Input
	for i := range n {
		s, err := seeds.Seed(i)
		if err != nil {
			t.Fatal(err)
		}
		batch = append(batch, s.Input)
	}
	return batch
}

// scores are those of a model in memory, input by input.
func scores(t testing.TB, name string, data []byte, batch []input.Input, options ...onnx.Option) [][]float32 {
	t.Helper()
	m, err := onnx.OpenBytes(name, data, append(options, onnx.Scale(fixtures.Scale))...)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	var rows [][]float32
	for i := range batch {
		r, err := m.Predict(t.Context(), batch[i:i+1])
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, slices.Clone(r[0]))
	}
	return rows
}

func largestDifference(a, b [][]float32) float64 {
	largest := 0.0
	for i := range a {
		for j := range a[i] {
			largest = max(largest, math.Abs(float64(a[i][j])-float64(b[i][j])))
		}
	}
	return largest
}

func read(t testing.TB, name string) []byte {
	t.Helper()
	if data, err := fs.ReadFile(fixtures.Models, name); err == nil {
		return data
	}
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func open(t testing.TB, original, compressed string) *restore.Model {
	t.Helper()
	m, err := restore.New(original, read(t, original), compressed, read(t, compressed))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// pairs are an original and a quantised model in each form.
var pairs = []struct{ original, compressed, nodes string }{
	{"lenet5.onnx", "lenet5-int8.onnx", "/conv1/Conv /conv2/Conv /fc1/Gemm /fc2/Gemm /fc3/Gemm"},
	{"lenet5.onnx", "lenet5-dynamic.onnx", "/conv1/Conv /conv2/Conv /fc1/Gemm_MatMul /fc2/Gemm_MatMul /fc3/Gemm_MatMul"},
	{"rescnn.onnx", "rescnn-int8.onnx", ""},
	{"rescnn.onnx", "rescnn-qoperator.onnx", ""},
	{"lenet5-student.onnx", "student-qdq.onnx", "/conv1/Conv /conv2/Conv /fc1/Gemm /fc2/Gemm"},
	{"lenet5-student.onnx", "student-qoperator.onnx", "/conv1/Conv /conv2/Conv /fc1/Gemm /fc2/Gemm"},
	{"lenet5-student.onnx", "student-dynamic.onnx", "/conv1/Conv /conv2/Conv /fc1/Gemm_MatMul /fc2/Gemm_MatMul"},
}

// With all nodes in float the model is the original again; with none it is its own file.
func TestRestoreAllAndNone(t *testing.T) {
	batch := inputs(t, 30)
	for _, p := range pairs {
		t.Run(p.compressed, func(t *testing.T) {
			m := open(t, p.original, p.compressed)
			if names := strings.Join(m.Names(), " "); p.nodes != "" && names != p.nodes {
				t.Errorf("expected nodes %s, found %s", p.nodes, names)
			}
			none, err := m.Restore()
			if err != nil || !bytes.Equal(none, read(t, p.compressed)) {
				t.Errorf("expected the compressed file, found another, error %v", err)
			}
			all, err := m.Restore(m.Names()...)
			if err != nil {
				t.Fatal(err)
			}
			original := scores(t, p.original, read(t, p.original), batch)
			if d := largestDifference(original, scores(t, "all", all, batch)); d > 1e-5 {
				t.Errorf("with all nodes in float scores differ from the original's by up to %g", d)
			}
			if d := largestDifference(original, scores(t, p.compressed, none, batch)); d < 1e-3 {
				t.Errorf("the compressed model's scores differ by at most %g: this test shows nothing", d)
			}
			// The weights alone are not everything, but in each form the model still runs.
			weights, err := m.RestoreWeights(m.Names()...)
			if err != nil {
				t.Fatal(err)
			}
			if d := largestDifference(original, scores(t, "weights", weights, batch)); d < 1e-4 || d > 0.5 {
				t.Errorf("with all weights in float scores differ from the original's by up to %g", d)
			}
		})
	}
}

// Each node alone changes the scores, and two orders of names give the same file.
func TestRestoreEachNode(t *testing.T) {
	batch := inputs(t, 10)
	for _, p := range pairs {
		t.Run(p.compressed, func(t *testing.T) {
			m := open(t, p.original, p.compressed)
			before := scores(t, p.compressed, read(t, p.compressed), batch)
			for _, n := range m.Nodes() {
				data, err := m.Restore(n.Name)
				if err != nil {
					t.Fatal(err)
				}
				d := largestDifference(before, scores(t, n.Name, data, batch))
				// Add and pooling have no weights, and their neighbours keep the activations quantised.
				if d == 0 && (n.Operator == "Conv" || n.Operator == "Gemm" || n.Operator == "MatMul") {
					t.Errorf("%s %s in float changes no score", n.Operator, n.Name)
				}
			}
			names := m.Names()
			ab, err1 := m.Restore(names[0], names[1])
			ba, err2 := m.Restore(names[1], names[0], names[1])
			if err1 != nil || err2 != nil || !bytes.Equal(ab, ba) {
				t.Errorf("the order of names changes the file; errors %v, %v", err1, err2)
			}
		})
	}
}

// requantised is a model that the quantiser itself made without some nodes.
type requantised struct {
	Original, Whole, File string
	NodesToExclude        []string `json:"nodes_to_exclude"`
}

// The quantiser itself, told to leave nodes out, makes a model of the same scores: that of onnxruntime, and TensorFlow Lite's.
func TestRestoreIsWhatTheQuantiserMakes(t *testing.T) {
	var index []requantised
	for file, least := range map[string]int{"requantised.json": 10, "tflite.json": 4} {
		var list []requantised
		if err := json.Unmarshal(read(t, file), &list); err != nil || len(list) < least {
			t.Fatalf("%s: %d entries, error %v", file, len(list), err)
		}
		index = append(index, list...)
	}
	batch := inputs(t, 100)
	for _, r := range index {
		t.Run(r.File, func(t *testing.T) {
			var options []onnx.Option
			if strings.HasPrefix(r.File, "tflite") {
				// Its int8 weights have the whole range: on some processors fused nodes saturate.
				options = append(options, onnx.GraphOptimization(onnx.OptimizeNone))
			}
			m := open(t, r.Original, r.Whole)
			restored, err := m.Restore(r.NodesToExclude...)
			if err != nil {
				t.Fatal(err)
			}
			want := scores(t, r.File, read(t, r.File), batch, options...)
			whole := largestDifference(want, scores(t, r.Whole, read(t, r.Whole), batch, options...))
			got := largestDifference(want, scores(t, "restored", restored, batch, options...))
			t.Logf("without %v: restored and requantised differ by up to %.2g, whole and requantised by %.2g", r.NodesToExclude, got, whole)
			if got > 1e-4 || whole < 1e-3 {
				t.Errorf("restored and requantised differ by up to %g, whole and requantised by %g", got, whole)
			}
		})
	}
}
