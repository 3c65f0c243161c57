package matchers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"

	"github.com/onsi/gomega/types"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// UpdateEvidenceVariable is the environment variable under which [DeviateNoMoreThan] writes evidence instead of
// comparing with it, unless it is empty or "0": TRIGGERFINDER_UPDATE_EVIDENCE=1 go test ./...
const UpdateEvidenceVariable = "TRIGGERFINDER_UPDATE_EVIDENCE"

// DeviateNoMoreThan succeeds when the actual [*model.Pair] has triggers from no more seeds than the release had
// that an evidence file is about:
//
//	Expect(pair).To(DeviateNoMoreThan("testdata/evidence/lenet5-int8.json").From(seeds))
//
// The actual value may also be the [*engine.Report] of a search that was made elsewhere, as on a cluster: then it is compared as it is, and seeds are
// not needed.
//
// It makes the search of the evidence again, with the same settings from the same seeds, which meet the same random
// streams, and compares seed by seed; see [gate.Compare]. Other seeds, other settings or another original model
// are an error in both directions. So is a missing file, and evidence in which every seed has a trigger,
// which nothing could exceed: search within a bound.
//
// A file is made, and later brought up to date, as golden files are, by running the test with
// TRIGGERFINDER_UPDATE_EVIDENCE=1, or by [HaveDeviationMatcher.SavingEvidence].
func DeviateNoMoreThan(file string) *DeviateNoMoreThanMatcher {
	return made(&DeviateNoMoreThanMatcher{options: options{ctx: context.Background()}, file: file})
}

// DeviateNoMoreThanMatcher is the matcher of [DeviateNoMoreThan]. Its methods return changed copies.
type DeviateNoMoreThanMatcher struct {
	options
	assertion[DeviateNoMoreThanMatcher]
	bounded[DeviateNoMoreThanMatcher] // nil for the bound of the evidence
	alike[DeviateNoMoreThanMatcher]
	skipping[DeviateNoMoreThanMatcher]
	watched[DeviateNoMoreThanMatcher]

	file    string
	seeds   input.Seeds
	accepts gate.CompareOptions
	update  bool
	changes []func(*engine.Settings)
	queries int // a seed; 0 for the budget of the evidence
	inspect []func(*engine.Report, *gate.Comparison)
	root    string
	saves   bool

	found comparedFindings // of the latest Match
}

// comparedFindings are what Match computes and the messages read.
type comparedFindings struct {
	pair       *model.Pair // nil where a report was given
	subject    any         // the pair, or what it is called
	report     *engine.Report
	comparison *gate.Comparison
	notes      []string
	dirs       map[string]string // of saved triggers, by ID
	classNames []string          // given, or the seeds'
	test       string            // how to run the test again
}

var _ types.GomegaMatcher = (*DeviateNoMoreThanMatcher)(nil)

// fork implements [forked].
func (m *DeviateNoMoreThanMatcher) fork() (*DeviateNoMoreThanMatcher, *options) {
	c := *m
	c.options, c.changes, c.inspect, c.found = m.options.clone(), slices.Clone(m.changes), slices.Clone(m.inspect), comparedFindings{}
	c.assertion.of, c.bounded.of, c.alike.of, c.skipping.of, c.watched.of = &c, &c, &c, &c, &c
	return &c, &c.options
}

// From gives the seeds, which must be those of the evidence, in the same order: the file knows what became of
// them, but does not hold them.
func (m *DeviateNoMoreThanMatcher) From(seeds input.Seeds) *DeviateNoMoreThanMatcher {
	return with(m, func(c *DeviateNoMoreThanMatcher) { c.seeds = seeds })
}

// WithSettings changes settings of the search. It is for settings with which evidence is made, and for
// strategies and the like of one's own, which cannot be made from their names in the file. What differs from the
// evidence otherwise is an error. It sees what all methods have set, whatever their order, and is called when the matcher
// matches.
func (m *DeviateNoMoreThanMatcher) WithSettings(change func(*engine.Settings)) *DeviateNoMoreThanMatcher {
	return with(m, func(c *DeviateNoMoreThanMatcher) {
		if c.expect(change != nil, "WithSettings(nil): expected a function") {
			c.changes = append(c.changes, change)
		}
	})
}

// WithQueriesPerSeed is the budget of a seed with which evidence is made.
func (m *DeviateNoMoreThanMatcher) WithQueriesPerSeed(n int) *DeviateNoMoreThanMatcher {
	return with(m, func(c *DeviateNoMoreThanMatcher) {
		if c.expect(n >= 1, "WithQueriesPerSeed(%d): expected at least 1", n) {
			c.queries = n
		}
	})
}

// Allowing accepts up to n more seeds with a trigger than the evidence has.
func (m *DeviateNoMoreThanMatcher) Allowing(n int) *DeviateNoMoreThanMatcher {
	return with(m, func(c *DeviateNoMoreThanMatcher) { c.accepts.Tolerance = n })
}

