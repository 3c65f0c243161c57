// Command compare reruns every comparison of search strategies and writes tables and plots:
// boundary.md, the files boundary-*.csv and images/boundary-*.png.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/triggerfinder/triggerfinder/bench/command"
	"github.com/triggerfinder/triggerfinder/bench/page"
	"github.com/triggerfinder/triggerfinder/bench/subjects"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

const usage = `compare reruns every comparison of search strategies and writes tables and plots.

Without -data it takes the pairs of package fixtures; with -data also the three pairs of the authors'
public artefact, converted to ONNX. The folder holds

` + subjects.Folder + `
Each experiment is kept pair by pair in boundary.json: those that do not run this time stay as they
are, and the page is written from all. To run one again alone: -only EXPERIMENT -pairs PAIR.

Flags:
`

// options are the flags.
type options struct {
	data  string
	seeds int
	few   int
	many  int
	alone bool
	pairs []string
	only  []string
	out   string
}

func main() { command.Main("compare", run) }

func run(ctx context.Context, args []string, log io.Writer) error {
	o, err := parse(args, log)
	if err != nil {
		return err
	}
	wanted, err := chooseExperiments(o.only)
	if err != nil {
		return err
	}
	var own []subjects.Subject // of experiments
	for _, e := range wanted {
		if e.subjects != nil {
			own = append(own, e.subjects(o.data)...)
		}
	}
	usual := subjects.All(o.data)
	isOwn := func(name string) bool {
		is := func(s subjects.Subject) bool { return s.Name == name }
		return slices.ContainsFunc(own, is) && !slices.ContainsFunc(usual, is)
	}
	var named []string
	for _, name := range o.pairs {
		if !isOwn(name) {
			named = append(named, name)
		}
	}
	var chosen []subjects.Subject
	if len(named) > 0 || len(o.pairs) == 0 {
		if chosen, err = subjects.Named(o.data, named); err != nil {
			return err
		}
	}
	for _, s := range own {
		known := slices.ContainsFunc(chosen, func(c subjects.Subject) bool { return c.Name == s.Name }) // of several experiments
		if !known && isOwn(s.Name) && (len(o.pairs) == 0 || slices.Contains(o.pairs, s.Name)) {
			chosen = append(chosen, s)
		}
	}
	for _, e := range wanted {
		if e.ownProcess && len(wanted) > 1 {
			if err := runAlone(ctx, e, o, log); err != nil {
				return fmt.Errorf("%s: %w", e.name, err)
			}
			continue
		}
		for _, s := range chosen {
			if !e.takes(s.Name, o.data) {
				continue
			}
			if err := runOne(ctx, e, s, o, log); err != nil {
				return fmt.Errorf("%s, %s: %w", e.name, s.Name, err)
			}
		}
	}
	var results results
	if err := results.load(o.out); err != nil {
		return err
	}
	return results.write(o.out)
}

// takes reports whether an experiment is carried out on a pair.
func (e experiment) takes(pair, data string) bool {
	if e.subjects != nil {
		return slices.ContainsFunc(e.subjects(data), func(s subjects.Subject) bool { return s.Name == pair })
	}
	return !strings.HasPrefix(pair, withinZoo) && (e.pairs == nil || slices.Contains(e.pairs, pair))
}

// runOne carries out one experiment on one pair, and keeps what it came to.
func runOne(ctx context.Context, e experiment, s subjects.Subject, o options, log io.Writer) (err error) {
	start := time.Now()
	fmt.Fprintf(log, "%s, %s\n", e.name, s.Name)
	pair, seeds, err := s.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pair.Close()) }()
	entry, err := e.measure(ctx, opened{name: s.Name, pair: pair, seeds: seeds}, o, log)
	if err != nil {
		return err
	}
	original, _ := pair.Describe()
	entry.Experiment, entry.Pair = e.name, s.Name
	entry.Date, entry.Command = time.Now().Format(time.DateOnly), o.command(e.name)
	entry.Machine, entry.Runtime = page.Machine(), original.Settings["runtime"]
	fmt.Fprintf(log, "%s, %s: %s\n", e.name, s.Name, time.Since(start).Round(time.Second))

	var results results // read again: nothing is lost when two commands run side by side on different experiments
	if err := results.load(o.out); err != nil {
		return err
	}
	if o.alone && slices.Contains(takesAlone, e.name) {
		results.keepOthers(&entry)
	}
	results.replace(entry)
	return results.save(o.out)
}

// runAlone carries out an experiment in a process of its own, whose memory is that of the experiment alone.
func runAlone(ctx context.Context, e experiment, o options, log io.Writer) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	args := []string{"-data", o.data, "-seeds", strconv.Itoa(o.seeds), "-few", strconv.Itoa(o.few), "-many", strconv.Itoa(o.many),
		"-pairs", strings.Join(o.pairs, ","), "-only", e.name, "-out", o.out}
	command := exec.CommandContext(ctx, self, args...)
	command.Stdout, command.Stderr = log, log
	return command.Run()
}

func parse(args []string, log io.Writer) (options, error) {
	var o options
	var pairs, only string
	flags := flag.NewFlagSet("compare", flag.ContinueOnError)
	flags.StringVar(&o.data, "data", "", "the `folder` with the authors' pairs and seeds, as above")
	flags.IntVar(&o.seeds, "seeds", 500, "the most seeds of a pair, for the strategy Boundary by itself")
	flags.IntVar(&o.few, "few", 100, "the most seeds of a pair, for strategies side by side")
	flags.IntVar(&o.many, "many", 100_000, "the number of seeds of the experiment many")
	flags.BoolVar(&o.alone, "alone", false, "in the experiments "+strings.Join(takesAlone, ", ")+", search by Boundary alone; what the strategies beside it came to before stays")
	flags.StringVar(&pairs, "pairs", "", "the pairs, by `name`, separated by commas (default all)")
	flags.StringVar(&only, "only", "", "the experiments, by `name`, separated by commas, of "+experimentNames()+" (default all)")
	flags.StringVar(&o.out, "out", "../docs/results", "the `folder` for the results")
	if err := command.Parse(flags, args, usage, log); err != nil {
		return o, err
	}
	for _, f := range []struct {
		name  string
		value int
	}{{"seeds", o.seeds}, {"few", o.few}, {"many", o.many}} {
		if f.value < 1 {
			return o, fmt.Errorf("-%s: expected 1 or more, found %d", f.name, f.value)
		}
	}
	o.pairs = command.Names(pairs)
	o.only = command.Names(only)
	return o, nil
}

// command is the command line that repeats an experiment on all pairs, with a placeholder for the folder.
func (o options) command(experiment string) string {
	line := "go run ./compare"
	if o.data != "" {
		line += " -data DIR"
	}
	line += " -only " + experiment
	switch experiment {
	case "first-hit", "closing", "aims", "throughput", "within":
		line += fmt.Sprintf(" -seeds %d", o.seeds)
	case "many":
		line += fmt.Sprintf(" -many %d", o.many)
	default:
		line += fmt.Sprintf(" -few %d", o.few)
	}
	if o.alone && slices.Contains(takesAlone, experiment) {
		line += " -alone"
	}
	return line
}

// opened is a pair that is open, and its seeds.
type opened struct {
	name  string
	pair  *model.Pair
	seeds input.Seeds
}
