package enginetest

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/strategies"
)

var (
	Nan      = float32(math.NaN())
	Infinity = float32(math.Inf(1))
)

// Brightness is a model with a known boundary: class 1 when the mean of the input is above the
// threshold. Its scores are probabilities.
func Brightness(threshold float64) model.PredictorFunc {
	return func(_ context.Context, batch []input.Input) ([][]float32, error) {
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

// BrightnessPair deviates where the mean lies between 120 and 128.
func BrightnessPair() *model.Pair {
	return PairOf(Brightness(120), Brightness(128))
}

func PairOf(original, compressed model.PredictorFunc) *model.Pair {
	return model.Must(model.NewPair("brightness", model.Func("at-120", original), model.Func("at-128", compressed)))
}

// shift is a mutation operator that makes the whole input brighter or darker.
type Shift struct{ Most float32 }

func (s Shift) Mutate(dst, src input.Input, rng *rand.Rand) {
	by := (2*rng.Float32() - 1) * s.Most
	for i, v := range src.Data {
		dst.Data[i] = src.Domain.Snap(v + by)
	}
}

func (s Shift) String() string { return "shift" }

// Speckle changes single elements.
type Speckle struct{}

func (Speckle) Mutate(dst, src input.Input, rng *rand.Rand) {
	copy(dst.Data, src.Data)
	for range 3 {
		dst.Data[rng.IntN(len(dst.Data))] = float32(rng.IntN(256))
	}
}

func (Speckle) String() string { return "speckle" }

// GreySeeds are n flat 4x4 images of different brightness, away from the boundary.
func GreySeeds(n int) input.SeedList {
	seeds := make(input.SeedList, n)
	for i := range seeds {
		pixels := make([]uint8, 16)
		for p := range pixels {
			pixels[p] = uint8(60 + (i*7)%50 + p%3)
		}
		seeds[i] = input.Seed{Input: model.Must(input.NewImage(4, 4, 1, pixels)), Label: i % 2}
	}
	return seeds
}

func Settings() engine.Settings {
	return engine.Settings{
		Strategy: strategies.TriggerFinderSearch{Mutators: []input.Mutator{Shift{Most: 20}, Speckle{}}},
		Budget:   engine.Budget{QueriesPerSeed: 400},
	}
}

// Search runs a search that must succeed.
func Search(t *testing.T, pair *model.Pair, seeds input.Seeds, s engine.Settings) *engine.Report {
	t.Helper()
	report, err := engine.Search(t.Context(), pair, seeds, s)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// Counting counts the calls and the inputs of a predictor.
type Counting struct {
	model.PredictorFunc
	calls, Inputs atomic.Int64
}

func (c *Counting) Predict(ctx context.Context, batch []input.Input) ([][]float32, error) {
	c.calls.Add(1)
	c.Inputs.Add(int64(len(batch)))
	return c.PredictorFunc(ctx, batch)
}

// Deviating makes seed i an input on which smoothPair deviates.
func Deviating(t *testing.T, seeds input.SeedList, i int) {
	t.Helper()
	found := Search(t, SmoothPair(), PatternSeeds(40), Boundary(nil)).Triggers()
	seeds[i].Input = found[i].Input
}

// Shards searches all shards of a search. One whose own seeds are all unusable is an error, but its report
// is as good as the others.
func Shards(t *testing.T, pair *model.Pair, seeds input.Seeds, s engine.Settings, total int) []*engine.Report {
	t.Helper()
	reports := make([]*engine.Report, total)
	for i := range reports {
		s.Shard = engine.Shard{Index: i, Total: total}
		r, err := engine.Search(t.Context(), pair, seeds, s)
		if err != nil && !errors.Is(err, engine.ErrNoUsableSeeds) {
			t.Fatalf("shard %s: %v", s.Shard, err)
		}
		reports[i] = r
	}
	return reports
}
