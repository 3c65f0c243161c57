package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// A search in which a detector never finds anything passes no test, unless that is what is wanted.
func TestADetectorThatFindsNothing(t *testing.T) {
	detector := func(name string, score, noise float32) model.Answerer {
		return model.AnswerFunc(name, func(_ context.Context, batch []input.Input, dst []answer.Answer) ([]answer.Answer, error) {
			dst = dst[:0]
			for _, in := range batch {
				dst = append(dst, answer.Answer{Scores: answer.Scores{1, 1, 3, 4, score + noise*in.Data[0], 0}, Outputs: []answer.Output{{Name: "boxes", Shape: []int{1, 6}}}})
			}
			return dst, nil
		})
	}
	var seeds input.SeedList
	for i := range 10 {
		in, err := input.NewImage(4, 4, 3, make([]uint8, 48))
		if err != nil {
			t.Fatal(err)
		}
		in.Data[0] = float32(i)
		seeds = append(seeds, input.Seed{Input: in, Label: input.Unlabelled, Name: fmt.Sprint(i)})
	}
	for _, test := range []struct {
		score float32
		boxes answer.Boxes
		blind bool
	}{
		{0.1, answer.Boxes{Layout: answer.EndToEnd}, true}, {0.1, answer.Boxes{Layout: answer.EndToEnd, Empty: true}, false},
		{0.8, answer.Boxes{Layout: answer.EndToEnd}, false}, {0.1, answer.Boxes{Layout: answer.EndToEnd, Score: 0.05}, false},
	} {
		pair, err := model.NewPair("p", detector("o", test.score, 0.0001), detector("c", test.score, 0.0002))
		if err != nil {
			t.Fatal(err)
		}
		oracle := model.Must(answer.Detection(test.boxes))
		_, err = engine.Search(t.Context(), pair, seeds, engine.Settings{Strategy: strategies.Random(), Oracle: oracle, Budget: engine.Budget{QueriesPerSeed: 20}})
		if blind := errors.Is(err, engine.ErrInconclusive) && strings.Contains(err.Error(), "found no box of a score of at least 0.5 in all of 10 seeds"); blind != test.blind || !blind && err != nil {
			t.Errorf("%g, %s: %v; expected an error: %t", test.score, oracle, err, test.blind)
		}
	}
}
