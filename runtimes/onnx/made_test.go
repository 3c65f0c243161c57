//go:build cgo

package onnx_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxtest"
	"github.com/triggerfinder/triggerfinder/strategies"
	"google.golang.org/protobuf/proto"
)

// echoed is a graph that gives each of its inputs, as float32.
func echoed(inputs ...*onnxpb.ValueInfoProto) []byte {
	m := onnxtest.Graph(inputs...)
	for _, in := range inputs {
		out := proto.Clone(in).(*onnxpb.ValueInfoProto)
		out.Name = proto.String(in.GetName() + "-out")
		out.GetType().GetTensorType().ElemType = proto.Int32(int32(asFloat))
		onnxtest.Result(m, onnxtest.Cast(m, in.GetName(), asFloat), out)
	}
	data, err := proto.Marshal(m)
	if err != nil {
		panic(err)
	}
	return data
}

// pairwise makes of a row [v, w, …] the sums of neighbours, and how many there are.
func pairwise(raw input.Input, dst []onnx.Tensor) error {
	if raw.Data[0] == 9 {
		return errNine
	}
	sums := dst[0].Resize(1, len(raw.Data)-1)
	for i := range sums {
		sums[i] = float64(raw.Data[i] + raw.Data[i+1])
	}
	clear(raw.Data) // a copy
	if len(dst) > 1 {
		dst[1].Values = append(dst[1].Values, float64(len(sums)))
	}
	return nil
}

var errNine = errors.New("no nines, please")

// TestPreprocess: what a function writes is what a model of any type gets, alone, in a batch and from many goroutines.
func TestPreprocess(t *testing.T) {
	for _, element := range []onnxpb.TensorProto_DataType{asFloat, asDouble, asHalf, asBrain, asByte, asInt8, asInt16, asInt32, asInt64} {
		data := echoed(onnxtest.Named(onnxtest.Value("x", element, 0, -1), "batch", "length"))
		m, err := onnx.OpenBytes("m.onnx", data, onnx.Scores(onnx.Raw), onnx.Preprocess(pairwise))
		if err != nil {
			t.Fatalf("%s: %v", element, err)
		}
		if _, err := m.Predict(t.Context(), []input.Input{row(ids, 1, 2, 9)}); err != nil { // which it refuses backwards
			t.Errorf("%s: %v", element, err)
		}
		var wait sync.WaitGroup
		for g := range 4 {
			wait.Go(func() {
				for _, n := range []int{1, 3, 2} {
					var batch []input.Input
					var want [][]float32
					for i := range n {
						a := float32((g + i) % 8)
						batch = append(batch, row(ids, a, a+1, a))
						want = append(want, []float32{2*a + 1, 2*a + 1})
					}
					rows, err := m.Predict(t.Context(), batch)
					if err != nil || !slices.EqualFunc(rows, want, slices.Equal) {
						t.Errorf("%s: got %v, %v, expected %v", element, rows, err, want)
					}
					if batch[0].Data[2] != batch[0].Data[0] || batch[0].Data[1] != batch[0].Data[0]+1 {
						t.Errorf("%s: the raw input was changed: %v", element, batch[0].Data)
					}
				}
			})
		}
		wait.Wait()
		d := m.Describe()
		if d.Settings["preprocess"] != "a function" || !strings.HasSuffix(d.Settings["input"], "[batch,length] made by a function") || d.MaxBatch != 0 {
			t.Errorf("%s: got settings %q and a largest batch of %d", element, d.Settings, d.MaxBatch)
		}
		m.Close()
	}
}

// TestPreprocessSeveral: one function for several inputs, by name, beside one that is fed by a part and one that is fixed; raw is
// the whole set.
func TestPreprocessSeveral(t *testing.T) {
	data := echoed(onnxtest.Value("count", asInt64, 0, 1), onnxtest.Value("sums", asInt32, 0, -1), onnxtest.Value("weight", asFloat, 0, 1),
		onnxtest.Value("rate", asInt64, 1))
	set := func(first float32) input.Input {
		return model.Must(input.Join(input.Searched("ids", row(ids, first, 2, 3)), input.Fixed("weight", row(input.Domain{Min: 0, Max: 1}, 0.5)),
			input.Fixed("extra", row(ids, 7))))
	}
	seen := func(raw input.Input, dst []onnx.Tensor) error {
		extra, ok := raw.Part("extra")
		if !ok || extra.Data[0] != 7 {
			return fmt.Errorf("expected all parts, found %v", raw)
		}
		part, _ := raw.Part("ids")
		return pairwise(part, dst)
	}
	m, err := onnx.OpenBytes("m.onnx", data, onnx.Scores(onnx.Raw), onnx.Output("sums-out", "count-out", "weight-out", "rate-out"),
		onnx.Preprocess(seen, "sums", "count"), onnx.Fixed("rate", 16000))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	rows, err := m.Predict(t.Context(), []input.Input{set(1), set(4)})
	if want := [][]float32{{3, 5, 2, 0.5, 16000}, {6, 5, 2, 0.5, 16000}}; err != nil || !slices.EqualFunc(rows, want, slices.Equal) {
		t.Errorf("got %v, %v, expected %v", rows, err, want)
	}
	if got, want := m.Describe().Settings["preprocess"], `"weight": none; "count": a function; "sums": a function`; got != want {
		t.Errorf("got %q, expected %q", got, want)
	}
}

