package strategies_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// far is the sum of all triggers' distances by the aim.
func far(r *engine.Report, aim distance.Aim) float64 {
	var sum float64
	for _, trigger := range r.Triggers() {
		sum += enginetest.FarBy(aim, trigger.Distance)
	}
	return sum
}

func TestClosingInBringsTriggersNearer(t *testing.T) {
	rows, rowPair := rowSeeds(20)
	for _, test := range []struct {
		name  string
		pair  *model.Pair
		seeds input.SeedList
		gain  map[distance.Aim]float64 // distance that is left of the first hits', at most
	}{
		{"scores", enginetest.SmoothPair(), enginetest.PatternSeeds(20), map[distance.Aim]float64{distance.MostAlike: 0.2, distance.NearestL2: 0.9, distance.NearestLInf: 0.9, distance.NearestL0: 1}},
		{"labels", enginetest.LabelPair(0.1), enginetest.PatternSeeds(20), map[distance.Aim]float64{distance.MostAlike: 1, distance.NearestL2: 1, distance.NearestLInf: 1, distance.NearestL0: 1}},
		{"rows", rowPair, rows, map[distance.Aim]float64{distance.MostAlike: 0.95, distance.NearestL2: 0.95, distance.NearestLInf: 1, distance.NearestL0: 1}},
	} {
		for _, aim := range enginetest.AllAims {
			t.Run(test.name+"/"+aim.String(), func(t *testing.T) {
				first := enginetest.ClosingSettings(0, func(s *engine.Settings) { s.Aim, s.Budget.QueriesPerSeed = aim, 400 })
				before := enginetest.Search(t, test.pair, test.seeds, first)
				s := enginetest.ClosingSettings(300, func(s *engine.Settings) { s.Aim = aim })
				after := enginetest.Search(t, test.pair, test.seeds, s)
				for i, o := range after.Seeds {
					enginetest.CheckOutcome(t, s, test.seeds[i].Input, o)
					if diff := cmp.Diff(before.Seeds[i].FirstHit, o.FirstHit); diff != "" {
						t.Errorf("seed %d: the first hit differs from that without closing in: %s", i, diff)
					}
					trigger := before.Seeds[i].Trigger
					if want := (engine.Hit{Queries: trigger.Queries, Distance: trigger.Distance}); cmp.Diff(want, *before.Seeds[i].FirstHit) != "" {
						t.Errorf("seed %d: first hit %+v, expected %+v", i, before.Seeds[i].FirstHit, want)
					}
				}
				if left := far(after, aim) / far(before, aim); left > test.gain[aim] {
					t.Errorf("%.3f of the distance is left; expected at most %g", left, test.gain[aim])
				} else {
					t.Logf("%.3f of the distance is left", left)
				}
			})
		}
	}
}
