package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"github.com/triggerfinder/triggerfinder/bench/page"
	"github.com/triggerfinder/triggerfinder/bench/subjects"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// closingQueries is what closing in spends on a seed in all, those up to the first trigger included.
const closingQueries = 200

// How many seeds are searched at a stretch, which is what a stop loses at most.
const (
	partSeeds     = 50
	fewPartSeeds  = 20  // of baselines
	longPartSeeds = 100 // of closing in, where each part looks at the whole pool first
)

// job is the search of a pair by a strategy.
type job struct {
	studied   subjects.Studied
	contender contender
	seeds     int // at most
	limit     int
}

func (j job) identity() identity {
	return identity{Pair: j.studied.Name, Dataset: j.studied.Dataset, Strategy: j.contender.name}
}

// parts is in how many parts that many seeds are searched.
func (j job) parts(seeds int) int {
	size := partSeeds
	switch {
	case j.contender.closing:
		size = longPartSeeds
	case j.contender.name == boundary: // looking at the pool costs more than the search
		size = seeds
	case j.contender.baseline:
		size = fewPartSeeds
	}
	return (seeds + size - 1) / size
}

func (j job) budget() engine.Budget {
	b := engine.Budget{QueriesPerSeed: j.limit}
	if j.contender.closing {
		b.ClosingQueriesPerSeed = closingQueries
	}
	return b
}

// work is all that a command was asked to do.
type work struct {
	options options
	studied []subjects.Studied
	jobs    map[string][]job // by pair
	clock   *clock
	log     io.Writer
}

func newWork(o options, studied []subjects.Studied, chosen []contender, log io.Writer) *work {
	w := &work{options: o, studied: studied, jobs: map[string][]job{}, log: log, clock: newClock()}
	for _, s := range studied {
		for _, c := range chosen {
			j := job{studied: s, contender: c, seeds: o.seeds, limit: o.limit}
			if c.baseline {
				j.seeds, j.limit = min(o.few, o.seeds), min(o.fewLimit, o.limit)
			}
			if c.ablation && slices.Contains(hard, s.Name) {
				j.seeds = min(o.few, o.seeds)
			}
			if c.closing {
				j.limit = min(closingQueries, o.limit)
			}
			w.jobs[s.Name] = append(w.jobs[s.Name], j)
		}
	}
	return w
}

// carryOut does all jobs, pair by pair. What is done is kept, whatever happens.
func (w *work) carryOut(ctx context.Context) error {
	if w.options.again {
		if err := w.forget(); err != nil {
			return err
		}
	}
	known, err := load(w.options.out)
	if err != nil {
		return err
	}
	for _, s := range w.studied {
		for _, j := range w.jobs[s.Name] {
			w.clock.plan(j, known.search(j.identity()))
		}
	}
	for _, s := range w.studied {
		if err := w.pair(ctx, s); err != nil {
			if ctx.Err() != nil {
				return fmt.Errorf("stopped; what is done is kept, and the same command (without -again) goes on from there")
			}
			return fmt.Errorf("%s: %w", s.Name, err)
		}
	}
	return nil
}

// forget drops the results that are to be measured anew.
func (w *work) forget() error {
	return change(w.options.out, func(s *store) {
		var kept []search
		for _, one := range s.Searches {
			again := false
			for _, j := range w.jobs[one.Pair] {
				again = again || j.identity() == one.identity
			}
			if !again {
				kept = append(kept, one)
			}
		}
		s.Searches = kept
	})
}

// opened is a pair that is open, with its seeds.
type opened struct {
	subjects.Studied
	pair  *model.Pair
	seeds input.Seeds
}

func (w *work) pair(ctx context.Context, s subjects.Studied) (err error) {
	pair, seeds, err := s.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pair.Close()) }()
	p := opened{s, pair, seeds}
	for _, j := range w.jobs[s.Name] {
		if err := w.search(ctx, p, j); err != nil {
			return fmt.Errorf("%s: %w", j.contender.name, err)
		}
	}
	return w.examples(ctx, p)
}

