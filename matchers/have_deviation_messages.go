package matchers

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/triage"
)

// something is the message about a pair that should have no deviation.
func (f findings) something(classNames []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Expected %s\nnot to have a deviation%s, but ", f.pair, f.ofCauses())
	if f.replayed.deviate() {
		b.WriteString(f.replayed.describe(classNames))
		b.WriteString(f.floor())
		if f.report == nil {
			why := "these come first. Delete their folders to search anew."
			if len(replayOnly()) > 0 {
				why = ReplayVariable + " asks for these alone."
			}
			first := f.replayed.still[0]
			b.WriteString("\nNo search was made: " + why + "\nTo replay the first alone: " + f.replayCommand(first.Trigger.ID, first.Dir) + f.again())
			return b.String()
		}
		// The search was made for evidence.
		fmt.Fprintf(&b, "\nThe search, for evidence, found triggers from %d of %s.\n%s", len(f.open), report.Plural(f.report.Usable(), "seed"), searched(f.report))
		b.WriteString(f.again())
		return b.String()
	}
	r := f.report
	triggers := f.open
	fmt.Fprintf(&b, "%d of %s.\n", len(triggers), have(len(triggers), r.Usable()))
	b.WriteString(searched(r))
	clusters := triage.Clusters(triggers, triage.Options{})
	b.WriteString(distinct(clusters, classNames))
	if line := report.CausesLine(triggers); line != "" {
		b.WriteString("\n" + line + ".")
	}
	if line := report.NotFiniteLine(triggers); line != "" {
		b.WriteString("\n" + line + ".")
	}
	if line := waivedLine(f.waivers, f.waived); line != "" {
		b.WriteString("\n" + line)
	}
	if line := unchangedLine(triggers); line != "" {
		b.WriteString("\n" + line)
	}
	described := f.saved.first(unchangedLast(triage.ExemplarsFirst(clusters)), shownTriggers)
	for i, t := range described {
		fmt.Fprintf(&b, "\n\n%s%s", describeTrigger(i+1, t, classNames, f.saved.dirs[t.ID])+f.saved.input(t), f.cause(t.ID))
	}
	if more := len(triggers) - len(described); more > 0 {
		fmt.Fprintf(&b, "\n\n  … and %d more.", more)
	}
	b.WriteString(f.floor() + "\n" + f.whereabouts())
	return b.String()
}

// nothing is the message about a pair that should have a deviation.
func (f findings) nothing() string {
	var b strings.Builder
	r := f.report
	what := f.ofCauses()
	if r == nil {
		return fmt.Sprintf("Expected %s\nto have a deviation%s, but %s.\nNo search was made: %s asks for saved triggers alone.%s", f.pair, what, f.replayed.healed(), ReplayVariable, f.again())
	}
	if f.waived > 0 {
		what += " that is not waived"
	}
	fmt.Fprintf(&b, "Expected %s\nto have a deviation%s, but none was found from %s.\n", f.pair, what, report.Plural(r.Usable(), "seed"))
	b.WriteString(searched(r))
	if f.waived > 0 {
		b.WriteString("\n" + f.allWaived(shown(f.waivers.File)))
	}
	b.WriteString(f.replayed.passed())
	if least, median, ok := r.Nearest(); ok {
		fmt.Fprintf(&b, "\nThe nearest query was %s away from a deviation, by the oracle's measure; the median of the seeds' nearest ones, %s.", report.ShortfallInWords(least), report.ShortfallInWords(median))
	}
	b.WriteString(f.power())
	b.WriteString("\n\nThat is no proof that there is none. " + advice(r) + f.again())
	return b.String()
}

// ofCauses are the causes that a deviation has to have: " caused by compression"; "" for any.
func (f findings) ofCauses() string {
	if len(f.settings.CausedBy) == 0 {
		return ""
	}
	return " caused by " + report.CauseNames(f.settings.CausedBy, "or")
}

// whereabouts tells where the artifacts lie and how to replay them.
func (f findings) whereabouts() string {
	var b strings.Builder
	s := f.saved
	if len(s.dirs) > 0 {
		fmt.Fprintf(&b, "\n%s saved in %s", report.Plural(len(s.dirs), "trigger"), shown(s.store.PairDir(f.pair.Name())))
	}
	for _, file := range s.files {
		what := "Report"
		if strings.HasSuffix(file, ".png") {
			what = "Pictures"
		}
		fmt.Fprintf(&b, "\n%s: %s", what, shown(file))
	}
	if len(s.dirs) > 0 {
		fmt.Fprintf(&b, "\nTo replay: Expect(pair).To(ReplayCleanly(%q))", filepath.ToSlash(shown(s.store.Root())))
		for _, t := range s.first(unchangedLast(triage.ExemplarsFirst(triage.Clusters(f.open, triage.Options{}))), 1) {
			if dir := s.dirs[t.ID]; dir != "" {
				b.WriteString("\nTo replay the first alone: " + f.replayCommand(t.ID, dir))
			}
		}
	}
	return s.unsaved() + b.String() + f.again()
}

// again is the line that says how to run the test again; there is none outside of a test.
func (f findings) again() string {
	if f.test == "" {
		return ""
	}
	return "\nTo run this again: " + f.test
}

func have(n, of int) string {
	return report.Plural(of, "seed") + " " + report.Verb(n, "have") + " one"
}

// advice says what limited the search.
func advice(r *engine.Report) string {
	switch r.Status {
	case engine.QueryLimit:
		return fmt.Sprintf("The search ended at its limit of %d queries: give it a larger budget or fewer seeds.", r.Budget.Queries)
	case engine.TimeLimit:
		return fmt.Sprintf("The search ended at its limit of %s: give it more time or fewer seeds.", r.Budget.Time)
	}
	exhausted := 0
	for _, o := range r.Seeds {
		if o.Status == engine.SeedExhausted {
			exhausted++
		}
	}
	if exhausted == 0 {
		return "The strategy had nothing more to try: use another one."
	}
	return fmt.Sprintf("%d of %s spent the whole budget of a seed: give it a larger budget, more seeds or another strategy.",
		exhausted, report.Plural(r.Usable(), "seed"))
}
