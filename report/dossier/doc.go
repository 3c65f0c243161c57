// Package dossier is the document of a release decision: what the checks of a compressed model said, and
// what they rest on.
//
// A [Dossier] is filled while the checks of a suite run, by the matchers themselves
// (RecordedIn) or by hand, also from several goroutines, and is written at the end:
//
//	d := dossier.New("lenet5-int8 2.1", dossier.Options{ClassNames: names})
//	Expect(pair).NotTo(HaveDeviationFrom(seeds).RecordedIn(d))
//	Expect(pair).To(ReplayCleanly("testdata/triggers").RecordedIn(d))
//	files, err := d.Write("release")
//
// Suites of Ginkgo write by specs.Writing of package matchers/specs, packages of plain tests by [Dossier.Declare] and
// [Dossier.Main].
//
// # Files
//
//	report.html          for people: one file without scripts, which asks the network for nothing
//	report.json          for programs: a [Document]; [Load] reads it back
//	report.schema.json   the JSON schema (draft 2020-12) of report.json
//	junit.xml            for a CI system: a test case a check
//	summary.md           for the page of a CI run; also appended to the file that the variable
//	                     GITHUB_STEP_SUMMARY names
//	model-card.md        a section for the model card of the release
//
// # What a verdict says
//
// One failed check fails the release. Without one, an error or an undecided check leaves it undecided:
// only checks that all were carried out and all passed make it pass, and at least one there must be. A run that left out
// checks does not pass but is [Partial], and its files lie beside those of the last full run under other
// names; see [Dossier.Write].
// A pass says that these checks found no reason against the release; it is no proof that there is none.
//
// # What can be relied on
//
// Equal checks give equal files, whatever the order in which they were recorded, apart from the times
// that search reports carry. Names of classes, files and seeds may hold anything: in none of the files do they become markup.
// A number that is not finite makes its section an error of its own in the document, never a wrong
// number. Pictures are of a bounded number and size; what is left out is counted.
package dossier
