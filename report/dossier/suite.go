package dossier

import (
	"flag"
	"fmt"
	"os"
	"slices"

	"github.com/triggerfinder/triggerfinder/report"
)

// Begin writes into the folder dir, beside a full report that may lie there, that a run has begun and not ended, and does so
// again with every check: what a reader finds when the run is killed, panics or runs into a time limit.
// [Dossier.Write] takes its place.
func (d *Dossier) Begin(dir string) error {
	if err := d.claim(dir); err != nil {
		return err
	}
	before, err := partialIn(dir)
	if err != nil {
		return err
	}
	d.mu.Lock()
	d.begun, d.before = dir, before
	d.mu.Unlock()
	if err := d.writeUnended(); err != nil {
		return err
	}
	return removeHandedOver(dir)
}

// writeUnended writes what was recorded so far as that of a run that has not ended, if it began.
func (d *Dossier) writeUnended() error {
	d.writing.Lock()
	defer d.writing.Unlock()
	d.mu.Lock()
	dir := d.begun
	d.mu.Unlock()
	if dir == "" {
		return nil
	}
	doc, triggers := d.assemble(earlierChecks(dir), newSearch)
	_, err := write(dir, doc, triggers)
	return err
}

// Forget leaves the folder of [Dossier.Begin] as it was: the run had nothing to do with the release.
func (d *Dossier) Forget() error {
	d.mu.Lock()
	dir, before := d.begun, d.before
	d.begun, d.before = "", nil
	d.mu.Unlock()
	if dir == "" {
		return nil
	}
	if len(before) == 0 {
		return removePartial(dir)
	}
	if _, err := report.WriteFiles(dir, before...); err != nil {
		return fmt.Errorf("dossier: %w", err)
	}
	return nil
}

// Main runs the tests of a package that fill the dossier, and writes it into the folder dir:
//
//	func TestMain(m *testing.M) { os.Exit(release.Main(m, "release-report")) }
//
// Until the tests are over, the folder says that the run has not ended. A run in which the flags left out all checks leaves
// nothing behind. Main returns the exit code of the tests; where they passed, but a declared check recorded nothing though no
// flag left it out, or the dossier could not be written, it returns 1 and says so on the standard error. Suites of Ginkgo take
// specs.Writing, of package matchers/specs, instead.
func (d *Dossier) Main(m interface{ Run() int }, dir string) int {
	if !flag.Parsed() {
		flag.Parse() // as m.Run would
	}
	if list := flag.Lookup("test.list"); list != nil && list.Value.String() != "" {
		return m.Run()
	}
	if err := d.Begin(dir); err != nil {
		fmt.Fprintln(os.Stderr, "triggerfinder:", err)
		return 1
	}
	code := m.Run()
	filters, _ := flagsGiven()
	if checks := d.Checks(); len(checks) == 0 && len(filters) > 0 && code == 0 {
		if err := d.Forget(); err != nil {
			fmt.Fprintln(os.Stderr, "triggerfinder:", err)
			return 1
		}
		return code
	} else if code != 0 && !slices.ContainsFunc(checks, func(c Check) bool { return c.Verdict != Passed }) {
		d.Incomplete("a test failed, though no check that was recorded did")
	}
	files, err := d.Write(dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, "triggerfinder:", err)
		return max(code, 1)
	}
	doc, _ := d.assemble(earlierChecks(dir), newSearch)
	fmt.Fprintf(os.Stderr, "triggerfinder: release %s: %s: %s Written: %s\n", doc.Release, doc.Verdict, doc.Headline, files[0])
	if code == 0 && len(d.declared) > 0 && doc.Run.Lost() {
		return 1
	}
	return code
}

// Lost reports whether a check that belongs to the release recorded nothing, though nothing is known that left it out.
func (r Run) Lost() bool {
	return slices.ContainsFunc(r.NotRun, func(n NotRun) bool { return n.State == NotRecorded })
}
