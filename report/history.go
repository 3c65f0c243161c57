package report

import (
	"fmt"
	"slices"
	"strings"
)

// shortHistory describes a mutation history in as many words as fit: "blur ×3 → noise → … 12 more … →
// shift". Equal neighbours count as one step. The end is kept, since it is what tipped the scales.
func shortHistory(history []string, fits func(string) bool) string {
	if len(history) == 0 {
		return "no mutation recorded"
	}
	steps := runs(history)
	if s := joinSteps(steps, len(steps)); fits(s) {
		return s
	}
	for shown := len(steps) - 1; shown > 1; shown-- { // of many: at least the first and the last
		if s := joinSteps(steps, shown); fits(s) {
			return s
		}
	}
	return Plural(len(history), "mutation")
}

// step is an operator used a number of times in a row.
type step struct {
	operator string
	times    int
}

func runs(history []string) []step {
	var steps []step
	for _, operator := range history {
		operator = oneLine(operator)
		if n := len(steps); n > 0 && steps[n-1].operator == operator {
			steps[n-1].times++
		} else {
			steps = append(steps, step{operator, 1})
		}
	}
	return steps
}

// joinSteps shows that many of the steps: the first ones and the last one.
func joinSteps(steps []step, shown int) string {
	var words []string
	for _, s := range steps {
		if s.times > 1 {
			words = append(words, fmt.Sprintf("%s ×%d", s.operator, s.times))
		} else {
			words = append(words, s.operator)
		}
	}
	if shown < len(steps) {
		hidden := 0
		for _, s := range steps[shown-1 : len(steps)-1] {
			hidden += s.times
		}
		words = slices.Concat(words[:shown-1], []string{fmt.Sprintf("… %d more …", hidden)}, words[len(words)-1:])
	}
	return strings.Join(words, " → ")
}

// oneLine replaces what would break a line of text.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r < ' ' || r == ' ' || r == 0x7f }), " ")
}
