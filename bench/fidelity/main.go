// Command fidelity counts the queries that TriggerFinder of this module takes to find triggers, beside the figures
// of the authors' own code on the same pairs and seeds. It writes triggerfinder.md and triggerfinder.csv.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/triggerfinder/triggerfinder/bench/command"
	"github.com/triggerfinder/triggerfinder/bench/subjects"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/strategies"
)

const usage = `fidelity counts the queries that TriggerFinder takes to find triggers.

Without -data it searches the pairs of package fixtures. With -data it also searches the three pairs of
the authors' public artefact, converted to ONNX, for comparison with the authors' own code. The folder holds

` + subjects.Folder + `
Results are written after each pair. Those of pairs that are not searched this time are kept.

Flags:
`

// What the authors' figures are about.
const (
	firstSeeds         = 100
	authorsRandomSeeds = 5
)

// options are the flags.
type options struct {
	data          string
	seeds         int
	randomSeeds   int
	pairs         []string
	limit         int
	fixturesLimit int
	out           string
}

func main() { command.Main("fidelity", run) }

func run(ctx context.Context, args []string, log io.Writer) error {
	o, err := parse(args, log)
	if err != nil {
		return err
	}
	chosen, err := subjects.Choose(subjects.All(o.data), o.pairs)
	if err != nil {
		return err
	}
	var results results
	if err := results.load(o.out); err != nil {
		return err
	}
	for _, s := range withFigures(chosen) {
		rows, err := measure(ctx, s, o, &results, log)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		results.replace(s.name, rows, withFigures(subjects.All(o.data)))
		if err := results.save(o.out); err != nil {
			return err
		}
	}
	return nil
}

func parse(args []string, log io.Writer) (options, error) {
	var o options
	var pairs string
	flags := flag.NewFlagSet("fidelity", flag.ContinueOnError)
	flags.StringVar(&o.data, "data", "", "the `folder` with the authors' pairs and seeds, as above")
	flags.IntVar(&o.seeds, "seeds", 500, "the most seeds of a pair")
	flags.IntVar(&o.randomSeeds, "random-seeds", 5, "the number of random seeds of the comparison with the authors' code")
	flags.StringVar(&pairs, "pairs", "", "the pairs to search, by `name`, separated by commas (default all)")
	flags.IntVar(&o.limit, "limit", 500_000, "the most queries a seed on the authors' pairs")
	flags.IntVar(&o.fixturesLimit, "fixtures-limit", 200_000, "the most queries a seed on the pairs of package fixtures")
	flags.StringVar(&o.out, "out", "../docs/results", "the `folder` for the results")
	if err := command.Parse(flags, args, usage, log); err != nil {
		return o, err
	}
	for name, value := range map[string]int{"seeds": o.seeds, "random-seeds": o.randomSeeds, "limit": o.limit, "fixtures-limit": o.fixturesLimit} {
		if value < 1 {
			return o, fmt.Errorf("-%s: expected 1 or more, found %d", name, value)
		}
	}
	o.pairs = command.Names(pairs)
	return o, nil
}

// commands are the command lines that repeat all of the rows, one for each limit, with a placeholder for
// the folder of data.
func commands(rows []row) []string {
	type run struct {
		limit    int
		fixtures bool
	}
	var runs []run
	pairs := map[run][]string{}
	randomSeeds, seeds := 1, 0
	for _, r := range rows {
		if r.limit == 0 {
			continue // the authors' code
		}
		randomSeeds, seeds = max(randomSeeds, r.randomSeeds), max(seeds, r.seeds)
		key := run{r.limit, r.part == fixturePairs}
		if !slices.Contains(runs, key) {
			runs = append(runs, key)
		}
		if !slices.Contains(pairs[key], r.pair) {
			pairs[key] = append(pairs[key], r.pair)
		}
	}
	var lines []string
	for _, key := range runs {
		list := strings.Join(pairs[key], ",")
		if key.fixtures {
			lines = append(lines, fmt.Sprintf("go run ./fidelity -seeds %d -pairs %s -fixtures-limit %d", seeds, list, key.limit))
		} else {
			lines = append(lines, fmt.Sprintf("go run ./fidelity -data DIR -seeds %d -random-seeds %d -pairs %s -limit %d", seeds, randomSeeds, list, key.limit))
		}
	}
	return lines
}

