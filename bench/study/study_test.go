package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/triggerfinder/triggerfinder/bench/subjects"
)

func TestOptions(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"-limit", "0"}, "-limit: expected 1 to 1073741824, found 0"},
		{[]string{"-workers", "-1"}, "-workers: expected 1 to 1024, found -1"},
		{[]string{"lenet5-int8"}, `expected flags only, found "lenet5-int8"`},
		{[]string{"-pairs", "authors-lenet1"}, `found "authors-lenet1"`}, // needs -data
		{[]string{"-only", "imagenet"}, `-only: expected mnist or cifar10, found "imagenet"`},
		{[]string{"-only", "cifar10"}, "-only cifar10: expected some pairs, found none; without -data there are none for cifar10"},
		{[]string{"-strategies", "best"}, `-strategies: expected some of boundary, closing, published, uniform, difference, released, diffchaser, random, found "best"`},
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

func TestEveryStrategyHasAShortName(t *testing.T) {
	for _, c := range contenders() {
		if n := strings.Count(shortList(), ",") + 1; n != len(contenders()) {
			t.Fatalf("expected %d short names, found %d", len(contenders()), n)
		}
		chosen, err := chooseContenders([]string{shortNames[slices.IndexFunc(shortNames, func(n struct{ short, name string }) bool { return n.name == c.name })].short})
		if err != nil || len(chosen) != 1 || chosen[0].name != c.name {
			t.Errorf("%s: found %v (%v)", c.name, chosen, err)
		}
	}
}

// lines counts the parts that were carried out, by what is said of each, and may stop after some.
type lines struct {
	bytes.Buffer
	parts     int
	stopAfter int
	stop      func()
}

func (l *lines) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte(" · part ")) {
		l.parts++
		if l.parts == l.stopAfter {
			l.stop()
		}
	}
	return l.Buffer.Write(p)
}

// TestRunGoesOn stops a run in the middle of a search, goes on, and compares with a run in one piece.
func TestRunGoesOn(t *testing.T) {
	args := func(dir string, more ...string) []string {
		return append([]string{"-out", dir, "-pairs", "lenet4-pruned", "-seeds", "110", "-baseline-seeds", "30", "-limit", "60", "-baseline-limit", "20"}, more...)
	}
	whole, stopped := t.TempDir(), t.TempDir()
	all := &lines{}
	if err := run(t.Context(), args(whole), all); err != nil {
		t.Fatal(err)
	}
	if want := 1 + 2 + 4*3 + 2*2; all.parts != want {
		t.Errorf("expected %d parts, found %d:\n%s", want, all.parts, all)
	}

	const before = 5 // in the middle of TriggerFinder as published
	ctx, cancel := context.WithCancel(t.Context())
	first := &lines{stopAfter: before, stop: cancel}
	err := run(ctx, args(stopped), first)
	if err == nil || !strings.Contains(err.Error(), "goes on from there") {
		t.Errorf("expected an error that says how to go on, found %v", err)
	}
	half := mustLoad(t, stopped)
	published := identity{"lenet4-pruned", subjects.Fashion, published}
	if s := half.search(published); s == nil || s.complete() || !s.has(0) || s.has(2) {
		t.Fatalf("expected some parts of %v, found %+v", published, s)
	}
	if page := read(t, filepath.Join(stopped, pageFile)); !strings.Contains(page, "Not complete, and left out: lenet4-pruned, TriggerFinder, published (74 of 110 seeds).") {
		t.Errorf("expected the page to say what is missing, found\n%s", page)
	}

	second := &lines{}
	if err := run(t.Context(), args(stopped), second); err != nil {
		t.Fatal(err)
	}
	if first.parts+second.parts != all.parts {
		t.Errorf("expected %d parts in both runs, found %d and %d", all.parts, first.parts, second.parts)
	}
	want, got := mustLoad(t, whole), mustLoad(t, stopped)
	for i := range want.Searches {
		w, g := want.Searches[i], got.search(want.Searches[i].identity)
		if g == nil || w.conditions != g.conditions || !slices.Equal(w.Queries, g.Queries) || !slices.Equal(w.SSIM, g.SSIM) || w.Total != g.Total {
			t.Errorf("%v: expected the same results in two runs as in one, found\n%+v\n%+v", w.identity, w, g)
		}
	}
	if kept, now := half.search(published).Micros[0], got.search(published).Micros[0]; kept != now {
		t.Errorf("expected the first part to be as it was (%d µs), found %d", kept, now)
	}

	third := &lines{}
	if err := run(t.Context(), args(stopped), third); err != nil || third.parts != 0 {
		t.Errorf("expected nothing to be searched a third time, found %d parts (%v)", third.parts, err)
	}
	again := &lines{}
	if err := run(t.Context(), args(stopped, "-again", "-strategies", "random"), again); err != nil || again.parts != 2 {
		t.Errorf("-again: expected the 2 parts of random, found %d (%v)", again.parts, err)
	}
	other := &lines{}
	if err := run(t.Context(), args(stopped, "-strategies", "random", "-baseline-limit", "21"), other); err != nil || other.parts != 2 {
		t.Errorf("another limit: expected the 2 parts of random, found %d (%v)", other.parts, err)
	}

	page := read(t, filepath.Join(whole, pageFile))
	for _, want := range []string{"| lenet4-pruned | Fashion-MNIST | ", "Seeds of Fashion-MNIST are no digits", "study-curves-fashion-mnist.png",
		"study-triggers-fashion-mnist.png", "study-means-fashion-mnist.png", "| DiffChaser | 30 | 20 | 2 | "} {
		if !strings.Contains(page, want) {
			t.Errorf("expected %q, found\n%s", want, page)
		}
	}
	for _, name := range []string{"study-success.csv", "study-boundary.csv", "images/study-triggers-fashion-mnist.png"} {
		if len(read(t, filepath.Join(whole, name))) == 0 {
			t.Errorf("%s: expected something, found nothing", name)
		}
	}
}

