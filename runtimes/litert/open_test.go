//go:build cgo && !windows

package litert_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/litert"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

// What stands in Original and Compressed is plain options.
func TestRefusesInSides(t *testing.T) {
	for _, test := range []struct {
		option litert.Option
		want   string
	}{
		{litert.Original(litert.Compressed()), "litert: option Compressed: expected plain options inside Original and Compressed, found another of them"},
		{litert.Original(nil), "litert: option of the original model: expected an option, found nil"},
		{litert.Compressed(litert.XNNPACK(true), litert.Signature("")), `litert: option Signature: expected the key of a signature, found ""`},
	} {
		pair, err := litert.OpenPair("a.tflite", "b.tflite", test.option)
		if err == nil {
			_ = pair.Close()
			t.Errorf("%s: opened", test.want)
		} else if err.Error() != test.want {
			t.Errorf("got %q, expected %q", err, test.want)
		}
	}
}

// TestRefuses: one error that names the file or the option, what was expected and what was found.
func TestRefuses(t *testing.T) {
	opened(t, "tiny") // needs the runtime
	onnxFile, err := fs.ReadFile(fixtures.Models, "lenet5.onnx")
	if err != nil {
		t.Fatal(err)
	}
	tiny := read(t, "tiny")
	for _, test := range []struct {
		reason  string
		data    []byte
		options []litert.Option
		want    string
	}{
		{"empty", nil, nil, "expected a .tflite file, found an empty one"},
		{"text", []byte("this is no model at all"), nil, `found 23 bytes that start with "this is no model": an encrypted file, or one of another format`},
		{"encrypted", bytes.Repeat([]byte{0x9d, 0x11, 0x83}, 400), nil, "an encrypted file, or one of another format"},
		{"a page of a proxy", []byte("<html>please log in</html>"), nil, "maybe an error page"},
		{"ONNX", onnxFile, nil, "an ONNX file; package onnx opens those"},
		{"Git LFS", []byte("version https://git-lfs.github.com/spec/v1\n"), nil, "git lfs pull"},
		{"zip", []byte("PK\x03\x04 and more of it"), nil, "maybe a .task bundle"},
		{"version", bytes.Replace(tiny, []byte("TFL3"), []byte("TFL2"), 1), nil, `"TFL3" at its fifth byte`},
		{"cut off", tiny[:len(tiny)/2], nil, "that was cut off or is damaged"},
		{"zero point", bytes.Replace(read(t, "uint8"), []byte{128, 0, 0, 0, 0, 0, 0, 0}, []byte{128, 1, 0, 0, 0, 0, 0, 0}, -1), nil, "has a zero point of 384"},
		{"Flex", read(t, "flex"), nil, "operators of TensorFlow (Flex): FlexErf; convert the model without tf.lite.OpsSet.SELECT_TF_OPS"},
		{"custom", read(t, "custom"), nil, "expected operators that LiteRT has, found custom ones: Mystery: "},
		{"type", read(t, "uint32"), nil, `found "x" uint32 [1,8]`},
		{"dimensions", read(t, "ambiguous"), nil, "give litert.Layout(litert.NCHW) or litert.Layout(litert.NHWC)"},
		{"unknown shape", read(t, "unknown-shape"), []litert.Option{litert.Scores(litert.Raw)}, `found "y" of [-1 1], with no open dimension in the inputs: its shape depends on their numbers`},
		{"no scores", read(t, "relu"), nil, "litert.Scores(litert.Logits) says that they are scores of classes, litert.Scores(litert.Raw) takes"},
		{"signatures", read(t, "several"), nil, `found "sum", "difference"; choose one with litert.Signature(key)`},
		{"signature", read(t, "several"), []litert.Option{litert.Signature("product")}, `expected a signature "product", as litert.Signature says, found "sum", "difference"`},
		{"no signature", read(t, "metadata"), []litert.Option{litert.Signature("sum")}, "found a file without signatures"},
		{"output", tiny, []litert.Option{litert.Output("logits")}, `expected an output "logits", as litert.Output says, found "p" float32 [batch,4]`},
		{"name of classes", tiny, []litert.Option{litert.OutputAs("p", "q")}, "expected raw numbers for litert.OutputAs"},
		{"name of no output", tiny, []litert.Option{litert.OutputAs("q", "p"), litert.Scores(litert.Raw)}, `expected an output "q" among those that are read, as litert.OutputAs says`},
		{"one name for two", read(t, "several"), []litert.Option{litert.Signature("sum"), litert.Scores(litert.Raw), litert.Output("out", "tripled"), litert.OutputAs("out", "tripled")}, `found two of "tripled", by litert.OutputAs`},
		{"input", tiny, []litert.Option{litert.Fixed("y", 1)}, `expected an input "y", as litert.Fixed says`},
		{"quantisation", tiny, []litert.Option{litert.QuantizedInput(1, 0)}, "for litert.QuantizedInput, found"},
		{"scale", tiny, []litert.Option{litert.Scale(0)}, "litert: option Scale: expected finite values other than 0, found [0]"},
		{"steps", tiny, []litert.Option{litert.Steps{Size: 0}}, "litert: option Steps: "},
		{"threads", tiny, []litert.Option{litert.Threads(0)}, "litert: option Threads: expected at least 1, found 0"},
		{"nil", tiny, []litert.Option{litert.Threads(1), nil}, "litert: option 2: expected an option, found nil"},
		{"side", tiny, []litert.Option{litert.Compressed(litert.Threads(1))}, "litert: option Compressed: expected it in OpenPair, found it in Open"},
		{"own option of a side", tiny, []litert.Option{litert.Original(litert.XNNPACK(true))}, "litert: option Original: expected it in OpenPair, found it in Open"},
		{"For", tiny, []litert.Option{litert.For("x", litert.XNNPACK(true))}, `litert: option For("x"): expected options about the numbers of one input (Scale, Mean, Std, ImageInput, ImageNet, a preset, Layout, Channels, GreyToRGB, QuantizedInput, or Preprocess without names), found another one in place 1`},
		{"For nothing", tiny, []litert.Option{litert.For("x")}, `litert: option For("x"): expected options such as litert.Scale, found none`},
		{"empty signature", tiny, []litert.Option{litert.Signature("")}, `litert: option Signature: expected the key of a signature, found ""`},
		{"empty library", tiny, []litert.Option{litert.RuntimeLibrary("")}, `litert: option RuntimeLibrary: expected a path, found ""`},
		{"second library", tiny, []litert.Option{litert.RuntimeLibrary("other.so")}, "which this process has loaded already, found other.so: a process can use one"},
	} {
		m, err := litert.OpenBytes("some/model.tflite", test.data, test.options...)
		if err == nil {
			_ = m.Close()
			t.Errorf("%s: opened", test.reason)
			continue
		}
		text := err.Error()
		if !strings.Contains(text, test.want) {
			t.Errorf("%s: got %q, expected %q in it", test.reason, text, test.want)
		}
		if !strings.HasPrefix(text, "litert: ") || strings.Contains(text, "\n") || strings.Contains(text, "onnx.") || strings.Count(text, "litert: ") != 1 {
			t.Errorf("%s: %q", test.reason, text)
		}
	}
	for path, want := range map[string]string{"testdata/none.tflite": "litert: testdata/none.tflite: open: no such file", "testdata": "litert: testdata: read: is a directory"} {
		if _, err := litert.Open(path); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, expected %q", err, want)
		}
	}
	if _, err := litert.OpenPair("testdata/tiny.tflite", "testdata/flex.tflite"); err == nil || !strings.HasPrefix(err.Error(), "litert: testdata/flex.tflite: ") {
		t.Errorf("got %v", err)
	}
}

