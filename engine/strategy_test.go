package engine_test

import (
	"sync"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/strategies"
)

func TestStrategiesThatAskForTooMuchAreCutOff(t *testing.T) {
	s := enginetest.Settings()
	s.Strategy, s.Budget = greedy{}, engine.Budget{QueriesPerSeed: 12}
	report := enginetest.Search(t, enginetest.PairOf(enginetest.Brightness(120), enginetest.Brightness(120.0001)), enginetest.GreySeeds(4), s)
	for _, o := range report.Seeds {
		if o.Queries != 12 {
			t.Errorf("seed %d: %d queries, expected the limit of 12", o.Index, o.Queries)
		}
	}
}

func TestNearestSaysHowNearItCame(t *testing.T) {
	for _, test := range []struct {
		oracle answer.Oracle
		graded bool
	}{
		{answer.Top1(), true},
		{model.Must(answer.MinGap(0.9, nil)), true},
		{model.Must(answer.MinConfidence(0.99, nil)), true},
		{answer.LabelOnly(), false},
	} {
		t.Run(test.oracle.String(), func(t *testing.T) {
			var mu sync.Mutex
			least := map[string]float64{}
			report := enginetest.Search(t, enginetest.SmoothPair(), enginetest.PatternSeeds(6), enginetest.BoundarySettings(func(s *engine.Settings) {
				s.Bound, s.Oracle = distance.LInf(3), test.oracle
				s.Strategy = enginetest.Observed{PoolStrategy: strategies.BoundarySearch{},
					Tell: func(task engine.Task, evaluations []engine.Evaluation) {
						mu.Lock()
						defer mu.Unlock()
						id := task.Seed.Input.ID()
						for _, e := range evaluations {
							near := test.oracle.(answer.Graded).Shortfall(e.Original, e.Compressed)
							if before, ok := least[id]; !ok || near < before {
								least[id] = near
							}
						}
					}}
			}))
			for _, o := range report.Seeds {
				switch {
				case o.Status != engine.SeedExhausted:
					t.Errorf("seed %d: %s", o.Index, o.Status)
				case (o.Nearest != nil) != test.graded:
					t.Errorf("seed %d: nearest is %v", o.Index, o.Nearest)
				case test.graded && *o.Nearest != least[o.SeedID]:
					t.Errorf("seed %d: nearest is %g, expected %g", o.Index, *o.Nearest, least[o.SeedID])
				}
			}
		})
	}
}

// greedy asks for five candidates whatever the limit is.
type greedy struct{ scatter }

func (greedy) NewSearcher(task engine.Task) (engine.Searcher, error) {
	return greedySearcher{&scatterSearcher{seed: task.Seed.Input, rng: task.Rand, n: 5}}, nil
}

type greedySearcher struct{ *scatterSearcher }

func (s greedySearcher) Ask(int) []input.Input { return s.scatterSearcher.Ask(5) }
