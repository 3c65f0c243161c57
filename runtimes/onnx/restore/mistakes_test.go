package restore_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/restore"
)

// changed is a model file after a change of its graph.
func changed(t *testing.T, name string, change func(*onnxpb.GraphProto)) []byte {
	t.Helper()
	m := &onnxpb.ModelProto{}
	if err := proto.Unmarshal(read(t, name), m); err != nil {
		t.Fatal(err)
	}
	change(m.GetGraph())
	data, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestMistakes(t *testing.T) {
	lenet, int8Model := read(t, "lenet5.onnx"), read(t, "lenet5-int8.onnx")
	unfolded := changed(t, "lenet5.onnx", func(g *onnxpb.GraphProto) {
		for _, n := range g.GetNode() {
			if n.GetOpType() == "Relu" {
				n.OpType, n.Name = proto.String("BatchNormalization"), proto.String("bn")
			}
		}
	})
	for _, test := range []struct {
		original, compressed []byte
		want                 string
	}{
		{nil, int8Model, "original.onnx: expected an ONNX file with a graph, found none"},
		{[]byte("<html>"), int8Model, "original.onnx: expected a whole ONNX file, found a damaged one"},
		{lenet, int8Model[:1000], "compressed.onnx: expected a whole ONNX file, found a damaged one"},
		{lenet, lenet, "compressed.onnx: expected nodes quantised in the form QDQ"},
		{read(t, "rescnn.onnx"), int8Model, `node "/conv1/Conv" (Conv): expected a node of this name, or of its output's, in the original original.onnx, found none; give the original that was quantised`},
		{unfolded, int8Model, `node "/conv1/Conv": expected weights with BatchNormalization folded in`},
	} {
		_, err := restore.New("original.onnx", test.original, "compressed.onnx", test.compressed)
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "restore: ") {
			t.Errorf("expected %q, found %v", test.want, err)
		}
	}
	m := open(t, "lenet5.onnx", "lenet5-int8.onnx")
	if _, err := m.Restore("/conv1/Conv", "/conv9/Conv"); err == nil || !strings.Contains(err.Error(), `(/conv1/Conv, /conv2/Conv, /fc1/Gemm, /fc2/Gemm, /fc3/Gemm), found "/conv9/Conv"`) {
		t.Errorf("found %v", err)
	}
	if _, err := restore.Open(filepath.Join(t.TempDir(), "none.onnx"), "x"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("found %v", err)
	}
}

