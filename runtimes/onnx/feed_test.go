//go:build cgo

package onnx_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxtest"
	"google.golang.org/protobuf/proto"
)

const (
	asInt8  = onnxpb.TensorProto_INT8
	asInt16 = onnxpb.TensorProto_INT16
	asInt32 = onnxpb.TensorProto_INT32
	asInt64 = onnxpb.TensorProto_INT64
	asBool  = onnxpb.TensorProto_BOOL
	asBrain = onnxpb.TensorProto_BFLOAT16
)

// row is a row of numbers of a domain.
func row(domain input.Domain, values ...float32) input.Input {
	return input.Input{Shape: []int{len(values)}, Data: values, Domain: domain}
}

var ids = input.Domain{Min: 0, Max: 9, Step: 1}

// added is a graph of two inputs, a row of any length and the other one, that gives the row plus the other one.
func added(other *onnxpb.ValueInfoProto, see func(m modelProto) string) []byte {
	m := onnxtest.Graph(onnxtest.Named(onnxtest.Value("x", asFloat, 0, -1), "batch", "length"), other)
	onnxtest.Result(m, node(m, "Add", "x", see(m)), onnxtest.Named(onnxtest.Value("sum", asFloat, 0, -1), "batch", "length"))
	data, err := proto.Marshal(m)
	if err != nil {
		panic(err)
	}
	return data
}

