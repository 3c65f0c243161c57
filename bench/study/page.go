package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/bench/page"
	"github.com/triggerfinder/triggerfinder/bench/sample"
	"github.com/triggerfinder/triggerfinder/bench/subjects"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/stats"
)

// write makes the tables, plots, pictures and the page from all complete searches of a folder.
func write(dir string) error {
	s, err := load(dir)
	if err != nil {
		return err
	}
	list := s.subjects()
	pictures, err := drawAll(dir, list, s.Examples)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	for _, section := range sections(list) {
		fmt.Fprintf(&b, "\n## %s\n", section.title)
		for _, text := range section.texts {
			fmt.Fprintf(&b, "\n%s\n", text)
		}
		for _, t := range section.tables {
			if len(t.Rows) == 0 {
				continue
			}
			if t.Text != "" {
				fmt.Fprintf(&b, "\n%s\n", t.Text)
			}
			fmt.Fprintf(&b, "\n%s", t.Markdown())
			if err := page.WriteFile(filepath.Join(dir, t.File), t.CSV()); err != nil {
				return err
			}
		}
		for _, text := range section.after {
			fmt.Fprintf(&b, "\n%s\n", text)
		}
		b.WriteString(pictures.Of(section.name))
	}
	return page.WriteFile(filepath.Join(dir, pageFile), append([]byte(s.header(list)), b.Bytes()...))
}

// header says how the figures came about, and what is missing.
func (s *store) header(list []subject) string {
	var dates, machines, runtimes []string
	for _, one := range s.Searches {
		dates, machines, runtimes = append(dates, one.Date), append(machines, one.Machine), append(runtimes, one.Runtime)
	}
	joined := func(values []string) string { return strings.Join(page.Distinct(values), ", ") }
	var b strings.Builder
	b.WriteString("# The study: TriggerFinder, its ablations, the baselines and Boundary\n\n")
	if len(list) == 0 {
		b.WriteString("Nothing is complete yet.\n")
		return b.String()
	}
	fmt.Fprintf(&b, "The study of TriggerFinder (arXiv 2112.02819) on the pairs of `zoo/` and on the three of the authors' public artefact (`authors-`): how many seeds have a "+
		"trigger, after how many queries, in how much time. A query is one candidate evaluated by both models; the screening of seeds and the "+
		"confirmation of a hit are not counted. Seeds on which the models differ already are triggers themselves; they are counted below and left out of everything "+
		"else. Random seed 0. Measured on %s, on %s, with Go %s and %s. This command in `bench/` repeats it, where DIR is a folder as `go run ./study -help` describes it:\n\n```\n%s\n```\n\n",
		joined(dates), joined(machines), strings.TrimPrefix(runtime.Version(), "go"), joined(runtimes), commandOf(list))
	b.WriteString("Every table is also a CSV file, `study-*.csv`; the figures of each seed are in `" + dataFile + "`.\n")
	if slices.ContainsFunc(list, func(x subject) bool { return x.dataset == subjects.Fashion }) {
		b.WriteString("\nSeeds of Fashion-MNIST are no digits: without a folder of data the images of package `fixtures` stand in for MNIST. What models " +
			"for digits say about clothing is arbitrary, so these rows show that the command works, and nothing about the paper.\n")
	}
	if missing := s.missing(); missing != "" {
		fmt.Fprintf(&b, "\nNot complete, and left out: %s.\n", missing)
	}
	if mixed := s.mixed(); mixed != "" {
		fmt.Fprintf(&b, "\nTimes of these pairs do not compare, as their strategies ran on different machines: %s.\n", mixed)
	}
	return b.String()
}

// mixed lists the pairs whose searches come from more than one machine.
func (s *store) mixed() string {
	machines := map[string]string{} // of each pair
	var list []string
	for _, one := range s.Searches {
		if known, ok := machines[one.Pair]; ok && known != one.Machine && !slices.Contains(list, one.Pair) {
			list = append(list, one.Pair)
		}
		machines[one.Pair] = one.Machine
	}
	return strings.Join(list, ", ")
}