// TestCutOff: whatever is left of a file, the answer is an error or a model that runs.
func TestCutOff(t *testing.T) {
	opened(t, "tiny")
	for _, name := range []string{"tiny", "int16", "several"} {
		data := read(t, name)
		for n := range len(data) {
			m, err := litert.OpenBytes("cut.tflite", data[:n], litert.Signature("sum"))
			if err == nil {
				_ = m.Close()
			}
		}
	}
}

func TestDescription(t *testing.T) {
	m := embedded(t, "rescnn-int8.tflite", litert.Threads(2))
	predict(t, m, clothes(t, 1)...)
	d := m.Describe()
	want := map[string]string{
		"runtime": "LiteRT 2.3.0", "kernels": "xnnpack", "threads": "2", "signature": "serving_default", "binding": "cgo",
		"input":      `"input" int8 [batch,28,28,1] NHWC`,
		"preprocess": "x * 0.00392157, then int8 with scale 0.0039199 and zero point -128",
		"output":     `"logits" int8 [batch,10] with scale 0.0745266 and zero point 32`,
		"scores":     "logits, softmax applied (the graph ends in Gemm, and rows do not sum to 1)",
	}
	for key, value := range want {
		if d.Settings[key] != value {
			t.Errorf("%s: got %q, expected %q", key, d.Settings[key], value)
		}
	}
	if d.Name != "rescnn-int8" || d.File != "rescnn-int8.tflite" || len(d.SHA256) != 64 || d.Size != 60672 || d.Classes != 10 || d.MaxBatch != 0 {
		t.Errorf("got %+v", d)
	}
	if m.String() != "model rescnn-int8" {
		t.Errorf("got %q", m)
	}
}

