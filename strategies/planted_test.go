//go:build cgo

package strategies_test

import (
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// One changed weight moves few boundaries: most paths cross both in the same place. Paths alone took 190 queries, TriggerFinder 84.
func TestBoundaryFindsAPlantedFaultSoonerThanTriggerFinder(t *testing.T) {
	p := fixtures.LeNet5Planted
	pair := model.Must(onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.Scale(fixtures.Scale)))
	defer pair.Close()
	queries := func(strategy engine.Strategy) int {
		report := model.Must(engine.Search(t.Context(), pair, generators.First(fixtures.Seeds(), 60), engine.Settings{
			Strategy: strategy, Budget: engine.Budget{QueriesPerSeed: 2000},
		}))
		return report.Ledger.Queries
	}
	if paths, walks := queries(strategies.Boundary()), queries(strategies.TriggerFinder()); paths > walks {
		t.Errorf("Boundary took %d queries, TriggerFinder %d", paths, walks)
	}
}
