package engine

import (
	"fmt"
	"time"
)

// Progress is a snapshot of a search under way.
type Progress struct {
	Pair     string
	Seeds    int // in all
	Done     int // seeds that came to their end
	Triggers int // of seeds that came to their end, and of those that are being brought nearer
	Queries  int
	Elapsed  time.Duration
	// Share is the part of the search that is over, from 0 to 1, and never less than before: the part of their queries that the seeds have
	// had, where one that came to its end counts as a whole; or that of a limit to all queries, to the time or to the triggers,
	// where that is nearer.
	Share float64
	Over  bool // nothing will follow
}

// Rate is the number of queries a second.
func (p Progress) Rate() float64 {
	if s := p.Elapsed.Seconds(); s > 0 {
		return float64(p.Queries) / s
	}
	return 0
}

// Left is an estimate of the time that is left, as if the rest went on as the search did so far. It is false where there is too little to
// go by: in the first second, and before a hundredth is over.
func (p Progress) Left() (left time.Duration, ok bool) {
	if p.Over || p.Elapsed < time.Second || p.Share < 0.01 {
		return 0, false
	}
	left = time.Duration(float64(p.Elapsed) * (1 - p.Share) / p.Share)
	switch { // no more precise than it is
	case left > 10*time.Minute:
		left = left.Round(time.Minute)
	case left > time.Minute:
		left = left.Round(10 * time.Second)
	default:
		left = left.Round(time.Second)
	}
	return left, true
}

// String is one line for people.
func (p Progress) String() string {
	s := fmt.Sprintf("%s: %d of %d seeds done, %d triggers, %d queries, %s (%.0f queries/s)",
		p.Pair, p.Done, p.Seeds, p.Triggers, p.Queries, p.Elapsed.Round(100*time.Millisecond), p.Rate())
	if p.Over {
		return s
	}
	s += fmt.Sprintf("; %.0f %% of the budget", 100*p.Share)
	if left, ok := p.Left(); ok {
		s += fmt.Sprintf(", about %s left", left)
	}
	return s
}

func (s *search) progress(final bool) {
	now := time.Now()
	if s.settings.OnProgress == nil || (!final && now.Sub(s.lastProgress) < progressEvery) {
		return
	}
	s.lastProgress = now
	elapsed := now.Sub(s.start)
	s.share = max(s.share, s.shareOfBudget(elapsed))
	s.settings.OnProgress(Progress{
		Pair: s.report.Pair, Seeds: s.own, Done: s.done, Triggers: s.found(),
		Queries: s.report.Ledger.Queries, Elapsed: elapsed, Share: s.share, Over: final,
	})
}

// shareOfBudget is the part of the search that is over: see [Progress].
func (s *search) shareOfBudget(elapsed time.Duration) float64 {
	share, b := 0.0, s.settings.Budget
	if s.own > 0 {
		seeds := float64(s.done)
		for _, r := range s.active {
			if b.QueriesPerSeed > 0 {
				seeds += min(1, float64(r.outcome.Queries)/float64(b.QueriesPerSeed))
			}
		}
		share = seeds / float64(s.own)
	}
	for _, limit := range [][2]float64{
		{float64(s.report.Ledger.Queries), float64(b.Queries)}, {elapsed.Seconds(), b.Time.Seconds()}, {float64(s.found()), float64(s.settings.StopAfter)},
	} {
		if limit[1] > 0 {
			share = max(share, limit[0]/limit[1])
		}
	}
	return min(1, share)
}
