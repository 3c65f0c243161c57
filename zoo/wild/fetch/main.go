// Command fetch downloads pairs of package wild, compresses them where they are not shipped compressed, and prints where their files lie:
//
//	go run ./wild/fetch efficientnet-lite0-int8
//
// Without names it lists those there are.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"slices"

	"github.com/triggerfinder/triggerfinder/zoo/wild"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "fetch:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, names []string) error {
	all := append(wild.Pairs(), wild.Classifiers()...)
	if len(names) == 0 {
		for _, p := range all {
			fmt.Printf("%s: %s (%s)\n", p.Name, p.Task, p.Licence)
		}
		return nil
	}
	for _, name := range names {
		i := slices.IndexFunc(all, func(p wild.Pair) bool { return p.Name == name })
		if i < 0 {
			return fmt.Errorf("expected the names of pairs, found %q; without names they are listed", name)
		}
		original, compressed, err := all[i].Files(ctx)
		if err != nil {
			return err
		}
		fmt.Printf("%s\n  original    %s\n  compressed  %s\n", name, original, compressed)
	}
	return nil
}
