//go:build cgo

package onnx_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

// oddModels are the files of testdata that can be used, with the options that each needs.
var oddModels = []struct {
	file      string
	reason    string
	options   []onnx.Option
	channels  int
	tolerance float64
	scores    string // how its description starts to tell about its scores
	batch     int    // its largest batch
}{
	{"nchw-rgb.onnx", "what PyTorch exports", nil, 3, 1e-5, "logits, softmax applied", 0},
	{"nhwc-rgb.onnx", "what Keras exports", nil, 3, 1e-5, "probabilities, as they are (the graph ends in Softmax, and rows sum to 1)", 0},
	{"bgr.onnx", "trained on OpenCV images", []onnx.Option{onnx.Channels(onnx.BGR)}, 3, 1e-5, "logits", 0},
	{"float16.onnx", "half precision in and out", nil, 3, 1e-2, "logits", 0},
	{"uint8-nhwc.onnx", "takes bytes as they are", nil, 3, 1e-5, "logits", 0},
	{"int8-io.onnx", "integers in and out, their scales in the graph", nil, 3, 2.0 / 256, "probabilities", 0},
	{"fixed-batch-1.onnx", "a batch of exactly 1", nil, 3, 1e-5, "logits", 1},
	{"fixed-batch-4.onnx", "a batch of exactly 4", nil, 3, 1e-5, "logits", 4},
	{"two-outputs.onnx", "one of two outputs, by name", []onnx.Option{onnx.Output("logits")}, 3, 1e-5, "logits", 0},
	{"odd-names.onnx", "tensor names with spaces, quotes and other scripts", nil, 3, 1e-5, "logits", 0},
	{"vendor-domain.onnx", "operator sets that no node uses", nil, 3, 1e-5, "logits", 0},
	{"rank2-input.onnx", "flattened images", []onnx.Option{onnx.Layout(onnx.NCHW)}, 3, 1e-5, "logits", 0},
	{"four-classes.onnx", "other weights, four classes", nil, 3, 1e-5, "logits", 0},
	{"dynamic-hw.onnx", "any height and width", nil, 3, 1e-5, "logits", 0},
	{"grey.onnx", "one channel", nil, 1, 1e-5, "logits", 0},
	{"constant-output.onnx", "the same scores for everything", nil, 3, 1e-5, "logits", 0},
	{"ties.onnx", "coarse integer probabilities", nil, 3, 1e-5, "probabilities", 0},
}

func TestScoresAreAsExpected(t *testing.T) {
	e := loadExpected(t)
	for _, test := range oddModels {
		t.Run(test.file+"/"+test.reason, func(t *testing.T) {
			m := open(t, odd(test.file), append(test.options, onnx.Scale(1.0/255))...)
			inputs, want := e.inputs(test.channels), e.answers(test.file)
			if len(want) != len(inputs) {
				t.Fatalf("expected.json: expected %d answers, found %d", len(inputs), len(want))
			}
			for _, in := range inputs {
				if err := m.CheckInput(in); err != nil {
					t.Fatal(err)
				}
			}
			for i, row := range predict(t, m, inputs...) {
				for class, p := range row {
					if math.Abs(float64(p)-want[i][class]) > test.tolerance {
						t.Errorf("image %d: got %v, expected %v", i, row, want[i])
						break
					}
				}
			}
			d := m.Describe()
			if d.Classes != len(want[0]) || d.MaxBatch != test.batch || !strings.HasPrefix(d.Settings["scores"], test.scores) {
				t.Errorf("got %d classes, batch %d, scores %q; expected %d, %d, %q", d.Classes, d.MaxBatch, d.Settings["scores"], len(want[0]), test.batch, test.scores)
			}
		})
	}
}

func TestBatchesGiveTheScoresOfSingleInputs(t *testing.T) {
	e := loadExpected(t)
	for _, test := range oddModels {
		t.Run(test.file, func(t *testing.T) {
			m := open(t, odd(test.file), append(test.options, onnx.Scale(1.0/255))...)
			images := e.inputs(test.channels)
			var inputs []input.Input
			var want [][]float32
			for i := range 9 {
				inputs = append(inputs, images[i%len(images)])
				want = append(want, predict(t, m, inputs[i])[0])
			}
			for n := 1; n <= 9; n++ {
				for i, row := range predict(t, m, inputs[:n]...) {
					if !slices.EqualFunc(row, want[i], func(a, b float32) bool { return math.Abs(float64(a-b)) <= 1e-6 }) {
						t.Errorf("batch of %d: input %d: got %v, alone %v", n, i, row, want[i])
					}
				}
			}
		})
	}
}

