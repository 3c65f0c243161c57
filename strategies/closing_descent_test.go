package strategies_test

import (
	"context"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// textureModel tells two classes by how much pixels of the middle differ from those beside them, in all channels: small changes of colour lead nowhere.
func textureModel(bias float64) model.PredictorFunc {
	return func(_ context.Context, batch []input.Input) ([][]float32, error) {
		rows := make([][]float32, len(batch))
		for i, in := range batch {
			var differ float64
			for y := 28; y < 84; y++ {
				for x := 28; x < 84; x++ {
					at := (y*colouredSide + x) * 3
					for channel := range 3 {
						differ += math.Abs(float64(in.Data[at+channel] - in.Data[at+3+channel]))
					}
				}
			}
			lead := differ/(3*56*56) - 20 + bias
			p := 1 / (1 + math.Exp(-lead/2))
			rows[i] = []float32{float32(1 - p), float32(p)}
		}
		return rows, nil
	}
}

// texturedSeeds are smooth ones and noisy ones by turns.
func texturedSeeds(n int) input.SeedList {
	seeds := make(input.SeedList, n)
	for i := range seeds {
		rng := rand.New(rand.NewPCG(uint64(i), 5))
		pixels := make([]uint8, colouredSide*colouredSide*3)
		for at := range pixels {
			y, x := at/3/colouredSide, at/3%colouredSide
			v := 128 + 40*math.Sin(float64(x+i*y)/9) + float64(8+20*(i%2))*rng.NormFloat64()
			pixels[at] = uint8(min(max(v, 0), 255))
		}
		seeds[i] = input.Seed{Input: model.Must(input.NewImage(colouredSide, colouredSide, 3, pixels)), Label: input.Unlabelled}
	}
	return seeds
}

// descended is what a search of the seeds reports whose closing in goes down to the boundary.
func descended(t *testing.T, original, compressed model.PredictorFunc, seeds input.SeedList, change func(*engine.Settings)) *engine.Report {
	t.Helper()
	s := enginetest.ClosingSettings(200, func(s *engine.Settings) {
		s.Budget.QueriesPerSeed = 200
		change(s)
	})
	report := enginetest.Search(t, enginetest.PairOf(original, compressed), seeds, s)
	for i, o := range report.Seeds {
		enginetest.CheckOutcome(t, s, seeds[i].Input, o)
	}
	return report
}

func TestTheDescentIsNearerThanFirstHits(t *testing.T) {
	for _, test := range []struct {
		name                 string
		original, compressed model.PredictorFunc
		seeds                input.SeedList
		every                int // seed is reached by the descent
		similar              float64
	}{
		{"by colours", colourModel(0, 1), colourModel(0.3, 1), colourSeeds(6, 10), 1, 0.98},
		{"by patches", textureModel(0), textureModel(0.3), texturedSeeds(6), 2, 0.65}, // smooth seeds: noise is not taken away by textures
	} {
		t.Run(test.name, func(t *testing.T) {
			report := descended(t, test.original, test.compressed, test.seeds, func(*engine.Settings) {})
			for i, o := range report.Seeds {
				if o.Trigger == nil {
					t.Errorf("seed %d: %v", i, o.Status)
					continue
				}
				if i%test.every > 0 {
					continue
				}
				if !slices.Contains(o.Trigger.History, "approach") {
					t.Errorf("seed %d: the trigger is not from the descent: %v", i, o.Trigger.History)
				}
				if *o.Trigger.Distance.SSIM < test.similar {
					t.Errorf("seed %d: SSIM %.3f, expected at least %g", i, *o.Trigger.Distance.SSIM, test.similar)
				}
			}
			same := descended(t, test.original, test.compressed, test.seeds, func(s *engine.Settings) { s.Window, s.Workers, s.BatchSize = 2, 1, 3 })
			for i := range report.Seeds {
				if a, b := report.Seeds[i], same.Seeds[i]; !reflect.DeepEqual(a.Trigger, b.Trigger) || a.Queries != b.Queries {
					t.Errorf("seed %d: another result with other batches", i)
				}
			}
		})
	}
}
