//go:build cgo && !windows

package litert_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/runtimes/litert"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

// TestFixturesAreTheNetworks: the float models give what the ONNX models give, and the quantised ones mostly the same classes.
func TestFixturesAreTheNetworks(t *testing.T) {
	images := clothes(t, 500)
	for _, p := range fixtures.LiteRTPairs() {
		o, err := onnx.OpenFS(fixtures.Models, strings.TrimSuffix(p.Original, ".tflite")+".onnx", onnx.Scale(fixtures.Scale))
		if err != nil {
			t.Fatal(err)
		}
		defer o.Close()
		want, err := o.Predict(t.Context(), images)
		if err != nil {
			t.Fatal(err)
		}
		float := predict(t, embedded(t, p.Original), images...)
		small := predict(t, embedded(t, p.Compressed), images...)
		same := 0
		for i := range want {
			for k := range want[i] {
				if !near(float[i][k], float64(want[i][k]), 1e-5) {
					t.Fatalf("%s: image %d: got %v, ONNX gives %v", p.Original, i, float[i], want[i])
				}
			}
			if answer.Label(small[i]) == answer.Label(want[i]) {
				same++
			}
		}
		if same < 490 || p.Compressed == p.Original {
			t.Errorf("%s: %d of 500 classes as the original's", p.Compressed, same)
		}
	}
}

// TestAloneAndTogether: an answer is the same to the last bit whatever else is in the batch, and whoever asks at the same time: compiled
// models that are shared give others.
func TestAloneAndTogether(t *testing.T) {
	images := clothes(t, 128)
	for _, p := range fixtures.LiteRTPairs() {
		m := embedded(t, p.Compressed)
		var alone [][]float32
		for _, in := range images {
			alone = append(alone, predict(t, m, in)...)
		}
		var group sync.WaitGroup
		for worker := range 8 {
			group.Go(func() {
				rng := rand.New(rand.NewPCG(uint64(worker), 1))
				for range 40 {
					from := rng.IntN(len(images))
					n := 1 + rng.IntN(min(len(images)-from, 33))
					got, err := m.Predict(t.Context(), images[from:from+n])
					if err != nil {
						t.Error(err)
						return
					}
					for i := range got {
						if !slices.Equal(got[i], alone[from+i]) {
							t.Errorf("%s: image %d in a batch of %d: got %v, alone %v", p.Compressed, from+i, n, got[i], alone[from+i])
							return
						}
					}
				}
			})
		}
		group.Wait()
	}
}

// TestElements: every type that is read and written.
func TestElements(t *testing.T) {
	bits := []float32{0, 1, 0, 1, 1, 0, 1, 0}
	numbers := []float32{0, 1, -2, 3, 17, -40, 5, 21}
	doubled := []float64{0, 2, -4, 6, 34, -80, 10, 42}
	for _, test := range []struct {
		name   string
		domain input.Domain
		in     []float32
		want   []float64
		slack  float64
	}{
		{"int32", whole, numbers, doubled, 0},
		{"int64", whole, numbers, doubled, 0},
		{"int16-whole", whole, numbers, doubled, 0},
		{"float16", reals, numbers, doubled, 0},
		{"bool", truth, bits, []float64{0, 1, 0, 1, 1, 0, 1, 0}, 0},
		{"int8", truth, bits, times(ramp(4, 8), []float64{0, 1, 0, 1, 1, 0, 1, 0}), 0},
		{"uint8", truth, bits, times(ramp(4, 8), []float64{0, 1, 0, 1, 1, 0, 1, 0}), 0},
	} {
		m := opened(t, test.name, litert.Scores(litert.Raw))
		if err := m.CheckInput(row(test.domain, test.in...)); err != nil && test.domain != truth {
			t.Errorf("%s: %v", test.name, err)
		}
		got := predict(t, m, row(test.domain, test.in...))[0]
		for i := range got {
			if len(got) != len(test.want) || !near(got[i], test.want[i], test.slack) {
				t.Errorf("%s: got %v, expected %v", test.name, got, test.want)
				break
			}
		}
	}
	// int16 with a scale stands for real numbers, in and out.
	x := []float64{0.06, -0.12, 0.03, 0.18, -0.06, 0.12, 0, 0.07}
	var in []float32
	for _, v := range x {
		in = append(in, float32(v))
	}
	m := opened(t, "int16")
	got := predict(t, m, row(reals, in...))[0]
	var want []float64
	sum := 0.0
	for _, v := range times(ramp(4, 8), x) {
		want = append(want, math.Exp(v))
		sum += math.Exp(v)
	}
	for i := range got {
		if !near(got[i], want[i]/sum, 1e-3) {
			t.Errorf("int16: got %v, expected %v in proportion", got, want)
		}
	}
	if s := m.Describe().Settings; !strings.Contains(s["preprocess"], "then int16 with scale") || !strings.Contains(s["output"], "int16") {
		t.Errorf("int16: %v", s)
	}
}