// TestFixedAndMade: all types and shapes that a second input can have, fixed and made, alone and in a batch.
func TestFixedAndMade(t *testing.T) {
	named := func(element onnxpb.TensorProto_DataType, names []string, dims ...int64) *onnxpb.ValueInfoProto {
		return onnxtest.Named(onnxtest.Value("other", element, dims...), names...)
	}
	asIs := func(m modelProto) string { return onnxtest.Cast(m, "other", asFloat) }
	state := func(m modelProto) string { // [2,N,3] to [N,3], the second layer
		return withInt(m, "Gather", "axis", 0, "other", onnxtest.Integers(m, nil, 1))
	}
	twice := func(in input.Input) onnx.Tensor {
		var made onnx.Tensor
		for _, v := range in.Data {
			made.Values = append(made.Values, float64(int8(2*v)))
		}
		return made
	}
	shaped := func(in input.Input) onnx.Tensor {
		made := twice(in)
		made.Shape = []int{1, len(in.Data)}
		return made
	}
	layers := func(in input.Input) onnx.Tensor {
		return onnx.Tensor{Values: append(make([]float64, 3), twice(in).Values...)}
	}
	add := func(by ...float32) func(x, i float32) float32 {
		return func(x, i float32) float32 { return x + by[int(i)%len(by)] }
	}
	triple := func(x, _ float32) float32 { return x + float32(int8(2*x)) }
	type test struct {
		reason string
		other  *onnxpb.ValueInfoProto
		see    func(m modelProto) string
		option onnx.Option
		want   func(x, i float32) float32
		alone  bool
	}
	tests := []test{
		{"one value for a row of another length", named(asFloat, []string{"batch", "length"}, 0, -1), asIs, onnx.Fixed("other", 2.5), add(2.5), false},
		{"a value for each", named(asFloat, []string{"batch"}, 0, 3), asIs, onnx.Fixed("other", 1, 2, 3), add(1, 2, 3), false},
		{"the first dimension under another name", named(asFloat, []string{"N"}, 0, 3), asIs, onnx.Fixed("other", 1, 2, 3), add(1, 2, 3), false},
		{"an open dimension that the values tell", named(asFloat, []string{"batch", "own"}, 0, -1), asIs, onnx.Fixed("other", 1, 2, 3), add(1, 2, 3), false},
		{"no batch", named(asFloat, nil, 3), asIs, onnx.Fixed("other", 1, 2, 3), add(1, 2, 3), false},
		{"a scalar", named(asInt64, nil), asIs, onnx.Fixed("other", 16000), add(16000), false},
		{"a scalar of bool", named(asBool, nil), asIs, onnx.Fixed("other", 1), add(1), false},
		{"a state whose batch is its second dimension", named(asFloat, []string{"batch"}, 2, 0, 3), state, onnx.Fixed("other", 9, 9, 9, 1, 2, 3), add(1, 2, 3), false},
		{"a state whose batch has no name", named(asFloat, []string{""}, 2, 0, 3), state, onnx.Fixed("other", 9, 9, 9, 1, 2, 3), add(1, 2, 3), false},
		{"an empty past", named(asFloat, []string{"batch", "past"}, 0, -1), func(m modelProto) string {
			out, n := onnxtest.Node(m, "ReduceSum", "other", onnxtest.Integers(m, []int64{1}, 1))
			onnxtest.Int(n, "keepdims", 1)
			return out
		}, onnx.Fixed("other"), add(0), false},
		{"made, of the length of the row", named(asFloat, []string{"batch", "length"}, 0, -1), asIs, onnx.Made("other", twice), triple, false},
		{"made, with a shape", named(asFloat, []string{"batch", "own"}, 0, -1), asIs, onnx.Made("other", shaped), triple, false},
		{"made, a state", named(asFloat, []string{"batch"}, 2, 0, 3), state, onnx.Made("other", layers), triple, false},
		{"made, without a batch", named(asFloat, []string{"length"}, -1), asIs, onnx.Made("other", twice), triple, true},
		{"made, a scalar", named(asInt32, nil), asIs, onnx.Made("other", func(in input.Input) onnx.Tensor { return onnx.Tensor{Values: []float64{float64(in.Data[0])}} }),
			func(x, i float32) float32 { return x + x - i }, true},
	}
	for _, element := range []onnxpb.TensorProto_DataType{asFloat, asDouble, asHalf, asBrain, asInt8, asByte, asInt16, asInt32, asInt64, asBool} {
		values := []float64{1, 0, 1}
		if element != asBool {
			values = []float64{7, 0, 100}
		}
		tests = append(tests, test{element.String(), named(element, []string{"batch"}, 0, 3), asIs, onnx.Fixed("other", values...),
			add(float32(values[0]), float32(values[1]), float32(values[2])), false})
		if element != asBool && element != asByte {
			values = []float64{-7, 3, -100}
			tests = append(tests, test{element.String() + " below 0", named(element, []string{"batch"}, 0, 3), asIs, onnx.Fixed("other", values...), add(-7, 3, -100), false})
		}
		if element != asBool && element != asByte {
			tests = append(tests, test{element.String() + " made", named(element, []string{"batch", "length"}, 0, -1), asIs, onnx.Made("other", twice), triple, false})
		}
	}
	for _, test := range tests {
		t.Run(test.reason, func(t *testing.T) {
			m, err := onnx.OpenBytes("m.onnx", added(test.other, test.see), onnx.Scores(onnx.Raw), test.option)
			if err != nil {
				t.Fatal(err)
			}
			defer m.Close()
			for _, n := range []int{1, 3, 2, 1} {
				var batch []input.Input
				for i := range n {
					batch = append(batch, row(ids, float32(3*i), float32(3*i+1), float32(3*i+2)))
				}
				rows, err := m.Predict(t.Context(), batch)
				if err != nil {
					t.Fatal(err)
				}
				for i := range batch {
					var want []float32
					for j, x := range batch[i].Data {
						want = append(want, test.want(x, float32(j)))
					}
					if !slices.Equal(rows[i], want) {
						t.Errorf("input %d of %d: got %v, expected %v", i, n, rows[i], want)
					}
				}
			}
			if got := m.Describe().MaxBatch == 1; got != test.alone {
				t.Errorf("one by one: %v, expected %v; notes %q", got, test.alone, m.Describe().Notes)
			}
		})
	}
}

