//go:build cgo

package onnx_test

import (
	"context"
	"fmt"
	"math/rand/v2"
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
	"google.golang.org/protobuf/proto"
)

type valueInfo = *onnxpb.ValueInfoProto

var yesNo = input.Domain{Min: 0, Max: 1, Step: 1}

// array is an input of whole numbers of a shape.
func array(shape []int, values ...float32) input.Input {
	return input.Input{Shape: shape, Data: values, Domain: input.Domain{Min: -99, Max: 99, Step: 1}}
}

// echoing is a graph that gives what each of its inputs gets, as float32: the outputs "of NAME".
func echoing(inputs ...valueInfo) ([]byte, onnx.Option) {
	m := onnxtest.Graph(inputs...)
	var names []string
	for _, v := range inputs {
		name := "of " + v.GetName()
		out := proto.Clone(v).(valueInfo)
		out.Name = &name
		out.GetType().GetTensorType().ElemType = proto.Int32(int32(asFloat))
		onnxtest.Result(m, onnxtest.Cast(m, v.GetName(), asFloat), out)
		names = append(names, name)
	}
	data, err := proto.Marshal(m)
	if err != nil {
		panic(err)
	}
	return data, onnx.Output(names...)
}

func join(t testing.TB, parts ...input.NamedInput) input.Input {
	t.Helper()
	set, err := input.Join(parts...)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// TestPartsFeedInputs: which part each input of a model gets, in which form, alone and in a batch.
func TestPartsFeedInputs(t *testing.T) {
	const open = -1
	named := func(name string, element onnxpb.TensorProto_DataType, names []string, dims ...int64) valueInfo {
		return onnxtest.Named(onnxtest.Value(name, element, dims...), names...)
	}
	row := []string{"batch", "length"}
	image := model.Must(input.NewImage(2, 2, 3, []uint8{0, 1, 2, 10, 11, 12, 20, 21, 22, 30, 31, 32}))
	flags := input.Input{Shape: []int{3}, Data: []float32{1, 0, 1}, Domain: yesNo}
	three, two := array([]int{3}, 7, -8, 9), array([]int{2}, 4, 5)
	for _, test := range []struct {
		reason  string
		inputs  []valueInfo
		options []onnx.Option
		parts   []input.NamedInput
		want    string
		alone   bool
	}{
		{"by name, whatever the order", []valueInfo{named("ids", asInt64, row, 0, open), named("mask", asBool, row, 0, open)}, nil,
			[]input.NamedInput{input.Searched("mask", flags), input.Searched("ids", three)}, "[7 -8 9 1 0 1]", false},
		{"by onnx.Feed", []valueInfo{named("ids", asInt64, row, 0, open), named("mask", asInt16, row, 0, open)}, []onnx.Option{onnx.Feed("ids", "mask"), onnx.Feed("mask", "ids")},
			[]input.NamedInput{input.Searched("mask", flags), input.Searched("ids", three)}, "[1 0 1 7 -8 9]", false},
		{"the only one left", []valueInfo{named("input_1", asInt32, row, 0, open), named("sr", asHalf, nil, 0, 1)}, nil,
			[]input.NamedInput{input.Searched("tokens", three), input.Fixed("sr", array([]int{1}, 5))}, "[7 -8 9 5]", false},
		{"a part for two inputs", []valueInfo{named("a", asInt64, row, 0, open), named("b", asDouble, row, 0, open)}, []onnx.Option{onnx.Feed("b", "a")},
			[]input.NamedInput{input.Searched("a", three)}, "[7 -8 9 7 -8 9]", false},
		{"what an option feeds takes no part", []valueInfo{named("a", asInt64, row, 0, open), named("b", asInt64, row, 0, open), named("c", asInt64, row, 0, open)},
			[]onnx.Option{onnx.Fixed("b", 1), onnx.Made("c", func(in input.Input) onnx.Tensor {
				ids, _ := in.Part("ids")
				var made onnx.Tensor
				for _, v := range ids.Data {
					made.Values = append(made.Values, float64(2*v))
				}
				return made
			})}, []input.NamedInput{input.Searched("ids", three)}, "[7 -8 9 1 1 1 14 -16 18]", false},
		{"shapes of ranks 1 to 4", []valueInfo{named("one", asInt64, nil, 0), named("two", asInt64, []string{"batch", "l"}, 0, open), named("three", asInt32, nil, 0, 2, 3), named("four", asInt64, nil, 0, 2, 1, 2)}, nil,
			[]input.NamedInput{input.Searched("one", array([]int{1}, 3)), input.Searched("two", two), input.Searched("three", array([]int{2, 3}, 1, 2, 3, 4, 5, 6)), input.Searched("four", array([]int{2, 1, 2}, 1, 2, 3, 4))},
			"[3 4 5 1 2 3 4 5 6 1 2 3 4]", false},
		{"a fixed part without a batch", []valueInfo{named("x", asFloat, nil, 0, 3), named("bias", asFloat, nil, 0, 1), named("sr", asInt64, nil)}, []onnx.Option{onnx.Made("bias", func(input.Input) onnx.Tensor { return onnx.Tensor{Values: []float64{1}} })},
			[]input.NamedInput{input.Searched("x", three), input.Fixed("sr", array([]int{1}, 16))}, "[7 -8 9 1]", false},
		{"a state whose batch is its second dimension", []valueInfo{named("x", asFloat, nil, 0, 3), named("state", asFloat, []string{"batch"}, 2, 0, 2)}, nil,
			[]input.NamedInput{input.Searched("x", three), input.Searched("state", array([]int{2, 1, 2}, 1, 2, 3, 4))}, "[7 -8 9 1 2 3 4]", false},
		{"an image and a row, each with its options", []valueInfo{named("image", asFloat, nil, 0, 3, 2, 2), named("row", asFloat, nil, 0, 3)},
			[]onnx.Option{onnx.For("image", onnx.Mean(0, 1, 2), onnx.Channels(onnx.BGR)), onnx.For("row", onnx.Scale(10))},
			[]input.NamedInput{input.Searched("image", image), input.Searched("row", three)}, "[2 12 22 32 0 10 20 30 -2 8 18 28 70 -80 90]", false},
		{"options outside For are about the only one that is no id", []valueInfo{named("ids", asInt64, row, 0, open), named("image", asFloat, nil, 0, 2, 2, 3)}, []onnx.Option{onnx.Scale(2)},
			[]input.NamedInput{input.Searched("image", image), input.Searched("ids", three)}, "[7 -8 9 0 2 4 20 22 24 40 42 44 60 62 64]", false},
		{"and not about fixed ones", []valueInfo{named("x", asFloat, nil, 0, 3), named("style", asFloat, nil, 0, 2)}, []onnx.Option{onnx.Scale(2), onnx.For("x", onnx.Mean(1))},
			[]input.NamedInput{input.Searched("x", three), input.Fixed("style", two)}, "[13 -17 17 4 5]", false},
		{"bytes", []valueInfo{named("x", asByte, nil, 0, 3), named("y", asByte, nil, 0, 2, 2, 3)}, []onnx.Option{onnx.For("y", onnx.QuantizedInput(0.5, 10))},
			[]input.NamedInput{input.Searched("x", input.Input{Shape: []int{3}, Data: []float32{0, 200, 255}, Domain: input.Bytes}), input.Searched("y", image)},
			"[0 200 255 10 12 14 30 32 34 50 52 54 70 72 74]", false},
		{"a searched part without a batch", []valueInfo{named("x", asInt64, []string{"batch", "l"}, 0, open), named("positions", asInt64, []string{"p"}, open)}, nil,
			[]input.NamedInput{input.Searched("x", three), input.Searched("positions", two)}, "[7 -8 9 4 5]", true},
	} {
		t.Run(test.reason, func(t *testing.T) {
			data, outputs := echoing(test.inputs...)
			if strings.Contains(test.want, "[7 -8 9 1]") && test.inputs[len(test.inputs)-1].GetName() == "sr" {
				outputs = onnx.Output("of x", "of bias")
			}
			m, err := onnx.OpenBytes("m.onnx", data, append([]onnx.Option{onnx.Scores(onnx.Raw), outputs}, test.options...)...)
			if err != nil {
				t.Fatal(err)
			}
			defer m.Close()
			set := join(t, test.parts...)
			if err := m.CheckInput(set); err != nil {
				t.Fatal(err)
			}
			if err := m.Prepare(t.Context(), []input.Input{set}, nil); err != nil {
				t.Fatal(err)
			}
			want := set.Clone()
			for _, n := range []int{1, 3, 2} {
				batch := make([]input.Input, n)
				for i := range batch {
					batch[i] = set.Clone()
					if i == 1 { // others between
						for j := range batch[i].Data {
							batch[i].Data[j] = batch[i].DomainAt(j).Min
						}
					}
				}
				rows, err := m.Predict(t.Context(), batch)
				if err != nil {
					t.Fatal(err)
				}
				for i, got := range rows {
					if text := fmt.Sprint(got); (text == test.want) != (i != 1) {
						t.Errorf("input %d of %d: got %s, expected %s where it is not 1", i, n, text, test.want)
					}
				}
			}
			if !slices.Equal(set.Data, want.Data) {
				t.Error("the input was changed")
			}
			if got := m.Describe().MaxBatch == 1; got != test.alone {
				t.Errorf("one by one: %v, expected %v; notes %q", got, test.alone, m.Describe().Notes)
			}
		})
	}
}

// TestOneArrayIntoRank1: what has no dimension beside the one that counts inputs, or numbers, takes one array too.
func TestOneArrayIntoRank1(t *testing.T) {
	data, _ := echoing(onnxtest.Value("x", asInt64, -1))
	for _, test := range []struct {
		values []float32
		want   string
	}{{[]float32{3}, "[[3] [3]]"}, {[]float32{3, -4, 5}, "[[3 -4 5] [3 -4 5]]"}} {
		m, err := onnx.OpenBytes("m.onnx", data, onnx.Scores(onnx.Raw))
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		in := array([]int{len(test.values)}, test.values...)
		rows, err := m.Predict(t.Context(), []input.Input{in, in.Clone()})
		if got := fmt.Sprint(rows); err != nil || got != test.want {
			t.Errorf("got %s, %v", got, err)
		}
	}
}

// TestFixedPartsThatDiffer: inputs whose fixed parts differ share a run only where the tensor has room for both.
func TestFixedPartsThatDiffer(t *testing.T) {
	for _, rate := range []valueInfo{onnxtest.Value("sr", asInt64), onnxtest.Value("sr", asInt64, 1), onnxtest.Value("sr", asInt64, 0, 1)} {
		m := onnxtest.Graph(onnxtest.Value("x", asFloat, 0, 2), rate)
		onnxtest.Result(m, node(m, "Add", "x", onnxtest.Cast(m, "sr", asFloat)), onnxtest.Value("y", asFloat, 0, 2))
		opened, err := onnx.OpenBytes("m.onnx", onnxtest.Bytes(t, m), onnx.Scores(onnx.Raw))
		if err != nil {
			t.Fatal(err)
		}
		defer opened.Close()
		var batch []input.Input
		for i, by := range []float32{10, 10, 20, 20, 10} {
			batch = append(batch, join(t, input.Searched("x", array([]int{2}, float32(i), 0)), input.Fixed("sr", array([]int{1}, by))))
		}
		rows, err := opened.Predict(t.Context(), batch)
		if got := fmt.Sprint(rows); err != nil || got != "[[10 10] [11 10] [22 20] [23 20] [14 10]]" {
			t.Errorf("%v: got %s, %v", rate, got, err)
		}
		if opened.Describe().MaxBatch != 0 {
			t.Errorf("%v: %q", rate, opened.Describe().Notes)
		}
	}
}

// TestPartsThatCannotBe: what is wrong with the parts is one error, from CheckInput and from Predict.
func TestPartsThatCannotBe(t *testing.T) {
	row := []string{"batch", "length"}
	ids := onnxtest.Named(onnxtest.Value("ids", asInt64, 0, -1), row...)
	mask := onnxtest.Named(onnxtest.Value("mask", asInt64, 0, -1), row...)
	image, wave := onnxtest.Value("image", asFloat, 0, 3, 2, 2), onnxtest.Value("wave", asFloat, 0, 3)
	three, two := array([]int{3}, 1, 2, 3), array([]int{2}, 4, 5)
	picture := model.Must(input.NewImage(2, 2, 3, make([]uint8, 12)))
	for _, test := range []struct {
		reason  string
		inputs  []valueInfo
		options []onnx.Option
		parts   []input.NamedInput
		want    string
	}{
		{"one is not fed", []valueInfo{ids, mask}, nil, []input.NamedInput{input.Searched("ids", three), input.Fixed("sr", two)},
			`expected every input of the model to be fed, found nothing for "mask" int64 [batch,length]; parts not used: "sr" [2] (fixed); a part feeds the input of its name (see input.Join), onnx.Feed(target, part) one of another name, and onnx.Fixed(name, values...) and onnx.Made(name, func) need no part`},
		{"none is fed", []valueInfo{ids, mask}, nil, []input.NamedInput{input.Searched("a", three), input.Searched("b", three)},
			`found nothing for "ids" int64 [batch,length], "mask" int64 [batch,length]; parts not used: "a" [3], "b" [3]; a part`},
		{"two are left for one", []valueInfo{ids}, nil, []input.NamedInput{input.Searched("a", three), input.Searched("b", three)}, `found nothing for "ids" int64 [batch,length]; parts not used: "a" [3], "b" [3]; a part`},
		{"one array for two", []valueInfo{ids, mask}, nil, nil, `found nothing for "ids" int64 [batch,length], "mask" int64 [batch,length]; the input is one array without a name;`},
		{"one array where a part is named", []valueInfo{ids}, []onnx.Option{onnx.Feed("ids", "tokens")}, nil, `expected a part "tokens" for "ids" int64 [batch,length], as onnx.Feed says, found the input is one array without a name`},
		{"no part of that name", []valueInfo{ids}, []onnx.Option{onnx.Feed("ids", "tokens")}, []input.NamedInput{input.Searched("ids", three)}, `expected a part "tokens" for "ids" int64 [batch,length], as onnx.Feed says, found the parts "ids" [3]`},
		{"no input of that name", []valueInfo{ids}, []onnx.Option{onnx.Feed("tokens", "ids")}, nil, `expected an input "tokens", as onnx.Feed says, found "ids" int64 [batch,length]; an option for one model of a pair goes into onnx.Original or onnx.Compressed`},
		{"fed twice", []valueInfo{ids, mask}, []onnx.Option{onnx.Feed("ids", "a"), onnx.Fixed("ids", 1)}, nil, `option Fixed: expected one option for the input "ids", found onnx.Feed too`},
		{"Feed without a part", []valueInfo{ids}, []onnx.Option{onnx.Feed("ids", "")}, nil, `option Feed("ids"): expected the name of a part, found ""`},
		{"a part that nothing takes", []valueInfo{ids}, nil, []input.NamedInput{input.Searched("ids", three), input.Fixed("sr", two)},
			`expected every part to feed an input of the model, found that none takes "sr" [2] (fixed); the model takes "ids" int64 [batch,length]; leave the part out, or give onnx.Feed(target, part)`},
		{"a part beside an option", []valueInfo{ids, mask}, []onnx.Option{onnx.Fixed("mask", 1)}, []input.NamedInput{input.Searched("ids", three), input.Fixed("mask", three)},
			`found that none takes "mask" [3] (fixed); the model takes "ids" int64 [batch,length]; onnx.Fixed feeds the input "mask" without it; leave`},
		{"a name with two sizes", []valueInfo{ids, mask}, nil, []input.NamedInput{input.Searched("ids", three), input.Searched("mask", two)}, `expected one size of the dimension "length", found 3 in the input "ids" and 2 in "mask"`},
		{"a name with two sizes, made", []valueInfo{ids, mask}, []onnx.Option{onnx.Made("mask", func(input.Input) onnx.Tensor { return onnx.Tensor{Values: []float64{1}, Shape: []int{1, 1}} })},
			[]input.NamedInput{input.Searched("ids", three)}, `onnx.Made("mask"): expected one size of the dimension "length", found 3 in the input "ids" and 1 in "mask"`},
		{"a shape that does not fit", []valueInfo{ids, wave}, nil, []input.NamedInput{input.Searched("ids", three), input.Searched("wave", two)}, `the part "wave" for "wave" float32 [batch,3]: expected an array that fits the shape, found [2]`},
		{"an image that does not fit", []valueInfo{ids, image}, nil, []input.NamedInput{input.Searched("ids", three), input.Searched("image", model.Must(input.NewImage(3, 2, 2, make([]uint8, 12))))},
			`the part "image" for "image" float32 [batch,3,2,2]: expected an array of [2, 2, 3] (height, width, channels), found [3 2 2]; inputs have their channels last`},
		{"ids that are no whole numbers", []valueInfo{ids, mask}, nil, []input.NamedInput{input.Searched("ids", three), input.Searched("mask", input.Input{Shape: []int{3}, Data: []float32{0, 0.5, 1}, Domain: input.Domain{Min: 0, Max: 1}})},
			`the part "mask" for "mask" int64 [batch,length]: expected inputs of a domain of whole numbers`},
		{"a fixed part that the type does not hold", []valueInfo{ids, mask}, nil, []input.NamedInput{input.Searched("ids", three), input.Fixed("mask", input.Input{Shape: []int{3}, Data: []float32{0, 0.5, 1}, Domain: input.Domain{Min: 0, Max: 1}})},
			`the part "mask" for "mask" int64 [batch,length]: expected whole numbers of -9223372036854775808..9223372036854774784 for int64, found 0.5 at index 1`},
		{"options for two", []valueInfo{image, wave}, []onnx.Option{onnx.Scale(2)}, []input.NamedInput{input.Searched("image", picture), input.Searched("wave", three)},
			`expected options such as onnx.Scale and onnx.Layout in onnx.For(name, options...), since the model has several searched inputs that they may be about, found them outside: "image" float32 [batch,3,2,2], "wave" float32 [batch,3]`},
		{"For without an input", []valueInfo{ids}, []onnx.Option{onnx.For("image", onnx.Scale(2))}, nil, `expected an input "image", as onnx.For says, found "ids" int64 [batch,length]`},
		{"For with another option", []valueInfo{ids}, []onnx.Option{onnx.For("ids", onnx.Layout(onnx.NCHW), onnx.Threads(2))}, nil, `option For("ids"): expected options about the numbers of one input (Scale, Mean, Std, ImageInput, ImageNet, a preset, Layout, Channels, GreyToRGB, QuantizedInput, or Preprocess without names), found another one in place 2`},
		{"For with a wrong option", []valueInfo{wave}, []onnx.Option{onnx.For("wave", onnx.Scale(0))}, nil, `option Scale: expected finite values other than 0, found [0] (in For("wave"))`},
		{"For without options", []valueInfo{wave}, []onnx.Option{onnx.For("wave")}, nil, `option For("wave"): expected options such as onnx.Scale, found none`},
		{"For ids", []valueInfo{ids}, []onnx.Option{onnx.For("ids", onnx.Scale(2))}, nil, `expected no onnx.Scale, onnx.Mean, onnx.Std and onnx.QuantizedInput in onnx.For for an input that takes whole numbers as they are, found them for "ids"`},
		{"For what is fixed", []valueInfo{ids, wave}, []onnx.Option{onnx.Fixed("wave", 1), onnx.For("wave", onnx.Scale(2))}, nil, `expected onnx.For("wave") for an input that takes what is searched, or a part of it, found that onnx.Fixed feeds it`},
		{"three means for a row", []valueInfo{wave, ids}, []onnx.Option{onnx.For("wave", onnx.Mean(1, 2, 3))}, []input.NamedInput{input.Searched("wave", three), input.Searched("ids", three)}, `expected one value in onnx.Scale, onnx.Mean and onnx.Std for an array that is no image, found 3`},
	} {
		t.Run(test.reason, func(t *testing.T) {
			data, outputs := echoing(test.inputs...)
			set := three
			if test.parts != nil {
				set = join(t, test.parts...)
			}
			var errs []error
			m, err := onnx.OpenBytes("m.onnx", data, append([]onnx.Option{onnx.Scores(onnx.Raw), outputs}, test.options...)...)
			if err != nil {
				errs = append(errs, err)
			} else {
				defer m.Close()
				for range 2 {
					_, err := m.Predict(t.Context(), []input.Input{set})
					if err == nil { // the domain is for CheckInput
						err = m.CheckInput(set)
					}
					errs = append(errs, err)
				}
			}
			for _, err := range errs {
				if err == nil || !strings.Contains(err.Error(), test.want) || strings.Count(err.Error(), "\n") > 0 || strings.Count(err.Error(), "onnx: m.onnx") > 1 {
					t.Errorf("expected %s, found %v", test.want, err)
				}
			}
		})
	}
}

// TestPartsOfAPair: a part that one model of a pair takes is no mistake, and one that neither takes is told once.
func TestPartsOfAPair(t *testing.T) {
	summed := func(inputs ...string) []byte {
		var values []valueInfo
		for _, name := range inputs {
			values = append(values, onnxtest.Value(name, asFloat, 0, 3))
		}
		m := onnxtest.Graph(values...)
		sum := inputs[0]
		for _, name := range inputs[1:] {
			sum = node(m, "Add", sum, name)
		}
		onnxtest.Result(m, sum, onnxtest.Value("y", asFloat, 0, 3))
		return onnxtest.Bytes(t, m)
	}
	files := fstest.MapFS{"ab.onnx": {Data: summed("a", "b")}, "ac.onnx": {Data: summed("a", "c")}, "a.onnx": {Data: summed("a")}}
	part := func(names ...string) input.Input {
		parts := []input.NamedInput{input.Searched("a", array([]int{3}, 1, 2, 3))}
		for _, name := range names {
			parts = append(parts, input.Fixed(name, array([]int{3}, 4, 5, 6)))
		}
		return join(t, parts...)
	}
	options := []onnx.Option{onnx.Scores(onnx.Logits)}
	search := func(pair *model.Pair, seed input.Input) error {
		_, err := engine.Search(t.Context(), pair, input.SeedList{{Input: seed, Label: input.Unlabelled}}, engine.Settings{Strategy: counting{}, Budget: engine.Budget{QueriesPerSeed: 4}, AllowIdentical: true})
		return err
	}
	other := model.Func("a function", func(_ context.Context, batch []input.Input) ([][]float32, error) {
		rows := make([][]float32, len(batch))
		for i := range rows {
			rows[i] = []float32{0.25, 0.25 + batch[i].Data[0]/1000, 0.5 - batch[i].Data[0]/1000}
		}
		return rows, nil
	})
	alone := func(name string) *onnx.Model {
		m, err := onnx.OpenFS(files, name, options...)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { m.Close() })
		return m
	}
	opened := func(original, compressed string) *model.Pair {
		pair, err := onnx.OpenPairFS(files, original, compressed, options...)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { pair.Close() })
		return pair
	}
	for _, test := range []struct {
		reason string
		pair   *model.Pair
		seed   input.Input
		want   string // "" for no error
	}{
		{"each takes another one", opened("ab.onnx", "ac.onnx"), part("b", "c"), ""},
		{"the other one takes less", opened("ab.onnx", "a.onnx"), part("b"), ""},
		{"joined later", model.Must(model.NewPair("", alone("a.onnx"), alone("ab.onnx"))), part("b"), ""},
		{"joined later, with a softmax", model.Must(model.NewPair("", model.Softmax(alone("a.onnx")), model.Softmax(alone("ab.onnx")))), part("b"), ""},
		{"with a function, which sees all", model.Must(model.NewPair("", alone("a.onnx"), other)), part("b"), ""},
		{"none takes it", opened("a.onnx", "ac.onnx"), part("c", "d"), `expected every part to feed an input of one of the models, found that none takes "d" [3] (fixed); the model takes "a" float32 [batch,3]`},
		{"none takes it, joined later", model.Must(model.NewPair("", alone("a.onnx"), alone("ac.onnx"))), part("c", "d"), `found that none takes "d" [3] (fixed)`},
		{"none takes it, joined later, with a softmax", model.Must(model.NewPair("", model.Softmax(alone("a.onnx")), model.Softmax(alone("ac.onnx")))), part("c", "d"), `found that none takes "d" [3] (fixed)`},
	} {
		err := search(test.pair, test.seed)
		if test.want == "" && err != nil || test.want != "" && (err == nil || strings.Count(err.Error(), test.want) != 1) {
			t.Errorf("%s: expected %q, found %v", test.reason, test.want, err)
		}
	}
}