// TestPreprocessOneSide: one model of a pair takes raw inputs, and the other what a function makes of them, by whichever option.
func TestPreprocessOneSide(t *testing.T) {
	data := echoed(onnxtest.Named(onnxtest.Value("x", asFloat, 0, -1), "batch", "length"))
	plus := func(by float64) func(raw input.Input, dst []onnx.Tensor) error {
		return func(raw input.Input, dst []onnx.Tensor) error {
			values := dst[0].Resize(1, len(raw.Data))
			for i, v := range raw.Data {
				values[i] = float64(v) + by
			}
			return nil
		}
	}
	files := fstest.MapFS{"a.onnx": {Data: data}, "b.onnx": {Data: data}}
	for _, test := range []struct {
		reason  string
		options []onnx.Option
		want    [2]float32
	}{
		{"both", []onnx.Option{onnx.Preprocess(plus(1))}, [2]float32{2, 2}},
		{"one", []onnx.Option{onnx.Compressed(onnx.Preprocess(plus(1)))}, [2]float32{1, 2}},
		{"the other by Scale", []onnx.Option{onnx.Original(onnx.Scale(5)), onnx.Compressed(onnx.Preprocess(plus(1), "x"))}, [2]float32{5, 2}},
		{"one of its own", []onnx.Option{onnx.Preprocess(plus(1)), onnx.Compressed(onnx.Preprocess(plus(2)))}, [2]float32{2, 3}},
		{"one of its own with a name", []onnx.Option{onnx.Preprocess(plus(1)), onnx.Original(onnx.Preprocess(plus(3), "x"))}, [2]float32{4, 2}},
		{"one of its own without a name", []onnx.Option{onnx.Preprocess(plus(1), "x"), onnx.Original(onnx.Preprocess(plus(3)))}, [2]float32{4, 2}},
		{"For", []onnx.Option{onnx.For("x", onnx.Preprocess(plus(4)))}, [2]float32{5, 5}},
		{"For in place of a feed outside", []onnx.Option{onnx.For("x", onnx.Preprocess(plus(4))), onnx.Original(onnx.For("x", onnx.Preprocess(plus(6))))}, [2]float32{7, 5}},
	} {
		pair, err := onnx.OpenPairFS(files, "a.onnx", "b.onnx", append(test.options, onnx.Scores(onnx.Raw))...)
		if err != nil {
			t.Errorf("%s: %v", test.reason, err)
			continue
		}
		for i, p := range []model.Predictor{pair.Original(), pair.Compressed()} {
			rows, err := p.Predict(t.Context(), []input.Input{row(ids, 1, 1)})
			if err != nil || rows[0][0] != test.want[i] || rows[0][1] != test.want[i] {
				t.Errorf("%s, model %d: got %v, %v, expected %v", test.reason, i, rows, err, test.want[i])
			}
		}
		pair.Close()
	}
}

// TestPreprocessInASearch: triggers are raw inputs, found through a function, and confirmed.
func TestPreprocessInASearch(t *testing.T) {
	data := echoed(onnxtest.Named(onnxtest.Value("x", asFloat, 0, -1), "batch", "length"))
	m := onnxtest.Graph(onnxtest.Named(onnxtest.Value("x", asFloat, 0, -1), "batch", "length"))
	onnxtest.Result(m, node(m, "Floor", "x"), onnxtest.Named(onnxtest.Value("x-out", asFloat, 0, -1), "batch", "length"))
	rounded := func(raw input.Input, dst []onnx.Tensor) error {
		for _, v := range raw.Data {
			dst[0].Values = append(dst[0].Values, float64(int(v)/2*2))
		}
		dst[0].Shape = []int{1, len(raw.Data)}
		return nil
	}
	pair, err := onnx.OpenPairFS(fstest.MapFS{"a.onnx": {Data: data}, "b.onnx": {Data: onnxtest.Bytes(t, m)}}, "a.onnx", "b.onnx",
		onnx.Scores(onnx.Raw), onnx.Compressed(onnx.Preprocess(rounded)))
	if err != nil {
		t.Fatal(err)
	}
	defer pair.Close()
	oracle := model.Must(answer.Tolerance(answer.Absolute(0.5)))
	r, err := engine.Search(t.Context(), pair, input.SeedList{{Input: row(ids, 3, 2, 2), Name: "odd"}, {Input: row(ids, 2, 2, 2), Name: "even"}},
		engine.Settings{Oracle: oracle, Budget: engine.Budget{QueriesPerSeed: 1}, Strategy: strategies.Random()})
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Triggers(); len(got) == 0 || got[0].SeedName != "odd" || !slices.Equal(got[0].Input.Data, []float32{3, 2, 2}) {
		t.Errorf("expected the odd seed as it is first, found %+v", got)
	}
}

