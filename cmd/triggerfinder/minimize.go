package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/internal/commandline"
	"github.com/triggerfinder/triggerfinder/minimize"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
)

// minimizeFlags are the flags of the command minimize.
type minimizeFlags struct {
	*commandline.Flags
	models *models
	oracle *oracleFlags

	bound      distance.Bound
	aim        distance.Aim
	budget     int
	any        bool
	classNames []string
	talk       talk
}

func defineMinimize() *minimizeFlags {
	f := &minimizeFlags{Flags: commandline.NewFlags("minimize"), budget: minimize.DefaultQueries}
	f.models = defineModels(f.Flags, "MODEL", "the original model (default: that of the search, if a file has the same content)", "its compressed version (default: as above)")
	f.models.defineOptions(asInTheSearch)
	f.Section("What counts")
	defineBound(f.Flags, "as in the search: linf=8, l2=300, l0=20 (raw units), ssim=0.9, or several by comma", &f.bound)
	f.oracle = defineOracle(f.Flags)
	f.Switch("any-deviation", "both models may give other labels than before", &f.any)
	f.Section("Minimisation")
	defineAim(f.Flags, "the distance that may not grow: ssim, l2, linf or l0 (default ssim)", &f.aim)
	f.Count("budget", "queries a trigger (default 500)", &f.budget, 1)
	f.Section("Results")
	defineClassNames(f.Flags, "by comma, or a file with one a line", &f.classNames)
	f.talk.define(f.Flags, "tell how the models are run")
	return f
}

// run is the command minimize.
func (f *minimizeFlags) run(others []string, c console) (code int, err error) {
	if err := f.models.readFile(); err != nil {
		return exitError, err
	}
	c = f.talk.of(c)
	corpora, err := savedOnes(f.Flags, f.oracle, others)
	if err != nil {
		return exitError, err
	}
	corpus, err := onlyPair(f.Flags, others[0], corpora)
	if err != nil {
		return exitError, err
	}
	if len(corpus.saved) == 0 {
		return exitError, errors.Join(corpus.broken...)
	}
	pair, err := f.models.openAsSaved(corpus, c)
	if err != nil {
		return exitError, err
	}
	defer func() { _ = pair.Close() }()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	defer context.AfterFunc(ctx, stop)()
	written, tried, err := f.minimizeAll(ctx, pair, corpus, c)
	if err := errors.Join(append(corpus.broken, err)...); err != nil {
		return exitError, err
	}
	if !c.quiet {
		_, err = fmt.Fprintf(c.out, "Minimised: %d of %s; those that there were stay as they are.\n", written, report.Plural(tried, "trigger"))
	}
	return exitNothing, err
}

// minimizeAll saves a smaller trigger beside each one that it can make smaller, and returns how many, of how
// many that were tried: those that were minimised before are not.
func (f *minimizeFlags) minimizeAll(ctx context.Context, pair *model.Pair, corpus corpus, c console) (written, tried int, err error) {
	oracle, err := corpus.oracle.with(pair)
	if err != nil {
		return 0, 0, err
	}
	for i, s := range corpus.saved {
		if ctx.Err() != nil {
			c.note("Interrupted: %s not tried.", report.Plural(len(corpus.saved)-i, "trigger"))
			return written, tried, nil
		}
		if minimised(s.Trigger) && len(corpus.saved) > 1 {
			continue // named alone, it is tried again
		}
		tried++
		line, saved, err := f.minimizeOne(ctx, pair, s, oracle, s.Names(f.classNames))
		if err != nil {
			return written, tried, fmt.Errorf("%s: %w", s.Dir, err)
		}
		if saved {
			written++
		}
		if c.quiet {
			continue
		}
		if _, err := fmt.Fprintln(c.out, line); err != nil {
			return written, tried, err
		}
	}
	return written, tried, nil
}

// minimizeOne makes one trigger smaller, and says what came of it.
func (f *minimizeFlags) minimizeOne(ctx context.Context, pair *model.Pair, s report.SavedTrigger, oracle answer.Oracle, classNames []string) (line string, saved bool, err error) {
	m, err := minimize.Trigger(ctx, pair, &s.Trigger, minimize.Settings{
		Oracle: oracle, Bound: f.bound, Aim: f.aim, AnyDeviation: f.any, Queries: f.budget,
	})
	switch {
	case errors.Is(err, engine.ErrNoDeviation):
		return fmt.Sprintf("%-14s  %s", "healed", s.Dir), false, nil
	case err != nil:
		return "", false, err
	case !m.Smaller():
		return fmt.Sprintf("%-14s  %s: %s", "as it was", s.Dir, report.Plural(m.Queries, "query")), false, nil
	}
	described := s.Context // the pair's name too, so that it lies beside the one that it was made of
	described.Oracle, described.Bound, described.ClassNames = oracle.String(), "", classNames
	if f.bound != nil {
		described.Bound = f.bound.String()
	}
	described.Original, described.Compressed = pair.Describe()
	store, err := report.OpenStore(filepath.Join(s.Dir, "..", ".."))
	if err != nil {
		return "", false, err
	}
	dir, err := store.Save(m.Trigger, described)
	if err != nil {
		return "", false, err
	}
	return fmt.Sprintf("%-14s  %s: %s\n  was: %s\n  now: %s\n  %s, in %s", "minimised", s.Dir, report.AnswersInWords(m.Trigger, classNames),
		distanceInWords(&s.Trigger), distanceInWords(m.Trigger), dir, report.Plural(m.Queries, "query")), true, nil
}

// minimised reports whether a trigger came of this command, or of a matcher that does the same.
func minimised(t engine.Trigger) bool { return slices.Contains(t.History, "minimized") }
