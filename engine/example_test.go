package engine_test

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/triggerfinder/triggerfinder/engine"
)

// A pair of two Go functions, and a search with an operator of one's own.
func ExampleSearch() {
	pair := engine.Must(engine.NewPair("brightness",
		engine.Func("original", brightness(120)), engine.Func("compressed", brightness(128))))
	report, err := engine.Search(context.Background(), pair, greySeeds(20), engine.Settings{
		Strategy: engine.TriggerFinder{Mutators: []engine.Mutator{shift{20}}},
		Budget:   engine.Budget{QueriesPerSeed: 200},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Status, len(report.Triggers()))
	// Output: all-searched 20
}

// A service that answers with labels alone.
func ExampleLabelFunc() {
	dark := engine.LabelFunc("service", 2, func(_ context.Context, batch []engine.Input) ([]int, error) {
		labels := make([]int, len(batch))
		for i, in := range batch {
			if in.Data[0] > 127 {
				labels[i] = 1
			}
		}
		return labels, nil
	})
	image := engine.Must(engine.NewImage(1, 1, 1, []uint8{200}))
	fmt.Println(dark.Predict(context.Background(), []engine.Input{image}))
	// Output: [[0 1]] <nil>
}

func ExampleMinConfidence() {
	severe := engine.Must(engine.MinConfidence(0.9, engine.Top1()))
	fmt.Println(severe.Judge([]float32{0.95, 0.05}, []float32{0.4, 0.6}).Deviates)
	fmt.Println(severe.Judge([]float32{0.55, 0.45}, []float32{0.4, 0.6}).Deviates)
	// Output:
	// true
	// false
}

func ExampleTopK() {
	top2 := engine.Must(engine.TopK(2))
	fmt.Println(top2.Judge([]float32{0.5, 0.3, 0.2}, []float32{0.4, 0.6, 0}).Deviates)
	// Output: false
}

func ExampleReplay() {
	pixels := make([]uint8, 16)
	for i := range pixels {
		pixels[i] = 124
	}
	in := engine.Must(engine.NewImage(4, 4, 1, pixels))
	evaluations := engine.Must(engine.Replay(context.Background(), brightnessPair(), []engine.Input{in}, engine.Top1()))
	fmt.Println(evaluations[0].Verdict.Deviates)
	// Output: true
}

// A trigger that is brighter than its seed all over, of which the deviation needs less.
func ExampleMinimize() {
	seed, bright := make([]uint8, 16), make([]uint8, 16)
	for i := range seed {
		seed[i], bright[i] = 61, 124
	}
	trigger := &engine.Trigger{
		Seed:  engine.Must(engine.NewImage(4, 4, 1, seed)),
		Input: engine.Must(engine.NewImage(4, 4, 1, bright)),
	}
	m := engine.Must(engine.Minimize(context.Background(), brightnessPair(), trigger, engine.MinimizeSettings{Aim: engine.NearestL2}))
	fmt.Printf("L2 %.1f became %.1f\n", m.Before.L2, m.After.L2)
	fmt.Println(engine.Label(m.Trigger.Original), engine.Label(m.Trigger.Compressed))
	// Output:
	// L2 252.0 became 244.0
	// 1 0
}

func ExampleMerge() {
	pair, seeds := brightnessPair(), greySeeds(10)
	s := settings()
	var reports []*engine.Report
	for i := range 3 { // in three processes, or on three machines
		s.Shard = engine.Shard{Index: i, Total: 3}
		reports = append(reports, engine.Must(engine.Search(context.Background(), pair, seeds, s)))
	}
	merged, err := engine.Merge(reports...)
	fmt.Println(len(merged.Triggers()), "of", merged.Usable(), merged.Status, err)
	// Output: 10 of 10 all-searched <nil>
}

// Two settings of the runtime, or two places, may run inputs in other batches; the answers should not depend on that.
func ExampleReplayTogether() {
	pair := brightnessPair()
	var inputs []engine.Input
	for _, pixel := range []uint8{100, 124, 140} {
		inputs = append(inputs, engine.Must(engine.NewImage(1, 1, 1, []uint8{pixel})))
	}
	together := engine.Must(engine.ReplayTogether(context.Background(), pair, inputs, engine.Top1(), 3))
	alone := engine.Must(engine.Replay(context.Background(), pair, inputs, engine.Top1()))
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

func (uniformGrey) Draw(rng *rand.Rand) (engine.Draw, error) {
	in, err := engine.NewImage(1, 1, 1, []uint8{uint8(rng.IntN(256))})
	return engine.Draw{Input: in, Seed: engine.Seed{Input: in, Label: engine.Unlabelled}}, err
}

func (uniformGrey) String() string { return "one grey of 256" }

// A distribution of one's own. The models disagree on 8 of its 256 inputs.
func ExampleNewEvaluator() {
	evaluator := engine.Must(engine.NewEvaluator(brightnessPair(), engine.EvaluatorSettings{}))
	draws := engine.Must(evaluator.Draws(context.Background(), uniformGrey{}, 0, 0, 1000))
	deviations := 0
	for _, d := range draws {
		if d.Judged.Verdict.Deviates {
			deviations++
		}
	}
	fmt.Println(deviations > 15 && deviations < 50)
	// Output: true
}
