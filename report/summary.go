package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// Summary describes a report in words, for a terminal: a headline, then a table. Its text is for
// people and may change; programs use [StatsOf].
func Summary(r *engine.Report) string {
	s := StatsOf(r)
	table := [][2]string{{"original", describeModel(r.Original)}}
	for _, d := range r.Between {
		table = append(table, [2]string{"in between", describeModel(d)})
	}
	table = append(table, [][2]string{
		{"compressed", describeModel(r.Compressed)},
		{"strategy", oneLine(r.Strategy)},
		{"oracle", oneLine(r.Oracle)},
	}...)
	add := func(name, value string) { table = append(table, [2]string{name, value}) }
	for _, line := range describeRuntimes(r) {
		add("runtime", line)
	}
	for _, line := range describeScores(r) {
		add("scores", line)
	}
	if r.Bound != "" {
		add("bound", oneLine(r.Bound))
	}
	add("random seed", strconv.FormatUint(r.RandomSeed, 10))
	if r.Shard.Total > 1 {
		add("shard", fmt.Sprintf("%s: %d of %s", r.Shard, r.Own(), Plural(len(r.Seeds), "seed")))
	}
	add("seeds", describeSeeds(r, s))
	if m := describeMisread(r); m != "" {
		add("misread", m)
	}
	add("queries", describeLedger(r))
	if n := r.IdenticalScores; n > 0 {
		add("scores", fmt.Sprintf("both models gave the same, to the last bit, for all of %s", Plural(n, "input")))
	}
	if line := CausesLine(r.Triggers()); line != "" {
		add("causes", line)
	}
	if line := OtherCausesLine(r); line != "" {
		add("other causes", line)
	}
	if line := NotFiniteLine(r.Triggers()); line != "" {
		add("not finite", line)
	}
	if line := UnusableLine(s.UnusableQueries); line != "" {
		add("unusable", line)
	}
	if s.FirstHit != nil {
		q := s.FirstHit.Queries
		add("first hit", fmt.Sprintf("median %s, mean %s, p90 %s, max %s queries", short(q.Median), short(q.Mean), short(q.P90), short(q.Max)))
	}
	if d := describeDistances(s); d != "" {
		add("distance", d)
	}
	if least, median, ok := r.Nearest(); ok {
		add("nearest", fmt.Sprintf("without a trigger: %s away from one by the oracle, median of seeds %s", ShortfallInWords(least), ShortfallInWords(median)))
	}
	add("time", fmt.Sprintf("%s, of which %s in the models (%.1f %% overhead), %s queries/s",
		seconds(s.WallSeconds), seconds(s.ModelSeconds), 100*s.Overhead, strconv.FormatFloat(s.QueriesPerSecond, 'f', 0, 64)))
	for _, w := range r.Warnings {
		add("warning", oneLine(w))
	}

	for _, n := range r.Notes {
		add("note", oneLine(n))
	}

	var b strings.Builder
	b.WriteString(headline(r, s) + "\n")
	for _, row := range table {
		fmt.Fprintf(&b, "  %-12s  %s\n", row[0], row[1])
	}
	return b.String()
}

// headline never says more than the search has shown.
func headline(r *engine.Report, s Stats) string {
	var b strings.Builder
	b.WriteString(oneLine(r.Pair) + ": ")
	used := Plural(s.Usable, "seed")
	if r.Ledger.Skipped > 0 {
		used = Plural(s.Usable, "usable seed")
	}
	what := "trigger"
	if len(r.CausedBy) > 0 {
		what = "trigger caused by " + CauseNames(r.CausedBy, "or")
	}
	if s.Found == 0 {
		fmt.Fprintf(&b, "no %s in %s around %s", what, Plural(s.TotalQueries, "query"), used)
	} else {
		fmt.Fprintf(&b, "%d of %s %s a %s (%.1f %%)", s.Found, used, Verb(s.Found, "have"), what, 100*s.SuccessRate)
	}
	if skipped := skippedInWords(r); skipped != "" {
		b.WriteString("; " + skipped)
	}
	if n := r.LeftOut(); n > 0 && n < s.Usable { // for all of them, it is as meant
		fmt.Fprintf(&b, "; operators were left out for %s", Plural(n, "seed"))
	}
	if r.Status.Partial() {
		fmt.Fprintf(&b, "; the search ended early: %s", r.Status)
	}
	return b.String()
}

