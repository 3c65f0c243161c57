package engine_test

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// A pair of two Go functions, and a search with an operator of one's own.
func ExampleSearch() {
	pair := model.Must(model.NewPair("brightness",
		model.Func("original", enginetest.Brightness(120)), model.Func("compressed", enginetest.Brightness(128))))
	report, err := engine.Search(context.Background(), pair, enginetest.GreySeeds(20), engine.Settings{
		Strategy: strategies.TriggerFinderSearch{Mutators: []input.Mutator{enginetest.Shift{Most: 20}}},
		Budget:   engine.Budget{QueriesPerSeed: 200},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Status, len(report.Triggers()))
	// Output: all-searched 20
}

func ExampleReplay() {
	pixels := make([]uint8, 16)
	for i := range pixels {
		pixels[i] = 124
	}
	in := model.Must(input.NewImage(4, 4, 1, pixels))
	evaluations := model.Must(engine.Replay(context.Background(), enginetest.BrightnessPair(), []input.Input{in}, answer.Top1()))
	fmt.Println(evaluations[0].Verdict.Deviates)
	// Output: true
}

func ExampleMerge() {
	pair, seeds := enginetest.BrightnessPair(), enginetest.GreySeeds(10)
	s := enginetest.Settings()
	var reports []*engine.Report
	for i := range 3 { // in three processes, or on three machines
		s.Shard = engine.Shard{Index: i, Total: 3}
		reports = append(reports, model.Must(engine.Search(context.Background(), pair, seeds, s)))
	}
	merged, err := engine.Merge(reports...)
	fmt.Println(len(merged.Triggers()), "of", merged.Usable(), merged.Status, err)
	// Output: 10 of 10 all-searched <nil>
}

// The same search as by Search, seed by seed: what stands between the loops may lie on as many machines.
func ExampleCombine() {
	ctx, pair, seeds, settings := context.Background(), enginetest.BrightnessPair(), enginetest.GreySeeds(10), enginetest.Settings()
	screening := model.Must(engine.Screen(ctx, pair, seeds, settings))
	search := model.Must(engine.NewSeedSearch(ctx, pair, screening, settings))
	var results []*engine.SeedResult
	for i, seed := range seeds {
		results = append(results, model.Must(search.Search(ctx, i, seed)))
	}
	report, err := engine.Combine(screening, results...)
	fmt.Println(len(report.Triggers()), "of", report.Usable(), report.Status, err)
	// Output: 10 of 10 all-searched <nil>
}

// Two settings of the runtime, or two places, may run inputs in other batches; the answers should not depend on that.
func ExampleReplayTogether() {
	pair := enginetest.BrightnessPair()
	var inputs []input.Input
	for _, pixel := range []uint8{100, 124, 140} {
		inputs = append(inputs, model.Must(input.NewImage(1, 1, 1, []uint8{pixel})))
	}
	together := model.Must(engine.ReplayTogether(context.Background(), pair, inputs, answer.Top1(), 3))
	alone := model.Must(engine.Replay(context.Background(), pair, inputs, answer.Top1()))
	for i := range inputs {
		fmt.Println(together[i].Verdict.Deviates, alone[i].Verdict.Deviates)
	}
	// Output:
	// false false
	// true true
	// false false
}

// uniformGrey is a distribution of images of one grey each, all equally likely.
type uniformGrey struct{}

func (uniformGrey) Draw(rng *rand.Rand) (input.Draw, error) {
	in, err := input.NewImage(1, 1, 1, []uint8{uint8(rng.IntN(256))})
	return input.Draw{Input: in, Seed: input.Seed{Input: in, Label: input.Unlabelled}}, err
}

func (uniformGrey) String() string { return "one grey of 256" }

// A distribution of one's own. The models disagree on 8 of its 256 inputs.
func ExampleNewEvaluator() {
	evaluator := model.Must(engine.NewEvaluator(enginetest.BrightnessPair(), engine.EvaluatorSettings{}))
	draws := model.Must(evaluator.Draws(context.Background(), uniformGrey{}, 0, 0, 1000))
	deviations := 0
	for _, d := range draws {
		if d.Judged.Verdict.Deviates {
			deviations++
		}
	}
	fmt.Println(deviations > 15 && deviations < 50)
	// Output: true
}

// Where the models in between are known, each trigger says which step causes it.
func ExampleCountCauses() {
	pair := model.Must(model.NewChain("shipped", model.Func("original", enginetest.Brightness(120)),
		engine.Conversion.To(model.Func("converted", enginetest.Brightness(121))),
		engine.Compression.To(model.Func("compressed", enginetest.Brightness(128)))))
	settings := enginetest.Settings()
	all := model.Must(engine.Search(context.Background(), pair, enginetest.GreySeeds(20), settings))
	fmt.Println(engine.CountCauses(all.Triggers()))
	settings.CausedBy = []model.Cause{engine.Compression}
	some := model.Must(engine.Search(context.Background(), pair, enginetest.GreySeeds(20), settings))
	fmt.Println(engine.CountCauses(some.Triggers()))
	// Output:
	// [16 by compression 4 by conversion]
	// [20 by compression]
}

// One piece of a distributed search: its seeds are searched side by side, so that models get full batches.
func ExampleSeedSearch_SearchAll() {
	ctx, pair, seeds, settings := context.Background(), enginetest.BrightnessPair(), enginetest.GreySeeds(10), enginetest.Settings()
	screening := model.Must(engine.Screen(ctx, pair, seeds, settings))
	search := model.Must(engine.NewSeedSearch(ctx, pair, screening, settings))
	combiner := model.Must(engine.NewCombiner(screening))
	for _, piece := range [][2]int{{5, 10}, {0, 5}} { // on two machines
		if err := search.SearchAll(ctx, piece[0], piece[1], seeds.Seed, func(_ int, r *engine.SeedResult, err error) error {
			if err != nil {
				return err // or go on, and count the seed as search.GivenUp
			}
			return combiner.Add(r)
		}); err != nil {
			fmt.Println(err)
			return
		}
	}
	report, err := combiner.Report(nil)
	fmt.Println(len(report.Triggers()), "of", report.Usable(), err)
	// Output: 10 of 10 <nil>
}
