package matchers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/onsi/gomega/format"
	"github.com/onsi/gomega/types"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// UpdateEvidenceVariable is the environment variable under which [DeviateNoMoreThan] writes evidence instead of
// comparing with it, unless it is empty or "0": TRIGGERFINDER_UPDATE_EVIDENCE=1 go test ./...
const UpdateEvidenceVariable = "TRIGGERFINDER_UPDATE_EVIDENCE"

// DeviateNoMoreThan succeeds when the actual [*engine.Pair] has triggers from no more seeds than the release had
// that an evidence file is about:
//
//	Expect(pair).To(DeviateNoMoreThan("testdata/evidence/lenet5-int8.json").From(seeds))
//
// It makes the search of the evidence again, with the same settings from the same seeds, which meet the same random
// streams, and compares seed by seed; see [gate.Compare]. Other seeds, other settings or another original model
// are an error in both directions. So is a missing file, and evidence in which every seed has a trigger,
// which nothing could exceed: search within a bound.
//
// A file is made, and later brought up to date, as golden files are, by running the test with
// TRIGGERFINDER_UPDATE_EVIDENCE=1, or by [HaveDeviationMatcher.SavingEvidence].
func DeviateNoMoreThan(file string) *DeviateNoMoreThanMatcher {
	return &DeviateNoMoreThanMatcher{file: file, ctx: context.Background()}
}

// DeviateNoMoreThanMatcher is the matcher of [DeviateNoMoreThan]. Its methods return changed copies.
type DeviateNoMoreThanMatcher struct {
	file      string
	seeds     engine.Seeds
	ctx       context.Context
	options   gate.CompareOptions
	update    bool
	changes   []func(*engine.Settings)
	bound     engine.Bound // nil for that of the evidence
	identical bool         // accepts identical scores
	queries   int          // a seed; 0 for the budget of the evidence
	progress  []func(engine.Progress)
	inspect   []func(*engine.Report, *gate.Comparison)
	root      string
	saves     bool
	misuse    []error // of options; Match reports them
	// skippedAtMost is as in [engine.Settings].
	skippedAtMost float64

	recording recording

	pair       *engine.Pair
	report     *engine.Report
	comparison *gate.Comparison
	notes      []string
	dirs       map[string]string // of saved triggers, by ID
	classNames []string
	test       string
}

var _ types.GomegaMatcher = (*DeviateNoMoreThanMatcher)(nil)

func (m *DeviateNoMoreThanMatcher) with(change func(*DeviateNoMoreThanMatcher)) *DeviateNoMoreThanMatcher {
	c := *m
	c.changes, c.progress, c.inspect = slices.Clone(m.changes), slices.Clone(m.progress), slices.Clone(m.inspect)
	c.misuse = slices.Clone(m.misuse)
	c.pair, c.report, c.comparison, c.notes, c.dirs = nil, nil, nil, nil, nil
	change(&c)
	return &c
}

// From gives the seeds, which must be those of the evidence, in the same order: the file knows what became of
// them, but does not hold them.
func (m *DeviateNoMoreThanMatcher) From(seeds engine.Seeds) *DeviateNoMoreThanMatcher {
	return m.with(func(c *DeviateNoMoreThanMatcher) { c.seeds = seeds })
}

// WithSettings changes settings of the search. It is for settings with which evidence is made, and for
// strategies and the like of one's own, which cannot be made from their names in the file. What differs from the
// evidence otherwise is an error. It sees what all methods have set, whatever their order, and is called when the matcher
// matches.
func (m *DeviateNoMoreThanMatcher) WithSettings(change func(*engine.Settings)) *DeviateNoMoreThanMatcher {
	return m.with(func(c *DeviateNoMoreThanMatcher) {
		if change == nil {
			c.misuse = append(c.misuse, errors.New("WithSettings(nil): expected a function"))
			return
		}
		c.changes = append(c.changes, change)
	})
}

