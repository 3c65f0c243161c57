package enginetest

import (
	"context"
	"math"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
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

// BrightnessPair is a pair of [Brightness]: it deviates where the mean lies between 120 and 128.
func BrightnessPair() *model.Pair {
	return PairOf(Brightness(120), Brightness(128))
}

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
