//go:build cgo && !windows

package litert_test

import (
	"errors"
	"math"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/runtimes/litert"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// TestEverySeedHasATrigger: an ONNX original against the full-integer LiteRT model deviates near every seed, and a search finds it with about
// as many queries as against the full-integer ONNX model.
func TestEverySeedHasATrigger(t *testing.T) {
	if testing.Short() {
		t.Skip("searches 2,000 seeds; not with -short")
	}
	ort := func(name string) model.Predictor {
		m, err := onnx.OpenFS(fixtures.Models, name, onnx.Scale(fixtures.Scale))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = m.Close() })
		return m
	}
	queries := func(o, c model.Predictor) int {
		pair, err := model.NewPair("", o, c)
		if err != nil {
			t.Fatal(err)
		}
		r, err := engine.Search(t.Context(), pair, fixtures.Seeds(), engine.Settings{Strategy: strategies.Boundary(), Budget: engine.Budget{QueriesPerSeed: 2000}})
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Triggers()) != 500 || r.Ledger.Unstable > 0 {
			t.Errorf("%s: triggers of %d of 500 seeds, %d unstable", pair, len(r.Triggers()), r.Ledger.Unstable)
		}
		return r.Ledger.Queries
	}
	for _, name := range []string{"lenet5", "rescnn"} {
		inONNX, inLiteRT := queries(ort(name+".onnx"), ort(name+"-int8.onnx")), queries(ort(name+".onnx"), embedded(t, name+"-int8.tflite"))
		t.Logf("%s: %d queries against ONNX int8, %d against LiteRT int8", name, inONNX, inLiteRT)
		if math.Abs(float64(inLiteRT-inONNX)) > 0.1*float64(inONNX) {
			t.Errorf("%s: %d queries against ONNX int8, %d against LiteRT int8: more than 10 %% apart", name, inONNX, inLiteRT)
		}
	}
}

// TestOneFileWithTwoSortsOfKernels: the same file on both sides is a pair where its kernels differ, and none where nothing does.
func TestOneFileWithTwoSortsOfKernels(t *testing.T) {
	search := func(options ...litert.Option) (*engine.Report, error) {
		pair, err := model.NewPair("kernels", embedded(t, "rescnn-int8.tflite"), embedded(t, "rescnn-int8.tflite", options...))
		if err != nil {
			t.Fatal(err)
		}
		return engine.Search(t.Context(), pair, generators.First(fixtures.Seeds(), 5), engine.Settings{Strategy: strategies.Boundary(), Budget: engine.Budget{QueriesPerSeed: 500}})
	}
	if r, err := search(litert.XNNPACK(false)); err != nil || len(r.Triggers()) == 0 {
		t.Errorf("with the other kernels: %v", err)
	}
	if _, err := search(); !errors.Is(err, engine.ErrSameModel) {
		t.Errorf("with the same kernels: found %v", err)
	}
}

// TestWhoseFault: against LeNet-5 in ONNX Runtime, the converted model is to blame for no trigger; with the built-in kernels in between, those of
// XNNPACK are for some.
func TestWhoseFault(t *testing.T) {
	if testing.Short() {
		t.Skip("searches 1,000 seeds; not with -short")
	}
	original, err := onnx.OpenFS(fixtures.Models, "lenet5.onnx", onnx.Scale(fixtures.Scale))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = original.Close() })
	search := func(steps ...model.Step) *engine.Report {
		pair, err := model.NewChain("lenet5", original, steps...)
		if err != nil {
			t.Fatal(err)
		}
		r, err := engine.Search(t.Context(), pair, fixtures.Seeds(), engine.Settings{Strategy: strategies.Boundary(), Budget: engine.Budget{QueriesPerSeed: 2000}})
		if err != nil {
			t.Fatal(err)
		}
		t.Log(report.CausesLine(r.Triggers()))
		for _, trigger := range r.Triggers() {
			if len(trigger.Steps) != len(steps) || trigger.Steps.By(engine.Conversion) {
				t.Errorf("seed %d: %s", trigger.SeedIndex, report.CausesInWords(trigger, nil))
			}
		}
		return r
	}
	in := func(file string, xnnpack bool) model.Predictor { return embedded(t, file, litert.XNNPACK(xnnpack)) }
	two := search(engine.Conversion.To(in("lenet5.tflite", true)), engine.Compression.To(in("lenet5-int8.tflite", true)))
	three := search(engine.Conversion.To(in("lenet5.tflite", false)), engine.Compression.To(in("lenet5-int8.tflite", false)), engine.RuntimeSetting.To(in("lenet5-int8.tflite", true)))
	if counts := engine.CountCauses(two.Triggers()); len(counts) != 1 || counts[0].N != 500 {
		t.Errorf("found %v", counts)
	}
	for i, trigger := range three.Triggers() {
		if other := two.Triggers()[i]; other.ID != trigger.ID {
			t.Errorf("seed %d: models in between changed what is found", trigger.SeedIndex)
		}
		if trigger.Steps.By(engine.NoStepAlone) && !trigger.Steps[1].Tied && !trigger.Steps[2].Tied {
			t.Errorf("seed %d: %s, without a tie", trigger.SeedIndex, trigger.Steps)
		}
	}
	if three.Ledger.Queries != two.Ledger.Queries || three.Ledger.Between != 2*len(three.Triggers()) {
		t.Errorf("ledgers %+v and %+v", two.Ledger, three.Ledger)
	}
}
