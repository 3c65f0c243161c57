//go:build cgo

package onnx_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxtest"
)

// rowsOf is a graph that takes rows "x" of any length of a type.
func rowsOf(element onnxpb.TensorProto_DataType) modelProto {
	return onnxtest.Graph(onnxtest.Named(onnxtest.Value("x", element, 0, -1), "batch", "length"))
}

// TestRawTypes: every type as the searched input and as an output, alone and in a batch.
func TestRawTypes(t *testing.T) {
	yes := input.Domain{Min: 0, Max: 1, Step: 1}
	for _, element := range []onnxpb.TensorProto_DataType{asFloat, asDouble, asHalf, asBrain, asByte, asInt16, asInt32, asInt64, asBool} {
		for _, shape := range [][]string{{"batch", "length"}, {"", ""}} {
			if shape[0] == "" && (element == asHalf || element == asBrain) {
				continue // told as an error, see TestRawOutputsThatCannotBe
			}
			m := rowsOf(element)
			onnxtest.Result(m, "x", onnxtest.Named(onnxtest.Value("y", element, 0, -1), shape...))
			opened, err := onnx.OpenBytes("m.onnx", onnxtest.Bytes(t, m), onnx.Scores(onnx.Raw))
			if err != nil {
				t.Errorf("%v: %v", element, err)
				continue
			}
			defer opened.Close()
			for _, batch := range [][]input.Input{{row(yes, 1, 0, 1)}, {row(yes, 0, 0, 1), row(yes, 1, 0, 0), row(yes, 1, 1)}} {
				if element == asByte {
					for i := range batch {
						batch[i].Domain = input.Bytes
						batch[i].Data[0] = 200
					}
				}
				if err := opened.CheckInput(batch[0]); err != nil {
					t.Errorf("%v: %v", element, err)
				}
				got, err := opened.Predict(t.Context(), batch)
				if err != nil {
					t.Errorf("%v: %v", element, err)
					continue
				}
				for i := range batch {
					if !slices.Equal(got[i], batch[i].Data) {
						t.Errorf("%v: got %v, expected %v", element, got[i], batch[i].Data)
					}
				}
			}
			if d := opened.Describe(); d.MaxBatch != 0 {
				t.Errorf("%v: runs one by one, %q", element, d.Notes)
			}
		}
	}
}

// several gives outputs of several types and shapes.
func several(t *testing.T) []byte {
	m := rowsOf(asFloat)
	g := m.GetGraph()
	g.Input[0] = onnxtest.Named(onnxtest.Value("x", asFloat, 0, 4), "batch")
	onnxtest.Result(m, node(m, "Mul", "x", scalar(m, 2)), onnxtest.Named(onnxtest.Value("doubled", asFloat, 0, 4), "batch"))
	onnxtest.Result(m, node(m, "Reshape", node(m, "Neg", "x"), onnxtest.Integers(m, []int64{3}, -1, 2, 2)), onnxtest.Named(onnxtest.Value("square", asFloat, 0, 2, 2), "batch"))
	onnxtest.Result(m, onnxtest.Cast(m, "x", asInt64), onnxtest.Named(onnxtest.Value("whole", asInt64, 0, -1), "", ""))
	// A state [2,N,2].
	turned, n := onnxtest.Node(m, "Transpose", node(m, "Reshape", "x", onnxtest.Integers(m, []int64{3}, -1, 2, 2)))
	onnxtest.Ints(n, "perm", 1, 0, 2)
	onnxtest.Result(m, turned, onnxtest.Named(onnxtest.Value("state", asFloat, 2, 0, 2), "batch"))
	onnxtest.Result(m, onnxtest.Cast(m, node(m, "Greater", "x", scalar(m, 2)), asBool), onnxtest.Named(onnxtest.Value("large", asBool, 0, 4), "batch"))
	onnxtest.Result(m, withInt(m, "ReduceSum", "keepdims", 0, "x"), onnxtest.Value("sum", asFloat))
	return onnxtest.Bytes(t, m)
}

