package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/bench/page"
	"github.com/triggerfinder/triggerfinder/bench/subjects"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/stats"
)

// oneLabelPair is a pair of "Seeds of one label", with what Boundary of commit cb816d3 came to with the same seeds: median queries to the first
// trigger, its median SSIM, and that after closing in.
type oneLabelPair struct {
	pair                   string
	queries, first, closed float64
}

var oneLabelPairs = []oneLabelPair{
	{"lenet5-int8", 8, 0.350, 0.617},
	{"rescnn-int8", 8, 0.522, 0.877},
	{"zoo-lenet5-int8", 7, 0.447, 0.621},
	{"zoo-resnet20-int8", 8.5, 0.579, 0.893},
	{"vehicles-int8", 7, 0.503, 0.651},
}

// oneLabelSeeds is how many seeds of a pair are searched, as many of each label.
const oneLabelSeeds = 100

// The settings of the experiment: what there is beside the seeds of one label, and how far the search goes.
const (
	alone    = "none"
	withPool = "a pool of the other seeds"
	first    = ", first trigger"
)

// oneLabelSubjects are those pairs; without the folder of data there are the first alone.
func oneLabelSubjects(data string) []subjects.Subject {
	all := subjects.Fixtures()
	if data != "" {
		for _, s := range subjects.OfStudy(data) {
			s.Name = withinZoo + s.Name
			all = append(all, s.Subject)
		}
		all = append(all, subjects.TwoClasses(data)...)
	}
	return slices.DeleteFunc(all, func(s subjects.Subject) bool {
		return !slices.ContainsFunc(oneLabelPairs, func(p oneLabelPair) bool { return p.pair == s.Name })
	})
}

// oneLabel searches the seeds of each label apart from the others.
func oneLabel(ctx context.Context, p opened, o options, log io.Writer) (entry, error) {
	byLabel, err := seedsByLabel(ctx, p.pair, p.seeds)
	if err != nil {
		return entry{}, err
	}
	var e entry
	for _, beside := range []string{alone, withPool} {
		for _, way := range []string{first, ""} {
			run := measured{Strategy: boundary().name, Setting: beside + way, Limit: closingLimit}
			for label, seeds := range byLabel {
				if len(seeds) == 0 {
					continue
				}
				t := trial{contender: boundary(), setting: run.Setting, distances: true, budget: engine.Budget{QueriesPerSeed: closingLimit}}
				if way == "" {
					t.budget.ClosingQueriesPerSeed = closingLimit
				}
				if beside == withPool {
					others := slices.Concat(slices.Concat(byLabel[:label]...), slices.Concat(byLabel[label+1:]...))
					t.pool = input.SeedList(others)
				}
				r, err := search(ctx, p.pair, generators.First(input.SeedList(seeds), min(oneLabelSeeds, o.few)/len(byLabel)), t)
				if err != nil {
					return e, fmt.Errorf("label %d, %s: %w", label, run.Setting, err)
				}
				run.add(newRun(t, r))
			}
			fmt.Fprintf(log, "  %s: %d/%d, SSIM %.3f\n", run.Setting, run.found(), len(run.Queries), stats.Median(run.SSIM))
			e.Runs = append(e.Runs, run)
		}
	}
	return e, nil
}

// add puts another run of the same setting behind this one.
func (r *measured) add(other measured) {
	r.Total += other.Total
	r.WallSeconds += other.WallSeconds
	r.ModelSeconds += other.ModelSeconds
	r.Queries = append(r.Queries, other.Queries...)
	r.SSIM, r.L2, r.LInf, r.L0 = append(r.SSIM, other.SSIM...), append(r.L2, other.L2...), append(r.LInf, other.LInf...), append(r.L0, other.L0...)
}

// seedsByLabel sorts the seeds by the label that the original gives them.
func seedsByLabel(ctx context.Context, pair *model.Pair, seeds input.Seeds) ([][]input.Seed, error) {
	var byLabel [][]input.Seed
	for i := range seeds.Len() {
		seed, err := seeds.Seed(i)
		if err != nil {
			return nil, err
		}
		scores, err := pair.Original().Predict(ctx, []input.Input{seed.Input})
		if err != nil {
			return nil, err
		}
		if byLabel == nil {
			byLabel = make([][]input.Seed, len(scores[0]))
		}
		label := answer.Label(scores[0])
		byLabel[label] = append(byLabel[label], seed)
	}
	return byLabel, nil
}

func oneLabelTables(entries []entry) []page.Table {
	t := page.Table{
		File: "boundary-one-label.csv", Labels: 2,
		Columns: []string{
			"pair", "beside the seeds", "found", "median queries", "p90 queries", "median SSIM, first", "p10 SSIM, first", "median SSIM, closed in", "p10 SSIM, closed in",
			"before: median queries", "before: SSIM, first", "before: SSIM, closed in",
		},
	}
	for _, p := range oneLabelPairs {
		i := slices.IndexFunc(entries, func(e entry) bool { return e.Pair == p.pair })
		if i < 0 {
			continue
		}
		for _, beside := range []string{alone, withPool} {
			a, b := entries[i].run(boundary().name, beside+first), entries[i].run(boundary().name, beside)
			if a == nil || b == nil {
				continue
			}
			row := []string{
				p.pair, beside, fmt.Sprintf("%d/%d", a.found(), len(a.Queries)), page.Number(stats.Median(a.hits()), 1), page.Number(stats.Percentile(a.hits(), 90), 1),
				page.Number(stats.Median(a.SSIM), 3), page.Number(stats.Percentile(a.SSIM, 10), 3), page.Number(stats.Median(b.SSIM), 3), page.Number(stats.Percentile(b.SSIM, 10), 3),
				"–", "–", "–",
			}
			if beside == alone {
				copy(row[9:], []string{page.Number(p.queries, 1), page.Number(p.first, 3), page.Number(p.closed, 3)})
			}
			t.Rows = append(t.Rows, row)
		}
	}
	return []page.Table{t}
}
