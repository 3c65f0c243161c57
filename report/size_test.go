package report_test

import (
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/report"
)

// photo is an image of the size of CIFAR's that is as hard to pack as theirs: a scene of soft blobs, with the noise of a camera.
func photo(n int) input.Input {
	r := rand.New(rand.NewPCG(uint64(n), 1))
	in := input.Input{Shape: []int{32, 32, 3}, Kind: input.Image, Domain: input.Bytes}
	var blobs [6][6]float64
	for i := range blobs {
		for j := range blobs[i] {
			blobs[i][j] = r.Float64()
		}
	}
	for y := range 32 {
		for x := range 32 {
			for c := range 3 {
				v := 120.0
				for _, b := range blobs {
					far := math.Hypot(float64(x)-32*b[0], float64(y)-32*b[1])
					v += 160 * (b[2+c] - 0.5) * math.Exp(-far*far/(20+200*b[5]))
				}
				in.Data = append(in.Data, in.Domain.Snap(float32(v+4*r.NormFloat64())))
			}
		}
	}
	return in
}

func cifarTrigger(n int) (*engine.Trigger, report.Context) {
	seed := photo(n)
	trigger := triggerFrom(seed, n)
	r := rand.New(rand.NewPCG(uint64(n), 2))
	trigger.Input = seed.Clone()
	for i := range trigger.Input.Data {
		trigger.Input.Data[i] = seed.Domain.Snap(trigger.Input.Data[i] + float32(3*r.NormFloat64()))
	}
	trigger.ID, trigger.Distance = trigger.Input.ID(), distance.DistanceBetween(seed, trigger.Input)
	scores := func() (a answer.Answer) {
		for range 10 {
			a.Scores = append(a.Scores, r.Float32())
		}
		return a
	}
	trigger.Original, trigger.Compressed = scores(), scores()
	c := report.ContextOf(sampleReport(trigger))
	// As real pairs describe themselves.
	settings := map[string]string{
		"runtime": "1.32.0", "threads": "2", "optimization": "all", "provider": "CPUExecutionProvider", "scores": "logits (the graph ends in Gemm)",
		"layout": "NCHW", "preprocess": "scale 0.003921569, mean [0.4914 0.4822 0.4465], std [0.2470 0.2435 0.2616]",
	}
	c.Original.Settings, c.Compressed.Settings = settings, settings
	c.ClassNames = []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}
	return trigger, c
}

func sizeOf(t *testing.T, root string) (bytes int64) {
	t.Helper()
	err := filepath.WalkDir(root, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		bytes += info.Size()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return bytes
}

// A folder of triggers is committed, so it has to be small.
func TestTwentyTriggersOfCIFARAreSmall(t *testing.T) {
	store := openStore(t)
	for n := range 20 {
		trigger, context := cifarTrigger(n)
		if _, err := store.Save(trigger, context); err != nil {
			t.Fatal(err)
		}
	}
	size := sizeOf(t, store.Root())
	t.Logf("20 triggers of 32 x 32 x 3: %.1f kB, pictures included", float64(size)/1000)
	if size >= 200_000 {
		t.Errorf("%d bytes; expected less than 200 kB", size)
	}
	if saved, err := store.List("lenet5-int8"); err != nil || len(saved) != 20 {
		t.Errorf("read %d, %v; expected 20", len(saved), err)
	}
}

// The names of 1,000 classes are written once, not with each trigger.
func TestNamesOfClassesAreStoredOnceAPair(t *testing.T) {
	store := openStore(t)
	_, context := cifarTrigger(1)
	context.ClassNames = nil
	for i := range 1000 {
		context.ClassNames = append(context.ClassNames, fmt.Sprintf("class of ImageNet, number %d", i))
	}
	var dirs []string
	for n := range 3 {
		trigger, _ := cifarTrigger(n)
		dir, err := store.Save(trigger, context)
		if err != nil {
			t.Fatal(err)
		}
		dirs = append(dirs, dir)
		if data := readFile(t, filepath.Join(dir, "trigger.json")); strings.Contains(string(data), "number 999") {
			t.Errorf("%s has the names of all classes", dir)
		}
		saved, err := report.LoadTrigger(dir)
		if diff := cmp.Diff(context.ClassNames, saved.ClassNames); err != nil || diff != "" {
			t.Errorf("%v; names (- saved, + loaded):\n%s", err, diff)
		}
	}
	files, _ := filepath.Glob(filepath.Join(store.PairDir(context.Pair), "class-names-*.json"))
	if len(files) != 1 {
		t.Fatalf("files %v, expected one", files)
	}

	// Other names are another file, and the first triggers keep theirs.
	context.ClassNames = []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}
	trigger, _ := cifarTrigger(3)
	if _, err := store.Save(trigger, context); err != nil {
		t.Fatal(err)
	}
	if saved, err := report.LoadTrigger(dirs[0]); err != nil || saved.ClassNames[1] != "class of ImageNet, number 1" {
		t.Errorf("%v; names %.3q", err, saved.ClassNames)
	}

	// A trigger that was copied alone knows the names of its own classes.
	alone := filepath.Join(t.TempDir(), "alone", "trigger")
	if err := os.CopyFS(alone, os.DirFS(dirs[0])); err != nil {
		t.Fatal(err)
	}
	saved, err := report.LoadTrigger(alone)
	if err != nil || answer.ClassName(saved.ClassNames, 2) != "class of ImageNet, number 2" || answer.ClassName(saved.ClassNames, 3) != "class 3" {
		t.Errorf("%v; names %q, expected those of classes 1 and 2", err, saved.ClassNames)
	}

	// A file that was spoilt is named.
	spoil(t, files[0], `"names"`, `"nams"`)
	if _, err := report.LoadTrigger(dirs[0]); err == nil || !strings.Contains(err.Error(), files[0]) || !strings.Contains(err.Error(), "nams") {
		t.Errorf("got error %v, expected one that names the file and the field", err)
	}
}