// TestRawOutputs: outputs are chosen by name, and a row holds their numbers one after the other.
func TestRawOutputs(t *testing.T) {
	data := several(t)
	for _, test := range []struct {
		names []string
		want  string // of the rows 1 2 3 4 and 0 1 2 9
		batch int    // the limit of the description
	}{
		{[]string{"doubled"}, "[[2 4 6 8] [0 2 4 18]]", 0},
		{[]string{"square"}, "[[-1 -2 -3 -4] [0 -1 -2 -9]]", 0},
		{[]string{"whole", "large"}, "[[1 2 3 4 0 0 1 1] [0 1 2 9 0 0 0 1]]", 0},
		{[]string{"state"}, "[[1 2 3 4] [0 1 2 9]]", 0},
		{[]string{"state", "doubled"}, "[[1 2 3 4 2 4 6 8] [0 1 2 9 0 2 4 18]]", 0},
		{[]string{"doubled", "state"}, "[[2 4 6 8 1 2 3 4] [0 2 4 18 0 1 2 9]]", 0},
		{[]string{"sum"}, "[[10] [12]]", 1},
		{[]string{"sum", "large"}, "[[10 0 0 1 1] [12 0 0 0 1]]", 1},
	} {
		m, err := onnx.OpenBytes("m.onnx", data, onnx.Scores(onnx.Raw), onnx.Output(test.names...))
		if err != nil {
			t.Errorf("%q: %v", test.names, err)
			continue
		}
		defer m.Close()
		var dst [][]float32
		for range 3 { // the memory of rows is used again
			if dst, err = m.PredictInto(t.Context(), []input.Input{row(ids, 1, 2, 3, 4), row(ids, 0, 1, 2, 9)}, dst); err != nil {
				t.Fatalf("%q: %v", test.names, err)
			}
			if got := strings.ReplaceAll(fmt.Sprint(dst), "-0 ", "0 "); got != test.want {
				t.Errorf("%q: got %s, expected %s", test.names, got, test.want)
			}
		}
		d := m.Describe()
		if d.MaxBatch != test.batch || d.Settings["scores"] != "raw numbers, as they are (as onnx.Scores says)" || !strings.HasPrefix(d.Settings["output"], fmt.Sprintf("%q ", test.names[0])) {
			t.Errorf("%q: got %+v", test.names, d)
		}
	}
}

func TestRawOutputsThatCannotBe(t *testing.T) {
	data := several(t)
	all := `"doubled" float32 [batch,4], "square" float32 [batch,2,2], "whole" int64 [?,?], "state" float32 [2,batch,2], "large" bool [batch,4], "sum" float32 []`
	half := rowsOf(asFloat)
	onnxtest.Result(half, onnxtest.Cast(half, "x", asHalf), onnxtest.Named(onnxtest.Value("y", asHalf, 0, -1), "", ""))
	large := rowsOf(asFloat)
	onnxtest.Result(large, onnxtest.Cast(large, node(large, "Mul", "x", scalar(large, 1<<22)), asInt64), onnxtest.Named(onnxtest.Value("y", asInt64, 0, -1), "batch", "length"))
	for _, test := range []struct {
		reason  string
		data    []byte
		options []onnx.Option
		want    string
	}{
		{"none of several is named", data, []onnx.Option{onnx.Scores(onnx.Raw)}, "onnx: m.onnx: expected the names of outputs beside onnx.Scores(onnx.Raw), found none and 6 outputs: " + all + "; choose with onnx.Output(names...)"},
		{"no such output", data, []onnx.Option{onnx.Scores(onnx.Raw), onnx.Output("sum", "logits")}, `expected an output "logits", as onnx.Output says, found ` + all},
		{"several for class scores", data, []onnx.Option{onnx.Output("doubled", "sum")}, "expected one output of class scores, found 2 in onnx.Output; numbers of several are taken as they are with onnx.Scores(onnx.Raw)"},
		{"named twice", data, []onnx.Option{onnx.Output("sum", "sum")}, `onnx: option Output: expected every name once, found "sum" twice`},
		{"none named", data, []onnx.Option{onnx.Output()}, `onnx: option Output: expected names of outputs, found []`},
		{"an order of classes", data, []onnx.Option{onnx.Output("doubled"), onnx.Scores(onnx.Raw), onnx.ClassOrder(1, 0)}, "expected scores of classes for onnx.ClassOrder, found onnx.Scores(onnx.Raw)"},
		{"a scale for floats", data, []onnx.Option{onnx.Output("doubled"), onnx.Scores(onnx.Raw), onnx.QuantizedOutput(1, 0)}, `expected an int8 or uint8 output for onnx.QuantizedOutput, found "doubled" float32 [batch,4]`},
		{"whole numbers as scores", data, []onnx.Option{onnx.Output("whole")}, `as output, found "whole" int64 [?,?]; is it "doubled" or "state"?; if they are not scores of classes, onnx.Scores(onnx.Raw)`},
		{"a matrix as scores", data, []onnx.Option{onnx.Output("square")}, `expected an output of scores [N, classes], found "square" float32 [batch,2,2] for batches of any size; if they are not scores of classes, onnx.Scores(onnx.Raw) takes the numbers as they are`},
		{"float16 of unknown shape", onnxtest.Bytes(t, half), []onnx.Option{onnx.Scores(onnx.Raw)}, `expected an output whose shape follows from that of the input, found "y" float16 [?,?]`},
		{"integers that float32 does not hold", onnxtest.Bytes(t, large), []onnx.Option{onnx.Scores(onnx.Raw)}, `bad scores: expected whole numbers below 16777216 in the output "y" int64 [batch,length], found 16777216`},
	} {
		t.Run(test.reason, func(t *testing.T) {
			m, err := onnx.OpenBytes("m.onnx", test.data, test.options...)
			if err == nil {
				defer m.Close()
				_, err = m.Predict(t.Context(), []input.Input{row(ids, 1, 2, 3, 4), row(ids, 0, 0, 3, 4)})
			}
			if err == nil || !strings.HasPrefix(err.Error(), "onnx: ") || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("expected %s, found %v", test.want, err)
			}
		})
	}
}

