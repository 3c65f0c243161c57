package report_test

import (
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/report"
)

func TestReportRoundTrip(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	r := sampleReport(sampleTriggers(3)...)
	files, err := report.SaveReport(dir, r, report.Options{ClassNames: classNames})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{filepath.Join(dir, "search-report.json"), filepath.Join(dir, "triggers.png")}
	if diff := cmp.Diff(want, files); diff != "" {
		t.Errorf("files (- expected, + found):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"search-report.json", "triggers.png"}, names(t, dir)); diff != "" {
		t.Errorf("folder (- expected, + found):\n%s", diff)
	}
	readPNG(t, files[1])

	got, err := report.LoadReport(dir)
	if err != nil {
		t.Fatal(err)
	}
	wantReport := report.SavedReport{Report: withoutInputs(r), Stats: report.StatsOf(r), ClassNames: classNames}
	if diff := cmp.Diff(wantReport, got); diff != "" {
		t.Errorf("(- saved, + loaded):\n%s", diff)
	}
}

// withoutInputs is the part of a report that JSON holds.
func withoutInputs(r *engine.Report) *engine.Report {
	c := *r
	c.Seeds = nil
	for _, o := range r.Seeds {
		if o.Trigger != nil {
			t := *o.Trigger
			t.Seed, t.Input = input.Input{}, input.Input{}
			o.Trigger = &t
		}
		c.Seeds = append(c.Seeds, o)
	}
	return &c
}

func TestEqualReportsHaveEqualBytes(t *testing.T) {
	var files []string
	for range 2 {
		dir := t.TempDir()
		if _, err := report.SaveReport(dir, sampleReport(sampleTriggers(3)...), report.Options{}); err != nil {
			t.Fatal(err)
		}
		for _, name := range names(t, dir) {
			data, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, string(data))
		}
	}
	if files[0] != files[2] || files[1] != files[3] {
		t.Error("the same report was written differently")
	}
}

// Every floating-point number of a report may be NaN, those that are added to the engine's types in
// future too.
func TestNaNDoesNotKeepAReportFromBeingSaved(t *testing.T) {
	r := sampleReport(sampleTriggers(2)...)
	n := fillNaN(r)
	if n < 20 {
		t.Fatalf("found %d numbers in the report", n)
	}
	dir := t.TempDir()
	if _, err := report.SaveReport(dir, r, report.Options{}); err != nil {
		t.Fatal(err)
	}
	got, err := report.LoadReport(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(withoutInputs(r), got.Report, cmpopts.EquateNaNs()); diff != "" {
		t.Errorf("(- saved, + loaded):\n%s", diff)
	}
	if text := report.Summary(r); strings.Contains(text, "NaN") {
		t.Errorf("the summary shows NaN:\n%s", text)
	}
}

// fillNaN makes every number NaN except those of inputs.
func fillNaN(v any) int {
	var fill func(v reflect.Value) int
	fill = func(v reflect.Value) (n int) {
		switch v.Kind() {
		case reflect.Float32, reflect.Float64:
			v.SetFloat(math.NaN())
			return 1
		case reflect.Pointer:
			if !v.IsNil() {
				return fill(v.Elem())
			}
		case reflect.Slice:
			for i := range v.Len() {
				n += fill(v.Index(i))
			}
		case reflect.Struct:
			if v.Type() == reflect.TypeFor[input.Input]() {
				return 0
			}
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() {
					n += fill(v.Field(i))
				}
			}
		}
		return n
	}
	return fill(reflect.ValueOf(v))
}

func TestALaterReportReplacesAnEarlierOne(t *testing.T) {
	dir := t.TempDir()
	for _, r := range []*engine.Report{sampleReport(sampleTrigger(1)), sampleReport()} {
		if _, err := report.SaveReport(dir, r, report.Options{}); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"search-report.json"}, names(t, dir)); diff != "" {
		t.Errorf("the sheet of the first report is still there (- expected, + found):\n%s", diff)
	}
}

func TestReportErrors(t *testing.T) {
	root := t.TempDir()
	file := filepath.Join(root, "file")
	block(t, file)
	if err := os.MkdirAll(filepath.Join(root, "taken", "search-report.json"), 0o777); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		reason, dir string
		r           *engine.Report
		want        string
	}{
		{"a file in the way", filepath.Join(file, "reports"), sampleReport(), file + ": expected a folder, found a file"},
		{"a folder in the way", filepath.Join(root, "taken"), sampleReport(), "search-report.json: expected a file, found a folder"},
		{"no report", root, nil, "expected a report, found nil"},
	} {
		t.Run("save/"+test.reason, func(t *testing.T) {
			_, err := report.SaveReport(test.dir, test.r, report.Options{})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, expected %q", err, test.want)
			}
		})
	}
	if left := names(t, filepath.Join(root, "taken")); len(left) != 1 {
		t.Errorf("something temporary was left: %v", left)
	}
	for _, test := range []struct{ reason, content, want string }{
		{"a later version", `{"version": 7}`, "version 7: expected at most 2"},
		{"no report", `{"version": 1}`, "expected a report, found none"},
		{"not JSON", `version 1`, "expected a JSON object"},
	} {
		t.Run("load/"+test.reason, func(t *testing.T) {
			dir := t.TempDir()
			block(t, filepath.Join(dir, "search-report.json"))
			if err := os.WriteFile(filepath.Join(dir, "search-report.json"), []byte(test.content), 0o666); err != nil {
				t.Fatal(err)
			}
			_, err := report.LoadReport(dir)
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "search-report.json") {
				t.Errorf("got error %v, expected %q", err, test.want)
			}
		})
	}
	if _, err := report.LoadReport(root); err == nil || !strings.Contains(err.Error(), "search-report.json: expected a file, found none") {
		t.Errorf("got error %v", err)
	}
}

func TestReportOfAnEarlierVersion(t *testing.T) {
	dir := t.TempDir()
	if _, err := report.SaveReport(dir, sampleReport(), report.Options{}); err != nil {
		t.Fatal(err)
	}
	current, earlier := filepath.Join(dir, "search-report.json"), filepath.Join(dir, "report.json")
	if err := os.Rename(current, earlier); err != nil {
		t.Fatal(err)
	}
	old, err := report.LoadReport(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sampleReport().Pair, old.Report.Pair); diff != "" {
		t.Error(diff)
	}
	newer := sampleReport()
	newer.Pair = "the newer one"
	if _, err := report.SaveReport(dir, newer, report.Options{}); err != nil {
		t.Fatal(err)
	}
	if r, err := report.LoadReport(dir); err != nil || r.Report.Pair != newer.Pair {
		t.Errorf("expected the report of the present name to go first, got that of pair %v, error %v", r.Report, err)
	}

	if err := os.Remove(current); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(earlier, []byte(`{"format": "triggerfinder-release", "version": 2}`), 0o666); err != nil {
		t.Fatal(err)
	}
	const want = `report.json: expected the report of a search, which has no format, found format "triggerfinder-release"`
	if _, err := report.LoadReport(dir); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v, expected %q", err, want)
	}
}