func TestDynamicQuantisationDoesNotMixABatch(t *testing.T) {
	m := open(t, "../../fixtures/models/lenet5-dynamic.onnx", onnx.Scale(1.0/255))
	var inputs []input.Input
	for i := range 5 {
		pixels := make([]uint8, 28*28)
		for j := range pixels {
			pixels[j] = uint8(j * (i + 1) / (5 - i))
		}
		inputs = append(inputs, model.Must(input.NewImage(28, 28, 1, pixels)))
	}
	for i, row := range predict(t, m, inputs...) {
		if alone := predict(t, m, inputs[i])[0]; !same(row, alone) {
			t.Errorf("input %d: got %v in a batch, %v alone", i, row, alone)
		}
	}
	d := m.Describe()
	if d.MaxBatch != 1 || !strings.Contains(strings.Join(d.Notes, "\n"), "one by one") {
		t.Errorf("expected a largest batch of 1 and a note, found %d and %q", d.MaxBatch, d.Notes)
	}
}

func TestModelsThatMixABatchRunOneByOne(t *testing.T) {
	// Its logits are the values of an input times the smallest value in the whole batch.
	mixing := func(batch int) []byte {
		return modelOf([][]byte{
			tensorValue(11, "x", isFloat32, batch, 1, 2, 2), tensorValue(12, "y", isFloat32, batch, 4),
			nodeOf("Flatten", "x", "flat"), nodeOf("ReduceMin", "flat", "min"), nodeOf("Mul", "flat", "y", text(1, "min")),
		})
	}
	image := func(top uint8) input.Input {
		return model.Must(input.NewImage(2, 2, 1, []uint8{top / 2, top, top, top}))
	}
	inputs := []input.Input{image(100), image(200), image(40), image(250), image(10)}
	for _, test := range []struct {
		reason string
		batch  int
	}{
		{"a dynamic batch", 0},
		{"a fixed batch, filled with one input", 3},
	} {
		t.Run(test.reason, func(t *testing.T) {
			m, err := onnx.OpenBytes("mixing.onnx", mixing(test.batch), onnx.Scale(1.0/255), onnx.Scores(onnx.Logits))
			if err != nil {
				t.Fatal(err)
			}
			defer m.Close()
			for i, row := range predict(t, m, inputs...) {
				low, top := float64(inputs[i].Data[0])/255, float64(inputs[i].Data[1])/255
				got, want := math.Log(float64(row[1])/float64(row[0])), (top-low)*low
				if math.Abs(got-want) > 1e-5 {
					t.Errorf("input %d: got a logit of %g, expected %g: its own values alone", i, got, want)
				}
			}
			d := m.Describe()
			if d.MaxBatch != 1 || !strings.Contains(strings.Join(d.Notes, "\n"), "one by one") {
				t.Errorf("expected a largest batch of 1 and a note, found %d and %q", d.MaxBatch, d.Notes)
			}
		})
	}
}

func TestImagesOfAnySize(t *testing.T) {
	m := open(t, odd("dynamic-hw.onnx"), onnx.Scale(1.0/255))
	sized := func(height, width int) input.Input {
		pixels := make([]uint8, height*width*3)
		for i := range pixels {
			pixels[i] = uint8(i * 7)
		}
		return model.Must(input.NewImage(height, width, 3, pixels))
	}
	inputs := []input.Input{sized(8, 8), sized(8, 8), sized(5, 9), sized(16, 4), sized(8, 8)}
	for i, row := range predict(t, m, inputs...) {
		if alone := predict(t, m, inputs[i])[0]; !same(row, alone) {
			t.Errorf("input %d: got %v in a batch of several sizes, %v alone", i, row, alone)
		}
	}
}

func TestNaNIsReturned(t *testing.T) {
	e := loadExpected(t)
	for _, file := range []string{"nan-output.onnx", "nan-sometimes.onnx"} {
		m := open(t, odd(file), onnx.Scale(1.0/255))
		bright := e.inputs(3)[0]
		for i := range bright.Data {
			bright.Data[i] = 255
		}
		row := predict(t, m, bright)[0]
		if len(row) != 3 || !math.IsNaN(float64(row[0])) || !math.IsNaN(float64(row[2])) {
			t.Errorf("%s: expected NaN, which the engine reports, found %v", file, row)
		}
	}
}

