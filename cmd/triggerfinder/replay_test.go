package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// saveTriggers searches, and returns the root and the folders of the triggers.
func saveTriggers(t *testing.T, args ...string) (root string, saved []string) {
	t.Helper()
	root = filepath.Join(t.TempDir(), "triggers")
	command(t, append(args, "--out", root)...).want(t, 1)
	return root, triggersIn(t, root)
}

func removeReports(t *testing.T, root string) {
	t.Helper()
	reports, err := filepath.Glob(filepath.Join(root, "*", "report-*"))
	if err != nil || len(reports) == 0 {
		t.Fatalf("expected reports, found %v, %v", reports, err)
	}
	for _, path := range reports {
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
	}
}

// Triggers that came without a report, from a test suite or a repository, are replayed with models of the
// recorded name and content in the working folder, and only with the preprocessing that is recorded.
func TestReplayWithoutReport(t *testing.T) {
	root, saved := saveTriggers(t, student...)
	removeReports(t, root)

	t.Chdir(t.TempDir())
	command(t, "replay", root).want(t, 2, "replay: --original: expected a model file", "lenet5.onnx (sha256 ", "See triggerfinder help replay")
	command(t, "replay", root, "--original", "@lenet5.onnx").want(t, 2, "replay: --compressed: expected a model file", "lenet5-student.onnx (sha256 ")

	t.Chdir(files)
	command(t, "replay", root).want(t, 2, `expected the preprocessing that `, `records, "x * 0.00392157", found "none"`)
	r := command(t, "replay", root, "--scale", "1/255")
	r.want(t, 1, "Still deviating: 6 of 6 trigger")
	if r.err != "" {
		t.Errorf("found %q", r.err)
	}
	// The recorded name with another content is another model.
	t.Chdir(t.TempDir())
	if err := os.Link(filepath.Join(files, "lenet5-pruned.onnx"), "lenet5.onnx"); err != nil {
		t.Skip(err)
	}
	command(t, "replay", root, "--scale", "1/255").want(t, 2, "--original: expected a model file")

	// Another preprocessing that is asked for is done, and told.
	command(t, "replay", saved[0], "--original", "@lenet5.onnx", "--compressed", "@twin.onnx", "--scale", "1/128").
		want(t, 0, `original model `+filepath.Join(files, "lenet5.onnx")+`: its preprocessing is "x * 0.0078125"; it was "x * 0.00392157"`)
}

// Flags are laid over those of the search: one that has nothing to do with the preprocessing does not drop it, which would
// heal triggers that deviate still.
func TestReplayWithAnotherFlag(t *testing.T) {
	root, _ := saveTriggers(t, student...)
	for _, flags := range [][]string{{"--exact-products"}, {"--scores", "logits"}, {"--compressed.output", "logits"}} {
		command(t, append([]string{"replay", root}, flags...)...).want(t, 1, "Still deviating: 6 of 6 trigger")
	}
	command(t, "replay", root, "--compressed", "@lenet5.onnx").want(t, 2, "original and compressed are the same model")
}

// trigger.json tells how to replay it, without the folders of this machine.
func TestReplayAdvice(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{student, "triggerfinder replay FOLDER --original lenet5.onnx --compressed lenet5-student.onnx --scale 1/255, where"},
		{append(student, "--compressed.mean", "0.01", "--grey-to-rgb"), "triggerfinder replay FOLDER --original lenet5.onnx --compressed lenet5-student.onnx " +
			"--original.scale 1/255 --original.grey-to-rgb=true --compressed.scale 1/255 --compressed.mean 0.01 --compressed.grey-to-rgb=true, where"},
	} {
		_, saved := saveTriggers(t, test.args...)
		data, err := os.ReadFile(filepath.Join(saved[0], "trigger.json"))
		if err != nil {
			t.Fatal(err)
		}
		var trigger struct{ Replay string }
		if err := json.Unmarshal(data, &trigger); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(trigger.Replay, test.want) || strings.Contains(string(data), files) {
			t.Errorf("expected %q and no folder, found %q", test.want, trigger.Replay)
		}
	}
}

func TestReplayOfSeveralPairs(t *testing.T) {
	root, _ := saveTriggers(t, student...)
	command(t, append(pairOf("lenet5-pruned.onnx", "--seeds", "@seeds.npy", "--n", "6", "--budget", "300"), "--out", root, "--save", "3")...).want(t, 1)
	command(t, "replay", root).want(t, 1, "Still deviating: 9 of 9 trigger", "lenet5-vs-lenet5-student", "lenet5-vs-lenet5-pruned")
	command(t, "replay", root, "--original", "@lenet5.onnx").want(t, 2, "expected the triggers of one pair, found those of 2: ", "lenet5-vs-lenet5-student")
}

