package dossier

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/stats"
)

// What the page shows at most; all of it is in report.json.
const (
	mostRows      = 25 // of a table
	mostClasses   = 20 // of a matrix
	mostPixels    = 256
	smallPicture  = 96 // below, pixels are to be seen
	leadLines     = 4  // of a message that are shown unfolded
	mostStepsText = 90
)

//go:embed page.gohtml
var pageText string

//go:embed page.css
var pageStyle string

//go:embed page.js
var pageScript string

// scriptHash lets browsers run this script, and no other that a name might smuggle in.
func scriptHash() string {
	sum := sha256.Sum256([]byte(pageScript))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// pageTemplate is parsed when a page is written: it takes longer than a command needs to start.
var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Funcs(template.FuncMap{
		"percent":  func(v float64) string { return together(percent(v)) },
		"inUnit":   func(v float64, unit string) string { return together(inUnit(v, unit)) },
		"interval": func(n gate.Number) string { return together(interval(n)) },
		"number":   number, "probability": probability,
		"plural": report.Plural, "thousands": func(n int) string { return thousands(int64(n)) },
		"share": func(n, of int) string {
			if of == 0 {
				return "–"
			}
			return together(percent(float64(n) / float64(of)))
		},
		"style":      func() template.CSS { return template.CSS(pageStyle) },
		"script":     func() template.JS { return template.JS(pageScript) },
		"scriptHash": scriptHash,
		"plain":      plainNumbers,
		"deref":      func(v *float64) float64 { return *v },
		"short":      func(s string) string { return s[:min(12, len(s))] },
		"kB":         func(n int64) string { return number(float64(n)/1000) + " kB" },
	}).Parse(pageText))
})

// renderPage makes report.html. shown is what is shown of doc.Triggers; nil for what cannot be.
func renderPage(doc Document, shown []*showing) ([]byte, error) {
	var buf bytes.Buffer
	p := newPage(doc, shown)
	err := pageTemplate().Execute(&buf, &p)
	return buf.Bytes(), err
}

// together keeps a number and its % on one line.
func together(s string) string { return strings.ReplaceAll(s, " %", "\u00a0%") }

// plainNumbers reports whether the numbers have neither intervals nor limits, and need no table.
func plainNumbers(numbers []gate.Number) bool {
	return len(numbers) > 0 && !slices.ContainsFunc(numbers, func(n gate.Number) bool {
		return n.Lower != nil || n.Upper != nil || n.Limit != nil
	})
}

// page is what the template shows.
type page struct {
	Document
	Word                         string // the verdict
	Date                         string
	Figures                      []figure
	Problems                     []checkView // what did not pass
	Passes                       []checkView
	Views                        []searchView
	Cards                        []triggerCard
	More                         int // triggers that are not shown
	Matrices                     []matrixView
	Powers                       []canaryView
	RateRows                     []rateView
	Floors                       []noiseView
	Shrunk                       *minimizedView
	Compared                     []comparisonView
	Groups                       []Cluster
	Weak                         string       // which passes rest on a search of low power; "" for none
	CheckFilters, TriggerFilters *filters     // nil where there is nothing to choose
	Legend                       []legendStep // of heat maps; nil where there is none
	MoreOf                       int          // clusters that are not shown
	Sections                     []section
}