// TestPair: options for one model, names, and names of outputs.
func TestPair(t *testing.T) {
	p := fixtures.ResCNNLiteRT
	pair, err := litert.OpenPairFS(fixtures.Models, p.Original, p.Compressed, litert.Scale(fixtures.Scale), litert.PairName(p.Name),
		litert.Original(litert.Threads(2)), litert.Compressed(litert.XNNPACK(false), litert.Name("small")))
	needs(t, err)
	defer pair.Close()
	o, c := pair.Describe()
	if pair.Name() != p.Name || o.Settings["threads"] != "2" || c.Settings["threads"] != "1" || o.Settings["kernels"] != "xnnpack" || c.Settings["kernels"] != "builtin" || c.Name != "small" {
		t.Errorf("got %q, %v and %v", pair.Name(), o.Settings, c.Settings)
	}
	dir := t.TempDir()
	for _, folder := range []string{"float", "small"} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, folder, "model.tflite"), read(t, "tiny"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	same, err := litert.OpenPair(filepath.Join(dir, "float", "model.tflite"), filepath.Join(dir, "small", "model.tflite"))
	if err != nil {
		t.Fatal(err)
	}
	defer same.Close()
	if o, c := same.Describe(); o.Name != "float-model" || c.Name != "small-model" {
		t.Errorf("got %q and %q", o.Name, c.Name)
	}
}

// TestKernels: the built-in kernels give other answers than those of XNNPACK, which are the default.
func TestKernels(t *testing.T) {
	images := clothes(t, 200)
	usual := predict(t, embedded(t, "rescnn-int8.tflite"), images...)
	on := predict(t, embedded(t, "rescnn-int8.tflite", litert.XNNPACK(true)), images...)
	off := predict(t, embedded(t, "rescnn-int8.tflite", litert.XNNPACK(false)), images...)
	threads := predict(t, embedded(t, "rescnn-int8.tflite", litert.Threads(2)), images...)
	others := 0
	for i := range usual {
		if !slices.Equal(usual[i], on[i]) || !slices.Equal(usual[i], threads[i]) {
			t.Fatalf("image %d: got %v, with XNNPACK %v, with 2 threads %v", i, usual[i], on[i], threads[i])
		}
		if !slices.Equal(usual[i], off[i]) {
			others++
		}
	}
	if others == 0 {
		t.Error("XNNPACK makes no difference")
	}
	t.Logf("built-in kernels give other scores for %d of %d images", others, len(images))
}

