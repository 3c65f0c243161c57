package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
)

func TestExportWritesADataSet(t *testing.T) {
	root, saved := saveTriggers(t, student...)
	out := filepath.Join(t.TempDir(), "data", "triggers.npz")
	command(t, "export", root, "--out", out).want(t, 0, "Exported 6 triggers to "+out+"\n")
	seeds := model.Must(generators.NPZ(out, "inputs", generators.LabelKey("compressed_labels")))
	if seeds.Len() != len(saved) {
		t.Fatalf("%d inputs of %d triggers", seeds.Len(), len(saved))
	}
	found := map[string]int{}
	for i := range seeds.Len() {
		seed := model.Must(seeds.Seed(i))
		found[seed.Input.ID()] = seed.Label
	}
	for _, dir := range saved {
		s := model.Must(report.LoadTrigger(dir))
		if label, ok := found[s.Trigger.ID]; !ok || label != s.Trigger.CompressedLabel {
			t.Errorf("%s: label %d, %v; expected %d", dir, label, ok, s.Trigger.CompressedLabel)
		}
	}
	if r := command(t, "export", saved[0], "--out", out, "--quiet"); r.code != 0 || r.out != "" {
		t.Errorf("%+v", r)
	}
	if n := model.Must(generators.NPZ(out, "inputs")).Len(); n != 1 {
		t.Errorf("%d inputs of one trigger", n)
	}
}

func TestExportRefuses(t *testing.T) {
	root, saved := saveTriggers(t, student...)
	out := filepath.Join(t.TempDir(), "triggers.npz")
	empty := t.TempDir()
	command(t, "export", "--out", out).want(t, 2, "export: expected one folder of saved triggers, found 0", "See triggerfinder help export.")
	command(t, "export", root).want(t, 2, "export: --out: expected a value, found none")
	command(t, "export", root, "--out", out, "--scale", "1").want(t, 2, "export: --scale: there is no such flag")
	command(t, "export", empty, "--out", out).want(t, 2, empty+": expected saved triggers, found none")
	command(t, "export", filepath.Join(empty, "none"), "--out", out).want(t, 2, "expected a folder of saved triggers")

	another := filepath.Join(root, "another")
	if err := os.CopyFS(filepath.Join(another, filepath.Base(saved[0])), os.DirFS(saved[0])); err != nil {
		t.Fatal(err)
	}
	command(t, "export", root, "--out", out).want(t, 2, "expected the triggers of one pair, found those of 2")
	if err := os.RemoveAll(another); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(saved[0], "trigger.png"), 50); err != nil {
		t.Fatal(err)
	}
	command(t, "export", root, "--out", out).want(t, 2, filepath.Join(saved[0], "trigger.png"))
	if _, err := os.Stat(out); err == nil {
		t.Error("wrote a file without the broken trigger")
	}
}
