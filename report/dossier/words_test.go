package dossier

import (
	"testing"

	"github.com/triggerfinder/triggerfinder/gate"
)

func TestBoundsThatRoundToTheLimit(t *testing.T) {
	lower, upper, over, high, limit := 0.0015, 0.01998, 0.02001, 0.05, 0.02
	for _, c := range []struct {
		n    gate.Number
		want string
	}{
		{gate.Number{Unit: "share", Lower: &lower, Upper: &upper, Limit: &limit}, "0.15 % to under 2 %"},
		{gate.Number{Unit: "share", Upper: &upper, Limit: &limit}, "under 2 %"},
		{gate.Number{Unit: "share", Lower: &lower, Upper: &over, Limit: &limit}, "0.15 % to 2 %"},
		{gate.Number{Unit: "share", Lower: &lower, Upper: &upper}, "0.15 % to 2 %"},
		{gate.Number{Unit: "share", Lower: &over, Upper: &high, Limit: &limit}, "over 2 % to 5 %"},
		{gate.Number{Unit: "share", Lower: &over, Limit: &limit}, "over 2 %"},
	} {
		if got := interval(c.n); got != c.want {
			t.Errorf("%q; expected %q", got, c.want)
		}
	}
}
