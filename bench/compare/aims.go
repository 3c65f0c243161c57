package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/triggerfinder/triggerfinder/bench/page"
	"github.com/triggerfinder/triggerfinder/bench/subjects"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/stats"
)

// aimed is a pair of "Closing in, by the aim", with the number of seeds that count and the median L2 distance that was asked for.
type aimed struct {
	pair   string
	seeds  int
	exists float64 // median L2 that the reference attack of bench/ceiling comes to
	asked  float64
}

var aimedPairs = []aimed{
	{pair: "lenet5-int8", seeds: 200, exists: 116, asked: 300},
	{pair: "rescnn-int8", seeds: 200},
	{pair: "zoo-lenet5-int8", seeds: 200, exists: 228, asked: 450},
	{pair: "zoo-resnet20-int8", seeds: 60, exists: 48, asked: 240},
}

var aims = []distance.Aim{distance.MostAlike, distance.NearestL2, distance.NearestLInf, distance.NearestL0}

// aimedSubjects are those pairs; those of the zoo need the folder of data.
func aimedSubjects(data string) []subjects.Subject {
	return slices.DeleteFunc(withinSubjects(data), func(s subjects.Subject) bool {
		return !slices.ContainsFunc(aimedPairs, func(a aimed) bool { return a.pair == s.Name })
	})
}

func closeByAims(ctx context.Context, p opened, o options, log io.Writer) (entry, error) {
	var trials []trial
	for _, a := range aimedPairs {
		if a.pair != p.name {
			continue
		}
		for _, aim := range aims {
			trials = append(trials, trial{
				contender: boundary(), setting: aim.String(), aim: aim, seeds: min(a.seeds, o.seeds), distances: true,
				budget: engine.Budget{QueriesPerSeed: closingLimit, ClosingQueriesPerSeed: closingLimit},
			})
		}
	}
	return searches(ctx, p, log, trials...)
}

func aimsTables(entries []entry) []page.Table {
	t := page.Table{File: "boundary-aims.csv", Labels: 2, Columns: []string{
		"pair", "aim", "found", "median L2", "p90 L2", "median LInf", "median values changed", "p90 values changed", "median SSIM", "median L2 that exists", "asked for",
	}}
	for _, a := range aimedPairs {
		i := slices.IndexFunc(entries, func(e entry) bool { return e.Pair == a.pair })
		if i < 0 {
			continue
		}
		for _, r := range entries[i].Runs {
			exists, asked := "–", "–"
			if r.Setting == distance.NearestL2.String() && a.asked > 0 && len(r.Queries) == a.seeds {
				exists, asked = page.Number(a.exists, 0), page.Number(a.asked, 0)
			}
			t.Rows = append(t.Rows, []string{
				a.pair, r.Setting, fmt.Sprintf("%d/%d", r.found(), len(r.Queries)), page.Number(stats.Median(r.L2), 0), page.Number(stats.Percentile(r.L2, 90), 0),
				page.Number(stats.Median(r.LInf), 0), page.Number(stats.Median(r.L0), 0), page.Number(stats.Percentile(r.L0, 90), 0), page.Number(stats.Median(r.SSIM), 3), exists, asked,
			})
		}
	}
	return []page.Table{t}
}
