package matchers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/onsi/gomega/types"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
)

// HaveDeviationRateBelow succeeds when the models of the actual [*model.Pair] deviate on less than this share of
// the inputs of a distribution, above 0 and below 1. It needs a distribution:
//
//	Expect(pair).To(HaveDeviationRateBelow(0.01).Under(generators.Corrupted(seeds)).WithConfidence(0.95))
//
// The actual value may also be a [*gate.Rate] that was measured elsewhere against this limit, as on a cluster: then nothing is drawn, and a distribution is not
// needed.
//
// Independent draws are looked at one after the other, until they show with the confidence that the rate is below
// the limit, or that it is not; see [gate.MeasureRate] for what is guaranteed. The defaults are a confidence of
// 0.95, oracle [answer.Top1], random seed 0 and at most [DefaultDraws] (or [ShortDraws] under -short).
//
// When the budget ends before either is shown, the rate is near the limit or the budget small. That is an error and
// fails the assertion in both directions; it says how many draws would probably do.
func HaveDeviationRateBelow(limit float64) *HaveDeviationRateMatcher {
	return made(&HaveDeviationRateMatcher{
		options:  options{ctx: context.Background(), oracle: answer.Top1(), confidence: rateConfidence},
		settings: gate.RateSettings{Limit: limit, Examples: shownTriggers},
	})
}

// HaveDeviationRateMatcher is the matcher of [HaveDeviationRateBelow]. Its methods return changed copies.
type HaveDeviationRateMatcher struct {
	options
	assertion[HaveDeviationRateMatcher]
	judged[HaveDeviationRateMatcher]
	severe[HaveDeviationRateMatcher]
	alike[HaveDeviationRateMatcher]
	confident[HaveDeviationRateMatcher]

	distribution input.Distribution
	settings     gate.RateSettings // of options that set a value each; see resolve
	limited      time.Duration     // by WithinTime; 0 when it was not given
	changes      []func(*gate.RateSettings)
	saving       bool
	root         string // for saving
	inspect      []func(*gate.Rate)

	found rateFindings // of the latest Match
}

var _ types.GomegaMatcher = (*HaveDeviationRateMatcher)(nil)

// rateFindings are what Match computes and the messages read.
type rateFindings struct {
	settings gate.RateSettings
	pair     *model.Pair // nil where a rate was given
	subject  any         // the pair, or what it is called
	rate     *gate.Rate
	dirs     map[string]string // of saved examples, by ID
	test     string            // how to run the test again

	classNames []string // given, or the seeds'
	notes      []string // about the seeds
}

// fork implements [forked].
func (m *HaveDeviationRateMatcher) fork() (*HaveDeviationRateMatcher, *options) {
	c := *m
	c.options, c.changes, c.inspect, c.found = m.options.clone(), slices.Clone(m.changes), slices.Clone(m.inspect), rateFindings{}
	c.assertion.of, c.judged.of, c.severe.of, c.alike.of, c.confident.of = &c, &c, &c, &c, &c
	return &c, &c.options
}

// Under sets the distribution that inputs are drawn from, such as generators.Corrupted(seeds). The rate is one under
// this distribution.
func (m *HaveDeviationRateMatcher) Under(distribution input.Distribution) *HaveDeviationRateMatcher {
	return with(m, func(c *HaveDeviationRateMatcher) { c.distribution = distribution })
}

// WithBudget draws at most n inputs, without the default limit of time. It is an error beside WithFixedDraws.
func (m *HaveDeviationRateMatcher) WithBudget(n int) *HaveDeviationRateMatcher {
	return m.draws("WithBudget", n, false)
}

// WithFixedDraws draws n inputs, whatever they show, and decides once, at the end, by the narrower bounds that are
// valid then (Clopper-Pearson). It takes fewer draws than stopping early does where the rate is near the limit. The
// default limit of time is off then. It is an error beside WithBudget.
func (m *HaveDeviationRateMatcher) WithFixedDraws(n int) *HaveDeviationRateMatcher {
	return m.draws("WithFixedDraws", n, true)
}

func (m *HaveDeviationRateMatcher) draws(option string, n int, fixed bool) *HaveDeviationRateMatcher {
	return with(m, func(c *HaveDeviationRateMatcher) {
		if c.expect(n >= 1, "%s(%d): expected at least 1 draw", option, n) {
			c.given, c.settings.Draws, c.settings.Fixed = c.given.with(option), n, fixed
		}
	})
}