// TestPreprocessErrors: each names the option and the model.
func TestPreprocessErrors(t *testing.T) {
	one := echoed(onnxtest.Named(onnxtest.Value("x", asInt32, 0, 2), "batch"))
	two := echoed(onnxtest.Value("x", asInt32, 0, 2), onnxtest.Value("y", asInt32, 0, 2))
	filled := func(values ...float64) func(input.Input, []onnx.Tensor) error {
		return func(_ input.Input, dst []onnx.Tensor) error {
			copy(dst[0].Resize(1, len(values)), values)
			return nil
		}
	}
	for _, test := range []struct {
		reason  string
		data    []byte
		options []onnx.Option
		in      input.Input
		want    string
	}{
		{"nil", one, []onnx.Option{onnx.Preprocess(nil)}, input.Input{}, "onnx: option Preprocess: expected a function, found nil"},
		{"a name twice", one, []onnx.Option{onnx.Preprocess(pairwise, "x", "x")}, input.Input{}, `onnx: option Preprocess: expected each input of the model once, found "x" twice`},
		{"no name", one, []onnx.Option{onnx.Preprocess(pairwise, "")}, input.Input{}, `onnx: option Preprocess: expected names of inputs of the model, found ""`},
		{"two without names", one, []onnx.Option{onnx.Preprocess(pairwise), onnx.Preprocess(pairwise)}, input.Input{}, "onnx: option Preprocess: expected one without names, found two"},
		{"and Fixed", one, []onnx.Option{onnx.Fixed("x", 1), onnx.Preprocess(pairwise, "x")}, input.Input{}, `onnx: option Preprocess: expected one option for the input "x", found onnx.Fixed too`},
		{"another name", one, []onnx.Option{onnx.Preprocess(pairwise, "z")}, input.Input{}, `onnx: m.onnx: expected an input "z", as onnx.Preprocess says, found "x" int32 [batch,2]`},
		{"two inputs, no name", two, []onnx.Option{onnx.Preprocess(pairwise), onnx.Output("x-out")}, input.Input{}, "onnx: m.onnx: expected one input that no other option feeds for onnx.Preprocess without names, found \"x\" int32 [batch,2], \"y\""},
		{"and Scale", one, []onnx.Option{onnx.Scale(2), onnx.Preprocess(pairwise)}, input.Input{}, "onnx: m.onnx: expected no options such as onnx.Scale and onnx.Layout where onnx.Preprocess makes what the model gets, found some"},
		{"and Layout in For", one, []onnx.Option{onnx.For("x", onnx.Layout(onnx.NCHW), onnx.Preprocess(pairwise))}, input.Input{}, `onnx: m.onnx: expected onnx.For("x") for an input that takes what is searched, or a part of it, found that onnx.Preprocess feeds it`},
		{"its own error", one, []onnx.Option{onnx.Preprocess(pairwise)}, row(ids, 9, 1, 2), `onnx: m.onnx: onnx.Preprocess("x"): no nines, please`},
		{"a panic", one, []onnx.Option{onnx.Preprocess(func(_ input.Input, dst []onnx.Tensor) error { dst[1].Values = nil; return nil }, "x")}, row(ids, 1, 1, 2), `onnx: m.onnx: onnx.Preprocess("x"): panic: runtime error: index out of range [1] with length 1`},
		{"another size", one, []onnx.Option{onnx.Preprocess(filled(1, 2, 3))}, row(ids, 1, 1, 2), `onnx: m.onnx: onnx.Preprocess("x"): expected a Shape for one input that fits "x" int32 [batch,2], found [1 3]`},
		{"nothing", one, []onnx.Option{onnx.Preprocess(func(input.Input, []onnx.Tensor) error { return nil })}, row(ids, 1, 1, 2), `onnx: m.onnx: onnx.Preprocess("x"): expected 2 values for one input, of the shape [1 2], found 0; the model takes "x" int32 [batch,2]`},
		{"no whole numbers", one, []onnx.Option{onnx.Preprocess(filled(1, 0.5))}, row(ids, 1, 1, 2), `onnx: m.onnx: onnx.Preprocess("x"): expected whole numbers of -2147483648..2147483647 for int32, found 0.5 at index 1`},
	} {
		m, err := onnx.OpenBytes("m.onnx", test.data, append(test.options, onnx.Scores(onnx.Raw))...)
		if err == nil {
			err = m.CheckInput(test.in)
			if _, predicted := m.Predict(t.Context(), []input.Input{test.in}); predicted == nil || !strings.Contains(predicted.Error(), strings.TrimPrefix(test.want, "onnx: m.onnx: ")) {
				t.Errorf("%s, predicted: got %v, expected %q", test.reason, predicted, test.want)
			} else if test.reason == "its own error" && (!errors.Is(predicted, errNine) || !errors.Is(err, errNine)) {
				t.Errorf("expected the function's own error, found %v and %v", predicted, err)
			}
			m.Close()
		}
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s: got %v, expected %q", test.reason, err, test.want)
		}
	}
}

