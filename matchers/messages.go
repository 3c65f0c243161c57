package matchers

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/triage"
)

// shownTriggers is how many triggers a message describes.
const shownTriggers = 3

// something is the message about a pair that should have no deviation.
func (f findings) something(classNames []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Expected %s\nnot to have a deviation, but ", f.pair)
	if f.replayed.deviate() {
		b.WriteString(f.replayed.describe(classNames))
		b.WriteString(f.floor())
		if f.report == nil {
			b.WriteString("\nNo search was made: these come first. Delete their folders to search anew." + f.again())
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
	if line := report.NotFiniteLine(triggers); line != "" {
		b.WriteString("\n" + line + ".")
	}
	if line := waivedLine(f.waivers, f.waived); line != "" {
		b.WriteString("\n" + line)
	}
	described := f.saved.first(triage.ExemplarsFirst(clusters), shownTriggers)
	for i, t := range described {
		fmt.Fprintf(&b, "\n\n%s%s", describeTrigger(i+1, t, classNames, f.saved.dirs[t.ID])+f.saved.input(t), f.cause(t.ID))
	}
	if more := len(triggers) - len(described); more > 0 {
		fmt.Fprintf(&b, "\n\n  … and %d more.", more)
	}
	b.WriteString(f.floor() + "\n" + f.whereabouts())
	return b.String()
}

func have(n, of int) string {
	return report.Plural(of, "seed") + " " + report.Verb(n, "have") + " one"
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

// nothing is the message about a pair that should have a deviation.
func (f findings) nothing() string {
	var b strings.Builder
	r := f.report
	what := ""
	if f.waived > 0 {
		what = " that is not waived"
	}
	fmt.Fprintf(&b, "Expected %s\nto have a deviation%s, but none was found from %s.\n", f.pair, what, report.Plural(r.Usable(), "seed"))
	b.WriteString(searched(r))
	if f.waived > 0 {
		b.WriteString("\n" + f.allWaived(shown(f.waivers.File)))
	}
	b.WriteString(f.replayed.passed())
	if least, median, ok := r.Nearest(); ok {
		fmt.Fprintf(&b, "\nThe nearest query was %s of scores away from a deviation; the median of the seeds' nearest ones, %s.", report.ShortfallInWords(least), report.ShortfallInWords(median))
	}
	b.WriteString(f.power())
	b.WriteString("\n\nThat is no proof that there is none. " + advice(r) + f.again())
	return b.String()
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
	fmt.Fprintf(&b, "random seed %d; %s in %s.", r.RandomSeed, report.Plural(r.Ledger.Queries, "query"),
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
	if line := report.UnusableLine(r.Ledger.Unusable); line != "" {
		b.WriteString("\n" + line + ".")
	}
	b.WriteString(misread(r))
	for _, w := range r.Warnings {
		fmt.Fprintf(&b, "\nWarning: %s.", w)
	}
	return b.String() + noteLines(r.Notes)
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
		bothAnswers(t, classNames), report.Plural(t.Queries, "query"), distance(t.Distance))
	if dir != "" {
		fmt.Fprintf(&b, "\n     %s", shown(dir))
	}
	return b.String()
}

func distance(d engine.Distance) string {
	if d.L0 == 0 {
		return "none, it is the seed itself"
	}
	s := fmt.Sprintf("L2 %.4g, L-infinity %.4g, %s changed", d.L2, d.LInf, report.Plural(d.L0, "value"))
	if d.SSIM != nil {
		s = fmt.Sprintf("SSIM %.2f, %s", *d.SSIM, s)
	}
	return s
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