// commandOf is the command line of the whole study.
func commandOf(list []subject) string {
	if slices.ContainsFunc(list, func(x subject) bool { return x.dataset != subjects.Fashion }) {
		return "go run ./study -data DIR -again"
	}
	return "go run ./study -again"
}

// missing lists what is not complete.
func (s *store) missing() string {
	var list []string
	for i := range s.Searches {
		if one := &s.Searches[i]; !one.complete() {
			list = append(list, fmt.Sprintf("%s, %s (%d of %d seeds)", one.Pair, one.Strategy, one.searched(), one.Seeds))
		}
	}
	return strings.Join(list, "; ")
}

// section is a part of the page.
type section struct {
	name, title  string
	texts, after []string
	tables       []page.Table
}

func sections(list []subject) []section {
	success, main := mainTables(list)
	return []section{
		{name: "pairs", title: "Pairs, seeds and limits", tables: []page.Table{pairsTable(list), limitsTable(list)},
			texts: []string{"Accuracy and agreement are those of the cards in `zoo/cards`, over 10,000 test images. The paper let each search run for 180 s a seed; here a number of queries is the " +
				"limit, so that results do not depend on the machine, and \"longest seed\" is the longest time that any seed took, whether a trigger was found or not."}},
		{name: "success", title: "Success", tables: []page.Table{success}, texts: []string{"Seeds with a trigger, of those on which the models agree at first. The uniform selector and the " +
			"difference-only fitness are the paper's two ablations of TriggerFinder as published."}},
		{name: "queries", title: "Queries and time", tables: main},
		{name: "ratios", title: "TriggerFinder against DiffChaser and random mutation", tables: []page.Table{ratiosTable(list)},
			texts: []string{fmt.Sprintf("How many times fewer queries TriggerFinder took than the other, and how many times as fast it was, over the same seeds. "+
				"The paper claims %g to %g times fewer queries than DiffChaser, and %g to %g times as fast. Where the other has no trigger for some seeds, its limit counts, and the ratio is a lower bound (≥). "+
				"\"With whole generations\" counts DiffChaser's queries up to the end of the generation of %d in which its trigger is; ours stops at the trigger.",
				paperQueries[0], paperQueries[1], paperTime[0], paperTime[1], population)},
			after: ratiosInWords(list)},
		{name: "ablations", title: "What selector and fitness contribute", tables: []page.Table{ablationsTable(list)}, after: ablationsInWords(list),
			texts: []string{"Each variation beside TriggerFinder as published, seed by seed: above 1x it took more queries. \"As released\" follows the authors' code, which differs from the paper in selector, " +
				"fitness and operators. A few hard seeds dominate the means. The geometric mean is over the ratios of each seed, and says more. The sign test asks whether more seeds got harder than easier, or fewer."}},
		{name: "boundary", title: "Boundary against TriggerFinder", tables: []page.Table{boundaryTable(list)}, after: boundaryInWords(list),
			texts: []string{fmt.Sprintf("Up to the first trigger, TriggerFinder as published. SSIM is the median over triggers: 1 is the seed itself. Closing in goes on after the first trigger, up to %d queries a seed "+
				"in all, to bring it nearer.", closingQueries)}},
		{name: "curves", title: "Success against queries", texts: []string{"Share of seeds with a trigger, against the queries spent on each. A line ends at its limit."}},
		{name: "triggers", title: "Triggers", texts: []string{"One seed a pair: that on which TriggerFinder as published took the median of queries, so neither the easiest nor the hardest. What both models say stands below each " +
			"trigger, with its SSIM to the seed and its queries, those of closing in included."}},
	}
}

