package matchers

import (
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

// minimize minimises triggers in place, as many as are saved. It is nil when none is to be.
func (m *HaveDeviationMatcher) minimize(pair *engine.Pair) func(*engine.Trigger) error {
	if m.minimizing == 0 {
		return nil
	}
	left := m.saving.atMost
	return func(t *engine.Trigger) error {
		if left == 0 || m.found.waivers.Accept(t) { // a waiver knows the trigger as it is
			return nil
		}
		left--
		small, err := engine.Minimize(m.ctx, pair, t, engine.MinimizeSettings{
			Oracle: m.found.settings.Oracle, Bound: m.found.settings.Bound, Aim: m.found.settings.Aim,
			Queries: m.minimizing, BatchSize: m.found.settings.BatchSize,
		})
		if err != nil && !errors.Is(err, engine.ErrNoDeviation) { // such a one was confirmed, and stays
			return err
		}
		if small.Trigger != nil {
			*t = *small.Trigger
			m.found.minimized = append(m.found.minimized, gate.Minimized{ID: t.ID, Before: small.Before, After: small.After, Queries: small.Queries})
		}
		return nil
	}
}
