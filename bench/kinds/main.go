// Command kinds compares search strategies on pairs of every kind of input and answer: tables, tokens, sound, embeddings and
// others. It writes kinds.md, the files kinds-*.csv and, with the figures of each seed, kinds.json.
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
	"github.com/triggerfinder/triggerfinder/zoo/wild"
)

const usage = `kinds compares search strategies on pairs of every kind of input and answer: those of zoo/kinds, and those of zoo/wild, which are
downloaded when they are searched for the first time, by Python's pip, and left out where that cannot be.

Boundary, TriggerFinder and random mutation start from the same seeds, with the operators that are usual for the kind of
the inputs. What a pair came to is kept in kinds.json as soon as all three have searched it, so that a command that
is stopped loses one pair at most; pairs that are not searched this time stay as they are, and the page is written from all.

Flags:
`

// options are the flags.
type options struct {
	only    []string
	zoo     string
	seeds   int
	queries int
	closing int
	repeats int
	out     string
}

func main() { command.Main("kinds", run) }

func run(ctx context.Context, args []string, log io.Writer) error {
	o, pairs, err := parse(args, log)
	if err != nil {
		return err
	}
	chosen, err := subjects.ChooseOfKind(pairs, o.only)
	if err != nil {
		return err
	}
	order := names(pairs)
	if _, err := load(o.out, order); err != nil { // before minutes of work, not behind them
		return err
	}
	var failed error
	for i, k := range chosen {
		fmt.Fprintf(log, "%d of %d: %s\n", i+1, len(chosen), k.Name())
		entry, err := measure(ctx, k, o, log)
		switch {
		case ctx.Err() != nil:
			return errors.Join(failed, write(o.out, order),
				fmt.Errorf("stopped; what was measured of the first %d of %d is kept, and -only %s goes on", i, len(chosen), strings.Join(names(chosen[i:]), ",")))
		case errors.Is(err, wild.ErrUnavailable):
			fmt.Fprintf(log, "  left out: %v\n", err)
			continue
		case err != nil:
			failed = errors.Join(failed, fmt.Errorf("%s: %w", k.Name(), err))
			fmt.Fprintf(log, "  not measured: %v\n", err)
			continue
		}
		if err := keep(o.out, order, entry); err != nil {
			return errors.Join(failed, err)
		}
	}
	return errors.Join(failed, write(o.out, order))
}

func names(pairs []subjects.OfKind) []string {
	var list []string
	for _, k := range pairs {
		list = append(list, k.Name())
	}
	return list
}

// all are all pairs, in the order of the tables.
func all(zoo string) []subjects.OfKind { return append(subjects.OfKinds(zoo), subjects.InTheWild()...) }

// parse reads the flags, and lists all that there is to measure.
func parse(args []string, log io.Writer) (o options, pairs []subjects.OfKind, err error) {
	var only string
	flags := flag.NewFlagSet("kinds", flag.ContinueOnError)
	flags.StringVar(&only, "only", "", "the pairs, by `name`, separated by commas, of "+strings.Join(names(all("")), ", ")+" (default all)")
	flags.StringVar(&o.zoo, "zoo", "../zoo/kinds", "the `folder` of the pairs of zoo/kinds")
	flags.IntVar(&o.seeds, "seeds", 60, "the most seeds of a pair (fewer of those that take long)")
	flags.IntVar(&o.queries, "queries", 300, "the most queries a seed, those that bring a trigger nearer included (fewer for models that take long)")
	flags.IntVar(&o.closing, "closing", 100, "the most queries that bring a trigger nearer, after the first one of a seed")
	flags.IntVar(&o.repeats, "random-seeds", 3, "how many times each strategy searches, with another random seed each")
	flags.StringVar(&o.out, "out", "../docs/results", "the `folder` for the results")
	if err := command.Parse(flags, args, usage, log); err != nil {
		return o, nil, err
	}
	for _, f := range []struct {
		name               string
		value, least, most int
	}{
		{"seeds", o.seeds, 1, mostSeeds}, {"queries", o.queries, 1, 1 << 20}, {"closing", o.closing, 0, 1 << 20}, {"random-seeds", o.repeats, 1, 1000},
	} {
		if f.value < f.least || f.value > f.most {
			return o, nil, fmt.Errorf("-%s: expected %d to %d, found %d", f.name, f.least, f.most, f.value)
		}
	}
	o.only = command.Names(only)
	return o, all(o.zoo), nil
}

// command is the command line that repeats what was measured, on all pairs.
func (o options) command() string {
	return fmt.Sprintf("go run ./kinds -seeds %d -queries %d -closing %d -random-seeds %d", o.seeds, o.queries, o.closing, o.repeats)
}

// mostSeeds bounds what a file of results may hold.
const mostSeeds = 100_000

// place is where a name stands in the order.
func place(order []string, name string) int { return slices.Index(order, name) }
