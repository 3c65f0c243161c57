package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// A search in which the original decides alike about everything passes no test, whatever decides.
func TestAnOriginalOfOneDecision(t *testing.T) {
	const at = 0.25
	speech := func(name string, noise float32) model.Answerer { // says 0.1 and a little more, and 0.9 for inputs above 200
		return model.AnswerFunc(name, func(_ context.Context, batch []input.Input, dst []answer.Answer) ([]answer.Answer, error) {
			dst = dst[:0]
			for _, in := range batch {
				p := 0.1 + noise*in.Data[0]
				if in.Data[0] >= 200 {
					p += 0.8
				}
				dst = append(dst, answer.Answer{Scores: answer.Scores{p, 0.2}, Outputs: []answer.Output{{Name: "speech", Shape: []int{2}}}})
			}
			return dst, nil
		})
	}
	seeds := func(last float32) (seeds input.SeedList) {
		for i := range 10 {
			row, columns := make([]float32, 20), make([]input.Domain, 20)
			for k := range columns {
				columns[k] = input.Domain{Max: 255, Step: 1}
			}
			row[0] = float32(i)
			in, err := input.NewRow(row, columns)
			if err != nil {
				t.Fatal(err)
			}
			if i == 9 {
				in.Data[0] = last
			}
			seeds = append(seeds, input.Seed{Input: in, Label: input.Unlabelled, Name: fmt.Sprint(i)})
		}
		return seeds
	}
	entries := [][]float32{{0.1, 0.2}, {0.9, 0.2}}
	for _, oracle := range []answer.Oracle{
		model.Must(answer.Threshold(answer.Thresholds{At: []float64{at}})),
		model.Must(answer.Threshold(answer.Thresholds{At: []float64{at}, Apart: 0.01})),
		model.Must(answer.SeveralLabels(answer.LabelThresholds{At: []float64{at, at}})),
		model.Must(answer.NearestNeighbour(answer.Gallery{Vectors: entries, By: answer.L2Distance})),
		model.Must(answer.NearestNeighbour(answer.Gallery{Vectors: entries, Compressed: entries, By: answer.L2Distance})),
		model.Must(answer.Verification(answer.References{Vectors: entries[:1], At: at, By: answer.L2Distance})),
		model.Must(answer.NextToken(answer.Text{})),
		model.Must(answer.AnyOf(model.Must(answer.Threshold(answer.Thresholds{At: []float64{at}})), model.Must(answer.NextToken(answer.Text{})))),
		model.Must(answer.Telling(model.Must(answer.Threshold(answer.Thresholds{At: []float64{at}})), func(o, c answer.Answer) answer.Deviation { return answer.Deviation{} })),
		model.Must(answer.Tolerance(answer.Absolute(0.5))), // decides nothing
	} {
		pair, err := model.NewPair("p", speech("o", 0.00001), speech("c", 0.00002))
		if err != nil {
			t.Fatal(err)
		}
		for _, last := range []float32{9, 250} {
			settings := engine.Settings{Strategy: strategies.Random(), Oracle: oracle, Bound: distance.LInf(3), Budget: engine.Budget{QueriesPerSeed: 60}}
			_, err = engine.Search(t.Context(), pair, seeds(last), settings)
			want := last == 9 && answer.DecisionsOf(oracle) != nil
			if blind := errors.Is(err, engine.ErrInconclusive) && strings.Contains(err.Error(), "found one for all of"); blind != want || !blind && err != nil {
				t.Errorf("%s, to %g: %v; expected an error: %t", oracle, last, err, want)
			}
		}
	}
}
