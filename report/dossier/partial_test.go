package dossier_test

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/report/dossier"
	"github.com/triggerfinder/triggerfinder/report/dossier/dossiertest"
)

// filesIn are the names of the files of a folder.
func filesIn(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

var (
	fullFiles    = []string{"junit.xml", "model-card.md", "report.html", "report.json", "report.schema.json", "summary.md"}
	partialFiles = []string{"partial-junit.xml", "partial-model-card.md", "partial-report.html", "partial-report.json", "partial-summary.md"}
	bothFiles    = []string{"junit.xml", "model-card.md", "partial-junit.xml", "partial-model-card.md", "partial-report.html", "partial-report.json",
		"partial-summary.md", "report.html", "report.json", "report.schema.json", "summary.md"}
)

func read(t *testing.T, path ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func load(t *testing.T, path ...string) dossier.Document {
	t.Helper()
	dossiertest.Check(t, []byte(read(t, path...)))
	doc, err := dossier.Load(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestWhatARunLeavesOut(t *testing.T) {
	type state = dossier.NotRun
	passed, failed, undecided := dossier.Passed, dossier.Failed, dossier.Undecided
	for _, test := range []struct {
		name     string
		earlier  []string // checks of the last full report
		declared []string
		checks   map[string]dossier.Verdict
		filters  []string
		short    bool
		ran      *dossier.Run
		verdict  dossier.Verdict
		notRun   []state
		headline string // part of it
	}{
		{name: "nothing is known, nothing left out", checks: map[string]dossier.Verdict{"a": passed}, verdict: passed, headline: "The only check passed."},
		{name: "a filter, and nothing is known", checks: map[string]dossier.Verdict{"a": passed}, filters: []string{"-run TestA"}, verdict: dossier.Partial,
			headline: "The only check that ran passed, but the run was partial, which decides nothing about the release: -run TestA: it is not known which checks there are besides"},
		{name: "a filter that leaves out an earlier check", earlier: []string{"a", "b"}, checks: map[string]dossier.Verdict{"a": passed}, filters: []string{"-run TestA"},
			verdict: dossier.Partial, notRun: []state{{Name: "b", State: dossier.Filtered}}, headline: "1 of 2 checks did not run; -run TestA."},
		{name: "a filter that leaves out none", earlier: []string{"a", "b"}, checks: map[string]dossier.Verdict{"a": passed, "b": passed}, filters: []string{"-run TestRelease"}, verdict: passed, headline: "All 2 checks passed."},
		{name: "a filter that leaves out one of a name", earlier: []string{"a", "a"}, checks: map[string]dossier.Verdict{"a": passed}, filters: []string{"-run X"}, verdict: dossier.Partial, notRun: []state{{Name: "a", State: dossier.Filtered}}, headline: "1 of 2"},
		{name: "fewer than before", earlier: []string{"a", "b"}, checks: map[string]dossier.Verdict{"a": passed}, verdict: dossier.Partial, notRun: []state{{Name: "b", State: dossier.NotRecorded}},
			headline: "the last full report has 2 checks, this run 1; if there are fewer now, delete that report, or declare the checks."},
		{name: "renamed", earlier: []string{"a", "rate below 2 %"}, checks: map[string]dossier.Verdict{"a": passed, "rate below 1 %": passed}, verdict: passed, headline: "All 2 checks passed."},
		{name: "fewer than before, as declared", earlier: []string{"a", "b"}, declared: []string{"a"}, checks: map[string]dossier.Verdict{"a": passed}, verdict: passed, headline: "The only check passed."},
		{name: "declared and not recorded", declared: []string{"a", "b"}, checks: map[string]dossier.Verdict{"a": passed}, verdict: dossier.Partial, notRun: []state{{Name: "b", State: dossier.NotRecorded}}, headline: "1 of 2 checks did not run."},
		{name: "declared and filtered", declared: []string{"a", "b"}, checks: map[string]dossier.Verdict{"a": passed}, filters: []string{"-skip B"}, verdict: dossier.Partial, notRun: []state{{Name: "b", State: dossier.Filtered}}, headline: "1 of 2 checks did not run; -skip B."},
		{name: "a filter that leaves out none of the declared", declared: []string{"a"}, checks: map[string]dossier.Verdict{"a": passed, "b": passed}, filters: []string{"-run A"}, verdict: passed, headline: "All 2"},
		{name: "short", checks: map[string]dossier.Verdict{"a": passed}, short: true, verdict: dossier.Partial, headline: "-short: checks may be left out"},
		{name: "short, and one is left out", declared: []string{"a", "b"}, checks: map[string]dossier.Verdict{"a": passed}, short: true, verdict: dossier.Partial, notRun: []state{{Name: "b", State: dossier.Skipped}}, headline: "1 of 2 checks did not run; -short"},
		{name: "a failure stays one", declared: []string{"a", "b"}, checks: map[string]dossier.Verdict{"a": failed}, verdict: failed, notRun: []state{{Name: "b", State: dossier.NotRecorded}},
			headline: "The only check that ran failed. The run was partial: 1 of 2 checks did not run."},
		{name: "so does what is undecided", declared: []string{"a", "b", "c"}, checks: map[string]dossier.Verdict{"a": undecided, "c": passed}, verdict: undecided, notRun: []state{{Name: "b", State: dossier.NotRecorded}}, headline: "1 of the 2 checks that ran could not decide"},
		{name: "nothing was recorded", declared: []string{"a"}, verdict: dossier.Partial, notRun: []state{{Name: "a", State: dossier.NotRecorded}}, headline: "This run was partial, and no check was recorded: 1 of 1 check did not run."},
		{name: "somebody who knows the suite", earlier: []string{"x", "y"}, checks: map[string]dossier.Verdict{"a": passed}, filters: []string{"-run X"}, ran: &dossier.Run{}, verdict: passed, headline: "The only check passed."},
		{name: "somebody who knows what is missing", declared: []string{"b", "c"}, checks: map[string]dossier.Verdict{"a": passed},
			ran:     &dossier.Run{Partial: true, Reasons: []string{"--focus a"}, NotRun: []state{{Name: "the release b", State: dossier.Filtered, Reason: "why"}}},
			verdict: dossier.Partial, notRun: []state{{Name: "c", State: dossier.NotRecorded}, {Name: "the release b", State: dossier.Filtered, Reason: "why"}}, headline: "2 of 3 checks did not run; --focus a."},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			if test.earlier != nil {
				d := dossier.New("r", dossier.Options{})
				for _, name := range test.earlier {
					d.Check(check(name, failed))
				}
				if _, err := d.Write(dir); err != nil {
					t.Fatal(err)
				}
			}
			before := ""
			if test.earlier != nil {
				before = read(t, dir, "report.html")
			}
			defer dossier.WithFlags(test.filters, test.short)()
			d := dossier.New("r", dossier.Options{})
			for _, name := range test.declared {
				p := d.Declare(name)
				if v, ok := test.checks[name]; ok {
					p.Check(check("named by its matcher", v))
				}
			}
			for name, v := range test.checks {
				if !slices.Contains(test.declared, name) {
					d.Check(check(name, v))
				}
			}
			if test.ran != nil {
				d.Ran(*test.ran)
			}
			files, err := d.Write(dir)
			if err != nil {
				t.Fatal(err)
			}
			partial := test.verdict == dossier.Partial || len(test.notRun) > 0
			doc := load(t, dir, map[bool]string{true: "partial-report.json", false: "report.json"}[partial])
			if doc.Verdict != test.verdict || doc.Run.Partial != partial || !strings.Contains(doc.Headline, test.headline) || doc.Counts.NotRun != len(test.notRun) {
				t.Errorf("%s, %+v, %+v, %q; expected %s, partial %t, %q", doc.Verdict, doc.Run, doc.Counts, doc.Headline, test.verdict, partial, test.headline)
			}
			if diff := cmp.Diff(test.notRun, doc.Run.NotRun); diff != "" {
				t.Error(diff)
			}
			for _, c := range doc.Checks {
				if c.Name == "named by its matcher" {
					t.Error("a declared check did not take the declared name")
				}
			}
			switch {
			case !partial:
				if diff := cmp.Diff(fullFiles, filesIn(t, dir)); diff != "" {
					t.Errorf("a full run: %s", diff)
				}
				return
			case test.earlier == nil:
				if diff := cmp.Diff(append(slices.Clone(partialFiles), "report.schema.json"), filesIn(t, dir)); diff != "" {
					t.Errorf("a partial run: %s", diff)
				}
			default:
				if diff := cmp.Diff(bothFiles, filesIn(t, dir)); diff != "" {
					t.Errorf("a partial run: %s", diff)
				}
				if read(t, dir, "report.html") != before {
					t.Error("the report of the full run was replaced")
				}
			}
			if files[0] != filepath.Join(dir, "partial-report.html") {
				t.Errorf("files %q", files)
			}

			// Every document says so in its own way.
			page, junit, summary, card := read(t, dir, "partial-report.html"), read(t, dir, "partial-junit.xml"), read(t, dir, "partial-summary.md"), read(t, dir, "partial-model-card.md")
			word := map[dossier.Verdict]string{dossier.Partial: "Partial", failed: "Failed", undecided: "Undecided"}[test.verdict]
			for what, ok := range map[string]bool{
				"the page's word":    strings.Contains(page, `<strong id="verdict">`+word+`</strong>`),
				"the page's section": strings.Contains(page, "What was not run") && strings.Contains(page, "partial-report.json"),
				"junit's property":   strings.Contains(junit, `name="verdict" value="`+string(test.verdict)+`"`),
				"the summary":        strings.Contains(summary, "r: "+string(test.verdict)) && strings.Contains(summary, "pictures is partial-report.html"),
				"the model card":     strings.Contains(card, "**"+string(test.verdict)+"**"),
			} {
				if !ok {
					t.Errorf("%s does not say that the run was partial", what)
				}
			}
			var suites struct {
				Tests   int `xml:"tests,attr"`
				Skipped int `xml:"skipped,attr"`
				Cases   []struct {
					Name    string `xml:"name,attr"`
					Skipped *struct {
						Message string `xml:"message,attr"`
					} `xml:"skipped"`
				} `xml:"testsuite>testcase"`
			}
			if err := xml.Unmarshal([]byte(junit), &suites); err != nil {
				t.Fatal(err)
			}
			skipped := map[string]bool{}
			for _, c := range suites.Cases {
				if c.Skipped != nil {
					skipped[c.Name] = c.Skipped.Message != ""
				}
			}
			want := map[string]bool{"every check of the release ran": true}
			for _, n := range test.notRun {
				want[n.Name] = true
				for what, text := range map[string]string{"page": page, "summary": summary, "model card": card} {
					if !strings.Contains(text, n.Name) {
						t.Errorf("the %s does not name %q", what, n.Name)
					}
				}
			}
			if diff := cmp.Diff(want, skipped); diff != "" || suites.Skipped != len(want) || suites.Tests != len(suites.Cases) {
				t.Errorf("junit: %d of %d skipped: %s", suites.Skipped, suites.Tests, diff)
			}
		})
	}
}

func TestAFullRunReplacesBoth(t *testing.T) {
	dir := t.TempDir()
	d := dossier.New("r", dossier.Options{})
	d.Check(check("a", dossier.Failed))
	d.Incomplete("interrupted")
	d.Incomplete("twice")
	if _, err := d.Write(dir); err != nil {
		t.Fatal(err)
	}
	if doc := load(t, dir, "partial-report.json"); doc.Verdict != dossier.Failed || !strings.HasSuffix(doc.Headline, "interrupted; twice.") {
		t.Errorf("%s: %s", doc.Verdict, doc.Headline)
	}
	full := dossier.New("r", dossier.Options{})
	full.Check(check("a", dossier.Passed))
	if _, err := full.Write(dir); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(fullFiles, filesIn(t, dir)); diff != "" {
		t.Error(diff)
	}
}

func TestARunThatHasNotEnded(t *testing.T) {
	dir := t.TempDir()
	earlier := dossier.New("r", dossier.Options{})
	earlier.Check(check("a", dossier.Passed))
	earlier.Check(check("b", dossier.Passed))
	if _, err := earlier.Write(dir); err != nil {
		t.Fatal(err)
	}
	begin := func(declared ...string) *dossier.Dossier {
		d := dossier.New("r", dossier.Options{})
		for _, name := range declared {
			d.Declare(name)
		}
		if err := d.Begin(dir); err != nil {
			t.Fatal(err)
		}
		return d
	}
	interrupted := func(names ...string) {
		t.Helper()
		doc := load(t, dir, "partial-report.json")
		var got []string
		for _, n := range doc.Run.NotRun {
			if n.State == dossier.Interrupted {
				got = append(got, n.Name)
			}
		}
		if diff := cmp.Diff(names, got); diff != "" || !strings.Contains(doc.Headline, "it has not ended: it was interrupted, or goes on still") {
			t.Errorf("%s: %s", doc.Headline, diff)
		}
	}
	d := begin()
	interrupted("a", "b")
	d.Check(check("a", dossier.Failed)) // killed from here on, this is not lost
	interrupted("b")
	if doc := load(t, dir, "partial-report.json"); doc.Verdict != dossier.Failed {
		t.Errorf("%s", doc.Verdict)
	}
	begin("c", "d")
	interrupted("c", "d")

	// A run that has nothing to do with the release leaves the folder as it was.
	before := read(t, dir, "partial-report.json")
	d = begin("e")
	interrupted("e")
	if err := d.Forget(); err != nil {
		t.Fatal(err)
	}
	if read(t, dir, "partial-report.json") != before {
		t.Error("the partial report of an earlier run is another one")
	}
	d = begin()
	d.Check(check("a", dossier.Passed))
	d.Check(check("b", dossier.Passed))
	if _, err := d.Write(dir); err != nil {
		t.Fatal(err)
	}
	if err := begin().Forget(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(fullFiles, filesIn(t, dir)); diff != "" {
		t.Error(diff)
	}
	if err := dossier.New("r", dossier.Options{}).Forget(); err != nil {
		t.Error(err)
	}
}

func TestDeclaredPartsAreToldApart(t *testing.T) {
	d := dossier.New("r", dossier.Options{})
	rate := d.Declare("rate")
	trousers := rate.For("Trouser")
	trousers.Check(check("x", dossier.Passed))
	rate.For("Coat").For("dark").Check(check("x", dossier.Passed))
	doc := d.Document()
	if doc.Run.Partial || doc.Checks[0].Name != "rate, Coat, dark" || doc.Checks[1].Name != "rate, Trouser" || !strings.HasPrefix(doc.Checks[1].Sentence, "Trouser: Expected x") {
		t.Errorf("%+v, %+v", doc.Run, doc.Checks)
	}
}

type tests func() int

func (f tests) Run() int { return f() }

func TestMainOfAPackage(t *testing.T) {
	for _, test := range []struct {
		name    string
		run     func(*dossier.Part) int
		filters []string
		exit    int
		files   []string
	}{
		{"passed", func(p *dossier.Part) int { p.Check(check("a", dossier.Passed)); return 0 }, nil, 0, fullFiles},
		{"failed", func(p *dossier.Part) int { p.Check(check("a", dossier.Failed)); return 1 }, nil, 1, fullFiles},
		{"failed elsewhere", func(p *dossier.Part) int { p.Check(check("a", dossier.Passed)); return 2 }, nil, 2, append(slices.Clone(partialFiles), "report.schema.json")},
		{"lost", func(*dossier.Part) int { return 0 }, nil, 1, append(slices.Clone(partialFiles), "report.schema.json")},
		{"all filtered", func(*dossier.Part) int { return 0 }, []string{"-run Other"}, 0, []string{"report.schema.json"}},
	} {
		restore := dossier.WithFlags(test.filters, false)
		dir := t.TempDir()
		d := dossier.New("r", dossier.Options{})
		p := d.Declare("a")
		exit := d.Main(tests(func() int {
			if diff := cmp.Diff(append(slices.Clone(partialFiles), "report.schema.json"), filesIn(t, dir)); diff != "" {
				t.Errorf("%s: while it runs: %s", test.name, diff)
			}
			return test.run(p)
		}), dir)
		if diff := cmp.Diff(test.files, filesIn(t, dir)); diff != "" || exit != test.exit {
			t.Errorf("%s: exit code %d, expected %d: %s", test.name, exit, test.exit, diff)
		}
		restore()
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if exit := dossier.New("r", dossier.Options{}).Main(tests(func() int { t.Error("run"); return 0 }), file); exit != 1 {
		t.Errorf("a folder that cannot be: exit code %d", exit)
	}
}

// Several processes end in the document of one.
func TestProcessesHandOver(t *testing.T) {
	want := write(t, fullDossier(fullOptions, 30))
	dir := t.TempDir()
	if err := fullDossier(fullOptions, 30).HandOver(dir, 2); err != nil {
		t.Fatal(err)
	}
	other := dossier.New("r", dossier.Options{})
	other.Declare("a").Check(check("x", dossier.Passed))
	other.Incomplete("out of time")
	if err := other.HandOver(dir, 11); err != nil {
		t.Fatal(err)
	}
	// Again, as it goes on: in place of the first.
	if err := fullDossier(fullOptions, 30).HandOver(dir, 2); err != nil {
		t.Fatal(err)
	}
	if n := len(filesIn(t, dir)); n != 2 {
		t.Errorf("%d files", n)
	}
	other2 := t.TempDir()
	if err := os.Rename(filepath.Join(dir, "process-11.handover.json"), filepath.Join(other2, "process-11.handover.json")); err != nil {
		t.Fatal(err)
	}
	d := dossier.New("lenet5-int8 "+hostile, fullOptions)
	if err := d.TakeOver(dir); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, write(t, d)); diff != "" {
		t.Errorf("another document: %s", diff)
	}
	if names := filesIn(t, dir); len(names) != 0 {
		t.Errorf("left over: %q", names)
	}
	d = dossier.New("r", dossier.Options{})
	d.Declare("a")
	if err := d.TakeOver(other2); err != nil {
		t.Fatal(err)
	}
	if doc := d.Document(); doc.Counts.Passed != 1 || doc.Counts.NotRun != 0 || !strings.Contains(doc.Headline, "out of time") {
		t.Errorf("%+v: %s", doc.Counts, doc.Headline)
	}
	if err := os.WriteFile(filepath.Join(dir, "process-3.handover.json"), []byte(`{"Checks": 7}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := d.TakeOver(dir); err == nil || !strings.Contains(err.Error(), "process-3.handover.json: Checks: expected a []gate.Check, found json.Number") {
		t.Errorf("error %v", err)
	}
	if err := d.TakeOver(filepath.Join(dir, "none")); err != nil {
		t.Error(err)
	}
}

// Shards of a search that are not all there say nothing about the seeds of the others.
func TestShardsThatAreNotInTheReport(t *testing.T) {
	shard := func(index int) *engine.Report {
		r := sampleReport(6)
		r.Shard = engine.Shard{Index: index, Total: 3}
		return r
	}
	search := func(d *dossier.Dossier, index int) {
		c := check("no deviation", dossier.Passed)
		c.Evidence.Search = shard(index)
		d.Check(c)
	}
	d := dossier.New("r", dossier.Options{})
	search(d, 1)
	doc := d.Document()
	if want := "no deviation: 2 of its 3 shards are not in this report"; doc.Verdict != dossier.Partial || !strings.Contains(doc.Headline, want) {
		t.Errorf("%s: %s; expected %q", doc.Verdict, doc.Headline, want)
	}
	d.Search(shard(0)) // of something else: without a check
	dir := t.TempDir()
	if _, err := d.Write(dir); err != nil {
		t.Fatal(err)
	}
	load(t, dir, "partial-report.json")
	for _, file := range []string{"partial-report.html", "partial-model-card.md"} {
		if text := read(t, dir, file); !strings.Contains(strings.ReplaceAll(text, `\`, ""), "It is shard 2 of 3, and says nothing about the seeds of the others.") {
			t.Errorf("%s does not tell of the shard", file)
		}
	}
	if doc := d.Document(); len(doc.Run.Reasons) != 2 || !strings.HasPrefix(doc.Run.Reasons[1], "search of pair lenet5-int8: 2 of its 3") {
		t.Errorf("%q", doc.Run.Reasons)
	}
	d = dossier.New("r", dossier.Options{})
	for i := range 3 {
		search(d, i)
	}
	if doc := d.Document(); doc.Verdict != dossier.Passed || doc.Run.Partial {
		t.Errorf("all shards: %s, %s", doc.Verdict, doc.Headline)
	}
}

// What was measured on nothing is not told as a number.
func TestMeasuredOnNothing(t *testing.T) {
	d := dossier.New("r", dossier.Options{})
	d.Check(check("a", dossier.Undecided))
	rate := sampleRate
	rate.Drawn, rate.Deviations, rate.Unstable, rate.Lower, rate.Upper, rate.Decision, rate.Stop = 0, 0, 0, 0, 1, gate.Undecided, gate.TimeSpent
	d.Rate("", rate)
	d.Flips("", gate.Flips{Upper: 1, Confidence: 0.95, McNemar: 1})
	d.Canary("", gate.Canary{Trials: []gate.CanaryTrial{{Size: 0.1, Upper: 1, Confidence: 0.95}}})
	d.Noise("", gate.Noise{})
	early := &engine.Report{Pair: "p", Status: engine.Cancelled, Strategy: "boundary", Oracle: "top-1",
		Seeds: []engine.Outcome{{Status: engine.SeedExhausted, Queries: 5}, {Index: 1, Status: engine.Interrupted}, {Index: 2, Status: engine.NotSearched}}}
	d.Search(early)
	dir := t.TempDir()
	if _, err := d.Write(dir); err != nil {
		t.Fatal(err)
	}
	load(t, dir, "report.json")
	page, card := read(t, dir, "report.html"), strings.ReplaceAll(read(t, dir, "model-card.md"), `\`, "")
	for _, want := range []string{"Nothing was drawn from <em>", "There was no labelled input", "No input was compared: nothing is known",
		"It ended early (cancelled); 2 seeds were not searched to the end."} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, want := range []string{"Nothing was drawn from ", "there was no labelled input", "is not known: it had no seed", "It ended early (cancelled); 2 seeds were not searched to the end."} {
		if !strings.Contains(card, want) {
			t.Errorf("the model card does not say %q", want)
		}
	}
	for _, bad := range []string{"at most 100 %", "0 of 0", "≤", "of 0 inputs"} {
		if strings.Contains(strings.ReplaceAll(page, "\u00a0", " ")+card, bad) {
			t.Errorf("%q is told of nothing", bad)
		}
	}
}

func TestAFolderIsForOneRelease(t *testing.T) {
	dir := t.TempDir()
	a, b := dossier.New("a", dossier.Options{}), dossier.New("b", dossier.Options{})
	a.Check(check("x", dossier.Failed))
	b.Check(check("x", dossier.Passed))
	if _, err := a.Write(dir); err != nil {
		t.Fatal(err)
	}
	want := `expected a folder of its own for release "b", found that of release "a", which this process wrote`
	if _, err := b.Write(dir + "/."); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v; expected %q", err, want)
	}
	if err := b.Begin(dir); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v; expected %q", err, want)
	}
	if doc := load(t, dir, "report.json"); doc.Release != "a" {
		t.Errorf("release %s", doc.Release)
	}
	if _, err := a.Write(dir); err != nil {
		t.Error(err)
	}
}
