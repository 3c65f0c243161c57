package dossier

import (
	"math"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/report"
)

func TestSuccessPlot(t *testing.T) {
	s := Search{SearchResult: report.SearchResult{Usable: 4}}
	if successPlot(s) != nil {
		t.Error("a plot of nothing")
	}
	for _, q := range []int{0, 10, 100} {
		s.PerSeed = append(s.PerSeed, report.SeedResult{Queries: q, FirstHit: &report.HitResult{Queries: q}})
	}
	s.PerSeed = append(s.PerSeed, report.SeedResult{Queries: 100})
	p := successPlot(s)
	// Steps of a quarter of the height at 1 (for a seed that deviates itself), 10 and 100 queries: the left end, the middle and
	// the right end.
	if want := "M52 204H52V156.5H229V109H406V61.5H406"; p.Curve != want {
		t.Errorf("curve %s; expected %s", p.Curve, want)
	}
	if want := "3 of 4 seeds have a trigger; half of those were found within 10 queries, the last after 100 queries."; p.Says != want {
		t.Errorf("says %q", p.Says)
	}
}

// Counts that no search reports, but that a file may hold, must not keep a page from being made.
func TestPlotsOfHugeCounts(t *testing.T) {
	s := Search{SearchResult: report.SearchResult{Usable: 1, PerSeed: []report.SeedResult{{
		Queries: math.MaxInt, FirstHit: &report.HitResult{Queries: math.MaxInt},
		Trigger: &report.TriggerResult{HitResult: report.HitResult{L2: new(float64)}},
	}}}}
	*s.PerSeed[0].Trigger.L2 = math.MaxFloat64
	for _, p := range []*plot{successPlot(s), distancePlot(s), canaryPlot(gate.Canary{Trials: []gate.CanaryTrial{{Size: math.MaxFloat64, Seeds: 1}}})} {
		if p == nil || len(p.XTicks) == 0 {
			t.Fatalf("plot %+v", p)
		}
		for _, x := range p.XTicks {
			if strings.Contains(x.Text, "-") && !strings.Contains(x.Text, "e") {
				t.Errorf("tick %q", x.Text)
			}
		}
	}
}

func TestHistogram(t *testing.T) {
	p := histogram([]float64{0, 0.5, 0.5, 1}, 0, 1, "x")
	if len(p.Bars) != 3 || p.Bars[1].H != 2*p.Bars[0].H || p.Bars[2].X+p.Bars[2].W > p.Right {
		t.Errorf("bars %+v", p.Bars)
	}
}

func TestNumbersInWords(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0 %", 1: "100 %", 0.5: "50 %", 0.0125: "1.2 %", 0.00123: "0.12 %", 0.0000321: "0.0032 %", 0.995: "99.5 %", 0.99999: "99.99 %",
	} {
		if got := percent(v); got != want {
			t.Errorf("percent(%v) is %q; expected %q", v, got, want)
		}
	}
	for v, want := range map[float64]string{0: "0", 9999: "9999", 10000: "10,000", -1234567: "-1,234,567", 0.12345: "0.123", 1234.5: "1234", 1e300: "1e+300"} {
		if got := number(v); got != want {
			t.Errorf("number(%v) is %q; expected %q", v, got, want)
		}
	}
	for v, want := range map[float64]string{0: "0 seeds", 1: "1 seed", 2: "2 seeds"} {
		if got := inUnit(v, "seeds"); got != want {
			t.Errorf("inUnit(%v) is %q; expected %q", v, got, want)
		}
	}
	if got := inUnit(1, "of 5 seeds"); got != "1 of 5 seeds" {
		t.Errorf("found %q", got)
	}
	lower, upper := 0.01, 0.02
	n := gate.Number{Name: "rate", Value: 0.015, Unit: "share", Lower: &lower, Upper: &upper, Confidence: 0.95, Limit: &upper}
	if got, want := numberInWords(n), "rate: 1.5 % (1 % to 2 %, each bound with confidence 95 %), limit 2 %"; got != want {
		t.Errorf("got %q, expected %q", got, want)
	}
}
