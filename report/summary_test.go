package report_test

import (
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
)

func TestSummary(t *testing.T) {
	partial := sampleReport(sampleTriggers(1)...)
	partial.Status, partial.Bound = engine.TimeLimit, ""
	partial.Warnings = []string{"the compressed model has a fixed batch of 1,\nwhich is slow"}
	partial.Ledger.Unstable, partial.Ledger.Ties = 2, 7
	partial.Compressed = model.Description{Name: "a Go function"}
	sound := sampleTrigger(1)
	sound.Distance.SSIM = nil

	closedIn := sampleReport(sampleTriggers(3)...)
	for i := range closedIn.Seeds {
		if t := closedIn.Seeds[i].Trigger; t != nil {
			far := 0.5
			closedIn.Seeds[i].FirstHit = &engine.Hit{Queries: 4, Distance: distance.Distance{SSIM: &far}}
		}
	}

	var all strings.Builder
	for _, test := range []struct {
		reason string
		report *engine.Report
	}{
		{"many triggers", sampleReport(sampleTriggers(11)...)},
		{"nothing found: a statement about queries, no proof", sampleReport()},
		{"ended early, with remarks", partial},
		{"no images", sampleReport(sound)},
		{"closed in: the first hit is told apart", closedIn},
	} {
		all.WriteString("# " + test.reason + "\n" + report.Summary(test.report) + "\n")
	}
	golden(t, "summary.golden", []byte(all.String()))
}

func TestShortHistory(t *testing.T) {
	history := strings.Fields("blur blur noise shift shift shift blur contrast")
	for _, test := range []struct {
		width int
		want  string
	}{
		{80, "blur ×2 → noise → shift ×3 → blur → contrast"},
		{40, "blur ×2 → noise → … 4 more … → contrast"},
		{35, "blur ×2 → … 5 more … → contrast"},
		{20, "8 mutations"},
	} {
		got := report.ShortHistory(history, func(s string) bool { return len([]rune(s)) <= test.width })
		if got != test.want {
			t.Errorf("width %d: got %q, expected %q", test.width, got, test.want)
		}
	}
	if got := report.ShortHistory([]string{"blur", "blur"}, func(string) bool { return true }); got != "blur ×2" {
		t.Errorf("one operator: got %q", got)
	}
	if got := report.ShortHistory(nil, func(string) bool { return true }); got != "no mutation recorded" {
		t.Errorf("no history: got %q", got)
	}
}
