package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/triggerfinder/triggerfinder/bench/page"
	"github.com/triggerfinder/triggerfinder/bench/subjects"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// The names of the strategies, as tables have them.
const (
	boundary      = "Boundary"
	triggerFinder = "TriggerFinder"
	random        = "Random"
)

// contender is a strategy with the name that it has in tables.
type contender struct {
	name     string
	strategy engine.Strategy
}

// contenders are the strategies side by side, with the operators that they take by themselves: those that are usual for the kind of a seed.
func contenders() []contender {
	return []contender{{boundary, strategies.Boundary()}, {triggerFinder, strategies.TriggerFinder()}, {random, strategies.Random()}}
}

// within are the options for a pair that may take long.
func (o options) within(k subjects.OfKind) options {
	o.seeds, o.queries = min(o.seeds, cmp.Or(k.Seeds, o.seeds)), min(o.queries, cmp.Or(k.Queries, o.queries))
	return o
}

// measure searches a pair by all strategies, with all random seeds.
func measure(ctx context.Context, k subjects.OfKind, o options, log io.Writer) (e entry, err error) {
	command := o.command()
	o = o.within(k)
	s, err := k.Open(ctx)
	if err != nil {
		return e, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	e = entry{
		Name: k.Name(), Deviates: k.Deviates, Oracle: s.Oracle.String(), Limit: o.queries, Closing: o.closing,
		Date: time.Now().Format(time.DateOnly), Command: command, Machine: page.Machine(),
	}
	seeds := generators.First(s.Seeds, o.seeds)
	for _, c := range contenders() {
		for repeat := range o.repeats {
			r, err := search(ctx, s, seeds, c, uint64(repeat), o)
			if err != nil {
				return e, fmt.Errorf("%s, random seed %d: %w", c.name, repeat, err)
			}
			one, err := e.add(c.name, r)
			if err != nil {
				return e, fmt.Errorf("%s, random seed %d: %w", c.name, repeat, err)
			}
			fmt.Fprintf(log, "  %s, random seed %d: %d of %d seeds, %d queries, %.1f s\n",
				c.name, repeat, one.found(), len(one.Queries), r.Ledger.Queries, r.Timing.WallSeconds)
		}
	}
	return e, nil
}

func search(ctx context.Context, s *subjects.Searched, seeds input.Seeds, c contender, randomSeed uint64, o options) (*engine.Report, error) {
	r, err := engine.Search(ctx, s.Pair, seeds, engine.Settings{
		Strategy: c.strategy, Oracle: s.Oracle, RandomSeed: randomSeed, KeepInputs: 1, SkippedAtMost: 1,
		Budget: engine.Budget{QueriesPerSeed: o.queries, ClosingQueriesPerSeed: o.closing},
	})
	if err != nil {
		return nil, err
	}
	if r.Status != engine.AllSearched {
		return nil, fmt.Errorf("%s after %d queries", r.Status, r.Ledger.Queries)
	}
	return r, nil
}

// add takes the figures of a search into the entry.
func (e *entry) add(strategy string, r *engine.Report) (*measured, error) {
	one := measured{Strategy: strategy, RandomSeed: r.RandomSeed, Queries: []int{}}
	deviating, skipped := 0, 0
	for i := range r.Seeds {
		switch o := &r.Seeds[i]; {
		case o.Status == engine.Skipped:
			skipped++
		case o.FirstHit != nil && o.FirstHit.Queries == 0:
			deviating++
		case o.FirstHit == nil:
			one.Queries = append(one.Queries, notFound)
		default:
			measure, first := far(o.FirstHit.Distance)
			_, closed := far(o.Trigger.Distance)
			if e.Measure == "" {
				e.Measure = measure
			}
			if measure != e.Measure {
				return nil, fmt.Errorf("seed %d: expected a distance by %s as for other seeds, found %s", i, e.Measure, measure)
			}
			one.Queries = append(one.Queries, o.FirstHit.Queries)
			one.First, one.Closed = append(one.First, closeTo(first)), append(one.Closed, closeTo(closed))
			one.FirstChanged, one.ClosedChanged = append(one.FirstChanged, o.FirstHit.Distance.L0), append(one.ClosedChanged, o.Trigger.Distance.L0)
		}
	}
	usable := len(r.Seeds) - skipped
	if len(e.Runs) > 0 && (e.Usable != usable || e.Deviating != deviating) {
		return nil, fmt.Errorf("expected %d usable seeds of which %d deviate themselves, as in other searches, found %d and %d", e.Usable, e.Deviating, usable, deviating)
	}
	e.Seeds, e.Usable, e.Deviating = len(r.Seeds), usable, deviating
	e.Runtime = r.Original.Settings["runtime"]
	e.Runs = append(e.Runs, one)
	return &e.Runs[len(e.Runs)-1], nil
}

// far is a distance by the kind's own measure, or by L2 where it has none.
func far(d distance.Distance) (measure string, value float64) {
	if m, ok := d.Alike(); ok {
		return m.Measure, m.Value
	}
	return "L2", d.L2
}

func closeTo(v float64) float64 { return page.Significant(v, 4) }
