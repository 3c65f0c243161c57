package dossier_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/report/dossier"
	"github.com/triggerfinder/triggerfinder/report/dossier/dossiertest"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) {
	os.Unsetenv("GITHUB_STEP_SUMMARY")
	dossier.WithFlags(nil, false) // however these tests are run
	os.Exit(m.Run())
}

// write writes a dossier and reads its files back, by name.
func write(t *testing.T, d *dossier.Dossier) map[string]string {
	t.Helper()
	dir := t.TempDir()
	paths, err := d.Write(dir)
	if err != nil {
		t.Fatal(err)
	}
	if dossiertest.CheckFolder(t, dir) != 1 {
		t.Errorf("%q: expected one document", paths)
	}
	files := map[string]string{}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(path)] = string(data)
	}
	return files
}

func check(name string, v dossier.Verdict) dossier.Check {
	return dossier.Check{Name: name, Sentence: "Expected " + name + ".", Verdict: v, Message: "because"}
}

func TestVerdictOfTheRelease(t *testing.T) {
	for _, test := range []struct {
		checks   []dossier.Verdict
		want     dossier.Verdict
		headline string
	}{
		{nil, dossier.Undecided, "No check was recorded, so nothing is decided."},
		{[]dossier.Verdict{dossier.Passed}, dossier.Passed, "The only check passed. It found no reason against this release, which is no proof that there is none."},
		{[]dossier.Verdict{dossier.Passed, dossier.Passed}, dossier.Passed, "All 2 checks passed. They found no reason against this release, which is no proof that there is none."},
		{[]dossier.Verdict{dossier.Passed, dossier.Undecided}, dossier.Undecided, "1 of 2 checks could not decide, so the release is not decided."},
		{[]dossier.Verdict{dossier.Error, dossier.Undecided}, dossier.Error, "1 of 2 checks could not be carried out, 1 could not decide, so the release is not decided."},
		{[]dossier.Verdict{dossier.Passed, dossier.Failed, dossier.Error}, dossier.Failed, "1 of 3 checks failed, 1 could not be carried out."},
		{[]dossier.Verdict{dossier.Failed}, dossier.Failed, "The only check failed."},
		{[]dossier.Verdict{dossier.Passed, "fine"}, dossier.Error, "1 of 2 checks could not be carried out, so the release is not decided."},
	} {
		d := dossier.New("r", dossier.Options{})
		for i, v := range test.checks {
			d.Check(check(string(rune('a'+i)), v))
		}
		doc := d.Document()
		if doc.Verdict != test.want || doc.Headline != test.headline {
			t.Errorf("%v: %s, %q; expected %s, %q", test.checks, doc.Verdict, doc.Headline, test.want, test.headline)
		}
	}
}

// unmade removes what differs from machine to machine.
func unmade(text string) string {
	text = regexp.MustCompile(`(?m)^.*version.goamd64".*\n|, goamd64 v\d`).ReplaceAllString(text, "")
	return strings.NewReplacer(runtime.Version(), "GO", runtime.GOOS+"/"+runtime.GOARCH, "SYSTEM").Replace(
		regexp.MustCompile(`triggerfinder (\(devel\)|v\d\S*)`).ReplaceAllString(
			regexp.MustCompile(`(?m)^.*version.triggerfinder".*\n`).ReplaceAllString(text, ""), "triggerfinder VERSION"))
}

func TestGoldenFiles(t *testing.T) {
	files := write(t, fullDossier(fullOptions, 30))
	for _, name := range []string{dossier.JUnitFile, dossier.SummaryFile, dossier.ModelCardFile} {
		got, path := unmade(files[name]), filepath.Join("testdata", name+".golden")
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.ReplaceAll(string(want), "\r\n", "\n"), got); diff != "" {
			t.Errorf("differs from %s (- expected, + found); -update writes it anew:\n%s", path, diff)
		}
	}
}

