package dossier

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
)

// Check is one sentence that the release has to stand up to. Its evidence goes into the sections of the
// document.
type Check = gate.Check

// Verdict is what a check, or all of them, came to.
type Verdict = gate.Verdict

// The verdicts.
const (
	Passed    = gate.CheckPassed
	Failed    = gate.CheckFailed
	Error     = gate.CheckError
	Undecided = gate.CheckUndecided
)

// DefaultTriggers is the most triggers that a document shows, unless [Options] say otherwise.
const DefaultTriggers = 100

// Options are what the checks do not know. The zero value is valid.
type Options struct {
	// ClassNames are the names of the classes, by label. A class without one is "class 7". The default are the names
	// that the checks and searches of each pair know, such as those of class folders, where all of these know the same.
	ClassNames []string
	// Triggers is the most triggers shown, with their pictures. 0 means [DefaultTriggers]; below 0, none.
	Triggers int
	// Settings are options of the suite that a reader should know, such as "seeds" or "mode", by name.
	Settings map[string]string
	// Versions are added to those of Go, of this module and of the system, such as "dataset" or "commit".
	Versions map[string]string
	// Replay is the command that runs the checks again, such as "go test -run TestRelease ./models".
	Replay string
	// Created is the date of the document. The default is when the latest search started.
	Created time.Time
}

// Dossier collects what checks say. Its methods may be called concurrently. Reports and triggers given to it
// are not copied: they must not change until it is written.
//
// # What a verdict says
//
// One failed check fails the release. Without one, an error or an undecided check leaves it undecided:
// only checks that all were carried out and all passed make it pass, and at least one there must be. A run that left out
// checks does not pass but is [Partial], and its files lie beside those of the last full run under other
// names; see [Dossier.Write].
// A pass says that these checks found no reason against the release; it is no proof that there is none.
//
// # What can be relied on
//
// Equal checks give equal files, whatever the order in which they were recorded, apart from the times
// that search reports carry. Names of classes, files and seeds may hold anything: in none of the files do they become markup.
// A number that is not finite makes its section an error of its own in the document, never a wrong
// number. Pictures are of a bounded number and size; what is left out is counted.
type Dossier struct {
	release string
	options Options

	mu         sync.Mutex
	recorded   recorded
	declared   []*declared
	ran        *Run // what somebody who knows the suite tells; nil for nobody
	incomplete []string
	begun      string        // the folder of Begin, until Write
	before     []report.File // what a partial run had left there
	writing    sync.Mutex
}

// recorded is all that was told.
type recorded struct {
	checks      []Check
	pairs       []Pair
	searches    []searched
	triggers    []shown
	clusters    []Cluster
	minimized   []Minimized
	rates       []Rate
	flips       []Flips
	comparisons []Comparison
	canaries    []Canary
	noise       []Noise
	classNames  []pairNames // of checks and searches
	replays     []replay
}

// pairNames are names of classes that a check or a search of a pair knows.
type pairNames struct {
	Pair  string
	Names []string
}

// replay is the command that gives a trigger alone to both models again.
type replay struct{ Pair, ID, Command string }

// replayOf is that of a trigger, whatever the order of the checks; "" where none knows one.
func (r *recorded) replayOf(pair, id string) (command string) {
	for _, known := range r.replays {
		if known.Pair == pair && known.ID == id && (command == "" || known.Command < command) {
			command = known.Command
		}
	}
	return command
}

type searched struct {
	about  string
	report *engine.Report
}

// shown is a trigger, the pair that it is about, and where it comes from.
type shown struct {
	pair    string
	origin  Origin
	oracle  string // that judged it; "" where that is not known
	trigger *engine.Trigger
}

// New begins the dossier of a release, such as "lenet5-int8 2.1".
func New(release string, o Options) *Dossier {
	return &Dossier{release: release, options: o}
}

func (d *Dossier) add(change func(*recorded)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change(&d.recorded)
}

// Check records a check and its evidence. A verdict that is none of the four becomes [Error].
func (d *Dossier) Check(c Check) {
	c.Numbers = slices.Clone(c.Numbers)
	if !known(c.Verdict) {
		c.Message = "verdict " + quoted(string(c.Verdict)) + `: expected "passed", "failed", "error" or "undecided"`
		c.Verdict = Error
	}
	e := c.Evidence
	c.Evidence = gate.CheckEvidence{}
	d.add(func(r *recorded) {
		r.checks = append(r.checks, c)
		if e.Models != nil {
			r.pairs = append(r.pairs, newPair(e.Models.Name(), e.Models))
		}
		r.show(c.Pair, FromElsewhere, "", e.Triggers)
		r.search(c.Name, e.Search)
		r.minimized = append(r.minimized, e.Minimized...)
		r.name(c.Pair, e.ClassNames)
		for id, command := range e.Replays {
			r.replays = append(r.replays, replay{c.Pair, id, command})
		}
		if e.Rate != nil {
			r.rates = append(r.rates, Rate{c.Name, *e.Rate})
			r.show(c.Pair, FromDraw, e.Rate.Oracle, e.Rate.Examples)
		}
		if e.Flips != nil {
			r.flips = append(r.flips, Flips{c.Name, *e.Flips})
			r.show(c.Pair, FromFlips, "", e.Flips.Examples)
		}
		if e.Comparison != nil {
			r.comparisons = append(r.comparisons, Comparison{c.Name, *e.Comparison})
		}
		if e.Canary != nil {
			r.canaries = append(r.canaries, Canary{c.Name, *e.Canary})
		}
		if e.Noise != nil {
			r.noise = append(r.noise, Noise{c.Name, *e.Noise})
		}
	})
	_ = d.writeUnended() // Write tells of a folder that cannot be written
}

