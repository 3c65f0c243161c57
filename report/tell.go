package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
)

// Teller is an optional extension of [Viewer]: Tell says in some short lines what was changed of a seed, for failure messages.
type Teller interface {
	Viewer
	Tell(seed, trigger input.Input) []string
}

// measurer is a viewer that says how far a trigger is from its seed, in the measures of its kind.
type measurer interface {
	far(seed, trigger input.Input) string
}

// DistanceInWords says how far a trigger is from its seed, in the measures of its kind: "SSIM 0.97, L2 61, L-infinity 3, 400 values
// changed" of images, "scaled L1 0.02, 3 of 30 columns changed" of a row. Of a set it is that of each searched part.
func DistanceInWords(t *engine.Trigger) string {
	d := t.Distance
	if d.L0 == 0 {
		return "none, it is the seed itself"
	}
	if words := OwnDistanceInWords(t); words != "" {
		return words
	}
	return generalWords(d)
}

// OwnDistanceInWords is as [DistanceInWords] for the kinds that have words of their own for it, such as rows, tokens and signals; "" for others,
// such as images, and for a trigger that is the seed itself or is without its inputs.
func OwnDistanceInWords(t *engine.Trigger) string {
	if t.Distance.L0 == 0 || t.Abridged() || !t.Input.Like(t.Seed) || t.Input.Validate() != nil || t.Seed.Validate() != nil {
		return ""
	}
	return far(t.Seed, t.Input)
}

// far is "" where the general words fit.
func far(seed, trigger input.Input) string {
	if viewer := viewerOf(trigger.Kind); viewer != nil {
		if m, ok := viewer.(measurer); ok {
			return m.far(seed, trigger)
		}
		return ""
	}
	var parts []string
	for _, part := range trigger.Parts() {
		before, _ := seed.Part(part.Name)
		after, _ := trigger.Part(part.Name)
		switch {
		case part.Fixed:
		case slices.Equal(before.Data, after.Data):
			parts = append(parts, oneLine(part.Name)+": unchanged")
		default:
			words := far(before, after)
			if words == "" {
				words = generalWords(distance.DistanceBetween(before, after))
			}
			parts = append(parts, oneLine(part.Name)+": "+words)
		}
	}
	return strings.Join(parts, "; ")
}

func generalWords(d distance.Distance) string {
	s := fmt.Sprintf("L2 %.4g, L-infinity %.4g, %s changed", d.L2, d.LInf, Plural(d.L0, "value"))
	if m, ok := d.Alike(); ok {
		s = fmt.Sprintf("%s %.2f, %s", m.Measure, m.Value, s)
	}
	return s
}

// ChangesInWords says what was changed of the trigger's seed, in lines for a failure message, as the viewer of its kind tells it: of a set, for
// each searched part. There are none where no viewer tells it, and for a trigger without its inputs.
func ChangesInWords(t *engine.Trigger) []string {
	if t.Abridged() || !t.Input.Like(t.Seed) || t.Input.Validate() != nil || t.Seed.Validate() != nil {
		return nil
	}
	return tell(t.Seed, t.Input)
}

func tell(seed, trigger input.Input) (lines []string) {
	if viewer := viewerOf(trigger.Kind); viewer != nil {
		if teller, ok := viewer.(Teller); ok {
			for _, line := range teller.Tell(seed, trigger) {
				lines = append(lines, oneLine(line))
			}
		}
		return lines
	}
	for _, part := range trigger.Parts() {
		if part.Fixed {
			continue
		}
		before, _ := seed.Part(part.Name)
		after, _ := trigger.Part(part.Name)
		for _, line := range tell(before, after) {
			lines = append(lines, fmt.Sprintf("%s: %s", oneLine(part.Name), line))
		}
	}
	return lines
}
