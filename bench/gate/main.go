// Command gate measures what the numbers of a release gate are worth. Each experiment writes a page and a table,
// gate-EXPERIMENT.md and .csv, to docs/results.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/bench/command"
)

// experiment is one of the experiments. Each has a file of its own.
type experiment struct {
	name string
	says string // what it measures
	run  func(ctx context.Context, o options) error
}

// experiments are all of them, in the order in which they run.
var experiments = []experiment{
	{"coverage", "how often the decision about a rate is right, and how many draws it takes", coverage},
	{"canary", "how often a search finds a change of known size", canary},
	{"noise", "how much models differ from themselves under other settings of the runtime", noise},
	{"minimize", "how much smaller minimisation makes triggers, and that none is lost", minimizing},
	{"layers", "which quantised nodes are to blame, checked by requantising without them", layersExperiment},
}

// options are the flags.
type options struct {
	data string // the folder with the authors' pairs, or ""
	out  string
	log  io.Writer
	only []string
}

func main() { command.Main("gate", run) }

func run(ctx context.Context, args []string, log io.Writer) error {
	o, err := parse(args, log)
	if err != nil {
		return err
	}
	for _, e := range experiments {
		if len(o.only) > 0 && !slices.Contains(o.only, e.name) {
			continue
		}
		fmt.Fprintln(log, e.name)
		if err := e.run(ctx, o); err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
	}
	return nil
}

func parse(args []string, log io.Writer) (options, error) {
	o := options{log: log}
	flags := flag.NewFlagSet("gate", flag.ContinueOnError)
	only := flags.String("only", "", "the experiments, by `name`, separated by commas (default all)")
	flags.StringVar(&o.data, "data", "", "the `folder` with the authors' pairs and seeds; see go run ./compare -help")
	flags.StringVar(&o.out, "out", "../docs/results", "the `folder` for the results")
	var usage strings.Builder
	fmt.Fprintln(&usage, "gate measures what the numbers of a release gate are worth. The experiments are")
	for _, e := range experiments {
		fmt.Fprintf(&usage, "  %-12s %s\n", e.name, e.says)
	}
	fmt.Fprintln(&usage, "Flags:")
	if err := command.Parse(flags, args, usage.String(), log); err != nil {
		return o, err
	}
	o.only = command.Names(*only)
	for _, name := range o.only {
		if !slices.ContainsFunc(experiments, func(e experiment) bool { return e.name == name }) {
			return o, fmt.Errorf("-only %s: no such experiment; see -help", name)
		}
	}
	return o, nil
}