// counting is a strategy that tries the seed with other first values.
type counting struct{}

func (counting) String() string { return "counting" }

func (counting) NewSearcher(task engine.Task) (engine.Searcher, error) {
	return &counter{task.Seed.Input.Clone()}, nil
}

type counter struct{ at input.Input }

func (c *counter) Ask(int) []input.Input {
	c.at.Data[0]++
	return []input.Input{c.at.Clone()}
}

func (*counter) Tell([]engine.Evaluation) {}

// TestTypesOfParts: whole numbers of each type go in as they are, bool as 0 and 1.
func TestTypesOfParts(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, element := range []onnxpb.TensorProto_DataType{asFloat, asDouble, asHalf, asBrain, asInt16, asInt32, asInt64, asBool, asByte} {
		data, outputs := echoing(onnxtest.Value("x", element, 0, 4), onnxtest.Value("y", element, 0, 4))
		m, err := onnx.OpenBytes("m.onnx", data, onnx.Scores(onnx.Raw), outputs)
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		domain := input.Domain{Min: -99, Max: 99, Step: 1}
		switch element {
		case asBool:
			domain = yesNo
		case asByte:
			domain = input.Bytes
		}
		var batch []input.Input
		for range 5 {
			in := join(t, input.Searched("y", input.Input{Shape: []int{4}, Domain: domain, Data: make([]float32, 4)}), input.Searched("x", input.Input{Shape: []int{4}, Domain: domain, Data: make([]float32, 4)}))
			for i := range in.Data {
				in.Data[i] = domain.Snap(domain.Min + rng.Float32()*domain.Range())
			}
			batch = append(batch, in)
		}
		rows, err := m.Predict(t.Context(), batch)
		if err != nil {
			t.Errorf("%v: %v", element, err)
			continue
		}
		for i, in := range batch {
			if want := slices.Concat(in.Data[4:], in.Data[:4]); !slices.Equal(rows[i], want) {
				t.Errorf("%v, input %d: got %v, expected %v", element, i, rows[i], want)
			}
		}
	}
}