// toy is a store of one pair, all of whose figures are known.
func toy() store {
	of := func(strategy string, limit int, queries ...int) search {
		s := newSearch(identity{"lenet5-int8", subjects.MNIST, strategy}, conditions{Seeds: len(queries), Limit: limit, Parts: 1})
		copy(s.Queries, queries)
		for i, q := range queries {
			s.Total += max(q, 0)
			s.Micros[i] = 1000 * max(q, 0)
			if q > 0 {
				s.SSIM[i] = 0.1
			}
		}
		s.Date, s.Machine, s.Workers, s.Misread = "2026-01-02", "1 core", 2, 1
		return s
	}
	near := of(boundary, 1000, 2, 0, 4, 3)
	for i := range near.SSIM {
		near.SSIM[i] = 0.75
	}
	return store{Format: format, Version: version, Searches: []search{
		of(published, 1000, 10, 0, 30, 50), of(uniform, 1000, 20, 0, 30, 40), near,
		of(diffChaser, 5000, 1000, 0, notFound), of(random, 5000, notFound, 0, notFound),
		of(released, 1000, 10, 0, 30, notSearched), // not complete
	}}
}

func TestPage(t *testing.T) {
	dir := t.TempDir()
	s := toy()
	if err := s.save(dir); err == nil {
		s, err = load(dir)
		if err == nil {
			t.Error("expected a part that is half done to be refused")
		}
	}
	s = toy()
	half := &s.Searches[5]
	half.Parts = 4
	if err := s.save(dir); err != nil {
		t.Fatal(err)
	}
	if err := write(dir); err != nil {
		t.Fatal(err)
	}
	page := read(t, filepath.Join(dir, pageFile))
	for _, want := range []string{
		"| lenet5-int8 | MNIST | 99.37 % | 99.36 % | 99.95 % | 4 | 1 | 1 |", // of the zoo's card; one seed is a trigger itself
		"| lenet5-int8 | MNIST | 3/3 | – | 3/3 | – | 1/2 | 0/2 | 3/3 |",
		"| lenet5-int8 | MNIST | 30 | – | 30 | – | ≥ 3000 | ≥ 5000 | 3 |",         // means: without a trigger, the limit
		"| lenet5-int8 | MNIST | 30 | – | 30 | – | ≥ 3000 | ≥ 5000 | 3 |\n\n90th", // medians: half of the one is the limit
		"| lenet5-int8 | MNIST | TriggerFinder, published | DiffChaser | 1/2 | ≥ 150x | ≥ 150x | ≥ 150x | ",
		"| lenet5-int8 | MNIST | uniform selector | 3/3 | 30 | 1.00x | 1.00x | 1.17x | 1 | 1 | 1.000 |",
		"| lenet5-int8 | MNIST | 30 | 3.00 | 10x | 10x | – | 10x | 0.100 | 0.750 | – |",
		"Geometric mean of the ratios of mean queries over 1 pair: 10x. The target is at least 10x: met. Boundary takes fewer queries on every pair. Its triggers are nearer (SSIM) on every pair.",
		"TriggerFinder as published, times fewer queries than DiffChaser: 150x, all within the paper's range.",
		"Not complete, and left out: lenet5-int8, TriggerFinder, released (3 of 4 seeds).",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("expected %q, found\n%s", want, page)
		}
	}
	if strings.Contains(page, "do not compare") {
		t.Error("expected times of one machine to compare")
	}
	s.Searches[1].Machine = "2 cores"
	if header, want := s.header([]subject{{}}), "ran on different machines: lenet5-int8.\n"; !strings.Contains(header, want) {
		t.Errorf("expected %q, found\n%s", want, header)
	}
}

