package main

import (
	"fmt"
	"slices"

	"github.com/triggerfinder/triggerfinder/bench/page"
	"github.com/triggerfinder/triggerfinder/bench/sample"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/stats"
)

func firstHitTables(entries []entry) []page.Table {
	t := page.Table{
		File:    "boundary-first-hit.csv",
		Columns: []string{"pair", "found", "success", "median", "mean", "p90", "max", "median SSIM"}, Labels: 1,
		Targets: "success 100 %, median at most 5, mean at most 6.5, p90 at most 10, median SSIM at least 0.75; of nearly equal pairs success and a median of at most 12",
	}
	for _, e := range entries {
		for _, r := range e.Runs {
			hits := r.hits()
			t.Rows = append(t.Rows, []string{
				e.Pair, fmt.Sprintf("%d/%d", r.found(), len(r.Queries)), page.Percent(r.success()),
				page.Number(stats.Median(hits), 1), page.Number(sample.Mean(hits), 2), page.Number(stats.Percentile(hits, 90), 1), page.Number(stats.Percentile(hits, 100), 0),
				page.Number(stats.Median(r.SSIM), 3),
			})
			t.Demand(r.found() == len(r.Queries), e.Pair, "success (%)", 100*r.success(), 1)
			if nearlyEqual(e.Pair) {
				t.Demand(stats.Median(hits) <= 12, e.Pair, "median", stats.Median(hits), 1)
				continue
			}
			t.Demand(stats.Median(hits) <= 5, e.Pair, "median", stats.Median(hits), 1)
			t.Demand(sample.Mean(hits) <= 6.5, e.Pair, "mean", sample.Mean(hits), 2)
			t.Demand(stats.Percentile(hits, 90) <= 10, e.Pair, "p90", stats.Percentile(hits, 90), 1)
			t.Demand(stats.Median(r.SSIM) >= 0.75, e.Pair, "median SSIM", stats.Median(r.SSIM), 3)
		}
	}
	return []page.Table{t}
}

// nearlyEqual reports whether a pair is one of [fixtures.NearlyEqualPairs], whose gaps are narrow.
func nearlyEqual(pair string) bool {
	return slices.ContainsFunc(fixtures.NearlyEqualPairs(), func(p fixtures.Pair) bool { return p.Name == pair })
}

func closingTables(entries []entry) []page.Table {
	t := page.Table{
		File:    "boundary-closing.csv",
		Columns: []string{"pair", "found", "median SSIM", "p10 SSIM", "median L2", "p90 L2", "median LInf", "p90 LInf", "queries a seed"},
		Labels:  1, Targets: "median SSIM at least 0.90 on grey images, 0.95 of nearly equal pairs, 0.98 on CIFAR-10 (" + slowPair + "), 0.85 on two classes of 96x96 pixels (" + vehiclesPair + ")",
	}
	for _, e := range entries {
		for _, r := range e.Runs {
			t.Rows = append(t.Rows, []string{
				e.Pair, fmt.Sprintf("%d/%d", r.found(), len(r.Queries)),
				page.Number(stats.Median(r.SSIM), 3), page.Number(stats.Percentile(r.SSIM, 10), 3),
				page.Number(stats.Median(r.L2), 0), page.Number(stats.Percentile(r.L2, 90), 0),
				page.Number(stats.Median(r.LInf), 1), page.Number(stats.Percentile(r.LInf, 90), 1),
				page.Number(float64(r.Total)/float64(len(r.Queries)), 1),
			})
			target := 0.90
			switch {
			case e.Pair == slowPair:
				target = 0.98
			case e.Pair == vehiclesPair:
				target = 0.85
			case nearlyEqual(e.Pair):
				target = 0.95
			}
			t.Demand(stats.Median(r.SSIM) >= target, e.Pair, "median SSIM", stats.Median(r.SSIM), 3)
		}
	}
	return []page.Table{t}
}

// perSeed is wall time a seed, in seconds.
func (r measured) perSeed() float64 { return r.WallSeconds / float64(len(r.Queries)) }