// TestScoresOfSeveralInputs: class scores of a model whose second input is a part, and how that is described.
func TestScoresOfSeveralInputs(t *testing.T) {
	m, err := onnx.Open(odd("two-inputs.onnx"), onnx.Scale(1.0/255))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	before := m.Describe()
	plain := open(t, odd("nchw-rgb.onnx"), onnx.Scale(1.0/255))
	var batch, images []input.Input
	for _, image := range randomImages(5, 8, 8, 3) {
		images = append(images, image)
		batch = append(batch, join(t, input.Searched("photo", image), input.Fixed("gain", input.Input{Shape: []int{1}, Data: []float32{1}, Domain: input.Domain{Min: 0, Max: 2}})))
	}
	if err := m.Prepare(t.Context(), batch, nil); err != nil {
		t.Fatal(err)
	}
	got, want := predict(t, m, batch...), predict(t, plain, images...)
	for i := range got {
		if !same(got[i], want[i]) {
			t.Errorf("input %d: got %v, expected %v", i, got[i], want[i])
		}
	}
	d := m.Describe()
	if got, want := d.Settings["input"], `"input" float32 [batch,3,8,8] NCHW from the part "photo"; "gain" float32 [1] from the fixed part "gain"`; got != want {
		t.Errorf("got %s, expected %s", got, want)
	}
	if got, want := d.Settings["preprocess"], `"input": none; "gain": none; the only searched one: x * 0.00392157`; got != want || got != before.Settings["preprocess"] {
		t.Errorf("got %s, expected %s", got, want)
	}
	if d.MaxBatch != 0 || len(d.Notes) != 0 {
		t.Errorf("got %+v", d)
	}
}

