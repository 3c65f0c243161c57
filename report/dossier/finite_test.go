package dossier_test

import (
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/report/dossier"
)

// What is not finite is told as such in every document.
func TestDocumentsTellWhatIsNotFinite(t *testing.T) {
	d := dossier.New("r", dossier.Options{ClassNames: classNames})
	d.Check(dossier.Check{
		Name: "no deviation found", Sentence: "s", Verdict: dossier.Failed, Message: "m",
		Numbers:  []gate.Number{{Name: "not finite", Value: 1, Unit: "of 20 triggers"}},
		Evidence: gate.CheckEvidence{Search: sampleReport(30)},
	})
	rate, flips, comparison := sampleRate, sampleFlips, sampleComparison
	rate.NotFinite, rate.Unusable, flips.NotFinite, comparison.NotFinite = 5, 7, 11, 2
	comparison.Changes = append([]gate.SeedChange{{Seed: "seed-1.png", Worse: true, NotFinite: true, Trigger: "0123456789abcdef"}}, comparison.Changes...)
	d.Rate("", rate)
	d.Flips("", flips)
	d.Compare("", comparison)
	files := write(t, d)
	for file, wants := range map[string][]string{
		"report.html": {
			"→ not finite", "Compressed gives <strong class=\"compressed\">NaN for 2 of 4 scores</strong>", "any answer</th><td>not finite",
			"20</strong> of 30 seeds have a trigger, 1 of them not finite (the compressed model gives NaN or infinity)",
			"For 5 of the deviations the compressed model gives NaN or infinity. 7 more draws for which the original does are left out.",
			"For <strong>11</strong> the compressed model gives NaN or infinity, which counts as a wrong answer.",
			"On <strong>2 seeds</strong> it gives NaN or infinity, where the last release did not",
			"<td>not finite</td><td><code>01234567",
		},
		"report.json": {`"not_finite": 1`, `"kind": "not finite"`, `"not_finite": "NaN for 2 of 4 scores"`, `"compressed_label": -1`},
		"junit.xml":   {"not finite"},
		"summary.md":  {"1 of them not finite", "not finite: 1 of 20 triggers"},
		"model-card.md": {
			"For 1 of the triggers the compressed model gives NaN", "For 5 of the deviating draws", "For 11 of the labelled inputs", "For 2 of the seeds",
		},
	} {
		for _, want := range wants {
			if !strings.Contains(files[file], want) {
				t.Errorf("%s lacks %q", file, want)
			}
		}
	}
	if strings.Contains(files["report.json"], "can be written down") {
		t.Error("a trigger was left out of the document")
	}
}