// TestOrderDoesNotMatter records from goroutines and in other orders. Run it with -race.
func TestOrderDoesNotMatter(t *testing.T) {
	want := write(t, fullDossier(fullOptions, 30))
	backwards := make([]int, steps)
	for i := range backwards {
		backwards[i] = steps - 1 - i
	}
	if diff := cmp.Diff(want, write(t, fullDossier(fullOptions, 30, backwards...))); diff != "" {
		t.Errorf("recorded backwards:\n%s", diff)
	}
	together := func() map[string]string {
		d := dossier.New("r", fullOptions)
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				d.Check(check(string(rune('a'+i%3)), dossier.Passed))
				d.Rate("", sampleRate)
				d.Triggers("p", sampleTrigger(i))
				d.Document()
			})
		}
		all.Wait()
		return write(t, d)
	}
	if diff := cmp.Diff(together(), together()); diff != "" {
		t.Errorf("recorded concurrently:\n%s", diff)
	}
}

func TestNothingBecomesMarkup(t *testing.T) {
	files := write(t, fullDossier(fullOptions, 30))
	if !strings.Contains(files[dossier.PageFile], "&lt;script&gt;alert(1)") {
		t.Error("the hostile name is not on the page: nothing was tested")
	}
	for _, name := range []string{dossier.PageFile, dossier.SummaryFile, dossier.ModelCardFile} {
		text := strings.Replace(files[name], "<script>"+dossier.PageScript+"</script>", "", 1)
		if name != dossier.PageFile { // a fenced block is text
			text = withoutFences(text)
		}
		for _, bad := range []string{"<script", "<img src=http", "</style></script>"} {
			if strings.Contains(text, bad) {
				t.Errorf("%s has %q", name, bad)
			}
		}
	}
	for _, line := range strings.Split(withoutFences(files[dossier.SummaryFile]+files[dossier.ModelCardFile]), "\n") {
		if strings.HasPrefix(line, "<details>") {
			continue // HTML, in which Markdown has no meaning
		}
		if strings.HasPrefix(line, "# ") || strings.Contains(line, "[a](") || strings.Contains(line, "|`") {
			t.Errorf("Markdown out of a name: %q", line)
		}
	}
}