func TestReplayOfDamagedTriggers(t *testing.T) {
	root, saved := saveTriggers(t, append(student, "--save", "2")...)
	if err := os.WriteFile(filepath.Join(saved[0], "trigger.png"), []byte("x"), 0o666); err != nil {
		t.Fatal(err)
	}
	// The good one is replayed all the same.
	r := command(t, "replay", root)
	r.want(t, 2, "Still deviating: 1 of 1 trigger", filepath.Join(saved[0], "trigger.png"))
	command(t, "replay", saved[0]).want(t, 2, filepath.Join(saved[0], "trigger.png"))
	if err := os.Remove(filepath.Join(saved[0], "trigger.json")); err != nil {
		t.Fatal(err)
	}
	command(t, "replay", root).want(t, 2, filepath.Join(saved[0], "trigger.json"), "expected a file, found none")
	if err := os.RemoveAll(saved[1]); err != nil {
		t.Fatal(err)
	}
	command(t, "replay", root).want(t, 2, "expected saved triggers, found none")
}

// A damaged result beside the triggers does no harm.
func TestReplayWithDamagedResult(t *testing.T) {
	root, _ := saveTriggers(t, append(student, "--save", "1")...)
	results, err := filepath.Glob(filepath.Join(root, "*", "*", resultFile))
	if err != nil || len(results) != 1 {
		t.Fatalf("expected one %s, found %v, %v", resultFile, results, err)
	}
	data, err := os.ReadFile(results[0])
	if err != nil {
		t.Fatal(err)
	}
	bad := strings.Replace(string(data), `"original.scale": "1/255"`, `"original.scale": "x"`, 1)
	if err := os.WriteFile(results[0], []byte(bad), 0o666); err != nil {
		t.Fatal(err)
	}
	command(t, "replay", root).want(t, 2, "search.json beside the triggers: option original.scale: expected numbers by comma")
	if err := os.WriteFile(results[0], []byte("{"), 0o666); err != nil {
		t.Fatal(err)
	}
	command(t, "replay", root, "--original", "@lenet5.onnx", "--compressed", "@lenet5-student.onnx", "--scale", "1/255").want(t, 1, "Still deviating: 1 of 1 trigger")
}

// The folder may have any name, and be somewhere else.
func TestReplayOfMovedTriggers(t *testing.T) {
	root, saved := saveTriggers(t, append(student, "--save", "1", "--pair", "Our [Pair]")...)
	moved := filepath.Join(t.TempDir(), "m[o*ved")
	if err := os.Rename(filepath.Dir(saved[0]), moved); err != nil {
		t.Skip(err)
	}
	command(t, "replay", moved+string(filepath.Separator)).want(t, 1, "Still deviating: 1 of 1 trigger")
	command(t, "replay", root).want(t, 2, "expected saved triggers, found none")
}

// Waivers know the pair by the name that the triggers were saved with.
func TestReplayWithWaivers(t *testing.T) {
	root, saved := saveTriggers(t, student...)
	waivers := func(day string, ids ...string) string {
		var entries []string
		for _, id := range ids {
			entries = append(entries, `{"pair": "lenet5-vs-lenet5-student", "trigger": "`+id+`", "owner": "Ada", "reason": "known", "expires": "`+day+`"}`)
		}
		file := filepath.Join(t.TempDir(), "waivers.json")
		text := `{"format": "triggerfinder-waivers", "version": 1, "waivers": [` + strings.Join(entries, ", ") + `]}`
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	var ids []string
	for _, dir := range saved {
		ids = append(ids, filepath.Base(dir))
	}
	const ever = "2999-12-31"
	command(t, "replay", root, "--waivers", waivers(ever, ids[1:]...)).
		want(t, 1, "still deviates  "+saved[0], "waived          "+saved[1], "Still deviating: 1 of 6 triggers; waived: 5 more; oracle top-1.")
	command(t, "replay", root, "--waivers", waivers(ever, ids...)).want(t, 0, "Still deviating: 0 of 6 triggers; waived: 6 more")
	command(t, "replay", saved[0], "--waivers", waivers(ever, ids...)).want(t, 0)
	command(t, "replay", root, "--waivers", waivers(ever, append(ids, "0123456789abcdef")...)).want(t, 2, "--waivers ", "waivers[6] (trigger 0123456789abcdef", "unused: there is no such trigger")
	command(t, "replay", root, "--waivers", waivers("2020-01-01", ids...)).want(t, 2, "--waivers ", "expired on 2020-01-01")
	command(t, "replay", root, "--waivers", filepath.Join(t.TempDir(), "none.json")).want(t, 2, "--waivers: ", "none.json: expected a file, found none", "See triggerfinder help replay")
}
