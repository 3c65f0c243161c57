package matchers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/onsi/gomega/format"
	"github.com/onsi/gomega/types"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// HaveDeviationFrom succeeds when a trigger of the actual [*engine.Pair] is found in a search from the
// seeds. Its usual place is in the negative:
//
//	Expect(pair).NotTo(HaveDeviationFrom(seeds))
//
// Triggers of the pair that earlier runs saved, before this process began, are replayed first; when one of them still
// deviates, that is the answer and no search is made. Otherwise the search starts from every seed, with the
// defaults of a unit test: strategy [strategies.Boundary], oracle [engine.Top1], random seed 0, at
// most [DefaultBudget] (or [ShortBudget] under -short). Triggers are saved in testdata/triggers.
//
// A search that could not be carried out, or that ended before it could tell anything, is an error
// and fails the assertion in both directions.
func HaveDeviationFrom(seeds engine.Seeds) *HaveDeviationMatcher {
	return &HaveDeviationMatcher{
		seeds:    seeds,
		ctx:      context.Background(),
		settings: engine.Settings{Strategy: strategies.Boundary(), Oracle: engine.Top1(), Budget: defaultBudget()},
		saving:   saving{atMost: defaultSaved},
	}
}

// HaveDeviationMatcher is the matcher of [HaveDeviationFrom]. Its methods return changed copies, so
// that a common start can be shared.
type HaveDeviationMatcher struct {
	seeds      engine.Seeds
	ctx        context.Context
	settings   engine.Settings // of options that set a value each; see resolve
	given      given
	counted    bool           // by HaveAtMost
	budget     *engine.Budget // nil for the default one
	closing    *int           // nil for that of the budget
	severity   severity
	changes    []func(*engine.Settings)
	saving     saving
	minimizing int // queries a trigger
	classNames []string
	progress   []func(engine.Progress)
	inspect    []func(*engine.Report)
	misuse     []error // of options; Match reports them
	recording  recording
	evidence   string // where to save it; "" for nowhere
	waiverFile string
	now        func() time.Time // by which waivers expire
	canaries   canaries
	noise      noiseFloor

	found findings // of the latest Match
}

var _ types.GomegaMatcher = (*HaveDeviationMatcher)(nil)

// findings are what Match computes and the messages read.
type findings struct {
	pair     *engine.Pair
	settings engine.Settings
	replayed *replayed // what became of the saved triggers; nil when there are none
	report   *engine.Report
	saved    *savedTriggers
	test     string // how to run the test again
	waivers  *report.PairWaivers
	open     []*engine.Trigger // of the search, without those that are waived
	waived   int
	canary   *gate.Canary // the power of the search; nil when it was not measured
	noise    *gate.Noise  // likewise

	minimized []gate.Minimized // triggers of the report

	classNames []string // given, or the seeds'
	classNote  string
}

func (m *HaveDeviationMatcher) with(change func(*HaveDeviationMatcher)) *HaveDeviationMatcher {
	c := *m
	c.progress, c.inspect, c.misuse = slices.Clone(m.progress), slices.Clone(m.inspect), slices.Clone(m.misuse)
	c.changes = slices.Clone(m.changes)
	c.found = findings{}
	change(&c)
	return &c
}

// Using sets the strategy.
func (m *HaveDeviationMatcher) Using(strategy engine.Strategy) *HaveDeviationMatcher {
	return m.with(func(c *HaveDeviationMatcher) { c.settings.Strategy = strategy })
}

// JudgedBy sets the oracle: what counts as a deviation. The default is [engine.Top1].
func (m *HaveDeviationMatcher) JudgedBy(oracle engine.Oracle) *HaveDeviationMatcher {
	return m.with(func(c *HaveDeviationMatcher) {
		judgedBy(oracle, &c.settings.Oracle, &c.misuse)
	})
}

// MinConfidence counts severe deviations only: those in which the original gives its label a score of
// at least p, above 0 and at most 1.
func (m *HaveDeviationMatcher) MinConfidence(p float64) *HaveDeviationMatcher {
	return m.with(func(c *HaveDeviationMatcher) {
		c.severity.confidence, c.severity.confidenceSet = p, true
	})
}

// MinGap counts wide deviations only: those in which the scores that the two models give the original's label
// differ by at least gap, above 0 and at most 1.
func (m *HaveDeviationMatcher) MinGap(gap float64) *HaveDeviationMatcher {
	return m.with(func(c *HaveDeviationMatcher) {
		c.severity.gap, c.severity.gapSet = gap, true
	})
}

// Within keeps the search, and what counts as a trigger, within a bound around each seed, such as
// [engine.LInf](8).
func (m *HaveDeviationMatcher) Within(bound engine.Bound) *HaveDeviationMatcher {
	return m.with(func(c *HaveDeviationMatcher) { c.settings.Bound = bound })
}

// WithBudget replaces the whole budget. It is an error beside WithQueriesPerSeed.
func (m *HaveDeviationMatcher) WithBudget(budget engine.Budget) *HaveDeviationMatcher {
	return m.with(func(c *HaveDeviationMatcher) { c.given, c.budget = c.given.with("WithBudget"), &budget })
}

