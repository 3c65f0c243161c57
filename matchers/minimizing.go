package matchers

import (
	"context"
	"errors"
	"fmt"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/gate"
)

// Minimizing spends up to n queries on each trigger to be saved, and saves what [engine.Minimize] makes of it: as
// few changed values, and as near to the seed, as the deviation allows. Messages and the report show the
// minimised triggers too. These queries come on top of the budget; what is found, and whether the
// assertion passes, stays the same. 0, the default, saves triggers as they were found.
func (m *HaveDeviationMatcher) Minimizing(n int) *HaveDeviationMatcher {
	return m.with(func(c *HaveDeviationMatcher) {
		if n < 0 {
			c.misuse = append(c.misuse, fmt.Errorf("Minimizing(%d): expected a number of queries of at least 0", n))
			return
		}
		c.minimizing = n
	})
}

// refining minimises triggers, as many as are saved, after what the user does with them. It is the user's own where none is to be.
func (m *HaveDeviationMatcher) refining(pair *engine.Pair, own refine) refine {
	if m.minimizing == 0 {
		return own
	}
	left := m.saving.atMost
	return func(ctx context.Context, t *engine.Trigger) (*engine.Trigger, error) {
		if own != nil {
			refined, err := own(ctx, t)
			if err != nil {
				return nil, err
			}
			if refined != nil {
				t = refined
			}
		}
		if left == 0 || m.found.waivers.Accept(t) { // a waiver knows the trigger as it is
			return t, nil
		}
		left--
		small, err := engine.Minimize(ctx, pair, t, engine.MinimizeSettings{
			Oracle: m.found.settings.Oracle, Bound: m.found.settings.Bound, Aim: m.found.settings.Aim,
			Queries: m.minimizing, BatchSize: m.found.settings.BatchSize,
		})
		if err != nil && !errors.Is(err, engine.ErrNoDeviation) { // such a one was confirmed, and stays
			return nil, err
		}
		if small.Trigger == nil {
			return t, nil
		}
		t = small.Trigger
		m.found.minimized = append(m.found.minimized, gate.Minimized{ID: t.ID, Before: small.Before, After: small.After, Queries: small.Queries})
		return t, nil
	}
}

// refine is the kind of [engine.Settings].Refine.
type refine = func(context.Context, *engine.Trigger) (*engine.Trigger, error)