// TestRowsOfEveryType: what is searched goes into an input of any type as it is, and what a type cannot hold is told before.
func TestRowsOfEveryType(t *testing.T) {
	bits := input.Domain{Min: 0, Max: 1, Step: 1}
	for _, element := range []onnxpb.TensorProto_DataType{asFloat, asDouble, asHalf, asBrain, asByte, asInt16, asInt32, asInt64, asBool} {
		m, err := onnx.OpenBytes("m.onnx", echoed(onnxtest.Value("x", element, 0, 3)), onnx.Scores(onnx.Raw))
		if err != nil {
			t.Fatalf("%s: %v", element, err)
		}
		batch := []input.Input{row(bits, 1, 0, 1), row(bits, 0, 0, 1)}
		rows, err := m.Predict(t.Context(), batch)
		if err != nil || !slices.Equal(rows[0], batch[0].Data) || !slices.Equal(rows[1], batch[1].Data) {
			t.Errorf("%s: got %v, %v", element, rows, err)
		}
		whole := element == asInt16 || element == asInt32 || element == asInt64 || element == asBool || element == asByte
		if err := m.CheckInput(row(input.Domain{Min: 0, Max: 1}, 0.5, 0, 1)); (err != nil) != whole {
			t.Errorf("%s: of a domain without steps: got %v", element, err)
		}
		if err := m.CheckInput(row(ids, 2, 0, 1)); (err != nil) != (element == asBool) {
			t.Errorf("%s: of a domain up to 9: got %v", element, err)
		}
		m.Close()
	}
	for _, element := range []onnxpb.TensorProto_DataType{onnxpb.TensorProto_UINT16, onnxpb.TensorProto_UINT32, onnxpb.TensorProto_UINT64, onnxpb.TensorProto_STRING} {
		if _, err := onnx.OpenBytes("m.onnx", echoed(onnxtest.Value("x", element, 0, 3)), onnx.Scores(onnx.Raw)); err == nil || !strings.Contains(err.Error(), "expected an input of float32, float64, float16, bfloat16, int8, uint8, int16, int32, int64 or bool, found \"x\"") {
			t.Errorf("%s: got %v", element, err)
		}
	}
}

// TestPreprocessAllocatesNothing beside the function.
func TestPreprocessAllocatesNothing(t *testing.T) {
	m, err := onnx.OpenBytes("m.onnx", echoed(onnxtest.Named(onnxtest.Value("x", asFloat, 0, -1), "batch", "length")), onnx.Scores(onnx.Raw),
		onnx.Preprocess(func(raw input.Input, dst []onnx.Tensor) error {
			values := dst[0].Resize(1, len(raw.Data))
			for i, v := range raw.Data {
				values[i] = float64(v)
			}
			return nil
		}))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	plain, err := onnx.OpenBytes("m.onnx", echoed(onnxtest.Named(onnxtest.Value("x", asFloat, 0, -1), "batch", "length")), onnx.Scores(onnx.Raw))
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	batch := []input.Input{row(ids, 1, 2, 3), row(ids, 4, 5, 6)}
	spent := func(m *onnx.Model) float64 {
		var dst [][]float32
		return testing.AllocsPerRun(100, func() {
			var err error
			if dst, err = m.PredictInto(t.Context(), batch, dst); err != nil {
				t.Fatal(err)
			}
		})
	}
	if with, without := spent(m), spent(plain); with > without {
		t.Errorf("expected at most %v allocations a run, as without a function, found %v", without, with)
	}
}
