package matchers

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/model"
)

// canaries are the changed copies against which the search has to show its power.
type canaries struct {
	asked   []canaryAsked
	power   *float64 // nil when none is asked for
	inspect []func(*gate.Canary)
}

// canaryAsked is a copy, and what is asked of a search.
type canaryAsked struct {
	changed gate.Changed
	size    float64
}

// misuse is the error about a power that is asked for without a canary.
func (c canaries) misuse() error {
	if c.power != nil && len(c.asked) == 0 {
		return fmt.Errorf("WithPowerAtLeast(%g): expected WithCanary with it", *c.power)
	}
	return nil
}

// WithCanary measures the power of the search, so that "nothing found" says something: when nothing was found in the
// pair, the same search runs from the same seeds against a copy of the original with a known, small change, and the message
// tells for how many seeds it found that. A search that finds the change for no seed is an error, in either direction of the
// assertion, since its green means nothing; [HaveDeviationMatcher.WithPowerAtLeast] asks for more.
//
//	Expect(pair).NotTo(HaveDeviationFrom(seeds).Within(distance.LInf(8)).
//		WithCanary(onnx.Perturbed("model.onnx", options...), 0.01).WithPowerAtLeast(0.9))
//
// changed makes the copy of a size: for ONNX models it is what onnx.Perturbed returns, and the size is relative to the standard
// deviation of the weights. Several canaries are measured one after the other. See [gate.MeasurePower]. The time of a
// passing assertion grows by that of a search for each.
func (m *HaveDeviationMatcher) WithCanary(changed gate.Changed, size float64) *HaveDeviationMatcher {
	return with(m, func(c *HaveDeviationMatcher) {
		if c.expect(changed != nil, "WithCanary(nil, …): expected a function that makes changed copies, such as onnx.Perturbed") &&
			c.expect(size > 0, "WithCanary(…, %g): expected a size above 0, such as 0.01", size) {
			c.canaries.asked = append(slices.Clone(c.canaries.asked), canaryAsked{changed: changed, size: size})
		}
	})
}

// WithPowerAtLeast asks that the search finds the change of each canary for at least a share p of the seeds, at
// least 0 and below 1, with a confidence of 95 %: the interval of the measured rate must lie at or above p. Otherwise the
// assertion is an error in either direction. 40 seeds that are all found show a power of 0.91, 100 one of 0.96.
func (m *HaveDeviationMatcher) WithPowerAtLeast(p float64) *HaveDeviationMatcher {
	return with(m, func(c *HaveDeviationMatcher) {
		if c.expect(p >= 0 && p < 1, "WithPowerAtLeast(%g): expected a share of at least 0 and below 1%s", p, ofHundred(p)) {
			c.canaries.power = &p
		}
	})
}

// InspectingCanary calls fn with the power of the search, when it was measured.
func (m *HaveDeviationMatcher) InspectingCanary(fn func(*gate.Canary)) *HaveDeviationMatcher {
	return with(m, func(c *HaveDeviationMatcher) {
		if c.expect(fn != nil, "InspectingCanary(nil): expected a function") {
			c.canaries.inspect = append(slices.Clone(c.canaries.inspect), fn)
		}
	})
}

// measurePower searches the canaries. The error says that the search is too weak, or that one could not be
// searched.
func (m *HaveDeviationMatcher) measurePower(pair *model.Pair) error {
	var weak []error
	power := 0.0
	if m.canaries.power != nil {
		power = *m.canaries.power
	}
	for _, asked := range m.canaries.asked {
		settings := m.found.settings
		settings.CausedBy = nil // a canary is a pair of two models alone
		settings.OnProgress = onProgress(settings.OnProgress, m.progress)
		c, err := gate.MeasurePower(m.ctx, gate.PowerStudy{
			Original: pair.Original(), Changed: asked.changed, Sizes: []float64{asked.size}, Seeds: m.seeds, Settings: settings,
		})
		if err != nil {
			return err
		}
		if m.found.canary == nil {
			m.found.canary = c
		} else {
			m.found.canary.Trials = append(m.found.canary.Trials, c.Trials...)
			if kinds := m.found.canary.Perturbation; !slices.Contains(strings.Split(kinds, "; "), c.Perturbation) {
				m.found.canary.Perturbation = kinds + "; " + c.Perturbation
			}
		}
		if err := c.Trials[0].Require(power); err != nil {
			weak = append(weak, err)
		}
	}
	if m.found.canary == nil {
		return nil
	}
	for _, fn := range m.canaries.inspect {
		fn(m.found.canary)
	}
	if verbose() { // a passing assertion has no message
		fmt.Fprintln(os.Stderr, "triggerfinder:"+strings.ReplaceAll(m.found.power(), "\n", " "))
	}
	if err := errors.Join(weak...); err != nil {
		return fmt.Errorf("nothing was found in pair %s, but that cannot be relied on: %w", pair.Name(), err)
	}
	return nil
}

// power tells what the same search finds; "" when that was not measured.
func (f findings) power() string {
	if f.canary == nil {
		return ""
	}
	var b strings.Builder
	for _, t := range f.canary.Trials {
		fmt.Fprintf(&b, "\nThe same search found %s.", t)
	}
	fmt.Fprintf(&b, "\nThe change: %s.", f.canary.Perturbation)
	return b.String()
}
