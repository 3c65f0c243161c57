package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/bench/page"
	"github.com/triggerfinder/triggerfinder/bench/subjects"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
)

// withinRow is a row of "Within bounds, against what exists": a pair, the bound around the first of its seeds, and on how many of them a trigger
// is known to exist, by the gradients of both models.
type withinRow struct {
	pair   string
	most   float32 // of LInf
	seeds  int
	exists int
	before int // that Boundary of commit b7925a8 found, on a processor with AVX2 without VNNI
	asked  int
	sure   bool // the original is to be at least 0.5 sure
}

const sureOf = 0.5

// withinRows are the rows, with a number of seeds each that makes exists and before mean something.
var withinRows = []withinRow{
	{pair: "lenet5-int8", most: 4, seeds: 200, exists: 38, before: 12, asked: 26},
	{pair: "lenet5-int8", most: 8, seeds: 200, exists: 115, before: 61, asked: 95},
	{pair: "lenet5-int8", most: 16, seeds: 200, exists: 188, before: 153, asked: 180},
	{pair: "rescnn-int8", most: 4, seeds: 200, exists: 113, before: 49, asked: 90},
	{pair: "rescnn-int8", most: 8, seeds: 200, exists: 194, before: 157, asked: 188},
	{pair: "zoo-lenet5-int8", most: 8, seeds: 200, exists: 14, before: 7, asked: 12},
	{pair: "zoo-lenet5-int8", most: 16, seeds: 200, exists: 82, before: 34, asked: 65},
	{pair: "zoo-resnet20-int8", most: 4, seeds: 60, exists: 59, before: 30, asked: 50},
	{pair: "zoo-resnet20-int8", most: 8, seeds: 60, exists: 60, before: 51, asked: 59},
	{pair: "lenet5-int8", most: 8, seeds: 100, exists: 38, before: 5, asked: 26, sure: true},
	{pair: "rescnn-int8", most: 8, seeds: 40, exists: 36, before: 18, asked: 32, sure: true},
}

func (r withinRow) setting() string {
	text := fmt.Sprintf("LInf %g", r.most)
	if r.sure {
		text += fmt.Sprintf(", original %g sure", sureOf)
	}
	return text
}

// withinZoo is what the zoo's pairs are called beside those of package fixtures.
const withinZoo = "zoo-"

// withinSubjects are the pairs of the rows; those of the zoo need the folder of data.
func withinSubjects(data string) []subjects.Subject {
	all := subjects.Fixtures()
	if data != "" {
		for _, s := range subjects.OfStudy(data) {
			s.Name = withinZoo + s.Name
			all = append(all, s.Subject)
		}
	}
	return slices.DeleteFunc(all, func(s subjects.Subject) bool {
		return !slices.ContainsFunc(withinRows, func(r withinRow) bool { return r.pair == s.Name })
	})
}

func within(ctx context.Context, p opened, o options, log io.Writer) (entry, error) {
	var trials []trial
	for _, r := range withinRows {
		if r.pair != p.name {
			continue
		}
		t := trial{setting: r.setting(), seeds: min(r.seeds, o.seeds), bound: distance.LInf(r.most), budget: engine.Budget{QueriesPerSeed: boundedLimit}}
		if r.sure {
			oracle, err := answer.MinConfidence(sureOf, nil)
			if err != nil {
				return entry{}, err
			}
			t.oracle = oracle
		}
		for _, t.contender = range o.beside(boundary(), square(), published()) {
			trials = append(trials, t)
		}
	}
	return searches(ctx, p, log, trials...)
}

func withinTables(entries []entry) []page.Table {
	t := page.Table{File: "boundary-within.csv", Labels: 2, Columns: []string{
		"pair", "bound", "seeds", "exists", "Boundary", "share of what exists", "Boundary, b7925a8", "asked for", "Square", "TriggerFinder", "original alone",
	}}
	for _, r := range withinRows {
		i := slices.IndexFunc(entries, func(e entry) bool { return e.Pair == r.pair })
		if i < 0 {
			continue
		}
		ours := entries[i].run(boundary().name, r.setting())
		if ours == nil {
			continue
		}
		found := func(c contender) string {
			if run := entries[i].run(c.name, r.setting()); run != nil {
				return fmt.Sprint(run.found())
			}
			return "–"
		}
		exists, share, before, asked := "–", "–", "–", "–"
		if len(ours.Queries) == r.seeds { // of fewer seeds nothing is known
			exists, before, asked = fmt.Sprint(r.exists), fmt.Sprint(r.before), fmt.Sprint(r.asked)
			share = page.Percent(float64(ours.found()) / float64(r.exists))
		}
		t.Rows = append(t.Rows, []string{
			r.pair, r.setting(), fmt.Sprint(len(ours.Queries)), exists, found(boundary()), share, before, asked, found(square()), found(published()),
			page.Percent(float64(ours.OriginalOnly) / 2 / float64(max(ours.Total, 1))),
		})
	}
	return []page.Table{t}
}
