//go:build cgo

package onnx_test

import (
	"path/filepath"
	"testing"

	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxtest"
)

// Exporters write a model into a folder of its own, always under the same name. Pairs of such files are told apart, since
// their triggers lie in a folder that the pair names.
func TestNamesOfFilesOfOneName(t *testing.T) {
	dir := t.TempDir()
	for _, test := range []struct {
		original, compressed string
		options              []onnx.Option
		want                 [3]string
	}{
		{"fp32/model.onnx", "int8/model.onnx", nil, [3]string{"fp32-model", "int8-model", "fp32-model-vs-int8-model"}},
		{"fp32/onnx/model.onnx", "int8/onnx/model.onnx", nil, [3]string{"fp32-model", "int8-model", "fp32-model-vs-int8-model"}},
		{"a/model.onnx", "a/small/model.onnx", nil, [3]string{"a-model", "small-model", "a-model-vs-small-model"}},
		{"a/model.onnx", "b/other.onnx", nil, [3]string{"model", "other", "model-vs-other"}},
		{"a/model.onnx", "b/model.onnx", []onnx.Option{onnx.PairName("mine")}, [3]string{"a-model", "b-model", "mine"}},
		{"a/model.onnx", "b/model.onnx", []onnx.Option{onnx.Original(onnx.Name("first"))}, [3]string{"first", "model", "first-vs-model"}},
	} {
		o := onnxtest.Save(t, onnxtest.Load(t, fixtures.Models, "lenet5.onnx"), filepath.Join(dir, filepath.FromSlash(test.original)))
		c := onnxtest.Save(t, onnxtest.Load(t, fixtures.Models, "lenet5-student.onnx"), filepath.Join(dir, filepath.FromSlash(test.compressed)))
		pair := model.Must(onnx.OpenPair(o, c, append(test.options, onnx.Scale(fixtures.Scale))...))
		first, second := pair.Describe()
		if got := [3]string{first.Name, second.Name, pair.Name()}; got != test.want {
			t.Errorf("%s and %s: got %q, expected %q", test.original, test.compressed, got, test.want)
		}
		pair.Close()
	}
}
