//go:build cgo

package onnx_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/internal/modelfile"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxtest"
	"google.golang.org/protobuf/proto"
)

// constantsOf moves the initializers of a model into Constants, whose weights then lie in other files too.
func constantsOf(m *onnxpb.ModelProto) *onnxpb.ModelProto {
	g := m.GetGraph()
	var constants []*onnxpb.NodeProto
	for _, t := range g.GetInitializer() {
		constants = append(constants, &onnxpb.NodeProto{OpType: proto.String("Constant"), Output: []string{t.GetName()}, Attribute: []*onnxpb.AttributeProto{
			{Name: proto.String("value"), Type: onnxpb.AttributeProto_TENSOR.Enum(), T: t},
		}})
	}
	g.Node, g.Initializer = append(constants, g.Node...), nil
	return m
}

// TestModelsWithWeightsInOtherFiles are read and run as if they were in one file.
func TestModelsWithWeightsInOtherFiles(t *testing.T) {
	seed := model.Must(fixtures.Seeds().Seed(0)).Input
	for _, test := range []struct {
		name     string
		constant bool
	}{{"lenet5.onnx", false}, {"lenet5-int8.onnx", false}, {"student-uint8-nhwc.onnx", false}, {"rescnn.onnx", true}} {
		one, err := onnx.OpenFS(fixtures.Models, test.name, onnx.Scale(fixtures.Scale))
		if err != nil {
			t.Fatal(err)
		}
		defer one.Close()
		m, dir := onnxtest.Load(t, fixtures.Models, test.name), t.TempDir()
		weights := onnxtest.Externalize(m, "sub/w.bin", 1)
		if test.constant {
			m = constantsOf(m)
		}
		path := onnxtest.Save(t, m, filepath.Join(dir, test.name))
		if err := os.MkdirAll(filepath.Join(dir, "sub"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "sub", "w.bin"), weights, 0o644); err != nil {
			t.Fatal(err)
		}
		disk := open(t, path, onnx.Scale(fixtures.Scale))
		inFS, err := onnx.OpenFS(os.DirFS(dir), test.name, onnx.Scale(fixtures.Scale))
		if err != nil {
			t.Fatal(err)
		}
		defer inFS.Close()
		want := one.Describe()
		id, err := onnx.Identify(path)
		if err != nil || id.SHA256 != disk.Describe().SHA256 || id.Content != want.Content || len(id.Files) != 2 {
			t.Errorf("%s: identified as %+v, %v", test.name, id, err)
		}
		for where, m := range map[string]*onnx.Model{"on disk": disk, "in a file system": inFS} {
			d := m.Describe()
			if d.Content != want.Content || d.SHA256 == want.SHA256 || d.SHA256 != id.SHA256 || d.Size != id.Size || d.Size <= int64(len(weights)) {
				t.Errorf("%s, %s: found %+v", test.name, where, d)
			}
			for _, setting := range []string{"input", "preprocess", "output", "scores"} {
				if d.Settings[setting] != want.Settings[setting] {
					t.Errorf("%s, %s: %s is %q, in one file %q", test.name, where, setting, d.Settings[setting], want.Settings[setting])
				}
			}
			if one.CheckInput(seed) == nil && !same(predict(t, m, seed)[0], predict(t, one, seed)[0]) {
				t.Errorf("%s, %s: other scores than in one file", test.name, where)
			}
		}
		if test.name == "lenet5.onnx" {
			a, err := onnx.OpenPerturbed(path, 0.01, 3, onnx.Scale(fixtures.Scale))
			if err != nil {
				t.Fatal(err)
			}
			defer a.Close()
			b, err := onnx.OpenPerturbedFS(fixtures.Models, test.name, 0.01, 3, onnx.Scale(fixtures.Scale))
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			if a.Describe().Content != b.Describe().Content || a.Describe().Content == want.Content || len(a.Describe().Files) != 0 {
				t.Errorf("perturbed: found %+v and %+v", a.Describe(), b.Describe())
			}
			variants, err := onnx.OpenVariants(path, path, onnx.Scale(fixtures.Scale))
			if err != nil {
				t.Fatal(err)
			}
			if err := variants.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

const damagedVariable = "TRIGGERFINDER_TEST_DAMAGED"

// TestTheRuntimeIsSilent opens models with weights that cannot be read in a process of their own: nothing but the error is told.
func TestTheRuntimeIsSilent(t *testing.T) {
	if path := os.Getenv(damagedVariable); path != "" {
		_, err := onnx.Open(path)
		fmt.Fprintf(os.Stderr, "error: %v\n", err)
		return
	}
	m := onnxtest.Load(t, fixtures.Models, "lenet5.onnx")
	for name, damage := range map[string]func(file string) error{
		"missing": os.Remove,
		"cut off": func(file string) error { return os.Truncate(file, 1000) },
		"a Git LFS pointer": func(file string) error {
			return os.WriteFile(file, []byte("version https://git-lfs.github.com/spec/v1\n"), 0o644)
		},
		"a directory": func(file string) error {
			if err := os.Remove(file); err != nil {
				return err
			}
			return os.Mkdir(file, 0o755)
		},
	} {
		path := onnxtest.SaveExternal(t, proto.CloneOf(m), filepath.Join(t.TempDir(), "m.onnx"))
		if err := damage(path + ".data"); err != nil {
			t.Fatal(err)
		}
		c := exec.Command(os.Args[0], "-test.run=^TestTheRuntimeIsSilent$")
		c.Env = append(os.Environ(), damagedVariable+"="+path)
		var stderr bytes.Buffer
		c.Stderr = &stderr
		if err := c.Run(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if text := stderr.String(); strings.Count(text, "\n") != 1 || !strings.HasPrefix(text, "error: onnx: "+path+": weights ") || !strings.Contains(text, `"m.onnx.data"`) {
			t.Errorf("%s: found on the error stream:\n%s", name, text)
		}
	}
}

// TestWeightsThatTheRuntimeReads are those of a model that is too large for one file.
func TestWeightsThatTheRuntimeReads(t *testing.T) {
	was := modelfile.MostInOne
	modelfile.MostInOne = 500
	t.Cleanup(func() { modelfile.MostInOne = was })
	for name, from := range map[string]fs.FS{"lenet5.onnx": fixtures.Models, "int8-io.onnx": os.DirFS("testdata")} { // the second has its scale there too
		m, dir := onnxtest.Load(t, from, name), t.TempDir()
		path := onnxtest.SaveExternal(t, m, filepath.Join(dir, name))
		parted := open(t, path, onnx.Scale(fixtures.Scale))
		one, err := onnx.OpenFS(from, name, onnx.Scale(fixtures.Scale))
		if err != nil {
			t.Fatal(err)
		}
		defer one.Close()
		seed := model.Must(fixtures.Seeds().Seed(0)).Input
		if a, b := parted.Describe(), one.Describe(); a.Content != b.Content || a.Settings["preprocess"] != b.Settings["preprocess"] || !strings.Contains(a.Settings["input"], "float32") && !strings.Contains(a.Settings["preprocess"], "with scale") {
			t.Errorf("%s: found %+v, in one file %+v", name, a, b)
		}
		if one.CheckInput(seed) == nil && !same(predict(t, parted, seed)[0], predict(t, one, seed)[0]) {
			t.Errorf("%s: other scores than in one file", name)
		}
	}
	path := onnxtest.SaveExternal(t, onnxtest.Load(t, fixtures.Models, "lenet5.onnx"), filepath.Join(t.TempDir(), "m.onnx"))
	changed, err := onnx.OpenPerturbed(path, 0.01, 3, onnx.Scale(fixtures.Scale))
	if err != nil {
		t.Fatal(err)
	}
	defer changed.Close()
}
