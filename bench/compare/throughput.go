package main

import (
	"context"
	"fmt"
	"io"

	"github.com/triggerfinder/triggerfinder/bench/page"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/stats"
)

const rounds = 5

// cost is what the search itself costs, beside a bare loop; medians of rounds.
type cost struct {
	Strategy       string  `json:"strategy"`
	Seeds          int     `json:"seeds"`
	Inputs         int     `json:"inputs"`  // given to both models
	Queries        int     `json:"queries"` // counted
	Overhead       float64 `json:"overhead"`
	QueriesPerS    float64 `json:"queries_per_s"`
	BarePerS       float64 `json:"bare_inputs_per_s"`
	RelativeToBare float64 `json:"relative_to_bare"`
	TwoWorkers     float64 `json:"two_workers"` // times as fast as one
	TwoLoops       float64 `json:"two_loops"`   // two bare loops at once, times as fast as one: what the machine gives
}

func throughput(ctx context.Context, p opened, o options, log io.Writer) (entry, error) {
	seeds := o.seeds
	if p.name == slowPair {
		seeds = max(seeds/slowShareTimed, 1)
	}
	var e entry
	for _, t := range []trial{
		{contender: published(), budget: engine.Budget{QueriesPerSeed: closingLimit}},
		{contender: boundary(), budget: engine.Budget{QueriesPerSeed: closingLimit, ClosingQueriesPerSeed: closingLimit}},
	} {
		t.seeds = seeds
		c, err := costOf(ctx, p, t, log)
		if err != nil {
			return e, fmt.Errorf("%s: %w", t.contender.name, err)
		}
		e.Costs = append(e.Costs, c)
	}
	return e, nil
}

// costOf alternates the search by one worker, by two workers, the bare loop, two bare loops, and the search with the bare
// loop beside it.
func costOf(ctx context.Context, p opened, t trial, log io.Writer) (cost, error) {
	c := cost{Strategy: t.contender.name, Seeds: t.seeds}
	seeds := generators.First(p.seeds, t.seeds)
	loop, err := loopOf(ctx, p.pair, seeds, t) // warms up as well
	if err != nil {
		return c, err
	}
	var overheads, rates, bares, relatives, speedups, limits []float64
	for round := range rounds {
		t.workers = 1
		one, err := search(ctx, p.pair, seeds, t)
		if err != nil {
			return c, err
		}
		c.Queries = one.Ledger.Queries
		c.Inputs = one.Ledger.Screened + one.Ledger.Queries - one.Ledger.Repeated + one.Ledger.Confirmations
		t.workers = 2
		two, err := search(ctx, p.pair, seeds, t)
		if err != nil {
			return c, err
		}
		bare, err := loop.run(ctx)
		if err != nil {
			return c, err
		}
		both, err := loop.twice(ctx)
		if err != nil {
			return c, err
		}
		alone, twins, err := loop.beside(ctx, p.pair.Name(), seeds, t)
		if err != nil {
			return c, err
		}
		wall := one.Timing.WallSeconds
		overheads = append(overheads, one.Timing.Overhead())
		rates = append(rates, float64(c.Queries)/wall)
		bares = append(bares, float64(c.Inputs)/bare.Seconds())
		relatives = append(relatives, twins/alone)
		speedups = append(speedups, wall/two.Timing.WallSeconds)
		limits = append(limits, bare.Seconds()/both.Seconds())
		fmt.Fprintf(log, "  %s, round %d: one worker %.2f s (overhead %.1f %%), two workers %.2f s, bare loop %.2f s, two bare loops %.2f s, search and bare loop by turns %.2f and %.2f s\n",
			c.Strategy, round+1, wall, 100*one.Timing.Overhead(), two.Timing.WallSeconds, bare.Seconds(), both.Seconds(), alone, twins)
	}
	c.Overhead, c.QueriesPerS = page.Significant(stats.Median(overheads), 4), page.Significant(stats.Median(rates), 4)
	c.BarePerS, c.RelativeToBare = page.Significant(stats.Median(bares), 4), page.Significant(stats.Median(relatives), 4)
	c.TwoWorkers, c.TwoLoops = page.Significant(stats.Median(speedups), 4), page.Significant(stats.Median(limits), 4)
	return c, nil
}

func throughputTables(entries []entry) []page.Table {
	t := page.Table{
		File:    "boundary-throughput.csv",
		Columns: []string{"pair", "strategy", "seeds", "queries", "overhead", "queries/s", "bare loop, inputs/s", "speed of the bare loop", "two workers", "two bare loops"},
		Labels:  2,
	}
	for _, e := range entries {
		for _, c := range e.Costs {
			loops := "–" // not measured then
			if c.TwoLoops > 0 {
				loops = page.Number(c.TwoLoops, 2) + "x"
			}
			t.Rows = append(t.Rows, []string{
				e.Pair, c.Strategy, fmt.Sprint(c.Seeds), fmt.Sprint(c.Queries), page.Percent(c.Overhead),
				page.Number(c.QueriesPerS, 0), page.Number(c.BarePerS, 0), page.Percent(c.RelativeToBare), page.Number(c.TwoWorkers, 2) + "x", loops,
			})
		}
	}
	return []page.Table{t}
}
