package engine_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// asksOriginal is a strategy that asks the original alone, three candidates at a time, and then both models.
type asksOriginal struct{ told *[][]answer.Answer }

func (asksOriginal) String() string { return "asks the original" }

func (s asksOriginal) NewSearcher(task engine.Task) (engine.Searcher, error) {
	return &originalAsker{seed: task.Seed.Input, told: s.told}, nil
}

type originalAsker struct {
	seed  input.Input
	asks  int
	limit int
	told  *[][]answer.Answer
}

func (s *originalAsker) candidate(by int) input.Input {
	in := s.seed.Clone()
	in.Data[0] = float32(by)
	return in
}

func (s *originalAsker) AskOriginal(limit int) []input.Input {
	if s.asks%2 == 1 {
		return nil
	}
	s.asks++
	s.limit = limit
	return []input.Input{s.candidate(1), s.candidate(2), s.candidate(3)}[:min(3, limit)]
}

func (s *originalAsker) TellOriginal(answers []answer.Answer) {
	var kept []answer.Answer
	for _, a := range answers {
		kept = append(kept, a.Clone())
	}
	*s.told = append(*s.told, kept)
}

func (s *originalAsker) Ask(int) []input.Input {
	s.asks++
	return []input.Input{s.candidate(10 + s.asks)}
}

func (s *originalAsker) Tell([]engine.Evaluation) {}

// What the original alone was asked counts as half a query each, rounded up in each ask, and the compressed model never sees it.
func TestTheOriginalIsAskedAloneForHalfAQuery(t *testing.T) {
	original := counted{scores: func(in input.Input) []float32 {
		if in.Data[0] == 2 {
			return []float32{float32(math.NaN()), 0}
		}
		return []float32{1 - in.Data[0]/1000, in.Data[0] / 1000}
	}, seen: new([]float32)}
	compressed := counted{scores: func(in input.Input) []float32 { return []float32{1 - in.Data[0]/1001, in.Data[0] / 1001} }, seen: new([]float32)}
	seeds := input.SeedList{{Input: model.Must(input.NewImage(2, 2, 1, []uint8{50, 60, 70, 80})), Label: input.Unlabelled}}
	var told [][]answer.Answer
	r, err := engine.Search(t.Context(), model.Must(model.NewPair("p", original, compressed)), seeds, engine.Settings{
		Strategy: asksOriginal{&told}, Budget: engine.Budget{QueriesPerSeed: 7}, Workers: 1,
	})
	if r == nil || r.Ledger.Queries == 0 {
		t.Fatal(err)
	}
	// 2 for three candidates of the original, 1 for both, twice, and then what is left: 1 for two candidates.
	if l := r.Ledger; l.Queries != 7 || l.OriginalOnly != 8 || r.Seeds[0].Queries != 7 {
		t.Errorf("%d queries, %d of a seed, %d candidates of the original alone; expected 7, 7 and 8", l.Queries, r.Seeds[0].Queries, l.OriginalOnly)
	}
	if len(told) != 3 || len(told[0]) != 3 || len(told[2]) != 2 {
		t.Fatalf("the searcher was told %v; expected 3, 3 and 2 answers", told)
	}
	if told[0][0].Scores[1] != 0.001 || told[0][1].Scores != nil || told[0][2].Scores[1] != 0.003 {
		t.Errorf("the searcher was told %v; expected scores of its candidates, and none where one is NaN", told[0])
	}
	for _, v := range []float32{1, 2, 3} {
		if !slices.Contains(*original.seen, v) || slices.Contains(*compressed.seen, v) {
			t.Errorf("%g was seen by the original: %t, by the compressed model: %t; expected the original alone", v,
				slices.Contains(*original.seen, v), slices.Contains(*compressed.seen, v))
		}
	}
}

// counted is a predictor that notes the first value of what it sees.
type counted struct {
	scores func(input.Input) []float32
	seen   *[]float32
}

func (c counted) Describe() model.Description { return model.Description{Name: "m"} }

func (c counted) Predict(_ context.Context, batch []input.Input) ([][]float32, error) {
	var rows [][]float32
	for _, in := range batch {
		*c.seen = append(*c.seen, in.Data[0])
		rows = append(rows, c.scores(in))
	}
	return rows, nil
}
