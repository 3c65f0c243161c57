package matchers

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/triage"
)

// shownTriggers is how many triggers a message describes.
const shownTriggers = 3

// searched is the paragraph that says what was done.
func searched(r *engine.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Searched with %s; oracle %s; ", r.Strategy, r.Oracle)
	if r.Bound != "" {
		fmt.Fprintf(&b, "within %s; ", r.Bound)
	}
	if r.Shard.Total > 1 {
		fmt.Fprintf(&b, "shard %s; ", r.Shard)
	}
	fmt.Fprintf(&b, "random seed %d; %s in %s.", r.RandomSeed, report.SpentInWords(r.Ledger),
		time.Duration(r.Timing.WallSeconds*float64(time.Second)).Round(10*time.Millisecond))
	if r.Status.Partial() {
		fmt.Fprintf(&b, "\nThe search is partial: %s.", partial[r.Status])
	}
	for _, count := range []struct {
		n          int
		noun, says string
	}{
		{r.Ledger.Unstable, "hit", "did not repeat when both models ran again alone (unstable)"},
		{r.Ledger.Ties, "query", "differed within a tie for the top score only, which is no deviation"},
	} {
		if count.n > 0 {
			fmt.Fprintf(&b, "\n%s %s.", report.Plural(count.n, count.noun), count.says)
		}
	}
	if skipped := report.SkippedAndWhy(r); skipped != "" {
		fmt.Fprintf(&b, "\n%s.", skipped)
	}
	if line := report.LeftOutLine(r); line != "" {
		b.WriteString("\n" + line + ".")
	}
	if line := report.UnusableLine(r.Ledger.Unusable); line != "" {
		b.WriteString("\n" + line + ".")
	}
	if line := report.OtherCausesLine(r); line != "" {
		b.WriteString("\n" + line + ".")
	}
	b.WriteString(misread(r))
	for _, w := range r.Warnings {
		fmt.Fprintf(&b, "\nWarning: %s", sentence(w))
	}
	return b.String() + noteLines(r.Notes)
}

// sentence is a warning with a full stop, unless it asks something.
func sentence(text string) string {
	if strings.HasSuffix(text, "?") {
		return text
	}
	return text + "."
}

var partial = map[engine.Status]string{
	engine.EnoughTriggers: "it was to stop after enough triggers",
	engine.QueryLimit:     "its limit of queries was reached",
	engine.TimeLimit:      "its limit of time was reached",
	engine.Cancelled:      "it was cancelled",
}

// describe tells which saved triggers still deviate.
func (r *replayed) describe(classNames []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %s still %s.", len(r.still), r.judgedOnes(), report.Verb(len(r.still), "deviate"))
	for i, s := range r.still[:min(shownTriggers, len(r.still))] {
		fmt.Fprintf(&b, "\n\n%s", describeTrigger(i+1, &s.Trigger, s.Names(classNames), s.Dir))
	}
	if more := len(r.still) - shownTriggers; more > 0 {
		fmt.Fprintf(&b, "\n\n  … and %d more.", more)
	}
	for _, line := range append(r.told(), waivedLine(r.by, len(r.waived)), r.deletable()) {
		if line != "" {
			b.WriteString("\n\n" + line)
		}
	}
	return b.String() + "\n"
}

// describeTrigger describes one trigger in three or four lines.
func describeTrigger(number int, t *engine.Trigger, classNames []string, dir string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "  %d. from %s:\n     %s\n     %s; distance to the seed: %s", number, report.OriginInWords(t, classNames),
		bothAnswers(t, classNames), report.Plural(t.Queries, "query"), report.DistanceInWords(t))
	if cause := report.CausesInWords(t, classNames); cause != "" {
		b.WriteString("\n     " + cause)
	}
	for _, line := range report.ChangesInWords(t) {
		b.WriteString("\n     " + line)
	}
	if dir != "" {
		fmt.Fprintf(&b, "\n     %s", shown(dir))
	}
	return b.String()
}

// shown is a path relative to the working folder, which in a test is the package's, where that is
// shorter.
func shown(path string) string {
	wd, err := os.Getwd()
	if err != nil || !filepath.IsAbs(path) {
		return path
	}
	if rel, err := filepath.Rel(wd, path); err == nil && !strings.HasPrefix(rel, "..") {
		return rel
	}
	return path
}

