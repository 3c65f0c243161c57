package matchers

import (
	"fmt"
	"strings"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/report"
)

// shownChanges is how many seeds that became worse, or better, a message names.
const shownChanges = 5

// compared is the message about a candidate and the evidence of an earlier release.
func (m *DeviateNoMoreThanMatcher) compared(expected, caution string) string {
	c := m.found.comparison
	var b strings.Builder
	after, before := c.Found()
	fmt.Fprintf(&b, "Expected %s\n%s than %s does in %s, but %d of %s %s a trigger, where %d had one before: %d became worse and %d better.\n",
		m.found.subject, expected, c.Baseline, shown(c.Evidence), after, report.Plural(c.Seeds, "seed"), report.Verb(after, "have"), before, c.Worse, c.Better)
	if line := leftOut(c); line != "" {
		b.WriteString(line + "\n")
	}
	b.WriteString(accepted(c) + "\n" + searched(m.found.report))
	for _, note := range m.found.notes {
		b.WriteString("\n" + note)
	}
	if c.NotFinite > 0 {
		fmt.Fprintf(&b, "\nOn %s the compressed model gives NaN or infinity, where that of the evidence did not: no tolerance is about that.", report.Plural(c.NotFinite, "seed"))
		m.list(&b, "Not finite", func(s gate.SeedChange) bool { return s.NotFinite })
	}
	m.list(&b, "Worse (a trigger only now)", func(s gate.SeedChange) bool { return s.Worse && !s.NotFinite })
	m.list(&b, "Better (a trigger only before)", func(s gate.SeedChange) bool { return !s.Worse })
	var classes []string
	for _, change := range c.Classes {
		if change.Before != change.After {
			classes = append(classes, fmt.Sprintf("%s %g → %g", change.Name, change.Before, change.After))
		}
	}
	if more := len(classes) - shownClasses; more > 0 {
		classes = append(classes[:shownClasses], fmt.Sprintf("and %d more", more))
	}
	if len(classes) > 0 {
		fmt.Fprintf(&b, "\n\nSeeds with a trigger, by true class: %s.", strings.Join(classes, ", "))
	}
	for i, change := range c.Metrics {
		if i == 0 {
			b.WriteString("\n")
		}
		verdict := ""
		if change.Worse {
			verdict = " (worse)"
		}
		fmt.Fprintf(&b, "\n%s: %.4g → %.4g%s", change.Name, change.Before, change.After, verdict)
	}
	b.WriteString(caution)
	return b.String() + runAgainLine(m.found.test)
}

// leftOut tells of seeds that only one side has; "" when there are none.
func leftOut(c *gate.Comparison) string {
	if c.Missing+c.New == 0 {
		return ""
	}
	return fmt.Sprintf("Compared are %d of the %s of the evidence: %d %s missing now, and %d new %s left out.",
		c.Seeds, report.Plural(c.Seeds+c.Missing, "seed"), c.Missing, report.Verb(c.Missing, "are"), c.New, report.Verb(c.New, "are"))
}

// accepted says what the candidate had to keep to.
func accepted(c *gate.Comparison) string {
	var b strings.Builder
	switch c.Tolerance {
	case 0:
		b.WriteString("Accepted: no more seeds with a trigger than before")
	default:
		fmt.Fprintf(&b, "Accepted: up to %s with a trigger than before", strings.Replace(report.Plural(c.Tolerance, "seed"), " seed", " more seed", 1))
	}
	if c.Confidence > 0 {
		fmt.Fprintf(&b, ", or an increase that is not significant with a confidence of %g", c.Confidence)
	}
	if c.AtMost != nil {
		fmt.Fprintf(&b, "; in any case at most %s with one", report.Plural(*c.AtMost, "seed"))
	}
	fmt.Fprintf(&b, ". Exact one-sided McNemar p for not being worse: %.3g.", c.P)
	return b.String()
}

// list lists seeds that became worse, or better.
func (m *DeviateNoMoreThanMatcher) list(b *strings.Builder, title string, which func(gate.SeedChange) bool) {
	var changes []gate.SeedChange
	for _, c := range m.found.comparison.Changes {
		if which(c) {
			changes = append(changes, c)
		}
	}
	if len(changes) > 0 {
		fmt.Fprintf(b, "\n\n%s:", title)
	}
	for i, c := range changes {
		if i == shownChanges {
			fmt.Fprintf(b, "\n  … and %d more.", len(changes)-shownChanges)
			return
		}
		fmt.Fprintf(b, "\n  seed %s", c.Seed)
		if c.Label != input.Unlabelled {
			fmt.Fprintf(b, ", truly %s", answer.ClassName(m.found.classNames, c.Label))
		}
		fmt.Fprintf(b, ": trigger %s", c.Trigger)
		if dir := m.found.dirs[c.Trigger]; dir != "" {
			fmt.Fprintf(b, " in %s", shown(dir))
		}
	}
}