// Within is the bound around each seed with which evidence is made.
func (m *DeviateNoMoreThanMatcher) Within(bound engine.Bound) *DeviateNoMoreThanMatcher {
	return m.with(func(c *DeviateNoMoreThanMatcher) { c.bound = bound })
}

// WithQueriesPerSeed is the budget of a seed with which evidence is made.
func (m *DeviateNoMoreThanMatcher) WithQueriesPerSeed(n int) *DeviateNoMoreThanMatcher {
	return m.with(func(c *DeviateNoMoreThanMatcher) {
		if n < 1 {
			c.misuse = append(c.misuse, fmt.Errorf("WithQueriesPerSeed(%d): expected at least 1", n))
			return
		}
		c.queries = n
	})
}

// SkippedAtMost sets the largest share of the seeds that may be skipped; see [HaveDeviationMatcher.SkippedAtMost].
func (m *DeviateNoMoreThanMatcher) SkippedAtMost(share float64) *DeviateNoMoreThanMatcher {
	return m.with(func(c *DeviateNoMoreThanMatcher) { skippedOption(share, &c.skippedAtMost, &c.misuse) })
}

// Allowing accepts up to n more seeds with a trigger than the evidence has.
func (m *DeviateNoMoreThanMatcher) Allowing(n int) *DeviateNoMoreThanMatcher {
	return m.with(func(c *DeviateNoMoreThanMatcher) { c.options.Tolerance = n })
}

// WithConfidence, above 0 and below 1 such as 0.95, lets an increase beyond what is allowed fail only
// where it is significant; see [gate.CompareOptions]. The default is that any such increase fails.
func (m *DeviateNoMoreThanMatcher) WithConfidence(confidence float64) *DeviateNoMoreThanMatcher {
	return m.with(func(c *DeviateNoMoreThanMatcher) { c.options.Confidence = confidence })
}

// AtMost also demands that no more than n seeds have a trigger, whatever the evidence has.
func (m *DeviateNoMoreThanMatcher) AtMost(n int) *DeviateNoMoreThanMatcher {
	return m.with(func(c *DeviateNoMoreThanMatcher) { c.options.AtMost = &n })
}

// OnCommonSeeds compares the seeds that both have, where others are there too: at least half of those of the evidence. How many
// were left out is told.
func (m *DeviateNoMoreThanMatcher) OnCommonSeeds() *DeviateNoMoreThanMatcher {
	return m.with(func(c *DeviateNoMoreThanMatcher) { c.options.OtherSeeds = true })
}

// WithAnotherOriginal accepts that the original model is not that of the evidence.
func (m *DeviateNoMoreThanMatcher) WithAnotherOriginal() *DeviateNoMoreThanMatcher {
	return m.with(func(c *DeviateNoMoreThanMatcher) { c.options.OtherOriginal = true })
}

// WithClassNames names the classes, by label, in messages.
func (m *DeviateNoMoreThanMatcher) WithClassNames(names ...string) *DeviateNoMoreThanMatcher {
	return m.with(func(c *DeviateNoMoreThanMatcher) { c.options.ClassNames = slices.Clone(names) })
}

// WithContext sets a context that can cancel the search. A search that was cancelled is an error.
func (m *DeviateNoMoreThanMatcher) WithContext(ctx context.Context) *DeviateNoMoreThanMatcher {
	return m.with(func(c *DeviateNoMoreThanMatcher) { c.ctx = ctx })
}

// SavingTo saves the triggers of seeds that became worse in the folder root, with one for the pair; "" is
// the folder of [HaveDeviationMatcher.SavingTo]. The default is to save nothing.
func (m *DeviateNoMoreThanMatcher) SavingTo(root string) *DeviateNoMoreThanMatcher {
	return m.with(func(c *DeviateNoMoreThanMatcher) { c.root, c.saves = root, true })
}