// Search records a search, its models and its triggers; nil is ignored. A search that belongs to a check
// is recorded with it, as its evidence.
func (d *Dossier) Search(r *engine.Report) {
	d.add(func(all *recorded) { all.search("", r) })
}

func (r *recorded) search(about string, s *engine.Report) {
	if s == nil {
		return
	}
	r.searches = append(r.searches, searched{about, s})
	r.pairs = append(r.pairs, describedPair(s.Pair, s.Original, s.Compressed))
	r.show(s.Pair, FromSearch, s.Oracle, s.Triggers())
	r.name(s.Pair, s.ClassNames)
}

func (r *recorded) name(pair string, classes []string) {
	if classes != nil {
		r.classNames = append(r.classNames, pairNames{pair, classes})
	}
}

// namesOf are the class names of a pair that all know who know some; nil where they differ.
func (r *recorded) namesOf(pair string) (names []string) {
	for _, n := range r.classNames {
		switch {
		case n.Pair != pair:
		case names == nil:
			names = n.Names
		case !slices.Equal(names, n.Names):
			return nil
		}
	}
	return names
}

// agreed are the class names that all know; nil where they differ, as those of different pairs may.
func (r *recorded) agreed() []string {
	for _, n := range r.classNames {
		if !slices.Equal(n.Names, r.classNames[0].Names) {
			return nil
		}
	}
	if r.classNames == nil {
		return nil
	}
	return r.classNames[0].Names
}

func (r *recorded) show(pair string, origin Origin, oracle string, triggers []*engine.Trigger) {
	for _, t := range triggers {
		if t != nil {
			r.triggers = append(r.triggers, shown{pair, origin, cmp.Or(t.Oracle, oracle), t})
		}
	}
}

// Triggers records triggers that no search here found, such as replayed ones. nil is ignored.
func (d *Dossier) Triggers(pair string, triggers ...*engine.Trigger) {
	d.add(func(r *recorded) { r.show(pair, FromElsewhere, "", triggers) })
}

// Models records the models of a pair that no search here is about.
func (d *Dossier) Models(pair *model.Pair) {
	if pair == nil {
		return
	}
	d.add(func(r *recorded) { r.pairs = append(r.pairs, newPair(pair.Name(), pair)) })
}

// Rate records a rate and its examples, with a few words on what it is about.
func (d *Dossier) Rate(about string, rate gate.Rate) {
	d.add(func(r *recorded) {
		r.rates = append(r.rates, Rate{about, rate})
		r.show("", FromDraw, rate.Oracle, rate.Examples)
	})
}

// Flips records flips and their examples, with a few words on what they are about, such as the data set.
func (d *Dossier) Flips(about string, flips gate.Flips) {
	d.add(func(r *recorded) {
		r.flips = append(r.flips, Flips{about, flips})
		r.show("", FromFlips, "", flips.Examples)
	})
}

// Compare records a comparison with an earlier release.
func (d *Dossier) Compare(about string, c gate.Comparison) {
	d.add(func(r *recorded) { r.comparisons = append(r.comparisons, Comparison{about, c}) })
}

// Canary records the power of a search.
func (d *Dossier) Canary(about string, c gate.Canary) {
	d.add(func(r *recorded) { r.canaries = append(r.canaries, Canary{about, c}) })
}

// Noise records a noise floor. Its triggers' causes are shown with the triggers.
func (d *Dossier) Noise(about string, n gate.Noise) {
	d.add(func(r *recorded) { r.noise = append(r.noise, Noise{about, n}) })
}

// Clusters records groups of triggers, in place of those that package triage makes of all triggers. Their exemplars are
// shown first.
func (d *Dossier) Clusters(clusters ...Cluster) {
	d.add(func(r *recorded) { r.clusters = append(r.clusters, clusters...) })
}

// Minimized records triggers that were minimised.
func (d *Dossier) Minimized(minimized ...Minimized) {
	d.add(func(r *recorded) { r.minimized = append(r.minimized, minimized...) })
}

// Checks are those that were recorded so far, in the order in which they were.
func (d *Dossier) Checks() []Check {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.recorded.checks)
}

// snapshot is what was recorded so far.
func (d *Dossier) snapshot() recorded {
	d.mu.Lock()
	defer d.mu.Unlock()
	r := d.recorded
	r.checks, r.pairs, r.searches = slices.Clone(r.checks), slices.Clone(r.pairs), slices.Clone(r.searches)
	r.triggers, r.clusters, r.minimized = slices.Clone(r.triggers), slices.Clone(r.clusters), slices.Clone(r.minimized)
	r.rates, r.flips, r.comparisons = slices.Clone(r.rates), slices.Clone(r.flips), slices.Clone(r.comparisons)
	r.canaries, r.noise, r.classNames = slices.Clone(r.canaries), slices.Clone(r.noise), slices.Clone(r.classNames)
	r.replays = slices.Clone(r.replays)
	return r
}
