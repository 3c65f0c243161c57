package gate_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// A change of 1 % of the weights is one that the search finds from nearly every seed.
func ExampleMeasurePower() {
	original := model.Must(onnx.OpenFS(fixtures.Models, "lenet5.onnx", onnx.Scale(fixtures.Scale)))
	defer original.Close()

	canary, err := gate.MeasurePower(context.Background(), gate.PowerStudy{
		Original: original,
		Changed:  onnx.PerturbedFS(fixtures.Models, "lenet5.onnx", onnx.Scale(fixtures.Scale)),
		Sizes:    []float64{0.01},
		Seeds:    generators.First(fixtures.Seeds(), 20),
		Settings: engine.Settings{Strategy: strategies.Boundary(), Budget: engine.Budget{QueriesPerSeed: 60}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	trial := canary.Trials[0]
	fmt.Println(trial.Rate() > 0.9, trial.Lower > 0.7)
	// More than 20 seeds can show is an error.
	fmt.Println(errors.Is(trial.Require(0.99), gate.ErrTooWeak))
	// Output:
	// true true
	// true
}

// Dynamic quantisation takes its scales from the whole batch, so that some triggers vanish in another one.
func ExampleMeasureNoise() {
	p := fixtures.LeNet5Dynamic
	pair := model.Must(onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.PairName(p.Name), onnx.Scale(fixtures.Scale)))
	defer pair.Close()
	variants := model.Must(onnx.OpenVariantsFS(fixtures.Models, p.Original, p.Compressed, onnx.Scale(fixtures.Scale)))
	defer variants.Close()
	seeds := generators.First(fixtures.Seeds(), 20)
	search := model.Must(engine.Search(context.Background(), pair, seeds, engine.Settings{
		Strategy: strategies.Boundary(), Budget: engine.Budget{QueriesPerSeed: 100, ClosingQueriesPerSeed: 40},
	}))

	noise, err := gate.MeasureNoise(context.Background(), gate.NoiseStudy{
		Pair: pair, Variants: variants, Seeds: seeds, Triggers: search.Triggers(),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(noise.Count(gate.FromCompression) > 0, noise.Count(gate.FromSetting) > 0, noise.Count(gate.FromInstability))
	// Output: true true 0
}

// What a release leaves behind for the next one. Package report keeps it in a file.
func ExampleEvidenceOf() {
	p := fixtures.LeNet5Int8
	pair := model.Must(onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.PairName(p.Name), onnx.Scale(fixtures.Scale)))
	defer pair.Close()
	search := model.Must(engine.Search(context.Background(), pair, generators.First(fixtures.Seeds(), 20), engine.Settings{
		Strategy: strategies.Boundary(), Budget: engine.Budget{QueriesPerSeed: 60}, Bound: distance.LInf(16),
	}))

	evidence, err := gate.EvidenceOf(search)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(evidence.Pair, len(evidence.Seeds), evidence.Found() == len(search.Triggers()))
	// Output: lenet5-int8 20 true
}
