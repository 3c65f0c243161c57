package dossier

import (
	"fmt"
	"html"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
)

// summaryChecks is the most checks whose reasons the summary tells: a CI system takes 1 MiB at most.
const summaryChecks = 50

// mostReason is the longest reason of a check in a summary, in letters.
const mostReason = 2000

var verdictSigns = map[Verdict]string{Passed: "✅", Failed: "❌", Error: "⚠️", Undecided: "❔", Partial: "🔶"}

// renderSummary makes summary.md.
func renderSummary(doc Document) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s %s: %s\n\n%s\n\n", verdictSigns[doc.Verdict], md(doc.Release), string(doc.Verdict), md(doc.Headline))
	checks := slices.Clone(doc.Checks)
	slices.SortStableFunc(checks, func(a, b Check) int { return rank(a.Verdict) - rank(b.Verdict) })
	if len(checks) > 0 {
		b.WriteString("| | Check | Pair | Numbers |\n|---|---|---|---|\n")
	}
	shown, more := atMost(checks, 4*summaryChecks)
	for _, c := range shown {
		numbers := make([]string, len(c.Numbers))
		for i, n := range c.Numbers {
			numbers[i] = md(numberInWords(n))
		}
		fmt.Fprintf(&b, "| %s %s | %s | %s | %s |\n", verdictSigns[c.Verdict], c.Verdict, md(c.Name), md(c.Pair), strings.Join(numbers, "<br>"))
	}
	if more > 0 {
		fmt.Fprintf(&b, "\n%s not shown.\n", report.Plural(more, "more check"))
	}
	left, more := atMost(doc.Run.NotRun, summaryChecks)
	if len(left) > 0 {
		b.WriteString("\nNot run:\n\n")
	}
	for _, n := range left {
		fmt.Fprintf(&b, "- %s (%s)\n", md(n.Name), md(n.inWords()))
	}
	if more > 0 {
		fmt.Fprintf(&b, "\n%s not shown.\n", report.Plural(more, "more check"))
	}
	told := 0
	for _, c := range checks {
		if c.Verdict == Passed || c.Message == "" {
			continue
		}
		if told++; told > summaryChecks {
			break
		}
		fmt.Fprintf(&b, "\n<details><summary>%s %s</summary>\n\n%s\n\n%s\n\n</details>\n",
			verdictSigns[c.Verdict], html.EscapeString(strings.Join(strings.Fields(printable(c.Name)), " ")), md(c.Sentence), fenced(shorten(c.Message, mostReason)))
	}
	if doc.TriggersFound > 0 {
		fmt.Fprintf(&b, "\n%s found", report.Plural(doc.TriggersFound, "trigger"))
		if doc.NotFinite > 0 {
			fmt.Fprintf(&b, ", %d of them not finite: the compressed model gives NaN or infinity", doc.NotFinite)
		}
		b.WriteString(".")
	}
	fmt.Fprintf(&b, "\nThe whole report with pictures is %s.\n", doc.FileName(PageFile))
	if doc.Run.Partial {
		fmt.Fprintf(&b, "It does not replace that of the last full run, %s.\n", PageFile)
	}
	if doc.Replay != "" {
		fmt.Fprintf(&b, "\nTo run this again:\n\n%s\n", fenced(doc.Replay))
	}
	return []byte(b.String())
}

