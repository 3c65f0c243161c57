package strategies_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

const colouredSide = 112

// colourModel tells two classes by how red the middle of an image is against its green, in a pattern of squares, and a little by its brightness.
func colourModel(bias, steep float64) model.PredictorFunc {
	return func(_ context.Context, batch []input.Input) ([][]float32, error) {
		rows := make([][]float32, len(batch))
		for i, in := range batch {
			lead := bias
			for y := 28; y < 84; y++ {
				for x := 28; x < 84; x++ {
					pixel := in.Data[(y*colouredSide+x)*3:]
					sign := float64(1 - 2*((y/14+x/14)%2))
					lead += sign * float64(pixel[0]-pixel[1]) / 3000
					lead += sign * float64(pixel[0]+pixel[1]+pixel[2]) / 30000
				}
			}
			p := 1 / (1 + math.Exp(-steep*lead))
			rows[i] = []float32{float32(1 - p), float32(p)}
		}
		return rows, nil
	}
}

// colourSeeds are textures whose squares are redder than green, or greener than red, by so much.
func colourSeeds(n int, by float64) input.SeedList {
	seeds := make(input.SeedList, n)
	for i := range seeds {
		rng := rand.New(rand.NewPCG(uint64(i), 3))
		pixels := make([]uint8, colouredSide*colouredSide*3)
		for at := range pixels {
			y, x, c := at/3/colouredSide, at/3%colouredSide, at%3
			v := 128 + 30*math.Sin(float64(x+i*y)/7) + 12*rng.NormFloat64()
			if sign := float64(1 - 2*((y/14+x/14+i)%2)); c < 2 {
				v += sign * float64(1-2*c) * by
			}
			pixels[at] = uint8(min(max(v, 0), 255))
		}
		seeds[i] = input.Seed{Input: model.Must(input.NewImage(colouredSide, colouredSide, 3, pixels)), Label: input.Unlabelled}
	}
	return seeds
}

// Where blocks were measured over all channels at once, 0.79 came out.
func TestClosingInOnPhotosGoesByColours(t *testing.T) {
	for _, test := range []struct {
		name       string
		compressed model.PredictorFunc
	}{
		{"alike", colourModel(0.3, 1)},
		{"not alike", colourModel(0.3, 1.5)},
	} {
		t.Run(test.name, func(t *testing.T) {
			seeds := colourSeeds(8, 10)
			s := enginetest.ClosingSettings(150, func(s *engine.Settings) { s.Budget.QueriesPerSeed = 150 })
			report := enginetest.Search(t, enginetest.PairOf(colourModel(0, 1), test.compressed), seeds, s)
			var sum float64
			for i, o := range report.Seeds {
				enginetest.CheckOutcome(t, s, seeds[i].Input, o)
				if o.Trigger == nil {
					t.Fatalf("seed %d: %v", i, o.Status)
				}
				sum += *o.Trigger.Distance.SSIM
			}
			if mean := sum / float64(len(seeds)); mean < 0.98 {
				t.Errorf("closed in to a mean SSIM of %.4f, expected at least 0.98", mean)
			}
			if report.Ledger.OriginalOnly == 0 {
				t.Error("the original alone was never asked")
			}
		})
	}
}

// Nobody sees a difference by then, and a query of a large image costs much.
func TestClosingInOnPhotosEndsWhereNobodySeesIt(t *testing.T) {
	seeds := colourSeeds(8, 3)
	s := enginetest.ClosingSettings(150, func(s *engine.Settings) { s.Budget.QueriesPerSeed = 150 })
	report := enginetest.Search(t, enginetest.PairOf(colourModel(0, 1), colourModel(0.3, 1)), seeds, s)
	ended := 0
	for i, o := range report.Seeds {
		enginetest.CheckOutcome(t, s, seeds[i].Input, o)
		if o.Status != engine.Triggered {
			t.Fatalf("seed %d: %v", i, o.Status)
		}
		near := *o.Trigger.Distance.SSIM > 0.995
		if near {
			ended++
		}
		if near != (o.Queries < 150) {
			t.Errorf("seed %d: SSIM %.4f after %d of 150 queries", i, *o.Trigger.Distance.SSIM, o.Queries)
		}
	}
	if ended < 4 {
		t.Errorf("%d of 8 seeds ended early, expected at least 4", ended)
	}
}
