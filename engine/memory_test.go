package engine_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// forgetful asks for the same few inputs again and again, several at once, and for the seed.
type forgetful struct {
	inputs, atOnce int
	t              *testing.T
}

func (forgetful) String() string { return "forgetful" }

func (f forgetful) NewSearcher(task engine.Task) (engine.Searcher, error) {
	return &forgetfulSearcher{forgetful: f, task: task}, nil
}

type forgetfulSearcher struct {
	forgetful
	task  engine.Task
	asked int
}

func (s *forgetfulSearcher) Ask(limit int) []input.Input {
	var asked []input.Input
	for range min(limit, s.atOnce) {
		in := s.task.Seed.Input.Clone()
		in.Data[0] = input.Bytes.Snap(float32(s.asked % s.inputs)) // 60 is the seed's own, perhaps
		s.asked++
		asked = append(asked, in)
	}
	return asked
}

func (s *forgetfulSearcher) Tell(evaluations []engine.Evaluation) {
	for _, e := range evaluations {
		o, c := smoothRow(e.Input, 120), smoothRow(e.Input, 120.0001)
		if e.Original.Scores[0] != o || e.Compressed.Scores[0] != c {
			s.t.Errorf("the answers told for value %g are those to another input", e.Input.Data[0])
		}
	}
}

func smoothRow(in input.Input, threshold float64) float32 {
	scores, _ := enginetest.Brightness(threshold)(context.Background(), []input.Input{in})
	return scores[0][0]
}

func TestInputsAreNotGivenToTheModelsTwice(t *testing.T) {
	for _, test := range []struct{ inputs, atOnce int }{{1, 1}, {1, 7}, {5, 1}, {20, 3}, {20, 30}, {31, 31}} {
		for _, workers := range []int{1, 3} {
			var mu sync.Mutex
			asked := [2]map[string]int{{}, {}}
			predict := func(i int, threshold float64) model.PredictorFunc {
				return func(ctx context.Context, batch []input.Input) ([][]float32, error) {
					mu.Lock()
					for _, in := range batch {
						asked[i][in.ID()]++
					}
					mu.Unlock()
					return enginetest.Brightness(threshold)(ctx, batch)
				}
			}
			seeds := enginetest.GreySeeds(6)
			s := enginetest.Settings()
			s.Strategy, s.Budget, s.Workers, s.BatchSize = forgetful{test.inputs, test.atOnce, t}, engine.Budget{QueriesPerSeed: 200}, workers, 4
			report := enginetest.Search(t, enginetest.PairOf(predict(0, 120), predict(1, 120.0001)), seeds, s)
			for i := range asked {
				for id, times := range asked[i] {
					if times > 1 {
						t.Errorf("%+v: model %d was asked %d times about %s", test, i, times, id)
					}
				}
			}
			l := report.Ledger
			if l.Queries != 6*200 {
				t.Errorf("%+v: %d queries; repeated ones count too", test, l.Queries)
			}
			if want := l.Queries + l.Screened - l.Repeated; len(asked[0]) != want || len(asked[1]) != want {
				t.Errorf("%+v: %d and %d inputs asked, the ledger says %d", test, len(asked[0]), len(asked[1]), want)
			}
		}
	}
}

// More at once than memory holds, some of them known: the answers stay those of each input.
func TestAnswersBelongToTheirInputsHoweverManyAreAsked(t *testing.T) {
	for _, test := range []struct{ inputs, atOnce int }{{45, 40}, {40, 33}, {200, 64}, {33, 64}, {66, 33}} {
		s := enginetest.Settings()
		s.Strategy, s.Budget = forgetful{test.inputs, test.atOnce, t}, engine.Budget{QueriesPerSeed: 400}
		enginetest.Search(t, enginetest.PairOf(enginetest.Brightness(120), enginetest.Brightness(120.0001)), enginetest.GreySeeds(2), s)
		if t.Failed() {
			t.Fatalf("%+v", test)
		}
	}
}

// What is known again is confirmed on the models all the same.
func TestSearchesOfMutatorsThatRepeatThemselvesFindTheSame(t *testing.T) {
	s := enginetest.Settings()
	s.Strategy = strategies.RandomSearch{Mutators: []input.Mutator{coin{}}}
	s.Budget.QueriesPerSeed = 100
	o, c := &enginetest.Counting{PredictorFunc: enginetest.Brightness(120)}, &enginetest.Counting{PredictorFunc: enginetest.Brightness(128)}
	report := enginetest.Search(t, enginetest.PairOf(o.Predict, c.Predict), enginetest.GreySeeds(20), s)
	l := report.Ledger
	if len(report.Triggers()) != 20 || l.Confirmations != 20 {
		t.Errorf("%d triggers, ledger %+v", len(report.Triggers()), l)
	}
	if want := int64(l.Screened + l.Queries - l.Repeated + l.Confirmations); l.Repeated == 0 || o.Inputs.Load() != want || c.Inputs.Load() != want {
		t.Errorf("the models saw %d and %d inputs, the ledger says %d, with %d repeated", o.Inputs.Load(), c.Inputs.Load(), want, l.Repeated)
	}
}

// coin changes nothing, makes the image black or, seldom, one on which the pair deviates.
type coin struct{}

func (coin) String() string { return "coin" }

func (coin) Mutate(dst, src input.Input, rng *rand.Rand) {
	copy(dst.Data, src.Data)
	switch rng.IntN(10) {
	case 0:
		for i := range dst.Data {
			dst.Data[i] = 124
		}
	case 1, 2, 3, 4:
		clear(dst.Data)
	}
}