// TestMadeFromIDs: what a transformer takes, with rows of several lengths.
func TestMadeFromIDs(t *testing.T) {
	names := []string{"batch", "length"}
	m := onnxtest.Graph(onnxtest.Named(onnxtest.Value("input_ids", asInt64, 0, -1), names...), onnxtest.Named(onnxtest.Value("attention_mask", asInt64, 0, -1), names...),
		onnxtest.Value("scale", asHalf, 1))
	embedded := withInt(m, "Gather", "axis", 0, onnxtest.Tensor(m, asFloat, []int64{10}, 0, 10, 20, 30, 40, 50, 60, 70, 80, 90), "input_ids")
	masked := node(m, "Mul", node(m, "Mul", embedded, onnxtest.Cast(m, "attention_mask", asFloat)), onnxtest.Cast(m, "scale", asFloat))
	onnxtest.Result(m, masked, onnxtest.Named(onnxtest.Value("y", asFloat, 0, -1), names...))
	var mu sync.Mutex
	calls := 0
	mask := onnx.Made("attention_mask", func(in input.Input) onnx.Tensor {
		mu.Lock()
		calls++
		mu.Unlock()
		var made onnx.Tensor
		for _, id := range in.Data {
			made.Values = append(made.Values, map[bool]float64{true: 1}[id != 1])
		}
		return made
	})
	opened, err := onnx.OpenBytes("m.onnx", onnxtest.Bytes(t, m), mask, onnx.Fixed("scale", 0.5), onnx.Scores(onnx.Raw))
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	rows, err := opened.Predict(t.Context(), []input.Input{row(ids, 3, 1, 9), row(ids, 1, 1, 2), row(ids, 5, 6), row(ids, 2, 2, 2)})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(rows); got != "[[15 0 45] [0 0 10] [25 30] [10 10 10]]" {
		t.Error(got)
	}
	if calls == 0 {
		t.Error("the function was not called")
	}
	d := opened.Describe()
	if got := d.Settings["input"]; got != `"input_ids" int64 [batch,length] rows; "attention_mask" int64 [batch,length] made by a function; "scale" float16 [1] fixed at 0.5` {
		t.Errorf("got %q", got)
	}
	if d.MaxBatch == 1 {
		t.Errorf("notes %q", d.Notes)
	}
}

func TestFeedsThatCannotBe(t *testing.T) {
	other := onnxtest.Named(onnxtest.Value("other", asInt32, 0, 3), "batch")
	data := added(other, func(m modelProto) string { return onnxtest.Cast(m, "other", asFloat) })
	open := added(onnxtest.Named(onnxtest.Value("other", asInt32, 0, -1), "batch", "own"), func(m modelProto) string { return onnxtest.Cast(m, "other", asFloat) })
	made := func(values ...float64) func(input.Input) onnx.Tensor {
		return func(input.Input) onnx.Tensor { return onnx.Tensor{Values: values} }
	}
	growing := 0
	for _, test := range []struct {
		reason  string
		data    []byte
		options []onnx.Option
		want    string
	}{
		{"nothing feeds it", data, nil, `input 0: onnx: m.onnx: expected every input of the model to be fed, found nothing for "x" float32 [batch,length], "other" int32 [batch,3]; the input is one array without a name; a part feeds the input of its name (see input.Join), onnx.Feed(target, part) one of another name, and onnx.Fixed(name, values...) and onnx.Made(name, func) need no part`},
		{"all are fed", data, []onnx.Option{onnx.Fixed("other", 1), onnx.Fixed("x", 1)}, `expected one input that is searched, found that onnx.Fixed, onnx.Made and onnx.State feed all: "x" float32`},
		{"no such input", data, []onnx.Option{onnx.Fixed("state", 1)}, `expected an input "state", as onnx.Fixed says, found "x" float32 [batch,length], "other" int32 [batch,3]; an option for one model of a pair goes into onnx.Original or onnx.Compressed`},
		{"twice", data, []onnx.Option{onnx.Fixed("other", 1), onnx.Made("other", made(1))}, `option Made: expected one option for the input "other", found onnx.Fixed too`},
		{"no name", data, []onnx.Option{onnx.Fixed("", 1)}, `option Fixed: expected the name of an input of the model, found ""`},
		{"no values", data, []onnx.Option{onnx.Fixed("other")}, `onnx.Fixed("other"): expected 3 values for one input, of the shape [1 3], found 0`},
		{"no function", data, []onnx.Option{onnx.Made("other", nil)}, `option Made: expected a function that makes "other", found nil`},
		{"no whole number", data, []onnx.Option{onnx.Fixed("other", 1, 2.5, 3)}, `onnx.Fixed("other"): expected whole numbers of -2147483648..2147483647 for int32, found 2.5 at index 1`},
		{"too large", data, []onnx.Option{onnx.Fixed("other", 1<<31)}, `found 2.147483648e+09 at index 0`},
		{"too few values", data, []onnx.Option{onnx.Fixed("other", 1, 2)}, `onnx.Fixed("other"): expected 3 values for one input, of the shape [1 3], found 2; the model takes "other" int32 [batch,3]`},
		{"a dimension that nothing tells", added(onnxtest.Named(onnxtest.Value("other", asInt32, 0, -1, -1), "batch", "own", "more"), func(m modelProto) string { return onnxtest.Cast(m, "other", asFloat) }),
			[]onnx.Option{onnx.Fixed("other", 1)}, `expected to see from 1 values how large own and more is in "other" int32 [batch,own,more]`},
		{"made, too few", data, []onnx.Option{onnx.Made("other", made(1, 2))}, `onnx.Made("other"): expected 3 values for one input`},
		{"made, no whole number", data, []onnx.Option{onnx.Made("other", made(1, 2, 0.5))}, `onnx.Made("other"): expected whole numbers`},
		{"made, another shape", data, []onnx.Option{onnx.Made("other", func(input.Input) onnx.Tensor { return onnx.Tensor{Shape: []int{3}, Values: []float64{1, 2, 3}} })},
			`onnx.Made("other"): expected a Shape for one input that fits "other" int32 [batch,3], found [3]`},
		{"made, a shape that does not fit the values", data, []onnx.Option{onnx.Made("other", func(input.Input) onnx.Tensor { return onnx.Tensor{Shape: []int{1, 3}, Values: []float64{1}} })},
			`onnx.Made("other"): expected 3 values for the shape [1 3], found 1`},
		{"made, of changing length", open, []onnx.Option{onnx.Made("other", func(input.Input) onnx.Tensor {
			growing++
			return onnx.Tensor{Values: make([]float64, growing)}
		})}, `onnx.Made("other"): expected `},
		{"made, with a panic", data, []onnx.Option{onnx.Made("other", func(in input.Input) onnx.Tensor { return onnx.Tensor{Values: []float64{float64(in.Data[100])}} })},
			`onnx.Made("other"): panic: runtime error: index out of range`},
	} {
		t.Run(test.reason, func(t *testing.T) {
			m, err := onnx.OpenBytes("m.onnx", test.data, append([]onnx.Option{onnx.Scores(onnx.Raw)}, test.options...)...)
			if err == nil {
				defer m.Close()
				_, err = m.Predict(t.Context(), []input.Input{row(ids, 1, 2, 3)})
			}
			if err == nil || !strings.HasPrefix(strings.TrimPrefix(err.Error(), "input 0: "), "onnx: ") || !strings.Contains(err.Error(), test.want) || strings.Count(err.Error(), "\n") > 0 {
				t.Errorf("expected %s, found %v", test.want, err)
			}
		})
	}
}

