package specs

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"

	"github.com/triggerfinder/triggerfinder/report/dossier"
)

// Writing writes a dossier into the folder dir when the suite is over, also with parallel processes (ginkgo -p): what all of
// them recorded becomes one document.
//
//	var (
//		release = dossier.New("lenet5-int8 2.1", dossier.Options{})
//		_       = specs.Writing(release, "release-report", "release")
//	)
//
// The checks of the release are the specs that have one of the labels, or all specs of the suite without any. Those that were
// filtered, focused away, skipped, pending or never came to their turn are listed, and make the release partial: such a
// run does not replace the report of a full one (see [dossier.Dossier.Write]). One that failed although no check that it recorded
// did, such as in a BeforeEach, is a check that could not be carried out. While the suite runs, the folder says that it has not
// ended. A dry run, and one that left out all checks, leave the folder as it is.
//
// It is called once for a dossier, outside of containers.
func Writing(d *dossier.Dossier, dir string, labels ...string) bool {
	w := &writing{dossier: d, dir: dir, labels: labels}
	// Ginkgo runs the first and the last of these in process 1 alone, before and after all others.
	return ginkgo.ReportBeforeSuite(w.begin) && ginkgo.ReportAfterEach(w.after) && ginkgo.ReportAfterSuite("release report", w.end)
}

type writing struct {
	dossier *dossier.Dossier
	dir     string
	labels  []string
	seen    int // checks until the latest spec
}

// concerns reports whether a spec is a check of the release.
func (w *writing) concerns(spec ginkgo.SpecReport) bool {
	if spec.LeafNodeType != types.NodeTypeIt {
		return false
	}
	labels := spec.Labels()
	return len(w.labels) == 0 || slices.ContainsFunc(w.labels, func(l string) bool { return slices.Contains(labels, l) })
}

func (w *writing) begin(suite ginkgo.Report) {
	if suite.SuiteConfig.DryRun || suite.PreRunStats.SpecsThatWillRun == 0 {
		return
	}
	if err := w.dossier.Begin(w.dir); err != nil {
		ginkgo.Fail("Writing: " + err.Error())
	}
}

// after looks at a spec in the process that ran it.
func (w *writing) after(spec ginkgo.SpecReport) {
	checks := w.dossier.Checks()
	own := checks[min(w.seen, len(checks)):]
	if w.concerns(spec) && spec.Failed() && !slices.ContainsFunc(own, func(c dossier.Check) bool { return c.Verdict != dossier.Passed }) {
		w.dossier.Check(dossier.Check{
			Name: nameOf(spec), Sentence: "The spec passes.", Verdict: dossier.Error,
			Message: fmt.Sprintf("the spec %s, though no check that it recorded did: %s", spec.State, spec.Failure.Message),
		})
		own = w.dossier.Checks()[w.seen:]
	}
	w.seen += len(own)
	config, _ := ginkgo.GinkgoConfiguration()
	if len(own) == 0 || config.ParallelTotal < 2 || config.ParallelProcess == 1 {
		return
	}
	if err := w.dossier.HandOver(w.dir, config.ParallelProcess); err != nil {
		ginkgo.Fail("Writing: " + err.Error())
	}
}

func (w *writing) end(suite ginkgo.Report) {
	if suite.SuiteConfig.DryRun {
		return
	}
	if err := w.dossier.TakeOver(w.dir); err != nil {
		ginkgo.Fail("Writing: " + err.Error())
	}
	run, none := w.ranIn(suite)
	if none && len(w.dossier.Checks()) == 0 {
		if err := w.dossier.Forget(); err != nil {
			ginkgo.Fail("Writing: " + err.Error())
		}
		return
	}
	w.dossier.Ran(run)
	files, err := w.dossier.Write(w.dir)
	if err != nil {
		ginkgo.Fail("Writing: " + err.Error())
	}
	doc := w.dossier.Document()
	ginkgo.AddReportEntry("triggerfinder release", fmt.Sprintf("%s: %s: %s Written: %s", doc.Release, doc.Verdict, doc.Headline, files[0]), ginkgo.ReportEntryVisibilityAlways)
	if doc.Run.Lost() {
		ginkgo.Fail("Writing: release " + doc.Release + ": " + doc.Headline)
	}
}

// ranIn is which of the release's specs were left out, and whether all were, by filters.
func (w *writing) ranIn(suite ginkgo.Report) (run dossier.Run, none bool) {
	run = dossier.Run{Reasons: slices.Clone(suite.SpecialSuiteFailureReasons)}
	filters := filtersOf(suite)
	specs, concerned, filtered := 0, 0, 0
	for _, spec := range suite.SpecReports {
		if spec.LeafNodeType != types.NodeTypeIt {
			if spec.Failed() && spec.LeafNodeType != types.NodeTypeReportAfterSuite {
				run.Reasons = append(run.Reasons, fmt.Sprintf("[%s] %s: %s", spec.LeafNodeType, spec.State, spec.Failure.Message))
			}
			continue
		}
		specs++
		if !w.concerns(spec) {
			continue
		}
		concerned++
		n := dossier.NotRun{Name: nameOf(spec), Reason: spec.Failure.Message}
		switch {
		case spec.State.Is(types.SpecStatePending):
			n.State = dossier.Pending
		case spec.State.Is(types.SpecStateSkipped) && n.Reason != "":
			n.State = dossier.Skipped
		case spec.State.Is(types.SpecStateSkipped) && len(filters) > 0 && len(suite.SpecialSuiteFailureReasons) == 0:
			n.State = dossier.Filtered
			filtered++
		case spec.State.Is(types.SpecStateSkipped) && suite.SuiteConfig.FailFast && !suite.SuiteSucceeded:
			n.State, n.Reason = dossier.Skipped, "--fail-fast, after another spec failed"
		case spec.State.Is(types.SpecStateSkipped | types.SpecStateInvalid):
			n.State = dossier.Interrupted
		default: // it ran, and what it recorded says the rest
			continue
		}
		run.NotRun = append(run.NotRun, n)
	}
	if filtered > 0 {
		run.Reasons = append(run.Reasons, filters...)
	}
	if missing := suite.PreRunStats.TotalSpecs - specs; missing > 0 {
		run.Reasons = append(run.Reasons, fmt.Sprintf("%d of %d specs of the suite have no result", missing, suite.PreRunStats.TotalSpecs))
	}
	if concerned == 0 {
		run.Reasons = append(run.Reasons, fmt.Sprintf("no spec has the label %s", strings.Join(w.labels, " or ")))
	}
	run.Partial = len(run.Reasons)+len(run.NotRun) > 0
	return run, filtered == concerned && filtered > 0
}

// filtersOf are the options that leave out specs, as they were given.
func filtersOf(suite ginkgo.Report) []string {
	var filters []string
	c := suite.SuiteConfig
	for _, f := range []struct {
		name   string
		values []string
	}{
		{"focus", c.FocusStrings}, {"skip", c.SkipStrings}, {"focus-file", c.FocusFiles}, {"skip-file", c.SkipFiles},
		{"label-filter", []string{c.LabelFilter}}, {"sem-ver-filter", []string{c.SemVerFilter}},
	} {
		if text := strings.Join(f.values, ","); text != "" {
			filters = append(filters, "--"+f.name+" "+text)
		}
	}
	if suite.SuiteHasProgrammaticFocus {
		filters = append(filters, "focused specs (FIt, FDescribe and the like)")
	}
	return filters
}

func nameOf(spec ginkgo.SpecReport) string { return spec.FullText() }