// WithConfidence, above 0 and below 1 such as 0.95, lets an increase beyond what is allowed fail only
// where it is significant; see [gate.CompareOptions]. The default is that any such increase fails.
func (m *DeviateNoMoreThanMatcher) WithConfidence(confidence float64) *DeviateNoMoreThanMatcher {
	return with(m, func(c *DeviateNoMoreThanMatcher) { c.accepts.Confidence = confidence })
}

// AtMost also demands that no more than n seeds have a trigger, whatever the evidence has.
func (m *DeviateNoMoreThanMatcher) AtMost(n int) *DeviateNoMoreThanMatcher {
	return with(m, func(c *DeviateNoMoreThanMatcher) { c.accepts.AtMost = &n })
}

// OnCommonSeeds compares the seeds that both have, where others are there too: at least half of those of the evidence. How many
// were left out is told.
func (m *DeviateNoMoreThanMatcher) OnCommonSeeds() *DeviateNoMoreThanMatcher {
	return with(m, func(c *DeviateNoMoreThanMatcher) { c.accepts.OtherSeeds = true })
}

// WithAnotherOriginal accepts that the original model is not that of the evidence.
func (m *DeviateNoMoreThanMatcher) WithAnotherOriginal() *DeviateNoMoreThanMatcher {
	return with(m, func(c *DeviateNoMoreThanMatcher) { c.accepts.OtherOriginal = true })
}

// SavingTo saves the triggers of seeds that became worse in the folder root, with one for the pair; "" is
// the folder of [HaveDeviationMatcher.SavingTo]. The default is to save nothing.
func (m *DeviateNoMoreThanMatcher) SavingTo(root string) *DeviateNoMoreThanMatcher {
	return with(m, func(c *DeviateNoMoreThanMatcher) { c.root, c.saves = root, true })
}

// UpdatingEvidence writes the evidence anew, as the environment variable TRIGGERFINDER_UPDATE_EVIDENCE does. The
// settings are those of the file that is there, or else strategy [strategies.Boundary], oracle [answer.Top1], random
// seed 0 and the limits a seed of [DefaultBudget], changed by the matcher's own.
func (m *DeviateNoMoreThanMatcher) UpdatingEvidence() *DeviateNoMoreThanMatcher {
	return with(m, func(c *DeviateNoMoreThanMatcher) { c.update = true })
}

// Inspecting calls fn with the report of the search and the comparison, which is nil when there was none.
func (m *DeviateNoMoreThanMatcher) Inspecting(fn func(*engine.Report, *gate.Comparison)) *DeviateNoMoreThanMatcher {
	return with(m, func(c *DeviateNoMoreThanMatcher) {
		if c.expect(fn != nil, "Inspecting(nil): expected a function") {
			c.inspect = append(c.inspect, fn)
		}
	})
}

// Match searches and compares. It implements [types.GomegaMatcher].
func (m *DeviateNoMoreThanMatcher) Match(actual any) (bool, error) {
	pass, err := m.matchPair(actual)
	return pass, m.recording.add(pass, err, m.FailureMessage, m.checked)
}

func (m *DeviateNoMoreThanMatcher) matchPair(actual any) (bool, error) {
	m.found = comparedFindings{dirs: map[string]string{}, test: runAgain()}
	if r, ok := actual.(*engine.Report); ok && r != nil {
		return m.conclude(m.matchReport(r))
	}
	pair, err := pairOf(actual, "DeviateNoMoreThan")
	if err != nil {
		return false, err
	}
	m.found.pair, m.found.subject = pair, pair
	return m.conclude(m.match(pair))
}

// conclude hands out what was found.
func (m *DeviateNoMoreThanMatcher) conclude(err error) (bool, error) {
	if m.found.report != nil {
		for _, fn := range m.inspect {
			fn(m.found.report, m.found.comparison)
		}
	}
	if err != nil {
		return false, fmt.Errorf("DeviateNoMoreThan: %w", err)
	}
	return m.found.comparison.Pass, nil
}

func (m *DeviateNoMoreThanMatcher) match(pair *model.Pair) error {
	if m.seeds == nil {
		return fmt.Errorf("expected the seeds of the evidence, found none; write DeviateNoMoreThan(%q).From(seeds)", m.file)
	}
	if err := misused(append(slices.Clone(m.misuse), m.accepts.Validate())...); err != nil { // before a long search
		return err
	}
	updating := m.updating()
	baseline, err := m.load(updating)
	if err != nil {
		return err
	}
	settings, err := m.settings(baseline)
	if err != nil {
		return err
	}
	accepts, note := m.accepts, ""
	if m.found.classNames, note, err = classNamesOf(m.classNames, m.seeds, pair); err != nil {
		return err
	}
	accepts.ClassNames = m.found.classNames
	m.found.report, err = engine.Search(m.ctx, pair, m.seeds, settings)
	nameClasses(m.found.report, m.found.classNames, note)
	if err != nil {
		return err
	}
	tellSkipped(m.found.report)
	return m.compare(baseline, accepts, updating)
}

