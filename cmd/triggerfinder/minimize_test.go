package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
)

func TestMinimizeSavesSmallerTriggersBesideTheOldOnes(t *testing.T) {
	root, before := saveTriggers(t, student...)
	old := map[string]engine.Trigger{}
	content := map[string]string{}
	for _, dir := range before {
		s := model.Must(report.LoadTrigger(dir))
		old[s.Trigger.SeedID] = s.Trigger
		content[dir] = readAll(t, dir)
	}
	pairDir := filepath.Dir(before[0])
	r := command(t, "minimize", pairDir, "--budget", "200")
	r.want(t, 0, "minimised       "+before[0]+": original says class ", "\n  was: SSIM ", "\n  now: SSIM ",
		"Minimised: 6 of 6 triggers; those that there were stay as they are.\n")
	for _, dir := range before {
		if readAll(t, dir) != content[dir] {
			t.Errorf("%s was changed", dir)
		}
	}
	after := triggersIn(t, root)
	if len(after) != 2*len(before) {
		t.Fatalf("%d triggers became %d; expected a new one beside each", len(before), len(after))
	}
	for _, dir := range after {
		if slices.Contains(before, dir) {
			continue
		}
		s := model.Must(report.LoadTrigger(dir))
		from := old[s.Trigger.SeedID]
		if s.Trigger.Distance.L0 >= from.Distance.L0 || *s.Trigger.Distance.SSIM < *from.Distance.SSIM ||
			s.Trigger.OriginalLabel != from.OriginalLabel || s.Trigger.CompressedLabel != from.CompressedLabel || !minimised(s.Trigger) {
			t.Errorf("%s: %+v of %+v", dir, s.Trigger.Distance, from.Distance)
		}
	}
	command(t, "replay", root).want(t, 1, "Still deviating: 12 of 12 triggers")

	// Those that were minimised are left alone, and the others come to the same: nothing new is saved.
	command(t, "minimize", root, "--budget", "200", "--quiet").want(t, 0)
	if again := triggersIn(t, root); len(again) != len(after) {
		t.Errorf("%d triggers became %d the second time", len(after), len(again))
	}
	t.Chdir(before[0])
	command(t, "minimize", ".", "--budget", "200").want(t, 0, "Minimised: 1 of 1 trigger;")
	if again := triggersIn(t, root); len(again) != len(after) {
		t.Errorf("%d triggers became %d from within a trigger's folder", len(after), len(again))
	}
}

// readAll joins the files of a folder.
func readAll(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := ""
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all += e.Name() + string(data)
	}
	return all
}

func TestMinimizeOfHealedTriggersAndMisuse(t *testing.T) {
	root, before := saveTriggers(t, student...)
	command(t, "minimize", root, "--compressed", "@twin.onnx").want(t, 0, "healed          "+before[0], "Minimised: 0 of 6 triggers")
	command(t, "minimize").want(t, 2, "minimize: expected one folder of saved triggers, found 0", "See triggerfinder help minimize")
	command(t, "minimize", root, "--budget", "0").want(t, 2, `--budget: expected a whole number of at least 1, found "0"`)
	command(t, "minimize", root, "--within", "linf=0").want(t, 2, "expected a trigger within LInf 0, found one beyond")
	command(t, "minimize", t.TempDir()).want(t, 2, "expected saved triggers, found none")
	if got := triggersIn(t, root); len(got) != len(before) {
		t.Errorf("%d triggers became %d", len(before), len(got))
	}
}

func TestSearchListsDistinctDeviations(t *testing.T) {
	command(t, student...).want(t, 1, "6 triggers, ", " distinct:\n", ", approach\n")
}
