package engine_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// Shards and distributed searches, put together, say of an original that says one and the same throughout what the whole search says.
func TestPartsOfASearchWithOneAnswer(t *testing.T) {
	detector := func(name string, noise float32) model.Answerer { // a box of a score that is a 250th of the first number
		return model.AnswerFunc(name, func(_ context.Context, batch []input.Input, dst []answer.Answer) ([]answer.Answer, error) {
			dst = dst[:0]
			for _, in := range batch {
				dst = append(dst, answer.Answer{Scores: answer.Scores{1, 1, 3, 4, in.Data[0]/250 + noise*in.Data[1], 0}, Outputs: []answer.Output{{Name: "boxes", Shape: []int{1, 6}}}})
			}
			return dst, nil
		})
	}
	for _, oracle := range []answer.Oracle{
		model.Must(answer.Threshold(answer.Thresholds{At: []float64{0.5}, Number: 5})),
		model.Must(answer.Detection(answer.Boxes{Layout: answer.EndToEnd})),
	} {
		for _, of := range []struct {
			name  string
			first func(seed int) float32
			blind bool
		}{
			{"alike", func(int) float32 { return 25 }, true},
			{"one otherwise", func(i int) float32 { return float32(25 + 200*(i/29)) }, false},
			{"each shard alike", func(i int) float32 { return float32(25 + 200*(i%3/2)) }, false},
		} {
			var seeds input.SeedList
			for i := range 30 {
				row, columns := make([]float32, 8), make([]input.Domain, 8)
				for k := range columns {
					columns[k] = input.Domain{Max: 255, Step: 1}
				}
				row[0], row[2] = of.first(i), float32(i)
				seeds = append(seeds, input.Seed{Input: model.Must(input.NewRow(row, columns)), Label: input.Unlabelled, Name: fmt.Sprint(i)})
			}
			pair := model.Must(model.NewPair("p", detector("o", 0.00001), detector("c", 0.00002)))
			settings := engine.Settings{Strategy: strategies.Random(), Oracle: oracle, Bound: distance.LInf(3), Budget: engine.Budget{QueriesPerSeed: 20}}

			_, whole := engine.Search(t.Context(), pair, seeds, settings)
			screening, results := distribute(t, pair, seeds, settings, 3)
			_, combined := engine.Combine(screening, results...)
			var shards []*engine.Report
			for i := range 3 {
				settings.Shard = engine.Shard{Index: i, Total: 3}
				r, err := engine.Search(t.Context(), pair, seeds, settings)
				if err != nil {
					t.Fatalf("%s, %s: shard %d: %v", oracle, of.name, i, err)
				}
				shards = append(shards, r)
			}
			_, merged := engine.Merge(shards...)
			if errors.Is(whole, engine.ErrInconclusive) != of.blind || !of.blind && whole != nil {
				t.Errorf("%s, %s: %v; expected an error: %t", oracle, of.name, whole, of.blind)
			}
			for part, err := range map[string]error{"combined": combined, "merged": merged} {
				if fmt.Sprint(err) != fmt.Sprint(whole) {
					t.Errorf("%s, %s, %s: %v; expected %v", oracle, of.name, part, err, whole)
				}
			}
		}
	}
}