func TestConcurrentPredictions(t *testing.T) {
	e := loadExpected(t)
	for _, file := range []string{"nchw-rgb.onnx", "int8-io.onnx", "fixed-batch-4.onnx"} {
		m := open(t, odd(file), onnx.Scale(1.0/255))
		inputs := e.inputs(3)
		want := predict(t, m, inputs...)
		var wait sync.WaitGroup
		for worker := range 4 {
			wait.Go(func() {
				var dst [][]float32
				for i := range 50 {
					n := 1 + (worker+i)%len(inputs)
					var err error
					if dst, err = m.PredictInto(t.Context(), inputs[:n], dst); err != nil {
						t.Error(err)
						return
					}
					for j, row := range dst {
						if !same(row, want[j]) {
							t.Errorf("%s: worker %d: input %d: got %v, expected %v", file, worker, j, row, want[j])
							return
						}
					}
				}
			})
		}
		wait.Wait()
	}
}

func TestCloseWaitsAndPredictAfterCloseFails(t *testing.T) {
	e := loadExpected(t)
	m := open(t, odd("nchw-rgb.onnx"), onnx.Scale(1.0/255))
	inputs := e.inputs(3)
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for {
				if _, err := m.Predict(t.Context(), inputs); err != nil {
					if !errors.Is(err, onnx.ErrClosed) {
						t.Error(err)
					}
					return
				}
			}
		})
	}
	if err := errors.Join(m.Close(), m.Close()); err != nil {
		t.Error(err)
	}
	wait.Wait()
	_, err := m.Predict(t.Context(), inputs)
	if want := "onnx: testdata/nchw-rgb.onnx: model is closed"; err == nil || err.Error() != want {
		t.Errorf("got %v, expected %q", err, want)
	}
}

