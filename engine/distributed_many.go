package engine

import (
	"context"
	"fmt"
	"sync"

	"github.com/triggerfinder/triggerfinder/input"
)

// SearchAll searches the seeds with the indices from one up to another, but for that, some of them side by side: models are asked in batches as by the
// engine's Search, and each result is the one that [SeedSearch.Search] has. Settings.Window is how many at once, Settings.Workers
// in how many companies that make batches of their own.
//
// Seeds are read by read, concurrently; one that it has an error for is [SeedSearch.Unreadable]. Each result is handed to done, one at a time, in no
// particular order. Where the search of a seed fails, by an error or a panic of a model or a strategy, done gets that error instead: it may
// go on with the others, or return an error, which ends SearchAll. Cancellation ends it too; seeds under way have no result then.
func (x *SeedSearch) SearchAll(ctx context.Context, from, to int, read func(index int) (input.Seed, error), done func(index int, r *SeedResult, err error) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	atOnce, workers := x.screening.window, x.companies
	if x.settings.Budget.TimePerSeed > 0 { // the time of others is none of a seed's
		atOnce = workers
	}
	var (
		mu            sync.Mutex
		next          = from
		wait, readers sync.WaitGroup
	)
	take := func() (index int, ok bool) {
		mu.Lock()
		defer mu.Unlock()
		if next >= to || ctx.Err() != nil {
			return 0, false
		}
		next++
		return next - 1, true
	}
	finish := func(index int, r *SeedResult, err error) {
		mu.Lock()
		defer mu.Unlock()
		if ctx.Err() != nil {
			return
		}
		if err := done(index, r, err); err != nil {
			cancel(err)
		}
	}
	// Seeds are read ahead, so that those that are searched already need not wait for a disk or a network.
	type readSeed struct {
		index int
		oneSeed
	}
	ready := make(chan readSeed, readAhead)
	for range min(readAhead, to-from) {
		readers.Go(func() {
			for index, ok := take(); ok; index, ok = take() {
				seed, err := reading(read, index)
				ready <- readSeed{index, oneSeed{seed: seed, err: err}}
			}
		})
	}
	go func() {
		readers.Wait()
		close(ready)
	}()
	companies := make([]*company, workers)
	for i := range companies {
		companies[i] = &company{models: x.sides.models()}
	}
	searches := max(0, min(atOnce, to-from))
	for i := range searches {
		companies[i%workers].join()
	}
	for i := range searches {
		c := companies[i%workers]
		wait.Go(func() {
			defer c.leave(ctx)
			for {
				var s readSeed
				ok := false
				select {
				case s, ok = <-ready:
				default:
					c.apart(ctx, func() { s, ok = <-ready })
				}
				if !ok {
					return
				}
				r, err := x.searchIn(ctx, c, s.index, s.oneSeed)
				finish(s.index, r, err)
			}
		})
	}
	wait.Wait()
	return context.Cause(ctx)
}

// readAhead is how many seeds are read at once, and wait to be searched.
const readAhead = 4

// reading reads a seed; a panic is an error.
func reading(read func(int) (input.Seed, error), index int) (seed input.Seed, err error) {
	defer asError(&err)
	return read(index)
}

// searchIn searches one seed in company; a panic is an error.
func (x *SeedSearch) searchIn(ctx context.Context, c *company, index int, seed oneSeed) (r *SeedResult, err error) {
	defer asError(&err)
	return x.search(ctx, index, seed, c)
}

// asError makes a panic an error.
func asError(err *error) {
	if cause := recover(); cause != nil {
		*err = fmt.Errorf("engine: panic: %v (%s)", cause, panicked())
	}
}

// settings are those of a search in company: nobody waits for what it does apart.
func (c *company) settings(ctx context.Context, s Settings) Settings {
	if refine := s.Refine; refine != nil {
		s.Refine = func(of context.Context, t *Trigger) (refined *Trigger, err error) {
			c.apart(ctx, func() { refined, err = refine(of, t) })
			return refined, err
		}
	}
	if onTrigger := s.OnTrigger; onTrigger != nil {
		s.OnTrigger = func(t *Trigger) (err error) {
			c.apart(ctx, func() { err = onTrigger(t) })
			return err
		}
	}
	return s
}
