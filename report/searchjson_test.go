package report_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/report/dossier/dossiertest"
)

// closedInReport has four triggers, the first two of which were brought nearer.
func closedInReport() *engine.Report {
	triggers := sampleTriggers(4) // with 0, 3, 6 and 9 queries
	for i, t := range triggers {
		ssim := 0.8 + 0.05*float64(i)
		t.Distance = distance.Distance{L0: i, L2: 10 * float64(i), LInf: float64(i), SSIM: &ssim}
	}
	r := sampleReport(triggers...)
	for i, ssim := range []float64{0.5, 0.7} {
		r.Seeds[i].Queries = 100
		r.Seeds[i].FirstHit = &engine.Hit{Queries: 20 * (i + 1), Distance: distance.Distance{L0: 7, L2: 70, LInf: 8, SSIM: &ssim}}
	}
	nearest := 0.25
	r.Seeds[4].Nearest = &nearest
	return r
}

func TestSearchResult(t *testing.T) {
	r := closedInReport()
	dirs := map[string]string{r.Seeds[1].Trigger.ID: "triggers/1"}
	got := report.ResultOf(r, dirs)

	equal := func(what string, got, want any) {
		t.Helper()
		if diff := cmp.Diff(want, got, cmpopts.EquateApprox(0, 1e-9)); diff != "" {
			t.Errorf("%s (- expected, + found):\n%s", what, diff)
		}
	}
	// Spent: 100, 100, 6, 9. First hits: at 20, 40, and where nothing was closed in the trigger: 6, 9.
	equal("queries", got.Queries, &report.QueryStats{Median: 54.5, Mean: 53.75, P90: 100, Max: 100})
	equal("first hits", got.FirstHit, &report.FirstHitStats{
		Queries: &report.QueryStats{Median: 14.5, Mean: 18.75, P90: 34, Max: 40},
		SSIM:    &report.SSIMStats{Median: 0.8, P10: 0.56},
	})
	equal("SSIM", got.SSIM, &report.SSIMStats{Median: 0.875, P10: 0.815})
	equal("L2", got.L2, &report.MedianStats{Median: 15})
	equal("counts", []int{got.Seeds, got.Usable, got.Found, got.TotalQueries}, []int{6, 5, 4, 500 + 18})
	equal("rates", []float64{got.SuccessRate, got.WallSeconds, got.ModelSeconds, got.Overhead, got.QueriesPerSecond},
		[]float64{0.8, 2, 1.875, 0.0625, 250})

	first, final := 0.7, 0.85
	ten, one, seventy, eight, original, compressed := 10.0, 1.0, 70.0, 8.0, 0.75, 0.625
	equal("a seed with a trigger", got.PerSeed[1], report.SeedResult{
		Index: 1, Name: "gradient-1.png", Label: 1, Status: engine.Triggered, Queries: 100,
		FirstHit: &report.HitResult{Queries: 40, SSIM: &first, L2: &seventy, LInf: &eight, L0: 7},
		Trigger: &report.TriggerResult{
			ID: r.Seeds[1].Trigger.ID, Labels: answer.Labels{OriginalLabel: 1, CompressedLabel: 2},
			OriginalConfidence: &original, CompressedConfidence: &compressed,
			HitResult: report.HitResult{Queries: 3, SSIM: &final, L2: &ten, LInf: &one, L0: 1}, Dir: "triggers/1",
		},
	})
	nearest := 0.25
	equal("a seed without", got.PerSeed[4], report.SeedResult{
		Index: 4, Name: "hard.png", Label: 2, Status: engine.SeedExhausted, Queries: 500, Nearest: &nearest,
	})
	equal("a skipped seed", got.PerSeed[5], report.SeedResult{
		Index: 5, Name: "wide.png", Label: -1, Status: engine.Skipped, Reason: "shape [12 99 1]: expected [12 10 1]",
	})
}

