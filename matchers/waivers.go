package matchers

import (
	"fmt"
	"time"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/report"
)

// loadWaivers reads the waivers of a pair from the file at the path; nil without one.
func loadWaivers(path, pair string, now func() time.Time) (*report.PairWaivers, error) {
	if path == "" {
		return nil, nil
	}
	file, err := report.LoadWaivers(path)
	if err != nil {
		return nil, err
	}
	if now == nil {
		now = time.Now
	}
	return file.Of(pair, now())
}

// unused is the error about waivers that nothing needed; see [report.PairWaivers.Unused].
func unused(w *report.PairWaivers, fixed []report.SavedTrigger, all bool) error {
	named := make([]report.SavedTrigger, len(fixed))
	for i, s := range fixed {
		s.Dir = shown(s.Dir)
		named[i] = s
	}
	return w.Unused(named, all)
}

// split parts triggers into those that nobody accepts and the number of others.
func split(w *report.PairWaivers, triggers []*engine.Trigger) (open []*engine.Trigger, waived int) {
	for _, t := range triggers {
		if w.Accept(t) {
			waived++
		} else {
			open = append(open, t)
		}
	}
	return open, waived
}

// leaveOut notes triggers that nobody looks at: their waivers may be needed.
func leaveOut(w *report.PairWaivers, saved []report.SavedTrigger) {
	for i := range saved {
		w.LeaveOut(&saved[i].Trigger)
	}
}

// waivedLine is the sentence about triggers that are waived; "" when there are none.
func waivedLine(w *report.PairWaivers, n int) string {
	if w == nil || n == 0 {
		return ""
	}
	return fmt.Sprintf("%s %s waived in %s.", report.Plural(n, "more trigger"), report.Verb(n, "are"), shown(w.File))
}

// unusedWaivers is the error about waivers that nothing needed. That is only known once saved triggers were replayed;
// of triggers that are not saved, once all seeds were searched.
func (m *HaveDeviationMatcher) unusedWaivers() error {
	if m.replaysNot() || m.found.settings.Shard.Total > 1 {
		return nil
	}
	var fixed []report.SavedTrigger
	if m.found.replayed != nil {
		fixed = m.found.replayed.fixed
	}
	return unused(m.found.waivers, fixed, m.found.report.Status == engine.AllSearched)
}