// WithinTime ends drawing after so much time, undecided.
func (m *HaveDeviationRateMatcher) WithinTime(limit time.Duration) *HaveDeviationRateMatcher {
	return with(m, func(c *HaveDeviationRateMatcher) {
		if c.expect(limit > 0, "WithinTime(%s): expected more than 0", limit) {
			c.limited = limit
		}
	})
}

// WithRandomSeed sets the source of all randomness. The same one gives the same result. To try others until
// one passes voids the confidence.
func (m *HaveDeviationRateMatcher) WithRandomSeed(randomSeed uint64) *HaveDeviationRateMatcher {
	return with(m, func(c *HaveDeviationRateMatcher) { c.settings.RandomSeed = randomSeed })
}

// SavingTo saves the deviating draws that messages show as triggers, with a folder for the pair, in the folder root.
// The default is to save none: a rate allows for some deviations, and [HaveDeviationFrom] and [ReplayCleanly] would
// not.
func (m *HaveDeviationRateMatcher) SavingTo(root string) *HaveDeviationRateMatcher {
	return with(m, func(c *HaveDeviationRateMatcher) { c.saving, c.root = true, root })
}

// Inspecting calls fn with the rate, also when it ended in an error.
func (m *HaveDeviationRateMatcher) Inspecting(fn func(*gate.Rate)) *HaveDeviationRateMatcher {
	return with(m, func(c *HaveDeviationRateMatcher) {
		if c.expect(fn != nil, "Inspecting(nil): expected a function") {
			c.inspect = append(c.inspect, fn)
		}
	})
}

// WithSettings changes any setting that has no method of its own, such as the number of workers or the
// batch size. It sees what all methods have set, whatever their order, but for MinConfidence and WithinTime, which add to
// what it leaves. It is called when the matcher matches.
func (m *HaveDeviationRateMatcher) WithSettings(change func(*gate.RateSettings)) *HaveDeviationRateMatcher {
	return with(m, func(c *HaveDeviationRateMatcher) {
		if c.expect(change != nil, "WithSettings(nil): expected a function") {
			c.changes = append(c.changes, change)
		}
	})
}

// Match draws and decides. It implements [types.GomegaMatcher].
func (m *HaveDeviationRateMatcher) Match(actual any) (bool, error) {
	below, err := m.match(actual)
	return below, m.recording.add(below, err, m.FailureMessage, m.checked)
}

func (m *HaveDeviationRateMatcher) match(actual any) (bool, error) {
	m.found = rateFindings{test: runAgain()}
	settings, misuse := m.resolve()
	m.found.settings = settings
	if rate, ok := actual.(*gate.Rate); ok && rate != nil {
		if err := shareError("HaveDeviationRateBelow", settings.Limit); err != nil {
			return false, err
		}
		return m.conclude(cmp.Or(misuse, m.judge(rate)))
	}
	pair, err := pairOf(actual, "HaveDeviationRateBelow")
	if err != nil {
		return false, err
	}
	if m.distribution == nil {
		return false, errors.New("HaveDeviationRateBelow: expected a distribution, as in HaveDeviationRateBelow(0.01).Under(generators.Corrupted(seeds))")
	}
	if err := shareError("HaveDeviationRateBelow", settings.Limit); err != nil {
		return false, err
	}
	if misuse != nil {
		return false, fmt.Errorf("HaveDeviationRateBelow: %w", misuse)
	}
	m.found.pair, m.found.subject = pair, pair
	if m.found.classNames, m.found.notes, err = classesOf(m.classNames, m.distribution, pair); err != nil {
		return false, fmt.Errorf("HaveDeviationRateBelow: %w", err)
	}
	m.found.rate, err = gate.MeasureRate(m.ctx, pair, m.distribution, settings)
	if err == nil {
		err = m.save(pair, m.found.rate)
	}
	return m.conclude(err)
}