// matchReport compares a search that was made already.
func (m *DeviateNoMoreThanMatcher) matchReport(r *engine.Report) error {
	if err := misused(append(slices.Clone(m.misuse), m.accepts.Validate())...); err != nil {
		return err
	}
	switch {
	case m.seeds != nil || len(m.changes) > 0 || m.queries > 0 || m.bound != nil:
		return fmt.Errorf("From, WithSettings, WithQueriesPerSeed and Within are about a search, found one for the report of a search that was made already")
	case r.Status.Partial():
		return fmt.Errorf("expected the report of a search that came to its end, found one that ended early: %s", r.Status)
	}
	updating := m.updating()
	baseline, err := m.load(updating)
	if err != nil {
		return err
	}
	accepts, note := m.accepts, ""
	if m.found.classNames, note, err = report.ResolveClassNames(m.classNames, r.ClassNames, r.Original.Classes); err != nil {
		return err
	}
	accepts.ClassNames = m.found.classNames
	named := *r // what is the user's stays as it is
	named.Notes = slices.Clone(r.Notes)
	m.found.report, m.found.subject = &named, "pair "+r.Pair
	nameClasses(m.found.report, m.found.classNames, note)
	return m.compare(baseline, accepts, updating)
}

func (m *DeviateNoMoreThanMatcher) updating() bool {
	return m.update || !slices.Contains([]string{"", "0"}, os.Getenv(UpdateEvidenceVariable))
}

// load reads the evidence; nil where it is about to be made.
func (m *DeviateNoMoreThanMatcher) load(updating bool) (*gate.Evidence, error) {
	baseline, err := report.LoadEvidence(m.file)
	switch {
	case errors.Is(err, os.ErrNotExist) && updating:
		return nil, nil
	case errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("%s: expected an evidence file, found none; run the test once with %s=1 on a release that is good enough to make it", m.file, UpdateEvidenceVariable)
	}
	return baseline, err
}

// compare compares the report with the evidence, or makes that of it.
func (m *DeviateNoMoreThanMatcher) compare(baseline *gate.Evidence, accepts gate.CompareOptions, updating bool) error {
	candidate, err := gate.EvidenceOf(m.found.report)
	if err != nil {
		return err
	}
	if updating {
		baseline = candidate
	}
	m.found.comparison, err = gate.Compare(baseline, candidate, accepts)
	if err != nil {
		return fmt.Errorf("%s: %w", m.file, err)
	}
	m.found.comparison.Evidence = m.file
	if updating {
		return m.write(candidate)
	}
	m.found.notes = append(m.found.notes, m.found.comparison.Notes...)
	if before, now := baseline.Versions[gate.SearchVersion], strconv.Itoa(engine.SearchRevision); before != now {
		m.found.notes = append(m.found.notes, fmt.Sprintf(
			"The evidence is from another revision of the search: %s; this is %s. A seed more or less need not be the model's doing: make the evidence anew from the released model, by %s=1.",
			cmp.Or(before, "none noted"), now, UpdateEvidenceVariable))
	}
	for _, name := range []string{"runtime", "cpu", "provider"} {
		if before, after := baseline.Versions[name], candidate.Versions[name]; before != after {
			m.found.notes = append(m.found.notes, fmt.Sprintf("The evidence is from another %s: %q; this search, from %q.", name, before, after))
		}
	}
	return m.save()
}

// settings are those of the evidence, changed by the matcher's own. Without evidence, it is made with the
// defaults of a test, but without limits of the whole search, which would leave seeds out.
func (m *DeviateNoMoreThanMatcher) settings(baseline *gate.Evidence) (s engine.Settings, err error) {
	s = engine.Settings{Strategy: strategies.Boundary(), Oracle: answer.Top1(), Budget: DefaultBudget}
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
		const advice = "%s: the %s of the evidence, %q, cannot be made from its name; give it with WithSettings"
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
	fmt.Fprintf(os.Stderr, "triggerfinder: evidence of pair %s written to %s: %d of %s %s a trigger\n", m.found.report.Pair, m.file, e.Found(), report.Plural(len(e.Seeds), "seed"), report.Verb(e.Found(), "have"))
	m.found.notes = append(m.found.notes, "The evidence has just been written from this very search.")
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
	for _, c := range m.found.comparison.Changes {
		if c.Worse {
			worse[c.Trigger] = true
		}
	}
	c := report.ContextOf(m.found.report)
	c.Replay = m.found.test
	for _, t := range m.found.report.Triggers() {
		if !worse[t.ID] || t.Abridged() || len(m.found.dirs) == defaultSaved {
			continue
		}
		dir, err := saveTrigger(store, t, c)
		if err != nil { // what was decided is not lost with it
			m.found.notes = append(m.found.notes, fmt.Sprintf("Triggers could not be saved: %s. SavingTo(dir) or the environment variable %s names another folder.", err, report.RootVariable))
			break
		}
		m.found.dirs[t.ID] = dir
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
