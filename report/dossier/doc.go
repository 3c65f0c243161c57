// Package dossier writes the document of a release decision: the results of the checks of a compressed model, with
// their numbers.
//
// Matchers add their results to a [Dossier] while a suite runs (RecordedIn). You can also add results by hand, from several goroutines.
// The dossier is written at the end:
//
//	d := dossier.New("lenet5-int8 2.1", dossier.Options{ClassNames: names})
//	Expect(pair).NotTo(HaveDeviationFrom(seeds).RecordedIn(d))
//	Expect(pair).To(ReplayCleanly("testdata/triggers").RecordedIn(d))
//	files, err := d.Write("release")
//
// Suites of Ginkgo write by specs.Writing of package matchers/specs, packages of plain tests by [Dossier.Declare] and
// [Dossier.Main].
//
// One failed check fails the release. It passes only if every check was carried out and passed: see [Dossier].
// [Dossier.Write] lists the files: a page for people, JSON with its schema for programs, JUnit and Markdown for CI.
package dossier
