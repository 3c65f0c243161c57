package report_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/report"
)

func TestStats(t *testing.T) {
	triggers := sampleTriggers(11) // with 0, 3, … 30 queries
	for i, s := range []float64{0.9, 0.8, 0.7} {
		triggers[i].Distance.SSIM = &s
	}
	for i, trigger := range triggers {
		trigger.Distance.L2, trigger.Distance.LInf = float64(100*i), float64(i)
		if i > 2 {
			trigger.Distance.SSIM = nil
		}
	}
	r := sampleReport(triggers...)
	r.Ledger.Unstable = 2
	want := report.Stats{
		Seeds: 13, Usable: 12, Found: 11, SuccessRate: 11.0 / 12, DeviatingSeeds: 1, Unstable: 2,
		TotalQueries: 500 + 3*55,
		Queries:      &report.QueryStats{Median: 15, Mean: 15, P90: 27, Max: 30},
		FirstHit: &report.FirstHitStats{
			Queries: &report.QueryStats{Median: 15, Mean: 15, P90: 27, Max: 30},
			SSIM:    &report.SSIMStats{Median: 0.8, P10: 0.72},
		},
		SSIM:        &report.SSIMStats{Median: 0.8, P10: 0.72},
		L2:          &report.MedianStats{Median: 500},
		LInf:        &report.MedianStats{Median: 5},
		WallSeconds: 2, ModelSeconds: 1.875, Overhead: 0.0625, QueriesPerSecond: 250,
	}
	if diff := cmp.Diff(want, report.StatsOf(r), cmpopts.EquateApprox(0, 1e-12)); diff != "" {
		t.Errorf("(- expected, + found):\n%s", diff)
	}
}

// The similarity of a kind of one's own is summed up under its name, unless several are mixed.
func TestStatsOfAnotherKind(t *testing.T) {
	triggers := sampleTriggers(3)
	for i, trigger := range triggers {
		trigger.Distance.SSIM, trigger.Distance.Similarity = nil, &distance.Measured{Measure: "loudness", Value: 0.5 + 0.1*float64(i)}
	}
	r := sampleReport(triggers...)
	want := &report.SimilarityStats{Measure: "loudness", SSIMStats: report.SSIMStats{Median: 0.6, P10: 0.52}}
	if diff := cmp.Diff(want, report.StatsOf(r).Similarity, cmpopts.EquateApprox(0, 1e-12)); diff != "" {
		t.Errorf("(- expected, + found):\n%s", diff)
	}
	if text := report.Summary(r); !strings.Contains(text, "loudness median 0.600, p10 0.520; L2 median") {
		t.Errorf("the summary says\n%s", text)
	}
	triggers[0].Distance.Similarity.Measure = "another"
	if found := report.StatsOf(r).Similarity; found != nil {
		t.Errorf("two measures are mixed as %+v", found)
	}
}

func TestStatsAsJSON(t *testing.T) {
	data, err := json.Marshal(report.StatsOf(sampleReport()))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"seeds":2,"usable":1,"found":0,"success_rate":0,"deviating_seeds":0,"unstable":0,"total_queries":500,` +
		`"wall_s":2,"model_s":1.875,"overhead":0.0625,"queries_per_s":250}`
	if string(data) != want {
		t.Errorf("got  %s\nwant %s", data, want)
	}
	if _, err := json.Marshal(report.StatsOf(&engine.Report{})); err != nil {
		t.Errorf("an empty report: %v", err)
	}
	r := sampleReport(sampleTriggers(3)...)
	fillNaN(r)
	if _, err := json.Marshal(report.StatsOf(r)); err != nil {
		t.Errorf("a report of NaNs: %v", err)
	}
}