// judge takes a rate that was measured already.
func (m *HaveDeviationRateMatcher) judge(r *gate.Rate) error {
	s := m.found.settings
	switch {
	case m.distribution != nil || len(m.given) > 0 || len(m.changes) > 0 || m.limited > 0 || m.settings.RandomSeed != 0 || m.saving:
		return errors.New("Under, WithBudget, WithFixedDraws, WithinTime, WithRandomSeed, WithSettings and SavingTo are about draws to be made, found one for a rate that was measured already")
	case r.Limit != s.Limit:
		return fmt.Errorf("expected a rate that was measured against this limit, %s, found %s: draws end where they decide about theirs", gate.Percent(s.Limit), gate.Percent(r.Limit))
	case r.Confidence != s.Confidence:
		return fmt.Errorf("expected a rate that was measured with a confidence of %s, found %s; WithConfidence(%g) takes it", gate.Percent(s.Confidence), gate.Percent(r.Confidence), r.Confidence)
	case s.Oracle != nil && s.Oracle.String() != answer.Top1().String() && s.Oracle.String() != r.Oracle:
		return fmt.Errorf("expected a rate judged by oracle %s, found %s", s.Oracle, r.Oracle)
	}
	names, note, err := report.ResolveClassNames(m.classNames, r.ClassNames, 0)
	if err != nil {
		return err
	}
	m.found.classNames, m.found.rate, m.found.subject = names, r, "pair "+r.Pair
	if note != "" {
		m.found.notes = []string{note}
	}
	return nil
}

// conclude hands out what was found, and decides.
func (m *HaveDeviationRateMatcher) conclude(err error) (bool, error) {
	rate := m.found.rate
	if rate != nil {
		for _, fn := range m.inspect {
			fn(rate)
		}
	}
	if err == nil && rate.Decision == gate.Undecided {
		err = m.found.undecided()
	}
	if err != nil {
		return false, fmt.Errorf("HaveDeviationRateBelow: %w", err)
	}
	return rate.Decision == gate.Below, nil
}

// resolve makes the settings. What they are worth despite an error is for records alone.
func (m *HaveDeviationRateMatcher) resolve() (gate.RateSettings, error) {
	s := m.settings
	s.Oracle, s.Confidence, s.AllowIdentical = m.oracle, m.confidence, m.identical
	if s.Draws == 0 {
		if s.Time = DefaultDrawingTime; short() {
			s.Time = ShortDrawingTime
		}
	}
	for _, change := range m.changes {
		change(&s)
	}
	if m.limited > 0 {
		s.Time = m.limited
	}
	oracle, err := m.severity.restrict(s.Oracle)
	s.Oracle = oracle
	if s.Draws == 0 {
		s.Draws = DefaultDraws
		if short() {
			s.Draws = ShortDraws
		}
		if least, ok := gate.LeastDraws(s.Limit, s.Confidence, s.Fixed); ok {
			s.Draws = max(s.Draws, 2*least)
		}
	}
	return s, misused(append(slices.Clone(m.misuse), err,
		m.given.both("WithBudget", "WithFixedDraws", "each says how many inputs to draw"))...)
}

func (m *HaveDeviationRateMatcher) save(pair *model.Pair, rate *gate.Rate) error {
	if !m.saving {
		return nil
	}
	store, err := report.OpenStore(m.root)
	if err != nil {
		return err
	}
	c := report.Context{
		Pair: pair.Name(), Strategy: "draws from " + rate.Distribution, Oracle: rate.Oracle,
		RandomSeed: rate.RandomSeed, ClassNames: m.found.classNames, Replay: m.found.test,
	}
	c.Original, c.Compressed = pair.Describe()
	m.found.dirs = map[string]string{}
	for _, t := range rate.Examples {
		dir, err := saveTrigger(store, t, c)
		if err != nil { // what was decided is not lost with it
			m.found.notes = append(slices.Clone(m.found.notes), fmt.Sprintf("draws could not be saved as triggers: %s; SavingTo(dir) or the environment variable %s names another folder", err, report.RootVariable))
			break
		}
		m.found.dirs[t.ID] = dir
	}
	return nil
}

// FailureMessage says what the rate is at least. It implements [types.GomegaMatcher].
func (m *HaveDeviationRateMatcher) FailureMessage(any) string {
	return m.found.notBelow(m.found.classNames)
}

// NegatedFailureMessage says what the rate is at most. It implements [types.GomegaMatcher].
func (m *HaveDeviationRateMatcher) NegatedFailureMessage(any) string { return m.found.below() }