func TestCancelledContext(t *testing.T) {
	m := open(t, odd("nchw-rgb.onnx"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Predict(ctx, loadExpected(t).inputs(3)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, expected context.Canceled", err)
	}
}

func TestPredictIntoReusesRows(t *testing.T) {
	m := open(t, odd("nchw-rgb.onnx"), onnx.Scale(1.0/255))
	inputs := loadExpected(t).inputs(3)
	want := predict(t, m, inputs...)
	for _, test := range []struct {
		reason string
		dst    [][]float32
		reused int // rows whose memory must come back
	}{
		{"nothing to reuse", nil, 0},
		{"fewer rows than inputs", [][]float32{make([]float32, 3)}, 1},
		{"rows too short, rows nil, rows with room", [][]float32{make([]float32, 2), nil, make([]float32, 0, 3), make([]float32, 5)}, 0},
		{"more rows than inputs", [][]float32{make([]float32, 3), make([]float32, 3), make([]float32, 3), make([]float32, 3), {7}}, 4},
	} {
		t.Run(test.reason, func(t *testing.T) {
			before := slices.Clone(test.dst)
			got, err := m.PredictInto(t.Context(), inputs, test.dst)
			if err != nil || len(got) != len(inputs) {
				t.Fatalf("got %d rows and %v", len(got), err)
			}
			for i, row := range got {
				if !same(row, want[i]) {
					t.Errorf("row %d: got %v, expected %v", i, row, want[i])
				}
				if i < test.reused && &row[0] != &before[i][0] {
					t.Errorf("row %d: its memory was not reused", i)
				}
			}
		})
	}
	if got, err := m.PredictInto(t.Context(), nil, nil); err != nil || len(got) != 0 {
		t.Errorf("no inputs: got %v and %v, expected no rows", got, err)
	}
}

func TestPredictIntoDoesNotAllocate(t *testing.T) {
	e := loadExpected(t)
	for _, test := range oddModels {
		m := open(t, odd(test.file), append(test.options, onnx.Scale(1.0/255))...)
		inputs := e.inputs(test.channels)
		dst := predict(t, m, inputs...)
		allocations := testing.AllocsPerRun(20, func() {
			for _, n := range []int{4, 1, 3} {
				var err error
				if dst, err = m.PredictInto(t.Context(), inputs[:n], dst[:n]); err != nil {
					t.Fatal(err)
				}
			}
		})
		if allocations > 0 {
			t.Errorf("%s: expected no allocation, found %g", test.file, allocations)
		}
	}
}

func TestWhatAModelSees(t *testing.T) {
	// Pixel (row, column) of channel c is 100*c + 10*row + column.
	image := func(channels int) input.Input {
		var pixels []uint8
		for row := range 2 {
			for column := range 2 {
				for c := range channels {
					pixels = append(pixels, uint8(100*c+10*row+column))
				}
			}
		}
		return model.Must(input.NewImage(2, 2, channels, pixels))
	}
	byChannel := []float32{0, 1, 10, 11, 100, 101, 110, 111, 200, 201, 210, 211}
	byPixel := []float32{0, 100, 200, 1, 101, 201, 10, 110, 210, 11, 111, 211}
	byPixelBGR := []float32{200, 100, 0, 201, 101, 1, 210, 110, 10, 211, 111, 11}
	for _, test := range []struct {
		reason  string
		model   []byte
		options []onnx.Option
		input   input.Input
		want    []float32
	}{
		{"NCHW", flatten(isFloat32, 0, 3, 2, 2), nil, image(3), byChannel},
		{"NHWC", flatten(isFloat32, 0, 2, 2, 3), nil, image(3), byPixel},
		{"NHWC and BGR", flatten(isFloat32, 0, 2, 2, 3), []onnx.Option{onnx.Channels(onnx.BGR)}, image(3), byPixelBGR},
		{"float16", flatten(isFloat16, 0, 3, 2, 2), nil, image(3), byChannel},
		{"float64", flatten(isFloat64, 0, 3, 2, 2), nil, image(3), byChannel},
		{"uint8", flatten(isUint8, 0, 2, 2, 3), []onnx.Option{onnx.QuantizedOutput(1.0/255, 0)}, image(3), byPixel},
		{"int8", flatten(isInt8, 0, 2, 2, 3), []onnx.Option{onnx.QuantizedInput(1.0/255, -128), onnx.QuantizedOutput(1.0/255, -128)}, image(3), byPixel},
		{"a fixed batch of 3", flatten(isFloat32, 3, 3, 2, 2), nil, image(3), byChannel},
		{"grey without a channel dimension", flatten(isFloat32, 0, 2, 2), nil, image(1), []float32{0, 1, 10, 11}},
		{"grey for a colour model", flatten(isFloat32, 0, 2, 2, 3), []onnx.Option{onnx.GreyToRGB()}, image(1), []float32{0, 0, 0, 1, 1, 1, 10, 10, 10, 11, 11, 11}},
		{"flattened by channel", flatten(isFloat32, 0, 12), []onnx.Option{onnx.Layout(onnx.NCHW)}, image(3), byChannel},
		{"flattened by pixel", flatten(isFloat32, 0, 12), []onnx.Option{onnx.Layout(onnx.NHWC)}, image(3), byPixel},
		{"grey flattened needs no layout", flatten(isFloat32, 0, 4), nil, image(1), []float32{0, 1, 10, 11}},
		{"a row of a table", flatten(isFloat32, 0, 4), nil, input.Input{Shape: []int{4}, Data: []float32{1, 2, 3.5, 255}, Domain: input.Domain{Max: 255}}, []float32{1, 2, 3.5, 255}},
		{"layout that the shape leaves open", flatten(isFloat32, 0, 3, 4, 3), []onnx.Option{onnx.Layout(onnx.NCHW)},
			model.Must(input.NewImage(4, 3, 3, make([]uint8, 36))), make([]float32, 36)},
	} {
		t.Run(test.reason, func(t *testing.T) {
			options := append([]onnx.Option{onnx.Scale(1.0 / 255), onnx.Scores(onnx.Probabilities)}, test.options...)
			m, err := onnx.OpenBytes("flatten.onnx", test.model, options...)
			if err != nil {
				t.Fatal(err)
			}
			defer m.Close()
			if err := m.CheckInput(test.input); err != nil {
				t.Fatal(err)
			}
			for i, v := range predict(t, m, test.input)[0] {
				want := test.want[i] / 255
				if strings.HasPrefix(test.reason, "float16") {
					if math.Abs(float64(v-want)) > 1e-3 {
						t.Errorf("value %d: got %v, expected %v", i, v, want)
					}
				} else if v != want {
					t.Errorf("value %d: got %v, expected %v exactly", i, v, want)
				}
			}
		})
	}
}

func TestPreprocessing(t *testing.T) {
	m, err := onnx.OpenBytes("flatten.onnx", flatten(isFloat32, 0, 1, 2, 3), onnx.Layout(onnx.NHWC), onnx.Scores(onnx.Logits),
		onnx.ImageInput([]float64{0.5, 0.25, 0}, []float64{0.5, 0.25, 2}))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	row := predict(t, m, model.Must(input.NewImage(1, 2, 3, []uint8{0, 51, 255, 0, 0, 0})))[0]
	want := []float64{(0 - 0.5) / 0.5, (0.2 - 0.25) / 0.25, 1.0 / 2}
	// The scores are the softmax of what the model saw: their logarithms differ as that did.
	for i := range want {
		got := math.Log(float64(row[i])/float64(row[0])) + want[0]
		if math.Abs(got-want[i]) > 1e-6 {
			t.Errorf("channel %d: got %g, expected %g", i, got, want[i])
		}
	}
	if got, want := m.Describe().Settings["preprocess"], "(x * 0.00392157 - [0.5 0.25 0]) / [0.5 0.25 2]"; got != want {
		t.Errorf("got %q, expected %q", got, want)
	}
}