// TestRoundsAsTheRuntime: a quantised input gets the integers that the runtime's own operator QUANTIZE makes, halves to the even one.
func TestRoundsAsTheRuntime(t *testing.T) {
	values := []float32{0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 3.4999998, 99}
	want := []float64{0, 2, 2, 0, -2, -2, 3, 99}
	for _, on := range []bool{true, false} {
		theirs := predict(t, opened(t, "rounding", litert.Scores(litert.Raw), litert.XNNPACK(on)), row(reals, values...))[0]
		for i := range theirs {
			if float64(theirs[i]) != want[i] {
				t.Errorf("QUANTIZE, XNNPACK %v: got %v, expected %v", on, theirs, want)
				break
			}
		}
	}
	// The model int8 has the scale 1/16 and the zero point -3.
	var in []float32
	for _, v := range values {
		in = append(in, v/16)
	}
	var rounded []float64
	for _, v := range want {
		rounded = append(rounded, v/16)
	}
	exact := times(ramp(4, 8), rounded)
	got := predict(t, opened(t, "int8", litert.Scores(litert.Raw)), row(reals, in...))[0]
	for i := range got {
		if w := math.RoundToEven(exact[i]*16) / 16; !near(got[i], min(w, 127.0/16), 1e-6) {
			t.Errorf("got %v, expected %v", got, exact)
			break
		}
	}
}

// TestFunctionsGiveRealNumbers: what a function makes, or an option fixes, is quantised by the scale of the input, as preprocessing is.
func TestFunctionsGiveRealNumbers(t *testing.T) {
	bits := []float32{0, 1, 0, 1, 1, 0, 1, 0}
	halves := litert.Preprocess(func(raw input.Input, dst []litert.Tensor) error {
		values := dst[0].Resize(1, 8)
		for i := range values {
			values[i] = float64(raw.Data[i]) / 2
		}
		return nil
	})
	for _, name := range []string{"int8", "uint8", "int16"} {
		raw := litert.Scores(litert.Raw)
		made := predict(t, opened(t, name, raw, halves), row(truth, bits...))[0]
		scaled := predict(t, opened(t, name, raw, litert.Scale(0.5)), row(truth, bits...))[0]
		if !slices.Equal(made, scaled) {
			t.Errorf("%s: a function gives %v, an option %v", name, made, scaled)
		}
	}
	_, err := opened(t, "int8", litert.Preprocess(func(_ input.Input, dst []litert.Tensor) error {
		dst[0].Resize(1, 8)[3] = math.NaN()
		return nil
	}), litert.Scores(litert.Raw)).Predict(t.Context(), []input.Input{row(truth, bits...)})
	if err == nil || !strings.Contains(err.Error(), "litert.Preprocess") || !strings.Contains(err.Error(), "found NaN at index 3") {
		t.Errorf("got %v", err)
	}
}