// TestFixedOfAWrongNumberIsNotOpened: what cannot be right for any input is said before a search begins.
func TestFixedOfAWrongNumberIsNotOpened(t *testing.T) {
	see := func(modelProto) string { return "other" }
	for _, test := range []struct {
		other  *onnxpb.ValueInfoProto
		values []float64
		says   string
	}{
		{onnxtest.Named(onnxtest.Value("other", asFloat, 0, 3), "batch"), nil, `onnx.Fixed("other"): expected 3 values for one input, of the shape [1 3], found 0; the model takes "other"`},
		{onnxtest.Named(onnxtest.Value("other", asFloat, 0, 3), "batch"), []float64{1, 2}, `onnx.Fixed("other"): expected 3 values for one input, of the shape [1 3], found 2; the model takes "other"`},
		{onnxtest.Value("other", asFloat), nil, `onnx.Fixed("other"): expected 1 values for one input, of the shape [], found 0`},
		{onnxtest.Named(onnxtest.Value("other", asFloat, 0, -1), "batch", "length"), nil, `onnx.Fixed("other"): expected values, found none; the model takes "other"`},
	} {
		_, err := onnx.OpenBytes("m.onnx", added(test.other, see), onnx.Scores(onnx.Raw), onnx.Fixed("other", test.values...))
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("error %v; expected %q", err, test.says)
		}
	}
}

// TestMadeWithoutABatch: inputs never share a made tensor, also where the made-up inputs of the trial do not tell them apart.
func TestMadeWithoutABatch(t *testing.T) {
	data := added(onnxtest.Value("other", asFloat), func(modelProto) string { return "other" })
	m, err := onnx.OpenBytes("m.onnx", data, onnx.Scores(onnx.Raw), onnx.Made("other", func(in input.Input) onnx.Tensor {
		v := 0.0
		if len(in.Data) == 2 && in.Data[0] == 8 {
			v = 100
		}
		return onnx.Tensor{Values: []float64{v}}
	}))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	rows, err := m.Predict(t.Context(), []input.Input{row(ids, 1, 2), row(ids, 8, 0), row(ids, 3, 4)})
	if got := fmt.Sprint(rows); err != nil || got != "[[1 2] [108 100] [3 4]]" {
		t.Errorf("got %s, %v", got, err)
	}
	if notes := strings.Join(m.Describe().Notes, "\n"); !strings.Contains(notes, `its input "other", which a function makes, has no dimension for a batch`) {
		t.Errorf("notes %q", notes)
	}
}

