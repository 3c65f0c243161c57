//go:build cgo

package onnx_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

func variantsOf(t *testing.T, p fixtures.Pair, options ...onnx.Option) model.Variants {
	t.Helper()
	variants, err := onnx.OpenVariantsFS(fixtures.Models, p.Original, p.Compressed, append(options, onnx.Scale(fixtures.Scale), onnx.PairName(p.Name))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := variants.Close(); err != nil {
			t.Error(err)
		}
	})
	return variants
}

func TestVariants(t *testing.T) {
	for _, test := range []struct {
		pair    fixtures.Pair
		options []onnx.Option
		want    string
	}{
		{fixtures.LeNet5Int8, nil, "optimisation none, optimisation basic, optimisation extended, 2 threads"},
		{fixtures.LeNet5Int8, []onnx.Option{onnx.GraphOptimization(onnx.OptimizeBasic), onnx.Original(onnx.Threads(2)), onnx.Compressed(onnx.Threads(2))},
			"optimisation none, optimisation extended, optimisation all, 1 thread"},
		{fixtures.LeNet5Int8, []onnx.Option{onnx.Compressed(onnx.Threads(2))}, "optimisation none, optimisation basic, optimisation extended, 1 thread, 2 threads"},
		{fixtures.LeNet5Dynamic, nil, "optimisation none, optimisation basic, optimisation extended, 2 threads, batch 32, mixed"},
		{fixtures.LeNet5Dynamic, []onnx.Option{onnx.MaxBatch(1)}, "optimisation none, optimisation basic, optimisation extended, 2 threads"},
	} {
		variants := variantsOf(t, test.pair, test.options...)
		var settings []string
		for _, v := range variants {
			settings = append(settings, v.Setting)
			o, c := v.Pair.Describe()
			for _, d := range []model.Description{o, c} {
				level, isLevel := strings.CutPrefix(v.Setting, "optimisation ")
				if isLevel && d.Settings["graph_optimization"] != level {
					t.Errorf("%s: level %s", v.Setting, d.Settings["graph_optimization"])
				}
				if threads, rest, ok := strings.Cut(v.Setting, " "); ok && strings.HasPrefix(rest, "thread") && d.Settings["threads"] != threads {
					t.Errorf("%s: %s threads", v.Setting, d.Settings["threads"])
				}
			}
			if v.Pair.Name() != test.pair.Name {
				t.Errorf("pair %s", v.Pair.Name())
			}
		}
		// Where products saturate there is one more; see TestVariantOfExactProducts.
		settings = slices.DeleteFunc(settings, func(s string) bool { return s == "exact 8-bit products" })
		if got := strings.Join(settings, ", "); got != test.want {
			t.Errorf("%s: variants %s; expected %s", test.pair.Name, got, test.want)
		}
	}
}

// TestMixedBatchesInfluenceEachOther shows what the variant of dynamic quantisation is about.
func TestMixedBatchesInfluenceEachOther(t *testing.T) {
	variants := variantsOf(t, fixtures.LeNet5Dynamic)
	last := variants[len(variants)-1]
	o, c := last.Pair.Describe()
	if last.Batch != 32 || o.MaxBatch != 0 || c.MaxBatch != 0 {
		t.Fatalf("batch %d of models that take %d and %d", last.Batch, o.MaxBatch, c.MaxBatch)
	}
	inputs := images(t, 32)
	together, err := last.Pair.Compressed().Predict(t.Context(), inputs)
	if err != nil {
		t.Fatal(err)
	}
	alone, err := last.Pair.Compressed().Predict(t.Context(), inputs[:1])
	if err != nil {
		t.Fatal(err)
	}
	if slices.Equal(together[0], alone[0]) {
		t.Error("the same scores alone and in a batch: the batch was not run as one")
	}
}

func TestVariantsOfWhatCannotBeOpened(t *testing.T) {
	_, err := onnx.OpenVariants("missing.onnx", "missing.onnx")
	if err == nil || !strings.Contains(err.Error(), "missing.onnx: expected an ONNX file") {
		t.Errorf("got %v", err)
	}
	_, err = onnx.OpenVariantsFS(fixtures.Models, "lenet5.onnx", "lenet5-int8.onnx", onnx.Threads(-1))
	if err == nil || !strings.Contains(err.Error(), "option Threads") {
		t.Errorf("got %v", err)
	}
}
