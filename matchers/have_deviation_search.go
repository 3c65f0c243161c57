package matchers

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/minimize"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
)

// findings are what Match computes and the messages read.
type findings struct {
	pair     *model.Pair
	settings engine.Settings
	replayed *replayed // what became of the saved triggers; nil when there are none
	report   *engine.Report
	saved    *savedTriggers
	test     string // how to run the test again
	single   bool   // whether ReplayVariable makes the test replay single triggers
	waivers  *report.PairWaivers
	open     []*engine.Trigger // of the search, without those that are waived
	waived   int
	canary   *gate.Canary // the power of the search; nil when it was not measured
	noise    *gate.Noise  // likewise

	minimized []gate.Minimized // triggers of the report

	classNames []string // given, or the seeds'
	classNote  string
}

func (m *HaveDeviationMatcher) replayAndSearch(pair *model.Pair) (bool, error) {
	store, err := m.begin(pair)
	if err != nil {
		return false, err
	}
	if len(replayOnly()) > 0 {
		return m.found.replayed.deviate(), nil
	}
	if m.found.replayed.deviate() && m.evidence == "" {
		return true, m.measureNoise(pair, m.found.replayed.triggers())
	}
	found, err := m.search(pair, store)
	if err != nil {
		return false, err
	}
	return found || m.found.replayed.deviate(), m.unusedWaivers()
}

// begin checks the options, reads the waivers and replays what is saved.
func (m *HaveDeviationMatcher) begin(pair *model.Pair) (store *report.Store, err error) {
	if m.found.settings, err = m.resolve(); err != nil {
		return nil, err
	}
	m.found.pair = pair
	if err = engine.CheckCauses(pair, m.found.settings.CausedBy); err != nil {
		return nil, err
	}
	if m.found.classNames, m.found.classNote, err = classNamesOf(m.classNames, m.seeds, pair); err != nil {
		return nil, err
	}
	if store, err = report.OpenStore(m.saving.root); err != nil {
		return nil, fmt.Errorf("%w; SavingTo(dir) or the environment variable %s names another folder", err, report.RootVariable)
	}
	if m.found.waivers, err = loadWaivers(m.waiverFile, pair.Name(), m.now); err != nil {
		return nil, err
	}
	switch ids := replayOnly(); {
	case len(ids) > 0 && !m.counted:
		m.found.replayed, err = replayThese(m.ctx, ids, pair, store, askedOf(m.found.settings), m.found.waivers)
	case m.replays():
		m.found.replayed, err = replayAll(m.ctx, pair, store, askedOf(m.found.settings), m.found.waivers)
	case m.found.waivers != nil && !m.replaysNot():
		var saved []report.SavedTrigger
		saved, err = store.List(pair.Name())
		leaveOut(m.found.waivers, saved)
	}
	return store, err
}

// search searches, and measures what was asked for.
func (m *HaveDeviationMatcher) search(pair *model.Pair, store *report.Store) (bool, error) {
	settings := m.found.settings
	settings.OnProgress = onProgress(settings.OnProgress, m.progress)
	saved := newSavedTriggers(store, m.saving, pair, settings, m.found.classNames, m.found.test)
	settings.Refine = m.refining(pair, settings.Refine)
	settings.OnTrigger = chain(settings.OnTrigger, func(t *engine.Trigger) error {
		if m.found.waivers.Accept(t) {
			return nil
		}
		saved.add(t)
		return nil
	})
	r, err := engine.Search(m.ctx, pair, m.seeds, settings)
	m.found.report, m.found.saved = r, saved
	nameClasses(r, m.found.classNames, m.found.classNote)
	if r != nil {
		for _, fn := range m.inspect {
			fn(r)
		}
	}
	if err != nil {
		return false, fmt.Errorf("%w%s", err, saved.afterError())
	}
	tellSkipped(r)
	m.found.open, m.found.waived = split(m.found.waivers, r.Triggers())
	if m.evidence != "" {
		if err := saveEvidence(m.evidence, r); err != nil {
			return false, err
		}
	}
	deviating := m.deviating()
	switch {
	case len(deviating) > 0:
		if err := m.measureNoise(pair, deviating); err != nil {
			return false, fmt.Errorf("%w%s", err, saved.afterError())
		}
	case r.Status == engine.EnoughTriggers: // StoppingAfter counts what is waived too
		return false, fmt.Errorf("%w: it was to stop after %s, and all that it found are waived; search without StoppingAfter",
			engine.ErrInconclusive, report.Plural(r.StopAfter, "trigger"))
	case m.found.waived > 0 && unfinished(r) > 0: // what is waived made the engine content
		return false, fmt.Errorf("%w: %s, with %d of %s not searched to the end, and all triggers that it found are waived",
			engine.ErrInconclusive, partial[r.Status], unfinished(r), report.Plural(r.Usable(), "seed"))
	default:
		if err := m.measurePower(pair); err != nil {
			return false, err
		}
	}
	if len(m.found.open) == 0 {
		return false, nil
	}
	saved.writeReport(r)
	return true, nil
}

// unfinished is how many seeds the search did not come to the end of.
func unfinished(r *engine.Report) (n int) {
	for _, o := range r.Seeds {
		if o.Status == engine.NotSearched || o.Status == engine.Interrupted {
			n++
		}
	}
	return n
}

// deviating are the triggers of the search, and the saved ones that still deviate, which are not waived.
func (m *HaveDeviationMatcher) deviating() []*engine.Trigger {
	all := slices.Clone(m.found.open)
	for _, t := range m.found.replayed.triggers() {
		if !slices.ContainsFunc(all, func(other *engine.Trigger) bool { return other.ID == t.ID }) {
			all = append(all, t)
		}
	}
	return all
}

// refining minimises triggers, as many as are saved, after what the user does with them. It is the user's own where none is to be.
func (m *HaveDeviationMatcher) refining(pair *model.Pair, own refine) refine {
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
		small, err := minimize.Trigger(ctx, pair, t, minimize.Settings{
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

// chain calls first, which may be nil, before second.
func chain(first, second func(*engine.Trigger) error) func(*engine.Trigger) error {
	if first == nil {
		return second
	}
	return func(t *engine.Trigger) error {
		if err := first(t); err != nil {
			return err
		}
		return second(t)
	}
}