// TestSetsOfOneModel: sets of several lengths in one batch, of a model with a fixed batch, from several goroutines at once.
func TestSetsOfOneModel(t *testing.T) {
	names := []string{"batch", "length"}
	dynamic, outputs := echoing(onnxtest.Named(onnxtest.Value("ids", asInt64, 0, -1), names...), onnxtest.Named(onnxtest.Value("mask", asInt32, 0, -1), names...))
	fixed, _ := echoing(onnxtest.Value("ids", asInt64, 4, 2), onnxtest.Value("mask", asInt32, 4, 2))
	for _, test := range []struct {
		data    []byte
		lengths int
	}{{dynamic, 3}, {fixed, 1}} {
		m, err := onnx.OpenBytes("m.onnx", test.data, onnx.Scores(onnx.Raw), outputs)
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		var group sync.WaitGroup
		for g := range 4 {
			group.Go(func() {
				rng := rand.New(rand.NewPCG(uint64(g), 1))
				for range 20 {
					var batch []input.Input
					for range 1 + rng.IntN(7) {
						n := 2 + rng.IntN(test.lengths)
						ids, mask := array([]int{n}, make([]float32, n)...), array([]int{n}, make([]float32, n)...)
						for i := range n {
							ids.Data[i], mask.Data[i] = float32(rng.IntN(90)), float32(rng.IntN(2))
						}
						batch = append(batch, model.Must(input.Join(input.Fixed("mask", mask), input.Searched("ids", ids))))
					}
					rows, err := m.Predict(t.Context(), batch)
					if err != nil {
						t.Error(err)
						return
					}
					for i, in := range batch {
						mask, _ := in.Part("mask")
						if want := slices.Concat(in.Data, mask.Data); !slices.Equal(rows[i], want) {
							t.Errorf("got %v, expected %v", rows[i], want)
						}
					}
				}
			})
		}
		group.Wait()
	}
}