// TestSignatures: inputs and outputs go by the names that a signature gives them, whatever the order in the graph.
func TestSignatures(t *testing.T) {
	in, err := input.Join(
		input.Searched("b", row(reals, 1, 2, 3)),
		input.Searched("a", row(reals, 10, 20, 30)))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		key     string
		outputs []string
		want    []float32
	}{
		{"sum", []string{"out"}, []float32{11, 22, 33}},
		{"sum", []string{"tripled"}, []float32{30, 60, 90}},
		{"sum", []string{"out", "tripled"}, []float32{11, 22, 33, 30, 60, 90}},
		{"sum", []string{"tripled", "out"}, []float32{30, 60, 90, 11, 22, 33}},
		{"difference", []string{"out"}, []float32{9, 18, 27}},
	} {
		m := opened(t, "several", litert.Signature(test.key), litert.Scores(litert.Raw), litert.Output(test.outputs...))
		if got := predict(t, m, in, in); !slices.Equal(got[0], test.want) || !slices.Equal(got[1], test.want) {
			t.Errorf("%s %v: got %v, expected %v", test.key, test.outputs, got, test.want)
		}
		if got := m.Describe().Settings["signature"]; got != test.key {
			t.Errorf("described as %q, expected %q", got, test.key)
		}
	}
	fixed := opened(t, "several", litert.Signature("difference"), litert.Scores(litert.Raw), litert.Fixed("b", 5))
	if got := predict(t, fixed, row(reals, 10, 20, 30))[0]; !slices.Equal(got, []float32{5, 15, 25}) {
		t.Errorf("a less 5: got %v", got)
	}
}

// TestBatches: files with a fixed batch, and answers that depend on the batch.
func TestBatches(t *testing.T) {
	image := func(first float32) input.Input {
		in := input.Input{Shape: []int{4, 5, 3}, Data: make([]float32, 60), Domain: input.Bytes}
		for i := range in.Data {
			in.Data[i] = float32(i%7) + first
		}
		return in
	}
	want := func(in input.Input) []float64 {
		var x []float64
		for _, v := range in.Data {
			x = append(x, float64(v))
		}
		return times(ramp(4, 60), x)
	}
	m := opened(t, "batch4", litert.Scores(litert.Raw))
	var images []input.Input
	for i := range 6 {
		images = append(images, image(float32(i)))
	}
	for i, got := range predict(t, m, images...) {
		for k, w := range want(images[i]) {
			if !near(got[k], w, 1e-3) {
				t.Errorf("input %d: got %v, expected %v", i, got, want(images[i]))
				break
			}
		}
	}
	if n := m.Describe().MaxBatch; n != 4 {
		t.Errorf("batch4: largest batch %d", n)
	}

	mixing := opened(t, "mixing", litert.Scores(litert.Logits))
	a, b := row(reals, 1, 2, 3, 4, 5, 6, 7, 8), row(reals, 8, 1, 7, 2, 6, 3, 5, 4)
	together, alone := predict(t, mixing, a, b), predict(t, mixing, b)
	if !slices.Equal(together[1], alone[0]) {
		t.Errorf("in company %v, alone %v", together[1], alone[0])
	}
	if d := mixing.Describe(); d.MaxBatch != 1 || !strings.Contains(strings.Join(d.Notes, "\n"), "depend on what else is in a batch") {
		t.Errorf("mixing: largest batch %d, notes %q", d.MaxBatch, d.Notes)
	}
}

// TestShapes: images of any size, and a batch that the shape lets grow where an operator does not.
func TestShapes(t *testing.T) {
	image := func(height, width int) input.Input {
		in := input.Input{Shape: []int{height, width, 3}, Data: make([]float32, 3*height*width), Domain: input.Bytes}
		for i := range in.Data {
			in.Data[i] = float32(i * 7 % 255)
		}
		return in
	}
	images := []input.Input{image(3, 4), image(5, 6), image(5, 6), image(3, 4)}
	for i, got := range predict(t, opened(t, "any-size", litert.Scores(litert.Raw)), images...) {
		means := make([]float64, 3)
		for k, v := range images[i].Data {
			means[k%3] += float64(v) * 3 / float64(len(images[i].Data))
		}
		for k, want := range times(ramp(4, 3), means) {
			if !near(got[k], want, 1e-3) {
				t.Errorf("%v: got %v, expected %v", images[i].Shape, got, times(ramp(4, 3), means))
				break
			}
		}
	}
	stuck := opened(t, "stuck", litert.Scores(litert.Raw))
	in := input.Input{Shape: []int{2, 4}, Data: []float32{0, 1, 0, 1, 1, 0, 1, 0}, Domain: truth}
	got, want := predict(t, stuck, in, in), predict(t, opened(t, "relu", litert.Scores(litert.Raw)), row(truth, in.Data...))[0]
	if !near(got[0][0], float64(want[0]), 1e-6) || !slices.Equal(got[0], got[1]) {
		t.Errorf("got %v", got)
	}
	if d := stuck.Describe(); d.MaxBatch != 1 || !strings.Contains(strings.Join(d.Notes, "\n"), "the model runs one input at a time only") {
		t.Errorf("largest batch %d, notes %q", d.MaxBatch, d.Notes)
	}
}

