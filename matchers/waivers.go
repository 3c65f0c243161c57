package matchers

import (
	"errors"
	"fmt"
	"time"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/report"
)

// waivers are those of one match for one pair, with what they were needed for. nil means none.
type waivers struct {
	pair   string
	file   *report.Waivers
	used   []bool
	beyond []bool // about a saved trigger that lies outside the bound: neither used nor useless
}

// loadWaivers reads the waiver file at the path, "" for none. An expired waiver of the pair is an error.
func loadWaivers(path, pair string, now func() time.Time) (*waivers, error) {
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
	w := &waivers{pair: pair, file: file, used: make([]bool, len(file.Waivers)), beyond: make([]bool, len(file.Waivers))}
	today := now()
	var expired []error
	for i, v := range file.Waivers {
		if v.Pair == pair && v.Expired(today) {
			expired = append(expired, fmt.Errorf("%s: expired on %s; fix what it accepts, or renew it. Its reason: %s", file.Describe(i), v.Expires, v.Reason))
		}
	}
	return w, errors.Join(expired...)
}

// accept reports whether a trigger that deviates is waived, and notes which waivers were needed.
func (w *waivers) accept(t *engine.Trigger) bool { return w.note(t, w.flags(false)) }

// leaveOut notes a trigger that lies outside the bound.
func (w *waivers) leaveOut(t *engine.Trigger) { w.note(t, w.flags(true)) }

func (w *waivers) flags(beyond bool) []bool {
	switch {
	case w == nil:
		return nil
	case beyond:
		return w.beyond
	}
	return w.used
}

func (w *waivers) note(t *engine.Trigger, flags []bool) (any bool) {
	if w == nil {
		return false
	}
	for i, v := range w.file.Waivers {
		if v.Accepts(w.pair, t) {
			flags[i], any = true, true
		}
	}
	return any
}

// unused is the error about waivers of the pair that nothing needed. Unless all seeds were searched, it is about those of
// fixed triggers alone: others may be needed where the search did not come to.
func (w *waivers) unused(fixed []report.SavedTrigger, all bool) error {
	if w == nil {
		return nil
	}
	var errs []error
	for i, v := range w.file.Waivers {
		if v.Pair != w.pair || w.used[i] || w.beyond[i] {
			continue
		}
		why := "there is no such trigger; delete the waiver"
		if v.Trigger == "" {
			why = "no trigger has these labels any more; delete the waiver"
		}
		known := all
		for _, s := range fixed {
			if s.Trigger.ID == v.Trigger {
				known, why = true, "the trigger no longer deviates; delete the waiver and "+shown(s.Dir)
			}
		}
		if !known {
			continue
		}
		errs = append(errs, fmt.Errorf("%s: unused: %s", w.file.Describe(i), why))
	}
	return errors.Join(errs...)
}

// split parts triggers into those that nobody accepts and the number of others.
func (w *waivers) split(triggers []*engine.Trigger) (open []*engine.Trigger, waived int) {
	for _, t := range triggers {
		if w.accept(t) {
			waived++
		} else {
			open = append(open, t)
		}
	}
	return open, waived
}
