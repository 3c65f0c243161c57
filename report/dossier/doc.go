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
// One failed check fails the release; only checks that all were carried out and all passed make it pass: see [Dossier].
// [Dossier.Write] lists the files: a page for people, JSON with its schema for programs, JUnit and Markdown for CI.
package dossier
