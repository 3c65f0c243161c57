package report

import (
	"fmt"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
)

// Teller is an optional extension of [Viewer]: Tell says in some short lines what was changed of a seed, for failure messages.
type Teller interface {
	Viewer
	Tell(seed, trigger input.Input) []string
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
