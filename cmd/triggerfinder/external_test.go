package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxtest"
)

// external writes fixtures into a folder of its own, with their weights beside them: a.onnx and b.onnx.
func external(t *testing.T, original, compressed string) string {
	t.Helper()
	dir := t.TempDir()
	onnxtest.SaveExternal(t, onnxtest.Load(t, fixtures.Models, original), filepath.Join(dir, "a.onnx"))
	onnxtest.SaveExternal(t, onnxtest.Load(t, fixtures.Models, compressed), filepath.Join(dir, "b.onnx"))
	return dir
}

func searchIn(dir string, more ...string) []string {
	return append([]string{"search", "--original", filepath.Join(dir, "a.onnx"), "--compressed", filepath.Join(dir, "b.onnx"), "--scale", "1/255",
		"--seeds", "@seeds.npy", "--n", "6", "--budget", "300", "--pair", "p"}, more...)
}

// swap puts the weights of a fixture with the same graph in the place of a model's.
func swap(t *testing.T, dir, file, fixture string) {
	t.Helper()
	weights := onnxtest.Externalize(onnxtest.Load(t, fixtures.Models, fixture), "x", 1)
	if err := os.WriteFile(filepath.Join(dir, file+".data"), weights, 0o666); err != nil {
		t.Fatal(err)
	}
}

func TestReplaySaysThatWeightsWereSwapped(t *testing.T) {
	dir, out := external(t, "lenet5.onnx", "lenet5-pruned.onnx"), t.TempDir()
	command(t, searchIn(dir, "--out", out)...).want(t, 1, "a trigger")
	args := []string{"replay", out, "--original", filepath.Join(dir, "a.onnx"), "--compressed", filepath.Join(dir, "b.onnx")}
	r := command(t, args...)
	r.want(t, 1, "Still deviating: ")
	if r.err != "" && strings.Contains(r.err, "changed") {
		t.Errorf("nothing changed, found %q", r.err)
	}
	swap(t, dir, "b.onnx", "lenet5.onnx")
	command(t, args...).want(t, 0, "The compressed model has changed since ", "it was b (SHA-256 ", "Still deviating: 0 of ")
	command(t, "replay", out, "--original", filepath.Join(dir, "a.onnx")).want(t, 2, "--compressed: expected a model file, since there is none here with the content that")
}

func TestShardsOfSwappedWeights(t *testing.T) {
	dir, out := external(t, "lenet5.onnx", "lenet5-pruned.onnx"), t.TempDir()
	shard := func(n string) string { return filepath.Join(out, n+".json") }
	command(t, searchIn(dir, "--shard", "1/2", "--json", shard("1"))...)
	command(t, searchIn(dir, "--shard", "2/2", "--json", shard("2"))...)
	evidence := func(name string) string { return filepath.Join(out, name) }
	command(t, "merge", shard("1"), shard("2"), "--evidence", evidence("e.json")).want(t, 1, "Evidence: ")
	swap(t, dir, "b.onnx", "lenet5-student.onnx") // other weights, which are read as far as they go
	r := command(t, searchIn(dir, "--shard", "2/2", "--json", shard("2"))...)
	r.want(t, 2, `the file "b.onnx.data"`, "it is cut off, or of another model")
	weights, err := os.ReadFile(filepath.Join(dir, "a.onnx.data"))
	if err != nil {
		t.Fatal(err)
	}
	weights[1000] ^= 0x40
	if err := os.WriteFile(filepath.Join(dir, "b.onnx.data"), weights, 0o666); err != nil {
		t.Fatal(err)
	}
	command(t, searchIn(dir, "--shard", "2/2", "--json", shard("2"))...)
	command(t, "merge", shard("1"), shard("2")).want(t, 2, "are of different searches: compressed model: b (SHA-256 ")

	e, err := report.LoadEvidence(evidence("e.json"))
	if err != nil || e.Compressed.SHA256 == "" || e.Compressed.GraphSHA256 == "" || e.Compressed.Content == "" || e.Compressed.SHA256 == e.Compressed.GraphSHA256 {
		t.Errorf("found %+v, %v", e, err)
	}
}

func TestLayersWithExternalWeights(t *testing.T) {
	dir, out := external(t, "lenet5.onnx", "lenet5-int8.onnx"), t.TempDir()
	command(t, searchIn(dir, "--out", out)...).want(t, 1, "a trigger")
	command(t, "layers", "--triggers", out, "--original", filepath.Join(dir, "a.onnx"), "--compressed", filepath.Join(dir, "b.onnx")).
		want(t, 0, "nodes_to_exclude=[")
}

func TestWhatDoesNotDiffer(t *testing.T) {
	dir := t.TempDir()
	again := onnxtest.Save(t, onnxtest.SavedAgain(onnxtest.Load(t, fixtures.Models, "lenet5.onnx")), filepath.Join(dir, "again.onnx"))
	args := []string{"search", "--original", "@lenet5.onnx", "--compressed", again, "--scale", "1/255", "--seeds", "@images", "--budget", "20"}
	command(t, args...).want(t, 2, "original and compressed are the same model", "have the same weights and compute the same", "give --allow-identical")
	command(t, append(args, "--allow-identical")...).want(t, 0, "both models gave the same, to the last bit, for all of ", "no trigger in ")
	// A Dropout, which does nothing here, makes another model of it that gives the same scores.
	m := onnxtest.Load(t, fixtures.Models, "lenet5.onnx")
	onnxtest.Append(m, "Dropout")
	onnxtest.Save(t, m, again)
	command(t, args...).want(t, 2, "both models give identical scores: to the last bit, for all of ", "either nothing was compressed, or the transformation is exact", "give --allow-identical")
	command(t, append(args, "--allow-identical")...).want(t, 0, "no trigger in ")
}
