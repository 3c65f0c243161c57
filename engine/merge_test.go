package engine_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/triggerfinder/triggerfinder/engine"
)

func TestQuestionsDiffer(t *testing.T) {
	asked := engine.Question{Strategy: "boundary", Oracle: "top-1", Aim: "ssim", Budget: engine.Budget{QueriesPerSeed: 9, Time: time.Minute}}
	for _, test := range []struct {
		change func(*engine.Question)
		want   string
	}{
		{func(*engine.Question) {}, ": <nil> and <nil>"},
		{func(q *engine.Question) { q.Strategy = "random" }, "strategy: boundary and random"},
		{func(q *engine.Question) { q.Oracle = "labels" }, "oracle: top-1 and labels"},
		{func(q *engine.Question) { q.Bound = "LInf 8" }, "bound: none and LInf 8"},
		{func(q *engine.Question) { q.Aim = "l2" }, "aim: ssim and l2"},
		{func(q *engine.Question) { q.Budget.ClosingQueriesPerSeed = 3 },
			"budget: 9 queries and 0s a seed, 0 to close in, 1m0s in all and 9 queries and 0s a seed, 3 to close in, 1m0s in all"},
		{func(q *engine.Question) { q.Budget.MinQueriesPerSeed, q.Budget.Queries = 4, 70 },
			"budget: 9 queries and 0s a seed, 0 to close in, 1m0s in all and 9 queries and 0s a seed, 0 to close in, 70 queries in all, 1m0s in all, at least 4 queries a seed"},
		{func(q *engine.Question) { q.RandomSeed = 7 }, "random seed: 0 and 7"},
	} {
		other := asked
		test.change(&other)
		setting, own, others := asked.Differs(other)
		if got := fmt.Sprintf("%s: %v and %v", setting, own, others); got != test.want {
			t.Errorf("got %q, expected %q", got, test.want)
		}
	}
}