type (
	section struct{ ID, Title string }
	// figure is a number for those who read nothing else.
	figure struct{ Value, Name, Note string }

	checkView struct {
		Check
		ID    string
		Word  string
		Power *powerView // of a pass that rests on a search
		Lead  string     // the first lines of the message
		Rest  string
	}
	searchView struct {
		Search
		Success, Distances *plot
		Skipped            int
	}
	triggerCard struct {
		Trigger
		showing
		Number                    int
		Title                     string
		Original, Compressed      answerView
		Truth, Measures, Mutation string
		TitleFrom, TitleTo        string // what both models say, where the title is from one to the other
		Right                     string // which model is, in a word or two
		WhoIsRight                string // the same as a sentence; "" where that is not known
		Sort, From, Group         string // the kind of deviation, where the trigger comes from, and its cluster
		FarBy, Gap                string // what it is sorted by
	}
	answerView struct {
		Role, Verb, Says string
		Mark             string // "original" or "compressed"
		Rows             []scoreRow
	}
	scoreRow struct {
		Name, Value string
		Width       float64 // of 100
		Mark        string  // "original" or "compressed": whose answer the label is
		Own         bool
	}
	matrixView struct {
		Flips
		Right, Changed int
		Columns        []string
		Rows           []matrixRow
		Pairs          []flipPair // where there are too many classes for a matrix
		PerClass       []classRow
		MoreClasses    int
	}
	matrixRow struct {
		Name  string
		Cells []matrixCell
	}
	matrixCell struct {
		N    int
		Heat int // 0 to 5
		Same bool
	}
	flipPair struct {
		From, To string
		N        int
	}
	classRow struct {
		Name string
		gate.ClassFlips
	}
	canaryView struct {
		Canary
		Plot *plot
	}
	rateView struct {
		Rate
		Strip strip
		Word  string
	}
	noiseView struct {
		Noise
		Causes []causeCount
		Rows   []gate.NoiseSetting
		More   int
	}
	causeCount struct {
		Cause gate.Cause
		N     int
	}
	minimizedView struct {
		Total  int
		L0, L2 [2]float64 // medians before and after
		SSIM   *[2]float64
		Rows   []Minimized
		More   int
	}
	comparisonView struct {
		Comparison
		Rows []gate.SeedChange
		More int
	}
)

var verdictWords = map[Verdict]string{Passed: "Passed", Failed: "Failed", Error: "Error", Undecided: "Undecided", Partial: "Partial"}

func newPage(doc Document, shown []*showing) page {
	p := page{Document: doc, Word: verdictWords[doc.Verdict]}
	if doc.Created != nil {
		p.Date = doc.Created.Format("2 January 2006, 15:04 UTC")
	}
	checks := slices.Clone(doc.Checks)
	slices.SortStableFunc(checks, func(a, b Check) int { return cmp.Compare(rank(a.Verdict), rank(b.Verdict)) })
	for i, c := range checks {
		v := checkView{Check: c, ID: "check-" + strconv.Itoa(i+1), Word: verdictWords[c.Verdict]}
		v.Lead, v.Rest = leadOf(c.Message)
		if c.Verdict == Passed {
			v.Power = doc.powerOf(c)
		}
		if c.Verdict == Passed {
			p.Passes = append(p.Passes, v)
		} else {
			p.Problems = append(p.Problems, v)
		}
	}
	for _, s := range doc.Searches {
		p.Views = append(p.Views, searchView{s, successPlot(s), distancePlot(s), s.Seeds - s.Usable})
	}
	for i, t := range doc.Triggers {
		card := p.newCard(i+1, t)
		if i < len(shown) && shown[i] != nil {
			card.showing = *shown[i]
		}
		p.Cards = append(p.Cards, card)
	}
	p.More = doc.TriggersFound - len(doc.Triggers)
	p.CheckFilters, p.TriggerFilters, p.Legend, p.Weak = p.checkFilters(), p.triggerFilters(), p.legend(), p.weak()
	for _, f := range doc.Flips {
		p.Matrices = append(p.Matrices, p.newMatrix(f))
	}
	for _, c := range doc.Canaries {
		p.Powers = append(p.Powers, canaryView{c, canaryPlot(c.Canary)})
	}
	for _, r := range doc.Rates {
		p.RateRows = append(p.RateRows, rateView{r, rateStrip(r.Rate), decisionWords[r.Decision]})
	}
	for _, n := range doc.Noise {
		p.Floors = append(p.Floors, newNoiseView(n))
	}
	p.Shrunk = newMinimizedView(doc.Minimized)
	for _, c := range doc.Comparisons {
		v := comparisonView{Comparison: c}
		v.Rows, v.More = atMost(c.Changes, mostRows)
		p.Compared = append(p.Compared, v)
	}
	p.Groups, p.MoreOf = atMost(doc.Clusters, mostRows)
	p.Figures = p.figures()
	p.Sections = p.sections()
	return p
}

