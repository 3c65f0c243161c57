package main

import (
	"context"
	"fmt"
	"io"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/bench/page"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// trial is one search of all seeds by one strategy.
type trial struct {
	contender contender
	setting   string
	seeds     int
	workers   int
	budget    engine.Budget
	bound     distance.Bound
	oracle    answer.Oracle
	aim       distance.Aim
	pool      input.Seeds // nil for none
	distances bool        // keep them
}

// searches carries out trials on a pair.
func searches(ctx context.Context, p opened, log io.Writer, trials ...trial) (entry, error) {
	var e entry
	for _, t := range trials {
		r, err := search(ctx, p.pair, generators.First(p.seeds, t.seeds), t)
		if err != nil {
			return e, fmt.Errorf("%s: %w", t.contender.name, err)
		}
		run := newRun(t, r)
		fmt.Fprintf(log, "  %s %s: %d/%d, %d queries, %.1f s\n",
			run.Strategy, run.Setting, run.found(), len(run.Queries), run.Total, run.WallSeconds)
		e.Runs = append(e.Runs, run)
	}
	return e, nil
}

func search(ctx context.Context, pair *model.Pair, seeds input.Seeds, t trial) (*engine.Report, error) {
	r, err := engine.Search(ctx, pair, seeds, engine.Settings{
		Strategy: t.contender.strategy, Budget: t.budget, Bound: t.bound, Oracle: t.oracle, Aim: t.aim,
		Workers: t.workers, Pool: t.pool, Strict: true, KeepInputs: 1,
	})
	if err != nil {
		return nil, err
	}
	if r.Status != engine.AllSearched {
		return nil, fmt.Errorf("%s after %d queries", r.Status, r.Ledger.Queries)
	}
	return r, nil
}

// newRun takes the queries to the first trigger, and the distances of the nearest one.
func newRun(t trial, r *engine.Report) measured {
	out := measured{
		Strategy: t.contender.name, Setting: t.setting, Limit: t.budget.QueriesPerSeed,
		Total: r.Ledger.Queries, OriginalOnly: r.Ledger.OriginalOnly, WallSeconds: page.Significant(r.Timing.WallSeconds, 4), ModelSeconds: page.Significant(r.Timing.ModelSeconds, 4),
	}
	for i := range r.Seeds {
		o := &r.Seeds[i]
		if o.Trigger == nil || o.FirstHit == nil {
			out.Queries = append(out.Queries, notFound)
			continue
		}
		out.Queries = append(out.Queries, o.FirstHit.Queries)
		if !t.distances {
			continue
		}
		d := o.Trigger.Distance
		out.L2 = append(out.L2, page.Significant(d.L2, 4))
		out.LInf = append(out.LInf, page.Significant(d.LInf, 4))
		out.L0 = append(out.L0, float64(d.L0))
		if d.SSIM != nil {
			out.SSIM = append(out.SSIM, page.Significant(*d.SSIM, 4))
		}
	}
	return out
}
