package matchers

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/onsi/gomega/format"
	"github.com/onsi/gomega/types"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/gate"
)

// HaveNegativeFlipRateBelow succeeds when the actual [*engine.Pair] turns less than this share of inputs, above 0 and
// below 1, from right to wrong: the original gives their true label and the compressed model does not. It
// needs labelled seeds:
//
//	Expect(pair).To(HaveNegativeFlipRateBelow(0.01).On(testSet).PerClass(0.05).WithConfidence(0.95))
//
// All seeds are evaluated as they are, and the exact one-sided bounds of the rate decide (Clopper-Pearson); see
// [gate.MeasureFlips] and [gate.Flips.Judge] for what is guaranteed. The default confidence is 0.95. Seeds without a
// label are left out and counted; none with a label is an error.
//
// Seeds too few to show either are an error that fails the assertion in both directions and says how many would
// probably do.
func HaveNegativeFlipRateBelow(limit float64) *HaveNegativeFlipRateMatcher {
	return &HaveNegativeFlipRateMatcher{
		ctx: context.Background(), limits: gate.FlipLimits{Overall: limit},
		settings: gate.FlipSettings{Confidence: rateConfidence, Examples: shownTriggers},
	}
}

// HaveNegativeFlipRateMatcher is the matcher of [HaveNegativeFlipRateBelow]. Its methods return changed copies.
type HaveNegativeFlipRateMatcher struct {
	ctx        context.Context
	seeds      engine.Seeds
	limits     gate.FlipLimits
	settings   gate.FlipSettings
	classNames []string
	inspect    []func(*gate.Flips)
	misuse     []error // of options; Match reports them
	recording  recording

	found flipFindings // of the latest Match
}

var _ types.GomegaMatcher = (*HaveNegativeFlipRateMatcher)(nil)

// flipFindings are what Match computes and the messages read.
type flipFindings struct {
	pair   *engine.Pair
	flips  *gate.Flips
	claims []gate.FlipClaim
	test   string // how to run the test again

	classNames []string // given, or the seeds'
	notes      []string // about the seeds
}

func (m *HaveNegativeFlipRateMatcher) with(change func(*HaveNegativeFlipRateMatcher)) *HaveNegativeFlipRateMatcher {
	c := *m
	c.inspect, c.misuse = slices.Clone(m.inspect), slices.Clone(m.misuse)
	c.limits.Classes = maps.Clone(m.limits.Classes)
	c.found = flipFindings{}
	change(&c)
	return &c
}

// On sets the labelled seeds.
func (m *HaveNegativeFlipRateMatcher) On(seeds engine.Seeds) *HaveNegativeFlipRateMatcher {
	return m.with(func(c *HaveNegativeFlipRateMatcher) { c.seeds = seeds })
}

// PerClass sets a limit, above 0 and below 1, for the rate among the inputs of every class besides that of all. A
// class has fewer seeds than all have, so this limit has to be larger to be shown.
func (m *HaveNegativeFlipRateMatcher) PerClass(limit float64) *HaveNegativeFlipRateMatcher {
	return m.with(func(c *HaveNegativeFlipRateMatcher) {
		if !(limit > 0 && limit < 1) {
			c.misuse = append(c.misuse, shareError("PerClass", limit))
			return
		}
		c.limits.EachClass = limit
	})
}

// ForClass sets the limit, above 0 and below 1, for the inputs of one class, in place of that of PerClass.
func (m *HaveNegativeFlipRateMatcher) ForClass(label int, limit float64) *HaveNegativeFlipRateMatcher {
	return m.with(func(c *HaveNegativeFlipRateMatcher) {
		if err := shareError(fmt.Sprintf("ForClass(%d, …)", label), limit); err != nil {
			c.misuse = append(c.misuse, err)
			return
		}
		if c.limits.Classes == nil {
			c.limits.Classes = map[int]float64{}
		}
		c.limits.Classes[label] = limit
	})
}

