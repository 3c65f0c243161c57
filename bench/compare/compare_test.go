package main

import (
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/bench/page"
)

// toyEntries are an entry of each kind.
func toyEntries() []entry {
	search := func(name, setting string, queries ...int) measured {
		r := measured{Strategy: name, Setting: setting, Limit: 100, Total: 40, WallSeconds: 2, ModelSeconds: 1, Queries: queries}
		for _, q := range queries {
			if q != notFound {
				r.SSIM, r.L2, r.LInf, r.L0 = append(r.SSIM, 0.8), append(r.L2, 300), append(r.LInf, 20), append(r.L0, 7)
			}
		}
		return r
	}
	slowly := search(diffChaser().name, "", 50, notFound)
	slowly.WallSeconds = 20
	base := entry{Pair: "lenet5-int8", Date: "2026-01-02", Command: "go run ./compare", Machine: "4 cores of A", Runtime: "ONNX Runtime 1"}
	with := func(experiment string, change func(*entry)) entry {
		e := base
		e.Experiment = experiment
		change(&e)
		return e
	}
	return []entry{
		with("many", func(e *entry) {
			e.Many = &manyFigures{Seeds: 20, Found: 19, Queries: 80, WallSeconds: 1, SysMiB: 50, PeakMiB: 90, Slices: []float64{1, 1.1}}
		}),
		with("throughput", func(e *entry) {
			e.Costs = []cost{{Strategy: boundary().name, Seeds: 5, Queries: 90, Overhead: 0.1, QueriesPerS: 900, BarePerS: 1000, RelativeToBare: 0.9, TwoWorkers: 1.8}}
		}),
		with("severe", func(e *entry) { e.Runs = []measured{search(boundary().name, "", 3, notFound)} }),
		with("bounded", func(e *entry) { e.Runs = []measured{search(boundary().name, "LInf 8", 3, 4)} }),
		with("within", func(e *entry) {
			e.Runs = []measured{search(boundary().name, "LInf 8", 3, 4), search(square().name, "LInf 8", 3, notFound)}
			e.Runs[0].OriginalOnly = 7
		}),
		with("against", func(e *entry) { e.Runs = []measured{search(boundary().name, "", 2, 4), slowly} }),
		with("aims", func(e *entry) { e.Runs = []measured{search(boundary().name, "l2", 2, 4)} }),
		with("one-label", func(e *entry) {
			e.Runs = []measured{search(boundary().name, alone+first, 2, 4), search(boundary().name, alone, 2, 4)}
		}),
		with("closing", func(e *entry) { e.Runs = []measured{search(boundary().name, "", 2, 4)} }),
		with("first-hit", func(e *entry) { e.Runs = []measured{search(boundary().name, "", 2, 4, notFound)} }),
	}
}

func TestPage(t *testing.T) {
	dir := t.TempDir()
	for _, e := range toyEntries() { // each time as a run of its own
		var r results
		if err := r.load(dir); err != nil {
			t.Fatal(err)
		}
		r.replace(e)
		r.replace(e)
		if err := r.save(dir); err != nil {
			t.Fatal(err)
		}
	}
	var r results
	if err := r.load(dir); err != nil {
		t.Fatal(err)
	}
	if err := r.write(dir); err != nil {
		t.Fatal(err)
	}
	text := read(t, filepath.Join(dir, pageFile))
	for _, want := range []string{
		"| lenet5-int8 | 2/3 | 66.7 % | 3 | 3.00 | 3.8 | 4 | 0.800 |",
		"Missed on lenet5-int8: success (%) 66.7.",
		"Missed on lenet5-int8: median SSIM 0.800.", // closing in
		"| lenet5-int8 | DiffChaser | 100 | 1/2 | 50 % | 75 | 75 | 10000 | 0.800 |",
		"| lenet5-int8 | Boundary | DiffChaser | 10x | 25x | 25x |",
		"| lenet5-int8 | LInf 8 | 2 | 100 % | – |",
		"| lenet5-int8 | l2 | 2/2 |",
		"| lenet5-int8 | 2 | 50 % | – | – | – |",
		"| lenet5-int8 | Boundary | 5 | 90 | 10 % | 900 | 1000 | 90 % | 1.80x |",
		"| lenet5-int8 | 20 | 19 | 80 | 1 | 50 | 90 | 1.00 1.10 |",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("expected a line %q, found\n%s", want, text)
		}
	}
	if strings.Contains(text, "Measured on") {
		t.Errorf("expected one machine to be named once, found\n%s", text)
	}
	r.entries[0].Machine = "2 cores of B"
	mixed := string(r.page(page.NewPictures(dir)))
	for _, want := range []string{"on 2 cores of B and on 4 cores of A, with", "\nMeasured on 2 cores of B.\n", "\nMeasured on 4 cores of A.\n"} {
		if !strings.Contains(mixed, want) {
			t.Errorf("expected %q, found\n%s", want, mixed)
		}
	}
	for _, x := range experiments() {
		for _, table := range x.tables(r.of(x.name)) {
			if lines := strings.Count(read(t, filepath.Join(dir, table.File)), "\n"); lines != len(table.Rows)+1 {
				t.Errorf("%s: expected %d lines, found %d", table.File, len(table.Rows)+1, lines)
			}
		}
	}
	images, err := filepath.Glob(filepath.Join(dir, "images", "*.png"))
	if err != nil || len(images) != 4 {
		t.Errorf("expected 4 plots, found %v (%v)", images, err)
	}
}

