package report_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/inputtest"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
	"pgregory.net/rapid"
)

func TestSavedFiles(t *testing.T) {
	store := openStore(t)
	store.SetClock(time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC))
	trigger := sampleTrigger(3)
	context := report.ContextOf(sampleReport(trigger))
	context.ClassNames = classNames
	dir, err := store.Save(trigger, context)
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(store.Root(), "lenet5-int8", trigger.ID); dir != want {
		t.Errorf("folder %s, expected %s", dir, want)
	}
	want := []string{"diff.png", "seed.png", "trigger.json", "trigger.png"}
	if diff := cmp.Diff(want, names(t, dir)); diff != "" {
		t.Errorf("files (- expected, + found):\n%s", diff)
	}
	data, err := os.ReadFile(filepath.Join(dir, "trigger.json"))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "trigger.json", data)
}

func names(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestInputsThatAreNoImagesHaveNoPictures(t *testing.T) {
	for _, shape := range [][]int{{480}, {1, 480}, {10, 12, 4}, {2, 2, 10, 12}} {
		seed := gradient(480, 1, 1, 0)
		seed.Shape, seed.Kind = shape, inputtest.KindOf(shape)
		dir := save(t, openStore(t), triggerFrom(seed, 1))
		if diff := cmp.Diff([]string{"seed.npy", "trigger.json", "trigger.npy"}, names(t, dir)); diff != "" {
			t.Errorf("shape %v (- expected, + found):\n%s", shape, diff)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	root := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		root, err := os.MkdirTemp(root, "")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(root)
		store, err := report.OpenStore(root)
		if err != nil {
			t.Fatal(err)
		}
		trigger, context := drawTrigger(t)
		dir, err := store.Save(trigger, context)
		if err != nil {
			t.Fatal(err)
		}
		got, err := report.LoadTrigger(dir)
		if err != nil {
			t.Fatal(err)
		}
		want := report.SavedTrigger{Dir: dir, Context: context, Trigger: *trigger, Saved: got.Saved}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.EquateNaNs()); diff != "" {
			t.Errorf("(- saved, + loaded):\n%s", diff)
		}
		listed, err := store.List(context.Pair)
		if err != nil || len(listed) != 1 || listed[0].Dir != dir {
			t.Errorf("listed %d triggers, %v; expected the one of %s", len(listed), err, dir)
		}
	})
}

func drawTrigger(t *rapid.T) (*engine.Trigger, report.Context) {
	seed := inputs.Draw(t, "seed")
	trigger := triggerFrom(seed, rapid.IntRange(0, 1000).Draw(t, "n"))
	trigger.SeedName = rapid.String().Draw(t, "seed name")
	trigger.SeedLabel = rapid.IntRange(input.Unlabelled, 3).Draw(t, "seed label")
	score := rapid.OneOf(rapid.Float32(), rapid.SampledFrom([]float32{
		float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)),
	}))
	classes := rapid.IntRange(2, 9).Draw(t, "classes")
	trigger.Original.Scores = rapid.SliceOfN(score, classes, classes).Draw(t, "original")
	trigger.Compressed.Scores = rapid.SliceOfN(score, classes, classes).Draw(t, "compressed")
	trigger.OriginalLabel, trigger.CompressedLabel = 0, classes-1
	trigger.OriginalConfidence = trigger.Original.Scores[0]
	trigger.CompressedConfidence = trigger.Compressed.Scores[classes-1]
	trigger.Tied = rapid.Bool().Draw(t, "tied")
	trigger.History = rapid.SliceOf(rapid.String()).Draw(t, "history")
	return trigger, report.Context{
		Pair:       rapid.String().Draw(t, "pair"),
		Original:   model.Description{Name: "a", Settings: map[string]string{"runtime": rapid.String().Draw(t, "runtime")}},
		Compressed: model.Description{Name: "b", File: "b.onnx", Notes: []string{"<slow>"}, Serial: true},
		Strategy:   rapid.String().Draw(t, "strategy"), Oracle: "top-1", Bound: rapid.String().Draw(t, "bound"),
		RandomSeed: rapid.Uint64().Draw(t, "random seed"),
		ClassNames: rapid.SliceOf(rapid.String()).Draw(t, "class names"), Replay: "by hand",
	}
}