func TestStoreIsReadStrictly(t *testing.T) {
	dir := t.TempDir()
	s := toy()
	s.Searches = s.Searches[:5]
	if err := s.save(dir); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, dataFile)
	good := read(t, path)
	if _, err := decode([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ old, new, want string }{
		{`"version":1`, `"version":2`, "version: expected 1, found 2"},
		{format, "other", `format: expected "triggerfinder-study", found "other"`},
		{`"limit":1000`, `"limit":0`, "limit: expected 1 or more, found 0"},
		{`"limit":1000`, `"limits":1000`, `unknown field "limits"`},
		{`"queries":[10,0,30,50]`, `"queries":[10,0,30]`, "expected 4 values each, found 3, 4 and 4"},
		{`"queries":[10,0,30,50]`, `"queries":[10,0,30,1001]`, "queries[3]: expected -2 to 1000, found 1001"},
		{`"queries":[10,0,30,50]`, `"queries":[10,0,30,-2]`, "queries[3]: expected what is done of part 0 to be all of it, found -2"},
		{`"parts":1`, `"parts":5`, "parts: expected 1 to 4, found 5"},
		{`"seeds":4`, `"seeds":-4`, "seeds: expected 1 to 100000, found -4"},
		{`"strategy":"uniform selector"`, `"strategy":"TriggerFinder, published"`, "expected one search of each strategy, found two"},
		{"]}\n", "]}\n{}", "expected one JSON object, found more behind it"},
		{`"examples":[]`, `"examples":[{"pair":"a","dataset":"b","picture":"AAAA"}]`, "expected a picture"},
		{good, good[:len(good)/2], "unexpected EOF"},
	} {
		bad := strings.Replace(good, test.old, test.new, 1)
		if bad == good {
			t.Fatalf("%q is not in the file", test.old)
		}
		if err := os.WriteFile(path, []byte(bad), 0o666); err != nil {
			t.Fatal(err)
		}
		_, err := load(dir)
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: expected an error about the file with %q, found %v", test.new, test.want, err)
		}
		if err := run(t.Context(), []string{"-out", dir}, io.Discard); err == nil {
			t.Errorf("%s: expected the command to refuse the file before it searches", test.new)
		}
	}
}

func FuzzDecode(f *testing.F) {
	dir := f.TempDir()
	s := toy()
	s.Searches = s.Searches[:2]
	if err := s.save(dir); err != nil {
		f.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, dataFile))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"format":"triggerfinder-study","version":1,"searches":[],"examples":[]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := decode(data)
		if err != nil {
			return
		}
		// What is accepted can be drawn and written.
		_ = s.header(s.subjects())
		for _, section := range sections(s.subjects()) {
			for _, table := range section.tables {
				_ = table.Markdown()
			}
		}
	})
}

func TestClock(t *testing.T) {
	c := newClock()
	w := newWork(options{seeds: 100, few: 100, limit: 10, fewLimit: 10}, []subjects.Studied{{Subject: subjects.Subject{Name: "a"}}, {Subject: subjects.Subject{Name: "b"}}},
		[]contender{{name: published}, {name: released}}, io.Discard)
	for _, jobs := range w.jobs {
		for _, j := range jobs {
			c.plan(j, nil)
		}
	}
	if _, known := c.estimate(); known {
		t.Error("expected no estimate before anything is done")
	}
	done := func(pair, strategy int, seconds float64) {
		name := []string{"a", "b"}[pair]
		s := newSearch(identity{}, conditions{Seeds: 100, Parts: 2})
		for part := range 2 {
			c.done(w.jobs[name][strategy], part, s.Seeds, s.Parts, time.Duration(seconds/2*float64(time.Second)))
		}
	}
	done(0, 0, 10) // a seed of pair a takes 0.1 s by the one strategy
	done(0, 1, 40) // and four times that by the other
	done(1, 0, 20) // pair b is twice as slow
	left, known := c.estimate()
	if seconds := left.Seconds(); !known || seconds < 40 || seconds > 100 { // 80, but pairs are compared by what is known
		t.Errorf("expected about 80 s left, found %v", left)
	}
	done(1, 1, 80)
	if left, _ := c.estimate(); left != 0 {
		t.Errorf("expected nothing left, found %v", left)
	}
}

func mustLoad(t *testing.T, dir string) store {
	t.Helper()
	s, err := load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
