package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
)

// table is one table of the page and one CSV file.
type table struct {
	file    string
	text    string // above it
	columns []string
	labels  int // columns that are no numbers
	rows    [][]string
	missed  []string // targets
	targets string
}

func (t table) csv() []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write(t.columns) // to memory: cannot fail
	for _, row := range t.rows {
		_ = w.Write(row)
	}
	w.Flush()
	return b.Bytes()
}

func (t table) markdown() string {
	var b strings.Builder
	line := func(cells []string) { fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | ")) }
	line(t.columns)
	var rule []string
	for i := range t.columns {
		if i < t.labels {
			rule = append(rule, "---")
		} else {
			rule = append(rule, "---:")
		}
	}
	line(rule)
	for _, row := range t.rows {
		line(row)
	}
	return b.String()
}

// demand notes a target that was missed.
func (t *table) demand(met bool, pair, what string, value float64, decimals int) {
	if !met {
		t.missed = append(t.missed, fmt.Sprintf("%s: %s %s", pair, what, number(value, decimals)))
	}
}

func firstHitTables(entries []entry) []table {
	t := table{
		file:    "boundary-first-hit.csv",
		columns: []string{"pair", "found", "success", "median", "mean", "p90", "max", "median SSIM"}, labels: 1,
		targets: "success 100 %, median at most 5, mean at most 6.5, p90 at most 10, median SSIM at least 0.75",
	}
	for _, e := range entries {
		for _, r := range e.Runs {
			hits := r.hits()
			t.rows = append(t.rows, []string{
				e.Pair, fmt.Sprintf("%d/%d", r.found(), len(r.Queries)), percent(r.success()),
				number(median(hits), 1), number(mean(hits), 2), number(percentile(hits, 90), 1), number(percentile(hits, 100), 0),
				number(median(r.SSIM), 3),
			})
			t.demand(r.found() == len(r.Queries), e.Pair, "success (%)", 100*r.success(), 1)
			t.demand(median(hits) <= 5, e.Pair, "median", median(hits), 1)
			t.demand(mean(hits) <= 6.5, e.Pair, "mean", mean(hits), 2)
			t.demand(percentile(hits, 90) <= 10, e.Pair, "p90", percentile(hits, 90), 1)
			t.demand(median(r.SSIM) >= 0.75, e.Pair, "median SSIM", median(r.SSIM), 3)
		}
	}
	return []table{t}
}

func closingTables(entries []entry) []table {
	t := table{
		file:    "boundary-closing.csv",
		columns: []string{"pair", "found", "median SSIM", "p10 SSIM", "median L2", "p90 L2", "median LInf", "p90 LInf", "queries a seed"},
		labels:  1, targets: "median SSIM at least 0.90 on grey images, 0.98 on CIFAR-10 (" + slowPair + ")",
	}
	for _, e := range entries {
		for _, r := range e.Runs {
			t.rows = append(t.rows, []string{
				e.Pair, fmt.Sprintf("%d/%d", r.found(), len(r.Queries)),
				number(median(r.SSIM), 3), number(percentile(r.SSIM, 10), 3),
				number(median(r.L2), 0), number(percentile(r.L2, 90), 0),
				number(median(r.LInf), 1), number(percentile(r.LInf, 90), 1),
				number(float64(r.Total)/float64(len(r.Queries)), 1),
			})
			target := 0.90
			if e.Pair == slowPair {
				target = 0.98
			}
			t.demand(median(r.SSIM) >= target, e.Pair, "median SSIM", median(r.SSIM), 3)
		}
	}
	return []table{t}
}

// perSeed is wall time a seed, in seconds.
func (r measured) perSeed() float64 { return r.WallSeconds / float64(len(r.Queries)) }

func againstTables(entries []entry) []table {
	all := table{
		file:    "boundary-against.csv",
		columns: []string{"pair", "strategy", "limit", "found", "success", "median", "mean", "ms a seed", "median SSIM"}, labels: 2,
	}
	ratios := table{
		file: "boundary-against-ratios.csv",
		text: "The same as ratios: how many times as fast the first strategy was as the second (wall time), and how many times fewer queries it took. " +
			"Where a strategy failed on seeds, its mean is too small, and the ratio with it. The paper's claim for TriggerFinder against DiffChaser is " +
			"5.2x to 115.8x as fast with 51.8x to 535.6x fewer queries.",
		columns: []string{"pair", "strategy", "against", "times as fast", "times fewer queries (mean)", "times fewer queries (median)"}, labels: 3,
	}
	for _, e := range entries {
		for _, r := range e.Runs {
			limited := r.limited()
			all.rows = append(all.rows, []string{
				e.Pair, r.Strategy, fmt.Sprint(r.Limit), fmt.Sprintf("%d/%d", r.found(), len(r.Queries)), percent(r.success()),
				number(median(limited), 1), number(mean(limited), 1), number(1000*r.perSeed(), 1), number(median(r.SSIM), 3),
			})
		}
		for _, duel := range duels {
			a, b := e.run(duel[0], ""), e.run(duel[1], "")
			if a == nil || b == nil {
				continue
			}
			ratios.rows = append(ratios.rows, []string{
				e.Pair, duel[0], duel[1], times(b.perSeed() / a.perSeed()),
				times(mean(b.limited()) / mean(a.limited())), times(median(b.limited()) / median(a.limited())),
			})
		}
	}
	return []table{all, ratios}
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
func successTable(file string, entries []entry, setting string, contenders ...contender) table {
	t := table{file: file, labels: 1, columns: []string{"pair"}}
	if setting != "" {
		t.labels, t.columns = 2, append(t.columns, setting)
	}
	t.columns = append(t.columns, "seeds")
	for _, c := range contenders {
		t.columns = append(t.columns, c.name)
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
					cell, cells[t.labels] = percent(r.success()), fmt.Sprint(len(r.Queries))
				}
				cells = append(cells, cell)
			}
			t.rows = append(t.rows, cells)
		}
	}
	return t
}

func boundedTables(entries []entry) []table {
	return []table{successTable("boundary-bounded.csv", entries, "bound",
		boundary(), published(), released(), diffChaser(), random(), square())}
}

func severeTables(entries []entry) []table {
	return []table{successTable("boundary-severe.csv", entries, "", boundary(), published(), released(), square())}
}