func TestSaveKeepsWhatIsThere(t *testing.T) {
	store := openStore(t)
	dir := save(t, store, sampleTrigger(1))
	before, err := os.ReadFile(filepath.Join(dir, "trigger.json"))
	if err != nil {
		t.Fatal(err)
	}
	store.SetClock(time.Now().Add(24 * time.Hour))
	if again := save(t, store, sampleTrigger(1)); again != dir {
		t.Errorf("saved anew in %s, expected %s", again, dir)
	}
	save(t, store, sampleTrigger(2))
	after, err := os.ReadFile(filepath.Join(dir, "trigger.json"))
	if err != nil || string(after) != string(before) {
		t.Errorf("the trigger was written again (%v)", err)
	}
	if left := names(t, store.PairDir("lenet5-int8")); len(left) != 2 {
		t.Errorf("found %v, expected two folders and nothing temporary", left)
	}
}

func TestSaveReportsThatAnOldTriggerIsDamaged(t *testing.T) {
	store := openStore(t)
	dir := save(t, store, sampleTrigger(1))
	truncate(t, filepath.Join(dir, "seed.png"), 60)
	_, err := store.Save(sampleTrigger(1), sampleContext)
	if err == nil || !strings.Contains(err.Error(), "damaged") || !strings.Contains(err.Error(), "seed.png") {
		t.Errorf("got error %v, expected one that names the damaged file", err)
	}
}

func truncate(t *testing.T, path string, size int64) {
	t.Helper()
	if err := os.Truncate(path, size); err != nil {
		t.Fatal(err)
	}
}

func TestLeftoversOfKilledProcesses(t *testing.T) {
	store := openStore(t)
	save(t, store, sampleTrigger(1))
	pair := store.PairDir("lenet5-int8")
	now := time.Now()
	old, young, foreign := report.TempName("old"), report.TempName("young"), report.TempPrefix+"of somebody else"
	for name, age := range map[string]time.Duration{old: 61 * time.Minute, young: 59 * time.Minute, foreign: 61 * time.Minute} {
		dir := filepath.Join(pair, name)
		if err := os.MkdirAll(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "trigger.npy"), nil, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(dir, now.Add(-age), now.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	if saved, err := store.List("lenet5-int8"); err != nil || len(saved) != 1 {
		t.Errorf("listed %d, %v; expected the complete trigger alone", len(saved), err)
	}
	second := save(t, store, sampleTrigger(2))
	want := map[string]bool{young: true, foreign: true, sampleTrigger(1).ID: true, filepath.Base(second): true}
	got := map[string]bool{}
	for _, name := range names(t, pair) {
		got[name] = true
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("folders (- expected, + found):\n%s", diff)
	}
}

func TestWhereTheStoreIs(t *testing.T) {
	t.Chdir(t.TempDir())
	root := func(option string) string {
		s, err := report.OpenStore(option)
		if err != nil {
			t.Fatal(err)
		}
		return filepath.ToSlash(s.Root())
	}
	if got := root(""); got != "testdata/triggers" {
		t.Errorf("default %s", got)
	}
	t.Setenv("TRIGGERFINDER_TRIGGERS", "elsewhere/triggers")
	if got := root(""); got != "elsewhere/triggers" {
		t.Errorf("with the variable set: %s", got)
	}
	if got := root("here/"); got != "here" {
		t.Errorf("with the option too: %s", got)
	}
	if saved, err := model.Must(report.OpenStore("")).List("anything"); err != nil || len(saved) > 0 {
		t.Errorf("a store that does not exist yet: listed %d, %v", len(saved), err)
	}
}

// A file in the way stands for every folder that cannot be written: it works for root and on Windows.
func TestSomethingInTheWay(t *testing.T) {
	root := t.TempDir()
	store := model.Must(report.OpenStore(root))
	trigger := sampleTrigger(1)
	for _, test := range []struct{ reason, file, want string }{
		{"the pair's folder", store.PairDir("lenet5-int8"), "expected a folder, found a file"},
		{"the trigger's folder", filepath.Join(store.PairDir("lenet5-int8"), trigger.ID), "expected a folder, found a file"},
	} {
		t.Run(test.reason, func(t *testing.T) {
			block(t, test.file)
			_, err := store.Save(trigger, sampleContext)
			if err == nil || !strings.Contains(err.Error(), test.file+": "+test.want) {
				t.Errorf("got error %v, expected %q", err, test.want)
			}
		})
	}
	t.Run("the root", func(t *testing.T) {
		file := filepath.Join(root, "a-file")
		block(t, file)
		if _, err := report.OpenStore(file); err == nil || !strings.Contains(err.Error(), file+": expected a folder, found a file") {
			t.Errorf("got error %v", err)
		}
		below := model.Must(report.OpenStore(filepath.Join(root, "b")))
		block(t, filepath.Join(root, "b"))
		if _, err := below.Save(trigger, sampleContext); err == nil || !strings.Contains(err.Error(), filepath.Join(root, "b")+": expected a folder, found a file") {
			t.Errorf("got error %v", err)
		}
	})
	t.Run("listing", func(t *testing.T) {
		store := openStore(t)
		block(t, store.PairDir("p"))
		if _, err := store.List("p"); err == nil || !strings.Contains(err.Error(), "expected a folder, found a file") {
			t.Errorf("got error %v", err)
		}
	})
}

// block puts a file somewhere for as long as the test runs.
func block(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("in the way"), 0o666); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Remove(path) })
}

