package report

import (
	"errors"
	"fmt"
	"time"

	"github.com/triggerfinder/triggerfinder/engine"
)

// PairWaivers are the waivers of one pair, and what they were needed for. nil means none.
type PairWaivers struct {
	File  string
	pair  string
	file  *Waivers
	noted []bool // those that were needed, and those about a trigger that was left out: neither used nor useless
}

// Of are the waivers of a pair. Those that have expired are an error.
func (w *Waivers) Of(pair string, now time.Time) (*PairWaivers, error) {
	p := &PairWaivers{File: w.File, pair: pair, file: w, noted: make([]bool, len(w.Waivers))}
	var expired []error
	for i, v := range w.Waivers {
		if v.Pair == pair && v.Expired(now) {
			expired = append(expired, fmt.Errorf("%s: expired on %s; fix what it accepts, or renew it. Its reason: %s", w.Describe(i), v.Expires, v.Reason))
		}
	}
	return p, errors.Join(expired...)
}

// Accept reports whether a trigger that deviates is waived, and notes which waivers were needed.
func (p *PairWaivers) Accept(t *engine.Trigger) bool {
	return p != nil && p.note(t)
}

// LeaveOut notes a trigger that nobody looks at, such as one outside a bound: its waivers are neither needed nor
// useless.
func (p *PairWaivers) LeaveOut(t *engine.Trigger) {
	if p != nil {
		p.note(t)
	}
}

func (p *PairWaivers) note(t *engine.Trigger) (any bool) {
	for i, v := range p.file.Waivers {
		if v.Accepts(p.pair, t) {
			p.noted[i], any = true, true
		}
	}
	return any
}

// Unused is the error about waivers that nothing needed, with the saved triggers that no longer deviate. Unless all
// triggers that there may be were looked at, it is about waivers of those alone: others may be needed.
func (p *PairWaivers) Unused(fixed []SavedTrigger, all bool) error {
	if p == nil {
		return nil
	}
	var errs []error
	for i, v := range p.file.Waivers {
		if v.Pair != p.pair || p.noted[i] {
			continue
		}
		why, known := "there is no such trigger; delete the waiver", all
		if v.Trigger == "" {
			why = "no trigger has these labels any more; delete the waiver"
		}
		for _, s := range fixed {
			if s.Trigger.ID == v.Trigger {
				why, known = "the trigger no longer deviates; delete the waiver and "+s.Dir, true
			}
		}
		if known {
			errs = append(errs, fmt.Errorf("%s: unused: %s", p.file.Describe(i), why))
		}
	}
	return errors.Join(errs...)
}