var decisionWords = map[gate.Decision]string{
	gate.Below: "below the limit", gate.NotBelow: "not below the limit", gate.Undecided: "undecided",
}

// sections are what the page has, for its list of contents.
func (p *page) sections() []section {
	var all []section
	for _, s := range []struct {
		has       bool
		id, title string
	}{
		{len(p.Problems) > 0, "problems", p.ProblemsTitle()},
		{p.Run.Partial, "not-run", "What was not run"},
		{len(p.Passes) > 0, "passed", "What passed"},
		{len(p.Cards) > 0, "triggers", "Triggers"},
		{len(p.Groups) > 0, "clusters", "Clusters"},
		{p.Shrunk != nil, "minimised", "Minimised"},
		{len(p.RateRows) > 0, "rates", "Rates"},
		{len(p.Matrices) > 0, "flips", "Flips"},
		{len(p.Compared) > 0, "comparison", "Last release"},
		{len(p.Views) > 0, "search", "Search"},
		{len(p.Powers) > 0, "canary", "Power"},
		{len(p.Floors) > 0, "noise", "Noise floor"},
		{true, "provenance", "Provenance"},
	} {
		if s.has {
			all = append(all, section{s.id, s.title})
		}
	}
	return all
}

// ProblemsTitle is the title of what did not pass.
func (p *page) ProblemsTitle() string {
	if p.Counts.Failed > 0 {
		return "What failed, and why"
	}
	return "What is not decided, and why"
}

// figures are at most one number of each kind: the worst where there are several.
func (p *page) figures() []figure {
	all := []figure{{fmt.Sprintf("%d of %d", p.Counts.Passed, p.Counts.Total()+p.Counts.NotRun), "checks passed", ""}}
	if n := p.Counts.NotRun; n > 0 {
		all[0].Note = fmt.Sprintf("%d not run", n)
	} else if p.Run.Partial {
		all[0].Name = "checks that ran passed"
	}
	if worst := worstOf(having(p.Rates, func(r Rate) bool { return r.Drawn > 0 }), func(r Rate) float64 { return r.Upper }); worst != nil {
		estimate := percent(float64(worst.Deviations) / float64(worst.Drawn))
		name := "of inputs deviate; at most " + percent(worst.Upper) + ", with confidence " + percent(worst.Confidence)
		all = append(all, figure{together(estimate), together(name), together(limitNote(worst.Limit))})
	}
	if worst := worstOf(having(p.Flips, func(f Flips) bool { return f.Inputs > 0 }), func(f Flips) float64 { return f.Upper }); worst != nil {
		all = append(all, figure{
			number(float64(worst.RightToWrong)), "of " + report.Plural(worst.Inputs, "input") + " went from right to wrong",
			together(fmt.Sprintf("%s; at most %s, with confidence %s; and %d from wrong to right", percent(float64(worst.RightToWrong)/float64(worst.Inputs)),
				percent(worst.Upper), percent(worst.Confidence), worst.WrongToRight)),
		})
	}
	if worst := worstOf(having(p.Searches, func(s Search) bool { return s.Usable > 0 }), func(s Search) float64 { return s.SuccessRate }); worst != nil {
		within := "without a bound"
		if worst.Bound != "" {
			within = "within " + worst.Bound
		}
		all = append(all, figure{fmt.Sprintf("%d of %d", worst.Found, worst.Usable), "seeds have a trigger", within})
	}
	if worst := worstOf(p.Comparisons, func(c Comparison) float64 { return float64(c.Worse - c.Better) }); worst != nil {
		all = append(all, figure{fmt.Sprintf("%+d", worst.Worse-worst.Better), "seeds with a trigger, against the last release",
			fmt.Sprintf("%d worse, %d better", worst.Worse, worst.Better)})
	}
	if len(p.Canaries) > 0 {
		if f, ok := powerFigure(p.Canaries); ok {
			all = append(all, f)
		}
	}
	return all
}