// WithQueriesPerSeed searches every seed with at most n queries, however many seeds there are. It
// replaces the whole budget. It is an error beside WithBudget.
func (m *HaveDeviationMatcher) WithQueriesPerSeed(n int) *HaveDeviationMatcher {
	return m.with(func(c *HaveDeviationMatcher) {
		c.given, c.budget = c.given.with("WithQueriesPerSeed"), &engine.Budget{QueriesPerSeed: n}
	})
}

// ClosingIn spends up to n further queries on each seed with a trigger, to bring it nearer to the seed, whatever the
// budget says of that; one that replaces the default has none. 0 ends the search of a seed at its first trigger.
func (m *HaveDeviationMatcher) ClosingIn(n int) *HaveDeviationMatcher {
	return m.with(func(c *HaveDeviationMatcher) { c.closing = &n })
}

// AimingAt sets the distance by which closing in prefers one trigger over another. The default is
// [engine.NearestSSIM].
func (m *HaveDeviationMatcher) AimingAt(aim engine.Aim) *HaveDeviationMatcher {
	return m.with(func(c *HaveDeviationMatcher) { c.settings.Aim = aim })
}

// WithRandomSeed sets the source of all randomness. The same one gives the same result.
func (m *HaveDeviationMatcher) WithRandomSeed(randomSeed uint64) *HaveDeviationMatcher {
	return m.with(func(c *HaveDeviationMatcher) { c.settings.RandomSeed = randomSeed })
}

// StoppingAfter ends the search when n triggers were found. The default, 0, is to search every seed.
func (m *HaveDeviationMatcher) StoppingAfter(n int) *HaveDeviationMatcher {
	return m.with(func(c *HaveDeviationMatcher) { c.settings.StopAfter = n })
}

// WithContext sets a context that can cancel the search.
func (m *HaveDeviationMatcher) WithContext(ctx context.Context) *HaveDeviationMatcher {
	return m.with(func(c *HaveDeviationMatcher) {
		if ctx == nil {
			c.misuse = append(c.misuse, errors.New("WithContext(nil): expected a context"))
			return
		}
		c.ctx = ctx
	})
}

// Strictly makes a seed that cannot be used an error. By default such seeds are counted and named,
// and the others run.
func (m *HaveDeviationMatcher) Strictly() *HaveDeviationMatcher {
	return m.with(func(c *HaveDeviationMatcher) { c.settings.Strict = true })
}

// WithClassNames names the classes, by label, in messages, pictures and artifacts. The default are the names that the
// seeds carry; see [engine.ClassNamer]. Names that are not as many as the models have classes are an error, and so are
// those of the seeds in another order.
func (m *HaveDeviationMatcher) WithClassNames(names ...string) *HaveDeviationMatcher {
	return m.with(func(c *HaveDeviationMatcher) { c.classNames = slices.Clone(names) })
}

// SavingTo saves triggers, with a folder for the pair, in the folder root. The default is what the
// environment variable TRIGGERFINDER_TRIGGERS says, or else testdata/triggers.
func (m *HaveDeviationMatcher) SavingTo(root string) *HaveDeviationMatcher {
	return m.with(func(c *HaveDeviationMatcher) { c.saving.root = root })
}

// SavingAtMost saves at most n triggers of a search, in the order in which they are found. The default
// is 20. The report counts all of them.
func (m *HaveDeviationMatcher) SavingAtMost(n int) *HaveDeviationMatcher {
	return m.with(func(c *HaveDeviationMatcher) {
		if n < 1 {
			c.misuse = append(c.misuse, fmt.Errorf("SavingAtMost(%d): expected at least 1; WithoutSaving saves none", n))
			return
		}
		c.saving.atMost = n
	})
}

// WithoutSaving writes no files.
func (m *HaveDeviationMatcher) WithoutSaving() *HaveDeviationMatcher {
	return m.with(func(c *HaveDeviationMatcher) { c.saving.off = true })
}

// WithoutReplay does not replay saved triggers: it always searches.
func (m *HaveDeviationMatcher) WithoutReplay() *HaveDeviationMatcher {
	return m.with(func(c *HaveDeviationMatcher) { c.given = c.given.with("WithoutReplay") })
}

// WithReplay replays saved triggers, as is the default, also where the search is counted by [HaveAtMost], where it is
// not.
func (m *HaveDeviationMatcher) WithReplay() *HaveDeviationMatcher {
	return m.with(func(c *HaveDeviationMatcher) { c.given = c.given.with("WithReplay") })
}

// replays reports whether saved triggers are replayed.
func (m *HaveDeviationMatcher) replays() bool {
	return slices.Contains(m.given, "WithReplay") || !m.counted && !m.replaysNot()
}

func (m *HaveDeviationMatcher) replaysNot() bool { return slices.Contains(m.given, "WithoutReplay") }

// WithWaivers accepts the triggers that a waiver file accepts, saved ones and those that the search finds; see
// [report.Waivers]. A waiver that has expired is an error, and so is one that nothing needed, unless saved
// triggers are not replayed.
func (m *HaveDeviationMatcher) WithWaivers(file string) *HaveDeviationMatcher {
	return m.with(func(c *HaveDeviationMatcher) { c.waiverFile = file })
}

