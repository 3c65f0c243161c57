//go:build cgo

package onnx_test

import (
	"errors"
	"slices"
	"strings"
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
	"google.golang.org/protobuf/proto"
)

var letters = strings.Split("abcdefghij", "")

// strung gives a node an attribute that is a list of strings.
func strung(n *onnxpb.NodeProto, name string, values ...string) {
	a := &onnxpb.AttributeProto{Name: &name, Type: onnxpb.AttributeProto_STRINGS.Enum()}
	for _, v := range values {
		a.Strings = append(a.Strings, []byte(v))
	}
	n.Attribute = append(n.Attribute, a)
}

// asMaps is a graph whose probabilities are a list of maps from labels, as skl2onnx makes them, with the labels beside it.
func asMaps(t *testing.T, labels []string, change func(m modelProto)) []byte {
	return lenet(t, func(m modelProto) {
		p := softmaxOf(m)
		maps, n := onnxtest.Node(m, "ai.onnx.ml:ZipMap", p)
		strung(n, "classlabels_strings", labels...)
		value := onnxtest.Value("", asFloat).Type
		list := &onnxpb.TypeProto{Value: &onnxpb.TypeProto_SequenceType{SequenceType: &onnxpb.TypeProto_Sequence{
			ElemType: &onnxpb.TypeProto{Value: &onnxpb.TypeProto_MapType{MapType: &onnxpb.TypeProto_Map{KeyType: proto.Int32(8), ValueType: value}}},
		}}}
		m.Graph.Output = []*onnxpb.ValueInfoProto{onnxtest.Value(labelOf(m, p, labels), onnxpb.TensorProto_STRING, 0), {Name: &maps, Type: list}}
		if change != nil {
			change(m)
		}
	})
}

// labelOf is a string for the likeliest class.
func labelOf(m modelProto, p string, labels []string) string {
	best, n := onnxtest.Node(m, "ArgMax", p)
	onnxtest.Int(n, "axis", 1)
	onnxtest.Int(n, "keepdims", 0)
	label, n := onnxtest.Node(m, "ai.onnx.ml:LabelEncoder", best)
	strung(n, "values_strings", labels...)
	var keys []int64
	for i := range labels {
		keys = append(keys, int64(i))
	}
	onnxtest.Ints(n, "keys_int64s", keys...)
	for _, o := range m.OpsetImport {
		if o.GetDomain() == "ai.onnx.ml" {
			o.Version = proto.Int64(2)
		}
	}
	return node(m, "Identity", label)
}

// TestLabelsAsStrings: maps are read as scores of classes with names, labels alone as 1 for the label and 0 for all others.
func TestLabelsAsStrings(t *testing.T) {
	plain, err := prepared(t, lenet(t, func(m modelProto) {
		onnxtest.Output(m, softmaxOf(m), asFloat, 0, 10)
	}))
	if err != nil {
		t.Fatal(err)
	}
	label, maps := "", ""
	data := asMaps(t, letters, func(m modelProto) { label, maps = m.Graph.Output[0].GetName(), m.Graph.Output[1].GetName() })
	alone := asMaps(t, letters, func(m modelProto) { m.Graph.Output = m.Graph.Output[:1] })
	for _, test := range []struct {
		reason  string
		data    []byte
		options []onnx.Option
		label   bool
		output  string
	}{
		{"maps, found", data, nil, false, maps},
		{"maps, chosen", data, []onnx.Option{onnx.Output(maps)}, false, maps},
		{"labels, chosen", data, []onnx.Option{onnx.Output(label)}, true, label},
		{"labels alone", alone, nil, true, label},
	} {
		t.Run(test.reason, func(t *testing.T) {
			m, err := prepared(t, test.data, test.options...)
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range []int{1, 5, 3} {
				seeds := firstSeeds(t, n)
				want := predict(t, plain, seeds...)
				for i, row := range predict(t, m, seeds...) {
					if test.label && (answer.Label(row) != answer.Label(want[i]) || !answer.OneHot(row)) || !test.label && !same(row, want[i]) {
						t.Errorf("input %d of %d: got %v, expected what %v says", i, n, row, want[i])
					}
				}
			}
			d := m.Describe()
			if !slices.Equal(d.ClassNames, letters) || d.LabelOnly != test.label || d.Classes != 10 || !strings.HasPrefix(d.Settings["output"], `"`+test.output+`"`) || d.MaxBatch != 0 {
				t.Errorf("expected names of ten classes, found %+v", d)
			}
		})
	}
	raw, err := prepared(t, data, onnx.Scores(onnx.Raw), onnx.Output(maps))
	if err != nil {
		t.Fatal(err)
	}
	if seeds := firstSeeds(t, 2); !slices.EqualFunc(predict(t, raw, seeds...), predict(t, plain, seeds...), same) {
		t.Error("expected the numbers of the maps")
	}
	if _, err := prepared(t, data, onnx.Scores(onnx.Raw), onnx.Output(label)); err == nil || !strings.Contains(err.Error(), "labels are read as classes, without onnx.Scores(onnx.Raw)") {
		t.Errorf("expected an error that says how labels are read, found %v", err)
	}
}