// contender is a version of the search.
type contender struct {
	name     string
	strategy engine.Strategy
}

func released() contender { return contender{"as released", strategies.TriggerFinderAsReleased()} }

func releasedUniform() contender {
	s := strategies.TriggerFinderAsReleased()
	s.UniformSelector = true
	return contender{"as released, uniform selector", s}
}

func published() contender { return contender{"as published", strategies.TriggerFinder()} }

// task is a search of a pair with one or more random seeds, pooled.
type task struct {
	part        part
	contender   contender
	seeds       int
	randomSeeds int
	limit       int
}

func tasks(s subject, o options) []task {
	if s.authors == nil {
		return []task{
			{fixturePairs, released(), o.seeds, 1, o.fixturesLimit},
			{fixturePairs, published(), o.seeds, 1, o.fixturesLimit},
		}
	}
	var list []task
	for _, c := range []contender{released(), releasedUniform(), published()} {
		list = append(list, task{comparison, c, min(firstSeeds, o.seeds), o.randomSeeds, o.limit})
	}
	for _, c := range []contender{released(), releasedUniform(), published()} {
		list = append(list, task{allSeeds, c, o.seeds, 1, o.limit})
	}
	return list
}

// measure carries out the tasks of one pair.
func measure(ctx context.Context, s subject, o options, results *results, log io.Writer) (rows []row, err error) {
	pair, seeds, err := s.open()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, pair.Close()) }()
	original, _ := pair.Describe()
	results.runtime = original.Settings["runtime"]
	for _, t := range tasks(s, o) {
		pooled := &engine.Report{}
		for randomSeed := range t.randomSeeds {
			fmt.Fprintf(log, "%s, part %d, %s, random seed %d\n", s.name, t.part, t.contender.name, randomSeed)
			report, err := search(ctx, pair, generators.First(seeds, t.seeds), t, uint64(randomSeed), log)
			if err != nil {
				return nil, err
			}
			pool(pooled, report)
		}
		r := newRow(s, t, pooled)
		fmt.Fprintf(log, "%s\n", strings.Join(r.cells(), " | "))
		rows = append(rows, r)
		if theirs := s.counterpart(t); theirs != nil {
			rows = append(rows, *theirs)
		}
	}
	return rows, nil
}

// search is one search of all seeds.
func search(ctx context.Context, pair *model.Pair, seeds input.Seeds, t task, randomSeed uint64, log io.Writer) (*engine.Report, error) {
	var last time.Time
	report, err := engine.Search(ctx, pair, seeds, engine.Settings{
		Strategy:   t.contender.strategy,
		Budget:     engine.Budget{QueriesPerSeed: t.limit},
		RandomSeed: randomSeed,
		Strict:     true,
		Workers:    1,
		OnProgress: func(p engine.Progress) {
			if now := time.Now(); now.Sub(last) > 5*time.Second {
				last = now
				fmt.Fprintln(log, " ", p)
			}
		},
	})
	if err != nil {
		return nil, err
	}
	if report.Status != engine.AllSearched {
		return nil, fmt.Errorf("%s after %d queries; rows of earlier pairs are kept", report.Status, report.Ledger.Queries)
	}
	return report, nil
}

// pool adds the seeds of a report to those of another.
func pool(into, r *engine.Report) {
	into.Seeds = append(into.Seeds, r.Seeds...)
	into.Ledger.Queries += r.Ledger.Queries
	into.Ledger.Unstable += r.Ledger.Unstable
	into.Ledger.Skipped += r.Ledger.Skipped
	into.Timing.WallSeconds += r.Timing.WallSeconds
	into.Timing.ModelSeconds += r.Timing.ModelSeconds
}
