package engine_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

func TestProgressInWords(t *testing.T) {
	for _, test := range []struct {
		p    engine.Progress
		want string
	}{
		{engine.Progress{Pair: "p", Seeds: 10}, "p: 0 of 10 seeds done, 0 triggers, 0 queries, 0s (0 queries/s); 0 % of the budget"},
		{engine.Progress{Pair: "p", Seeds: 10, Done: 2, Triggers: 1, Queries: 500, Elapsed: 5 * time.Second, Share: 0.25},
			"p: 2 of 10 seeds done, 1 triggers, 500 queries, 5s (100 queries/s); 25 % of the budget, about 15s left"},
		{engine.Progress{Pair: "p", Seeds: 10, Queries: 500, Elapsed: 100 * time.Second, Share: 0.4}, "; 40 % of the budget, about 2m30s left"},
		{engine.Progress{Pair: "p", Seeds: 10, Queries: 500, Elapsed: time.Hour, Share: 0.333}, "; 33 % of the budget, about 2h0m0s left"},
		{engine.Progress{Pair: "p", Seeds: 10, Elapsed: time.Hour, Share: 0.001}, "; 0 % of the budget"},
		{engine.Progress{Pair: "p", Seeds: 10, Done: 10, Elapsed: time.Second, Share: 1, Over: true}, "p: 10 of 10 seeds done, 0 triggers, 0 queries, 1s (0 queries/s)"},
	} {
		if got := test.p.String(); !strings.HasSuffix(got, test.want) {
			t.Errorf("expected %q, found %q", test.want, got)
		}
	}
}

// The share grows from snapshot to snapshot, by queries that seeds under way have had, and by whichever limit is nearest.
func TestShareOfTheBudget(t *testing.T) {
	slow := func(ctx context.Context, batch []input.Input) ([][]float32, error) {
		time.Sleep(3 * time.Millisecond)
		return enginetest.Brightness(300)(ctx, batch) // brighter than any image: the models agree
	}
	for name, change := range map[string]func(*engine.Settings){
		"queries of seeds": func(*engine.Settings) {},
		"all queries":      func(s *engine.Settings) { s.Budget.Queries = 1200 },
		"time":             func(s *engine.Settings) { s.Budget.Time = time.Minute },
		"triggers":         func(s *engine.Settings) { s.StopAfter = 1000 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var all []engine.Progress
			s := enginetest.Settings()
			s.Workers, s.BatchSize, s.AllowIdentical = 1, 8, true
			s.Budget = engine.Budget{QueriesPerSeed: 400}
			s.OnProgress = func(p engine.Progress) { all = append(all, p) }
			change(&s)
			pair := model.Must(model.NewPair("agreeing", model.Func("a", slow), model.Func("b", enginetest.Brightness(301))))
			_, _ = engine.Search(t.Context(), pair, enginetest.GreySeeds(4), s) // what it comes to is tested elsewhere
			between := 0
			for i, p := range all {
				if p.Share < 0 || p.Share > 1 || i > 0 && p.Share < all[i-1].Share {
					t.Errorf("snapshot %d: found %v", i, p.Share)
				}
				if p.Over != (i == len(all)-1) {
					t.Errorf("snapshot %d of %d: over is %t", i, len(all), p.Over)
				}
				if p.Share > 0 && p.Share < 1 && p.Done == 0 {
					between++
				}
			}
			if between == 0 {
				t.Errorf("expected a share before the first seed came to its end, found %+v", all)
			}
		})
	}
}
