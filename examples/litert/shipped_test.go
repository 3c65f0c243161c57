// Package litert is a test of what really ships, to be copied: the original as it was trained, an ONNX file, and the compressed model as it runs
// on the device, a .tflite file in LiteRT.
//
//	go test -v ./examples/litert
package litert

import (
	"errors"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/litert"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

func TestShippedModelAgrees(t *testing.T) {
	g := NewWithT(t)
	// Each side says how it wants its pixels; the int8 model quantises them by its own scale and zero point.
	original := model.Try(onnx.OpenFS(fixtures.Models, "rescnn.onnx", onnx.Scale(fixtures.Scale))).OrFail(t)
	shipped, err := litert.OpenFS(fixtures.Models, "rescnn-int8.tflite", litert.Scale(fixtures.Scale))
	skipWithoutLiteRT(t, err)
	g.Expect(err).NotTo(HaveOccurred())
	pair := model.Try(model.NewPair("rescnn-shipped", original, shipped)).OrFail(t)
	defer pair.Close()

	seeds := generators.First(fixtures.Seeds(), 40)
	search := HaveDeviationFrom(seeds).WithClassNames(fixtures.ClassNames()...).SavingTo(t.TempDir()) // by default in testdata/triggers
	g.Expect(pair).To(search)                                                                         // a test of your own has NotTo here
	t.Log(search.NegatedFailureMessage(pair))
}

// TestWhatTheKernelsMake: both models in LiteRT, and which of the triggers a device with other kernels would not have.
func TestWhatTheKernelsMake(t *testing.T) {
	g := NewWithT(t)
	p := fixtures.ResCNNLiteRT
	pair, err := litert.OpenPairFS(fixtures.Models, p.Original, p.Compressed, litert.Scale(fixtures.Scale), litert.PairName(p.Name))
	skipWithoutLiteRT(t, err)
	g.Expect(err).NotTo(HaveOccurred())
	defer pair.Close()
	variants := model.Try(litert.OpenVariantsFS(fixtures.Models, p.Original, p.Compressed, litert.Scale(fixtures.Scale))).OrFail(t)
	defer variants.Close()

	search := HaveDeviationFrom(generators.First(fixtures.Seeds(), 40)).WithNoiseFloor(variants).WithClassNames(fixtures.ClassNames()...).SavingTo(t.TempDir())
	g.Expect(pair).To(search)
	t.Log(search.NegatedFailureMessage(pair))
}

// TestWhoseFaultItIs: the original in ONNX Runtime, the same converted for LiteRT, and the compressed model that ships. Each trigger is traced to the
// step that causes it, and the gate is about the compression alone.
func TestWhoseFaultItIs(t *testing.T) {
	g := NewWithT(t)
	original := model.Try(onnx.OpenFS(fixtures.Models, "lenet5.onnx", onnx.Scale(fixtures.Scale))).OrFail(t)
	converted, err := litert.OpenFS(fixtures.Models, "lenet5.tflite", litert.Scale(fixtures.Scale))
	skipWithoutLiteRT(t, err)
	g.Expect(err).NotTo(HaveOccurred())
	shipped := model.Try(litert.OpenFS(fixtures.Models, "lenet5-int8.tflite", litert.Scale(fixtures.Scale))).OrFail(t)
	pair := model.Try(model.NewChain("lenet5-shipped", original, engine.Conversion.To(converted), engine.Compression.To(shipped))).OrFail(t)
	defer pair.Close()

	seeds := generators.First(fixtures.Seeds(), 40)
	search := HaveDeviationFrom(seeds).CausedBy(engine.Compression).WithClassNames(fixtures.ClassNames()...).SavingTo(t.TempDir())
	g.Expect(pair).To(search) // a test of your own has NotTo here
	t.Log(search.NegatedFailureMessage(pair))
}

// TestWhatTheSettingAdds: four models, each of which differs in one thing from that before it. What ships runs with the kernels of XNNPACK; the
// compressed model with the built-in ones stands before it.
func TestWhatTheSettingAdds(t *testing.T) {
	g := NewWithT(t)
	original := model.Try(onnx.OpenFS(fixtures.Models, "lenet5.onnx", onnx.Scale(fixtures.Scale))).OrFail(t)
	var steps []model.Step
	for _, step := range []struct {
		cause   model.Cause
		file    string
		xnnpack bool
	}{
		{engine.Conversion, "lenet5.tflite", false},
		{engine.Compression, "lenet5-int8.tflite", false},
		{engine.RuntimeSetting, "lenet5-int8.tflite", true},
	} {
		m, err := litert.OpenFS(fixtures.Models, step.file, litert.Scale(fixtures.Scale), litert.XNNPACK(step.xnnpack))
		skipWithoutLiteRT(t, err)
		g.Expect(err).NotTo(HaveOccurred())
		steps = append(steps, step.cause.To(m))
	}
	pair := model.Try(model.NewChain("lenet5-kernels", original, steps...)).OrFail(t)
	defer pair.Close()

	search := HaveDeviationFrom(generators.First(fixtures.Seeds(), 40)).WithClassNames(fixtures.ClassNames()...).SavingTo(t.TempDir())
	g.Expect(pair).To(search)
	t.Log(search.NegatedFailureMessage(pair))
}

// skipWithoutLiteRT is for machines on which the library is not there and cannot be downloaded.
func skipWithoutLiteRT(t *testing.T, err error) {
	var missing *litert.UnavailableError
	if errors.As(err, &missing) {
		t.Skip(missing)
	}
}