// ratiosInWords says where the ratios lie beside the paper's, and what the data say about why.
func ratiosInWords(list []subject) []string {
	var texts []string
	for _, dataset := range datasets {
		var names, easy, harder, namesReleased []string
		var queries, whole, time, first, cost, asReleased, wholeReleased []float64
		open := false
		for _, s := range ofDataset(list, dataset) {
			a, b, ok := s.both(published, diffChaser)
			if !ok {
				continue
			}
			r := meanQueries(b) / meanQueries(a)
			names = append(names, s.pair)
			queries = append(queries, r)
			whole = append(whole, wholeGenerations(b)/meanQueries(a))
			time = append(time, meanSeconds(b)/meanSeconds(a))
			first = append(first, shareWithin(b, population))
			cost = append(cost, perQuery(s.searches[published])/perQuery(s.searches[diffChaser]))
			open = open || !b.complete()
			if meanQueries(b) < paperQueries[0] {
				easy = append(easy, s.pair)
			}
			if r < 1 {
				harder = append(harder, s.pair)
			}
			if x, y, ok := s.both(released, diffChaser); ok {
				namesReleased = append(namesReleased, s.pair)
				asReleased = append(asReleased, meanQueries(y)/meanQueries(x))
				wholeReleased = append(wholeReleased, wholeGenerations(y)/meanQueries(x))
			}
		}
		if len(names) == 0 {
			continue
		}
		points := []string{
			fmt.Sprintf("**%s.** TriggerFinder as published, times fewer queries than DiffChaser: %s.", titles[dataset], besides(names, queries, paperQueries)),
			fmt.Sprintf("Times as fast: %s. A query of TriggerFinder takes %s of the time of one of DiffChaser, which is asked %d at a time.", besides(names, time, paperTime),
				span(cost, page.Times), askedAtOnce),
		}
		if len(asReleased) > 0 {
			points = append(points, fmt.Sprintf("TriggerFinder as released, times fewer queries: %s.", besides(namesReleased, asReleased, paperQueries)))
		}
		points = append(points, fmt.Sprintf("Why fewer than in the paper: by pair, DiffChaser has a trigger for %s of the seeds within its first %d queries. Those are mutants of the seed by one operator each, "+
			"the same operators as TriggerFinder's. No generation was bred yet, and our search stops at the first hit.", span(first, page.Percent), population))
		generations := fmt.Sprintf("Were generations always asked as a whole, the ratios would be %s as published", besides(names, whole, paperQueries))
		if len(wholeReleased) > 0 {
			generations += fmt.Sprintf("; as released %s", besides(namesReleased, wholeReleased, paperQueries))
		}
		points = append(points, generations+".")
		if len(easy) > 0 {
			points = append(points, fmt.Sprintf("On %s DiffChaser itself takes fewer than %g queries a seed, so nothing can take that many times fewer.", strings.Join(easy, ", "), paperQueries[0]))
		}
		if len(harder) > 0 {
			points = append(points, fmt.Sprintf("On %s TriggerFinder as published takes more queries than DiffChaser: a few hard seeds dominate its mean; see the percentiles above and the variations below.", strings.Join(harder, ", ")))
		}
		if open {
			points = append(points, "Some seeds have no trigger from DiffChaser within the limit, so its means, and the ratios, are lower bounds.")
		}
		text := "- " + strings.Join(points, "\n- ")
		texts = append(texts, text)
	}
	return texts
}

// span is the least and the most of some values.
func span(values []float64, show func(float64) string) string {
	least, most := show(slices.Min(values)), show(slices.Max(values))
	if least == most {
		return least
	}
	return least + " to " + most
}

// besides says how many values lie in a range of the paper's, and which do not.
func besides(names []string, values []float64, paper [2]float64) string {
	inside := 0
	var below, above []string
	for i, v := range values {
		switch {
		case v < paper[0]:
			below = append(below, names[i])
		case v > paper[1]:
			above = append(above, names[i])
		default:
			inside++
		}
	}
	all := span(values, page.Times)
	if len(values) > 1 {
		all += fmt.Sprintf(" (geometric mean %s)", page.Times(sample.GeometricMean(values)))
	}
	switch len(values) {
	case inside:
		return all + ", all within the paper's range"
	case len(below):
		return all + ", all below the paper's range"
	case len(above):
		return all + ", all above the paper's range"
	}
	text := fmt.Sprintf("%s, %d of %d pairs within the paper's range", all, inside, len(values))
	if len(below) > 0 {
		text += ", below it " + strings.Join(below, ", ")
	}
	if len(above) > 0 {
		text += ", above it " + strings.Join(above, ", ")
	}
	return text
}