// TestAFormWithoutABatch: a model takes batches of one form of sets, and another form one by one.
func TestAFormWithoutABatch(t *testing.T) {
	m := onnxtest.Graph(onnxtest.Value("x", asFloat, 0, 2), onnxtest.Named(onnxtest.Value("shift", asFloat, -1), "shift"))
	rows := node(m, "Slice", node(m, "Shape", "x"), onnxtest.Integers(m, []int64{1}, 0), onnxtest.Integers(m, []int64{1}, 1))
	firsts := node(m, "Slice", "shift", onnxtest.Integers(m, []int64{1}, 0), rows) // as many as inputs
	onnxtest.Result(m, node(m, "Add", "x", node(m, "Unsqueeze", firsts, onnxtest.Integers(m, []int64{1}, 1))), onnxtest.Value("y", asFloat, 0, 2))
	opened, err := onnx.OpenBytes("m.onnx", onnxtest.Bytes(t, m), onnx.Scores(onnx.Raw))
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	one := join(t, input.Searched("x", array([]int{2}, 1, 2)), input.Searched("shift", array([]int{1}, 10)))
	if _, err := opened.Predict(t.Context(), []input.Input{one}); err != nil {
		t.Fatal(err)
	}
	two := join(t, input.Searched("x", array([]int{2}, 1, 2)), input.Searched("shift", array([]int{2}, 10, 20)))
	other := two.Clone()
	other.Data[2] = 50
	got, err := opened.Predict(t.Context(), []input.Input{two, other, two})
	if got := fmt.Sprint(got); err != nil || got != "[[11 12] [51 52] [11 12]]" || opened.Describe().MaxBatch != 0 {
		t.Errorf("got %s, %v", got, err)
	}
}

