package dossier

import (
	"cmp"
	"encoding/json"
	"maps"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
)

const module = "github.com/triggerfinder/triggerfinder"

// Document is what was recorded so far.
func (d *Dossier) Document() Document {
	doc, _ := d.assemble(nil, newSearch)
	return doc
}

// assemble makes the document, and lists the triggers that it shows with their inputs. earlier are the checks of the last
// full report; nil for none. search makes what the document has of a search.
func (d *Dossier) assemble(earlier []Check, search func(about string, r *engine.Report) Search) (Document, []*engine.Trigger) {
	r, o := d.snapshot(), d.options
	doc := Document{
		Schema: SchemaFile, Format: Format, Version: Version, Release: d.release,
		ClassNames: slices.Clone(o.ClassNames), Options: maps.Clone(o.Settings), Versions: versions(o.Versions), Replay: o.Replay,
	}
	if doc.ClassNames == nil {
		doc.ClassNames = slices.Clone(r.agreed())
	}
	var broken []Check
	for i := range r.checks {
		r.checks[i].Numbers = keepFinite(r.checks[i].Numbers,
			func(n gate.Number) string { return r.checks[i].Name + ", " + n.Name }, &broken)
	}
	doc.Rates = keepFinite(r.rates, func(v Rate) string { return named("rate", v.About) }, &broken)
	doc.Flips = keepFinite(r.flips, func(v Flips) string { return named("flips", v.About) }, &broken)
	for i := range r.comparisons {
		if file := r.comparisons[i].Evidence; filepath.IsAbs(file) {
			r.comparisons[i].Evidence = filepath.Base(file) // where it lies on this machine is nobody else's concern
		}
	}
	doc.Comparisons = keepFinite(r.comparisons, func(v Comparison) string { return named("comparison", v.About) }, &broken)
	doc.Canaries = keepFinite(r.canaries, func(v Canary) string { return named("canary", v.About) }, &broken)
	doc.Noise = keepFinite(r.noise, func(v Noise) string { return named("noise floor", v.About) }, &broken)
	doc.Minimized = keepFinite(r.minimized, func(v Minimized) string { return named("minimised trigger", v.ID) }, &broken)
	for _, s := range r.searches {
		doc.Searches = append(doc.Searches, search(s.about, s.report))
		if started := s.report.Timing.Started; doc.Created == nil || started.After(*doc.Created) {
			doc.Created = &started
		}
	}
	if doc.Created != nil && doc.Created.IsZero() {
		doc.Created = nil
	}
	if !o.Created.IsZero() {
		doc.Created = &o.Created
	}
	if doc.Created != nil {
		created := doc.Created.UTC().Truncate(time.Second)
		doc.Created = &created
	}
	doc.Pairs = distinctPairs(r.pairs)
	if doc.ClassNames == nil {
		for i := range doc.Pairs {
			doc.Pairs[i].ClassNames = slices.Clone(r.namesOf(doc.Pairs[i].Name))
		}
	}
	inOrder(doc.Rates)
	inOrder(doc.Flips)
	inOrder(doc.Comparisons)
	inOrder(doc.Canaries)
	inOrder(doc.Noise)
	inOrder(doc.Searches)
	all := distinctTriggers(r.triggers)
	doc.TriggersFound = len(all)
	for _, s := range all {
		if s.trigger.Kind == answer.NotFinite {
			doc.NotFinite++
		}
	}
	var members map[[2]string]string
	if doc.Clusters = r.clusters; len(doc.Clusters) == 0 {
		doc.Clusters, members = clustersOf(all)
	}
	slices.SortStableFunc(doc.Clusters, func(a, b Cluster) int {
		return cmp.Or(-strings.Compare(string(a.Kind), string(b.Kind)), -cmp.Compare(a.Count, b.Count), cmp.Compare(a.OriginalLabel, b.OriginalLabel),
			cmp.Compare(a.CompressedLabel, b.CompressedLabel), strings.Compare(a.Deviation.In(nil), b.Deviation.In(nil)), strings.Compare(a.Pair, b.Pair), strings.Compare(a.Family, b.Family), strings.Compare(a.Exemplar, b.Exemplar))
	})
	slices.SortStableFunc(doc.Minimized, func(a, b Minimized) int {
		return cmp.Or(strings.Compare(a.ID, b.ID), cmp.Compare(a.Before.L2, b.Before.L2))
	})

	most := o.Triggers
	if most == 0 {
		most = DefaultTriggers
	}
	inputs := make(map[[2]string]*engine.Trigger) // by pair and ID
	causes := causesOf(doc.Noise)
	var triggers []Trigger
	for _, t := range choose(all, doc.Clusters, max(most, 0)) {
		shown := newTrigger(t, causes)
		shown.Cluster = members[[2]string{t.pair, t.trigger.ID}]
		shown.Replay = r.replayOf(t.pair, t.trigger.ID)
		triggers = append(triggers, shown)
		inputs[[2]string{t.pair, t.trigger.ID}] = t.trigger
	}
	doc.Triggers = keepFinite(triggers, func(t Trigger) string { return named("trigger", t.ID) }, &broken)
	shownInputs := make([]*engine.Trigger, len(doc.Triggers))
	for i, t := range doc.Triggers {
		shownInputs[i] = inputs[[2]string{t.Pair, t.ID}]
	}

	doc.Checks = slices.Concat(r.checks, broken)
	slices.SortStableFunc(doc.Checks, func(a, b Check) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Pair, b.Pair), strings.Compare(a.Sentence, b.Sentence),
			cmp.Compare(rank(a.Verdict), rank(b.Verdict)), strings.Compare(a.Message, b.Message))
	})
	if doc.Checks == nil {
		doc.Checks = []Check{}
	}
	doc.Run = d.completeness(r.checks, earlier, missingShards(r.searches))
	doc.Counts = countsOf(doc.Checks)
	doc.Counts.NotRun = len(doc.Run.NotRun)
	doc.Verdict, doc.Headline = doc.Counts.verdict(doc.Run.Partial), doc.headline()
	return doc, shownInputs
}

