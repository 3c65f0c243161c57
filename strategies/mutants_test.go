package strategies_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// twins answers for a pair of two equal models, on whose paths there is no gap.
func twins(in input.Input) engine.Evaluation {
	scores := enginetest.Smooth.Scores(in)
	e := engine.Evaluation{Input: in, Original: answer.Answer{Scores: scores}, Compressed: answer.Answer{Scores: scores}}
	e.Verdict = answer.Judge(answer.Top1(), e.Original, e.Compressed)
	return e
}

// Between equal models some paths are left after a query each, others at a glance, and mutants take turns with those that are left.
func TestBoundaryLeavesPathsWithoutAGap(t *testing.T) {
	var pool []engine.Evaluation
	for _, seed := range enginetest.PatternSeeds(60) {
		pool = append(pool, twins(seed.Input))
	}
	task := engine.Task{Seed: pool[0], Oracle: answer.Top1(), Rand: rand.New(rand.NewPCG(0, 1))}
	s := model.Must(strategies.BoundarySearch{}.WithPool(pool).NewSearcher(task))
	toSeeds, mutants := 0, 0
	for n := range 400 {
		in := s.Ask(1)[0]
		history := strings.Join(s.(engine.Historian).History(0), ", ")
		switch {
		case history == "":
			t.Fatalf("query %d has no history", n)
		case strings.Contains(history, "with a seed"):
			toSeeds++
		case !strings.Contains(history, "blend"):
			if mutants++; n < 150 {
				t.Fatalf("query %d is a mutant, made by %q", n, history)
			}
		}
		s.Tell([]engine.Evaluation{twins(in)})
	}
	if toSeeds == 0 || toSeeds > 5 {
		t.Errorf("%d queries on ways to other seeds, expected a few", toSeeds)
	}
	if mutants != 104 {
		t.Errorf("%d mutants in 400 queries, expected every other one from 192 on", mutants)
	}
}
