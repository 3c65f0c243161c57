package dossier

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/report"
)

// This file is what the page offers to find one's way: filters, an order, the legend of heat maps, and how much a pass is worth.

type (
	// filters are the bar above a list.
	filters struct {
		Items, Noun string // a selector of what is filtered, and what that is called
		Choices     []choice
		Orders      []order
	}
	choice struct {
		Name, Key string // Key is a data attribute of the items
		Options   []option
	}
	option struct {
		Value string
		N     int
	}
	order struct{ Name, Key string }

	legendStep struct{ Name, Colour string }

	// powerView is how often the search of a check found a change that was known to be there.
	powerView struct{ Level, Says string }
)

// newChoice is a choice among values; false where all are the same.
func newChoice(name, key string, values []string) (choice, bool) {
	counts := map[string]int{}
	for _, v := range values {
		counts[v]++
	}
	c := choice{Name: name, Key: key}
	for v, n := range counts {
		if v != "" {
			c.Options = append(c.Options, option{v, n})
		}
	}
	slices.SortFunc(c.Options, func(a, b option) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Value, b.Value)) })
	return c, len(counts) > 1
}

// offer is the choices that there are.
func (f *filters) offer(name, key string, values []string) {
	if c, ok := newChoice(name, key, values); ok {
		f.Choices = append(f.Choices, c)
	}
}

func (p *page) checkFilters() *filters {
	checks := slices.Concat(p.Problems, p.Passes)
	if len(checks) < 2 {
		return nil
	}
	var verdicts, pairs []string
	for _, c := range checks {
		verdicts, pairs = append(verdicts, c.Word), append(pairs, c.Pair)
	}
	f := &filters{Items: ".check", Noun: "check"}
	f.offer("Verdict", "verdict", verdicts)
	f.offer("Pair", "pair", pairs)
	return f
}

func (p *page) triggerFilters() *filters {
	if len(p.Cards) < 2 {
		return nil
	}
	values := map[string][]string{}
	for _, c := range p.Cards {
		for key, v := range map[string]string{"right": c.Right, "classes": c.Title, "cluster": c.Group, "kind": c.Sort, "origin": c.From, "pair": c.Trigger.Pair} {
			values[key] = append(values[key], v)
		}
	}
	f := &filters{Items: ".cards .card", Noun: "trigger", Orders: []order{{"nearest to the seed", "far"}, {"fewest queries", "queries"}, {"surest disagreement", "gap"}}}
	for _, c := range []choice{{Name: "Who is right", Key: "right"}, {Name: "Original → compressed", Key: "classes"}, {Name: "Cluster", Key: "cluster"},
		{Name: "Kind", Key: "kind"}, {Name: "From", Key: "origin"}, {Name: "Pair", Key: "pair"}} {
		f.offer(c.Name, c.Key, values[c.Key])
	}
	return f
}

// classify says by what the card is found among others.
func (c *triggerCard) classify(p *page, told answer.Deviation, names []string) {
	t := c.Trigger
	switch {
	case t.Kind == answer.NotFinite:
		c.Sort = "not finite"
	case t.Distance.L0 == 0:
		c.Sort = "the seed itself"
	case !told.OfLabels() && told.Group != "":
		c.Sort = answer.Deviation{Group: told.Group}.In(names)
	default:
		c.Sort = "another answer"
	}
	c.From = map[Origin]string{FromSearch: "search", FromDraw: "draws", FromFlips: "labelled inputs", FromElsewhere: "saved triggers"}[t.Origin]
	for _, g := range p.Clusters {
		if g.Exemplar == cmp.Or(t.Cluster, t.ID) && (g.Pair == "" || g.Pair == t.Pair) {
			c.Group = p.Originals(g) + " → " + p.Compressed(g)
			if g.Family != "" {
				c.Group += " by " + g.Family
			}
			c.Group += " (" + g.Exemplar[:min(6, len(g.Exemplar))] + ")"
			break
		}
	}
	far := t.Distance.L2
	if m, ok := t.Distance.Alike(); ok {
		far = 1 - m.Value
	}
	c.FarBy = strconv.FormatFloat(far, 'g', 4, 64)
	if len(t.Original.Top) > 0 && len(t.Compressed.Top) > 0 { // the surest first
		c.Gap = strconv.FormatFloat(-min(t.Original.Top[0].Score, t.Compressed.Top[0].Score), 'g', 4, 64)
	}
	c.Right, c.WhoIsRight = whoIsRight(t, told, names)
}

// whoIsRight says which model gives the true class of the seed, in short and in a sentence; the latter is empty where there is no class to
// hold the answers against.
func whoIsRight(t Trigger, told answer.Deviation, names []string) (short, sentence string) {
	if t.SeedLabel == input.Unlabelled || !told.OfLabels() || t.Original.Label == answer.NoLabel {
		return "not known", ""
	}
	truth := answer.ClassName(names, t.SeedLabel)
	switch original, compressed := t.Original.Label == t.SeedLabel, t.Compressed.Label == t.SeedLabel; {
	case original && compressed:
		return "both", "Both models are right: the seed is " + truth + "."
	case original:
		return "the original", "The original is right: the seed is " + truth + "."
	case compressed:
		return "the compressed model", "The compressed model is right: the seed is " + truth + "."
	}
	return "neither", "Neither is right: the seed is " + truth + "."
}

// legend is that of heat maps, where a card has one.
func (p *page) legend() (steps []legendStep) {
	if !slices.ContainsFunc(p.Cards, func(c triggerCard) bool { return c.Heat }) {
		return nil
	}
	scale := report.HeatScale()
	for _, change := range []float64{0, 1, 4, 16, 64, 255} {
		at := scale[0]
		for _, s := range scale[1:] {
			if change >= s.Least {
				at = s
			}
		}
		steps = append(steps, legendStep{strconv.Itoa(int(change)), fmt.Sprintf("#%02x%02x%02x", at.Colour.R, at.Colour.G, at.Colour.B)})
	}
	return steps
}

// Levels of power, by the share of planted changes that a search finds: what is usual where studies are planned.
const (
	enoughPower = 0.8
	littlePower = 0.5
)

// powerOf is the power of the search that a check rests on; nil for a check without one.
func (doc *Document) powerOf(c Check) *powerView {
	for _, canary := range doc.Canaries {
		if canary.About != c.Name {
			continue
		}
		if f, t := smallestTrial([]Canary{canary}); f {
			share := float64(t.Found) / float64(t.Seeds)
			v := &powerView{"enough", fmt.Sprintf("power %s: found %d of %d planted changes", together(percent(share)), t.Found, t.Seeds)}
			switch {
			case share < littlePower:
				v.Level, v.Says = "low", "low "+v.Says
			case share < enoughPower:
				v.Level, v.Says = "moderate", "moderate "+v.Says
			}
			return v
		}
	}
	for _, s := range doc.Searches {
		if s.About == c.Name && (c.Pair == "" || s.Pair == c.Pair) {
			return &powerView{"unknown", "power not measured"}
		}
	}
	return nil
}

// weak tells which passes rest on a search that misses most of what is known to be there; "" for none.
func (p *page) weak() string {
	var names []string
	for _, c := range p.Passes {
		if c.Power != nil && c.Power.Level == "low" {
			names = append(names, c.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf("%s %s passed by a search that misses more than half of the changes planted for it: %s.", report.Plural(len(names), "check"), map[bool]string{true: "was", false: "were"}[len(names) == 1],
		strings.Join(names, "; "))
}
