//go:build cgo

package pairfile_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/litert"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/runtimes/pairfile"
	"github.com/triggerfinder/triggerfinder/runtimes/process"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// described is a folder with the models of the fixtures, in models/, and a file that describes a pair of them.
func described(t *testing.T, text string) (file, models string) {
	t.Helper()
	dir := t.TempDir()
	models = filepath.Join(dir, "models")
	if err := os.CopyFS(models, fixtures.Models); err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(dir, "triggerfinder.yaml")
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return file, models
}

// sameAs opens a file and compares the pair with one that was opened by options: by what it says of itself, and by a search.
func sameAs(t *testing.T, file string, want *model.Pair, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer want.Close()
	found, err := pairfile.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	if found.Name() != want.Name() {
		t.Errorf("found the pair %s, expected %s", found.Name(), want.Name())
	}
	original, compressed := found.Describe()
	wantOriginal, wantCompressed := want.Describe()
	if !reflect.DeepEqual(original, wantOriginal) || !reflect.DeepEqual(compressed, wantCompressed) {
		t.Errorf("found %+v and %+v\nexpected %+v and %+v", original, compressed, wantOriginal, wantCompressed)
	}
	if !reflect.DeepEqual(steps(found), steps(want)) {
		t.Errorf("found the steps %v, expected %v", steps(found), steps(want))
	}
	var triggers [2][]*engine.Trigger
	for i, pair := range []*model.Pair{found, want} {
		r, err := engine.Search(context.Background(), pair, generators.First(fixtures.Seeds(), 3), engine.Settings{
			Strategy: strategies.Boundary(), Budget: engine.Budget{QueriesPerSeed: 100},
		})
		if err != nil {
			t.Fatal(err)
		}
		triggers[i] = r.Triggers()
	}
	if len(triggers[0]) == 0 || !reflect.DeepEqual(ids(triggers[0]), ids(triggers[1])) {
		t.Errorf("found %v, expected %v", ids(triggers[0]), ids(triggers[1]))
	}
}

func ids(triggers []*engine.Trigger) (all []string) {
	for _, t := range triggers {
		all = append(all, t.ID)
	}
	return all
}

func TestONNXPair(t *testing.T) {
	file, models := described(t, "original: models/lenet5.onnx\ncompressed:\n  model: models/lenet5-int8.onnx\n  exact-products: true\nscale: 1/255\nscores: logits\npair: ours\nthreads: 2\n")
	want, err := onnx.OpenPair(filepath.Join(models, "lenet5.onnx"), filepath.Join(models, "lenet5-int8.onnx"),
		onnx.Scale(1.0/255), onnx.Scores(onnx.Logits), onnx.Compressed(onnx.ExactProducts()), onnx.PairName("ours"), onnx.Threads(2))
	sameAs(t, file, want, err)
}

func TestOneSideWins(t *testing.T) {
	file, models := described(t, "original: models/lenet5.onnx\ncompressed: {model: models/lenet5-int8.onnx, scale: 1/128}\nscale: 1/255\n")
	want, err := onnx.OpenPair(filepath.Join(models, "lenet5.onnx"), filepath.Join(models, "lenet5-int8.onnx"), onnx.Original(onnx.Scale(1.0/255)), onnx.Compressed(onnx.Scale(1.0/128)))
	sameAs(t, file, want, err)
}

func TestPairThroughAConvertedModel(t *testing.T) {
	file, models := described(t, "original: models/lenet5.onnx\nconverted: models/lenet5-float16.onnx\ncompressed: models/lenet5-int8.onnx\nscale: 1/255\n")
	open := func(name string) model.Predictor {
		m, err := onnx.Open(filepath.Join(models, name), onnx.Scale(1.0/255))
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	want, err := model.NewChain("", open("lenet5.onnx"), engine.Conversion.To(open("lenet5-float16.onnx")), engine.Compression.To(open("lenet5-int8.onnx")))
	sameAs(t, file, want, err)
}

func TestLiteRTPair(t *testing.T) {
	file, models := described(t, "original: models/lenet5.tflite\ncompressed: models/lenet5-int8.tflite\nscale: 1/255\n")
	want, err := litert.OpenPair(filepath.Join(models, "lenet5.tflite"), filepath.Join(models, "lenet5-int8.tflite"), litert.Scale(1.0/255))
	if err != nil {
		t.Skipf("LiteRT is not here: %v", err)
	}
	sameAs(t, file, want, nil)
}

// A program runs in the file's folder, whatever the working folder is.
func TestProgramRunsBesideTheFile(t *testing.T) {
	file, models := described(t, "original: {model: models/lenet5.onnx, scale: 1/255}\ncompressed:\n  model: process:./server models/lenet5-int8.onnx\n  timeout: 50s\n")
	server := filepath.Join(filepath.Dir(file), "server")
	if runtime.GOOS == "windows" {
		t.Skip("a program of this folder is called otherwise there")
	}
	if out, err := exec.Command("go", "build", "-o", server, "../../examples/process/goserver").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	original, err := onnx.Open(filepath.Join(models, "lenet5.onnx"), onnx.Scale(1.0/255))
	if err != nil {
		t.Fatal(err)
	}
	compressed, err := process.Open([]string{"./server", "models/lenet5-int8.onnx"}, process.Dir(filepath.Dir(file)))
	if err != nil {
		t.Fatal(err)
	}
	want, err := model.NewPair("", original, compressed)
	sameAs(t, file, want, err)
}

// steps are the causes and the models on the way from the original to the compressed one.
func steps(p *model.Pair) (all []string) {
	for _, s := range p.Steps() {
		all = append(all, string(s.Cause)+" "+model.Describe(s.Model, "").Name)
	}
	return all
}