// TestRawSearch: the tolerance oracle on raw numbers of two outputs finds what a changed weight does.
func TestRawSearch(t *testing.T) {
	open := func(name string, factor float32) *onnx.Model {
		m := onnxtest.Graph(onnxtest.Named(onnxtest.Value("x", asFloat, 0, 4), "batch"))
		onnxtest.Result(m, node(m, "Mul", "x", scalar(m, 2)), onnxtest.Named(onnxtest.Value("a", asFloat, 0, 4), "batch"))
		onnxtest.Result(m, node(m, "Mul", "x", scalar(m, factor)), onnxtest.Named(onnxtest.Value("b", asFloat, 0, 4), "batch"))
		opened, err := onnx.OpenBytes(name, onnxtest.Bytes(t, m), onnx.Scores(onnx.Raw), onnx.Output("a", "b"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { opened.Close() })
		return opened
	}
	pair := model.Must(model.NewPair("p", open("a", 3), open("b", 3.1)))
	evaluations, err := engine.Replay(context.Background(), pair, []input.Input{row(ids, 0, 0, 1, 2), row(ids, 0, 0, 1, 9)}, model.Must(answer.ScoreTolerance(0.5)))
	if err != nil {
		t.Fatal(err)
	}
	if evaluations[0].Verdict.Deviates || !evaluations[1].Verdict.Deviates {
		t.Errorf("got %+v", evaluations)
	}
	// One side raw, the other scores of classes.
	classes := onnxtest.Graph(onnxtest.Named(onnxtest.Value("x", asFloat, 0, 4), "batch"))
	onnxtest.Result(classes, withInt(classes, "Softmax", "axis", 1, node(classes, "Concat2", "x")), onnxtest.Named(onnxtest.Value("a", asFloat, 0, 8), "batch"))
	n := classes.GetGraph().Node[0]
	*n.OpType, n.Input = "Concat", []string{"x", "x"}
	onnxtest.Int(n, "axis", 1)
	other, err := onnx.OpenBytes("c", onnxtest.Bytes(t, classes))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	mixed := model.Must(model.NewPair("p", open("a", 3), other))
	if _, err := engine.Replay(context.Background(), mixed, []input.Input{row(ids, 0, 0, 1, 2), row(ids, 0, 0, 1, 9)}, nil); err == nil || errors.Is(err, model.ErrBadScores) || !strings.Contains(err.Error(), "expected both models of the pair to give scores of classes or both raw numbers") {
		t.Errorf("got %v", err)
	}
}