// LeftOutLine tells that operators of the strategy do not fit the seeds; "" where it is one at the most, such as one for colours on grey
// images, which is as meant.
func LeftOutLine(r *engine.Report) string {
	most := 0
	for _, o := range r.Seeds {
		most = max(most, o.LeftOut)
	}
	if most < 2 {
		return ""
	}
	n := r.LeftOut()
	return fmt.Sprintf("%d of the strategy's operators do not fit %s, and were left out", most, Plural(n, "seed"))
}

func describeModel(d model.Description) string {
	parts := []string{oneLine(modelName(d))}
	if d.Size > 0 {
		parts = append(parts, fmt.Sprintf("%.4g kB", float64(d.Size)/1000))
	}
	if d.SHA256 != "" {
		parts = append(parts, fmt.Sprintf("sha256 %.12s", d.SHA256))
	}
	return strings.Join(parts, ", ")
}

func describeSeeds(r *engine.Report, s Stats) string {
	parts := []string{fmt.Sprintf("%d", r.Own()), fmt.Sprintf("%d usable", s.Usable)}
	if s.DeviatingSeeds > 0 {
		parts = append(parts, fmt.Sprintf("%d deviating unchanged", s.DeviatingSeeds))
	}
	if n := r.LeftOut(); n > 0 {
		parts = append(parts, fmt.Sprintf("%d searched without the operators that cannot change them", n))
	}
	text := strings.Join(parts, ", ")
	if reasons := r.SkipReasons(); len(reasons) > 0 {
		text += "; " + oneLine(fmt.Sprintf("%d skipped%s", r.Ledger.Skipped, why(reasons)))
	}
	return text
}

func describeLedger(r *engine.Report) string {
	l := r.Ledger
	parts := []string{strconv.Itoa(l.Queries)}
	for _, count := range []struct {
		n          int
		noun, rest string
	}{
		{l.Screened, "seed", " evaluated unchanged"},
		{l.Confirmations, "confirmation", ""},
		{l.Unstable, "unstable hit", ""},
		{l.Ties, "difference", " within a tie"},
		{l.Gradients, "gradient", ""},
	} {
		if count.n > 0 {
			parts = append(parts, Plural(count.n, count.noun)+count.rest)
		}
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return parts[0] + "; apart from these: " + strings.Join(parts[1:], ", ")
}

// unitless are the similarities of kinds whose values are in many units, or in none: no distance of them all says anything.
var unitless = []string{
	distance.TraitsOf(input.Input{Kind: input.Row}).Measure, distance.TraitsOf(input.Input{Kind: input.Tokens}).Measure,
}

func describeDistances(s Stats) string {
	var parts []string
	if s.SSIM != nil {
		text := fmt.Sprintf("SSIM median %.3f, p10 %.3f", s.SSIM.Median, s.SSIM.P10)
		if hit := s.FirstHit.SSIM; hit != nil && *hit != *s.SSIM { // closing in brought it nearer
			text += fmt.Sprintf(" (at the first hit %.3f, %.3f)", hit.Median, hit.P10)
		}
		parts = append(parts, text)
	}
	if m := s.Similarity; m != nil {
		parts = append(parts, fmt.Sprintf("%s median %.3f, p10 %.3f", m.Measure, m.Median, m.P10))
	}
	if m := s.Similarity; m != nil && slices.Contains(unitless, m.Measure) {
		return strings.Join(parts, "; ")
	}
	if s.L2 != nil {
		parts = append(parts, "L2 median "+short(s.L2.Median))
	}
	if s.LInf != nil {
		parts = append(parts, "LInf median "+short(s.LInf.Median))
	}
	return strings.Join(parts, "; ")
}

// short is a number with as many digits as a person reads.
func short(v float64) string {
	if v >= 1000 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}

func seconds(s float64) string {
	d := time.Duration(s * float64(time.Second))
	if d < time.Second {
		return d.Round(time.Millisecond).String()
	}
	return d.Round(100 * time.Millisecond).String()
}