// TestPartsOfAChangedCopy: a copy of one model knows nothing of the parts of the other one.
func TestPartsOfAChangedCopy(t *testing.T) {
	m := onnxtest.Graph(onnxtest.Value("x", asFloat, 0, 3))
	onnxtest.Result(m, node(m, "MatMul", "x", onnxtest.Tensor(m, asFloat, []int64{3, 3}, 1, 2, 3, 4, 5, 6, 7, 8, 10)), onnxtest.Value("y", asFloat, 0, 3))
	files := fstest.MapFS{"m.onnx": {Data: onnxtest.Bytes(t, m)}}
	changed, err := onnx.OpenPerturbedFS(files, "m.onnx", 0.01, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer changed.Close()
	plain, err := onnx.OpenFS(files, "m.onnx")
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	set := join(t, input.Searched("x", array([]int{3}, 1, 2, 3)), input.Fixed("of the other model", array([]int{1}, 1)))
	for _, pair := range [][2]*onnx.Model{{plain, changed}, {changed, plain}} {
		if err := pair[0].Prepare(t.Context(), []input.Input{set}, pair[1]); err != nil {
			t.Error(err)
		}
		if _, err := pair[0].Predict(t.Context(), []input.Input{set}); err != nil {
			t.Error(err)
		}
	}
}

// TestOptionsThatNoInputTakes: what stands outside For is about numbers, and a model of ids has none.
func TestOptionsThatNoInputTakes(t *testing.T) {
	data, outputs := echoing(onnxtest.Value("ids", asInt64, 0, 2), onnxtest.Value("mask", asInt64, 0, 2))
	m, err := onnx.OpenBytes("m.onnx", data, onnx.Scores(onnx.Raw), outputs, onnx.Scale(2))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	set := join(t, input.Searched("ids", array([]int{2}, 1, 2)), input.Fixed("mask", array([]int{2}, 1, 1)))
	rows, err := m.Predict(t.Context(), []input.Input{set})
	if notes := m.Describe().Notes; err != nil || fmt.Sprint(rows) != "[[1 2 1 1]]" || len(notes) != 1 || !strings.Contains(notes[0], "options such as onnx.Scale outside onnx.For do not apply") {
		t.Errorf("got %v, %v, %q", rows, err, notes)
	}
}

// TestWordsOfATableAreNoConstant: what ids choose of a table moves, also where all other inputs are fixed.
func TestWordsOfATableAreNoConstant(t *testing.T) {
	for _, option := range []onnx.Option{onnx.Fixed("mask", 1), onnx.Fixed("mask", 1, 1, 0)} {
		m := onnxtest.Graph(onnxtest.Named(onnxtest.Value("ids", asInt64, 0, 3), "batch"), onnxtest.Value("mask", asFloat, 0, 3))
		words := withInt(m, "Gather", "axis", 0, onnxtest.Tensor(m, asFloat, []int64{4}, -1, 2, -3, 5), "ids")
		logits := node(m, "MatMul", node(m, "Mul", words, "mask"), onnxtest.Tensor(m, asFloat, []int64{3, 2}, 1, -1, 2, 0, -3, 1))
		onnxtest.Result(m, logits, onnxtest.Value("y", asFloat, 0, 2))
		opened, err := onnx.OpenBytes("m.onnx", onnxtest.Bytes(t, m), option)
		if err != nil {
			t.Fatal(err)
		}
		defer opened.Close()
		word := input.Domain{Min: 0, Max: 3, Step: 1}
		if err := opened.Prepare(t.Context(), []input.Input{row(word, 0, 1, 2), row(word, 3, 3, 1)}, nil); err != nil {
			t.Error(err)
		}
	}
}

func randomImages(n, height, width, channels int) []input.Input {
	rng := rand.New(rand.NewPCG(3, 4))
	var images []input.Input
	for range n {
		pixels := make([]uint8, height*width*channels)
		for i := range pixels {
			pixels[i] = uint8(rng.IntN(256))
		}
		images = append(images, model.Must(input.NewImage(height, width, channels, pixels)))
	}
	return images
}

// TestPredictionsDoNotAllocate: neither of one array nor of parts.
func TestPredictionsDoNotAllocate(t *testing.T) {
	data, outputs := echoing(onnxtest.Value("ids", asInt64, 0, 3), onnxtest.Value("wave", asFloat, 0, 2), onnxtest.Value("sr", asInt64, 0, 1))
	parts, err := onnx.OpenBytes("m.onnx", data, onnx.Scores(onnx.Raw), outputs)
	if err != nil {
		t.Fatal(err)
	}
	defer parts.Close()
	set := join(t, input.Searched("ids", array([]int{3}, 1, 2, 3)), input.Searched("wave", array([]int{2}, 4, 5)), input.Fixed("sr", array([]int{1}, 6)))
	for _, test := range []struct {
		m  *onnx.Model
		in input.Input
	}{{open(t, odd("nchw-rgb.onnx")), randomImages(1, 8, 8, 3)[0]}, {parts, set}} {
		batch := []input.Input{test.in, test.in.Clone(), test.in.Clone()}
		var rows [][]float32
		if n := testing.AllocsPerRun(100, func() {
			var err error
			if rows, err = test.m.PredictInto(t.Context(), batch, rows); err != nil {
				t.Fatal(err)
			}
		}); n > 0 {
			t.Errorf("%s: %g allocations a prediction", test.m, n)
		}
		var answers []answer.Answer
		if n := testing.AllocsPerRun(100, func() {
			var err error
			if answers, err = test.m.Answer(t.Context(), batch, answers); err != nil {
				t.Fatal(err)
			}
		}); n > 0 {
			t.Errorf("%s: %g allocations an answer", test.m, n)
		}
	}
}