// UpdatingEvidence writes the evidence anew, as the environment variable TRIGGERFINDER_UPDATE_EVIDENCE does. The
// settings are those of the file that is there, or else strategy [strategies.Boundary], oracle [engine.Top1], random
// seed 0 and the limits a seed of [DefaultBudget], changed by the matcher's own.
func (m *DeviateNoMoreThanMatcher) UpdatingEvidence() *DeviateNoMoreThanMatcher {
	return m.with(func(c *DeviateNoMoreThanMatcher) { c.update = true })
}

// ReportingProgressTo calls fn now and then during the search.
func (m *DeviateNoMoreThanMatcher) ReportingProgressTo(fn func(engine.Progress)) *DeviateNoMoreThanMatcher {
	return m.with(func(c *DeviateNoMoreThanMatcher) { c.progress = append(c.progress, fn) })
}

// Inspecting calls fn with the report of the search and the comparison, which is nil when there was none.
func (m *DeviateNoMoreThanMatcher) Inspecting(fn func(*engine.Report, *gate.Comparison)) *DeviateNoMoreThanMatcher {
	return m.with(func(c *DeviateNoMoreThanMatcher) { c.inspect = append(c.inspect, fn) })
}

// MatchMayChangeInTheFuture tells Eventually and Consistently that searching again gives the same.
func (m *DeviateNoMoreThanMatcher) MatchMayChangeInTheFuture(any) bool { return false }

// Match searches and compares. It implements [types.GomegaMatcher].
func (m *DeviateNoMoreThanMatcher) Match(actual any) (bool, error) {
	pass, err := m.matchPair(actual)
	return pass, m.recording.add(pass, err, m.FailureMessage, m.checked)
}

func (m *DeviateNoMoreThanMatcher) matchPair(actual any) (bool, error) {
	m.pair, m.report, m.comparison, m.notes, m.dirs, m.test = nil, nil, nil, nil, map[string]string{}, runAgain()
	pair, ok := actual.(*engine.Pair)
	if !ok || pair == nil {
		return false, fmt.Errorf("DeviateNoMoreThan matcher expects a *engine.Pair. Got:\n%s", format.Object(actual, 1))
	}
	m.pair = pair
	err := m.match(pair)
	if m.report != nil {
		for _, fn := range m.inspect {
			fn(m.report, m.comparison)
		}
	}
	if err != nil {
		return false, fmt.Errorf("DeviateNoMoreThan: %w", err)
	}
	return m.comparison.Pass, nil
}

func (m *DeviateNoMoreThanMatcher) match(pair *engine.Pair) error {
	switch {
	case m.seeds == nil:
		return fmt.Errorf("expected the seeds of the evidence, found none; write DeviateNoMoreThan(%q).From(seeds)", m.file)
	case m.ctx == nil:
		return errors.New("WithContext(nil): expected a context")
	}
	if err := misused(append(slices.Clone(m.misuse), m.options.Validate())...); err != nil { // before a long search
		return err
	}
	updating := m.update || !slices.Contains([]string{"", "0"}, os.Getenv(UpdateEvidenceVariable))
	baseline, err := report.LoadEvidence(m.file)
	switch {
	case errors.Is(err, os.ErrNotExist) && updating:
		baseline = nil
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("%s: expected an evidence file, found none; run the test once with %s=1 on a release that is good enough to make it", m.file, UpdateEvidenceVariable)
	case err != nil:
		return err
	}
	settings, err := m.settings(baseline)
	if err != nil {
		return err
	}
	options, note := m.options, ""
	if m.classNames, note, err = classNamesOf(options.ClassNames, m.seeds, pair); err != nil {
		return err
	}
	options.ClassNames = m.classNames
	m.report, err = engine.Search(m.ctx, pair, m.seeds, settings)
	nameClasses(m.report, m.classNames, note)
	if err != nil {
		return err
	}
	tellSkipped(m.report)
	candidate, err := gate.EvidenceOf(m.report)
	if err != nil {
		return err
	}
	if updating {
		baseline = candidate
	}
	m.comparison, err = gate.Compare(baseline, candidate, options)
	if err != nil {
		return fmt.Errorf("%s: %w", m.file, err)
	}
	m.comparison.Evidence = m.file
	if updating {
		return m.write(candidate)
	}
	m.notes = append(m.notes, m.comparison.Notes...)
	for _, name := range []string{"runtime", "cpu", "provider"} {
		if before, after := baseline.Versions[name], candidate.Versions[name]; before != after {
			m.notes = append(m.notes, fmt.Sprintf("The evidence is from another %s: %q; this search, from %q.", name, before, after))
		}
	}
	return m.save()
}