// ablationsInWords sums the ablations up.
func ablationsInWords(list []subject) []string {
	var texts []string
	for _, dataset := range datasets {
		var parts []string
		for _, other := range ablationNames {
			var of []float64
			for _, s := range ofDataset(list, dataset) {
				if a, b, ok := s.both(published, other); ok && len(a.queries) == len(b.queries) {
					of = append(of, sample.GeometricMean(b.queries)/sample.GeometricMean(a.queries))
				}
			}
			if len(of) > 0 {
				parts = append(parts, fmt.Sprintf("%s %sx (%s)", other, page.Number(sample.GeometricMean(of), 2),
					span(of, func(v float64) string { return page.Number(v, 2) })))
			}
		}
		if len(parts) > 0 {
			texts = append(texts, fmt.Sprintf("**%s.** Times more queries than as published, geometric mean over seeds and pairs (least and most of a pair): %s.", titles[dataset], strings.Join(parts, "; ")))
		}
	}
	return texts
}

// boundaryTargets are what the geometric mean of the ratios has to be at least.
var boundaryTargets = map[string]float64{subjects.MNIST: 10, subjects.CIFAR10: 5}

// boundaryInWords holds the ratios against the targets.
func boundaryInWords(list []subject) []string {
	var texts []string
	for _, dataset := range datasets {
		var all, ofZoo, asReleased, means []float64
		var more, farther, easy []string
		var mostOfEasy float64
		for _, s := range ofDataset(list, dataset) {
			a, b, ok := s.both(boundary, published)
			if !ok {
				continue
			}
			r := meanQueries(b) / meanQueries(a)
			all, means = append(all, r), append(means, meanQueries(a))
			if !subjects.FromAuthors(s.pair) {
				ofZoo = append(ofZoo, r)
			}
			if meanQueries(a) < 3 {
				easy, mostOfEasy = append(easy, s.pair), max(mostOfEasy, meanQueries(b))
			}
			if r <= 1 {
				more = append(more, s.pair)
			}
			if stats.Median(a.ssim) <= stats.Median(b.ssim) {
				farther = append(farther, s.pair)
			}
			if x, y, ok := s.both(boundary, released); ok {
				asReleased = append(asReleased, meanQueries(y)/meanQueries(x))
			}
		}
		if len(all) == 0 {
			continue
		}
		text := fmt.Sprintf("**%s.** Geometric mean of the ratios of mean queries over %s: %s", titles[dataset], report.Plural(len(all), "pair"), page.Times(sample.GeometricMean(all)))
		if len(ofZoo) > 0 && len(ofZoo) < len(all) {
			text += fmt.Sprintf(" (over the %d of the zoo alone %s)", len(ofZoo), page.Times(sample.GeometricMean(ofZoo)))
		}
		if len(asReleased) > 0 {
			text += fmt.Sprintf("; against TriggerFinder as released %s", page.Times(sample.GeometricMean(asReleased)))
		}
		text += "."
		if target, ok := boundaryTargets[dataset]; ok {
			text += fmt.Sprintf(" The target is at least %gx", target)
			met := sample.GeometricMean(all) >= target
			if dataset == subjects.CIFAR10 {
				text += fmt.Sprintf(", or below 3 queries (mean of Boundary, geometric mean over pairs: %s)", page.Number(sample.GeometricMean(means), 2))
				met = met || sample.GeometricMean(means) < 3
			}
			text += map[bool]string{true: ": met.", false: ": missed."}[met]
		}
		if len(easy) > 0 {
			text += fmt.Sprintf(" On %s Boundary takes fewer than 3 queries a seed, and TriggerFinder at most %s: they deviate so easily that no large ratio is possible.",
				strings.Join(easy, ", "), page.Number(mostOfEasy, 1))
		}
		text += " " + exceptions("Boundary takes fewer queries", more) + " " + exceptions("Its triggers are nearer (SSIM)", farther)
		texts = append(texts, text)
	}
	return texts
}

// exceptions says that something holds on every pair, or where it does not.
func exceptions(what string, but []string) string {
	if len(but) == 0 {
		return what + " on every pair."
	}
	return what + " on every pair but " + strings.Join(but, ", ") + "."
}
