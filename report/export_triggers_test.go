package report_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"codeberg.org/sbinet/npyio/npz"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
)

func TestExportedTriggersAreReadBack(t *testing.T) {
	triggers := sampleTriggers(5)
	triggers[2].SeedLabel = input.Unlabelled
	path := filepath.Join(t.TempDir(), "a", "triggers.npz")
	if err := report.ExportTriggers(path, triggers); err != nil {
		t.Fatal(err)
	}
	// By our own reader, as seeds.
	for key, of := range map[string]func(t *engine.Trigger) input.Input{
		"inputs": func(t *engine.Trigger) input.Input { return t.Input },
		"seeds":  func(t *engine.Trigger) input.Input { return t.Seed },
	} {
		seeds, err := generators.NPZ(path, key, generators.LabelKey("original_labels"))
		if err != nil {
			t.Fatal(err)
		}
		if seeds.Len() != 5 {
			t.Fatalf("%s: %d, expected 5", key, seeds.Len())
		}
		for i, trigger := range triggers {
			seed := model.Must(seeds.Seed(i))
			if seed.Input.ID() != of(trigger).ID() || seed.Label != trigger.OriginalLabel {
				t.Errorf("%s[%d]: %s, label %d; expected %s, label %d", key, i, seed.Input.ID(), seed.Label, of(trigger).ID(), trigger.OriginalLabel)
			}
		}
	}
	// By somebody else's.
	f, err := npz.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if keys := f.Keys(); len(keys) != 8 {
		t.Errorf("arrays %v", keys)
	}
	var scores []float32
	if err := f.Read("compressed_outputs.npy", &scores); err != nil || !slices.Equal(scores[4:8], triggers[1].Compressed.Scores) || len(scores) != 20 {
		t.Errorf("%v, %v", scores, err)
	}
	if err := f.Read("original_outputs.npy", &scores); err != nil || !slices.Equal(scores[4:8], triggers[1].Original.Scores) {
		t.Errorf("%v, %v", scores, err)
	}
	for name, want := range map[string][]int64{
		"original_labels": {1, 1, 1, 1, 1}, "compressed_labels": {2, 2, 2, 2, 2}, "true_labels": {1, 1, -1, 1, 1}, "seed_index": {0, 1, 2, 3, 4},
	} {
		var found []int64
		if err := f.Read(name+".npy", &found); err != nil || !slices.Equal(found, want) {
			t.Errorf("%s: %v, %v; expected %v", name, found, err, want)
		}
	}

	again := filepath.Join(t.TempDir(), "again.npz")
	if err := report.ExportTriggers(again, triggers); err != nil || !bytes.Equal(readFile(t, path), readFile(t, again)) {
		t.Errorf("%v; the same triggers have other bytes", err)
	}
	if found := names(t, filepath.Dir(path)); len(found) != 1 {
		t.Errorf("left %v", found)
	}
}

func TestExportOfFloats(t *testing.T) {
	unit := input.Domain{Min: -1, Max: 1}
	sound := func(n int) *engine.Trigger {
		seed := input.Input{Shape: []int{3}, Data: []float32{-0.5, 0.1, float32(n) / 8}, Domain: unit}
		return triggerFrom(seed, n)
	}
	triggers := []*engine.Trigger{sound(1), sound(2)}
	for _, trigger := range triggers {
		trigger.Input.Data = []float32{0.3, -1, 1}
	}
	path := filepath.Join(t.TempDir(), "triggers.npz")
	if err := report.ExportTriggers(path, triggers); err != nil {
		t.Fatal(err)
	}
	seeds, err := generators.NPZ(path, "seeds", generators.In(unit))
	if err != nil {
		t.Fatal(err)
	}
	if got := model.Must(seeds.Seed(1)).Input; got.ID() != triggers[1].Seed.ID() {
		t.Errorf("%v, expected %v", got.Data, triggers[1].Seed.Data)
	}
}

func TestExportRefusesWhatFitsNoArray(t *testing.T) {
	other := func(change func(t *engine.Trigger)) []*engine.Trigger {
		triggers := sampleTriggers(3)
		change(triggers[1])
		return triggers
	}
	for _, test := range []struct {
		reason   string
		triggers []*engine.Trigger
		want     string
	}{
		{"none", nil, "expected triggers, found none"},
		{"nil", []*engine.Trigger{nil}, "trigger 1 of 1 is nil"},
		{"abridged", other(func(t *engine.Trigger) { t.Input, t.Seed = input.Input{}, input.Input{} }), "expected its input, found its numbers alone"},
		{"another shape", other(func(t *engine.Trigger) { *t = *triggerFrom(gradient(10, 12, 1, 1), 1) }),
			"expected image [12 10 1], 0..255 step 1 as of the first, found image [10 12 1], 0..255 step 1"},
		{"another domain", other(func(t *engine.Trigger) { t.Seed.Domain.Step = 0 }), "found image [12 10 1], 0..255"},
		{"another number of classes", other(func(t *engine.Trigger) { t.Compressed.Scores = t.Compressed.Scores[1:] }), "expected 4 scores of both models as of the first, found 4 and 3"},
		{"a broken input", other(func(t *engine.Trigger) { t.Input.Data = t.Input.Data[1:] }), "expected 120 values, found 119"},
	} {
		t.Run(test.reason, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "triggers.npz")
			err := report.ExportTriggers(path, test.triggers)
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("got error %v, expected %q", err, test.want)
			}
			if _, err := os.Stat(path); err == nil {
				t.Error("wrote a file all the same")
			}
		})
	}
	if err := report.ExportTriggers(t.TempDir(), sampleTriggers(1)); err == nil || !strings.Contains(err.Error(), "expected a file, found a folder") {
		t.Errorf("got error %v", err)
	}
}
