package gate_test

import (
	"errors"
	"math"
	"testing"

	"github.com/triggerfinder/triggerfinder/gate"
)

func TestPercent(t *testing.T) {
	for share, want := range map[float64]string{
		0: "0 %", 0.00001: "0.001 %", 1e-9: "0.0000001 %", 0.009936: "0.994 %", 0.05: "5 %", 0.95: "95 %", 0.9123: "91.2 %",
		0.999: "99.9 %", 0.9999: "99.99 %", 0.999999: "99.9999 %", 0.99996: "99.996 %", math.Nextafter(1, 0): "99.99999999999999 %",
		1: "100 %", 1.5: "150 %", 10: "1000 %", math.Inf(1): "+Inf %",
	} {
		if got := gate.Percent(share); got != want {
			t.Errorf("%g: %q; expected %q", share, got, want)
		}
	}
	if got := gate.Percent(math.NaN()); got != "NaN %" {
		t.Errorf("NaN: %q", got)
	}
}

func TestRequire(t *testing.T) {
	// 31 of 40 has the 95 % interval 61.5 to 89.2 %.
	trial := gate.CanaryTrial{Size: 0.1, Seeds: 40, Found: 31, Confidence: 0.95, Lower: 0.6154, Upper: 0.8916}
	none := gate.CanaryTrial{Size: 0.1, Seeds: 40, Confidence: 0.95, Upper: 0.0881}
	for _, test := range []struct {
		trial gate.CanaryTrial
		power float64
		says  string
	}{
		{trial, 0, ""},
		{trial, 0.6, ""},
		{trial, 0.7, "search too weak, or measured on too few seeds: expected it to find at least 70 % of seeds deviating when the original was changed by 10 %, found 31 of 40 seeds (77.5 %; 95 % interval 61.5 to 89.2 %), which leaves it open; take more seeds, or raise the budget"},
		{trial, 0.9, "search too weak: expected it to find at least 90 % of seeds deviating when the original was changed by 10 %, found 31 of 40 seeds (77.5 %; 95 % interval 61.5 to 89.2 %); raise the budget, or state a larger change"},
		{none, 0, "search too weak: it found none of 40 seeds deviating when the original was changed by 10 % (the 95 % interval ends at 8.81 %), so it would not find a deviation of that size in the compressed model either; raise the budget, or state a larger change"},
		{trial, 1, "power is 1; expected at least 0 and below 1"},
		{trial, math.NaN(), "power is NaN; expected at least 0 and below 1"},
	} {
		err := test.trial.Require(test.power)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != test.says || test.says != "" && test.power < 1 && !errors.Is(err, gate.ErrTooWeak) {
			t.Errorf("power %g: %q; expected %q", test.power, got, test.says)
		}
	}
	one := gate.CanaryTrial{Size: 0.001, Seeds: 1, Found: 1, Unchanged: 1, Confidence: 0.9, Lower: 0.05, Upper: 1}
	if got, want := one.String(), "1 of 1 seed (100 %; 90 % interval 5 to 100 %; 1 without a search) deviating when the original was changed by 0.1 %"; got != want {
		t.Errorf("got %q; expected %q", got, want)
	}
}
