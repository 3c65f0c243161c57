package integration

import (
	"encoding/xml"
	"os"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/triggerfinder/triggerfinder/report/dossier"
)

// release reads the documents that a run left behind: that of the last full run and that of a partial one; nil for none.
func (f *fixture) release() (full, partial *dossier.Document) {
	f.t.Helper()
	load := func(name string) *dossier.Document {
		doc, err := dossier.Load(f.path("release-report", name))
		if os.IsNotExist(err) || err != nil && strings.Contains(err.Error(), "found none") {
			return nil
		}
		if err != nil {
			f.t.Fatal(err)
		}
		return &doc
	}
	return load("report.json"), load("partial-report.json")
}

// skippedInJUnit are the cases that the JUnit report of a partial run skips.
func (f *fixture) skippedInJUnit() []string {
	f.t.Helper()
	var suites struct {
		Cases []struct {
			Name    string    `xml:"name,attr"`
			Skipped *struct{} `xml:"skipped"`
		} `xml:"testsuite>testcase"`
	}
	if err := xml.Unmarshal(f.read("release-report/partial-junit.xml"), &suites); err != nil {
		f.t.Fatal(err)
	}
	var names []string
	for _, c := range suites.Cases {
		if c.Skipped != nil {
			names = append(names, c.Name)
		}
	}
	return names
}

// step is a run of a fixture, after the one before.
type step struct {
	name    string
	command []string
	exit    int
	full    dossier.Verdict // of the full report afterwards; "" for none
	partial dossier.Verdict // of the partial one
	notRun  []dossier.NotRun
	reason  string // among the partial run's
	passed  int    // checks of the report that this run wrote
}

func (f *fixture) take(steps []step) {
	for _, s := range steps {
		ok := f.t.Run(s.name, func(t *testing.T) {
			g := NewWithT(t)
			r := f.run(s.command...)
			g.Expect(r.exit).To(Equal(s.exit), r.output)
			full, partial := f.release()
			written := full
			if s.full == "" {
				g.Expect(full).To(BeNil())
			} else {
				g.Expect(full).NotTo(BeNil(), r.output)
				g.Expect(full.Verdict).To(Equal(s.full), full.Headline)
				g.Expect(full.Run.Partial).To(BeFalse())
			}
			if s.partial == "" {
				g.Expect(partial).To(BeNil())
			} else {
				g.Expect(partial).NotTo(BeNil(), r.output)
				written = partial
				g.Expect(partial.Verdict).To(Equal(s.partial), partial.Headline)
				g.Expect(partial.Run.Partial).To(BeTrue())
				g.Expect(partial.Run.NotRun).To(Equal(s.notRun), partial.Headline)
				if s.reason != "" {
					g.Expect(partial.Run.Reasons).To(ContainElement(ContainSubstring(s.reason)))
				}
				skipped := []string{"every check of the release ran"}
				for _, n := range s.notRun {
					skipped = append(skipped, n.Name)
				}
				g.Expect(f.skippedInJUnit()).To(ConsistOf(skipped))
				g.Expect(string(f.read("release-report/partial-summary.md"))).To(ContainSubstring("shades 1.0: " + string(s.partial)))
				g.Expect(string(f.read("release-report/partial-report.html"))).To(ContainSubstring("What was not run"))
			}
			g.Expect(written.Counts.Passed).To(Equal(s.passed), written.Headline)
		})
		if !ok {
			return // the following ones build upon it
		}
	}
}

func TestPartialRunsOfPlainTestsAreTold(t *testing.T) {
	t.Parallel()
	f := copyFixture(t, "declared")
	const near, far, unended = "no deviation near a seed", "no deviation far from a seed", "it has not ended: it was interrupted, or goes on still"
	one := func(name string, state dossier.NotRunState) []dossier.NotRun {
		return []dossier.NotRun{{Name: name, State: state}}
	}
	test := f.compiled()
	f.take([]step{
		{name: "filtered before any full run", command: []string{"go", "test", "-run", "TestNear", "."}, partial: dossier.Partial, notRun: one(far, dossier.Filtered), reason: "-run TestNear", passed: 1},
		{name: "full and failed", command: test("FAR=fails"), exit: 1, full: dossier.Failed, passed: 1},
		{name: "-run", command: test("-test.run", "TestNear"), full: dossier.Failed, partial: dossier.Partial, notRun: one(far, dossier.Filtered), reason: "-run TestNear", passed: 1},
		{name: "-skip", command: test("-test.skip", "TestNear"), full: dossier.Failed, partial: dossier.Partial, notRun: one(near, dossier.Filtered), reason: "-skip TestNear", passed: 1},
		{name: "nothing of the release leaves all as it was", command: test("-test.run", "Else"), full: dossier.Failed, partial: dossier.Partial, notRun: one(near, dossier.Filtered), reason: "-skip TestNear", passed: 1},
		{name: "-list", command: test("-test.list", "."), full: dossier.Failed, partial: dossier.Partial, notRun: one(near, dossier.Filtered), reason: "-skip TestNear", passed: 1},
		{name: "-short", command: test("-test.short"), full: dossier.Failed, partial: dossier.Partial, notRun: one(far, dossier.Skipped), reason: "-short", passed: 1},
		{name: "skipped by itself", command: test("FAR=skips"), exit: 1, full: dossier.Failed, partial: dossier.Partial, notRun: one(far, dossier.NotRecorded), passed: 1, reason: ""},
		{name: "failed before its check", command: test("FAR=fails before"), exit: 1, full: dossier.Failed, partial: dossier.Partial, notRun: one(far, dossier.NotRecorded), reason: "a test failed, though no check that was recorded did", passed: 1},
		{name: "panic", command: test("FAR=panics"), exit: 2, full: dossier.Failed, partial: dossier.Partial, notRun: one(far, dossier.Interrupted), reason: unended, passed: 1},
		{name: "out of time", command: test("FAR=hangs", "-test.timeout", "3s"), exit: 2, full: dossier.Failed, partial: dossier.Partial, notRun: one(far, dossier.Interrupted), reason: unended, passed: 1},
		{name: "-run that leaves out nothing", command: []string{"go", "test", "-run", "Test(Near|Far)", "."}, full: dossier.Passed, passed: 2},
		{name: "full and passed", command: []string{"go", "test", "-count=1", "."}, full: dossier.Passed, passed: 2},
	})
}

