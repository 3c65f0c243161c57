// Command study reruns the study of TriggerFinder (arXiv 2112.02819) on the pairs of the zoo: how many seeds a search
// finds a trigger for, by how many queries and in how much time, for TriggerFinder, its ablations, DiffChaser, random
// mutation and Boundary. It writes study.md, study-*.csv, images/study-*.png and, with the figures of each seed,
// study.json, from which a run that was stopped goes on.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/bench/command"
	"github.com/triggerfinder/triggerfinder/bench/subjects"
)

const usage = `study reruns the study of TriggerFinder on the pairs of the zoo and writes tables, plots and pictures of triggers.

With -data it takes their seeds from a folder, and the three pairs of the authors' public artefact as well, where the
folder holds them. It holds

` + subjects.Folder + `
For the pairs of MNIST alone its test images will do, from which the first 500 are taken: t10k-images-idx3-ubyte and
t10k-labels-idx1-ubyte, with or without .gz, in the folder itself or in MNIST/raw, where torchvision puts them.
Without -data there are no digits and no photographs: the pairs for MNIST are searched from the images of package
fixtures, which show clothing. The figures are then of another kind, and stand apart on the page.

Everything that is done is kept in study.json after each part of the seeds: stop the command when you like, and
start it again to go on. What is there already, of the same models, seeds and options, is not searched again,
unless by -again.

Flags:
`

// options are the flags.
type options struct {
	data       string
	pairs      []string
	only       string
	strategies []string
	seeds      int
	limit      int
	few        int // seeds for baselines
	fewLimit   int
	workers    int
	again      bool
	out        string
}

func main() { command.Main("study", run) }

func run(ctx context.Context, args []string, log io.Writer) error {
	o, err := parse(args, log)
	if err != nil {
		return err
	}
	studied, err := choose(o)
	if err != nil {
		return err
	}
	chosen, err := chooseContenders(o.strategies)
	if err != nil {
		return err
	}
	if _, err := load(o.out); err != nil { // before hours of work, not behind them
		return err
	}
	if o.data == "" {
		fmt.Fprintln(log, "no -data: the seeds are the images of package fixtures, clothing instead of digits; see -help")
	}
	work := newWork(o, studied, chosen, log)
	err = work.carryOut(ctx)
	return errors.Join(err, write(o.out))
}

// choose lists the pairs that the flags name.
func choose(o options) ([]subjects.Studied, error) {
	all := subjects.OfStudy(o.data)
	if !subjects.HasAuthors(o.data) {
		all = slices.DeleteFunc(all, func(s subjects.Studied) bool { return subjects.FromAuthors(s.Name) })
	}
	if o.only != "" {
		if !slices.Contains([]string{subjects.MNIST, subjects.CIFAR10}, o.only) {
			return nil, fmt.Errorf("-only: expected %s or %s, found %q", subjects.MNIST, subjects.CIFAR10, o.only)
		}
		all = slices.DeleteFunc(all, func(s subjects.Studied) bool { return (s.Dataset == subjects.CIFAR10) != (o.only == subjects.CIFAR10) })
	}
	if len(o.pairs) == 0 && len(all) == 0 {
		return nil, fmt.Errorf("-only %s: expected some pairs, found none; without -data there are none for %s", o.only, subjects.CIFAR10)
	}
	return subjects.Choose(all, o.pairs)
}

func parse(args []string, log io.Writer) (options, error) {
	var o options
	var pairs, names string
	flags := flag.NewFlagSet("study", flag.ContinueOnError)
	flags.StringVar(&o.data, "data", "", "the `folder` with seeds and the authors' pairs, as above")
	flags.StringVar(&pairs, "pairs", "", "the pairs, by `name`, separated by commas (default all)")
	flags.StringVar(&o.only, "only", "", "the pairs of one `data set`, mnist or cifar10 (default both)")
	flags.StringVar(&names, "strategies", "", "the strategies, by `name`, separated by commas, of "+shortList()+" (default all)")
	flags.IntVar(&o.seeds, "seeds", 500, "the most seeds of a pair")
	flags.IntVar(&o.limit, "limit", 200_000, "the most queries a seed")
	flags.IntVar(&o.few, "baseline-seeds", 100, "the most seeds of a pair for DiffChaser and random mutation, and for ablations on "+strings.Join(hard, ", "))
	flags.IntVar(&o.fewLimit, "baseline-limit", 10_000, "the most queries a seed for DiffChaser and random mutation")
	flags.IntVar(&o.workers, "workers", 2, "the batches under way at once; no figure but time depends on it")
	flags.BoolVar(&o.again, "again", false, "measure anew what is there already")
	flags.StringVar(&o.out, "out", "../docs/results", "the `folder` for the results")
	if err := command.Parse(flags, args, usage, log); err != nil {
		return o, err
	}
	for _, f := range []struct {
		name        string
		value, most int
	}{
		{"seeds", o.seeds, mostSeeds}, {"limit", o.limit, 1 << 30}, {"baseline-seeds", o.few, mostSeeds},
		{"baseline-limit", o.fewLimit, 1 << 30}, {"workers", o.workers, 1 << 10},
	} {
		if f.value < 1 || f.value > f.most {
			return o, fmt.Errorf("-%s: expected 1 to %d, found %d", f.name, f.most, f.value)
		}
	}
	o.pairs = command.Names(pairs)
	o.strategies = command.Names(names)
	return o, nil
}
