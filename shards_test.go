package triggerfinder_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// TestMergedShardsOfRealPairsEqualTheWhole compares all canonical bytes, for 1, 2 and 3 shards.
func TestMergedShardsOfRealPairsEqualTheWhole(t *testing.T) {
	narrow := strategies.Boundary()
	narrow.Pool = 7 // not all seeds are screened
	for _, test := range []struct {
		pair     fixtures.Pair
		strategy engine.Strategy
		bound    distance.Bound
		seeds    int
		closing  int
	}{
		{fixtures.LeNet5Int8, strategies.Boundary(), nil, 20, 60},
		{fixtures.LeNet5Int8, strategies.Boundary(), distance.LInf(8), 40, 0}, // some seeds without a trigger
		{fixtures.LeNet5Pruned, narrow, nil, 20, 20},
		{fixtures.ResCNNInt8, strategies.Boundary(), nil, 8, 20},
		{fixtures.LeNet5Student, strategies.TriggerFinder(), nil, 10, 0},
	} {
		t.Run(fmt.Sprintf("%s/%s/%v", test.pair.Name, test.strategy, test.bound), func(t *testing.T) {
			pair, err := onnx.OpenPairFS(fixtures.Models, test.pair.Original, test.pair.Compressed, onnx.Scale(fixtures.Scale))
			if err != nil {
				t.Fatal(err)
			}
			defer pair.Close()
			search := func(shard engine.Shard) *engine.Report {
				r, err := engine.Search(t.Context(), pair, generators.First(fixtures.Seeds(), test.seeds), engine.Settings{
					Strategy: test.strategy, Bound: test.bound, Shard: shard,
					Budget: engine.Budget{QueriesPerSeed: 200, ClosingQueriesPerSeed: test.closing},
				})
				if err != nil {
					t.Fatal(err)
				}
				return r
			}
			whole := search(engine.Shard{})
			if len(whole.Triggers()) == 0 {
				t.Fatal("no trigger was found")
			}
			want := model.Must(whole.Canonical())
			for total := 1; total <= 3; total++ {
				var parts []*engine.Report
				for i := range total {
					parts = append(parts, search(engine.Shard{Index: i, Total: total}))
				}
				merged, err := engine.Merge(parts...)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), string(model.Must(merged.Canonical()))); diff != "" {
					t.Errorf("%d shards: the merged report differs:\n%s", total, diff)
				}
			}
		})
	}
}
