package report_test

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/report"
)

func TestFolderNameAtTheLongest(t *testing.T) {
	if name := strings.Repeat("a", 64); report.FolderName(name) != name {
		t.Errorf("64 letters became %q", report.FolderName(name))
	}
	if name := strings.Repeat("a", 65); !strings.HasPrefix(report.FolderName(name), strings.Repeat("a", 48)+"-") {
		t.Errorf("65 letters became %q", report.FolderName(name))
	}
}

func TestOneLine(t *testing.T) {
	for _, text := range []string{"a\nb", "a b", "a\x7fb", "a \r\n\t\x7f b", " a\x00\x1fb\n"} {
		if got := report.ShortHistory([]string{text}, func(string) bool { return true }); got != "a b" {
			t.Errorf("%q became %q; expected \"a b\"", text, got)
		}
	}
	if got := report.ShortHistory([]string{"a!~b"}, func(string) bool { return true }); got != "a!~b" {
		t.Errorf("got %q", got)
	}
}

func TestMetricsOfATrigger(t *testing.T) {
	ssim := 0.98765
	trigger := &engine.Trigger{Queries: 3, Distance: distance.Distance{L2: 12.3456, LInf: 7}}
	if got, want := report.Metrics(trigger), "3 queries  ·  L2 12.35  ·  L∞ 7"; got != want {
		t.Errorf("got %q; expected %q", got, want)
	}
	trigger.Distance.SSIM = &ssim
	if got, want := report.Metrics(trigger), "3 queries  ·  L2 12.35  ·  L∞ 7  ·  SSIM 0.988"; got != want {
		t.Errorf("got %q; expected %q", got, want)
	}
}

func TestDetailsOfASheet(t *testing.T) {
	r := &engine.Report{Strategy: "boundary", Oracle: "top-1", RandomSeed: 5, Ledger: engine.Ledger{Queries: 1}}
	if got, want := report.SheetDetails(r)[1], []string{"strategy: boundary", "oracle: top-1", "random seed: 5", "1 query"}; !slices.Equal(got, want) {
		t.Errorf("got %q; expected %q", got, want)
	}
	r.Bound = "LInf 8"
	if got, want := report.SheetDetails(r)[1], []string{"strategy: boundary", "oracle: top-1", "bound: LInf 8", "random seed: 5", "1 query"}; !slices.Equal(got, want) {
		t.Errorf("got %q; expected %q", got, want)
	}
}

// JSON has no infinity, of either sign.
func TestDistancesThatJSONCannotHold(t *testing.T) {
	for _, v := range []float64{math.Inf(1), math.Inf(-1), math.NaN()} {
		hit := engine.Trigger{ID: "0123456789abcdef", Distance: distance.Distance{L2: v, LInf: v, SSIM: &v}}
		r := &engine.Report{Pair: "p", Status: engine.AllSearched, Seeds: []engine.Outcome{{Status: engine.Triggered, Trigger: &hit}}}
		if got := report.ResultOf(r, nil).PerSeed[0].Trigger; got.L2 != nil || got.LInf != nil || got.SSIM != nil {
			t.Errorf("%g: %+v; expected no number", v, got.HitResult)
		}
	}
}

func TestWriteFolderTellsWhetherItWasThere(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a")
	if existed, err := report.WriteFolder(dir, "f", []byte("first")); existed || err != nil {
		t.Errorf("new: existed %t, error %v", existed, err)
	}
	if existed, err := report.WriteFolder(dir, "f", []byte("second")); !existed || err != nil {
		t.Errorf("again: existed %t, error %v", existed, err)
	}
	if got := readFile(t, filepath.Join(dir, "f")); string(got) != "first" {
		t.Errorf("found %q; expected what was there to stay", got)
	}
	if entries, err := os.ReadDir(filepath.Dir(dir)); err != nil || len(entries) != 1 {
		t.Errorf("%v, error %v; expected nothing beside the folder", entries, err)
	}
}