// TestLayouts: images with the channels first, and a shape that could be either.
func TestLayouts(t *testing.T) {
	first := opened(t, "nchw", litert.Scores(litert.Raw))
	in := input.Input{Shape: []int{4, 5, 3}, Data: make([]float32, 60), Domain: input.Bytes}
	x := make([]float64, 60)
	for y := range 4 {
		for col := range 5 {
			for c := range 3 {
				v := (y*31 + col*7 + c*3) % 251
				in.Data[(y*5+col)*3+c] = float32(v)
				x[(c*4+y)*5+col] = float64(v)
			}
		}
	}
	got := predict(t, first, in)[0]
	for i, w := range times(ramp(4, 60), x) {
		if !near(got[i], w, 1e-2) {
			t.Fatalf("got %v, expected %v", got, times(ramp(4, 60), x))
		}
	}
	either := opened(t, "ambiguous", litert.Scores(litert.Raw), litert.Layout(litert.NHWC))
	if err := either.CheckInput(input.Input{Shape: []int{3, 4, 3}, Data: make([]float32, 36), Domain: input.Bytes}); err != nil {
		t.Error(err)
	}
}

// TestScores: how outputs are read, from the operators at the end of the graph.
func TestScores(t *testing.T) {
	x := []float64{1, 0, 1, 0, 0, 1, 0, 1}
	in := row(truth, 1, 0, 1, 0, 0, 1, 0, 1)
	p := 1 / (1 + math.Exp(-times(ramp(1, 8), x)[0]))
	if got := predict(t, opened(t, "sigmoid"), in)[0]; len(got) != 2 || !near(got[1], p, 1e-6) || !near(got[0], 1-p, 1e-6) {
		t.Errorf("sigmoid: got %v, expected %v", got, p)
	}
	for name, want := range map[string]string{
		"tiny":         "probabilities, as they are (the graph ends in Softmax, and rows sum to 1)",
		"int8":         "logits, softmax applied (the graph ends in Gemm, and rows do not sum to 1)",
		"int16":        "probabilities, as they are (the graph ends in Softmax, and rows sum to 1)",
		"int8-softmax": "probabilities, as they are (the graph ends in Softmax, and rows sum to 1)",
		"unread":       "probabilities, as they are (the graph ends in Softmax, and rows sum to 1)",
	} {
		m := opened(t, name)
		predict(t, m, in)
		if got := m.Describe().Settings["scores"]; got != want {
			t.Errorf("%s: got %q, expected %q", name, got, want)
		}
	}
}

// TestMetadata: labels, and what preprocessing the metadata ask for.
func TestMetadata(t *testing.T) {
	m := opened(t, "metadata")
	if got := m.Labels(); !slices.Equal(got, []string{"zero", "one", "two", "three"}) {
		t.Errorf("labels: got %q", got)
	}
	d := m.Describe()
	if d.Settings["metadata_name"] != "A tiny classifier" {
		t.Errorf("settings: %v", d.Settings)
	}
	if len(d.Notes) == 0 || !strings.Contains(d.Notes[0], "(x - mean) / std: litert.Mean(127.5), litert.Std(127.5)") {
		t.Errorf("notes: %q", d.Notes)
	}
	if labels := opened(t, "tiny").Labels(); labels != nil {
		t.Errorf("a file without metadata has the labels %q", labels)
	}
}

// TestUnreadInput: what no operator reads is not to be fed.
func TestUnreadInput(t *testing.T) {
	in := row(truth, 1, 0, 1, 0, 0, 1, 0, 1)
	got, want := predict(t, opened(t, "unread"), in)[0], predict(t, opened(t, "tiny"), in)[0]
	if !slices.Equal(got, want) {
		t.Errorf("got %v, expected %v", got, want)
	}
	notes := strings.Join(opened(t, "unread").Describe().Notes, "\n")
	if !strings.Contains(notes, `its input "unread" is ignored`) {
		t.Errorf("notes: %s", notes)
	}
}
