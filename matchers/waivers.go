package matchers

import (
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