// TestFixedInputIsAConstant: what a graph says of its scores sees through the temperature that divides them.
func TestFixedInputIsAConstant(t *testing.T) {
	data := lenet(t, func(m modelProto) {
		m.GetGraph().Input = append(m.GetGraph().Input, onnxtest.Value("temperature", asFloat, 1))
		onnxtest.Output(m, node(m, "Div", logits, "temperature"), asFloat, 0, 10)
	})
	m, err := prepared(t, data, onnx.Fixed("temperature", 1))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := prepared(t, lenet(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	want := predict(t, plain, firstSeeds(t, 9)...)
	for i, got := range predict(t, m, firstSeeds(t, 9)...) {
		if !same(got, want[i]) {
			t.Errorf("seed %d: got %v, expected %v", i, got, want[i])
		}
	}
	if got := m.Describe().Settings["scores"]; got != "logits, softmax applied (the graph ends in Gemm, and rows do not sum to 1)" {
		t.Errorf("got %q", got)
	}
}

// TestDomainsOfWholeNumbers: an input of whole numbers takes them as they are, so that others are refused.
func TestDomainsOfWholeNumbers(t *testing.T) {
	for _, test := range []struct {
		element onnxpb.TensorProto_DataType
		domain  input.Domain
		ok      bool
	}{
		{asInt64, ids, true},
		{asInt64, input.Domain{Min: -5, Max: 30521, Step: 1}, true},
		{asInt64, input.Domain{Min: 0, Max: 9}, false},
		{asInt64, input.Domain{Min: 0, Max: 9, Step: 0.5}, false},
		{asInt64, input.Domain{Min: 0.5, Max: 9.5, Step: 1}, false},
		{asInt32, input.Domain{Min: 0, Max: 1 << 31, Step: 1}, false},
		{asInt16, input.Domain{Min: 0, Max: 40000, Step: 1}, false},
		{asBool, input.Domain{Min: 0, Max: 1, Step: 1}, true},
		{asBool, ids, false},
	} {
		m := rowsOf(test.element)
		onnxtest.Result(m, "x", onnxtest.Named(onnxtest.Value("y", test.element, 0, -1), "batch", "length"))
		opened, err := onnx.OpenBytes("m.onnx", onnxtest.Bytes(t, m), onnx.Scores(onnx.Raw))
		if err != nil {
			t.Fatal(err)
		}
		err = opened.CheckInput(row(test.domain, test.domain.Min, test.domain.Max))
		if test.ok != (err == nil) || err != nil && !strings.Contains(err.Error(), "expected inputs of a domain of whole numbers within ") {
			t.Errorf("%v of %s: got %v", test.element, test.domain, err)
		}
		opened.Close()
	}
}

// TestFeedOfOneSide: the options inside Compressed win, and an input that no node reads may be fed.
func TestFeedOfOneSide(t *testing.T) {
	data := added(onnxtest.Value("other", asFloat, 1), func(modelProto) string { return "other" })
	files := fstest.MapFS{"a.onnx": {Data: data}, "b.onnx": {Data: data}}
	pair, err := onnx.OpenPairFS(files, "a.onnx", "b.onnx", onnx.Scores(onnx.Raw), onnx.Fixed("other", 1), onnx.Compressed(onnx.Fixed("other", 2)))
	if err != nil {
		t.Fatal(err)
	}
	defer pair.Close()
	for i, p := range []model.Predictor{pair.Original(), pair.Compressed()} {
		rows, err := p.Predict(t.Context(), []input.Input{row(ids, 5, 6)})
		if err != nil || rows[0][0] != float32(6+i) {
			t.Errorf("got %v, %v", rows, err)
		}
	}
	unread := onnxtest.Graph(onnxtest.Value("x", asFloat, 0, 3), onnxtest.Value("other", asFloat, 1))
	onnxtest.Result(unread, "x", onnxtest.Value("y", asFloat, 0, 3))
	m, err := onnx.OpenBytes("m.onnx", onnxtest.Bytes(t, unread), onnx.Scores(onnx.Raw), onnx.Fixed("other", 1))
	if err != nil {
		t.Fatal(err)
	}
	m.Close()
}