// A model whose nodes lost their names is matched by its tensors.
func TestMatchByOutput(t *testing.T) {
	for _, name := range []string{"lenet5-int8.onnx", "lenet5-dynamic.onnx"} {
		nameless := changed(t, name, func(g *onnxpb.GraphProto) {
			for _, n := range g.GetNode() {
				n.Name = nil
			}
		})
		m, err := restore.New("lenet5.onnx", read(t, "lenet5.onnx"), name, nameless)
		if name == "lenet5-dynamic.onnx" {
			// What became of Gemm carries its old output's name no more.
			if err == nil || !strings.Contains(err.Error(), `node "" (MatMulInteger): expected a node of this name, or of its output's`) {
				t.Errorf("%s: found %v", name, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		want := open(t, "lenet5.onnx", name).Names()
		if got := m.Names(); strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("expected %v, found %v", want, got)
		}
		all, err := m.Restore(m.Names()...)
		if err != nil {
			t.Fatal(err)
		}
		batch := inputs(t, 5)
		if d := largestDifference(scores(t, "lenet5", read(t, "lenet5.onnx"), batch), scores(t, "all", all, batch)); d > 1e-5 {
			t.Errorf("%s: scores differ by up to %g", name, d)
		}
	}
}

// Whatever the files hold, there is an error or a model that can be written: no panic.
func FuzzNew(f *testing.F) {
	student, err := fs.ReadFile(fixtures.Models, "lenet5-student.onnx")
	if err != nil {
		f.Fatal(err)
	}
	shrunk := func(data []byte) []byte { // weights are of no interest here
		m := &onnxpb.ModelProto{}
		if err := proto.Unmarshal(data, m); err != nil {
			f.Fatal(err)
		}
		for _, t := range m.GetGraph().GetInitializer() {
			t.RawData, t.FloatData = nil, nil
		}
		small, err := proto.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		return small
	}
	small := shrunk(student)
	for _, name := range []string{"student-qdq.onnx", "student-qoperator.onnx", "student-dynamic.onnx"} {
		f.Add(small, shrunk(read(f, name)))
	}
	f.Add(read(f, "tflite-keras.onnx"), read(f, "tflite-int8.onnx"))
	f.Add(read(f, "tflite-keras.onnx"), read(f, "tflite-dynamic.onnx"))
	f.Fuzz(func(t *testing.T, original, compressed []byte) {
		m, err := restore.New("a", original, "b", compressed)
		if err != nil {
			return
		}
		names := m.Names()
		for i := range names {
			for _, make := range []func(...string) ([]byte, error){m.Restore, m.RestoreWeights} {
				if data, err := make(names[:i+1]...); err == nil {
					if again, err := make(names[:i+1]...); err != nil || !bytes.Equal(data, again) {
						t.Fatalf("the second copy differs; error %v", err)
					}
				}
			}
			if i > 8 {
				break
			}
		}
	})
}

// Graphs that were damaged at random, in places that change their structure: no panic.
func TestDamagedGraphs(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	files := [][2]string{
		{"tflite-keras.onnx", "tflite-int8.onnx"}, {"tflite-keras.onnx", "tflite-dynamic.onnx"}, {"tflite-float.onnx", "tflite-int8-io.onnx"},
		{"lenet5-student.onnx", "student-qdq.onnx"}, {"lenet5-student.onnx", "student-qoperator.onnx"}, {"lenet5-student.onnx", "student-dynamic.onnx"},
	}
	opened := 0
	for i := range 2000 {
		var damaged [2][]byte
		for k, name := range files[i%len(files)] {
			damaged[k] = changed(t, name, func(g *onnxpb.GraphProto) {
				for range 1 + r.IntN(4) {
					n, other := g.Node[r.IntN(len(g.Node))], g.Node[r.IntN(len(g.Node))]
					tensor, another := g.Initializer[r.IntN(len(g.Initializer))], g.Initializer[r.IntN(len(g.Initializer))]
					switch r.IntN(8) {
					case 0:
						n.Input = nil
					case 1:
						n.Output = nil
					case 2:
						n.OpType = other.OpType
					case 3:
						n.Attribute = other.Attribute
					case 4:
						n.Input = other.Input
					case 5:
						n.Output = other.Output
					case 6:
						tensor.Dims, tensor.RawData = another.Dims, []byte{1, 2, 3}
					case 7:
						tensor.Dims = []int64{int64(r.IntN(5)) - 1, 3}
					}
				}
			})
		}
		m, err := restore.New("a", damaged[0], "b", damaged[1])
		if err != nil {
			continue
		}
		opened++
		names := m.Names()
		for _, list := range [][]string{names, names[:1]} {
			_, _ = m.Restore(list...)
			_, _ = m.RestoreWeights(list...)
		}
	}
	if opened < 1000 {
		t.Errorf("only %d of 2000 graphs could be read: this test shows little", opened)
	}
}

func ExampleModel_Restore() {
	p := fixtures.LeNet5Int8
	m, err := restore.OpenFS(fixtures.Models, p.Original, p.Compressed)
	if err != nil {
		panic(err)
	}
	for _, n := range m.Nodes() {
		fmt.Println(n.Name, n.Operator, n.Form)
	}
	data, err := m.Restore("/fc2/Gemm", "/fc3/Gemm")
	if err != nil {
		panic(err)
	}
	_ = data // onnx.OpenBytes opens it
	// Output:
	// /conv1/Conv Conv QDQ
	// /conv2/Conv Conv QDQ
	// /fc1/Gemm Gemm QDQ
	// /fc2/Gemm Gemm QDQ
	// /fc3/Gemm Gemm QDQ
}
