package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/bench/page"
	"github.com/triggerfinder/triggerfinder/bench/subjects"
)

// small is a command line of small budgets, into a folder.
func small(dir string, more ...string) []string {
	return append([]string{"-zoo", "../../zoo/kinds", "-seeds", "3", "-queries", "20", "-closing", "5", "-random-seeds", "2", "-out", dir}, more...)
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestEveryPairIsMeasured(t *testing.T) {
	dir, log := t.TempDir(), &bytes.Buffer{}
	all := subjects.OfKinds("") // those in the wild are downloaded
	order := names(all)
	if err := run(context.Background(), small(dir, "-only", strings.Join(order, ",")), log); err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	entries, err := load(dir, order)
	if err != nil || len(entries) != len(all) {
		t.Fatalf("expected %d entries, found %d (error %v)", len(all), len(entries), err)
	}
	found := 0
	for i, e := range entries {
		if e.Name != order[i] || len(e.Runs) != 6 || e.Usable != 3 || e.Oracle == "" || e.Machine == "" || e.Runtime == "" {
			t.Errorf("%s: expected six searches of 3 seeds, found %+v", order[i], e)
		}
		for _, m := range e.Runs {
			found += m.found()
			if slices.Max(append(m.Queries, 1)) > 20 {
				t.Errorf("%s: expected at most 20 queries, found %v", e.Name, m.Queries)
			}
		}
	}
	if found < 10 {
		t.Errorf("expected some triggers, found %d", found)
	}
	text := read(t, dir, pageFile)
	for _, want := range append(order, "go run ./kinds -seeds 3 -queries 20 -closing 5 -random-seeds 2", "with Go 1.", "ONNX Runtime 1.", "Target:", "Not measured, or not to be had where this was: silero-vad") {
		if !strings.Contains(text, want) {
			t.Errorf("expected %q on the page, found\n%s", want, text)
		}
	}
	for file, rows := range map[string]int{"kinds-pairs.csv": len(all), "kinds-queries.csv": 3 * len(all), "kinds-distances.csv": 3 * len(all)} {
		if records, err := csv.NewReader(strings.NewReader(read(t, dir, file))).ReadAll(); err != nil || len(records) != rows+1 {
			t.Errorf("%s: expected %d rows below the header, found %d (error %v)", file, rows, len(records), err)
		}
	}
}

// TestOnePairAgain measures one pair of two again: the other stays, and the figures are the same.
func TestOnePairAgain(t *testing.T) {
	dir := t.TempDir()
	if err := run(context.Background(), small(dir, "-only", "table-mlp,keywords"), io.Discard); err != nil {
		t.Fatal(err)
	}
	before := read(t, dir, dataFile)
	if err := run(context.Background(), small(dir, "-only", "keywords"), io.Discard); err != nil {
		t.Fatal(err)
	}
	if after := read(t, dir, dataFile); after != before || strings.Count(after, `"name"`) != 2 {
		t.Errorf("expected the same two entries, found\n%s\nthen\n%s", before, after)
	}
}

// A machine without a network or without Python has the other pairs.
func TestWhatIsNotToBeHadIsLeftOut(t *testing.T) {
	t.Setenv("PATH", "")
	t.Setenv("TRIGGERFINDER_CACHE", t.TempDir())
	dir, log := t.TempDir(), &bytes.Buffer{}
	if err := run(context.Background(), small(dir, "-only", "silero-vad,table-mlp"), log); err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	if text := log.String(); !strings.Contains(text, "left out: ") || !strings.Contains(text, "not available here") {
		t.Errorf("expected that a pair is left out and why, found\n%s", text)
	}
	if found := read(t, dir, pageFile); !strings.Contains(found, "| table-mlp |") || strings.Contains(found, "| silero-vad |") {
		t.Errorf("expected the other pair on the page, found\n%s", found)
	}
}

// Models that take long are asked less, and the page says so.
func TestSlowPairsAreSearchedLess(t *testing.T) {
	o := options{seeds: 20, queries: 100}
	if got := o.within(subjects.OfKind{Seeds: 10, Queries: 200}); got.seeds != 10 || got.queries != 100 {
		t.Errorf("expected 10 seeds and 100 queries, found %+v", got)
	}
	if got := o.within(subjects.OfKind{}); got.seeds != 20 || got.queries != 100 {
		t.Errorf("expected the options as they are, found %+v", got)
	}
}

// stopAt cancels when a text is logged.
type stopAt struct {
	text   string
	cancel context.CancelFunc
}

func (s stopAt) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte(s.text)) {
		s.cancel()
	}
	return len(line), nil
}