func withoutFences(markdown string) string {
	var kept []string
	fence := ""
	for line := range strings.SplitSeq(markdown, "\n") {
		switch {
		case fence == "" && strings.HasPrefix(line, "```"):
			fence = line
		case fence != "" && line == fence:
			fence = ""
		case fence == "":
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

func TestJUnit(t *testing.T) {
	files := write(t, fullDossier(fullOptions, 30))
	var suites struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
		Suite    struct {
			Tests      int `xml:"tests,attr"`
			Properties []struct {
				Name  string `xml:"name,attr"`
				Value string `xml:"value,attr"`
			} `xml:"properties>property"`
			Cases []struct {
				Name    string `xml:"name,attr"`
				Failure *struct {
					Message string `xml:"message,attr"`
					Text    string `xml:",chardata"`
				} `xml:"failure"`
				Error *struct {
					Type string `xml:"type,attr"`
				} `xml:"error"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(files[dossier.JUnitFile]), &suites); err != nil {
		t.Fatal(err)
	}
	if suites.Tests != 4 || suites.Failures != 1 || suites.Errors != 2 || len(suites.Suite.Cases) != 4 {
		t.Errorf("%d tests, %d failures, %d errors, %d cases; expected 4, 1, 2, 4", suites.Tests, suites.Failures, suites.Errors, len(suites.Suite.Cases))
	}
	for _, c := range suites.Suite.Cases {
		switch c.Name {
		case "no deviation found":
			if c.Failure == nil || c.Failure.Message != "Expected pair lenet5-int8" || !strings.Contains(c.Failure.Text, "1. from seed 1") {
				t.Errorf("%s: %+v", c.Name, c.Failure)
			}
		case "rate below 0.1 %":
			if c.Error == nil || c.Error.Type != "undecided" {
				t.Errorf("%s: %+v; expected an error: it must not look like a pass", c.Name, c.Error)
			}
		case "rate below 2 %":
			if c.Failure != nil || c.Error != nil {
				t.Errorf("%s: %+v, %+v", c.Name, c.Failure, c.Error)
			}
		}
	}
	properties := map[string]string{}
	for _, p := range suites.Suite.Properties {
		properties[p.Name] = p.Value
	}
	if properties["version.go"] != runtime.Version() || properties["pair.lenet5-int8.original.sha256"] != "9f86d081884c7d65" ||
		properties["pair.lenet5-int8.original.cpu"] != "AVX2" {
		t.Errorf("properties %v", properties)
	}
}

func TestCasesOfTheSameNameAreToldApart(t *testing.T) {
	d := dossier.New("r", dossier.Options{})
	d.Check(check("a", dossier.Passed))
	d.Check(check("a", dossier.Failed))
	if junit := write(t, d)[dossier.JUnitFile]; !strings.Contains(junit, `name="a"`) || !strings.Contains(junit, `name="a #2"`) {
		t.Errorf("junit.xml:\n%s", junit)
	}
}

func TestNumbersThatAreNotFinite(t *testing.T) {
	d := dossier.New("r", dossier.Options{})
	c := check("a", dossier.Passed)
	c.Numbers = []gate.Number{{Name: "good", Value: 1}, {Name: "bad", Value: math.NaN()}, {Name: "wide", Value: 1, Upper: ptr(math.Inf(1))}}
	d.Check(c)
	rate := sampleRate
	rate.Upper = math.NaN()
	d.Rate("b", rate)
	d.Rate("c", sampleRate)
	doc := d.Document()
	if doc.Verdict != dossier.Error || doc.Counts.Error != 3 || len(doc.Rates) != 1 {
		t.Errorf("%s with %+v and %d rates; expected an error for each bad number, and the good rate", doc.Verdict, doc.Counts, len(doc.Rates))
	}
	var messages []string
	for _, c := range doc.Checks {
		messages = append(messages, c.Message)
	}
	for _, want := range []string{"value is NaN: expected a finite number", "upper is +Inf: expected a finite number", "upper is NaN: expected a finite number"} {
		if !strings.Contains(strings.Join(messages, "\n"), want) {
			t.Errorf("messages %q; expected %q", messages, want)
		}
	}
	write(t, d)
}

func TestTriggersShown(t *testing.T) {
	count := func(options dossier.Options, seeds int) (doc dossier.Document, page string) {
		d := fullDossier(options, seeds)
		return d.Document(), write(t, d)[dossier.PageFile]
	}
	doc, _ := count(fullOptions, 60)
	if doc.TriggersFound != 40 || len(doc.Triggers) != 40 {
		t.Errorf("found %d, shown %d", doc.TriggersFound, len(doc.Triggers))
	}
	twenty := fullOptions
	twenty.Triggers = 20
	doc, page := count(twenty, 60)
	if doc.TriggersFound != 40 || len(doc.Triggers) != 20 || !strings.Contains(page, "20 more triggers not shown") || strings.Count(page, "<img") != 60 {
		t.Errorf("found %d, shown %d, %d pictures", doc.TriggersFound, len(doc.Triggers), strings.Count(page, "<img"))
	}
	// The exemplar of the larger cluster comes first, then that of the smaller one, then one of each pair of labels.
	if doc.Triggers[0].ID != sampleTrigger(4).ID || doc.Triggers[1].ID != sampleTrigger(1).ID {
		t.Errorf("first are seeds %d and %d; expected the exemplars 4 and 1", doc.Triggers[0].SeedIndex, doc.Triggers[1].SeedIndex)
	}
	if doc.Triggers[1].Cause != gate.FromSetting || !strings.Contains(page, "runtime setting") {
		t.Errorf("cause %q", doc.Triggers[1].Cause)
	}
	kinds := map[[2]int]bool{}
	for _, x := range doc.Triggers[2:8] {
		kinds[[2]int{x.Original.Label, x.Compressed.Label}] = true
	}
	if len(kinds) != 6 {
		t.Errorf("%d pairs of labels in 6 triggers", len(kinds))
	}
	few := fullOptions
	few.Triggers = 3
	if doc, _ := count(few, 60); len(doc.Triggers) != 3 || doc.TriggersFound != 40 {
		t.Errorf("shown %d of %d; expected 3", len(doc.Triggers), doc.TriggersFound)
	}
	few.Triggers = -1
	if doc, page := count(few, 60); len(doc.Triggers) != 0 || strings.Contains(page, "<img") {
		t.Errorf("shown %d; expected none", len(doc.Triggers))
	}
}

func TestWhatCannotBeShown(t *testing.T) {
	d := dossier.New("r", dossier.Options{})
	sound := sampleTrigger(1)
	sound.Seed.Shape, sound.Input.Shape = []int{784}, []int{784}
	sound.Distance.SSIM = nil
	abridged := sampleTrigger(2)
	abridged.Input.Data, abridged.Seed.Data, abridged.Original.Scores, abridged.Compressed.Scores = nil, nil, nil, nil
	d.Triggers("p", sound, nil, abridged, sampleTrigger(3), sampleTrigger(3))
	d.Search(nil)
	d.Models(nil)
	d.Search(&engine.Report{Pair: "p", Status: engine.AllSearched})
	doc := d.Document()
	if doc.TriggersFound != 3 || len(doc.Triggers) != 2 {
		t.Errorf("found %d, shown %d; expected 3 and 2", doc.TriggersFound, len(doc.Triggers))
	}
	page := write(t, d)[dossier.PageFile]
	if !strings.Contains(page, "No picture: this is neither an image") || !strings.Contains(page, "1 more trigger not shown") {
		t.Error("the page does not say what it leaves out")
	}
	if !strings.Contains(page, "That is no proof that there is none") {
		t.Error("nothing found, and the page does not say what that is worth")
	}
}

func TestStepSummary(t *testing.T) {
	path := filepath.Join(t.TempDir(), "summary")
	if err := os.WriteFile(path, []byte("before\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GITHUB_STEP_SUMMARY", path)
	files := write(t, fullDossier(fullOptions, 3))
	data, err := os.ReadFile(path)
	if err != nil || string(data) != "before\n"+files[dossier.SummaryFile]+"\n" {
		t.Errorf("%v, appended:\n%s", err, data)
	}
	t.Setenv("GITHUB_STEP_SUMMARY", t.TempDir())
	dir := t.TempDir()
	paths, err := fullDossier(fullOptions, 3).Write(dir)
	if err == nil || !strings.Contains(err.Error(), "GITHUB_STEP_SUMMARY is") || len(paths) != 6 {
		t.Errorf("%d files, error %v; expected the files, and an error that names the variable", len(paths), err)
	}
}

func TestLoad(t *testing.T) {
	for _, d := range []*dossier.Dossier{fullDossier(fullOptions, 30), dossier.New("", dossier.Options{})} {
		dir := t.TempDir()
		if _, err := d.Write(dir); err != nil {
			t.Fatal(err)
		}
		got, err := dossier.Load(filepath.Join(dir, dossier.DocumentFile))
		if err != nil {
			t.Fatal(err)
		}
		// Compared as JSON: what search options hold are other Go types when read back.
		want, err := json.Marshal(d.Document())
		if err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		var a, b any
		if err := errors.Join(json.Unmarshal(want, &a), json.Unmarshal(again, &b)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(a, b); diff != "" {
			t.Errorf("read back (- written, + read):\n%s", diff)
		}
	}
	if _, err := dossier.Load(filepath.Join(t.TempDir(), "no.json")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got error %v", err)
	}
}

func TestLoadIsStrict(t *testing.T) {
	good := write(t, fullDossier(fullOptions, 6))[dossier.DocumentFile]
	for _, test := range []struct{ old, new, want string }{
		{`"format": "triggerfinder-release"`, `"format": "other"`, `format: expected "triggerfinder-release", found "other"`},
		{`"version": 2,`, `"version": 3,`, "version 3: expected at most 2: written by a newer version of triggerfinder"},
		{`"version": 2,`, `"version": 0,`, "version 0: expected 1 to 2"},
		{`"version": 2,`, ``, "version: expected 1 to 2, found none"},
		{`"partial": false`, `"partial": false, "reasons": ["-short"]`, "run.partial: expected true, as 1 checks and reasons are listed, found false"},
		{`"partial": false`, `"partial": true, "not_run": [{"name": "a", "state": "lazy"}]`, `run.not_run[0]: expected a name, and one of the states`},
		{`"partial": false`, `"partial": true, "not_run": [{"name": "a", "state": "skipped"}]`, `counts: expected`},
		{`"release":`, `"relase":`, `unknown field "relase"`},
		{`"verdict": "failed"`, `"verdict": "passed"`, `verdict: expected "failed", which follows from the checks, found "passed"`},
		{`"verdict": "undecided"`, `"verdict": "green"`, `verdict: expected passed, failed, error or undecided, found "green"`},
		{`"failed": 1`, `"failed": 0`, "counts: expected"},
		{`"triggers_found": 4`, `"triggers_found": 1`, "triggers_found: expected at least the 4 that are shown, found 1"},
		{`"deviations": 12`, `"deviations": 1200000`, "rates[0]: expected 0 <= deviations <= drawn"},
		{`"upper": 0.0129,` + "\n      " + `"bound"`, `"upper": 1.5,"bound"`, "rates[0].upper: expected 0 to 1, found 1.5"},
		{`"found": 11`, `"found": 111`, "canaries[0].trials[0]: expected 0 <= found <= seeds"},
		{"\n}\n", "\n} {}\n", "expected a JSON object"},
	} {
		if !strings.Contains(good, test.old) {
			t.Errorf("%q is not in the document", test.old)
			continue
		}
		_, err := dossier.Decode([]byte(strings.Replace(good, test.old, test.new, 1)))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q for %q: got error %v; expected %q", test.new, test.old, err, test.want)
		}
	}
	if _, err := dossier.Decode([]byte(strings.Replace(good, `"version": 2,`, `"version": 3,`, 1))); !errors.Is(err, report.ErrNewerVersion) {
		t.Errorf("got error %v; expected ErrNewerVersion", err)
	}
}

// FuzzLoad reads anything: an error or a document that can be written again and is read as the same.
func FuzzLoad(f *testing.F) {
	for _, d := range []*dossier.Dossier{fullDossier(fullOptions, 4), dossier.New("", dossier.Options{})} {
		data, err := report.EncodeJSON(d.Document())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"format":"triggerfinder-release","version":1}`))
	f.Add([]byte(`{"format":"triggerfinder-release","version":1,"verdict":"undecided","searches":[{"usable":1,"seeds":1,"found":1,` +
		`"per_seed":[{"queries":9223372036854775807,"first_hit":{"queries":9223372036854775807},"trigger":{"l2":1e308}}]}]}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := dossier.Decode(data)
		if err != nil {
			return
		}
		first, err := report.EncodeJSON(doc)
		if err != nil {
			t.Fatal(err)
		}
		again, err := dossier.Decode(first)
		if err != nil {
			t.Fatalf("%v\n%s", err, first)
		}
		second, err := report.EncodeJSON(again)
		if err != nil || !bytes.Equal(first, second) {
			t.Errorf("%v: written again:\n%s\n%s", err, first, second)
		}
		if _, err := dossier.RenderPage(doc); err != nil {
			t.Error(err)
		}
	})
}

func ExampleDossier() {
	d := dossier.New("lenet5-int8 2.1", dossier.Options{})
	d.Check(dossier.Check{
		Name: "saved triggers replay cleanly", Sentence: "Expected lenet5-int8 to replay cleanly.", Verdict: dossier.Passed,
	})
	dir, err := os.MkdirTemp("", "dossier")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	files, err := d.Write(dir)
	if err != nil {
		panic(err)
	}
	for _, file := range files {
		os.Stdout.WriteString(filepath.Base(file) + "\n")
	}
	doc, err := dossier.Load(filepath.Join(dir, dossier.DocumentFile))
	if err != nil {
		panic(err)
	}
	io.WriteString(os.Stdout, string(doc.Verdict)+": "+doc.Headline+"\n")
	// Output:
	// report.html
	// report.schema.json
	// junit.xml
	// summary.md
	// model-card.md
	// report.json
	// passed: The only check passed. It found no reason against this release, which is no proof that there is none.
}

// Clusters come of themselves, a pair at a time: the same input may be a trigger of two pairs.
func TestTriggersAreClusteredByPair(t *testing.T) {
	d := dossier.New("r", dossier.Options{Triggers: 3})
	other := *sampleTrigger(1)
	other.OriginalLabel, other.CompressedLabel = other.CompressedLabel, other.OriginalLabel
	other.Original.Scores, other.Compressed.Scores = other.Compressed.Scores, other.Original.Scores
	d.Triggers("b", &other)
	d.Triggers("a", sampleTrigger(1), sampleTrigger(1+16), sampleTrigger(2))
	doc := d.Document()
	var got []string
	for _, c := range doc.Clusters {
		got = append(got, fmt.Sprintf("%s %d-%d %s %d", c.Pair, c.OriginalLabel, c.CompressedLabel, c.Family, c.Count))
	}
	want := []string{"a 1-2 mutations 2", "b 2-1 mutations 1", "a 2-3 mutations 1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("clusters (- expected, + found):\n%s", diff)
	}
	if doc.TriggersFound != 4 || len(doc.Triggers) != 3 {
		t.Fatalf("%d triggers, %d shown; expected 4, and one of each cluster", doc.TriggersFound, len(doc.Triggers))
	}
	for i, pair := range []string{"a", "b", "a"} {
		if shown := doc.Triggers[i]; shown.Pair != pair || shown.ID != doc.Clusters[i].Exemplar {
			t.Errorf("trigger %d is %s of %s; expected the exemplar of a cluster of %s", i, shown.ID, shown.Pair, pair)
		}
	}
	page := write(t, d)[dossier.PageFile]
	if !strings.Contains(page, `<th scope="col">pair</th><th scope="col">original says</th>`) {
		t.Error("the page does not say of which pair a cluster is")
	}

	d.Clusters(dossier.Cluster{Family: "mine", Count: 1, Exemplar: other.ID})
	if own := d.Document().Clusters; len(own) != 1 || own[0].Family != "mine" {
		t.Errorf("clusters %+v; expected those that the caller gives", own)
	}
}

func TestWhereFilesLieIsNotTold(t *testing.T) {
	file, err := filepath.Abs(filepath.Join("somebody", "evidence.json"))
	if err != nil {
		t.Fatal(err)
	}
	d := dossier.New("r", dossier.Options{})
	d.Compare("", gate.Comparison{Evidence: file})
	d.Compare("", gate.Comparison{Evidence: "testdata/evidence.json"})
	var got []string
	for _, c := range d.Document().Comparisons {
		got = append(got, c.Evidence)
	}
	if diff := cmp.Diff([]string{"evidence.json", "testdata/evidence.json"}, got); diff != "" {
		t.Errorf("evidence (- expected, + found):\n%s", diff)
	}
}