func TestSaveRefusesWhatCouldNotBeReplayed(t *testing.T) {
	for _, test := range []struct {
		reason string
		spoil  func(*engine.Trigger)
		want   string
	}{
		{"a value outside the domain", func(t *engine.Trigger) { t.Input.Data[3] = 256 }, "input: value 256 at index 3"},
		{"a seed of another shape", func(t *engine.Trigger) { t.Seed = gradient(3, 3, 1, 0); t.SeedID = "" }, "expected seed and trigger alike"},
		{"an ID of another input", func(t *engine.Trigger) { t.ID = "0123456789abcdef" }, "found 0123456789abcdef"},
		{"a label without a score", func(t *engine.Trigger) { t.CompressedLabel = 4 }, "compressed label 4: expected a label of its 4 scores"},
		{"other numbers of scores", func(t *engine.Trigger) { t.Original.Scores = append(t.Original.Scores, 0) }, "found 5 (original) and 4 (compressed)"},
	} {
		t.Run(test.reason, func(t *testing.T) {
			store, trigger := openStore(t), sampleTrigger(1)
			test.spoil(trigger)
			_, err := store.Save(trigger, sampleContext)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, expected %q", err, test.want)
			}
			if _, err := os.Stat(store.Root()); !errors.Is(err, os.ErrNotExist) {
				t.Error("something was written all the same")
			}
		})
	}
}

