package beam

import (
	"fmt"
	"strings"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/report/dossier"
)

// writePage writes the page of a search: that of a release, with this one check.
func writePage(file string, r *engine.Report, failure error) error {
	names := report.ContextOf(r).ClassNames
	check := gate.Check{
		Name: "no deviation found (" + r.Oracle + ")", Pair: r.Pair, Verdict: gate.CheckPassed,
		Sentence: fmt.Sprintf("Expected %s not to have a deviation from %s, judged by %s.", r.Pair, report.Plural(len(r.Seeds), "seed"), r.Oracle),
		Evidence: gate.CheckEvidence{Search: r, ClassNames: names},
	}
	switch {
	case failure != nil:
		check.Verdict, check.Message = gate.CheckError, failure.Error()
	case len(r.Triggers()) > 0:
		headline, _, _ := strings.Cut(report.Summary(r), "\n")
		check.Verdict, check.Message = gate.CheckFailed, headline
	}
	d := dossier.New(r.Pair, dossier.Options{ClassNames: names})
	d.Check(check)
	return d.WritePage(file)
}