// search carries out the parts of a job that are not done yet.
func (w *work) search(ctx context.Context, p opened, j job) error {
	seeds := generators.First(p.seeds, j.seeds)
	c, err := conditionsOf(p, j, seeds)
	if err != nil {
		return err
	}
	known, err := load(w.options.out)
	if err != nil {
		return err
	}
	s := newSearch(j.identity(), c)
	if old := known.search(j.identity()); old != nil && old.conditions == c {
		s = *old
	}
	for part := range c.Parts {
		if s.has(part) {
			w.clock.skip(j, part)
			continue
		}
		if err := w.part(ctx, p, j, seeds, part, &s); err != nil {
			return err
		}
		if err := change(w.options.out, func(all *store) { all.replace(s) }); err != nil {
			return err
		}
		fmt.Fprintln(w.log, s.progress(), "·", w.clock)
	}
	return nil
}

// part searches the seeds of one part. It is done as a shard, so that each seed is searched exactly as it would be
// among all of them.
func (w *work) part(ctx context.Context, p opened, j job, seeds input.Seeds, part int, into *search) error {
	start := time.Now()
	r, err := engine.Search(ctx, p.pair, seeds, engine.Settings{
		Strategy: j.contender.strategy, Budget: j.budget(), Workers: w.options.workers, Strict: true, KeepInputs: 1,
		Shard: engine.Shard{Index: part, Total: into.Parts},
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return err
	}
	if r.Status != engine.AllSearched {
		return fmt.Errorf("part %d of %d: %s after %d queries", part+1, into.Parts, r.Status, r.Ledger.Queries)
	}
	into.add(r)
	into.Date, into.Machine, into.Workers = start.Format(time.DateOnly), page.Machine(), w.options.workers
	w.clock.done(j, part, into.Seeds, into.Parts, time.Since(start))
	return nil
}

// add takes the outcomes of one part's seeds.
func (s *search) add(r *engine.Report) {
	s.Wall = page.Significant(s.Wall+r.Timing.WallSeconds, 6)
	s.Total += r.Ledger.Queries
	s.Unstable += r.Ledger.Unstable
	for i := range r.Seeds {
		o := &r.Seeds[i]
		if o.Status == engine.OtherShard {
			continue
		}
		if o.MisreadAs != nil {
			s.Misread++
		}
		s.Queries[i], s.Micros[i] = notFound, int(math.Round(o.Seconds*1e6))
		if o.Trigger == nil || o.FirstHit == nil {
			continue
		}
		s.Queries[i] = o.FirstHit.Queries
		if d := o.Trigger.Distance.SSIM; d != nil {
			s.SSIM[i] = page.Significant(*d, 3)
		}
	}
}

// progress is a line about what is done of a search.
func (s *search) progress() string {
	found, searched := 0, s.searched()
	for _, q := range s.Queries {
		if q >= 0 {
			found++
		}
	}
	return fmt.Sprintf("%s, %s: %d of %d seeds, %d with a trigger, %d queries, %.1f s", s.Pair, s.Strategy, searched, s.Seeds, found, s.Total, s.Wall)
}

// conditionsOf are what the results of a job depend on.
func conditionsOf(p opened, j job, seeds input.Seeds) (conditions, error) {
	original, compressed := p.pair.Describe()
	c := conditions{
		Original: original.SHA256, Compressed: compressed.SHA256, Seeds: seeds.Len(), Limit: j.limit, Parts: j.parts(seeds.Len()),
		Options: j.contender.strategy.String(), Runtime: original.Settings["runtime"],
	}
	digest := sha256.New()
	for i := range seeds.Len() {
		seed, err := seeds.Seed(i)
		if err != nil {
			return c, err
		}
		fmt.Fprintf(digest, "%s %d\n", seed.Input.ID(), seed.Label)
	}
	c.SeedSet = hex.EncodeToString(digest.Sum(nil))
	return c, nil
}
