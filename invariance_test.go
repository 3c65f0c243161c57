package triggerfinder_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// TestReportsOfRealPairsDoNotDependOnBatchSizeOrWorkers is invariant 1 on ONNX models: statically
// and dynamically quantised, pruned, with the ablations of the strategy, and with closing in.
func TestReportsOfRealPairsDoNotDependOnBatchSizeOrWorkers(t *testing.T) {
	uniform := strategies.TriggerFinderAsReleased()
	uniform.UniformSelector = true
	for _, test := range []struct {
		pair     fixtures.Pair
		strategy engine.Strategy
		seeds    int
		closing  int // queries
	}{
		{fixtures.LeNet5Int8, strategies.TriggerFinder(), 40, 0},
		{fixtures.LeNet5Int8, strategies.TriggerFinderAsReleased(), 20, 0},
		{fixtures.LeNet5Dynamic, strategies.TriggerFinder(), 10, 0},
		{fixtures.LeNet5Pruned, uniform, 20, 0},
		{fixtures.ResCNNInt8, strategies.TriggerFinder(), 10, 0},
		{fixtures.LeNet5Int8, strategies.Boundary(), 40, 0},
		{fixtures.LeNet5Pruned, strategies.Boundary(), 10, 60},
		{fixtures.ResCNNInt8, strategies.Boundary(), 6, 40},
	} {
		t.Run(fmt.Sprintf("%s/%s/closing %d", test.pair.Name, test.strategy, test.closing), func(t *testing.T) {
			pair, err := onnx.OpenPairFS(fixtures.Models, test.pair.Original, test.pair.Compressed, onnx.Scale(fixtures.Scale))
			if err != nil {
				t.Fatal(err)
			}
			defer pair.Close()
			var want []byte
			for _, batch := range []int{1, 7, 64} {
				for _, workers := range []int{1, 2} {
					report, err := engine.Search(t.Context(), pair, generators.First(fixtures.Seeds(), test.seeds), engine.Settings{
						Strategy: test.strategy, Budget: engine.Budget{QueriesPerSeed: 300, ClosingQueriesPerSeed: test.closing},
						BatchSize: batch, Workers: workers,
					})
					if err != nil {
						t.Fatal(err)
					}
					got := model.Must(report.Canonical())
					if want == nil {
						want = got
						if len(report.Triggers()) == 0 {
							t.Fatal("no trigger was found")
						}
					} else if diff := cmp.Diff(string(want), string(got)); diff != "" {
						t.Fatalf("batch %d, %d workers: the report differs:\n%s", batch, workers, diff)
					}
				}
			}
		})
	}
}