// AsOf sets the time at which waivers must not have expired. The default is now.
func (m *HaveDeviationMatcher) AsOf(now time.Time) *HaveDeviationMatcher {
	return m.with(func(c *HaveDeviationMatcher) { c.now = func() time.Time { return now } })
}

// SavingEvidence writes what the search came to into an evidence file, in place of an earlier one, for
// [DeviateNoMoreThan] to compare later releases with. It searches even where saved triggers would answer. A search
// that ended early is an error: it is no evidence. It is of triggers as they are found, without Minimizing.
func (m *HaveDeviationMatcher) SavingEvidence(file string) *HaveDeviationMatcher {
	return m.with(func(c *HaveDeviationMatcher) {
		if file == "" {
			c.misuse = append(c.misuse, errors.New(`SavingEvidence(""): expected the name of a file`))
		}
		c.evidence = file
	})
}

// ReportingProgressTo calls fn now and then during the search, besides the lines that go test -v shows.
func (m *HaveDeviationMatcher) ReportingProgressTo(fn func(engine.Progress)) *HaveDeviationMatcher {
	return m.with(func(c *HaveDeviationMatcher) { c.progress = append(c.progress, fn) })
}

// Inspecting calls fn with the report of the search, also when it ended in an error.
func (m *HaveDeviationMatcher) Inspecting(fn func(*engine.Report)) *HaveDeviationMatcher {
	return m.with(func(c *HaveDeviationMatcher) { c.inspect = append(c.inspect, fn) })
}

// WithSettings changes any setting of the search that has no method of its own, such as the number
// of workers or the batch size. It sees what all methods have set, whatever their order, but for MinConfidence, MinGap
// and ClosingIn, which add to what it leaves. It is called when the matcher matches.
func (m *HaveDeviationMatcher) WithSettings(change func(*engine.Settings)) *HaveDeviationMatcher {
	return m.with(func(c *HaveDeviationMatcher) {
		if change == nil {
			c.misuse = append(c.misuse, errors.New("WithSettings(nil): expected a function"))
			return
		}
		c.changes = append(c.changes, change)
	})
}

// MatchMayChangeInTheFuture tells Eventually and Consistently that searching again gives the same.
func (m *HaveDeviationMatcher) MatchMayChangeInTheFuture(any) bool { return false }

// Match replays and searches. It implements [types.GomegaMatcher].
func (m *HaveDeviationMatcher) Match(actual any) (bool, error) {
	deviates, err := m.match(actual)
	return deviates, m.recording.add(!deviates, err, m.NegatedFailureMessage, m.checked)
}

func (m *HaveDeviationMatcher) match(actual any) (bool, error) {
	m.found = findings{test: runAgain()}
	pair, ok := actual.(*engine.Pair)
	if !ok || pair == nil {
		m.found.settings, _ = m.resolve() // for a record
		return false, fmt.Errorf("HaveDeviationFrom matcher expects a *engine.Pair. Got:\n%s", format.Object(actual, 1))
	}
	deviates, err := m.replayAndSearch(pair)
	if err != nil {
		return false, fmt.Errorf("HaveDeviationFrom: %w", err)
	}
	return deviates, nil
}

func (m *HaveDeviationMatcher) replayAndSearch(pair *engine.Pair) (bool, error) {
	store, err := m.begin(pair)
	if err != nil {
		return false, err
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
func (m *HaveDeviationMatcher) begin(pair *engine.Pair) (store *report.Store, err error) {
	if m.found.settings, err = m.resolve(); err != nil {
		return nil, err
	}
	m.found.pair = pair
	if m.found.classNames, m.found.classNote, err = classNamesOf(m.classNames, m.seeds, pair); err != nil {
		return nil, err
	}
	if store, err = report.OpenStore(m.saving.root); err != nil {
		return nil, fmt.Errorf("%w; SavingTo(dir) or the environment variable %s names another folder", err, report.RootVariable)
	}
	if m.found.waivers, err = loadWaivers(m.waiverFile, pair.Name(), m.now); err != nil {
		return nil, err
	}
	switch {
	case m.replays():
		m.found.replayed, err = replayAll(m.ctx, pair, store, m.found.settings.Oracle, m.found.settings.Bound, m.found.waivers)
	case m.found.waivers != nil && !m.replaysNot():
		var saved []report.SavedTrigger
		saved, err = store.List(pair.Name())
		leaveOut(m.found.waivers, saved)
	}
	return store, err
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

// search searches, and measures what was asked for.
func (m *HaveDeviationMatcher) search(pair *engine.Pair, store *report.Store) (bool, error) {
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

// FailureMessage says why nothing was found. It implements [types.GomegaMatcher].
func (m *HaveDeviationMatcher) FailureMessage(any) string { return m.found.nothing() }

// NegatedFailureMessage shows what was found. It implements [types.GomegaMatcher].
func (m *HaveDeviationMatcher) NegatedFailureMessage(any) string {
	return m.found.something(m.found.classNames)
}
