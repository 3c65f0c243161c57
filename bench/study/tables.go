package main

import (
	"fmt"
	"slices"

	"github.com/triggerfinder/triggerfinder/bench/page"
	"github.com/triggerfinder/triggerfinder/bench/sample"
	"github.com/triggerfinder/triggerfinder/bench/subjects"
	"github.com/triggerfinder/triggerfinder/stats"
)

func (r ratio) String() string { return r.bound + page.Times(r.value) }

// pairsTable is about the pairs and their seeds.
func pairsTable(list []subject) page.Table {
	t := page.Table{File: "study-pairs.csv", Labels: 2,
		Columns: []string{"pair", "seeds of", "accuracy, original", "accuracy, compressed", "agreement", "seeds", "triggers themselves", "misread by the original"}}
	known := subjects.OfStudy("DIR")
	for _, s := range list {
		row := []string{s.pair, titles[s.dataset], "–", "–", "–"}
		if i := slices.IndexFunc(known, func(k subjects.Studied) bool { return k.Name == s.pair && k.Agreement > 0 }); i >= 0 {
			row = append(row[:2], percent2(known[i].OriginalAccuracy), percent2(known[i].CompressedAccuracy), percent2(known[i].Agreement))
		}
		most := s.largest()
		themselves := 0
		for _, q := range most.Queries {
			if q == 0 {
				themselves++
			}
		}
		misread := fmt.Sprint(most.Misread)
		if s.dataset == subjects.Fashion {
			misread = "–"
		}
		t.Rows = append(t.Rows, append(row, fmt.Sprint(most.Seeds), fmt.Sprint(themselves), misread))
	}
	return t
}

// largest is a search of the most seeds.
func (s subject) largest() *search {
	var most *search
	for _, c := range contenders() {
		if one := s.searches[c.name]; one != nil && (most == nil || one.Seeds > most.Seeds) {
			most = one
		}
	}
	return most
}

func percent2(share float64) string { return page.Number(100*share, 2) + " %" }

// limitsTable says how far each strategy was let.
func limitsTable(list []subject) page.Table {
	t := page.Table{File: "study-limits.csv", Labels: 1, Columns: []string{"strategy", "seeds a pair", "queries a seed, at most", "workers", "longest seed, s"}}
	for _, c := range contenders() {
		var seeds, limits, workers []int
		longest := 0
		for _, s := range list {
			if one := s.searches[c.name]; one != nil {
				seeds, limits, workers = append(seeds, one.Seeds), append(limits, one.Limit), append(workers, one.Workers)
				longest = max(longest, slices.Max(one.Micros))
			}
		}
		if len(seeds) > 0 {
			t.Rows = append(t.Rows, []string{c.name, spread(seeds), spread(limits), spread(workers), page.Number(float64(longest)/1e6, 2)})
		}
	}
	return t
}

// spread is a number, or the least and the most of several.
func spread(values []int) string {
	least, most := slices.Min(values), slices.Max(values)
	if least == most {
		return thousands(least)
	}
	return thousands(least) + " to " + thousands(most)
}

func thousands(n int) string {
	if n < 10_000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}

