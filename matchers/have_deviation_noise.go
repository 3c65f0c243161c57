package matchers

import (
	"fmt"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
)

// noiseFloor says whether to tell the noise of the runtime from the compression, and how.
type noiseFloor struct {
	asked    bool
	variants model.Variants
	inspect  []func(*gate.Noise)
}

// WithNoiseFloor compares each model with itself under other settings of its runtime, when there are triggers, and labels each
// trigger in the message: it comes from the compression, from a runtime setting (and vanishes under another), or it is
// unstable. The verdict stays as it is. For ONNX models onnx.OpenVariants makes the variants; without any, the pair is run
// again and in batches alone. See [gate.MeasureNoise].
//
//	Expect(pair).NotTo(HaveDeviationFrom(seeds).WithNoiseFloor(variants))
func (m *HaveDeviationMatcher) WithNoiseFloor(variants model.Variants) *HaveDeviationMatcher {
	return with(m, func(c *HaveDeviationMatcher) { c.noise.asked, c.noise.variants = true, variants })
}

// InspectingNoise calls fn with the noise floor, when it was measured.
func (m *HaveDeviationMatcher) InspectingNoise(fn func(*gate.Noise)) *HaveDeviationMatcher {
	return with(m, func(c *HaveDeviationMatcher) {
		if c.expect(fn != nil, "InspectingNoise(nil): expected a function") {
			c.noise.inspect = append(slices.Clone(c.noise.inspect), fn)
		}
	})
}

// measureNoise finds out where the triggers come from.
func (m *HaveDeviationMatcher) measureNoise(pair *model.Pair, triggers []*engine.Trigger) error {
	if !m.noise.asked {
		return nil
	}
	n, err := gate.MeasureNoise(m.ctx, gate.NoiseStudy{
		Pair: pair, Variants: m.noise.variants, Seeds: m.seeds, Triggers: triggers, Oracle: m.found.settings.Oracle,
	})
	if err != nil {
		return err
	}
	m.found.noise = n
	for _, fn := range m.noise.inspect {
		fn(n)
	}
	return nil
}

// triggers are those of the saved triggers that still deviate.
func (r *replayed) triggers() []*engine.Trigger {
	if r == nil {
		return nil
	}
	var list []*engine.Trigger
	for i := range r.still {
		list = append(list, &r.still[i].Trigger)
	}
	return list
}

// cause is the line about where a trigger comes from; "" when that was not measured.
func (f findings) cause(id string) string {
	if f.noise == nil {
		return ""
	}
	c, ok := f.noise.CauseOf(id)
	if !ok {
		return ""
	}
	text := "\n     comes from: " + string(c.Cause)
	switch c.Cause {
	case gate.FromSetting:
		text += "; it vanishes under " + strings.Join(c.Settings, ", ")
	case gate.FromInstability:
		text += "; it does not repeat under the same settings"
	}
	return text
}

// floor is the paragraph about the noise of the runtime; "" when that was not measured.
func (f findings) floor() string {
	n := f.noise
	if n == nil {
		return ""
	}
	var b strings.Builder
	var causes []string
	for _, c := range []gate.Cause{gate.FromCompression, gate.FromSetting, gate.FromInstability} {
		causes = append(causes, fmt.Sprintf("%d %s", n.Count(c), c))
	}
	fmt.Fprintf(&b, "\n\nWhere %s from: %s.", map[bool]string{true: "the trigger comes", false: "the triggers come"}[len(n.Triggers) == 1], strings.Join(causes, ", "))
	if n.Unjudged > 0 {
		fmt.Fprintf(&b, " %d were not judged: their inputs were not kept.", n.Unjudged)
	}
	b.WriteString(mostVanish(n))
	fmt.Fprintf(&b, "\nNoise floor, each model against itself on %s:", report.Plural(n.Inputs, "seed"))
	for _, model := range []string{"original", "compressed"} {
		fmt.Fprintf(&b, "\n  %s: %s.", model, noiseOf(n, model))
	}
	return b.String()
}

// mostVanish is the line about the setting under which most triggers vanish; "" when there is none.
func mostVanish(n *gate.Noise) string {
	vanish, most := map[string]int{}, ""
	for _, t := range n.Triggers {
		for _, s := range t.Settings {
			vanish[s]++
			if vanish[s] > vanish[most] || vanish[s] == vanish[most] && s < most {
				most = s
			}
		}
	}
	if 2*vanish[most] <= len(n.Triggers) {
		return ""
	}
	return fmt.Sprintf("\n%d of the %d vanish under %s: the runtime makes them, not the model. For quantised models, triggerfinder layers says more.",
		vanish[most], len(n.Triggers), most)
}

// noiseOf sums up what one model's answers do under all settings.
func noiseOf(n *gate.Noise, model string) string {
	settings, largest, at := 0, 0.0, ""
	var labels []string
	for _, s := range n.Settings {
		if s.Model != model {
			continue
		}
		settings++
		if s.LargestChange > largest {
			largest, at = s.LargestChange, s.Setting
		}
		if s.Labels > 0 {
			labels = append(labels, fmt.Sprintf("%d under %s", s.Labels, s.Setting))
		}
	}
	text := "no label"
	if len(labels) > 0 {
		text = "labels of " + strings.Join(labels, ", ")
	}
	if largest == 0 {
		return fmt.Sprintf("nothing changes under %s", report.Plural(settings, "setting"))
	}
	return fmt.Sprintf("%s changed under %s; scores by at most %.2g (%s)", text, report.Plural(settings, "setting"), largest, at)
}