// renderModelCard makes model-card.md.
func renderModelCard(doc Document) []byte {
	var b strings.Builder
	b.WriteString("## Compression: differences from the original model\n\n")
	fmt.Fprintf(&b, "Release %s", md(doc.Release))
	if doc.Created != nil {
		fmt.Fprintf(&b, ", checked on %s", doc.Created.Format("2006-01-02"))
	}
	fmt.Fprintf(&b, ": **%s**. %s\n", doc.Verdict, md(doc.Headline))
	if len(doc.Checks) > 0 {
		b.WriteString("\n### Checks\n\n| Check | Verdict | Numbers |\n|---|---|---|\n")
	}
	for _, c := range doc.Checks {
		numbers := make([]string, len(c.Numbers))
		for i, n := range c.Numbers {
			numbers[i] = md(numberInWords(n))
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", md(c.Sentence), c.Verdict, strings.Join(numbers, "<br>"))
	}
	if len(doc.Run.NotRun) > 0 {
		b.WriteString("\n### Checks that were not run\n\n")
	}
	for _, n := range doc.Run.NotRun {
		fmt.Fprintf(&b, "- %s (%s)\n", md(n.Name), md(n.inWords()))
	}
	if facts := cardFacts(doc); len(facts) > 0 {
		b.WriteString("\n### What is known\n\n")
		for _, fact := range facts {
			b.WriteString("- " + fact + "\n")
		}
	}
	b.WriteString("\n### What is not known\n\n" +
		"Deviations are looked for by a bounded search and on samples. Where none was found there may be some all the same, and " +
		"inputs unlike those checked may deviate more often.\n")
	if len(doc.Pairs) > 0 {
		b.WriteString("\n### Models\n\n| Pair | Role | File | SHA-256 | Runtime |\n|---|---|---|---|---|\n")
	}
	for _, p := range doc.Pairs {
		for _, m := range []struct {
			role string
			d    model.Description
		}{{"original", p.Original}, {"compressed", p.Compressed}} {
			file := m.d.File
			if file == "" {
				file = m.d.Name
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", md(p.Name), m.role, md(file), mdCode(m.d.SHA256), md(runtimeOf(m.d)))
		}
	}
	versions := make([]string, 0, len(doc.Versions))
	for _, name := range slices.Sorted(maps.Keys(doc.Versions)) {
		versions = append(versions, md(name+" "+doc.Versions[name]))
	}
	fmt.Fprintf(&b, "\nVersions: %s.\n", strings.Join(versions, ", "))
	if doc.Replay != "" {
		fmt.Fprintf(&b, "\nTo check again:\n\n%s\n", fenced(doc.Replay))
	}
	return []byte(b.String())
}

// cardFacts are the sections in sentences.
func cardFacts(doc Document) []string {
	var facts []string
	add := func(format string, values ...any) { facts = append(facts, md(fmt.Sprintf(format, values...))) }
	notFinite := func(n int, of string) {
		if n > 0 {
			add("For %d %s the compressed model gives NaN or infinity.", n, of)
		}
	}
	for _, r := range doc.Rates {
		if r.Drawn == 0 {
			add("Nothing was drawn from %s: how often the models deviate there is not known.", r.Distribution)
			continue
		}
		add("On %s, at most %s of inputs deviate (confidence %s; %d of %s).", r.Distribution, percent(r.Upper),
			percent(r.Confidence), r.Deviations, report.Plural(r.Drawn, "draw"))
		notFinite(r.NotFinite, "of the deviating draws")
	}
	for _, f := range doc.Flips {
		about := ""
		if f.About != "" {
			about = f.About + ": "
		}
		if f.Inputs == 0 {
			add("%sthere was no labelled input: how often right becomes wrong is not known.", about)
			continue
		}
		add("%sof %s, %d went from right to wrong (at most %s, confidence %s), %d from wrong to right and %d from one wrong answer to another.",
			about, report.Plural(f.Inputs, "labelled input"), f.RightToWrong, percent(f.Upper), percent(f.Confidence), f.WrongToRight, f.WrongToOther)
		notFinite(f.NotFinite, "of the labelled inputs")
	}
	for _, s := range doc.Searches {
		bound := "without a bound"
		if s.Bound != "" {
			bound = "within " + s.Bound
		}
		add("A search with %s, judged by %s, %s, found triggers from %d of %s in %s.", s.Strategy, s.Oracle, bound,
			s.Found, report.Plural(s.Usable, "seed"), report.Plural(s.TotalQueries, "query"))
		if short := s.inShort(); short != "" {
			add("%s", short)
		}
		notFinite(s.NotFinite, "of the triggers")
	}
	for _, c := range doc.Comparisons {
		add("Against %s, %d of %s became worse and %d better.", c.Baseline, c.Worse, report.Plural(c.Seeds, "seed"), c.Better)
		if c.Missing+c.New > 0 {
			add("%d seeds of that release were not compared, and %d new ones.", c.Missing, c.New)
		}
		notFinite(c.NotFinite, "of the seeds, but not in that release,")
	}
	for _, c := range doc.Canaries {
		for _, t := range c.Trials {
			if t.Seeds == 0 {
				add("Whether the same search finds a change of %s of a weight's standard deviation is not known: it had no seed.", number(t.Size))
				continue
			}
			add("The same search finds a change of %s of a weight's standard deviation from %d of %s.", number(t.Size), t.Found, report.Plural(t.Seeds, "seed"))
		}
	}
	return facts
}

func runtimeOf(d model.Description) string {
	var parts []string
	for _, name := range []string{"runtime", "provider", "cpu"} {
		if v := d.Settings[name]; v != "" {
			parts = append(parts, v)
		}
	}
	return strings.Join(parts, ", ")
}

// mdSpecial are the characters that Markdown, or HTML inside it, gives a meaning.
var mdSpecial = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "|", `\|`, "[", `\[`, "]", `\]`, "#", `\#`, "~", `\~`, "!", `\!`,
	"<", "&lt;", ">", "&gt;", "&", "&amp;", "@", "&#64;", "\n", " ", "\r", " ",
)

// md is text on one line in which nothing has a meaning.
func md(s string) string { return mdSpecial.Replace(printable(s)) }

// printable replaces what moves a terminal's cursor, or ends a text, by a space.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return ' '
		}
		return r
	}, s)
}

// mdCode is text that a table shows as code.
func mdCode(s string) string {
	if s == "" {
		return ""
	}
	return "<code>" + md(s) + "</code>"
}

// fenced is a block of code that its content cannot end.
func fenced(s string) string {
	s = printable(s)
	fence := "```"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	return fence + "\n" + strings.TrimRight(s, "\n") + "\n" + fence
}

func shorten(s string, most int) string {
	letters := []rune(s)
	if len(letters) <= most {
		return s
	}
	return string(letters[:most]) + "\n… the rest is in the whole report."
}