// having are those of which there is something to say.
func having[T any](all []T, something func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(all), func(t T) bool { return !something(t) })
}

// inShort says what a search left out, in a sentence; "" when it left out nothing.
func (s Search) inShort() string {
	var left []string
	unfinished := 0
	for o := range s.seeds() {
		if o.Status == engine.NotSearched || o.Status == engine.Interrupted {
			unfinished++
		}
	}
	if s.Partial {
		left = append(left, "it ended early ("+string(s.Status)+")")
	}
	if unfinished > 0 {
		left = append(left, fmt.Sprintf("%s %s not searched to the end", report.Plural(unfinished, "seed"), map[bool]string{true: "was", false: "were"}[unfinished == 1]))
	}
	if s.Shard != nil {
		left = append(left, fmt.Sprintf("it is shard %d of %d, and says nothing about the seeds of the others", s.Shard.Number, s.Shard.Total))
	}
	if s.Error != "" {
		left = append(left, s.Error)
	}
	if len(left) == 0 {
		return ""
	}
	text := strings.Join(left, "; ")
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// InShort is what the search left out.
func (v searchView) InShort() string { return v.inShort() }

func limitNote(limit float64) string {
	if limit <= 0 {
		return ""
	}
	return "limit " + percent(limit)
}

// powerFigure is the detection rate of the smallest change that was tried.
func powerFigure(canaries []Canary) (figure, bool) {
	ok, smallest := smallestTrial(canaries)
	if !ok {
		return figure{}, false
	}
	return figure{
		percent(float64(smallest.Found) / float64(smallest.Seeds)), "of planted changes found by the same search",
		"the smallest: " + number(smallest.Size) + " of a weight's deviation",
	}, true
}

// smallestTrial is that of the smallest change, false where there is none.
func smallestTrial(canaries []Canary) (ok bool, smallest gate.CanaryTrial) {
	for _, c := range canaries {
		for _, t := range c.Trials {
			if t.Seeds > 0 && (!ok || t.Size < smallest.Size) {
				ok, smallest = true, t
			}
		}
	}
	return ok, smallest
}

func worstOf[T any](all []T, badness func(T) float64) *T {
	if len(all) == 0 {
		return nil
	}
	worst := 0
	for i := range all {
		if badness(all[i]) > badness(all[worst]) {
			worst = i
		}
	}
	return &all[worst]
}

func atMost[T any](all []T, n int) (shown []T, more int) {
	if len(all) <= n {
		return all, 0
	}
	return all[:n], len(all) - n
}

// leadOf splits a message into what everybody should read and the rest.
func leadOf(message string) (lead, rest string) {
	message = strings.TrimSpace(message)
	if before, after, ok := strings.Cut(message, "\n\n"); ok && strings.Count(before, "\n") < leadLines {
		return before, after
	}
	lines := strings.Split(message, "\n")
	if len(lines) <= leadLines+2 {
		return message, ""
	}
	return strings.Join(lines[:leadLines], "\n"), strings.Join(lines[leadLines:], "\n")
}

// DocumentFile is the name of the file that has the same as data.
func (p *page) DocumentFile() string { return p.FileName(DocumentFile) }

// FullPage is the name of the page of a full run.
func (p *page) FullPage() string { return PageFile }

// State is why a check was not run.
func (p *page) State(n NotRun) string { return n.inWords() }

// Shows reports whether the page shows the trigger.
func (p *page) Shows(id string) bool {
	return slices.ContainsFunc(p.Triggers, func(t Trigger) bool { return t.ID == id })
}

// Mixed reports whether the clusters are of several pairs.
func (p *page) Mixed() bool {
	return slices.ContainsFunc(p.Clusters, func(c Cluster) bool { return c.Pair != p.Clusters[0].Pair })
}

// Originals is what the original says of the triggers of a cluster.
func (p *page) Originals(c Cluster) string {
	if c.Kind == answer.NotFinite {
		return "any answer"
	}
	if c.Deviation.Group != "" {
		return "any answer"
	}
	return c.Told().From.In(p.namesOf(c.Pair))
}

// Compressed is what the compressed model says of the triggers of a cluster.
func (p *page) Compressed(c Cluster) string {
	if c.Deviation.Group != "" {
		return answer.Deviation{Group: c.Deviation.Group}.In(p.namesOf(c.Pair))
	}
	return c.Told().To.In(p.namesOf(c.Pair))
}

// TrueClass is the name of a seed's class, in what a check is about.
func (p *page) TrueClass(about string, label int) string {
	return trueClass(p.namesAbout(about), label)
}

func trueClass(names []string, label int) string {
	if label == input.Unlabelled {
		return "unknown"
	}
	return answer.ClassName(names, label)
}

func (p *page) newCard(n int, t Trigger) triggerCard {
	names := p.namesOf(t.Pair)
	card := triggerCard{Trigger: t, Number: n}
	told := answer.Labels{OriginalLabel: t.Original.Label, CompressedLabel: t.Compressed.Label, Deviation: t.Deviation}.Told()
	if card.Title = told.In(names); told.OfLabels() || t.SeedLabel != input.Unlabelled {
		card.Truth = trueClass(names, t.SeedLabel)
	}
	if from, to, ok := strings.Cut(card.Title, " → "); ok && told.In(nil) != told.Group {
		card.TitleFrom, card.TitleTo = from, to
	}
	card.classify(p, told, names)
	card.Original = newAnswerView("Original", names, t, t.Original)
	card.Compressed = newAnswerView("Compressed", names, t, t.Compressed)
	var measures []string
	switch t.Origin {
	case FromDraw:
		measures = append(measures, fmt.Sprintf("draw %d", t.Queries))
	case FromSearch:
		measures = append(measures, report.Plural(t.Queries, "query"))
	}
	if len(t.Causes) > 0 {
		measures = append(measures, "caused by "+report.CauseNames(t.Causes, "and"))
	}
	switch {
	case t.Distance.L0 == 0:
		measures = append(measures, "the seed itself, unchanged")
	case t.Far != "":
		measures = append(measures, t.Far)
	default:
		if m, ok := t.Distance.Alike(); ok {
			measures = append(measures, fmt.Sprintf("%s %.3f", m.Measure, m.Value))
		}
		measures = append(measures, "L2 "+number(t.Distance.L2), "L∞ "+number(t.Distance.LInf))
	}
	card.Measures = strings.Join(measures, " · ")
	card.Mutation = report.HistoryInWords(t.History, mostStepsText)
	return card
}

func newAnswerView(role string, names []string, t Trigger, a Answer) answerView {
	v := answerView{Role: role, Verb: "says", Mark: strings.ToLower(role), Says: answer.Said{Label: a.Label, Words: a.Says}.In(names)}
	if a.NotFinite != "" {
		v.Verb, v.Says = "gives", a.NotFinite
	}
	probabilities := true
	least, greatest := 0.0, 0.0
	for i, s := range a.Top {
		probabilities = probabilities && s.Score >= 0 && s.Score <= 1
		if i == 0 {
			greatest = s.Score
		}
		least = s.Score
	}
	for _, s := range a.Top {
		row := scoreRow{Name: answer.ClassName(names, s.Label), Value: number(s.Score), Own: s.Label == a.Label}
		if probabilities {
			row.Value, row.Width = scoreInWords(s.Score), round1(100*s.Score)
		} else if greatest > least {
			row.Width = round1(5 + 95*(s.Score-least)/(greatest-least))
		}
		switch s.Label {
		case t.Original.Label:
			row.Mark = "original"
		case t.Compressed.Label:
			row.Mark = "compressed"
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

// ToldBelow reports whether what was changed is told in words, as no table or text shows it.
func (c triggerCard) ToldBelow() bool { return len(c.Tables)+len(c.Texts) == 0 }

// Judged reports whether the oracle is told: where both models do not simply say another class.
func (c triggerCard) Judged() bool {
	return c.Oracle != "" && (c.Trigger.Original.Says != "" || c.Trigger.Compressed.Says != "")
}

// scoreInWords writes a probability so that those of a chart stand below each other.
func scoreInWords(p float64) string {
	if p > 0 && p < 0.0005 {
		return "< 0.1 %"
	}
	return fmt.Sprintf("%.1f %%", 100*p)
}

func (p *page) newMatrix(f Flips) matrixView {
	v := matrixView{Flips: f}
	names := p.namesAbout(f.About)
	class := func(label int) string { return answer.ClassName(names, label) }
	v.Right = f.BothRight + f.WrongToRight
	v.Changed = f.RightToWrong + f.WrongToRight + f.WrongToOther
	most := 0
	var pairs []flipPair
	for i, row := range f.Matrix {
		for j, n := range row {
			if i != j && n > 0 {
				most = max(most, n)
				pairs = append(pairs, flipPair{class(i), class(j), n})
			}
		}
	}
	if len(f.Matrix) <= mostClasses {
		for i, row := range f.Matrix {
			v.Columns = append(v.Columns, class(i))
			r := matrixRow{Name: class(i)}
			for j, n := range row {
				cell := matrixCell{N: n, Same: i == j}
				if i != j && n > 0 {
					cell.Heat = 1 + 4*(n-1)/max(1, most-1)
				}
				r.Cells = append(r.Cells, cell)
			}
			v.Rows = append(v.Rows, r)
		}
	} else {
		sort.SliceStable(pairs, func(a, b int) bool { return pairs[a].N > pairs[b].N })
		v.Pairs, _ = atMost(pairs, mostRows)
	}
	classes := slices.Clone(f.Classes)
	if len(classes) > mostRows {
		slices.SortStableFunc(classes, func(a, b gate.ClassFlips) int { return b.RightToWrong - a.RightToWrong })
	}
	classes, v.MoreClasses = atMost(classes, mostRows)
	for _, c := range classes {
		v.PerClass = append(v.PerClass, classRow{class(c.Label), c})
	}
	return v
}

func newNoiseView(n Noise) noiseView {
	v := noiseView{Noise: n}
	v.Rows, v.More = atMost(n.Settings, mostRows)
	counts := map[gate.Cause]int{}
	for _, t := range n.Triggers {
		counts[t.Cause]++
	}
	for _, cause := range slices.Sorted(maps.Keys(counts)) {
		v.Causes = append(v.Causes, causeCount{cause, counts[cause]})
	}
	return v
}

func newMinimizedView(all []Minimized) *minimizedView {
	if len(all) == 0 {
		return nil
	}
	v := &minimizedView{Total: len(all)}
	var l0, l2, ssim [2][]float64
	for _, m := range all {
		for i, d := range []distance.Distance{m.Before, m.After} {
			l0[i], l2[i] = append(l0[i], float64(d.L0)), append(l2[i], d.L2)
			if d.SSIM != nil {
				ssim[i] = append(ssim[i], *d.SSIM)
			}
		}
	}
	for i := range 2 {
		v.L0[i], v.L2[i] = stats.Median(l0[i]), stats.Median(l2[i])
	}
	if len(ssim[0]) > 0 && len(ssim[1]) > 0 {
		v.SSIM = &[2]float64{stats.Median(ssim[0]), stats.Median(ssim[1])}
	}
	v.Rows, v.More = atMost(all, mostRows)
	return v
}
