package engine

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"time"
)

const (
	defaultBatchSize = 32
	defaultWindow    = 64
	progressEvery    = 200 * time.Millisecond
	// enoughToJudge is how many seeds it takes before equal scores end a search early.
	enoughToJudge = 8
)

// Search looks for triggers of the pair, starting from each of the seeds.
//
// Seeds are searched side by side, a window of them at a time, in rounds: each searcher is asked for
// candidates, these are evaluated in batches by both models, and each searcher is told its own. Rounds
// make the report independent of batch size and number of workers.
//
// Running out of a budget and cancellation are a [Status] of the report. The error tells that the search
// could not be carried out, or ended without a trigger before it tried enough to say that there is none
// (see [ErrInconclusive]); the report then holds what was found so far, and is nil only when the
// search did not start.
func Search(ctx context.Context, pair *Pair, seeds Seeds, settings Settings) (*Report, error) {
	s, err := newSearch(pair, seeds, settings)
	if err != nil {
		return nil, fmt.Errorf("engine: %w", err)
	}
	if err := s.run(ctx); err != nil {
		return s.report, fmt.Errorf("engine: pair %s: %w", pair.Name(), err)
	}
	return s.report, nil
}

// search is the state of one call of Search. Only its own goroutine changes it; workers change the
// runs that they were handed.
type search struct {
	settings             Settings
	seeds                Seeds
	original, compressed *model
	report               *Report
	labelOnly            bool

	start        time.Time
	lastProgress time.Time
	next         int    // index of the next seed to admit
	active       []*run // in the order of their seeds
	done         int
	triggers     int
}

func newSearch(pair *Pair, seeds Seeds, settings Settings) (*search, error) {
	if pair == nil {
		return nil, errors.New("pair is nil")
	}
	if err := settings.validate(); err != nil {
		return nil, err
	}
	if seeds == nil || seeds.Len() == 0 {
		return nil, fmt.Errorf("%w: expected at least one", ErrNoSeeds)
	}
	if settings.Oracle == nil {
		settings.Oracle = Top1()
	}
	settings.BatchSize = orDefault(settings.BatchSize, defaultBatchSize)
	settings.Window = orDefault(settings.Window, defaultWindow)
	settings.Workers = orDefault(settings.Workers, runtime.GOMAXPROCS(0))
	s := &search{
		settings: settings, seeds: seeds,
		original:   newModel("original", pair.original),
		compressed: newModel("compressed", pair.compressed),
		report:     newReport(pair, seeds, settings),
	}
	if o, ok := settings.Oracle.(LabelOnlyOracle); ok {
		s.labelOnly = o.LabelOnly()
	}
	return s, checkDistinct(pair)
}

func orDefault(value, fallback int) int {
	if value == 0 {
		return fallback
	}
	return value
}

func newReport(pair *Pair, seeds Seeds, settings Settings) *Report {
	r := &Report{
		Pair: pair.Name(), Strategy: settings.Strategy.String(), Oracle: settings.Oracle.String(),
		Budget: settings.Budget, RandomSeed: settings.RandomSeed, StopAfter: settings.StopAfter,
		Seeds:     make([]Outcome, seeds.Len()),
		Execution: Execution{BatchSize: settings.BatchSize, Workers: settings.Workers},
	}
	r.Original, r.Compressed = pair.Describe()
	if settings.Bound != nil {
		r.Bound = settings.Bound.String()
	}
	for i := range r.Seeds {
		r.Seeds[i] = Outcome{Index: i, Label: Unlabelled, Status: NotSearched}
	}
	return r
}

func (s *search) run(ctx context.Context) error {
	s.start = time.Now()
	s.lastProgress = s.start
	limited, cancel := ctx, context.CancelFunc(func() {})
	if s.settings.Budget.Time > 0 {
		limited, cancel = context.WithDeadline(ctx, s.start.Add(s.settings.Budget.Time))
	}
	defer cancel()

	err := s.rounds(limited)
	switch {
	case err != nil:
		s.report.Status = Failed
	case s.report.Status != "":
	case ctx.Err() != nil:
		s.report.Status = Cancelled
	default:
		s.report.Status = TimeLimit
	}
	s.close()
	if err == nil {
		err = s.conclude(ctx)
	}
	return err
}