// TestLabelsThatCannotBe: each is an error with what was expected and found, and none is left out.
func TestLabelsThatCannotBe(t *testing.T) {
	for _, test := range []struct {
		reason string
		data   []byte
		want   string
	}{
		{"no list in the graph", lenet(t, func(m modelProto) {
			best := withInt(m, "ArgMax", "axis", 1, softmaxOf(m))
			m.Graph.Output = []*onnxpb.ValueInfoProto{onnxtest.Value(onnxtest.Cast(m, best, onnxpb.TensorProto_STRING), onnxpb.TensorProto_STRING, 0, 1)}
		}), "expected to see from the graph which labels the output"},
		{"a label twice", asMaps(t, strings.Split("abcdefghia", ""), func(m modelProto) { m.Graph.Output = m.Graph.Output[:1] }), `expected every label of the output`},
		{"a label that is not listed", asMaps(t, letters, func(m modelProto) {
			m.Graph.Output = m.Graph.Output[:1]
			for _, n := range m.Graph.Node {
				for _, a := range n.Attribute {
					if n.GetOpType() == "LabelEncoder" && a.GetName() == "keys_int64s" {
						a.Ints = []int64{100, 101, 102, 103, 104, 105, 106, 107, 108, 109}
					}
				}
			}
		}), `expected one of the labels that the graph lists, found "_Unused"`},
	} {
		m, err := prepared(t, test.data)
		if err == nil {
			_, err = m.Predict(t.Context(), firstSeeds(t, 1))
		}
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: expected %q, found %v", test.reason, test.want, err)
		}
	}
}

// TestClassesOfAPairByName: another order is put right and told; other names are an error, unless all are others.
func TestClassesOfAPairByName(t *testing.T) {
	backwards := slices.Clone(letters)
	slices.Reverse(backwards)
	open := func(labels []string, options ...onnx.Option) (*model.Pair, error) {
		files := fstest.MapFS{"a.onnx": {Data: asMaps(t, letters, nil)}, "b.onnx": {Data: asMaps(t, labels, nil)}}
		return onnx.OpenPairFS(files, "a.onnx", "b.onnx", options...)
	}
	pair, err := open(backwards)
	if err != nil {
		t.Fatal(err)
	}
	defer pair.Close()
	seeds := firstSeeds(t, 3)
	a, err := pair.Original().Predict(t.Context(), seeds)
	if err != nil {
		t.Fatal(err)
	}
	b, err := pair.Compressed().Predict(t.Context(), seeds)
	if err != nil {
		t.Fatal(err)
	}
	for i := range a {
		slices.Reverse(b[i])
		if !same(a[i], b[i]) {
			t.Errorf("input %d: expected the scores of %v the other way round, found %v", i, a[i], b[i])
		}
	}
	o, c := pair.Describe()
	if !slices.Equal(o.ClassNames, c.ClassNames) || !slices.ContainsFunc(c.Notes, func(n string) bool { return strings.Contains(n, "in another order than the original's") }) {
		t.Errorf("expected one order of names and a note, found %q, %q, %q", o.ClassNames, c.ClassNames, c.Notes)
	}
	told, err := open(backwards, onnx.Compressed(onnx.ClassOrder(0, 1, 2, 3, 4, 5, 6, 7, 8, 9)))
	if err != nil {
		t.Fatal(err)
	}
	told.Close()
	if _, err := open(strings.Split("abcdefghiz", "")); err == nil || !strings.Contains(err.Error(), "expected the classes of a.onnx (a, b, c, d, e, f, g, h, … 10 in all), found a, b, c, d, e, f, g, h, … 10 in all; onnx.ClassOrder says which is which") {
		t.Errorf("expected an error about the names, found %v", err)
	}
	others, err := open(strings.Split("qrstuvwxyz", ""))
	if err != nil {
		t.Fatal(err)
	}
	others.Close()
}

// TestNamesInAReport: those of the model stand in reports where seeds have none; seeds that number the same names otherwise are an error.
func TestNamesInAReport(t *testing.T) {
	files := fstest.MapFS{"a.onnx": {Data: asMaps(t, letters, nil)}, "b.onnx": {Data: lenet(t, nil)}}
	pair, err := onnx.OpenPairFS(files, "a.onnx", "b.onnx")
	if err != nil {
		t.Fatal(err)
	}
	defer pair.Close()
	var seeds input.SeedList
	for _, in := range firstSeeds(t, 4) {
		seeds = append(seeds, input.Seed{Input: in, Label: input.Unlabelled})
	}
	settings := engine.Settings{Strategy: strategies.Random(), Budget: engine.Budget{QueriesPerSeed: 2}}
	r, err := engine.Search(t.Context(), pair, seeds, settings)
	if err != nil || !slices.Equal(r.ClassNames, letters) {
		t.Errorf("expected the model's names, found %q (error %v)", r.ClassNames, err)
	}
	backwards := slices.Clone(letters)
	slices.Reverse(backwards)
	if _, err = engine.Search(t.Context(), pair, model.Must(generators.WithClassNames(seeds, backwards...)), settings); !errors.Is(err, engine.ErrClassOrder) || !strings.Contains(err.Error(), "generators.MapClasses") {
		t.Errorf("expected an error about the order, found %v", err)
	}
}
