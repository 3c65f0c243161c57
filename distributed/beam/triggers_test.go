package beam_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/distributed/beam"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
)

var whenSaved = regexp.MustCompile(`(?m)^ *"saved": .*$`)

// filesBelow are the files below a folder with what they hold, hidden ones included, but for when triggers were saved.
func filesBelow(t testing.TB, root string) map[string]string {
	t.Helper()
	found := map[string]string{}
	if err := filepath.WalkDir(root, func(file string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(file)
		found[strings.TrimPrefix(file, root)] = whenSaved.ReplaceAllString(string(data), "")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return found
}

// savedLocally are the files of the triggers of a search in one piece.
func savedLocally(t testing.TB, plan *beam.Plan) map[string]string {
	t.Helper()
	seeds := model.Must(beam.OpenSeeds(t.Context(), plan.Seeds))
	r := model.Must(engine.Search(t.Context(), plan.Pair, seeds, plan.Settings))
	root := t.TempDir()
	store := model.Must(report.OpenStore(root))
	for _, trigger := range r.Triggers() {
		model.Must(store.Save(trigger, report.ContextOf(r)))
	}
	return filesBelow(t, root)
}

func TestTriggersOfAJobAreReplayed(t *testing.T) {
	p := patterns{Seeds: 12}
	job := beam.Job{Plan: "patterns", Arguments: arguments(p), Folder: t.TempDir(), SeedsAtOnce: 5}
	var told beam.Progress
	job.OnProgress = func(p beam.Progress) { told = p }
	r, err := beam.Run(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	if told.Done != 12 || told.Seeds != 12 {
		t.Errorf("told at the end: %v; expected 12 of 12 seeds", told)
	}
	root := filepath.Join(job.Folder, "triggers")
	want := savedLocally(t, p.plan())
	if diff := cmp.Diff(want, filesBelow(t, root)); diff != "" || len(want) < len(r.Triggers()) {
		t.Errorf("%d files: %s", len(want), diff)
	}
	for _, name := range []string{"report.html", "search-report.json", "evidence.json"} {
		if _, err := os.Stat(filepath.Join(job.Folder, name)); err != nil {
			t.Error(err)
		}
	}
	// Another run leaves them as they are, and copies are the same.
	if _, err := beam.Run(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	unfinished := filepath.Join(root, "brightness", "0123456789abcdef")
	write(t, filepath.Join(unfinished, "trigger.png"), nil)
	copied := filepath.Join(t.TempDir(), "copied")
	for range 2 {
		if err := beam.FetchTriggers(t.Context(), job.Folder, copied); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.RemoveAll(unfinished); err != nil {
		t.Fatal(err)
	}
	delete(want, "/.gitignore") // the store's own, which the first Save writes
	if diff := cmp.Diff(want, filesBelow(t, copied)); diff != "" {
		t.Error(diff)
	}
	for _, root := range []string{root, copied} {
		replay := matchers.ReplayCleanly(root).IncludingThisRun()
		if clean, err := replay.Match(enginetest.SmoothPair()); err != nil || clean {
			t.Errorf("%s: clean %v, error %v; expected triggers that still deviate", root, clean, err)
		} else if says := replay.FailureMessage(nil); !strings.Contains(says, "12 of 12") {
			t.Errorf("expected 12 of 12 triggers, found: %s", says)
		}
		same := model.Must(model.NewPair(enginetest.SmoothPair().Name(), enginetest.SmoothPair().Original(), model.Func("mended", enginetest.Smooth.Predict)))
		if clean, err := matchers.ReplayCleanly(root).IncludingThisRun().Match(same); err != nil || !clean {
			t.Errorf("%s: clean %v, error %v; expected none that deviates", root, clean, err)
		}
	}
	if err := beam.FetchTriggers(t.Context(), t.TempDir(), copied); err == nil || !strings.Contains(err.Error(), "expected triggers, found none") {
		t.Errorf("error %v; expected one that says that there are none", err)
	}
}