func TestSearchResultAsJSON(t *testing.T) {
	for _, test := range []struct {
		name string
		r    *engine.Report
	}{{"triggers", closedInReport()}, {"nothing found", sampleReport()}, {"NaN", func() *engine.Report {
		r := closedInReport()
		fillNaN(r)
		return r
	}()}} {
		t.Run(test.name, func(t *testing.T) {
			var data bytes.Buffer
			if err := report.ResultOf(test.r, nil).Write(&data); err != nil {
				t.Fatal(err)
			}
			dossiertest.Check(t, data.Bytes())
			var fields map[string]any
			if err := json.Unmarshal(data.Bytes(), &fields); err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{
				"format", "version", "pair", "status", "partial", "seeds", "usable", "found", "success_rate", "total_queries",
				"queries", "ssim", "l2", "linf", "first_hit", "wall_s", "model_s", "overhead", "queries_per_s", "models",
				"strategy", "oracle", "versions", "options", "per_seed",
			} {
				if _, ok := fields[name]; !ok {
					t.Errorf("there is no %q", name)
				}
			}
			if strings.Contains(data.String(), "NaN") {
				t.Errorf("found a number that is not finite:\n%s", data.String())
			}
			if test.name == "nothing found" && (fields["queries"] != nil || fields["first_hit"] != nil || fields["ssim"] != nil) {
				t.Errorf("expected null without a trigger, found %v, %v, %v", fields["queries"], fields["first_hit"], fields["ssim"])
			}
		})
	}
}

func TestSearchResultRoundTrip(t *testing.T) {
	want := report.ResultOf(closedInReport(), nil)
	want.Versions["go"] = "go1"
	want.Options["n"], want.Options["scale"] = 500.0, "1/255"
	want.Error = "too bad"
	dir := t.TempDir()
	path := filepath.Join(dir, "new", "search.json")
	for range 2 { // the second replaces the first
		if err := want.Save(path); err != nil {
			t.Fatal(err)
		}
	}
	if dossiertest.CheckFolder(t, dir) != 1 {
		t.Error("expected one document")
	}
	got, err := report.LoadResult(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("(- saved, + loaded):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"search.json"}, names(t, filepath.Dir(path))); diff != "" {
		t.Errorf("something else lies beside it:\n%s", diff)
	}
}

func TestSearchResultErrors(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, test := range []struct{ path, want string }{
		{filepath.Join(dir, "missing.json"), "expected a file, found none"},
		{write("text.json", "hello"), "text.json: expected a JSON object"},
		{write("other.json", `{"version": 1}`), `other.json: format: expected "triggerfinder-search", found none`},
		{write("old.json", `{"format": "triggerfinder-search"}`), "version: expected 1 to 2, found none"},
		{write("new.json", `{"format": "triggerfinder-search", "version": 3}`), "version 3: expected at most 2"},
	} {
		if _, err := report.LoadResult(test.path); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: expected the error %q, found %v", test.path, test.want, err)
		}
	}
	if _, err := report.LoadResult(filepath.Join(dir, "new.json")); !errors.Is(err, report.ErrNewerVersion) {
		t.Errorf("expected ErrNewerVersion, found %v", err)
	}

	result := report.ResultOf(sampleReport(), nil)
	for _, path := range []string{filepath.Join(dir, "text.json", "below.json"), dir} {
		before := names(t, dir)
		if err := result.Save(path); err == nil || !strings.Contains(err.Error(), "expected a f") {
			t.Errorf("%s: expected an error, found %v", path, err)
		}
		if diff := cmp.Diff(before, names(t, dir)); diff != "" {
			t.Errorf("%s: something was left behind:\n%s", path, diff)
		}
	}
	result.Options["bad"] = math.NaN()
	if err := result.Save(filepath.Join(dir, "nan.json")); err == nil || slices.Contains(names(t, dir), "nan.json") {
		t.Errorf("expected an error and no file, found %v", err)
	}
}

func FuzzLoadShard(f *testing.F) {
	r := &engine.Report{
		Pair: "p", Strategy: "s", Oracle: "top-1", Status: engine.AllSearched, Shard: engine.Shard{Index: 0, Total: 1},
		Seeds: []engine.Outcome{{Status: engine.Triggered, Trigger: &engine.Trigger{ID: "a"}}, {Index: 1, Status: engine.Skipped}},
	}
	var data bytes.Buffer
	if err := report.ResultOf(r, nil).Write(&data); err != nil {
		f.Fatal(err)
	}
	if _, _, err := report.DecodeShard(data.Bytes()); err != nil {
		f.Fatal(err)
	}
	f.Add(data.Bytes())
	f.Add([]byte(`{"format": "triggerfinder-search", "version": 1, "shard": {"number": 1, "total": 1, "report": null}}`))
	f.Add([]byte(`{"format": "triggerfinder-search", "version": 1, "shard": {"number": 1, "total": 1, "report": {"version": 1, "report": {"shard": {"index": 0, "total": 1}, "seeds": [{}]}}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, r, err := report.DecodeShard(data)
		if err != nil {
			return
		}
		if merged, err := engine.Merge(r); err == nil {
			_ = report.Summary(merged)
			_ = report.ResultOf(merged, nil)
		}
	})
}