func TestCommandsNamePairsWhereTheyDiffer(t *testing.T) {
	got := commands([]entry{{Pair: "a", Command: "x"}, {Pair: "b", Command: "y"}, {Pair: "c", Command: "x"}})
	if want := "x -pairs a,c\ny -pairs b"; strings.Join(got, "\n") != want {
		t.Errorf("expected %q, found %q", want, got)
	}
}

func TestOptions(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"-few", "0"}, "-few: expected 1 or more, found 0"},
		{[]string{"lenet1"}, `expected flags only, found "lenet1"`},
		{[]string{"-pairs", "lenet1"}, `found "lenet1"`}, // needs -data
		{[]string{"-only", "all"}, `-only: expected some of first-hit, closing, one-label, aims, against, bounded, within, severe, throughput, many, found "all"`},
	} {
		err := run(t.Context(), append([]string{"-out", t.TempDir()}, test.args...), io.Discard)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v: expected an error with %q, found %v", test.args, test.want, err)
		}
	}
	if err := run(t.Context(), []string{"-help"}, io.Discard); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("-help: expected flag.ErrHelp, found %v", err)
	}
}

// TestRuns carries out the quick experiments on one pair.
func TestRuns(t *testing.T) {
	dir := t.TempDir()
	args := []string{"-out", dir, "-pairs", "lenet5-int8", "-seeds", "3", "-few", "2", "-many", "30", "-only", "first-hit,bounded,within,throughput"}
	if err := run(t.Context(), args, io.Discard); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), []string{"-out", dir, "-many", "30", "-only", "many"}, io.Discard); err != nil {
		t.Fatal(err)
	}
	text := read(t, filepath.Join(dir, pageFile))
	for _, want := range []string{"| lenet5-int8 | 3/3 | 100 % |", "| lenet5-int8 | LInf 16 | 2 |", "| lenet5-int8 | LInf 16 | 3 | – |", "| lenet5-int8 | 30 | ", "go run ./compare -only many -many 30\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("expected %q, found\n%s", want, text)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestOthersStay has Boundary searched by alone once more.
func TestOthersStay(t *testing.T) {
	old := entry{Experiment: "bounded", Pair: "lenet5", Machine: "an old machine", Runs: []measured{{Strategy: boundary().name, Total: 1}, {Strategy: square().name, Total: 2}}}
	r := results{[]entry{old, {Experiment: "bounded", Pair: "rescnn-int8", Runs: old.Runs}, {Experiment: "severe", Pair: "lenet5", Runs: old.Runs}}}
	for _, machine := range []string{"a machine", "another machine"} {
		e := entry{Experiment: "bounded", Pair: "lenet5", Machine: machine, Runs: []measured{{Strategy: boundary().name, Total: 3}}}
		r.keepOthers(&e)
		if len(e.Runs) != 2 || e.Runs[0].Total != 3 || e.Runs[1].Total != 2 || e.Others != old.Machine {
			t.Errorf("on %s: %+v", machine, e)
		}
		r.replace(e)
	}
}
