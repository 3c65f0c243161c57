package main

import (
	"bytes"
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/bench/page"
	"github.com/triggerfinder/triggerfinder/bench/sample"
	"github.com/triggerfinder/triggerfinder/stats"
)

// pageOf is the page of all entries.
func pageOf(entries []entry, order []string, tables []page.Table) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Any input, any answer: strategies side by side\n\n%s\n", header(entries))
	var missing []string
	for _, name := range order {
		if !slices.ContainsFunc(entries, func(e entry) bool { return e.Name == name }) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		fmt.Fprintf(&b, "\nNot measured, or not to be had where this was: %s.\n", strings.Join(missing, ", "))
	}
	for _, t := range tables {
		fmt.Fprintf(&b, "\n%s", t.Section())
		if t.Targets != "" {
			missed := "Met on every pair."
			if len(t.Missed) > 0 {
				missed = "Missed: " + strings.Join(t.Missed, "; ") + "."
			}
			fmt.Fprintf(&b, "\nTarget: %s. %s\n", t.Targets, missed)
		}
	}
	return b.Bytes()
}

// header says how the figures came about.
func header(entries []entry) string {
	var dates, machines, runtimes, commands []string
	for _, e := range entries {
		dates, machines, runtimes, commands = append(dates, e.Date), append(machines, e.Machine), append(runtimes, e.Runtime), append(commands, e.Command)
	}
	versions := append([]string{"Go " + strings.TrimPrefix(runtime.Version(), "go")}, page.Distinct(runtimes)...)
	return fmt.Sprintf("Written by the command `kinds` in `bench/`; measured on %s, on %s, with %s. The pairs are those of [zoo/kinds](../../zoo/kinds/cards), "+
		"made for this, and of [zoo/wild](../../zoo/wild/cards), as people ship them; their cards say more.\n\n```\n%s\n```\n\n"+
		"Boundary, TriggerFinder (as published) and random mutation start from the same seeds, "+
		"with their default operators for the kind of input (for images, corruptions for Boundary, and those of the paper for the other two), "+
		"several times with different random seeds. The figures are over all of these. A query is one candidate evaluated by both models; the screening of seeds and the confirmation of a hit are not counted. "+
		"Seeds on which the models deviate already need no search; they are counted, and are in no other figure. Every table is also a CSV file, `kinds-*.csv`; the figures of each seed are in `%s`.",
		strings.Join(page.Distinct(dates), ", "), strings.Join(page.Distinct(machines), " and on "), strings.Join(versions, ", "),
		strings.Join(page.Distinct(commands), "\n"), dataFile)
}

// tablesOf are the tables of the page.
func tablesOf(entries []entry) []page.Table {
	return []page.Table{pairsTable(entries), queriesTable(entries), distancesTable(entries)}
}

func pairsTable(entries []entry) page.Table {
	t := page.Table{
		File: "kinds-pairs.csv", Title: "What is compared", Labels: 3,
		Text:    "The models deviate when the condition in this table holds for their two answers. A seed is usable if both models answer it.",
		Columns: []string{"pair", "the models deviate when", "oracle", "seeds", "usable", "deviate themselves"},
	}
	for _, e := range entries {
		t.Add(e.Name, e.Deviates, e.Oracle, e.Seeds, e.Usable, e.Deviating)
	}
	return t
}

func queriesTable(entries []entry) page.Table {
	t := page.Table{
		File: "kinds-queries.csv", Title: "Queries to the first trigger", Labels: 2,
		Text:    "Found is out of the usable seeds that do not deviate themselves, times the random seeds. A seed without a trigger counts as the limit in median, mean and p90.",
		Columns: []string{"pair", "strategy", "limit", "found", "success", "median", "mean", "p90"},
		Targets: "on every pair Boundary finds no fewer triggers, and takes fewer queries (mean) than the other two",
	}
	for _, e := range entries {
		first, _ := e.pool(boundary)
		for _, name := range []string{boundary, triggerFinder, random} {
			p, ok := e.pool(name)
			if !ok {
				continue
			}
			t.Add(e.Name, name, e.Limit, fmt.Sprintf("%d/%d", p.found(), len(p.Queries)), page.Percent(float64(p.found())/float64(len(p.Queries))),
				page.Number(stats.Median(p.limited), 1), page.Number(sample.Mean(p.limited), 1), page.Number(stats.Percentile(p.limited, 90), 1))
			if name != boundary && len(p.Queries) > 0 {
				t.Demand(first.found() >= p.found(), e.Name, name+" found", float64(p.found()), 0)
				t.Demand(sample.Mean(first.limited) < sample.Mean(p.limited), e.Name, name+" mean", sample.Mean(p.limited), 1)
			}
		}
	}
	return t
}

func distancesTable(entries []entry) page.Table {
	t := page.Table{
		File: "kinds-distances.csv", Title: "How far triggers are from their seeds", Labels: 3,
		Text: "Medians over the triggers that a strategy found, by the measure of the kind, 1 for no change and less for larger ones (L2: 0 for none): of the first trigger of a seed, and after closing in, " +
			"which Boundary alone does, by what is left of the queries. Changed are the values that differ: pixels' channels, samples, columns, tokens.",
		Columns: []string{"pair", "measure", "strategy", "first", "closed in", "changed first", "changed closed in"},
	}
	for _, e := range entries {
		for _, name := range []string{boundary, triggerFinder, random} {
			p, ok := e.pool(name)
			if !ok {
				continue
			}
			median := func(values []float64, decimals int) string { return page.Number(stats.Median(values), decimals) }
			t.Add(e.Name, cmp.Or(e.Measure, "–"), name, median(p.First, 4), median(p.Closed, 4), median(floats(p.FirstChanged), 1), median(floats(p.ClosedChanged), 1))
		}
	}
	return t
}

func floats(values []int) []float64 {
	list := make([]float64, len(values))
	for i, v := range values {
		list[i] = float64(v)
	}
	return list
}
