//go:build cgo

package onnx_test

import (
	"context"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"
	"google.golang.org/protobuf/proto"
)

func perturbed(t *testing.T, file string, size float64, randomSeed uint64) *onnx.Model {
	t.Helper()
	m, err := onnx.OpenPerturbedFS(fixtures.Models, file, size, randomSeed, onnx.Scale(fixtures.Scale))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

func fixture(t *testing.T, file string) *onnx.Model {
	t.Helper()
	m, err := onnx.OpenFS(fixtures.Models, file, onnx.Scale(fixtures.Scale))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

func images(t *testing.T, n int) []input.Input {
	t.Helper()
	seeds := generators.First(fixtures.Seeds(), n)
	var inputs []input.Input
	for i := range n {
		seed, err := seeds.Seed(i)
		if err != nil {
			t.Fatal(err)
		}
		inputs = append(inputs, seed.Input)
	}
	return inputs
}

// shift is the mean distance of the scores that two models give.
func shift(t *testing.T, a, b *onnx.Model, inputs []input.Input) float64 {
	t.Helper()
	var sum float64
	before, after := predict(t, a, inputs...), predict(t, b, inputs...)
	for i := range before {
		for j := range before[i] {
			sum += math.Abs(float64(before[i][j] - after[i][j]))
		}
	}
	return sum / float64(len(inputs))
}

func TestPerturbedCopiesMoveWithTheSize(t *testing.T) {
	for _, file := range []string{"lenet5.onnx", "rescnn.onnx", "lenet5-student.onnx"} {
		original, inputs, before := fixture(t, file), images(t, 50), 0.0
		for _, size := range []float64{0.001, 0.01, 0.1, 1} {
			m := perturbed(t, file, size, 7)
			moved := shift(t, original, m, inputs)
			if moved <= 2*before || moved == 0 {
				t.Errorf("%s, size %g: scores moved by %g, those of the size before by %g", file, size, moved, before)
			}
			before = moved
			d := m.Describe()
			if name := original.Describe().Name; !strings.HasPrefix(d.Name, name+", weights changed by ") || d.File != "" ||
				d.SHA256 == original.Describe().SHA256 || !strings.Contains(d.Settings["perturbation"], "random seed 7") ||
				!strings.Contains(d.Settings["perturbation_of"], original.Describe().SHA256) {
				t.Errorf("%s: description %+v", file, d)
			}
		}
	}
}

func TestPerturbedCopiesRepeat(t *testing.T) {
	one, again, other := perturbed(t, "lenet5.onnx", 0.01, 1), perturbed(t, "lenet5.onnx", 0.01, 1), perturbed(t, "lenet5.onnx", 0.01, 2)
	if a, b := one.Describe().SHA256, again.Describe().SHA256; a != b {
		t.Errorf("the same random seed gave %s and %s", a, b)
	}
	if a, b := one.Describe().SHA256, other.Describe().SHA256; a == b {
		t.Errorf("two random seeds gave %s", a)
	}
}

// layered is a model of one layer y = x W + b, whose tensors change it.
func layered(t *testing.T, change func(*onnxpb.ModelProto)) []byte {
	t.Helper()
	const in, out = 8 * 8 * 3, 4
	weights := &onnxpb.TensorProto{Name: proto.String("w"), Dims: []int64{in, out}, DataType: proto.Int32(int32(onnxpb.TensorProto_FLOAT))}
	for i := range in * out {
		weights.FloatData = append(weights.FloatData, float32(math.Sin(float64(i)))/100)
	}
	bias := &onnxpb.TensorProto{Name: proto.String("b"), Dims: []int64{out}, DataType: proto.Int32(int32(onnxpb.TensorProto_FLOAT)), FloatData: []float32{0.1, 0.2, 0.3, 0.4}}
	float := func(name string, dims ...int64) *onnxpb.ValueInfoProto {
		shape := &onnxpb.TensorShapeProto{}
		for _, d := range dims {
			shape.Dim = append(shape.Dim, &onnxpb.TensorShapeProto_Dimension{Value: &onnxpb.TensorShapeProto_Dimension_DimValue{DimValue: d}})
		}
		return &onnxpb.ValueInfoProto{Name: proto.String(name), Type: &onnxpb.TypeProto{Value: &onnxpb.TypeProto_TensorType{
			TensorType: &onnxpb.TypeProto_Tensor{ElemType: proto.Int32(1), Shape: shape}}}}
	}
	model := &onnxpb.ModelProto{
		IrVersion: proto.Int64(8), OpsetImport: []*onnxpb.OperatorSetIdProto{{Version: proto.Int64(17)}},
		Graph: &onnxpb.GraphProto{
			Name:  proto.String("g"),
			Input: []*onnxpb.ValueInfoProto{float("x", 1, 3, 8, 8)}, Output: []*onnxpb.ValueInfoProto{float("y", 1, out)},
			Initializer: []*onnxpb.TensorProto{weights, bias},
			Node: []*onnxpb.NodeProto{
				{OpType: proto.String("Flatten"), Input: []string{"x"}, Output: []string{"f"}},
				{OpType: proto.String("Gemm"), Input: []string{"f", "w", "b"}, Output: []string{"y"}},
			},
		},
	}
	if change != nil {
		change(model)
	}
	data, err := proto.Marshal(model)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func save(t *testing.T, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "model.onnx")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestPerturbationLeavesBiasesAlone looks at a black image, to which a layer answers with its bias.
func TestPerturbationLeavesBiasesAlone(t *testing.T) {
	path := save(t, layered(t, nil))
	black := model.Must(input.NewImage(8, 8, 3, make([]uint8, 8*8*3)))
	grey := black.Clone()
	for i := range grey.Data {
		grey.Data[i] = 40
	}
	m, err := onnx.OpenPerturbed(path, 0.5, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	original := open(t, path)
	if a, b := predict(t, original, black)[0], predict(t, m, black)[0]; !same(a, b) {
		t.Errorf("scores of a black image: %v became %v", a, b)
	}
	if a, b := predict(t, original, grey)[0], predict(t, m, grey)[0]; same(a, b) {
		t.Error("scores of a grey image did not change")
	}
}

func TestPerturbationOfEveryForm(t *testing.T) {
	half := func(model *onnxpb.ModelProto, kind onnxpb.TensorProto_DataType, raw bool) {
		// The weights become half-precision numbers that a Cast widens again.
		g := model.GetGraph()
		w := g.GetInitializer()[0]
		w.DataType = proto.Int32(int32(kind))
		for _, v := range w.FloatData {
			bits := uint16(math.Float32bits(v) >> 16)
			if kind == onnxpb.TensorProto_FLOAT16 {
				bits = uint16(0x2000 + int(v*10000)) // some small number
			}
			if raw {
				w.RawData = append(w.RawData, byte(bits), byte(bits>>8))
			} else {
				w.Int32Data = append(w.Int32Data, int32(bits))
			}
		}
		w.FloatData, w.Name = nil, proto.String("w16")
		cast := &onnxpb.NodeProto{OpType: proto.String("Cast"), Input: []string{"w16"}, Output: []string{"w"},
			Attribute: []*onnxpb.AttributeProto{{Name: proto.String("to"), I: proto.Int64(1), Type: onnxpb.AttributeProto_INT.Enum()}}}
		g.Node = append([]*onnxpb.NodeProto{cast}, g.Node...)
	}
	for name, change := range map[string]func(*onnxpb.ModelProto){
		"float data": nil,
		"a Constant node": func(m *onnxpb.ModelProto) {
			g := m.GetGraph()
			node := &onnxpb.NodeProto{OpType: proto.String("Constant"), Output: []string{"w"},
				Attribute: []*onnxpb.AttributeProto{{Name: proto.String("value"), T: g.Initializer[0], Type: onnxpb.AttributeProto_TENSOR.Enum()}}}
			g.Initializer, g.Node = g.Initializer[1:], append([]*onnxpb.NodeProto{node}, g.Node...)
		},
		"float16, raw":    func(m *onnxpb.ModelProto) { half(m, onnxpb.TensorProto_FLOAT16, true) },
		"float16, listed": func(m *onnxpb.ModelProto) { half(m, onnxpb.TensorProto_FLOAT16, false) },
		"bfloat16, raw":   func(m *onnxpb.ModelProto) { half(m, onnxpb.TensorProto_BFLOAT16, true) },
	} {
		t.Run(name, func(t *testing.T) {
			path := save(t, layered(t, change))
			grey := model.Must(input.NewImage(8, 8, 3, []uint8(strings.Repeat("(", 8*8*3))))
			before := predict(t, open(t, path), grey)[0]
			m, err := onnx.OpenPerturbed(path, 0.1, 3)
			if err != nil {
				t.Fatal(err)
			}
			defer m.Close()
			if after := predict(t, m, grey)[0]; same(before, after) {
				t.Errorf("scores did not change: %v", after)
			}
		})
	}
}

// external moves the weights of the model into a file beside it.
func external(location string, offset, length string) func(*onnxpb.ModelProto) {
	return func(m *onnxpb.ModelProto) {
		w := m.GetGraph().GetInitializer()[0]
		w.FloatData, w.DataLocation = nil, onnxpb.TensorProto_EXTERNAL.Enum()
		for key, value := range map[string]string{"location": location, "offset": offset, "length": length} {
			w.ExternalData = append(w.ExternalData, &onnxpb.StringStringEntryProto{Key: proto.String(key), Value: proto.String(value)})
		}
	}
}

func TestPerturbationOfWeightsBesideTheModel(t *testing.T) {
	path := save(t, layered(t, external("weights.bin", "16", "3072")))
	whole := make([]byte, 16+3072)
	for i := 16; i < len(whole); i += 4 {
		bits := math.Float32bits(float32(math.Cos(float64(i))) / 100)
		whole[i], whole[i+1], whole[i+2], whole[i+3] = byte(bits), byte(bits>>8), byte(bits>>16), byte(bits>>24)
	}
	beside := filepath.Join(filepath.Dir(path), "weights.bin")
	if err := os.WriteFile(beside, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	grey := model.Must(input.NewImage(8, 8, 3, []uint8(strings.Repeat("(", 8*8*3))))
	before := predict(t, open(t, path), grey)[0]
	m, err := onnx.OpenPerturbed(path, 0.01, 3)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	after := predict(t, m, grey)[0]
	if same(before, after) || math.Abs(float64(before[0]-after[0])) > 0.2 {
		t.Errorf("scores went from %v to %v", before, after)
	}
}

func TestWhatCannotBePerturbed(t *testing.T) {
	good := save(t, layered(t, nil))
	for name, test := range map[string]struct {
		path string
		size float64
		says string
	}{
		"no size":         {good, 0, "expected a size above 0 and at most 10"},
		"a negative size": {good, -0.1, "found -0.1"},
		"NaN":             {good, math.NaN(), "found NaN"},
		"too large":       {good, 11, "found 11"},
		"no file":         {good + "x", 0.1, "expected an ONNX file"},
		"constant weights": {save(t, layered(t, func(m *onnxpb.ModelProto) {
			w := m.GetGraph().GetInitializer()[0].FloatData
			for i := range w {
				w[i] = 1
			}
		})), 0.1, `expected weights that vary, found constant ones alone, in "w"`},
		"infinite weights": {save(t, layered(t, func(m *onnxpb.ModelProto) {
			m.GetGraph().GetInitializer()[0].FloatData[3] = float32(math.Inf(1))
		})), 0.1, `weights "w": expected finite values`},
		"too few values": {save(t, layered(t, func(m *onnxpb.ModelProto) {
			w := m.GetGraph().GetInitializer()[0]
			w.FloatData = w.FloatData[:7]
		})), 0.1, `weights "w": expected 768 values for [192 4], found 7`},
		"impossible dimensions": {save(t, layered(t, func(m *onnxpb.ModelProto) {
			m.GetGraph().GetInitializer()[0].Dims = []int64{1 << 30, 1 << 30}
		})), 0.1, `weights "w": expected dimensions of at most`},
		"no layer": {save(t, layered(t, func(m *onnxpb.ModelProto) {
			m.GetGraph().Node = m.GetGraph().Node[:1]
		})), 0.1, "found no layer that has them"},
		"weights elsewhere":          {save(t, layered(t, external("../weights.bin", "0", "3072"))), 0.1, "../weights.bin"},
		"weights that are missing":   {save(t, layered(t, external("weights.bin", "0", "3072"))), 0.1, `the file "weights.bin" beside the model, found no such file`},
		"weights without a length":   {saveBeside(t, layered(t, external("weights.bin", "0", "99999999"))), 0.1, `expected 3072 bytes for float [192 4] in the file "weights.bin", found a length of 99999999`},
		"weights that are cut off":   {saveBeside(t, layered(t, external("weights.bin", "0", "3072"))), 0.1, `expected the file "weights.bin" to have at least 3072 bytes, found 100`},
		"weights at a strange place": {saveBeside(t, layered(t, external("weights.bin", "x", "3072"))), 0.1, `expected a whole number of at least 0 as their offset, found "x"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := onnx.OpenPerturbed(test.path, test.size, 0)
			if err == nil || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), test.path) {
				t.Errorf("error %v; expected one that names the file and says %q", err, test.says)
			}
		})
	}
	for _, file := range []string{"lenet5-int8.onnx", "lenet5-dynamic.onnx", "rescnn-int8.onnx"} {
		_, err := onnx.OpenPerturbedFS(fixtures.Models, file, 0.01, 0)
		if err == nil || !strings.Contains(err.Error(), "make the copy from the float original") {
			t.Errorf("%s: error %v; expected one about a quantised model", file, err)
		}
	}
	if p, err := onnx.Perturbed(good+"x")(0.1, 0); p != nil || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v and %v; expected no predictor", p, err)
	}
}

func saveBeside(t *testing.T, data []byte) string {
	t.Helper()
	path := save(t, data)
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), "weights.bin"), make([]byte, 100), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestPerturbedTakesThePairsOptions shares one list of options with OpenPair.
func TestPerturbedTakesThePairsOptions(t *testing.T) {
	options := []onnx.Option{onnx.Scale(fixtures.Scale), onnx.PairName("p"), onnx.Original(onnx.Threads(2)), onnx.Compressed(onnx.Threads(1))}
	p, err := onnx.PerturbedFS(fixtures.Models, "lenet5.onnx", options...)(0.01, 0)
	if err != nil {
		t.Fatal(err)
	}
	if d := p.(model.Describer).Describe(); d.Settings["threads"] != "2" {
		t.Errorf("threads %s; expected those of the original", d.Settings["threads"])
	}
	if _, err := p.Predict(context.Background(), images(t, 2)); err != nil {
		t.Error(err)
	}
}
