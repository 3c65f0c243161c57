package triage

import (
	"strings"

	"github.com/triggerfinder/triggerfinder/engine"
)

// The families of triggers without a single operator to their name.
const (
	SeedItself = "the seed itself"
	Mutations  = "mutations" // by several operators
	Unrecorded = "an unrecorded change"
)

// refinements are the steps of a history that made the trigger nearer, and tell nothing of how it was found.
var refinements = map[string]bool{"closing in": true, "minimized": true}

// Family is the kind of change that led from the seed to the trigger: the operator in its history, without
// severity and other details, such as "blend" or "gaussian-noise"; [Mutations] where several operators took
// part, [SeedItself] where nothing was changed, and [Unrecorded] without a history.
func Family(t *engine.Trigger) string {
	if t.Distance.L0 == 0 {
		return SeedItself
	}
	family := ""
	for _, step := range t.History {
		if refinements[step] {
			continue
		}
		operator, _, _ := strings.Cut(strings.TrimSpace(step), " ")
		switch {
		case operator == "":
		case family == "":
			family = operator
		case family != operator:
			return Mutations
		}
	}
	if family == "" {
		return Unrecorded
	}
	return family
}