func TestPartialRunsOfSpecsAreTold(t *testing.T) {
	t.Parallel()
	f := copyFixture(t, "release")
	const far, near, within = "shades agree far from a seed", "shades agree near a seed", "shades agree within a bound"
	parts := []string{"shades agree by part one", "shades agree by part three", "shades agree by part two"}
	all := func(state dossier.NotRunState, names ...string) (notRun []dossier.NotRun) {
		for _, name := range names {
			notRun = append(notRun, dossier.NotRun{Name: name, State: state})
		}
		return notRun
	}
	because := func(reason string) []dossier.NotRun {
		return []dossier.NotRun{{Name: far, State: dossier.Skipped, Reason: reason}}
	}
	suite := "."
	ginkgo := func(args ...string) []string {
		var env []string
		for len(args) > 0 && strings.HasPrefix(args[0], "FAR=") {
			env, args = append(env, args[0]), args[1:]
		}
		return append(append(append(env, "go", "tool", "ginkgo", "--no-color"), args...), suite)
	}
	test := f.compiled()
	suite = "./release.test" // which Ginkgo runs as it is
	f.take([]step{
		{name: "full and failed", command: ginkgo("FAR=fails"), exit: 1, full: dossier.Failed, passed: 5},
		{name: "--focus", command: ginkgo("--focus", "near"), full: dossier.Failed, partial: dossier.Partial, notRun: all(dossier.Filtered, append(parts[:3:3], far, within)...), reason: "--focus near", passed: 1},
		{name: "--skip", command: ginkgo("--skip", "by part"), full: dossier.Failed, partial: dossier.Partial, notRun: all(dossier.Filtered, parts...), reason: "--skip by part", passed: 3},
		{name: "--label-filter", command: ginkgo("--label-filter", "!far"), full: dossier.Failed, partial: dossier.Partial, notRun: all(dossier.Filtered, far), reason: "--label-filter !far", passed: 5},
		{name: "--focus of something else leaves all as it was", command: ginkgo("--focus", "something else"), full: dossier.Failed, partial: dossier.Partial, notRun: all(dossier.Filtered, far), reason: "--label-filter !far", passed: 5},
		{name: "a dry run too", command: ginkgo("--dry-run"), full: dossier.Failed, partial: dossier.Partial, notRun: all(dossier.Filtered, far), reason: "--label-filter !far", passed: 5},
		{name: "Skip", command: ginkgo("FAR=skips"), full: dossier.Failed, partial: dossier.Partial, notRun: because("no data on this machine"), passed: 5, reason: ""},
		{name: "-short", command: test("-test.short"), full: dossier.Failed, partial: dossier.Partial, notRun: because("too long"), reason: "-short", passed: 5},
		{name: "a test binary with a filter of Ginkgo", command: test("--ginkgo.focus=near"), full: dossier.Failed, partial: dossier.Partial, notRun: all(dossier.Filtered, append(parts[:3:3], far, within)...), reason: "--focus near", passed: 1},
		{name: "out of time", command: ginkgo("FAR=hangs", "--timeout=4s", "--grace-period=1s"), exit: 1, full: dossier.Failed, partial: dossier.Error, notRun: all(dossier.Interrupted, parts...), reason: "Suite Timeout Elapsed", passed: 2},
		{name: "the process ends", command: ginkgo("FAR=dies"), exit: 1, full: dossier.Failed, partial: dossier.Partial,
			notRun: all(dossier.Interrupted, "no deviation found (top-1), far", "no deviation found (top-1), one", "no deviation found (top-1), three", "no deviation found (top-1), two"),
			reason: "it has not ended: it was interrupted, or goes on still", passed: 2},
		{name: "failed before its check", command: ginkgo("FAR=fails before"), exit: 1, full: dossier.Error, passed: 5},
		{name: "panic", command: ginkgo("FAR=panics"), exit: 1, full: dossier.Error, passed: 5},
		{name: "filtered, in parallel processes", command: ginkgo("-p", "--procs=3", "--focus", "by part"), full: dossier.Error, partial: dossier.Partial, notRun: all(dossier.Filtered, far, near, within), reason: "--focus by part", passed: 3},
		{name: "failed in parallel processes", command: ginkgo("FAR=fails", "-p", "--procs=3"), exit: 1, full: dossier.Failed, passed: 5},
		{name: "passed in parallel processes", command: ginkgo("-p", "--procs=3"), full: dossier.Passed, passed: 6},
	})

	// Several processes end in the document of one, and leave nothing else behind.
	g := NewWithT(t)
	together, _ := f.release()
	entries, err := os.ReadDir(f.path("release-report"))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(entries).To(HaveLen(6))
	suite = "."
	f.take([]step{{name: "passed in one process", command: ginkgo(), full: dossier.Passed, passed: 6}})
	alone, _ := f.release()
	g.Expect(together.Checks).To(Equal(alone.Checks))
	g.Expect(together.Searches).To(HaveLen(len(alone.Searches)))
	for i := range alone.Searches {
		g.Expect(together.Searches[i].PerSeed).To(Equal(alone.Searches[i].PerSeed))
	}
}
