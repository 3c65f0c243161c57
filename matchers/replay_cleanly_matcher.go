package matchers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/onsi/gomega/types"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
)

// ReplayCleanly succeeds when no saved trigger deviates any more on the actual [*model.Pair].
//
//	Expect(pair).To(ReplayCleanly("testdata/triggers"))
//
// The folder is a store, of which the pair's own triggers are replayed, or the folder of one pair, or
// that of a single trigger. Both models run again, alone, on exactly the saved inputs. A folder in
// which there is nothing to replay is an error, lest a wrong path passes; see
// [ReplayCleanlyMatcher.OrNothing]. So it is, as undecided, when there are triggers but none of them can tell anything: all lie
// outside the bound of Within, all are of other causes than those of CausedBy, or none deviated by the oracle of JudgedBy when it was saved.
func ReplayCleanly(dir string) *ReplayCleanlyMatcher {
	return made(&ReplayCleanlyMatcher{options: options{ctx: context.Background(), oracle: answer.Top1()}, dir: dir})
}

// ReplayCleanlyMatcher is the matcher of [ReplayCleanly]. Its methods return changed copies.
type ReplayCleanlyMatcher struct {
	options
	assertion[ReplayCleanlyMatcher]
	judged[ReplayCleanlyMatcher]
	bounded[ReplayCleanlyMatcher]
	traced[ReplayCleanlyMatcher]
	waiving[ReplayCleanlyMatcher]

	dir       string
	orNothing bool
	thisRun   bool // replays what this run has saved too
	onFixed   func([]report.SavedTrigger)
	inspect   func(ReplaySummary)

	pair     *model.Pair // of the latest Match
	replayed *replayed
}

var _ types.GomegaMatcher = (*ReplayCleanlyMatcher)(nil)

// fork implements [forked].
func (m *ReplayCleanlyMatcher) fork() (*ReplayCleanlyMatcher, *options) {
	c := *m
	c.options, c.pair, c.replayed = m.options.clone(), nil, nil
	c.assertion.of, c.judged.of, c.bounded.of, c.traced.of, c.waiving.of = &c, &c, &c, &c, &c
	return &c, &c.options
}

// OrNothing succeeds also when there is nothing to replay yet: no folder, or no trigger of the pair in it.
func (m *ReplayCleanlyMatcher) OrNothing() *ReplayCleanlyMatcher {
	return with(m, func(c *ReplayCleanlyMatcher) { c.orNothing = true })
}

// IncludingThisRun replays also the triggers that were saved since this process began, by it or by others. By default
// they are left out in folders of several triggers, so that verdicts do not depend on which spec comes first.
func (m *ReplayCleanlyMatcher) IncludingThisRun() *ReplayCleanlyMatcher {
	return with(m, func(c *ReplayCleanlyMatcher) { c.thisRun = true })
}

// names are the names given, or those that the first of the triggers was saved with.
func (m *ReplayCleanlyMatcher) names() []string {
	if m.classNames != nil || m.replayed == nil {
		return m.classNames
	}
	for _, saved := range [][]report.SavedTrigger{m.replayed.still, m.replayed.waived} {
		for _, s := range saved {
			if s.ClassNames != nil {
				return s.ClassNames
			}
		}
	}
	return nil
}

// ReportingFixedTo calls fn with the saved triggers that deviate no longer, whose folders can be deleted, unless
// there are none. go test -v names them too.
func (m *ReplayCleanlyMatcher) ReportingFixedTo(fn func(fixed []report.SavedTrigger)) *ReplayCleanlyMatcher {
	return with(m, func(c *ReplayCleanlyMatcher) { c.onFixed = fn })
}

// Inspecting calls fn with what the replay came to, also when that decides nothing.
func (m *ReplayCleanlyMatcher) Inspecting(fn func(ReplaySummary)) *ReplayCleanlyMatcher {
	return with(m, func(c *ReplayCleanlyMatcher) { c.inspect = fn })
}

// Match replays. It implements [types.GomegaMatcher].
func (m *ReplayCleanlyMatcher) Match(actual any) (bool, error) {
	clean, err := m.match(actual)
	return clean, m.recording.add(clean, err, m.FailureMessage, m.checked)
}

