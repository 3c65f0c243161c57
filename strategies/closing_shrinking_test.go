//go:build cgo

package strategies_test

import (
	"slices"
	"testing"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// Who asks for the nearest trigger by a distance gets a nearer one by it than who asks for the most alike one.
func TestAnAimBringsTriggersNearerByItsOwnDistance(t *testing.T) {
	p := fixtures.LeNet5Int8
	pair := model.Must(onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.Scale(fixtures.Scale)))
	defer pair.Close()
	seeds := generators.First(fixtures.Seeds(), 24)
	median := func(aim, by distance.Aim) float64 {
		report := model.Must(engine.Search(t.Context(), pair, seeds, engine.Settings{
			Strategy: strategies.Boundary(), Aim: aim, Budget: engine.Budget{QueriesPerSeed: 200, ClosingQueriesPerSeed: 200},
		}))
		var far []float64
		for _, trigger := range report.Triggers() {
			far = append(far, enginetest.FarBy(by, trigger.Distance))
		}
		if len(far) != seeds.Len() {
			t.Fatalf("%d triggers of %d seeds", len(far), seeds.Len())
		}
		if aim == by && report.Ledger.OriginalOnly == 0 {
			t.Errorf("aim %s: the original alone was never asked", aim)
		}
		slices.Sort(far)
		return far[len(far)/2]
	}
	for _, aim := range []distance.Aim{distance.NearestL2, distance.NearestLInf} {
		if own, other := median(aim, aim), median(distance.MostAlike, aim); own > 0.8*other {
			t.Errorf("aim %s: %.0f in the median, and %.0f with the aim ssim; expected at most 0.8 of that", aim, own, other)
		} else {
			t.Logf("aim %s: %.0f, and %.0f with the aim ssim", aim, own, other)
		}
	}
}
