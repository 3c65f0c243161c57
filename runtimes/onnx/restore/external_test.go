package restore_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxtest"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/restore"
)

// TestWeightsInOtherFiles restores models whose weights lie beside them as if they were in one file.
func TestWeightsInOtherFiles(t *testing.T) {
	for _, pair := range [][2]string{{"lenet5.onnx", "lenet5-int8.onnx"}, {"lenet5.onnx", "lenet5-dynamic.onnx"}, {"rescnn.onnx", "rescnn-int8.onnx"}} {
		whole, dir := open(t, pair[0], pair[1]), t.TempDir()
		for _, name := range pair {
			onnxtest.SaveExternal(t, onnxtest.Load(t, fixtures.Models, name), filepath.Join(dir, name))
		}
		onDisk, err := restore.Open(filepath.Join(dir, pair[0]), filepath.Join(dir, pair[1]))
		if err != nil {
			t.Fatal(err)
		}
		inFS, err := restore.OpenFS(os.DirFS(dir), pair[0], pair[1])
		if err != nil {
			t.Fatal(err)
		}
		batch := inputs(t, 2)
		compressed, err := fs.ReadFile(fixtures.Models, pair[1])
		if err != nil {
			t.Fatal(err)
		}
		for where, m := range map[string]*restore.Model{"on disk": onDisk, "in a file system": inFS} {
			names := whole.Names()
			for _, restored := range [][]string{{names[0]}, names} {
				want, err := whole.Restore(restored...)
				if err != nil {
					t.Fatal(err)
				}
				if got, err := m.Restore(restored...); err != nil || !bytes.Equal(got, want) {
					t.Errorf("%s, %s: restoring %q: other bytes than of models in one file, or %v", pair[1], where, restored, err)
				}
				want, err = whole.RestoreWeights(restored...)
				if err != nil {
					t.Fatal(err)
				}
				if got, err := m.RestoreWeights(restored...); err != nil || !bytes.Equal(got, want) {
					t.Errorf("%s, %s: restoring weights of %q: other bytes, or %v", pair[1], where, restored, err)
				}
			}
			none, err := m.Restore()
			if err != nil || largestDifference(scores(t, pair[1], none, batch), scores(t, pair[1], compressed, batch)) != 0 {
				t.Errorf("%s, %s: with nothing restored: expected the scores of the compressed model; %v", pair[1], where, err)
			}
		}
		if err := os.Remove(filepath.Join(dir, pair[0]+".data")); err != nil {
			t.Fatal(err)
		}
		if _, err := restore.Open(filepath.Join(dir, pair[0]), filepath.Join(dir, pair[1])); err == nil || !strings.Contains(err.Error(), pair[0]+`.data" beside the model, found no such file`) {
			t.Errorf("without the original's weights: found %v", err)
		}
	}
}

// TestWhatCannotBeRestoredIsTold before anybody pays for a search.
func TestWhatCannotBeRestoredIsTold(t *testing.T) {
	computed := changed(t, "lenet5.onnx", func(g *onnxpb.GraphProto) {
		for _, n := range g.GetNode() {
			if n.GetOpType() == "Gemm" { // its weights come from another node
				g.Node = append(g.Node, &onnxpb.NodeProto{OpType: proto.String("Relu"), Name: proto.String("r"), Input: []string{n.Input[1]}, Output: []string{"computed"}})
				n.Input[1] = "computed"
				return
			}
		}
	})
	_, err := restore.New("original.onnx", computed, "compressed.onnx", read(t, "lenet5-int8.onnx"))
	if err == nil || !strings.Contains(err.Error(), `expected input "computed" to be weights in the original, found what another node computes`) {
		t.Errorf("found %v", err)
	}
}
