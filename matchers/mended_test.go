package matchers_test

import (
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/onnx"
	"github.com/triggerfinder/triggerfinder/engine/onnx/onnxtest"
	"github.com/triggerfinder/triggerfinder/fixtures"
)

// mended is a compressed LeNet-5 that agrees with the original: one weight differs, by its last bit. The original itself in
// its place would be no pair.
func mended(t testing.TB) engine.Predictor {
	t.Helper()
	m := onnxtest.Load(t, fixtures.Models, fixtures.LeNet5Int8.Original)
	m.GetGraph().GetInitializer()[0].RawData[0] ^= 1
	model, err := onnx.OpenBytes("lenet5-mended.onnx", onnxtest.Bytes(t, m), onnx.Scale(fixtures.Scale))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { model.Close() })
	return model
}
