// Gate measures what a release gate rests on.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	only := flag.String("only", "minimize", "the experiment, by `name`: minimize")
	out := flag.String("out", "../docs/results", "the `folder` for the results")
	flag.Parse()
	if *only != "minimize" {
		fmt.Fprintf(os.Stderr, "gate: -only: expected minimize, found %q\n", *only)
		os.Exit(2)
	}
	if err := minimize(ctx, *out, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "gate:", err)
		os.Exit(1)
	}
}
