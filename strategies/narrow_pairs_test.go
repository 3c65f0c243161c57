//go:build cgo

package strategies_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/stats"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// Models in half precision are apart by a thousandth of what the margins fall by on a way. By brackets alone a first hit took 20 queries, and
// closing in came to a similarity of 0.76 to 0.84.
func TestBoundaryFindsNarrowGaps(t *testing.T) {
	for _, p := range []fixtures.Pair{fixtures.LeNet5Float16, fixtures.ResCNNFloat16} {
		t.Run(p.Name, func(t *testing.T) {
			pair := model.Try(onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.Scale(fixtures.Scale))).OrFail(t)
			defer pair.Close()
			search := func(batch, workers int) *engine.Report {
				return model.Try(engine.Search(t.Context(), pair, generators.First(fixtures.Seeds(), 40), engine.Settings{
					Strategy: strategies.Boundary(), BatchSize: batch, Workers: workers,
					Budget: engine.Budget{QueriesPerSeed: 200, ClosingQueriesPerSeed: 200},
				})).OrFail(t)
			}
			report := search(32, 2)
			var queries, alike []float64
			for _, o := range report.Seeds {
				if o.Trigger == nil {
					t.Errorf("seed %d: %s", o.Index, o.Status)
					continue
				}
				queries, alike = append(queries, float64(o.FirstHit.Queries)), append(alike, *o.Trigger.Distance.SSIM)
			}
			if median := stats.Median(queries); median > 10 {
				t.Errorf("%g queries to the first hit in the median; expected at most 10", median)
			}
			if median := stats.Median(alike); median < 0.95 {
				t.Errorf("a similarity of %.3f in the median; expected at least 0.95", median)
			}
			if diff := cmp.Diff(string(model.Must(report.Canonical())), string(model.Must(search(7, 1).Canonical()))); diff != "" {
				t.Errorf("the report depends on batches and workers:\n%s", diff)
			}
		})
	}
}