// Triggers that earlier versions wrote, with arrays of images and all names in each, are read as they were meant.
func TestTriggersOfEarlierVersionsAreRead(t *testing.T) {
	dir := filepath.Join("testdata", "version-2", "cac38a003ba30e74")
	saved, err := report.LoadTrigger(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := sampleTrigger(1)
	if !saved.Trigger.Input.Like(want.Input) || cmp.Diff(want.Input.Data, saved.Trigger.Input.Data) != "" || cmp.Diff(want.Seed.Data, saved.Trigger.Seed.Data) != "" {
		t.Errorf("read %s, expected %s", saved.Trigger.Input, want.Input)
	}
	if diff := cmp.Diff(classNames, saved.ClassNames); diff != "" {
		t.Errorf("names of classes:\n%s", diff)
	}
}

func FuzzClassNames(f *testing.F) {
	f.Add([]byte(`{"format": "triggerfinder-class-names", "version": 1, "names": ["a", "b"]}`))
	f.Add([]byte(`{"format": "triggerfinder-class-names", "version": 2, "names": null}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if names, err := report.DecodeClassNames(data); err != nil && names != nil {
			t.Errorf("names %q beside the error %v", names, err)
		}
	})
}

// What a store holds goes to git, but for reports and what is not complete.
func TestAStoreIsReadyForGit(t *testing.T) {
	store := openStore(t)
	trigger, context := cifarTrigger(1)
	dir, err := store.Save(trigger, context)
	if err != nil {
		t.Fatal(err)
	}
	r := sampleReport(trigger)
	if _, err := store.SaveReport("1a2b", r, report.Options{}); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(store.PairDir("report-of-a-pair"), ".tmp-x"), 0o777); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{filepath.Join(store.PairDir("report-of-a-pair"), "trigger.json"), filepath.Join(store.PairDir("report-of-a-pair"), ".tmp-x", "y")} {
		if err := os.WriteFile(file, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	git := func(args ...string) string {
		t.Helper()
		cmd := exec.Command("git", args...)
		cmd.Dir = store.Root()
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null", "GIT_DIR="+filepath.Join(store.Root(), ".git"))
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Skipf("git %v: %v: %s", args, err, out)
		}
		return string(out)
	}
	git("init", "-q")
	git("add", ".")
	id := filepath.Base(dir)
	want := []string{".gitignore"}
	for _, file := range []string{"diff.png", "seed.png", "trigger.json", "trigger.png"} {
		want = append(want, "lenet5-int8/"+id+"/"+file)
	}
	names, _ := filepath.Glob(filepath.Join(store.PairDir("lenet5-int8"), "class-names-*.json"))
	want = append(want, "lenet5-int8/"+filepath.Base(names[0]), "report-of-a-pair/trigger.json")
	if diff := cmp.Diff(want, strings.Fields(git("ls-files"))); diff != "" {
		t.Errorf("files in git (- expected, + found):\n%s", diff)
	}

	// What the user writes there stays.
	own := filepath.Join(store.Root(), ".gitignore")
	if err := os.WriteFile(own, []byte("mine\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	trigger, context = cifarTrigger(2)
	if _, err := store.Save(trigger, context); err != nil {
		t.Fatal(err)
	}
	if data := readFile(t, own); string(data) != "mine\n" {
		t.Errorf(".gitignore became %q", data)
	}
}
