package matchers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/onsi/gomega/types"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
)

// HaveNegativeFlipRateBelow succeeds when the actual [*model.Pair] turns less than this share of inputs, above 0 and
// below 1, from right to wrong: the original gives their true label and the compressed model does not. It
// needs labelled seeds:
//
//	Expect(pair).To(HaveNegativeFlipRateBelow(0.01).On(testSet).PerClass(0.05).WithConfidence(0.95))
//
// The actual value may also be [*gate.Flips] that were counted elsewhere, as on a cluster: then nothing is evaluated, and seeds are not needed.
//
// All seeds are evaluated as they are, and the exact one-sided bounds of the rate decide (Clopper-Pearson); see
// [gate.MeasureFlips] and [gate.Flips.Judge] for what is guaranteed. The default confidence is 0.95. Seeds without a
// label are left out and counted; none with a label is an error.
//
// Seeds too few to show either are an error that fails the assertion in both directions and says how many would
// probably do.
func HaveNegativeFlipRateBelow(limit float64) *HaveNegativeFlipRateMatcher {
	return made(&HaveNegativeFlipRateMatcher{
		options: options{ctx: context.Background(), confidence: rateConfidence},
		limits:  gate.FlipLimits{Overall: limit},
	})
}

// HaveNegativeFlipRateMatcher is the matcher of [HaveNegativeFlipRateBelow]. Its methods return changed copies.
type HaveNegativeFlipRateMatcher struct {
	options
	assertion[HaveNegativeFlipRateMatcher]
	alike[HaveNegativeFlipRateMatcher]
	skipping[HaveNegativeFlipRateMatcher]
	confident[HaveNegativeFlipRateMatcher]

	seeds   input.Seeds
	limits  gate.FlipLimits
	inspect []func(*gate.Flips)

	found flipFindings // of the latest Match
}

var _ types.GomegaMatcher = (*HaveNegativeFlipRateMatcher)(nil)

// flipFindings are what Match computes and the messages read.
type flipFindings struct {
	pair    *model.Pair // nil where flips were given
	subject any         // the pair, or what it is called
	flips   *gate.Flips
	claims  []gate.FlipClaim
	test    string // how to run the test again

	classNames []string // given, or the seeds'
	notes      []string // about the seeds
}

// fork implements [forked].
func (m *HaveNegativeFlipRateMatcher) fork() (*HaveNegativeFlipRateMatcher, *options) {
	c := *m
	c.options, c.inspect, c.found = m.options.clone(), slices.Clone(m.inspect), flipFindings{}
	c.limits.Classes = maps.Clone(m.limits.Classes)
	c.assertion.of, c.alike.of, c.skipping.of, c.confident.of = &c, &c, &c, &c
	return &c, &c.options
}

// On sets the labelled seeds.
func (m *HaveNegativeFlipRateMatcher) On(seeds input.Seeds) *HaveNegativeFlipRateMatcher {
	return with(m, func(c *HaveNegativeFlipRateMatcher) { c.seeds = seeds })
}

// PerClass sets a limit, above 0 and below 1, for the rate among the inputs of every class besides that of all. A
// class has fewer seeds than all have, so this limit has to be larger to be shown.
func (m *HaveNegativeFlipRateMatcher) PerClass(limit float64) *HaveNegativeFlipRateMatcher {
	return with(m, func(c *HaveNegativeFlipRateMatcher) {
		if c.expectShare("PerClass", limit) {
			c.limits.EachClass = limit
		}
	})
}

// ForClass sets the limit, above 0 and below 1, for the inputs of one class, in place of that of PerClass.
func (m *HaveNegativeFlipRateMatcher) ForClass(label int, limit float64) *HaveNegativeFlipRateMatcher {
	return with(m, func(c *HaveNegativeFlipRateMatcher) {
		if !c.expectShare(fmt.Sprintf("ForClass(%d, …)", label), limit) {
			return
		}
		if c.limits.Classes == nil {
			c.limits.Classes = map[int]float64{}
		}
		c.limits.Classes[label] = limit
	})
}

// Inspecting calls fn with the flips once they are counted.
func (m *HaveNegativeFlipRateMatcher) Inspecting(fn func(*gate.Flips)) *HaveNegativeFlipRateMatcher {
	return with(m, func(c *HaveNegativeFlipRateMatcher) {
		if c.expect(fn != nil, "Inspecting(nil): expected a function") {
			c.inspect = append(c.inspect, fn)
		}
	})
}

// Match evaluates the seeds and decides. It implements [types.GomegaMatcher].
func (m *HaveNegativeFlipRateMatcher) Match(actual any) (bool, error) {
	below, err := m.match(actual)
	return below, m.recording.add(below, err, m.FailureMessage, m.checked)
}

func (m *HaveNegativeFlipRateMatcher) match(actual any) (bool, error) {
	m.found = flipFindings{test: runAgain()}
	if flips, ok := actual.(*gate.Flips); ok && flips != nil {
		if err := shareError("HaveNegativeFlipRateBelow", m.limits.Overall); err != nil {
			return false, err
		}
		return m.conclude(flips, cmp.Or(misused(m.misuse...), m.take(flips)))
	}
	pair, err := pairOf(actual, "HaveNegativeFlipRateBelow")
	if err != nil {
		return false, err
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
	m.found.pair, m.found.subject = pair, pair
	if m.found.classNames, m.found.notes, err = classesOf(m.classNames, m.seeds, pair); err != nil {
		return false, fmt.Errorf("HaveNegativeFlipRateBelow: %w", err)
	}
	flips, err := gate.MeasureFlips(m.ctx, pair, m.seeds, gate.FlipSettings{
		Confidence: m.confidence, Examples: shownTriggers, SkippedAtMost: m.skippedAtMost, AllowIdentical: m.identical,
	})
	return m.conclude(flips, err)
}

// take takes flips that were counted already.
func (m *HaveNegativeFlipRateMatcher) take(f *gate.Flips) error {
	switch {
	case m.seeds != nil || m.skippedAtMost != 0:
		return errors.New("On and SkippedAtMost are about seeds to be evaluated, found one for flips that were counted already")
	case f.Confidence != m.confidence:
		return fmt.Errorf("expected flips with bounds of a confidence of %s, found %s; WithConfidence(%g) takes them", gate.Percent(m.confidence), gate.Percent(f.Confidence), f.Confidence)
	}
	names, note, err := report.ResolveClassNames(m.classNames, f.ClassNames, len(f.Matrix))
	if err != nil {
		return err
	}
	m.found.classNames, m.found.subject = names, "pair "+f.Pair
	if note != "" {
		m.found.notes = []string{note}
	}
	return nil
}

// conclude hands out what was found, and decides.
func (m *HaveNegativeFlipRateMatcher) conclude(flips *gate.Flips, err error) (bool, error) {
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