// What a killed process was working on is removed by the next one, and what a living one works on is not.
func TestWhatKilledProcessesLeaveIsRemoved(t *testing.T) {
	child := exec.Command(os.Args[0], "-test.run=^$")
	if err := child.Run(); err != nil {
		t.Fatal(err)
	}
	of := func(name string, pid int) string {
		return strings.Replace(name, fmt.Sprintf(".%d-", os.Getpid()), fmt.Sprintf(".%d-", pid), 1)
	}
	store := openStore(t)
	pair, reports := store.PairDir("pair"), store.ReportDir("pair", "1")
	if err := os.MkdirAll(reports, 0o777); err != nil {
		t.Fatal(err)
	}
	var stay []string
	for _, dir := range []string{store.Root(), pair, reports} {
		dead, own, elsewhere := of(report.TempName("0123456789abcdef"), child.Process.Pid), report.TempName("search-report.json"), report.TempName("triggers.png")
		elsewhere = of(regexp.MustCompile(`-[0-9a-f]{8}\.`).ReplaceAllString(elsewhere, "-00000000."), child.Process.Pid)
		earlier := report.TempPrefix + "x-" + rand.Text()
		for _, name := range []string{dead, own, elsewhere, earlier} {
			path := filepath.Join(dir, name)
			if err := os.MkdirAll(path, 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(path, "trigger.json"), nil, 0o666); err != nil {
				t.Fatal(err)
			}
			if name != dead {
				stay = append(stay, path)
			}
		}
	}
	store.Tidy()
	for _, dir := range []string{store.Root(), pair, reports} {
		temps := 0
		for _, name := range names(t, dir) {
			if strings.HasPrefix(name, report.TempPrefix) {
				temps++
			}
		}
		if temps != 3 {
			t.Errorf("%s: found %v, expected all but what the dead process left", dir, names(t, dir))
		}
	}
	for _, path := range stay {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
	store.SetClock(time.Now().Add(2 * time.Hour)) // enough for another machine's
	store.Tidy()
	if left := names(t, reports); len(left) != 0 {
		t.Errorf("after two hours %v is left", left)
	}
}

func TestReportsBesideTriggersAreNoTriggers(t *testing.T) {
	store, err := report.OpenStore(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(store.ReportDir("pair", "1"), 0o755); err != nil {
		t.Fatal(err)
	}
	if saved, err := store.List("pair"); err != nil || len(saved) != 0 {
		t.Errorf("found %v, %v; expected nothing", saved, err)
	}
	if report.IsTrigger(store.ReportDir("pair", "1")) {
		t.Error("a report is taken for a trigger")
	}
}

func TestFolderName(t *testing.T) {
	for _, test := range []struct{ reason, pair, want string }{
		{"a plain name stays", "lenet5-int8", "lenet5-int8"},
		{"dots in the middle are fine", "resnet20.onnx-vs-q.onnx", "resnet20.onnx-vs-q.onnx"},
		{"some systems do not tell upper from lower case", "LeNet5", "lenet5-d83b0511"},
		{"a slash would be a folder", "models/a vs b", "models-a-vs-b-4b3931b1"},
		{"a backslash would be one on Windows", `models\a`, "models-a-6ed4cfd0"},
		{"out of the store", "../../etc", "etc-74ccf3c5"},
		{"reserved on Windows", "con", "con-1143da2b"},
		{"reserved on Windows with any extension", "nul.onnx", "nul-onnx-015595cc"},
		{"Windows drops a dot at the end", "a.", "a-5ab640fa"},
		{"hidden, and like something incomplete", ".tmp-a", "tmp-a-038c385f"},
		{"other scripts", "модель", "pair-b68fadf0"},
		{"no name", "", "pair-e3b0c442"},
		{"looks as if it ended in a hash", "lenet5-8aa573ba", "lenet5-8aa573ba-b9f66a16"},
		{"too long for some systems", strings.Repeat("long-", 60), "long-long-long-long-long-long-long-long-long-lon-918f05d4"},
	} {
		t.Run(test.reason, func(t *testing.T) {
			if got := report.FolderName(test.pair); got != test.want {
				t.Errorf("FolderName(%q) = %q; expected %q", test.pair, got, test.want)
			}
		})
	}
}

var portable = regexp.MustCompile(`^[a-z0-9_]([a-z0-9_.-]{0,78}[a-z0-9_-])?$`)

var device = regexp.MustCompile(`(?i)^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$`)

func TestFolderNamesArePortableAndDistinct(t *testing.T) {
	pairName := rapid.OneOf(
		rapid.String(),
		rapid.StringMatching(`[a-cA-C./ -]{0,4}`),
		rapid.StringMatching(`(con|nul|COM1|lpt9)(\.[a-z]{0,2})?`),
		rapid.StringMatching(`[ab]-[0-9a-f]{8}`),
		rapid.StringMatching(`[a-z-]{40,90}`),
	)
	rapid.Check(t, func(t *rapid.T) {
		a := pairName.Draw(t, "a")
		b := rapid.OneOf(pairName, rapid.Just(strings.ToUpper(a)), rapid.Just(report.FolderName(a))).Draw(t, "b")
		folderA, folderB := report.FolderName(a), report.FolderName(b)
		if !portable.MatchString(folderA) || device.MatchString(folderA) {
			t.Errorf("FolderName(%q) = %q is not a name on all systems", a, folderA)
		}
		// A plain name is its own folder, and so is then the folder's name.
		if a != b && folderA == folderB {
			t.Errorf("%q and %q have the same folder %q", a, b, folderA)
		}
	})
}
