// Command fingerprint prints a hash over everything that searches find and what it takes them, so that two versions
// of the code can be compared on one machine: equal lines mean the same triggers to the last bit, after as many queries.
// Lines of different processors differ, since models round differently there.
package main

import (
	"context"
	"crypto/sha256"
	"flag"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/triggerfinder/triggerfinder/bench/command"
	"github.com/triggerfinder/triggerfinder/bench/subjects"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/strategies"
)

const usage = `fingerprint prints, for each pair and kind of search, a hash over all triggers, with the seeds that have one and the
queries. Run it before and after a change that should not change what is found, and compare the outputs.

Flags:
  -data names a folder with the authors' pairs:
` + subjects.Folder

func main() { command.Main("fingerprint", run) }

// kind is a way to search: a strategy with its limits.
type kind struct {
	name     string
	settings engine.Settings
}

func kinds() []kind {
	search := func(s engine.Strategy, queries, closing int, bound distance.Bound) engine.Settings {
		return engine.Settings{
			Strategy: s, Bound: bound,
			Budget: engine.Budget{QueriesPerSeed: queries, ClosingQueriesPerSeed: closing},
		}
	}
	return []kind{
		{"boundary", search(strategies.Boundary(), 500, 0, nil)},
		{"boundary, closing in", search(strategies.Boundary(), 200, 200, nil)},
		{"boundary, L-infinity 16", search(strategies.Boundary(), 200, 0, distance.LInf(16))},
		{"boundary, SSIM 0.9", search(strategies.Boundary(), 200, 0, distance.SSIMAtLeast(0.9))},
		{"triggerfinder", search(strategies.TriggerFinder(), 500, 0, nil)},
		{"square, L-infinity 16", search(strategies.Square(), 200, 0, distance.LInf(16))},
		{"diffchaser", search(strategies.DiffChaser(), 500, 0, nil)},
		{"random", search(strategies.Random(), 200, 0, nil)},
	}
}

func run(ctx context.Context, args []string, log io.Writer) error {
	flags := flag.NewFlagSet("fingerprint", flag.ContinueOnError)
	data := flags.String("data", "", "the `folder` of the authors' pairs")
	pairs := flags.String("pairs", "", "`names` of pairs, separated by commas; all where empty")
	seeds := flags.Int("seeds", 40, "seeds a pair")
	if err := command.Parse(flags, args, usage, log); err != nil {
		return err
	}
	chosen, err := subjects.Named(*data, command.Names(*pairs))
	if err != nil {
		return err
	}
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	defer out.Flush()
	fmt.Fprintln(out, "pair\tsearch\ttriggers\tqueries\tfingerprint")
	for _, s := range chosen {
		if err := one(ctx, out, s, *seeds); err != nil {
			return fmt.Errorf("%s: %w", s.Name, err)
		}
		out.Flush()
	}
	return nil
}

func one(ctx context.Context, out io.Writer, s subjects.Subject, n int) error {
	pair, seeds, err := s.Open()
	if err != nil {
		return err
	}
	defer pair.Close()
	for _, k := range kinds() {
		report, err := engine.Search(ctx, pair, first{seeds, min(n, seeds.Len())}, k.settings)
		if report == nil || ctx.Err() != nil {
			return fmt.Errorf("%s: %w", k.name, err)
		}
		hash := sha256.New()
		triggers := report.Triggers()
		for _, t := range triggers {
			similarity := -1.0
			if t.Distance.SSIM != nil {
				similarity = *t.Distance.SSIM
			}
			fmt.Fprintln(hash, t.SeedIndex, t.ID, t.Queries, t.OriginalLabel, t.CompressedLabel,
				t.Distance.L0, t.Distance.L2, t.Distance.LInf, similarity, t.History)
		}
		fmt.Fprintf(out, "%s\t%s\t%d\t%d\t%x\n", s.Name, k.name, len(triggers), report.Ledger.Queries, hash.Sum(nil)[:8])
	}
	return nil
}

// first are the first n seeds.
type first struct {
	input.Seeds
	n int
}

func (f first) Len() int { return f.n }
