//go:build cgo

package onnx_test

import (
	"embed"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxtest"
)

//go:embed testdata/nchw-rgb.onnx testdata/int8-io.onnx
var embedded embed.FS

func TestFilesThatCannotBeUsed(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	whole, err := os.ReadFile(odd("nchw-rgb.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	image := func(element int, shape ...int) []byte { return tensorValue(11, "x", element, shape...) }
	scores := tensorValue(12, "y", isFloat32, 0, 12)
	node := nodeOf("Flatten", "x", "y")
	outside := message(5, number(2, 1), text(8, "w"), message(13, text(1, "location"), text(2, "weights.bin")), number(14, 1))
	for _, test := range []struct {
		reason  string
		path    string
		options []onnx.Option
		want    []string // parts of the error
	}{
		{"no such file", filepath.Join(dir, "nothing.onnx"), nil, []string{`expected an ONNX file: there is no file "nothing.onnx" in ` + dir + ", but "}},
		{"a directory", dir, nil, []string{"expected a file, found a directory"}},
		{"an empty file", write("empty.onnx", nil), nil, []string{"found an empty one"}},
		{"a cut-off file", odd("truncated.onnx"), nil, []string{"cut off after 961 bytes", "636 bytes are missing"}},
		{"cut off in its first bytes", write("short.onnx", whole[:40]), nil, []string{"cut off after 40 bytes"}},
		{"damaged inside", write("damaged.onnx", append(number(1, 8), message(7, []byte{0x0a, 0x7f})...)), nil, []string{"a damaged one", "graph", "expected 127 more bytes, found 0"}},
		{"text", odd("not-onnx.onnx"), nil, []string{"found 40 bytes that start with", "This is a text"}},
		{"a Git LFS pointer", write("lfs.onnx", []byte("version https://git-lfs")), nil, []string{"git lfs pull"}},
		{"an ORT model", write("ort.onnx", []byte("\x20\x00\x00\x00ORTMxxxx")), nil, []string{"ORT format"}},
		{"a zip", write("zip.onnx", []byte("PK\x03\x04xxxxxxxx")), nil, []string{"a zip file"}},
		{"an input of a type that is not read", write("uint32.onnx", modelOf([][]byte{image(isUint32, 0, 3, 4, 4), scores, node})), nil, []string{`expected an input of float32, float64, float16, bfloat16, int8, uint8, int16, int32, int64 or bool, found "x" uint32`}},
		{"two outputs", odd("two-outputs.onnx"), nil, []string{`"features" float32 [batch,5], "logits" float32 [batch,3]`, "onnx.Output"}},
		{"no output of that name", odd("nchw-rgb.onnx"), []onnx.Option{onnx.Output("softmax")}, []string{`expected an output "softmax"`, `found "logits" float32 [batch,3]`}},
		{"bfloat16", write("bf16.onnx", modelOf([][]byte{image(isBfloat16, 0, 3, 4, 1), scores, node})), nil, []string{`"x" bfloat16`}},
		{"rank 5", write("rank5.onnx", modelOf([][]byte{image(isFloat32, 0, 3, 4, 1, 1), scores, node})), nil, []string{"expected an input of images", "[N,3,4,1,1]"}},
		{"a shape that could be either", write("either.onnx", modelOf([][]byte{image(isFloat32, 0, 3, 4, 1), scores, node})), nil, []string{"[N,3,4,1]", "onnx.Layout(onnx.NCHW)"}},
		{"channels that can be any", write("anychannels.onnx", modelOf([][]byte{image(isFloat32, 0, 0, 4, 4), scores, node})), []onnx.Option{onnx.Layout(onnx.NCHW)}, []string{"expected a fixed number of channels", "read as NCHW"}},
		{"int8 without a scale", write("int8.onnx", modelOf([][]byte{image(isInt8, 0, 2, 2, 3), scores, node})), nil, []string{"int8 input", "onnx.QuantizedInput"}},
		{"a zero point that int8 has not", write("int8zero.onnx", modelOf([][]byte{image(isInt8, 0, 2, 2, 3), scores, node})), []onnx.Option{onnx.QuantizedInput(1, 200)}, []string{"-128..127", "found 200"}},
		{"uint8 scores without a scale", write("uint8out.onnx", flatten(isUint8, 0, 2, 2, 3)), nil, []string{"uint8 output", "onnx.QuantizedOutput(scale, zeroPoint)", "(1.0/256, 0)"}},
		{"quantised option for a float input", odd("nchw-rgb.onnx"), []onnx.Option{onnx.QuantizedInput(1, 0)}, []string{"expected an int8 or uint8 input", "float32"}},
		{"quantised option for a float output", odd("nchw-rgb.onnx"), []onnx.Option{onnx.QuantizedOutput(1, 0)}, []string{"expected an int8 or uint8 output"}},
		{"an output that is an image", write("image.onnx", modelOf([][]byte{image(isFloat32, 0, 3, 4, 4), tensorValue(12, "y", isFloat32, 0, 3, 4, 4), nodeOf("Relu", "x", "y")})), nil, []string{"expected an output of scores [N, classes]", "[N,3,4,4]"}},
		{"labels as output", write("labels.onnx", modelOf([][]byte{image(isFloat32, 0, 3, 4, 4), tensorValue(12, "y", isInt64, 0), nodeOf("ArgMax", "x", "y")})), nil, []string{"expected scores of float32", `"y" int64`}},
		{"an operator that does not exist", write("zorp.onnx", modelOf([][]byte{image(isFloat32, 0, 3, 2, 2), scores, nodeOf("Zorp", "x", "y")})), nil, []string{"can load", "Zorp"}},
		{"operators from the future", write("future.onnx", modelOf([][]byte{image(isFloat32, 0, 3, 2, 2), scores, node}, opsetImport("", 99))), nil, []string{"expected operator sets that ONNX Runtime", "found ai.onnx 99"}},
		{"weights in a file that is gone", write("outside.onnx", modelOf([][]byte{image(isFloat32, 0, 3, 2, 2), scores, node, outside})), nil, []string{`weights "w": expected them in the file "weights.bin" beside the model, found no such file`}},
		{"wrong number of means", odd("nchw-rgb.onnx"), []onnx.Option{onnx.Mean(1, 2)}, []string{"expected 1 or 3 values in onnx.Mean", "found 2"}},
		{"three means for grey", odd("grey.onnx"), []onnx.Option{onnx.Std(1, 2, 3)}, []string{"expected one value in onnx.Std", "found 3"}},
		{"means for rows", odd("rank2-input.onnx"), []onnx.Option{onnx.Mean(1, 2, 3)}, []string{"rank 2", "onnx.Layout"}},
		{"scores that are no probabilities", odd("nchw-rgb.onnx"), []onnx.Option{onnx.Scores(onnx.Probabilities)}, []string{"expected probabilities of 0..1, since onnx.Scores says so, found numbers of -"}},
		{"a provider that the library has not", odd("nchw-rgb.onnx"), []onnx.Option{onnx.ExecutionProvider("xnnpack")}, []string{`execution provider "xnnpack": expected a library of ONNX Runtime that has it`, "onnx.RuntimeLibrary"}},
	} {
		t.Run(test.reason, func(t *testing.T) {
			m, err := onnx.Open(test.path, test.options...)
			if err == nil {
				m.Close()
				t.Fatal("expected an error")
			}
			for _, want := range append(test.want, "onnx: "+test.path+": ") {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("expected %q in the error, found: %v", want, err)
				}
			}
			if strings.Contains(err.Error(), "\n") || strings.Count(err.Error(), "onnx: "+test.path) > 1 {
				t.Errorf("expected one sentence, found: %v", err)
			}
		})
	}
}

func TestOptionsThatCannotBe(t *testing.T) {
	nan := 0.0
	nan /= nan
	for _, test := range []struct {
		reason string
		option onnx.Option
		want   string
	}{
		{"no threads", onnx.Threads(0), "onnx: option Threads: expected at least 1, found 0"},
		{"no batch", onnx.MaxBatch(-1), "onnx: option MaxBatch: expected at least 1, found -1"},
		{"division by 0", onnx.Std(0.2, 0, 0.2), "onnx: option Std: expected finite values other than 0, found [0.2 0 0.2]"},
		{"not a number", onnx.Mean(nan), "onnx: option Mean: expected finite values, found [NaN]"},
		{"no list", onnx.Mean(), "onnx: option Mean: expected one value, or one a channel, found none"},
		{"an empty list in the shorthand", onnx.ImageInput(nil, []float64{1}), "onnx: option Mean: expected one value, or one a channel, found none (in ImageInput)"},
		{"scale 0", onnx.Scale(0), "onnx: option Scale: expected finite values other than 0, found [0]"},
		{"layout", onnx.Layout("CHW"), `onnx: option Layout: expected NCHW or NHWC, found "CHW"`},
		{"colours", onnx.Channels("GBR"), `onnx: option Channels: expected RGB or BGR, found "GBR"`},
		{"score kind", onnx.Scores("odds"), `onnx: option Scores: expected Logits, Probabilities, LogProbabilities or Raw, found "odds"`},
		{"quantisation", onnx.QuantizedInput(-1, 0), "onnx: option QuantizedInput: expected a scale above 0 and a zero point in -128..255, found -1 and 0"},
		{"output name", onnx.Output(""), `onnx: option Output: expected names of outputs, found [""]`},
		{"provider", onnx.ExecutionProvider("gpu"), `onnx: option ExecutionProvider: expected coreml, cpu, cuda, directml, migraphx, openvino, qnn, tensorrt, vitisai, webgpu, xnnpack, or another in ONNX Runtime's spelling, such as NvTensorRTRTX, found "gpu"`},
		{"provider setting", onnx.ExecutionProvider("cuda", "device"), `onnx: option ExecutionProvider: expected settings such as "device_id=0", found "device"`},
		{"optimisation", onnx.GraphOptimization("most"), `onnx: option GraphOptimization: expected OptimizeNone, OptimizeBasic, OptimizeExtended or OptimizeAll, found "most"`},
		{"library", onnx.RuntimeLibrary(""), `onnx: option RuntimeLibrary: expected a path, found ""`},
		{"version", onnx.RuntimeVersion(""), `onnx: option RuntimeVersion: expected a version, found ""`},
		{"nil", nil, "onnx: option 1: expected an option, found nil"},
		{"a side of a pair", onnx.Original(onnx.Threads(2)), "onnx: option Original: expected it in OpenPair, found it in Open, which has one model"},
		{"a pair's name", onnx.PairName("p"), "onnx: option PairName: expected it in OpenPair, found it in Open; Name names one model"},
	} {
		t.Run(test.reason, func(t *testing.T) {
			m, err := onnx.Open(odd("nchw-rgb.onnx"), test.option)
			if err == nil {
				m.Close()
				t.Fatal("expected an error")
			}
			if err.Error() != test.want {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
	_, err := onnx.OpenPair(odd("nchw-rgb.onnx"), odd("bgr.onnx"), onnx.Original(onnx.Compressed()))
	if want := "onnx: option Compressed: expected plain options inside Original and Compressed, found another of them"; err == nil || err.Error() != want {
		t.Errorf("got %v, expected %q", err, want)
	}
}

func TestInputsThatDoNotFit(t *testing.T) {
	image := func(height, width, channels int) input.Input {
		return model.Must(input.NewImage(height, width, channels, make([]uint8, height*width*channels)))
	}
	scaled := image(8, 8, 3)
	scaled.Domain = input.Domain{Max: 1}
	for _, test := range []struct {
		reason  string
		file    string
		options []onnx.Option
		input   input.Input
		want    string // "" when it fits
	}{
		{"fits", "nchw-rgb.onnx", nil, image(8, 8, 3), ""},
		{"grey", "nchw-rgb.onnx", nil, image(8, 8, 1), "expected an input of [8, 8, 3] (height, width, channels), found [8 8 1]; give onnx.GreyToRGB() to repeat the grey channel"},
		{"grey, repeated", "nchw-rgb.onnx", []onnx.Option{onnx.GreyToRGB()}, image(8, 8, 1), ""},
		{"colour for a grey model", "grey.onnx", nil, image(8, 8, 3), "expected an input of [8, 8, 1] (height, width, channels), found [8 8 3]; the model takes grey images: make the inputs grey"},
		{"too large", "nhwc-rgb.onnx", nil, image(32, 16, 3), "expected an input of [8, 8, 3] (height, width, channels), found [32 16 3]; resize the inputs, the model does not"},
		{"channels first", "nchw-rgb.onnx", nil, image(3, 8, 8), "expected an input of [8, 8, 3] (height, width, channels), found [3 8 8]; inputs have their channels last, as [height, width, channels]"},
		{"channels first, or the wrong layout", "dynamic-hw.onnx", []onnx.Option{onnx.Layout(onnx.NCHW)}, image(3, 8, 8), "expected an input of [any, any, 3] (height, width, channels), found [3 8 8]"},
		{"a layout that is wrong", "nchw-rgb.onnx", []onnx.Option{onnx.Layout(onnx.NHWC)}, image(8, 8, 3), "expected an input of [3, 8, 8] (height, width, channels), found [8 8 3]; is the order that onnx.Layout gives right?"},
		{"a row for images", "nchw-rgb.onnx", nil, input.Input{Shape: []int{192}, Data: make([]float32, 192), Domain: input.Bytes}, "expected an input of [8, 8, 3] (height, width, channels), found [192]"},
		{"an image for rows", "rank2-input.onnx", nil, image(8, 8, 3), "expected an input of 192 values, found [8 8 3]; give onnx.Layout(onnx.NCHW) or onnx.Layout(onnx.NHWC), the order in which this model flattens images"},
		{"any size", "dynamic-hw.onnx", nil, image(5, 7, 3), ""},
		{"any size, but three channels", "dynamic-hw.onnx", nil, image(5, 7, 2), "expected an input of [any, any, 3] (height, width, channels), found [5 7 2]"},
		{"scaled before", "nchw-rgb.onnx", []onnx.Option{onnx.Scale(1.0 / 255)}, scaled, "expected inputs of a domain such as 0..255 step 1 for onnx.Scale(0.00392157), found 0..1: inputs that are scaled already need no onnx.Scale"},
		{"scaled before, not again", "nchw-rgb.onnx", nil, scaled, ""},
		{"fractions for bytes", "uint8-nhwc.onnx", nil, scaled, "expected inputs of the domain 0..255 step 1, found 0..1: the uint8 input takes bytes as they are; give onnx.QuantizedInput(scale, zeroPoint) if it stands for other values"},
		{"scaling forgotten", "int8-io.onnx", nil, image(8, 8, 3), "expected the preprocessing to spread the domain 0..255 step 1 over 0..1, the values of an int8 input with scale 0.00392157 and zero point -128, found 2 different values; change onnx.Scale, onnx.Mean and onnx.Std"},
		{"scaling given", "int8-io.onnx", []onnx.Option{onnx.Scale(1.0 / 255)}, image(8, 8, 3), ""},
	} {
		t.Run(test.reason, func(t *testing.T) {
			m := open(t, odd(test.file), test.options...)
			err := m.CheckInput(test.input)
			if test.want == "" {
				if err != nil {
					t.Errorf("expected no error, found %v", err)
				}
				return
			}
			if want := "onnx: " + odd(test.file) + ": " + test.want; err == nil || err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
			if _, predictErr := m.Predict(t.Context(), []input.Input{test.input}); !strings.Contains(test.want, "domain") && (predictErr == nil || !strings.Contains(predictErr.Error(), "input 0: "+err.Error())) {
				t.Errorf("Predict: expected the same error, found %v", predictErr)
			}
		})
	}
}

func TestPairs(t *testing.T) {
	t.Run("each model has its own input", func(t *testing.T) {
		pair, err := onnx.OpenPair(odd("nchw-rgb.onnx"), odd("int8-io.onnx"), onnx.Compressed(onnx.Name("small"), onnx.Threads(2)), onnx.Scale(1.0/255), onnx.Threads(1), onnx.Name("big"), onnx.PairName("two"))
		if err != nil {
			t.Fatal(err)
		}
		defer pair.Close()
		o, c := pair.Describe()
		if pair.Name() != "two" || o.Name != "big" || c.Name != "small" || o.Settings["threads"] != "1" || c.Settings["threads"] != "2" {
			t.Errorf("got pair %q of %q (%s threads) and %q (%s)", pair.Name(), o.Name, o.Settings["threads"], c.Name, c.Settings["threads"])
		}
	})
	t.Run("embedded", func(t *testing.T) {
		pair, err := onnx.OpenPairFS(embedded, "testdata/nchw-rgb.onnx", "testdata/int8-io.onnx", onnx.Scale(1.0/255))
		if err != nil {
			t.Fatal(err)
		}
		defer pair.Close()
		if pair.Name() != "nchw-rgb-vs-int8-io" {
			t.Errorf("got %q", pair.Name())
		}
	})
	t.Run("the compressed one is missing", func(t *testing.T) {
		_, err := onnx.OpenPair(odd("nchw-rgb.onnx"), "nothing.onnx")
		if want := `onnx: nothing.onnx: expected an ONNX file: there is no file "nothing.onnx", and no other .onnx file, in `; err == nil || !strings.HasPrefix(err.Error(), want) || !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("got %v, expected %q", err, want)
		}
	})
	t.Run("file systems give the same errors", func(t *testing.T) {
		fsys := fstest.MapFS{"d/empty.onnx": {}}
		for path, want := range map[string]string{
			"nothing.onnx":   `expected an ONNX file: there is no file "nothing.onnx", and no other .onnx file, in the file system`,
			"d/nothing.onnx": `expected an ONNX file: there is no file "nothing.onnx" in the folder "d" of the file system, but empty.onnx`,
			"e/nothing.onnx": `expected an ONNX file: there is no file "nothing.onnx", and no folder for it: the folder "e" of the file system`,
			"d":              "expected a file, found a directory",
			"d/empty.onnx":   "expected an ONNX file, found an empty one",
		} {
			if _, err := onnx.OpenFS(fsys, path); err == nil || err.Error() != "onnx: "+path+": "+want {
				t.Errorf("got %v, expected %q", err, want)
			}
		}
	})
}

func TestExternalData(t *testing.T) {
	dir := t.TempDir()
	graph := [][]byte{
		tensorValue(11, "x", isFloat32, 0, 2, 2, 1), tensorValue(12, "y", isFloat32, 0, 4),
		nodeOf("Flatten", "x", "flat"), nodeOf("Mul", "flat", "y", text(1, "w")),
		message(5, number(1, 1), number(2, 1), text(8, "w"), number(14, 1),
			message(13, text(1, "location"), text(2, "weights.bin")), message(13, text(1, "offset"), text(2, "0")), message(13, text(1, "length"), text(2, "4"))),
	}
	path := filepath.Join(dir, "outside.onnx")
	for name, data := range map[string][]byte{path: modelOf(graph), filepath.Join(dir, "weights.bin"): {0, 0, 0, 0x3f}} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	m := open(t, path, onnx.Scale(1.0/255), onnx.Scores(onnx.Probabilities))
	row := predict(t, m, model.Must(input.NewImage(2, 2, 1, []uint8{0, 51, 102, 255})))[0]
	if row[3] != 0.5 {
		t.Errorf("expected values times 0.5, the weight in the other file, found %v", row)
	}
	_, err := onnx.OpenBytes("memory", modelOf(graph))
	if err == nil || !strings.Contains(err.Error(), `found weights in the file "weights.bin": open it with onnx.Open or onnx.OpenFS`) {
		t.Errorf("got %v", err)
	}
}

func TestOperatorSetsThatNobodyUses(t *testing.T) {
	graph := [][]byte{tensorValue(11, "x", isFloat32, 0, 3, 2, 2), tensorValue(12, "y", isFloat32, 0, 12), nodeOf("Flatten", "x", "y")}
	m, err := onnx.OpenBytes("new.onnx", modelOf(graph, opsetImport("ai.onnx.ml", 99), opsetImport("", 17), opsetImport("com.example.vendor", 7)), onnx.Scores(onnx.Logits))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if notes := strings.Join(m.Describe().Notes, "\n"); !strings.Contains(notes, "ignored operator sets that no node uses: ai.onnx.ml 99, com.example.vendor 7") {
		t.Errorf("expected a note on the operator sets, found %q", notes)
	}
}

func TestHowScoresAreFoundOut(t *testing.T) {
	ends := func(input string, classes int, nodes ...[]byte) []byte {
		return modelOf(append([][]byte{tensorValue(11, "x", isFloat32, 0, 1, 1, classes), tensorValue(12, "y", isFloat32, 0, classes)}, nodes...))
	}
	flat := nodeOf("Flatten", "x", "flat")
	for _, test := range []struct {
		reason  string
		model   []byte
		options []onnx.Option
		scores  string
		input   []uint8
		want    []float32
	}{
		{"softmax at the end", ends("x", 2, flat, nodeOf("Softmax", "flat", "y")), nil, "probabilities, as they are (the graph ends in Softmax, and rows sum to 1)", []uint8{7, 7}, []float32{0.5, 0.5}},
		{"softmax before an identity", ends("x", 2, flat, nodeOf("Softmax", "flat", "p"), nodeOf("Identity", "p", "y")), nil, "probabilities, as they are (the graph ends in Softmax, and rows sum to 1)", []uint8{7, 7}, []float32{0.5, 0.5}},
		{"logarithms", ends("x", 2, flat, nodeOf("LogSoftmax", "flat", "y")), nil, "log-probabilities, exponential applied (the graph ends in LogSoftmax)", []uint8{7, 7}, []float32{0.5, 0.5}},
		{"logits", ends("x", 2, nodeOf("Flatten", "x", "y")), []onnx.Option{onnx.Scores(onnx.Logits)}, "logits, softmax applied (as onnx.Scores says)", []uint8{9, 9}, []float32{0.5, 0.5}},
		{"logits, said to be logarithms", ends("x", 2, flat, nodeOf("LogSoftmax", "flat", "y")), []onnx.Option{onnx.Scores(onnx.Logits)}, "logits, softmax applied (as onnx.Scores says)", []uint8{7, 7}, []float32{0.5, 0.5}},
		{"a softmax by hand", ends("x", 2, flat, nodeOf("Softmax", "flat", "p"), nodeOf("Sqrt", "p", "r"), nodeOf("Mul", "r", "y", text(1, "r"))), nil, "probabilities, as they are (the graph ends in Softmax, then Sqrt, then Mul, and rows sum to 1)", []uint8{7, 7}, []float32{0.5, 0.5}},
		{"one sigmoid", ends("x", 1, flat, nodeOf("Sigmoid", "flat", "y")), []onnx.Option{onnx.Layout(onnx.NHWC)}, "probabilities, as they are (the graph ends in Sigmoid)", []uint8{0}, []float32{0.5, 0.5}},
		{"one logit", ends("x", 1, nodeOf("Flatten", "x", "y")), []onnx.Option{onnx.Layout(onnx.NHWC), onnx.Scale(1.0 / 255), onnx.Scores(onnx.Logits)}, "one logit, sigmoid applied (as onnx.Scores says)", []uint8{255}, []float32{0.26894143, 0.7310586}},
	} {
		t.Run(test.reason, func(t *testing.T) {
			m, err := onnx.OpenBytes("m.onnx", test.model, append([]onnx.Option{onnx.Layout(onnx.NHWC), onnx.Scale(1.0 / 16)}, test.options...)...)
			if err != nil {
				t.Fatal(err)
			}
			defer m.Close()
			shape := []int{1, 1, len(test.input)}
			if got := m.Describe().Settings["scores"]; got != test.scores {
				t.Errorf("got %q, expected %q", got, test.scores)
			}
			row := predict(t, m, model.Must(input.NewImage(shape[0], shape[1], shape[2], test.input)))[0]
			if len(row) != len(test.want) {
				t.Fatalf("got %v, expected %v", row, test.want)
			}
			for i := range row {
				if d := row[i] - test.want[i]; d > 1e-6 || d < -1e-6 {
					t.Errorf("got %v, expected %v", row, test.want)
				}
			}
		})
	}
}

func TestClassesThatTheFileDoesNotTell(t *testing.T) {
	for _, test := range []struct {
		reason string
		output []byte
	}{
		{"dynamic", tensorValue(12, "y", isFloat32, 0, 0)},
		{"no shape", message(12, text(1, "y"), message(2, message(1, number(1, isFloat32))))},
	} {
		m, err := onnx.OpenBytes("m.onnx", modelOf([][]byte{tensorValue(11, "x", isFloat32, 0, 3, 2, 2), test.output, nodeOf("Flatten", "x", "y")}), onnx.Scores(onnx.Logits))
		if err != nil {
			t.Errorf("%s: %v", test.reason, err)
			continue
		}
		if got := m.Describe().Classes; got != 12 {
			t.Errorf("%s: got %d classes, expected 12", test.reason, got)
		}
		m.Close()
	}
}

func TestDescription(t *testing.T) {
	m := open(t, odd("fixed-batch-4.onnx"), onnx.ImageNet(), onnx.Channels(onnx.BGR), onnx.MaxBatch(2), onnx.GraphOptimization(onnx.OptimizeBasic))
	d := m.Describe()
	if d.Name != "fixed-batch-4" || d.File != odd("fixed-batch-4.onnx") || len(d.SHA256) != 64 || d.Size != 1598 || d.Classes != 3 || d.MaxBatch != 2 || d.Serial {
		t.Errorf("got %+v", d)
	}
	for name, want := range map[string]string{
		"runtime": "ONNX Runtime 1.", "binding": "github.com/", "provider": "cpu", "threads": "1", "graph_optimization": "basic",
		"opset": "ai.onnx 17", "input": `"input" float32 [4,3,8,8] NCHW`, "output": `"logits" float32 [4,3]`, "cpu": runtime.GOARCH,
		"preprocess": "(x * 0.00392157 - [0.485 0.456 0.406]) / [0.229 0.224 0.225], BGR", "scores": "logits",
	} {
		if got, ok := d.Settings[name]; !ok || !strings.HasPrefix(got, want) {
			t.Errorf("setting %q: got %q, expected %q", name, got, want)
		}
	}
	if _, err := json.Marshal(d); err != nil {
		t.Error(err)
	}
}

func TestOneLibraryAProcess(t *testing.T) {
	open(t, odd("nchw-rgb.onnx"))
	other := filepath.Join(t.TempDir(), "libonnxruntime.so")
	if _, err := onnx.Open(odd("nchw-rgb.onnx"), onnx.RuntimeLibrary(other)); err == nil || !strings.Contains(err.Error(), "onnx: option RuntimeLibrary: expected ") || !strings.Contains(err.Error(), "found "+other) {
		t.Errorf("got %v", err)
	}
	if _, err := onnx.Open(odd("nchw-rgb.onnx"), onnx.RuntimeVersion("0.1.0")); err == nil || !strings.Contains(err.Error(), "found 0.1.0: a process can use one") {
		t.Errorf("got %v", err)
	}
}

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
