// Command gate measures what a release gate rests on: the power of its search, and the noise floor of its pairs.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
)

// experiments are what the command can do, by name.
var experiments = []struct {
	name string
	run  func(ctx context.Context, o options) error
}{
	{"canary", canary},
	{"noise", noise},
}

// options are the flags.
type options struct {
	data string // the folder with the authors' pairs, or ""
	out  string
	log  io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stderr); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "gate:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, log io.Writer) error {
	o := options{log: log}
	flags := flag.NewFlagSet("gate", flag.ContinueOnError)
	flags.SetOutput(log)
	flags.StringVar(&o.data, "data", "", "the `folder` with the authors' pairs and seeds; see go run ./compare -help")
	flags.StringVar(&o.out, "out", "../docs/results", "the `folder` for the results")
	only := flags.String("only", "", "the experiments, by `name`, separated by commas (default all)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	for _, e := range experiments {
		if *only != "" && !strings.Contains(","+*only+",", ","+e.name+",") {
			continue
		}
		if err := e.run(ctx, o); err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
	}
	return nil
}
