package engine

import (
	"context"
	"fmt"

	"github.com/triggerfinder/triggerfinder/input"
)

// This file holds what is about seeds from which no path leads to another label, and about inputs that are given for paths alone.

// pathlessWarning tells of seeds that had no other seed to go to; "" where there are none.
func pathlessWarning(r *Report) string {
	n := r.Pathless()
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d seeds have no seed of another label that a path could lead to, so that the search had to look for the boundary around them, which costs queries: "+
		"add seeds of another class, or give inputs of one as a pool, which is not searched (WithPool, --pool)", n, r.Usable())
}

// Pathless is the number of seeds from which no path could lead to a seed of another label.
func (r *Report) Pathless() int {
	n := 0
	for _, o := range r.Seeds {
		if o.Pathless {
			n++
		}
	}
	return n
}

// screenAside screens what [Settings].Pool gives the strategy beside the seeds. It is seen by no check of the seeds, and in no count of them.
func (s *search) screenAside(ctx context.Context, strategy PoolStrategy) ([]screened, error) {
	from := s.settings.Pool
	if from == nil {
		return nil, nil
	}
	if from.Len() == 0 {
		return nil, fmt.Errorf("settings: Pool: %w: expected at least one", input.ErrNoSeeds)
	}
	settings := s.settings
	settings.Pool, settings.Bound, settings.Shard, settings.Strict, settings.SkipMisread = nil, nil, Shard{}, false, false
	settings.CausedBy, settings.OnProgress = nil, nil
	aside := &search{
		settings: settings, seeds: from, sides: s.sides.anew(), distributed: s.distributed, labelOnly: s.labelOnly, byScores: s.byScores,
		report: &Report{Seeds: make([]Outcome, from.Len()), ClassNames: s.report.ClassNames, Budget: s.report.Budget}, outer: s.outer, start: s.start, lastProgress: s.lastProgress,
	}
	for i := range aside.report.Seeds {
		aside.report.Seeds[i] = Outcome{Index: i, Label: input.Unlabelled, Status: NotSearched}
	}
	workers := newPool(aside)
	defer workers.close()
	usable, err := aside.screenOf(ctx, strategy, workers)
	original, compressed, encoding := aside.sides.seconds()
	s.beside.OriginalSeconds, s.beside.CompressedSeconds, s.beside.EncodingSeconds = original, compressed, encoding
	if err != nil {
		return nil, fmt.Errorf("settings: Pool: %w", err)
	}
	if len(usable) == 0 && ctx.Err() == nil {
		reason := "they deviate themselves"
		for _, o := range aside.report.Seeds {
			if o.Status == Skipped {
				reason = o.Reason
				break
			}
		}
		return nil, fmt.Errorf("settings: Pool: expected inputs that both models can take, found none of %d; the first: %s", from.Len(), reason)
	}
	for i := range usable {
		usable[i].index += len(s.report.Seeds)
	}
	s.pooled += aside.pooled
	s.report.Pool = len(usable)
	return usable, nil
}