// rounds runs round after round until every seed came to its end, a limit is reached or an error
// occurs.
func (s *search) rounds(ctx context.Context) error {
	pool := newPool(s)
	defer pool.close()
	for {
		s.admit()
		if len(s.active) == 0 {
			s.report.Status = AllSearched
			return nil
		}
		if ctx.Err() != nil {
			return nil
		}
		if !s.allow() {
			s.report.Status = QueryLimit
			return nil
		}
		pool.round(ctx)
		if err := s.settle(); err != nil {
			return err
		}
		if n := s.settings.StopAfter; n > 0 && s.triggers >= n {
			s.report.Status = EnoughTriggers
			return nil
		}
		s.progress(false)
	}
}

// admit fills the window with the next seeds.
func (s *search) admit() {
	for len(s.active) < s.settings.Window && s.next < len(s.report.Seeds) {
		s.active = append(s.active, &run{outcome: &s.report.Seeds[s.next]})
		s.next++
	}
}

// allow hands each active run its allowance of queries for the coming round, and reports whether
// there are any left.
func (s *search) allow() bool {
	share, extra := -1, 0
	if total := s.settings.Budget.Queries; total > 0 {
		left := total - s.report.Ledger.Queries
		if left <= 0 {
			return false
		}
		share, extra = left/len(s.active), left%len(s.active)
	}
	const unlimited = 1 << 20
	for i, r := range s.active {
		r.allowance = unlimited
		if perSeed := s.settings.Budget.QueriesPerSeed; perSeed > 0 {
			r.allowance = perSeed - r.outcome.Queries
		}
		if share >= 0 {
			most := share
			if i < extra {
				most++
			}
			r.allowance = min(r.allowance, most)
		}
	}
	return true
}

// settle books a round, in the order of the seeds.
func (s *search) settle() error {
	ledger := &s.report.Ledger
	for _, r := range s.active {
		ledger.Screened += r.screened
		ledger.Queries += r.queries
		ledger.Confirmations += r.confirmations
		ledger.Unstable += r.unstable
		ledger.Ties += r.ties
		r.book()
	}
	if ledger.Screened >= enoughToJudge {
		if err := s.checkConstant(enoughToJudge, false); err != nil {
			return err
		}
	}
	return s.retire()
}

// retire takes finished runs out of the window and announces their triggers.
func (s *search) retire() error {
	var failure error
	kept := s.active[:0]
	for _, r := range s.active {
		if failure == nil {
			failure = r.err
		}
		if !r.finished(s.settings.Budget) {
			kept = append(kept, r)
			continue
		}
		s.done++
		if r.outcome.Status == Skipped {
			s.report.Ledger.Skipped++
		}
		if r.outcome.Trigger == nil {
			continue
		}
		s.triggers++
		if s.settings.OnTrigger == nil {
			continue
		}
		if err := s.settings.OnTrigger(r.outcome.Trigger); err != nil && failure == nil {
			failure = err
		}
	}
	clear(s.active[len(kept):])
	s.active = kept
	return failure
}

// close completes the report.
func (s *search) close() {
	for _, r := range s.active {
		if r.outcome.Status == NotSearched && r.searcher != nil {
			r.outcome.Status = Interrupted
		}
	}
	r := s.report
	r.Timing.Started = s.start
	r.Timing.WallSeconds = time.Since(s.start).Seconds()
	r.Timing.OriginalSeconds = s.original.seconds()
	r.Timing.CompressedSeconds = s.compressed.seconds()
	r.Timing.ModelSeconds = (r.Timing.OriginalSeconds + r.Timing.CompressedSeconds) / float64(s.settings.Workers)
	if r.Timing.WallSeconds > 0 {
		r.Timing.QueriesPerSecond = float64(r.Ledger.Queries) / r.Timing.WallSeconds
	}
	s.progress(true)
}

func (s *search) progress(final bool) {
	now := time.Now()
	if s.settings.OnProgress == nil || (!final && now.Sub(s.lastProgress) < progressEvery) {
		return
	}
	s.lastProgress = now
	s.settings.OnProgress(Progress{
		Pair: s.report.Pair, Seeds: len(s.report.Seeds), Done: s.done, Triggers: s.triggers,
		Queries: s.report.Ledger.Queries, Elapsed: now.Sub(s.start),
	})
}

// randomStream is the source of randomness of one seed. It depends on the seed's content, so that a
// seed has the same stream whatever other seeds stand beside it.
func randomStream(randomSeed uint64, sum [sha256.Size]byte) *rand.Rand {
	return rand.New(rand.NewPCG(randomSeed, binary.LittleEndian.Uint64(sum[:])))
}
