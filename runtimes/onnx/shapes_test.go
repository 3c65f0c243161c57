//go:build cgo

package onnx_test

import (
	"math"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxtest"
)

// TestWhereTheScoresLie: shapes that exporters give to the ten logits of LeNet-5, or to one.
func TestWhereTheScoresLie(t *testing.T) {
	reference := func(end func(m modelProto) string, classes int64) [][]float32 {
		m, err := prepared(t, lenet(t, func(m modelProto) { onnxtest.Output(m, end(m), asFloat, 0, classes) }), onnx.Scores(onnx.Logits))
		if err != nil {
			t.Fatal(err)
		}
		return predict(t, m, firstSeeds(t, 7)...)
	}
	ten, one := reference(func(modelProto) string { return logits }, 10), reference(oneLogit, 1)
	reshaped := func(dims ...int64) func(m modelProto, from string) string {
		return func(m modelProto, from string) string {
			return node(m, "Reshape", from, onnxtest.Integers(m, []int64{int64(len(dims))}, dims...))
		}
	}
	turned := func(m modelProto, from string) string {
		out, n := onnxtest.Node(m, "Transpose", from)
		onnxtest.Ints(n, "perm", 1, 0)
		return out
	}
	as := func(_ modelProto, from string) string { return from }
	const open = -1 // a dimension without a name
	for _, test := range []struct {
		reason string
		batch  int64 // of the input; 0 for any
		single bool  // one logit, not ten
		shape  func(m modelProto, from string) string
		dims   []int64
		alone  bool     // inputs have to run one by one
		err    []string // parts of the error; none for no error
	}{
		{"[N,C]", 0, false, as, []int64{0, 10}, false, nil},
		{"[N,1,C]", 0, false, reshaped(-1, 1, 10), []int64{0, 1, 10}, false, nil},
		{"[N,1,1,C]", 0, false, reshaped(-1, 1, 1, 10), []int64{0, 1, 1, 10}, false, nil},
		{"[N,1,C,1]", 0, false, reshaped(-1, 1, 10, 1), []int64{0, 1, 10, 1}, false, nil},
		{"[N,C,1,1]", 0, false, reshaped(-1, 10, 1, 1), []int64{0, 10, 1, 1}, false, nil},
		{"[N,1,C] with open dimensions", 0, false, reshaped(-1, 1, 10), []int64{0, open, open}, false, nil},
		{"[N,C,1,1] with open height and width", 0, false, reshaped(-1, 10, 1, 1), []int64{0, 10, open, open}, false, nil},
		{"[N,1,C] in a batch of 4", 4, false, reshaped(4, 1, 10), []int64{4, 1, 10}, false, nil},
		{"[C,N]", 0, false, turned, []int64{10, 0}, false, nil},
		{"[C,N] with an open dimension", 0, false, turned, []int64{10, open}, false, nil},
		{"[C,N] with open dimensions", 0, false, turned, []int64{open, open}, false, nil},
		{"[C,N] in a batch of 4", 4, false, turned, []int64{10, 4}, false, nil},
		{"[C,1] of a batch of 1", 1, false, turned, []int64{10, 1}, true, nil},
		{"[C] of a batch of 1", 1, false, reshaped(10), []int64{10}, true, nil},
		{"[C] of a batch of 1, open", 1, false, reshaped(10), []int64{open}, true, nil},
		{"[C], one input at a time", 0, false, reshaped(10), []int64{10}, true, nil},
		{"[C], open, one input at a time", 0, false, reshaped(10), []int64{open}, true, nil},
		{"[C,1,1] of a batch of 1", 1, false, reshaped(10, 1, 1), []int64{10, 1, 1}, true, nil},
		{"one number as [N,1]", 0, true, as, []int64{0, 1}, false, nil},
		{"one number as [N]", 0, true, reshaped(-1), []int64{0}, false, nil},
		{"one number as [N], open", 0, true, reshaped(-1), []int64{open}, false, nil},
		{"one number as [N] in a batch of 4", 4, true, reshaped(-1), []int64{4}, false, nil},
		{"one number as [N,1,1]", 0, true, reshaped(-1, 1, 1), []int64{0, 1, 1}, false, nil},
		{"one number without a dimension", 1, true, reshaped(), nil, false, []string{"expected an output of scores [N, classes], found", "[] for a batch of 1"}},
		{"several wide dimensions", 0, false, reshaped(-1, 2, 5), []int64{0, 2, 5}, false, []string{"expected an output of scores [N, classes], found", "[batch,2,5] for batches of any size"}},
		{"several wide dimensions, open", 0, false, reshaped(-1, 2, 5), []int64{0, open, open}, false, []string{"expected an output of scores [N, classes], found", "[1,2,5] from a run of 1 input"}},
		{"fewer numbers than a batch", 4, false, reshaped(40), []int64{40}, false, []string{"expected an output of scores [N, classes]", "[40] for a batch of 4"}},
	} {
		t.Run(test.reason, func(t *testing.T) {
			want, from := ten, logits
			data := lenet(t, func(m modelProto) {
				if test.single {
					want, from = one, oneLogit(m)
				}
				if test.batch > 0 {
					m.GetGraph().Input[0] = onnxtest.Value("input", asFloat, test.batch, 1, 28, 28)
				}
				onnxtest.Output(m, test.shape(m, from), asFloat, test.dims...)
			})
			m, err := prepared(t, data, onnx.Scores(onnx.Logits))
			if len(test.err) > 0 {
				if err == nil {
					t.Fatalf("expected an error, found the output %s", m.Describe().Settings["output"])
				}
				for _, part := range append(test.err, "onnx: m.onnx: ") {
					if !strings.Contains(err.Error(), part) {
						t.Errorf("expected %q in the error, found: %v", part, err)
					}
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range []int{1, 2, 7} {
				for i, row := range predict(t, m, firstSeeds(t, n)...) {
					for class := range want[i] {
						if len(row) != len(want[i]) || math.Abs(float64(row[class]-want[i][class])) > 1e-5 {
							t.Fatalf("%d inputs: input %d: got %v, expected %v", n, i, row, want[i])
						}
					}
				}
			}
			batch := int(test.batch)
			if test.alone {
				batch = 1
			}
			if d := m.Describe(); d.Classes != len(want[0]) || d.MaxBatch != batch {
				t.Errorf("%d classes, batch %d; expected %d and %d; notes %q", d.Classes, d.MaxBatch, len(want[0]), batch, d.Notes)
			}
		})
	}
}

// zipMapped is a graph as skl2onnx makes it: labels, and a list of maps.
func zipMapped(t *testing.T, change func(g *onnxpb.GraphProto)) []byte {
	return lenet(t, func(m modelProto) {
		g := m.GetGraph()
		p := softmaxOf(m)
		out, n := onnxtest.Node(m, "ai.onnx.ml:ZipMap", p)
		onnxtest.Ints(n, "classlabels_int64s", 0, 1, 2, 3, 4, 5, 6, 7, 8, 9)
		label := withInt(m, "ArgMax", "axis", 1, p)
		element := onnxtest.Value("", asFloat).Type
		list := &onnxpb.TypeProto{Value: &onnxpb.TypeProto_SequenceType{SequenceType: &onnxpb.TypeProto_Sequence{
			ElemType: &onnxpb.TypeProto{Value: &onnxpb.TypeProto_MapType{MapType: &onnxpb.TypeProto_Map{KeyType: new(int32(7)), ValueType: element}}},
		}}}
		g.Output = []*onnxpb.ValueInfoProto{onnxtest.Value(label, onnxpb.TensorProto_INT64, 0, 1), {Name: &out, Type: list}}
		if change != nil {
			change(g)
		}
	})
}

func TestZipMap(t *testing.T) {
	alone := zipMapped(t, nil)
	for _, options := range [][]onnx.Option{nil, {onnx.Output("ZipMap_13")}} {
		m, err := prepared(t, alone, options...)
		if err != nil {
			t.Fatal(err)
		}
		if d := m.Describe(); d.Settings["output"] != `"ZipMap_13" float32 [?,10]` || d.ClassNames != nil {
			t.Errorf("%d options: got %s, and names %q of numbered classes", len(options), d.Settings["output"], d.ClassNames)
		}
	}
	beside := zipMapped(t, func(g *onnxpb.GraphProto) {
		g.Output = append(g.Output, onnxtest.Value("Softmax_12", asFloat, 0, 10))
	})
	m, err := prepared(t, beside)
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Describe().Settings["output"]; got != `"Softmax_12" float32 [batch,10]` {
		t.Errorf("got %s", got)
	}
	if _, err := prepared(t, beside, onnx.Output("ArgMax_14")); err == nil || !strings.Contains(err.Error(), `found "ArgMax_14" int64 [batch,1]; is it "Softmax_12"?`) {
		t.Errorf("got %v", err)
	}
}

func TestInputsThatNoNodeReads(t *testing.T) {
	mask := func(more ...*onnxpb.ValueInfoProto) []byte {
		return lenet(t, func(m modelProto) { m.GetGraph().Input = append(m.GetGraph().Input, more...) })
	}
	plain, err := prepared(t, lenet(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	want := predict(t, plain, firstSeeds(t, 5)...)
	first := onnxtest.Value("input", asFloat, 0, 1, 28, 28)
	for _, test := range []struct {
		reason string
		data   []byte
		note   string
	}{
		{"one", mask(onnxtest.Value("mask", asFloat, 0, 1)), `its input "mask" is ignored: no node of the graph reads it`},
		{"two, of types that nobody could feed", mask(onnxtest.Value("mask", onnxpb.TensorProto_STRING, 0), onnxtest.Value("length", onnxpb.TensorProto_INT64)),
			`its inputs "mask", "length" are ignored: no node of the graph reads them`},
		{"before the one that is read", lenet(t, func(m modelProto) {
			m.GetGraph().Input = []*onnxpb.ValueInfoProto{onnxtest.Value("mask", asFloat, 0, 1), first}
		}), `its input "mask" is ignored: no node of the graph reads it`},
	} {
		t.Run(test.reason, func(t *testing.T) {
			m, err := prepared(t, test.data)
			if err != nil {
				t.Fatal(err)
			}
			for i, row := range predict(t, m, firstSeeds(t, 5)...) {
				if !same(row, want[i]) {
					t.Errorf("seed %d: got %v, expected %v", i, row, want[i])
				}
			}
			if got := strings.Join(m.Describe().Notes, "\n"); got != test.note {
				t.Errorf("notes %q, expected %q", got, test.note)
			}
		})
	}
	needed := lenet(t, func(m modelProto) {
		m.GetGraph().Input = append(m.GetGraph().Input, onnxtest.Value("temperature", asFloat, 1))
		onnxtest.Output(m, node(m, "Mul", logits, "temperature"), asFloat, 0, 10)
	})
	if _, err := prepared(t, needed); err == nil || err.Error() != `onnx: m.onnx: expected every input of the model to be fed, found nothing for "input" float32 [batch,1,28,28], "temperature" float32 [1]; the input is one array without a name; a part feeds the input of its name (see input.Join), onnx.Feed(target, part) one of another name, and onnx.Fixed(name, values...) and onnx.Made(name, func) need no part` {
		t.Errorf("got %v", err)
	}
	// An input that is an output as it is, is read.
	through := lenet(t, func(m modelProto) {
		g := m.GetGraph()
		g.Input = append(g.Input, onnxtest.Value("mask", asFloat, 0, 1))
		g.Output = append(g.Output, onnxtest.Value("mask", asFloat, 0, 1))
	})
	if _, err := prepared(t, through); err == nil || !strings.Contains(err.Error(), "expected every input of the model to be fed, found nothing for ") {
		t.Errorf("got %v", err)
	}
	// An input that only a branch reads is read.
	inside := lenet(t, func(m modelProto) {
		branch := func(operator string) *onnxpb.AttributeProto {
			out := operator + "_inside"
			name := map[string]string{"Identity": "then_branch", "Neg": "else_branch"}[operator]
			return &onnxpb.AttributeProto{Name: &name, Type: onnxpb.AttributeProto_GRAPH.Enum(), G: &onnxpb.GraphProto{
				Name: &name, Node: []*onnxpb.NodeProto{{OpType: &operator, Input: []string{"second"}, Output: []string{out}}},
				Output: []*onnxpb.ValueInfoProto{onnxtest.Value(out, asFloat, 0, 10)},
			}}
		}
		m.GetGraph().Input = append(m.GetGraph().Input, onnxtest.Value("second", asFloat, 0, 10))
		yes := node(m, "Greater", scalar(m, 1), scalar(m, 0))
		out, n := onnxtest.Node(m, "If", yes)
		n.Attribute = append(n.Attribute, branch("Identity"), branch("Neg"))
		onnxtest.Output(m, node(m, "Add", logits, out), asFloat, 0, 10)
	})
	if _, err := prepared(t, inside); err == nil || !strings.Contains(err.Error(), "expected every input of the model to be fed, found nothing for ") {
		t.Errorf("got %v", err)
	}
}

func TestRawValuesAreNamedAsWhatTheyAre(t *testing.T) {
	for _, test := range []struct {
		reason string
		shape  []int64
		want   string
	}{
		{"images", []int64{0, 1, 28, 28}, "it gets the values of the seeds as they are (pixels of 0..255 for 8-bit images): no onnx.Scale, onnx.Mean or onnx.Std was given"},
		{"rows", []int64{0, 784}, "it gets the values of the seeds as they are: no onnx.Scale, onnx.Mean or onnx.Std was given"},
		{"planes, as spectrograms are", []int64{0, 28, 28}, "it gets the values of the seeds as they are: no onnx.Scale, onnx.Mean or onnx.Std was given"},
	} {
		data := lenet(t, func(m modelProto) {
			g := m.GetGraph()
			g.Input = []*onnxpb.ValueInfoProto{onnxtest.Value("given", asFloat, test.shape...)}
			_, n := onnxtest.Node(m, "Reshape", "given", onnxtest.Integers(m, []int64{4}, -1, 1, 28, 28))
			n.Output[0] = "input"
			last := len(g.Node) - 1
			g.Node = append([]*onnxpb.NodeProto{g.Node[last]}, g.Node[:last]...)
		})
		m, err := onnx.OpenBytes("m.onnx", data)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(m.Describe().Notes, "\n"); got != test.want {
			t.Errorf("%s: got %q", test.reason, got)
		}
		m.Close()
	}
}