func (m *ReplayCleanlyMatcher) match(actual any) (bool, error) {
	m.pair, m.replayed = nil, nil // an error must not be recorded with what an earlier Match found
	pair, err := pairOf(actual, "ReplayCleanly")
	if err != nil {
		return false, err
	}
	m.pair = pair
	if err := cmp.Or(misused(m.misuse...), engine.CheckCauses(pair, m.causes)); err != nil {
		return false, fmt.Errorf("ReplayCleanly: %w", err)
	}
	w, err := loadWaivers(m.waiverFile, pair.Name(), m.now)
	if err != nil {
		return false, fmt.Errorf("ReplayCleanly: %w", err)
	}
	saved, err := m.load(pair)
	if err != nil {
		return false, fmt.Errorf("ReplayCleanly: %w", err)
	}
	var since []report.SavedTrigger
	if ids := replayOnly(); len(ids) > 0 && !report.IsTrigger(m.dir) {
		if saved, err = onlyThese(ids, saved, pair, m.dir); err != nil {
			return false, fmt.Errorf("ReplayCleanly: %w", err)
		}
	} else if !m.thisRun && !report.IsTrigger(m.dir) {
		saved, since = ofEarlierRuns(saved)
		leaveOut(w, since)
	}
	if len(saved) == 0 {
		if m.orNothing {
			m.replayed = &replayed{from: m.dir, asked: m.asked()}
			if m.inspect != nil {
				m.inspect(m.replayed.summary(pair))
			}
			if err := unused(w, nil, true); err != nil {
				return false, fmt.Errorf("ReplayCleanly: %w", err)
			}
			return true, nil
		}
		if n := len(since); n > 0 {
			return false, fmt.Errorf("ReplayCleanly: %s: expected triggers of pair %s that earlier runs saved, found only %s of this run; ReplayCleanly(…).IncludingThisRun() replays those, and OrNothing() allows that",
				m.dir, pair.Name(), report.Plural(n, "trigger"))
		}
		return false, fmt.Errorf("ReplayCleanly: %s: expected saved triggers of pair %s, found none%s; ReplayCleanly(…).OrNothing() allows that",
			m.dir, pair.Name(), othersIn(m.dir))
	}
	if err := report.SamePreprocessing(pair, saved); err != nil {
		return false, fmt.Errorf("ReplayCleanly: %w", err)
	}
	m.replayed, err = replay(m.ctx, pair, m.dir, saved, m.asked(), w)
	if err == nil && m.inspect != nil {
		m.inspect(m.replayed.summary(pair))
	}
	if err == nil {
		err = m.replayed.vacuous()
	}
	if err == nil && !report.IsTrigger(m.dir) { // of one trigger alone, other waivers are not needed
		err = unused(w, m.replayed.fixed, true)
	}
	if err != nil {
		return false, fmt.Errorf("ReplayCleanly: %w", err)
	}
	if m.onFixed != nil && len(m.replayed.fixed) > 0 {
		m.onFixed(m.replayed.fixed)
	}
	return !m.replayed.deviate(), nil
}

// asked is what the saved triggers are judged by.
func (m *ReplayCleanlyMatcher) asked() asked {
	return asked{oracle: m.oracle, bound: m.bound, causes: m.causes}
}

// load reads the triggers that the folder stands for.
func (m *ReplayCleanlyMatcher) load(pair *model.Pair) ([]report.SavedTrigger, error) {
	info, err := os.Stat(m.dir)
	switch {
	case errors.Is(err, os.ErrNotExist) && m.orNothing:
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("expected a folder of saved triggers: %w", err)
	case !info.IsDir():
		return nil, fmt.Errorf("%s: expected a folder of saved triggers, found a file", m.dir)
	}
	if report.IsTrigger(m.dir) {
		t, err := report.LoadTrigger(m.dir)
		if err == nil && t.Pair != pair.Name() {
			err = fmt.Errorf("%s: expected a trigger of pair %s, found one of pair %s", m.dir, pair.Name(), t.Pair)
		}
		return []report.SavedTrigger{t}, err
	}
	root := m.dir
	if clean := filepath.Clean(m.dir); filepath.Base(clean) == report.FolderName(pair.Name()) {
		root = filepath.Dir(clean)
	}
	store, err := report.OpenStore(root)
	if err != nil {
		return nil, err
	}
	return store.List(pair.Name())
}

// othersIn tells of saved triggers of other pairs in a store; "" where there are none.
func othersIn(dir string) string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return ""
	}
	var others []string
	for _, e := range entries {
		triggers, _ := filepath.Glob(filepath.Join(dir, e.Name(), "*", "trigger.json"))
		if len(triggers) > 0 {
			others = append(others, fmt.Sprintf("%s of %s", report.Plural(len(triggers), "trigger"), e.Name()))
		}
	}
	if len(others) == 0 {
		return ""
	}
	return ", but " + strings.Join(others, ", ")
}

// FailureMessage lists the triggers that still deviate. It implements [types.GomegaMatcher].
func (m *ReplayCleanlyMatcher) FailureMessage(any) string {
	return fmt.Sprintf("Expected %s to replay cleanly%s, but %s", m.pair, m.asked().of(), m.replayed.describe(m.classNames))
}

// NegatedFailureMessage says that no saved trigger deviates. It implements [types.GomegaMatcher].
func (m *ReplayCleanlyMatcher) NegatedFailureMessage(any) string {
	r := m.replayed
	var but string
	switch {
	case r.total() == 0:
		but = "there is no saved trigger in " + shown(r.from)
	case len(r.waived) > 0:
		still := "1 still deviates and is"
		if n := len(r.waived); n > 1 {
			still = fmt.Sprintf("%d still deviate and all of them are", n)
		}
		but = fmt.Sprintf("of %s, %s waived in %s", r.judgedOnes(), still, shown(r.by.File))
	case r.total() == 1:
		but = fmt.Sprintf("the saved trigger in %s deviates no more", shown(r.from))
	case r.judged() == r.total():
		but = fmt.Sprintf("none of the %d saved triggers in %s deviates any more", r.judged(), shown(r.from))
	default:
		but = fmt.Sprintf("none of %s deviates any more", r.judgedOnes())
	}
	return strings.Join(append([]string{fmt.Sprintf("Expected %s not to replay cleanly%s, but %s", m.pair, m.asked().of(), but)}, r.told()...), "\n")
}
