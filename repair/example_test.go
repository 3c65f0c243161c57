package repair_test

import (
	"context"
	"fmt"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/repair"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// openPruned opens an embedded pair and searches it for triggers.
func openPruned(ctx context.Context) (*model.Pair, []*engine.Trigger) {
	p := fixtures.LeNet5Pruned
	pair := model.Must(onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.PairName(p.Name), onnx.Scale(fixtures.Scale)))
	search := model.Must(engine.Search(ctx, pair, fixtures.Seeds(), engine.Settings{
		Strategy: strategies.TriggerFinder(), Budget: engine.Budget{QueriesPerSeed: 200},
	}))
	return pair, search.Triggers()
}

// How much is mended, of triggers that training has not seen, depends on what it may cost.
func ExampleTrain() {
	ctx := context.Background()
	pair, triggers := openPruned(ctx)
	defer pair.Close()

	training, heldOut, err := repair.Split(triggers, fixtures.Seeds())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, askAtMost := range []float64{0.02, 0.1} {
		selector, err := repair.Train(ctx, pair, training.Triggers, training.Clean, repair.Settings{AskAtMost: askAtMost})
		if err != nil {
			fmt.Println(err)
			return
		}
		m, err := selector.Measure(ctx, pair, heldOut.Triggers, heldOut.Clean)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(selector)
		fmt.Println("  mended at least 85 %:", m.MendedShare() > 0.85, "- asked for at most 12 %:", m.AskedShare() < 0.12)
	}
	// Output:
	// selector that asks the original for at most 2 % of clean inputs
	//   mended at least 85 %: true - asked for at most 12 %: true
	// selector that asks the original for at most 10 % of clean inputs
	//   mended at least 85 %: true - asked for at most 12 %: true
}

// The repaired system is searched as the compressed model was.
func ExampleSelector_Guard() {
	ctx := context.Background()
	pair, triggers := openPruned(ctx)
	defer pair.Close()
	selector, err := repair.Train(ctx, pair, triggers, fixtures.Seeds(), repair.Settings{AskAtMost: 0.1})
	if err != nil {
		fmt.Println(err)
		return
	}

	guarded, err := selector.Guard(pair)
	if err != nil {
		fmt.Println(err)
		return
	}
	repaired := model.Must(model.NewPair("lenet5-repaired", pair.Original(), guarded))
	again := model.Must(engine.Search(ctx, repaired, fixtures.Seeds(), engine.Settings{
		Strategy: strategies.TriggerFinder(), Budget: engine.Budget{QueriesPerSeed: 200},
	}))
	fmt.Println("triggers before:", len(triggers), "- fewer than half as many now:", 2*len(again.Triggers()) < len(triggers))
	asked, all := guarded.Asked()
	fmt.Println("the original was asked:", asked > 0 && asked < all)
	// Output:
	// triggers before: 500 - fewer than half as many now: true
	// the original was asked: true
}
