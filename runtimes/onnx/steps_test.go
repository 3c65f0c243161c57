//go:build cgo

package onnx_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxtest"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// running is a model of a stream: "sum" [batch,1] is the sum of a step and of all before it, which the state [2,batch,1] keeps in its
// second layer, and "piece" [batch,length] the step as the model got it.
func running(element onnxpb.TensorProto_DataType, next *onnxpb.ValueInfoProto) modelProto {
	m := onnxtest.Graph(onnxtest.Named(onnxtest.Value("x", asFloat, 0, -1), "batch", "length"),
		onnxtest.Named(onnxtest.Value("state", element, 2, 0, 1), "batch"))
	x, n := onnxtest.Node(m, "ReduceSum", "x", onnxtest.Integers(m, []int64{1}, 1))
	onnxtest.Int(n, "keepdims", 1)
	before := withInt(m, "Gather", "axis", 0, onnxtest.Cast(m, "state", asFloat), onnxtest.Integers(m, nil, 1))
	sum := node(m, "Add", x, before)
	layer := node(m, "Unsqueeze", sum, onnxtest.Integers(m, []int64{1}, 0))
	both, n := onnxtest.Node(m, "Concat", layer, layer)
	onnxtest.Int(n, "axis", 0)
	onnxtest.Result(m, sum, onnxtest.Value("sum", asFloat, 0, 1))
	onnxtest.Result(m, "x", onnxtest.Named(onnxtest.Value("piece", asFloat, 0, -1), "batch", "length"))
	onnxtest.Result(m, onnxtest.Cast(m, both, element), next)
	return m
}

var nextState = onnxtest.Named(onnxtest.Value("next", asFloat, 2, 0, 1), "batch")

func sequence(values ...float32) input.Input {
	return input.Input{Shape: []int{len(values)}, Data: values, Domain: input.Domain{Min: -100, Max: 100, Step: 1}, Kind: input.Signal}
}

// TestStepsCarryState: all lengths, with what was before and filled up, alone and in batches, from many goroutines.
func TestStepsCarryState(t *testing.T) {
	for _, next := range []*onnxpb.ValueInfoProto{nextState, onnxtest.Value("next", asFloat, -1, -1, -1)} {
		for _, test := range []struct {
			steps  onnx.Steps
			start  []float64
			in     []float32
			sums   []float32
			pieces []float32
		}{
			{onnx.Steps{Size: 2}, nil, []float32{1, 2, 3, 4, 5, 6}, []float32{3, 10, 21}, []float32{1, 2, 3, 4, 5, 6}},
			{onnx.Steps{Size: 2}, []float64{100}, []float32{1, 2, 3, 4}, []float32{103, 110}, []float32{1, 2, 3, 4}},
			{onnx.Steps{Size: 2}, []float64{7, -1}, []float32{1, 2}, []float32{2}, []float32{1, 2}},
			{onnx.Steps{Size: 1, Before: 2}, nil, []float32{1, 2, 3}, []float32{1, 4, 10}, []float32{0, 0, 1, 0, 1, 2, 1, 2, 3}},
			{onnx.Steps{Size: 2, Before: 1}, nil, []float32{1, 2, 3, 4}, []float32{3, 12}, []float32{0, 1, 2, 2, 3, 4}},
			{onnx.Steps{Size: 3, Pad: true}, nil, []float32{1, 2, 3, 4}, []float32{6, 10}, []float32{1, 2, 3, 4, 0, 0}},
			{onnx.Steps{Size: 3, Before: 4, Pad: true}, nil, []float32{1, 2, 3, 4}, []float32{6, 16}, []float32{0, 0, 0, 0, 1, 2, 3, 0, 1, 2, 3, 4, 0, 0}},
			{onnx.Steps{Size: 2, Last: true}, nil, []float32{1, 2, 3, 4}, []float32{10}, []float32{3, 4}},
		} {
			t.Run(fmt.Sprint(test.steps, test.start), func(t *testing.T) {
				m, err := onnx.OpenBytes("m.onnx", onnxtest.Bytes(t, running(asFloat, next)), onnx.Scores(onnx.Raw), test.steps,
					onnx.State("state", "next", test.start...), onnx.Output("sum", "piece"))
				if err != nil {
					t.Fatal(err)
				}
				defer m.Close()
				if err := m.CheckInput(sequence(test.in...)); err != nil {
					t.Error(err)
				}
				var wait sync.WaitGroup
				for range 3 {
					wait.Go(func() {
						for _, n := range []int{1, 3, 2} {
							var batch []input.Input
							for i := range n {
								one := sequence(slices.Clone(test.in)...)
								one.Data[0] += float32(i)
								batch = append(batch, one)
							}
							answers, err := m.Answer(t.Context(), batch, nil)
							if err != nil {
								t.Error(err)
								return
							}
							for i := range batch {
								sums, shape, _ := answers[i].Output("sum")
								pieces, _, _ := answers[i].Output("piece")
								for k := range sums {
									sums[k] -= float32(i) * float32(1+rereads(test.steps, k))
								}
								if !slices.Equal(sums, test.sums) || len(pieces) != len(test.pieces) || i == 0 && !slices.Equal(pieces, test.pieces) {
									t.Errorf("input %d of %d: got %v and %v, expected %v and %v", i, n, sums, pieces, test.sums, test.pieces)
								}
								if want := []int{len(test.sums)}; !slices.Equal(shape, want) {
									t.Errorf("got the shape %v, expected %v", shape, want)
								}
							}
						}
					})
				}
				wait.Wait()
				if d := m.Describe(); d.MaxBatch != 0 {
					t.Errorf("expected batches of any size, found %d, with notes %q", d.MaxBatch, d.Notes)
				}
			})
		}
	}
}