func named(what, name string) string {
	if name == "" {
		return what
	}
	return what + " " + quoted(name)
}

// inOrder makes the order of a section that of its content: goroutines record in any order.
func inOrder[T any](items []T) {
	if len(items) < 2 {
		return
	}
	keys := make(map[int]string, len(items))
	order := make([]int, len(items))
	for i, item := range items {
		key, err := json.Marshal(item) // begins with what it is about
		if err != nil {
			return // cannot happen: all numbers are finite
		}
		order[i], keys[i] = i, string(key)
	}
	slices.SortStableFunc(order, func(a, b int) int { return strings.Compare(keys[a], keys[b]) })
	sorted := make([]T, len(items))
	for i, from := range order {
		sorted[i] = items[from]
	}
	copy(items, sorted)
}

func newSearch(about string, r *engine.Report) Search {
	return described(r, Search{About: about, SearchResult: report.ResultOf(r, nil)})
}

// newSearchOf is newSearch for the page alone, which looks at one seed after the other.
func newSearchOf(about string, r *engine.Report) Search {
	return described(r, Search{About: about, SearchResult: report.ResultWithoutSeeds(r), of: r})
}

func described(r *engine.Report, s Search) Search {
	s.Options = map[string]any{"random_seed": r.RandomSeed, "budget": r.Budget, "aim": r.Aim}
	if r.StopAfter > 0 {
		s.Options["stop_after"] = r.StopAfter
	}
	s.Models.Original, s.Models.Compressed = portable(r.Original), portable(r.Compressed)
	return s
}

// portable leaves out where a model lies on this machine.
func portable(d model.Description) model.Description {
	if d.File != "" {
		d.File = filepath.Base(d.File)
	}
	return d
}

func newPair(name string, p *model.Pair) Pair {
	original, compressed := p.Describe()
	return describedPair(name, original, compressed)
}

func describedPair(name string, original, compressed model.Description) Pair {
	return Pair{Name: name, Original: portable(original), Compressed: portable(compressed)}
}

// distinctPairs lists each pair once. The same name with other files is another pair.
func distinctPairs(pairs []Pair) []Pair {
	key := func(p Pair) string {
		return strings.Join([]string{p.Name, p.Original.Name, p.Original.SHA256, p.Compressed.Name, p.Compressed.SHA256}, "\n")
	}
	slices.SortStableFunc(pairs, func(a, b Pair) int { return strings.Compare(key(a), key(b)) })
	pairs = slices.CompactFunc(pairs, func(a, b Pair) bool { return key(a) == key(b) })
	if pairs == nil {
		return []Pair{}
	}
	return pairs
}

// versions are those of what wrote the document. Those of the runtime stand with the models.
func versions(more map[string]string) map[string]string {
	all := map[string]string{"go": runtime.Version(), "system": runtime.GOOS + "/" + runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		if v := moduleVersion(info); v != "" {
			all["triggerfinder"] = v
		}
		for _, s := range info.Settings {
			if s.Key == "GOAMD64" && s.Value != "" {
				all["goamd64"] = s.Value
			}
		}
	}
	for name, version := range more {
		all[name] = version
	}
	return all
}

func moduleVersion(info *debug.BuildInfo) string {
	if info.Main.Path == module {
		return info.Main.Version
	}
	for _, d := range info.Deps {
		if d.Path == module {
			return d.Version
		}
	}
	return ""
}

func causesOf(noise []Noise) map[string]gate.Cause {
	causes := map[string]gate.Cause{}
	for _, n := range noise {
		for _, t := range n.Triggers {
			causes[t.ID] = t.Cause
		}
	}
	return causes
}
