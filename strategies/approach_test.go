//go:build cgo

package strategies_test

import (
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/stats"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// Without a seed of another class, blends with plain images and noise came to a median SSIM of 0.31 at the first trigger of these pairs, and to 0.47
// closed in.
func TestSeedsOfOneLabelHaveTriggersNearThem(t *testing.T) {
	for _, p := range []fixtures.Pair{fixtures.LeNet5Int8, fixtures.ResCNNInt8} {
		pair := model.Must(onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.Scale(fixtures.Scale)))
		defer pair.Close()
		const class = 3
		var seeds input.SeedList
		for i, all := 0, fixtures.Seeds(); i < all.Len() && len(seeds) < 20; i++ {
			if seed := model.Must(all.Seed(i)); seed.Label == class {
				seeds = append(seeds, seed)
			}
		}
		report := model.Must(engine.Search(t.Context(), pair, seeds, engine.Settings{
			Strategy: strategies.Boundary(), Budget: engine.Budget{QueriesPerSeed: 200, ClosingQueriesPerSeed: 200},
		}))
		var queries, first, closed []float64
		for _, o := range report.Seeds {
			if o.Trigger == nil {
				t.Errorf("%s: seed %d: %s", p.Name, o.Index, o.Status)
				continue
			}
			queries = append(queries, float64(o.FirstHit.Queries))
			first, closed = append(first, *o.FirstHit.Distance.SSIM), append(closed, *o.Trigger.Distance.SSIM)
		}
		if q, f, c := stats.Median(queries), stats.Median(first), stats.Median(closed); q > 45 || f < 0.75 || c < 0.9 {
			t.Errorf("%s: medians of %g queries to the first trigger, its SSIM %.3f, and %.3f closed in; expected at most 45, and at least 0.75 and 0.9", p.Name, q, f, c)
		}
		if report.Pathless() != len(seeds) {
			t.Errorf("%s: %d of %d seeds without a path", p.Name, report.Pathless(), len(seeds))
		}
	}
}