// rereads is how often the first number was read again up to step k, as one of those before.
func rereads(s onnx.Steps, k int) int {
	n := 0
	for i := 1; i <= k; i++ {
		if i*s.Size-s.Before <= 0 {
			n++
		}
	}
	return n
}

// TestStepsOfOtherInputs: features, tokens, sets of parts, functions and models whose state has no batch.
func TestStepsOfOtherInputs(t *testing.T) {
	sums := func(t *testing.T, m *onnx.Model, in ...input.Input) [][]float32 {
		t.Helper()
		if err := m.CheckInput(in[0]); err != nil {
			t.Error(err)
		}
		rows, err := m.Predict(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	open := func(t *testing.T, data []byte, options ...onnx.Option) *onnx.Model {
		t.Helper()
		m, err := onnx.OpenBytes("m.onnx", data, append(options, onnx.Scores(onnx.Raw), onnx.State("state", "next"), onnx.Output("sum"))...)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { m.Close() })
		return m
	}
	expect := func(t *testing.T, got [][]float32, want ...[]float32) {
		t.Helper()
		if !slices.EqualFunc(got, want, slices.Equal) {
			t.Errorf("got %v, expected %v", got, want)
		}
	}
	data := onnxtest.Bytes(t, running(asFloat, nextState))
	t.Run("features", func(t *testing.T) {
		in := sequence(1, 2, 3, 4, 5, 6)
		in.Shape = []int{3, 2}
		expect(t, sums(t, open(t, data, onnx.Steps{Size: 1}), in, in), []float32{3, 10, 21}, []float32{3, 10, 21})
	})
	t.Run("tokens are filled up with padding", func(t *testing.T) {
		in, err := input.NewTokens([]int{1, 2, 3}, input.Vocabulary{Size: 9, Pad: 8})
		if err != nil {
			t.Fatal(err)
		}
		expect(t, sums(t, open(t, data, onnx.Steps{Size: 2, Before: 1, Pad: true}), in), []float32{8 + 3, 8 + 3 + 2 + 3 + 8})
	})
	t.Run("the only searched part", func(t *testing.T) {
		m := running(asFloat, nextState)
		m.Graph.Input = append(m.Graph.Input, onnxtest.Value("rate", asInt64))
		for _, n := range m.Graph.Node {
			if n.Output[0] == "sum" {
				n.Output[0] = "without"
			}
		}
		m.Graph.Output = m.Graph.Output[1:]
		onnxtest.Result(m, node(m, "Add", m.Graph.Node[3].Output[0], onnxtest.Cast(m, "rate", asFloat)), onnxtest.Value("sum", asFloat, 0, 1))
		set := func(first, rate float32) input.Input {
			return model.Must(input.Join(input.Searched("audio", sequence(first, 2, 3, 4)),
				input.Fixed("rate", input.Input{Shape: []int{1}, Data: []float32{rate}, Domain: input.Domain{Min: 0, Max: 1000, Step: 1}})))
		}
		expect(t, sums(t, open(t, onnxtest.Bytes(t, m), onnx.Steps{Size: 2}), set(1, 100), set(2, 100), set(1, 500)),
			[]float32{103, 110}, []float32{104, 111}, []float32{503, 510})
	})
	t.Run("a function sees steps", func(t *testing.T) {
		double := func(raw input.Input, dst []onnx.Tensor) error {
			if !slices.Equal(raw.Shape, []int{3}) || raw.Data[1] == 0 {
				return fmt.Errorf("expected a step of 3 with numbers, found %v", raw.Data)
			}
			for _, v := range raw.Data {
				dst[0].Values = append(dst[0].Values, float64(2*v))
			}
			return nil
		}
		expect(t, sums(t, open(t, data, onnx.Steps{Size: 2, Before: 1}, onnx.Preprocess(double)), sequence(1, 2, 3, 4)), []float32{6, 24})
	})
	t.Run("a state without a batch", func(t *testing.T) {
		m := running(asFloat, onnxtest.Value("next", asFloat, 2, 1, 1))
		m.Graph.Input[1] = onnxtest.Value("state", asFloat, 2, 1, 1)
		one := open(t, onnxtest.Bytes(t, m), onnx.Steps{Size: 1})
		expect(t, sums(t, one, sequence(1, 2), sequence(5, 6)), []float32{1, 3}, []float32{5, 11})
		if d := one.Describe(); d.MaxBatch != 1 || !slices.ContainsFunc(d.Notes, func(n string) bool {
			return strings.Contains(n, `its input "state", which is carried over steps, has no dimension for a batch`)
		}) {
			t.Errorf("expected one input at a time, found %d, with notes %q", d.MaxBatch, d.Notes)
		}
	})
	t.Run("whole numbers", func(t *testing.T) {
		next := onnxtest.Named(onnxtest.Value("next", asInt64, 2, 0, 1), "batch")
		expect(t, sums(t, open(t, onnxtest.Bytes(t, running(asInt64, next)), onnx.Steps{Size: 1}), sequence(1, 2)), []float32{1, 3})
	})
	t.Run("other lengths in one batch", func(t *testing.T) {
		expect(t, sums(t, open(t, data, onnx.Steps{Size: 1}), sequence(1, 2), sequence(1), sequence(4), sequence(1, 2, 3)),
			[]float32{1, 3}, []float32{1}, []float32{4}, []float32{1, 3, 6})
	})
}

// TestStepsOfClasses: scores after the last step are scores as any.
func TestStepsOfClasses(t *testing.T) {
	m := running(asFloat, nextState)
	m.Graph.Output = m.Graph.Output[2:]
	both, n := onnxtest.Node(m, "Concat", m.Graph.Node[3].Output[0], onnxtest.Floats(m, []int64{1, 1}, 3))
	onnxtest.Int(n, "axis", 1)
	onnxtest.Result(m, node(m, "Softmax", both), onnxtest.Value("scores", asFloat, 0, 2))
	one, err := onnx.OpenBytes("m.onnx", onnxtest.Bytes(t, m), onnx.Steps{Size: 1, Last: true}, onnx.State("state", "next"))
	if err != nil {
		t.Fatal(err)
	}
	defer one.Close()
	rows, err := one.Predict(t.Context(), []input.Input{sequence(1, 1, 1, 1)})
	if err != nil || len(rows[0]) != 2 || rows[0][0] < 0.73 || rows[0][0] > 0.74 {
		t.Errorf("expected the softmax of 4 and 3, found %v, %v", rows, err)
	}
}

// TestStepsInASearch: a trigger is a whole sequence, confirmed alone; the state does not leak from one input into another.
func TestStepsInASearch(t *testing.T) {
	a := running(asFloat, nextState)
	b := running(asFloat, nextState)
	b.Graph.Node[3].OpType = new("Sub") // it takes off what was before
	files := fstest.MapFS{"a.onnx": {Data: onnxtest.Bytes(t, a)}, "b.onnx": {Data: onnxtest.Bytes(t, b)}}
	pair, err := onnx.OpenPairFS(files, "a.onnx", "b.onnx", onnx.Scores(onnx.Raw), onnx.Steps{Size: 2}, onnx.State("state", "next"), onnx.Output("sum"))
	if err != nil {
		t.Fatal(err)
	}
	defer pair.Close()
	var seeds input.SeedList
	for i := range 20 {
		seeds = append(seeds, input.Seed{Input: sequence(0, 0, 0, float32(i))})
	}
	r, err := engine.Search(t.Context(), pair, seeds, engine.Settings{
		Oracle: model.Must(answer.Tolerance(answer.Absolute(5))), Budget: engine.Budget{QueriesPerSeed: 20},
		Strategy: strategies.RandomSearch{Mutators: generators.Published()}, // those of signals are relative to the signal, and this one is silent
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Triggers()) < 10 || r.Ledger.Unstable > 0 {
		t.Errorf("expected triggers of most seeds, all stable, found %d and %d unstable", len(r.Triggers()), r.Ledger.Unstable)
	}
}

// TestStepsErrors: each is one sentence with what was expected and found.
func TestStepsErrors(t *testing.T) {
	raw := onnx.Scores(onnx.Raw)
	state := onnx.State("state", "next")
	sum := onnx.Output("sum")
	data := onnxtest.Bytes(t, running(asFloat, nextState))
	for _, test := range []struct {
		reason  string
		data    []byte
		options []onnx.Option
		in      input.Input
		want    string
	}{
		{"no size", data, []onnx.Option{raw, onnx.Steps{}, state}, input.Input{}, "onnx: option Steps: expected a Size of at least 1 and a Before of at least 0, found 0 and 0"},
		{"no names", data, []onnx.Option{raw, onnx.Steps{Size: 1}, onnx.State("state", "")}, input.Input{}, `onnx: option State: expected the names of an input and an output of the model, found "state" and ""`},
		{"two inputs of one output", data, []onnx.Option{raw, onnx.Steps{Size: 1}, state, onnx.State("x", "next")}, input.Input{}, `onnx: option State: expected one input for the output "next", found "state" and "x"`},
		{"and Fixed", data, []onnx.Option{raw, onnx.Steps{Size: 1}, state, onnx.Fixed("state", 0)}, input.Input{}, `onnx: option Fixed: expected one option for the input "state", found onnx.State too`},
		{"no steps", data, []onnx.Option{raw, state, sum}, input.Input{}, `onnx: m.onnx: expected onnx.Steps beside onnx.State, which say how the input is cut, found none for onnx.State("state")`},
		{"no such input", data, []onnx.Option{raw, onnx.Steps{Size: 1}, onnx.State("h", "next")}, input.Input{}, `onnx: m.onnx: expected an input "h", as onnx.State says, found "x" float32 [batch,length], "state"`},
		{"no such output", data, []onnx.Option{raw, onnx.Steps{Size: 1}, onnx.State("state", "hn")}, input.Input{}, `onnx: m.onnx: expected an output "hn", as onnx.State says, found "sum" float32 [batch,1], "piece"`},
		{"the state as an answer", data, []onnx.Option{raw, onnx.Steps{Size: 1}, state, onnx.Output("sum", "next")}, input.Input{}, `onnx: m.onnx: expected other outputs in onnx.Output than the state "next"`},
		{"nothing feeds the state", onnxtest.Bytes(t, running(asFloat, onnxtest.Named(onnxtest.Value("stateN", asFloat, 2, 0, 1), "batch"))), []onnx.Option{raw, sum}, sequence(1), `need no part; where the output "stateN" is what "state" is in the next step, onnx.State("state", "stateN") and onnx.Steps go through a sequence`},
		{"another shape", onnxtest.Bytes(t, running(asFloat, onnxtest.Value("next", asFloat, 3, 0, 1))), []onnx.Option{raw, onnx.Steps{Size: 1}, state, sum}, input.Input{},
			`onnx: m.onnx: onnx.State("state"): expected an output of the type and the shape of the input "state" float32 [2,batch,1], found "next" float32 [3,batch,1]`},
		{"another type", onnxtest.Bytes(t, running(asInt64, onnxtest.Value("next", asFloat, 2, 0, 1))), []onnx.Option{raw, onnx.Steps{Size: 1}, state, sum}, input.Input{},
			`onnx: m.onnx: onnx.State("state"): expected an output of the type and the shape of the input "state" int64 [2,batch,1], found "next" float32`},
		{"classes of all steps", data, []onnx.Option{onnx.Steps{Size: 1}, state, sum}, input.Input{}, "onnx: m.onnx: expected onnx.Scores(onnx.Raw) for the outputs of all steps, or onnx.Steps with Last"},
		{"a start of another size", data, []onnx.Option{raw, onnx.Steps{Size: 1}, onnx.State("state", "next", 1, 2, 3), sum}, sequence(1), `onnx: m.onnx: onnx.State("state"): expected 2 values for one input, of the shape [2 1 1], found 3`},
		{"no multiple", data, []onnx.Option{raw, onnx.Steps{Size: 2}, state, sum}, sequence(1, 2, 3), "onnx: m.onnx: expected a sequence whose length is a multiple of 2, the Size of onnx.Steps, found 3; make the inputs longer or shorter, or set Pad, which fills up the last step"},
		{"nothing", data, []onnx.Option{raw, onnx.Steps{Size: 2, Pad: true}, state, sum}, sequence(), "onnx: m.onnx: expected a sequence [time] or [time, features] that onnx.Steps cuts, found the shape [0]"},
		{"a shape that lies", data, []onnx.Option{raw, onnx.Steps{Size: 2}, state, sum}, input.Input{Shape: []int{4}, Data: []float32{1, 2}}, "onnx: m.onnx: expected a sequence [time] or [time, features] that onnx.Steps cuts, found the shape [4]"},
		{"two searched parts", data, []onnx.Option{raw, onnx.Steps{Size: 1}, state, sum}, model.Must(input.Join(input.Searched("x", sequence(1)), input.Searched("y", sequence(2)))),
			`onnx: m.onnx: expected one searched part that onnx.Steps cuts, found "x" and "y"`},
	} {
		m, err := onnx.OpenBytes("m.onnx", test.data, test.options...)
		if err == nil {
			err = m.CheckInput(test.in)
			_, predicted := m.Predict(t.Context(), []input.Input{test.in})
			if predicted == nil || !strings.Contains(predicted.Error(), strings.TrimPrefix(test.want, "onnx: m.onnx: ")) {
				t.Errorf("%s, predicted: got %v, expected %q", test.reason, predicted, test.want)
			}
			if err == nil {
				err = predicted
			}
			m.Close()
		}
		if err == nil || !strings.HasPrefix(err.Error(), "onnx: ") || !strings.Contains(err.Error(), strings.TrimPrefix(test.want, "onnx: m.onnx: ")) {
			t.Errorf("%s: got %v, expected %q", test.reason, err, test.want)
		}
	}
}

// TestStateOfAnotherShape is one that only a run tells.
func TestStateOfAnotherShape(t *testing.T) {
	m := running(asFloat, onnxtest.Value("next", asFloat, -1, -1, -1))
	concat := m.Graph.Node[5]
	concat.Input = append(concat.Input, concat.Input[0])
	one, err := onnx.OpenBytes("m.onnx", onnxtest.Bytes(t, m), onnx.Scores(onnx.Raw), onnx.Steps{Size: 1}, onnx.State("state", "next"), onnx.Output("sum"))
	if err != nil {
		t.Fatal(err)
	}
	defer one.Close()
	rows, err := one.Predict(t.Context(), []input.Input{sequence(1, 2)})
	if err == nil || !strings.Contains(err.Error(), `expected a state "next" of the shape [2 1 1], as the input "state" has`) {
		t.Errorf("expected an error about the shape, found %v, %v", rows, err)
	}
}