// settings are those of the evidence, changed by the matcher's own. Without evidence, it is made with the
// defaults of a test, but without limits of the whole search, which would leave seeds out.
func (m *DeviateNoMoreThanMatcher) settings(baseline *gate.Evidence) (s engine.Settings, err error) {
	s = engine.Settings{Strategy: strategies.Boundary(), Oracle: engine.Top1(), Budget: DefaultBudget}
	s.Budget.Queries, s.Budget.Time = 0, 0
	if baseline != nil {
		if s, err = settingsOf(baseline); err != nil {
			return s, fmt.Errorf("%s: %w", m.file, err)
		}
	}
	s.SkippedAtMost, s.AllowIdentical = m.skippedAtMost, m.identical
	if m.bound != nil {
		s.Bound = m.bound
	}
	if m.queries > 0 {
		s.Budget = engine.Budget{QueriesPerSeed: m.queries}
	}
	for _, change := range m.changes {
		change(&s)
	}
	if baseline != nil {
		const advice = "%s: the %s of the evidence, %q, is none that its name alone makes; give it with WithSettings"
		switch {
		case s.Strategy == nil:
			return s, fmt.Errorf(advice, m.file, "strategy", baseline.Strategy)
		case s.Oracle == nil:
			return s, fmt.Errorf(advice, m.file, "oracle", baseline.Oracle)
		case s.Bound == nil && baseline.Bound != "":
			return s, fmt.Errorf(advice, m.file, "bound", baseline.Bound)
		}
	}
	s.OnProgress = onProgress(s.OnProgress, m.progress)
	return s, nil
}

func (m *DeviateNoMoreThanMatcher) write(e *gate.Evidence) error {
	if err := report.SaveEvidence(m.file, e); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "triggerfinder: evidence of pair %s written to %s: %d of %s %s a trigger\n", m.pair.Name(), m.file, e.Found(), report.Plural(len(e.Seeds), "seed"), report.Verb(e.Found(), "have"))
	m.notes = append(m.notes, "The evidence has just been written from this very search.")
	return nil
}

// save saves the triggers of seeds that became worse.
func (m *DeviateNoMoreThanMatcher) save() error {
	if !m.saves {
		return nil
	}
	store, err := report.OpenStore(m.root)
	if err != nil {
		return err
	}
	worse := map[string]bool{}
	for _, c := range m.comparison.Changes {
		if c.Worse {
			worse[c.Trigger] = true
		}
	}
	c := report.ContextOf(m.report)
	c.Replay = m.test
	for _, t := range m.report.Triggers() {
		if !worse[t.ID] || t.Abridged() || len(m.dirs) == defaultSaved {
			continue
		}
		dir, err := saveTrigger(store, t, c)
		if err != nil { // what was decided is not lost with it
			m.notes = append(m.notes, fmt.Sprintf("Triggers could not be saved: %s. SavingTo(dir) or the environment variable %s names another folder.", err, report.RootVariable))
			break
		}
		m.dirs[t.ID] = dir
	}
	return nil
}

// FailureMessage names what became worse, and what better. It implements [types.GomegaMatcher].
func (m *DeviateNoMoreThanMatcher) FailureMessage(any) string {
	return m.compared("to deviate no more", "")
}

// NegatedFailureMessage says how little changed. It implements [types.GomegaMatcher].
func (m *DeviateNoMoreThanMatcher) NegatedFailureMessage(any) string {
	return m.compared("to deviate more", "\n\nThat is no proof that it is as good: it is one search from these seeds.")
}