// misread is the line about the seeds that the original itself misreads; "" when there are none.
func misread(r *engine.Report) string {
	wrong := r.Misread()
	if len(wrong) == 0 {
		return ""
	}
	triggers, names := 0, []string{}
	for _, o := range wrong {
		if o.Trigger != nil {
			triggers++
		}
		if len(names) < shownTriggers {
			names = append(names, report.SeedInWords(o.Index, o.Name))
		}
	}
	text := strings.Join(names, ", ")
	if more := len(wrong) - len(names); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	are, theirs := "are", fmt.Sprintf("%d of them %s a trigger", triggers, report.Verb(triggers, "have"))
	if triggers == 0 {
		theirs = "none of them has a trigger"
	}
	if len(wrong) == 1 {
		are, theirs = "is", map[bool]string{true: "it has a trigger", false: "it has no trigger"}[triggers == 1]
	}
	return fmt.Sprintf("\n%s %s misread by the original itself: %s; %s.", report.Plural(len(wrong), "seed"), are, text, theirs)
}

// distinct is the line that says how many different deviations there are, the largest first. There is none
// about a single trigger.
func distinct(clusters []triage.Cluster, classNames []string) string {
	var parts []string
	n := 0
	for i, c := range clusters {
		n += len(c.Triggers)
		if i < shownClusters {
			parts = append(parts, describeCluster(c, classNames))
		}
	}
	if n < 2 {
		return ""
	}
	if more := len(clusters) - shownClusters; more > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", more))
	}
	return fmt.Sprintf("\n%d triggers, %d distinct: %s.", n, len(clusters), strings.Join(parts, "; "))
}

func describeCluster(c triage.Cluster, classNames []string) string {
	if c.Kind == answer.NotFinite {
		return fmt.Sprintf("%d not finite", len(c.Triggers))
	}
	s := fmt.Sprintf("%d %s", len(c.Triggers), c.Told().In(classNames))
	switch c.Family {
	case triage.SeedItself:
		return s + " without a change"
	case triage.Unrecorded:
		return s
	}
	return s + " by " + c.Family
}

// shownDeviations is the most of them that a message about their number shows.
const shownDeviations = 10

// shownClusters is how many clusters a message lists.
const shownClusters = 5

// noteLines are the lines of a message that tell the notes.
func noteLines(notes []string) string {
	var b strings.Builder
	for _, n := range notes {
		fmt.Fprintf(&b, "\nNote: %s.", n)
	}
	return b.String()
}

// bothAnswers is what both models say.
func bothAnswers(t *engine.Trigger, classNames []string) string {
	s := report.AnswersInWords(t, classNames)
	if t.Tied {
		s += ", in a tie"
	}
	return s + whoIsRight(t)
}

// whoIsRight says which model gives the true class of the seed: "; the original is right". It is empty where no class is known.
func whoIsRight(t *engine.Trigger) string {
	if t.SeedLabel == input.Unlabelled || !t.Told().OfLabels() || t.OriginalLabel == answer.NoLabel {
		return ""
	}
	switch original, compressed := t.OriginalLabel == t.SeedLabel, t.CompressedLabel == t.SeedLabel; {
	case original && compressed:
		return "; both are right"
	case original:
		return "; the original is right"
	case compressed:
		return "; the compressed model is right"
	}
	return "; neither is right"
}

// unchangedLine counts the seeds that deviate as they are, for which no search is needed; "" where there is none.
func unchangedLine(triggers []*engine.Trigger) string {
	n := 0
	for _, t := range triggers {
		if unchanged(t) {
			n++
		}
	}
	switch {
	case n == 0:
		return ""
	case n == len(triggers) && n == 1:
		return "It is the seed itself, unchanged."
	case n == len(triggers):
		return fmt.Sprintf("All %d are seeds as they are, unchanged.", n)
	}
	if n == 1 {
		return "1 of these is a seed as it is, unchanged, and listed last."
	}
	return fmt.Sprintf("%d of these are seeds as they are, unchanged, and listed last.", n)
}

func unchanged(t *engine.Trigger) bool { return t.Distance.L0 == 0 }

// unchangedLast puts seeds that deviate as they are behind what a search made of seeds.
func unchangedLast(triggers []*engine.Trigger) []*engine.Trigger {
	sorted := slices.Clone(triggers)
	slices.SortStableFunc(sorted, func(a, b *engine.Trigger) int {
		switch {
		case unchanged(a) == unchanged(b):
			return 0
		case unchanged(b):
			return -1
		}
		return 1
	})
	return sorted
}

// boundBeside is a bound of a share, with as many digits as it takes to see on which side of the limit it lies.
func boundBeside(bound, limit float64) string {
	for digits := 3; digits < 17; digits++ {
		if text := fmt.Sprintf("%.*g %%", digits, 100*bound); bound == limit || text != gate.Percent(limit) {
			return text
		}
	}
	return gate.Percent(bound)
}

func were(n int) string {
	if n == 1 {
		return "was"
	}
	return "were"
}

func theyWere(n int) string {
	if n == 1 {
		return "it was"
	}
	return "they were"
}

func does(n int) string {
	if n == 1 {
		return "does"
	}
	return "do"
}

// shownClasses is how many classes a message lists.
const shownClasses = 20
