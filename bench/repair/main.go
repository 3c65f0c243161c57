// Command repair measures what triggers are good for: a selector that asks the original for doubtful inputs, and compressed
// models that were made again with triggers. It writes repair.md, repair*.csv, repair.json and images/repair.png.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/triggerfinder/triggerfinder/bench/command"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/strategies"
	"github.com/triggerfinder/triggerfinder/zoo"
)

const usage = `repair measures, for the pairs of the zoo, how many deviations a selector mends that is trained from triggers, at
what cost, and how many a search still finds in the repaired system. The folder -data holds

` + folder + `
Triggers and test images are split in two halves, by seed; what is reported is of the half that training has
not seen. With -export DIR, the triggers of the training half are written to DIR/PAIR.npz, from which
zoo/training/mend.py makes other compressed models. With -mended DIR, those, DIR/PAIR.onnx, are measured instead,
under the name of the folder.

What is known is kept pair by pair in repair.json; the page is written from all of it.

Flags:
`

// flags of the command.
type settings struct {
	data, export, mended, out string
	pairs                     []string
	budget, again             int
	log                       io.Writer
}

func main() { command.Main("repair", run) }

func run(ctx context.Context, args []string, log io.Writer) error {
	s, err := parse(args, log)
	if err != nil {
		return err
	}
	chosen, err := choose(s.pairs)
	if err != nil {
		return err
	}
	for _, p := range chosen {
		start := time.Now()
		if err := measure(ctx, p, s); err != nil {
			return fmt.Errorf("%s: %w", p.Name, err)
		}
		fmt.Fprintf(log, "%s: %s\n", p.Name, time.Since(start).Round(time.Second))
	}
	all, err := load(s.out)
	if err != nil {
		return err
	}
	return all.write(s.out)
}

// measure measures one pair, and keeps the result.
func measure(ctx context.Context, p zoo.Pair, s settings) error {
	pair, err := openPair(p)
	if err != nil {
		return err
	}
	defer func() { _ = pair.Close() }()
	i, err := openImages(s.data, p.Task)
	if err != nil {
		return err
	}
	var selector *selectorEntry
	var mended *mendedEntry
	if s.mended == "" {
		selector, err = measureSelector(ctx, p, pair, i, s)
	} else {
		mended, err = measureMended(ctx, p, pair, filepath.Join(s.mended, p.Name+".onnx"), i, s)
	}
	if err != nil {
		return err
	}
	all, err := load(s.out) // only now: nothing is lost when two commands run side by side
	if err != nil {
		return err
	}
	e := all.of(p)
	if selector != nil {
		e.Selector = selector
	} else {
		e.keep(mended)
	}
	original, _ := pair.Describe()
	e.Runtime = original.Settings["runtime"]
	return all.save(s.out)
}

// searcher is a strategy under its name on the page.
type searcher struct {
	name     string
	strategy engine.Strategy
}

func searchers() []searcher {
	return []searcher{{"TriggerFinder", strategies.TriggerFinder()}, {"Boundary", strategies.Boundary()}}
}

// search searches seeds for first triggers.
func search(ctx context.Context, pair *model.Pair, by searcher, seeds input.Seeds, budget int) (*engine.Report, error) {
	r, err := engine.Search(ctx, pair, seeds, engine.Settings{
		Strategy: by.strategy, Budget: engine.Budget{QueriesPerSeed: budget}, Strict: true,
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", by.name, err)
	}
	if r.Status != engine.AllSearched {
		return nil, fmt.Errorf("%s: %s after %d queries", by.name, r.Status, r.Ledger.Queries)
	}
	return r, nil
}

// export writes the triggers that a compressed model may be made again with.
func export(dir string, p zoo.Pair, triggers []*engine.Trigger) error {
	if dir == "" {
		return nil
	}
	return report.ExportTriggers(filepath.Join(dir, p.Name+".npz"), triggers)
}

func parse(args []string, log io.Writer) (settings, error) {
	s := settings{log: log}
	var pairs string
	flags := flag.NewFlagSet("repair", flag.ContinueOnError)
	flags.StringVar(&s.data, "data", "", "the `folder` of data, as above")
	flags.StringVar(&s.export, "export", "", "the `folder` for the triggers")
	flags.StringVar(&s.mended, "mended", "", "the `folder` of models made again")
	flags.StringVar(&s.out, "out", "../docs/results", "the `folder` for the results")
	flags.StringVar(&pairs, "pairs", "", "the pairs, by `name`, separated by commas (default all that the zoo has; with -mended all that were made)")
	flags.IntVar(&s.budget, "budget", 500, "queries a seed")
	flags.IntVar(&s.again, "again", 100, "the most held-out seeds from which a repaired system is searched")
	if err := command.Parse(flags, args, usage, log); err != nil {
		return s, err
	}
	switch {
	case s.data == "":
		return s, errors.New("-data: expected a folder; see -help")
	case s.budget < 1 || s.again < 1:
		return s, fmt.Errorf("-budget and -again: expected 1 or more, found %d and %d", s.budget, s.again)
	case s.export != "" && s.mended != "":
		return s, errors.New("-export and -mended: expected one of them at most")
	}
	s.pairs = command.Names(pairs)
	if len(s.pairs) == 0 && s.mended != "" {
		made, err := filepath.Glob(filepath.Join(s.mended, "*.onnx"))
		if err != nil || len(made) == 0 {
			return s, fmt.Errorf("-mended %s: expected models PAIR.onnx, found none", s.mended)
		}
		for _, file := range made {
			s.pairs = append(s.pairs, strings.TrimSuffix(filepath.Base(file), ".onnx"))
		}
	}
	return s, nil
}

// choose lists the pairs of the given names, in the order of the zoo, or all where there are no names.
func choose(names []string) ([]zoo.Pair, error) {
	if len(names) == 0 {
		return zoo.Pairs(), nil
	}
	wanted := map[string]bool{}
	for _, name := range names {
		wanted[name] = true
	}
	var chosen []zoo.Pair
	var known []string
	for _, p := range zoo.Pairs() {
		known = append(known, p.Name)
		if wanted[p.Name] {
			chosen = append(chosen, p)
			delete(wanted, p.Name)
		}
	}
	for name := range wanted {
		return nil, fmt.Errorf("-pairs: expected some of %s, found %q", strings.Join(known, ", "), name)
	}
	return chosen, nil
}
