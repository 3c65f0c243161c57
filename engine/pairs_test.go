package engine_test

import (
	"context"
	"math"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
)

// brightness is a model with a known boundary: class 1 when the mean of the input is above the
// threshold. Its scores are probabilities.
func brightness(threshold float64) engine.PredictorFunc {
	return func(_ context.Context, batch []engine.Input) ([][]float32, error) {
		scores := make([][]float32, len(batch))
		for i, in := range batch {
			var sum float64
			for _, v := range in.Data {
				sum += float64(v)
			}
			p := 1 / (1 + math.Exp(-(sum/float64(len(in.Data))-threshold)/10))
			scores[i] = []float32{float32(1 - p), float32(p)}
		}
		return scores, nil
	}
}

// brightnessPair deviates where the mean lies between 120 and 128.
func brightnessPair() *engine.Pair {
	return pairOf(brightness(120), brightness(128))
}

func pairOf(original, compressed engine.PredictorFunc) *engine.Pair {
	return engine.Must(engine.NewPair("brightness", engine.Func("at-120", original), engine.Func("at-128", compressed)))
}

// shift is a mutation operator that makes the whole input brighter or darker.
type shift struct{ most float32 }

func (s shift) Mutate(dst, src engine.Input, rng *rand.Rand) {
	by := (2*rng.Float32() - 1) * s.most
	for i, v := range src.Data {
		dst.Data[i] = src.Domain.Snap(v + by)
	}
}

func (s shift) String() string { return "shift" }

// speckle changes single elements.
type speckle struct{}

func (speckle) Mutate(dst, src engine.Input, rng *rand.Rand) {
	copy(dst.Data, src.Data)
	for range 3 {
		dst.Data[rng.IntN(len(dst.Data))] = float32(rng.IntN(256))
	}
}

func (speckle) String() string { return "speckle" }

// greySeeds are n flat 4x4 images of different brightness, away from the boundary.
func greySeeds(n int) engine.SeedList {
	seeds := make(engine.SeedList, n)
	for i := range seeds {
		pixels := make([]uint8, 16)
		for p := range pixels {
			pixels[p] = uint8(60 + (i*7)%50 + p%3)
		}
		seeds[i] = engine.Seed{Input: engine.Must(engine.NewImage(4, 4, 1, pixels)), Label: i % 2}
	}
	return seeds
}

func settings() engine.Settings {
	return engine.Settings{
		Strategy: engine.TriggerFinder{Mutators: []engine.Mutator{shift{20}, speckle{}}},
		Budget:   engine.Budget{QueriesPerSeed: 400},
	}
}

// search runs a search that must succeed.
func search(t *testing.T, pair *engine.Pair, seeds engine.Seeds, s engine.Settings) *engine.Report {
	t.Helper()
	report, err := engine.Search(t.Context(), pair, seeds, s)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// counting counts the calls and the inputs of a predictor.
type counting struct {
	engine.PredictorFunc
	calls, inputs atomic.Int64
}

func (c *counting) predict(ctx context.Context, batch []engine.Input) ([][]float32, error) {
	c.calls.Add(1)
	c.inputs.Add(int64(len(batch)))
	return c.PredictorFunc(ctx, batch)
}