// WithConfidence sets how sure a decision has to be, above 0 and below 1. The default is 0.95.
func (m *HaveNegativeFlipRateMatcher) WithConfidence(confidence float64) *HaveNegativeFlipRateMatcher {
	return m.with(func(c *HaveNegativeFlipRateMatcher) {
		if !(confidence > 0 && confidence < 1) {
			c.misuse = append(c.misuse, shareError("WithConfidence", confidence))
			return
		}
		c.settings.Confidence = confidence
	})
}

// WithContext sets a context that can cancel the evaluation.
func (m *HaveNegativeFlipRateMatcher) WithContext(ctx context.Context) *HaveNegativeFlipRateMatcher {
	return m.with(func(c *HaveNegativeFlipRateMatcher) {
		if ctx == nil {
			c.misuse = append(c.misuse, errors.New("WithContext(nil): expected a context"))
			return
		}
		c.ctx = ctx
	})
}

// WithClassNames names the classes, by label, in messages.
func (m *HaveNegativeFlipRateMatcher) WithClassNames(names ...string) *HaveNegativeFlipRateMatcher {
	return m.with(func(c *HaveNegativeFlipRateMatcher) { c.classNames = slices.Clone(names) })
}

// Inspecting calls fn with the flips once they are counted.
func (m *HaveNegativeFlipRateMatcher) Inspecting(fn func(*gate.Flips)) *HaveNegativeFlipRateMatcher {
	return m.with(func(c *HaveNegativeFlipRateMatcher) { c.inspect = append(c.inspect, fn) })
}

// MatchMayChangeInTheFuture tells Eventually and Consistently that counting again gives the same.
func (m *HaveNegativeFlipRateMatcher) MatchMayChangeInTheFuture(any) bool { return false }

// Match evaluates the seeds and decides. It implements [types.GomegaMatcher].
func (m *HaveNegativeFlipRateMatcher) Match(actual any) (bool, error) {
	below, err := m.match(actual)
	return below, m.recording.add(below, err, m.FailureMessage, m.checked)
}

func (m *HaveNegativeFlipRateMatcher) match(actual any) (bool, error) {
	m.found = flipFindings{test: runAgain()}
	pair, ok := actual.(*engine.Pair)
	if !ok || pair == nil {
		return false, fmt.Errorf("HaveNegativeFlipRateBelow matcher expects a *engine.Pair. Got:\n%s", format.Object(actual, 1))
	}
	if m.seeds == nil {
		return false, errors.New("HaveNegativeFlipRateBelow: expected labelled seeds, as in HaveNegativeFlipRateBelow(0.01).On(seeds)")
	}
	if err := shareError("HaveNegativeFlipRateBelow", m.limits.Overall); err != nil {
		return false, err
	}
	if err := misused(m.misuse...); err != nil {
		return false, fmt.Errorf("HaveNegativeFlipRateBelow: %w", err)
	}
	m.found.pair = pair
	var err error
	if m.found.classNames, m.found.notes, err = classesOf(m.classNames, m.seeds, pair); err != nil {
		return false, fmt.Errorf("HaveNegativeFlipRateBelow: %w", err)
	}
	flips, err := gate.MeasureFlips(m.ctx, pair, m.seeds, m.settings)
	if err != nil {
		return false, fmt.Errorf("HaveNegativeFlipRateBelow: %w", err)
	}
	for _, fn := range m.inspect {
		fn(flips)
	}
	decision, claims, err := flips.Judge(m.limits)
	m.found.flips, m.found.claims = flips, claims
	if err == nil && decision == gate.Undecided {
		err = m.found.undecided(m.found.classNames)
	}
	if err != nil {
		return false, fmt.Errorf("HaveNegativeFlipRateBelow: %w", err)
	}
	return decision == gate.Below, nil
}

// FailureMessage says which rate is not below its limit. It implements [types.GomegaMatcher].
func (m *HaveNegativeFlipRateMatcher) FailureMessage(any) string {
	return m.found.notBelow(m.found.classNames)
}

// NegatedFailureMessage says what the rates are at most. It implements [types.GomegaMatcher].
func (m *HaveNegativeFlipRateMatcher) NegatedFailureMessage(any) string {
	return m.found.below()
}