func TestACancelledCommandKeepsWhatWasMeasured(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	err := run(ctx, small(dir, "-only", "table-boosting,table-mlp,keywords"), stopAt{"2 of 3: ", cancel})
	if err == nil || !strings.Contains(err.Error(), "-only table-mlp,keywords goes on") {
		t.Errorf("expected an error that says how to go on, found %v", err)
	}
	if text := read(t, dir, pageFile); !strings.Contains(text, "| table-boosting |") || strings.Contains(text, "| table-mlp |") {
		t.Errorf("expected the pair that was measured on the page, and no other, found\n%s", text)
	}
}

func TestErrorsNameWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		args []string
		file string // of results
		want string
	}{
		{[]string{"-only", "lenet5"}, "", `-only: expected some of ["table-boosting"`},
		{[]string{"-queries", "0"}, "", "-queries: expected 1 to 1048576, found 0"},
		{[]string{"-zoo", "nowhere", "-only", "keywords"}, "", "nowhere"},
		{nil, "{", "kinds.json: unexpected end"},
		{nil, `[{"name":"keywords","limit":1,"seeds":2,"usable":2,"runs":[{"queries":[1]}]}]`, "kinds.json: [0] (keywords): runs[0]: expected the queries of 2 seeds, found 1"},
		{nil, `[{"name":"keywords","limit":1,"seeds":1,"usable":1,"runs":[{"queries":[1]}]}]`, "runs[0]: expected the distances of 1 triggers, found 0"},
	} {
		dir := t.TempDir()
		if c.file != "" {
			if err := page.WriteFile(filepath.Join(dir, dataFile), []byte(c.file)); err != nil {
				t.Fatal(err)
			}
		}
		if err := run(context.Background(), small(dir, c.args...), io.Discard); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q, %q: expected an error with %q, found %v", c.args, c.file, c.want, err)
		}
	}
}

// A seed that no search finds a trigger for counts as the limit, and one that deviates itself not at all.
func TestWhatCounts(t *testing.T) {
	e := entry{Name: "a", Limit: 100, Seeds: 4, Usable: 3, Deviating: 1, Measure: "SSIM", Runs: []measured{
		{Strategy: boundary, Queries: []int{3, 5}, First: []float64{0.5, 0.7}, Closed: []float64{0.9, 0.9}, FirstChanged: []int{1, 3}, ClosedChanged: []int{1, 1}},
		{Strategy: random, Queries: []int{2, notFound}, First: []float64{0.25}, Closed: []float64{0.25}, FirstChanged: []int{7}, ClosedChanged: []int{7}},
	}}
	if err := e.validate(); err != nil {
		t.Fatal(err)
	}
	tables := tablesOf([]entry{e})
	for i, want := range [][]string{
		{"a,,,4,3,1\n"},
		{"a,Boundary,100,2/2,100 %,4,4,4.8\n", "a,Random,100,1/2,50 %,51,51,90.2\n"},
		{"a,SSIM,Boundary,0.6000,0.9000,2,1\n", "a,SSIM,Random,0.2500,0.2500,7,7\n"},
	} {
		for _, row := range want {
			if found := string(tables[i].CSV()); !strings.Contains(found, row) {
				t.Errorf("expected the row %q, found\n%s", row, found)
			}
		}
	}
	if len(tables[1].Missed) != 0 {
		t.Errorf("expected the target to be met, found %q", tables[1].Missed)
	}
	e.Runs[1].Queries = []int{1, 2}
	if missed := queriesTable([]entry{e}).Missed; len(missed) != 1 || missed[0] != "a: Random mean 1.5" {
		t.Errorf("expected Random to be ahead by its mean, found %q", missed)
	}
}