// matrix has a row a pair and a column a strategy.
func matrix(file, text string, list []subject, names []string, cell func(figures) string) page.Table {
	t := page.Table{File: file, Text: text, Labels: 2, Columns: append([]string{"pair", "seeds of"}, names...)}
	for _, s := range list {
		row := []string{s.pair, titles[s.dataset]}
		for _, name := range names {
			if one := s.searches[name]; one != nil {
				row = append(row, cell(one.all()))
			} else {
				row = append(row, "–")
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// searchers are all strategies that are compared up to the first trigger.
var searchers = []string{published, released, uniform, differenceOnly, diffChaser, random, boundary}

// atLeast marks a figure into which seeds without a trigger went as their limit.
func (f figures) atLeast(value string) string {
	if f.complete() {
		return value
	}
	return "≥ " + value
}

func mainTables(list []subject) (success page.Table, rest []page.Table) {
	success = matrix("study-success.csv", "", list, searchers, func(f figures) string { return fmt.Sprintf("%d/%d", f.found, f.seeds) })
	const limited = "A seed without a trigger counts as its limit; the figure is then a lower bound (≥)."
	rest = []page.Table{
		matrix("study-mean.csv", "Mean of queries to the first trigger. "+limited, list, searchers,
			func(f figures) string { return f.atLeast(page.Number(meanQueries(f), 1)) }),
		matrix("study-median.csv", "Median.", list, searchers,
			func(f figures) string { return f.percentile(50) }),
		matrix("study-p90.csv", "90th percentile.", list, searchers,
			func(f figures) string { return f.percentile(90) }),
		matrix("study-time.csv", "Milliseconds a seed, mean: its share of the time of the batches that it took part in, of one worker.", list, searchers,
			func(f figures) string { return f.atLeast(page.Number(1000*meanSeconds(f), 2)) }),
	}
	return success, rest
}

// percentile is one of queries, marked where it hangs on a limit.
func (f figures) percentile(p float64) string {
	value := page.Number(stats.Percentile(f.queries, p), 1)
	if f.exact(p) {
		return value
	}
	return "≥ " + value
}

// paperQueries and paperTime are what the paper claims for TriggerFinder against DiffChaser.
var paperQueries, paperTime = [2]float64{51.8, 535.6}, [2]float64{5.2, 115.8}

// duels are the searches of TriggerFinder and what they are set against.
var duels = [][2]string{{published, diffChaser}, {released, diffChaser}, {published, random}}

func ratiosTable(list []subject) page.Table {
	t := page.Table{File: "study-ratios.csv", Labels: 4,
		Columns: []string{"pair", "seeds of", "search", "against", "found by that", "times fewer queries (mean)", "(median)",
			"with whole generations", "times as fast", "found in its first 1000", "µs a query", "µs a query of that"}}
	for _, s := range list {
		for _, duel := range duels {
			a, b, ok := s.both(duel[0], duel[1])
			if !ok {
				continue
			}
			whole := "–"
			if duel[1] == diffChaser {
				r := ratioOf(b, a, meanQueries)
				r.value = wholeGenerations(b) / meanQueries(a)
				whole = r.String()
			}
			t.Rows = append(t.Rows, []string{
				s.pair, titles[s.dataset], duel[0], duel[1], fmt.Sprintf("%d/%d", b.found, b.seeds),
				ratioOf(b, a, meanQueries).String(), medianRatio(b, a).String(), whole, ratioOf(b, a, meanSeconds).String(),
				page.Percent(shareWithin(b, population)), page.Number(perQuery(s.searches[duel[0]]), 0), page.Number(perQuery(s.searches[duel[1]]), 0),
			})
		}
	}
	return t
}

// perQuery is the time of a worker a query, in microseconds.
func perQuery(s *search) float64 {
	sum := 0
	for _, m := range s.Micros {
		sum += m
	}
	return float64(sum) / float64(max(s.Total, 1))
}

// ablationNames are the variations of TriggerFinder that are set beside it.
var ablationNames = []string{uniform, differenceOnly, released}

func ablationsTable(list []subject) page.Table {
	t := page.Table{File: "study-ablations.csv", Labels: 3,
		Columns: []string{"pair", "seeds of", "instead of published", "found", "mean", "times more queries (mean)", "(median)", "(geometric mean)",
			"seeds with more queries", "seeds with fewer", "p (sign test)"}}
	for _, s := range list {
		for _, other := range ablationNames {
			a, b, ok := s.both(published, other)
			if !ok {
				continue
			}
			more, fewer := 0, 0
			for i := range min(len(a.queries), len(b.queries)) {
				switch {
				case b.queries[i] > a.queries[i]:
					more++
				case b.queries[i] < a.queries[i]:
					fewer++
				}
			}
			geometric := ratioOf(b, a, func(f figures) float64 { return sample.GeometricMean(f.queries) })
			t.Rows = append(t.Rows, []string{s.pair, titles[s.dataset], other, fmt.Sprintf("%d/%d", b.found, b.seeds), b.atLeast(page.Number(meanQueries(b), 1)),
				times2(ratioOf(b, a, meanQueries)), times2(medianRatio(b, a)), times2(geometric), fmt.Sprint(more), fmt.Sprint(fewer), pValue(stats.McNemar(more, fewer))})
		}
	}
	return t
}

// times2 has two decimals, for ratios around 1.
func times2(r ratio) string { return r.bound + page.Number(r.value, 2) + "x" }

func boundaryTable(list []subject) page.Table {
	t := page.Table{File: "study-boundary.csv", Labels: 2,
		Columns: []string{"pair", "seeds of", "mean, TriggerFinder", "mean, Boundary", "times fewer queries (mean)", "(median)", "times fewer than as released (mean)",
			"times as fast", "SSIM, TriggerFinder", "SSIM, Boundary", "SSIM, closing in"}}
	for _, s := range list {
		a, b, ok := s.both(boundary, published)
		if !ok {
			continue
		}
		asReleased := "–"
		if x, y, ok := s.both(boundary, released); ok {
			asReleased = ratioOf(y, x, meanQueries).String()
		}
		closer := "–"
		if one := s.searches[closedIn]; one != nil {
			closer = page.Number(stats.Median(one.all().ssim), 3)
		}
		t.Rows = append(t.Rows, []string{s.pair, titles[s.dataset], b.atLeast(page.Number(meanQueries(b), 1)), a.atLeast(page.Number(meanQueries(a), 2)),
			ratioOf(b, a, meanQueries).String(), medianRatio(b, a).String(), asReleased, ratioOf(b, a, meanSeconds).String(),
			page.Number(stats.Median(b.ssim), 3), page.Number(stats.Median(a.ssim), 3), closer})
	}
	return t
}

func pValue(p float64) string {
	if p < 0.001 {
		return "< 0.001"
	}
	return page.Number(p, 3)
}