func againstTables(entries []entry) []page.Table {
	all := page.Table{
		File:    "boundary-against.csv",
		Columns: []string{"pair", "strategy", "limit", "found", "success", "median", "mean", "ms a seed", "median SSIM"}, Labels: 2,
	}
	ratios := page.Table{
		File: "boundary-against-ratios.csv",
		Text: "The same as ratios: how many times as fast the first strategy was as the second (wall time), and how many times fewer queries it took. " +
			"Where a strategy failed on seeds, its mean is too small, and the ratio with it. The paper's claim for TriggerFinder against DiffChaser is " +
			"5.2x to 115.8x as fast with 51.8x to 535.6x fewer queries.",
		Columns: []string{"pair", "strategy", "against", "times as fast", "times fewer queries (mean)", "times fewer queries (median)"}, Labels: 3,
	}
	for _, e := range entries {
		for _, r := range e.Runs {
			limited := r.limited()
			all.Rows = append(all.Rows, []string{
				e.Pair, r.Strategy, fmt.Sprint(r.Limit), fmt.Sprintf("%d/%d", r.found(), len(r.Queries)), page.Percent(r.success()),
				page.Number(stats.Median(limited), 1), page.Number(sample.Mean(limited), 1), page.Number(1000*r.perSeed(), 1), page.Number(stats.Median(r.SSIM), 3),
			})
		}
		for _, duel := range duels {
			a, b := e.run(duel[0], ""), e.run(duel[1], "")
			if a == nil || b == nil {
				continue
			}
			ratios.Rows = append(ratios.Rows, []string{
				e.Pair, duel[0], duel[1], page.Times(b.perSeed() / a.perSeed()),
				page.Times(sample.Mean(b.limited()) / sample.Mean(a.limited())), page.Times(stats.Median(b.limited()) / stats.Median(a.limited())),
			})
		}
	}
	return []page.Table{all, ratios}
}

// duels are the strategies that are compared by ratios.
var duels = [][2]string{
	{boundary().name, published().name}, {boundary().name, released().name},
	{boundary().name, diffChaser().name}, {boundary().name, random().name},
	{published().name, diffChaser().name}, {released().name, diffChaser().name},
}

// run is the run of a strategy, or nil.
func (e entry) run(strategy, setting string) *measured {
	i := slices.IndexFunc(e.Runs, func(r measured) bool { return r.Strategy == strategy && r.Setting == setting })
	if i < 0 {
		return nil
	}
	return &e.Runs[i]
}

// successTable has a row a pair and setting, and a column a strategy.
func successTable(file string, entries []entry, setting string, contenders ...contender) page.Table {
	t := page.Table{File: file, Labels: 1, Columns: []string{"pair"}}
	if setting != "" {
		t.Labels, t.Columns = 2, append(t.Columns, setting)
	}
	t.Columns = append(t.Columns, "seeds")
	for _, c := range contenders {
		t.Columns = append(t.Columns, c.name)
	}
	for _, e := range entries {
		var settings []string
		for _, r := range e.Runs {
			if !slices.Contains(settings, r.Setting) {
				settings = append(settings, r.Setting)
			}
		}
		for _, s := range settings {
			cells := []string{e.Pair}
			if setting != "" {
				cells = append(cells, s)
			}
			cells = append(cells, "")
			for _, c := range contenders {
				cell := "–"
				if r := e.run(c.name, s); r != nil {
					cell, cells[t.Labels] = page.Percent(r.success()), fmt.Sprint(len(r.Queries))
				}
				cells = append(cells, cell)
			}
			t.Rows = append(t.Rows, cells)
		}
	}
	return t
}

func boundedTables(entries []entry) []page.Table {
	return []page.Table{successTable("boundary-bounded.csv", entries, "bound",
		boundary(), published(), released(), diffChaser(), random(), square())}
}

func severeTables(entries []entry) []page.Table {
	return []page.Table{successTable("boundary-severe.csv", entries, "", boundary(), published(), released(), square())}
}
