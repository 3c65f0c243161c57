package matchers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/onsi/gomega/format"
	"github.com/onsi/gomega/types"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/report"
)

// ReplayCleanly succeeds when no saved trigger deviates any more on the actual [*engine.Pair].
//
//	Expect(pair).To(ReplayCleanly("testdata/triggers"))
//
// The folder is a store, of which the pair's own triggers are replayed, or the folder of one pair, or
// that of a single trigger. Both models run again, alone, on exactly the saved inputs. A folder in
// which there is nothing to replay is an error, lest a wrong path passes; see
// [ReplayCleanlyMatcher.OrNothing].
func ReplayCleanly(dir string) *ReplayCleanlyMatcher {
	return &ReplayCleanlyMatcher{dir: dir, ctx: context.Background(), oracle: engine.Top1()}
}

// ReplayCleanlyMatcher is the matcher of [ReplayCleanly]. Its methods return changed copies.
type ReplayCleanlyMatcher struct {
	dir        string
	ctx        context.Context
	oracle     engine.Oracle
	bound      engine.Bound
	orNothing  bool
	classNames []string
	recording  recording

	pair     *engine.Pair
	replayed *replayed
}

var _ types.GomegaMatcher = (*ReplayCleanlyMatcher)(nil)

func (m *ReplayCleanlyMatcher) with(change func(*ReplayCleanlyMatcher)) *ReplayCleanlyMatcher {
	c := *m
	change(&c)
	return &c
}

// OrNothing succeeds also when there is nothing to replay yet.
func (m *ReplayCleanlyMatcher) OrNothing() *ReplayCleanlyMatcher {
	return m.with(func(c *ReplayCleanlyMatcher) { c.orNothing = true })
}

// JudgedBy sets the oracle. The default is [engine.Top1].
func (m *ReplayCleanlyMatcher) JudgedBy(oracle engine.Oracle) *ReplayCleanlyMatcher {
	return m.with(func(c *ReplayCleanlyMatcher) { c.oracle = oracle })
}

// Within leaves triggers out that lie outside the bound around their seed.
func (m *ReplayCleanlyMatcher) Within(bound engine.Bound) *ReplayCleanlyMatcher {
	return m.with(func(c *ReplayCleanlyMatcher) { c.bound = bound })
}

// WithContext sets a context that can cancel the replay.
func (m *ReplayCleanlyMatcher) WithContext(ctx context.Context) *ReplayCleanlyMatcher {
	return m.with(func(c *ReplayCleanlyMatcher) { c.ctx = ctx })
}

// WithClassNames names the classes, by label, in messages. The default are the names that were saved.
func (m *ReplayCleanlyMatcher) WithClassNames(names ...string) *ReplayCleanlyMatcher {
	return m.with(func(c *ReplayCleanlyMatcher) { c.classNames = names })
}

// MatchMayChangeInTheFuture tells Eventually and Consistently that replaying again gives the same.
func (m *ReplayCleanlyMatcher) MatchMayChangeInTheFuture(any) bool { return false }

// Match replays. It implements [types.GomegaMatcher].
func (m *ReplayCleanlyMatcher) Match(actual any) (bool, error) {
	clean, err := m.match(actual)
	return clean, m.recording.add(clean, err, m.FailureMessage, m.checked)
}

func (m *ReplayCleanlyMatcher) match(actual any) (bool, error) {
	m.pair, m.replayed = nil, nil // an error must not be recorded with what an earlier Match found
	pair, ok := actual.(*engine.Pair)
	if !ok || pair == nil {
		return false, fmt.Errorf("ReplayCleanly matcher expects a *engine.Pair. Got:\n%s", format.Object(actual, 1))
	}
	if m.oracle == nil || m.ctx == nil {
		return false, errors.New("ReplayCleanly: expected an oracle and a context, found nil")
	}
	m.pair = pair
	saved, err := m.load(pair)
	if err != nil {
		return false, fmt.Errorf("ReplayCleanly: %w", err)
	}
	if len(saved) == 0 {
		if m.orNothing {
			m.replayed = &replayed{from: m.dir}
			return true, nil
		}
		return false, fmt.Errorf("ReplayCleanly: %s: expected saved triggers of pair %s, found none; ReplayCleanly(…).OrNothing() allows that",
			m.dir, pair.Name())
	}
	m.replayed, err = replay(m.ctx, pair, m.dir, saved, m.oracle, m.bound)
	if err != nil {
		return false, fmt.Errorf("ReplayCleanly: %w", err)
	}
	return !m.replayed.deviate(), nil
}

// load reads the triggers that the folder stands for.
func (m *ReplayCleanlyMatcher) load(pair *engine.Pair) ([]report.SavedTrigger, error) {
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

// FailureMessage lists the triggers that still deviate. It implements [types.GomegaMatcher].
func (m *ReplayCleanlyMatcher) FailureMessage(any) string {
	return fmt.Sprintf("Expected %s to replay cleanly, but %s", m.pair, m.replayed.describe(m.classNames))
}

// NegatedFailureMessage says that no saved trigger deviates. It implements [types.GomegaMatcher].
func (m *ReplayCleanlyMatcher) NegatedFailureMessage(any) string {
	return fmt.Sprintf("Expected %s not to replay cleanly, but none of the %d saved triggers in %s deviates any more",
		m.pair, len(m.replayed.healed), m.replayed.from)
}