func TestVariants(t *testing.T) {
	p := fixtures.ResCNNLiteRT
	for _, test := range []struct {
		options []litert.Option
		want    []string
	}{
		{nil, []string{"built-in kernels", "2 threads"}},
		{[]litert.Option{litert.XNNPACK(false), litert.Threads(2)}, []string{"kernels of XNNPACK", "1 thread"}},
		{[]litert.Option{litert.Compressed(litert.XNNPACK(false))}, []string{"kernels of XNNPACK", "built-in kernels", "2 threads"}},
	} {
		variants, err := litert.OpenVariantsFS(fixtures.Models, p.Original, p.Compressed, append(test.options, litert.Scale(fixtures.Scale))...)
		needs(t, err)
		var got []string
		for _, v := range variants {
			got = append(got, v.Setting)
			o, c := v.Pair.Describe()
			for _, d := range []model.Description{o, c} {
				if v.Setting == "built-in kernels" && d.Settings["kernels"] != "builtin" || v.Setting == "2 threads" && d.Settings["threads"] != "2" {
					t.Errorf("%s: %v", v.Setting, d.Settings)
				}
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("got %q, expected %q", got, test.want)
		}
		if err := variants.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestAcrossRuntimes: a pair of models in different runtimes is prepared as one: what their scores are is held against each other.
func TestAcrossRuntimes(t *testing.T) {
	o, err := onnx.OpenFS(fixtures.Models, "rescnn.onnx", onnx.Scale(fixtures.Scale))
	if err != nil {
		t.Fatal(err)
	}
	c := embedded(t, "rescnn-int8.tflite")
	pair, err := model.NewPair("", o, c)
	if err != nil {
		t.Fatal(err)
	}
	defer pair.Close()
	images := clothes(t, 16)
	if err := o.Prepare(t.Context(), images, c); err != nil {
		t.Error(err)
	}
	if err := c.Prepare(t.Context(), images, o); err != nil {
		t.Error(err)
	}
	raw := embedded(t, "rescnn-int8.tflite", litert.Scores(litert.Raw))
	if err := raw.Prepare(t.Context(), images, raw); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{o.Prepare(t.Context(), images, raw), raw.Prepare(t.Context(), images, o)} {
		if err == nil || !strings.Contains(err.Error(), "expected both models of the pair to give scores of classes or both raw numbers") {
			t.Errorf("scores and raw numbers: got %v", err)
		}
	}
}

// TestOutputAs: outputs of models in different formats are compared under one name.
func TestOutputAs(t *testing.T) {
	raw := litert.Scores(litert.Raw)
	a, b := opened(t, "tiny", raw), opened(t, "relu", raw, litert.OutputAs("y", "p"))
	pair, err := model.NewPair("", a, b)
	if err != nil {
		t.Fatal(err)
	}
	in := row(reals, 1, 0, 1, 0, 0, 1, 0, 1)
	for _, m := range []model.Predictor{pair.Original(), pair.Compressed()} {
		answers, err := model.Ask(t.Context(), m, []input.Input{in}, nil)
		if err != nil || len(answers[0].Outputs) != 1 || answers[0].Outputs[0].Name != "p" {
			t.Errorf("got %+v, %v", answers, err)
		}
	}
	if d := b.Describe(); len(d.Outputs) != 1 || d.Outputs[0].Name != "p" {
		t.Errorf("described as %+v", d.Outputs)
	}
}

// TestClose: a model that is closed while it predicts ends its predictions, and refuses others.
func TestClose(t *testing.T) {
	images := clothes(t, 32)
	m := embedded(t, "lenet5-int8.tflite")
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for {
				if _, err := m.Predict(context.Background(), images); errors.Is(err, litert.ErrClosed) {
					return
				} else if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for range 20 {
		predict(t, embedded(t, "lenet5-int8.tflite"), images...)
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
	group.Wait()
	if err := m.Close(); err != nil {
		t.Error(err)
	}
}
