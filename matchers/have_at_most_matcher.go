package matchers

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/onsi/gomega/types"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/triage"
)

// HaveAtMost begins a gate on how many different deviations a pair has. A search finds a trigger for nearly every
// seed, where the deviations that they show are few; see package triage for which are the same.
//
//	Expect(pair).To(HaveAtMost(3).DistinctDeviationsFrom(seeds))
//	Expect(pair).To(HaveAtMost(3).DistinctDeviationsFoundBy(HaveDeviationFrom(seeds).Within(distance.LInf(8))))
func HaveAtMost(n int) AtMost { return AtMost{n: n} }

// AtMost is the beginning of a gate; see [HaveAtMost].
type AtMost struct{ n int }

// DistinctDeviationsFrom counts what [HaveDeviationFrom] finds from the seeds with its defaults.
func (a AtMost) DistinctDeviationsFrom(seeds input.Seeds) *DistinctDeviationsMatcher {
	return a.DistinctDeviationsFoundBy(HaveDeviationFrom(seeds))
}

// DistinctDeviationsFoundBy counts what a search finds. Saved triggers that still deviate are counted too, unless the
// search is WithoutReplay. Unlike with HaveDeviationFrom itself, the search is made all the same. What the search is
// RecordedIn records this gate, in place of the search's own.
func (a AtMost) DistinctDeviationsFoundBy(search *HaveDeviationMatcher) *DistinctDeviationsMatcher {
	m := &DistinctDeviationsMatcher{most: a.n, search: search}
	if search != nil {
		m.recording = search.recording
	}
	return m
}

// DistinctDeviationsMatcher is the matcher of [HaveAtMost]. It fails as soon as there are more deviations than
// that. It passes only when every seed was searched: few deviations from a search that was cancelled, that was
// to stop after some triggers, that was one shard, or that did not come to all seeds are undecided, which is an error.
// Saved triggers are not replayed and do not count, unless the search has [HaveDeviationMatcher.WithReplay].
// Triggers that a waiver accepts (see [HaveDeviationMatcher.WithWaivers]) are not counted.
type DistinctDeviationsMatcher struct {
	repeatable

	most      int
	search    *HaveDeviationMatcher
	recording recording

	found    findings
	clusters []triage.Cluster
	saved    int // triggers that are counted because they still deviate, not because they were found
}

var _ types.GomegaMatcher = (*DistinctDeviationsMatcher)(nil)

// RecordedIn records in r, such as a *dossier.Dossier, what the matcher finds: a check that passes when there are no
// more deviations than that, and the search. nil records nothing.
func (m *DistinctDeviationsMatcher) RecordedIn(r Recorder) *DistinctDeviationsMatcher {
	c := *m
	c.found, c.clusters, c.saved = findings{}, nil, 0
	c.recording.into = r
	return &c
}

// Match replays, searches and counts. It implements [types.GomegaMatcher].
func (m *DistinctDeviationsMatcher) Match(actual any) (bool, error) {
	few, err := m.matchPair(actual)
	return few, m.recording.add(few, err, m.FailureMessage, m.checked)
}

func (m *DistinctDeviationsMatcher) matchPair(actual any) (bool, error) {
	m.clusters, m.saved, m.found = nil, 0, findings{}
	if m.search != nil {
		m.found.settings, _ = m.search.resolve() // for a record
	}
	pair, err := pairOf(actual, "HaveAtMost")
	if err != nil {
		return false, err
	}
	switch {
	case m.search == nil:
		return false, errors.New("HaveAtMost: DistinctDeviationsFoundBy(nil): expected a search such as HaveDeviationFrom(seeds)")
	case m.most < 0:
		return false, fmt.Errorf("HaveAtMost(%d): expected a number of at least 0", m.most)
	}
	if err := m.match(pair); err != nil {
		return false, fmt.Errorf("HaveAtMost(%d): %w", m.most, err)
	}
	if len(m.clusters) > m.most {
		return false, nil
	}
	if reason := unsearched(m.found.report); reason != "" {
		return false, fmt.Errorf("HaveAtMost(%d): %w: %w with %s: %s",
			m.most, engine.ErrInconclusive, gate.ErrUndecided, report.Plural(len(m.clusters), "distinct deviation"), reason)
	}
	return true, nil
}

func (m *DistinctDeviationsMatcher) match(pair *model.Pair) error {
	// Triggers without their inputs: the report does not keep the scores of very many.
	var triggers []*engine.Trigger
	var search *HaveDeviationMatcher
	search = m.search
	search = with(search, func(c *HaveDeviationMatcher) { c.counted = true })
	search = search.WithSettings(func(s *engine.Settings) {
		s.OnTrigger = chain(s.OnTrigger, func(t *engine.Trigger) error {
			if search.found.waivers.Accept(t) {
				return nil
			}
			light := *t
			light.Seed.Data, light.Input.Data = nil, nil
			triggers = append(triggers, &light)
			return nil
		})
	})
	search.found = findings{test: runAgain()}
	defer func() {
		m.found = search.found // is recorded also with an error
		search.keepArtifacts()
	}()
	store, err := search.begin(pair)
	if err != nil {
		return err
	}
	if _, err := search.search(pair, store); err != nil {
		return err
	}
	if err := search.unusedWaivers(); err != nil {
		return err
	}
	var still []report.SavedTrigger
	if search.found.replayed.deviate() {
		still = search.found.replayed.still
	}
	for i := range still {
		t := &still[i].Trigger
		if !slices.ContainsFunc(triggers, func(other *engine.Trigger) bool { return other.ID == t.ID }) {
			triggers = append(triggers, t)
			search.found.saved.dirs[t.ID] = still[i].Dir
			m.saved++
		}
	}
	m.clusters = append([]triage.Cluster{}, triage.Clusters(triggers, triage.Options{})...) // none is not nil
	return nil
}

// unsearched says why a search without many deviations may have missed some; "" if it came to every seed.
func unsearched(r *engine.Report) string {
	switch {
	case r.Shard.Total > 1:
		return fmt.Sprintf("it was shard %s of a search, and the others may have found more", r.Shard)
	case r.Status == engine.Cancelled || r.Status == engine.EnoughTriggers:
		return partial[r.Status]
	}
	left := 0
	for _, o := range r.Seeds {
		if o.Status == engine.NotSearched {
			left++
		}
	}
	if left == 0 {
		return ""
	}
	return fmt.Sprintf("%s, and %d of %s were not searched", partial[r.Status], left, report.Plural(len(r.Seeds), "seed"))
}

// FailureMessage shows one trigger of each of the first deviations. It implements [types.GomegaMatcher].
func (m *DistinctDeviationsMatcher) FailureMessage(any) string {
	return m.message(fmt.Sprintf("to have at most %s, but %d %s found", report.Plural(m.most, "distinct deviation"), len(m.clusters), were(len(m.clusters))), "")
}

// NegatedFailureMessage says how few were found. It implements [types.GomegaMatcher].
func (m *DistinctDeviationsMatcher) NegatedFailureMessage(any) string {
	return m.message(fmt.Sprintf("to have more than %s, but %d %s found", report.Plural(m.most, "distinct deviation"), len(m.clusters), were(len(m.clusters))),
		"\n\nThat is no proof that there are no more.")
}

// whole is a trigger with its inputs, where the report has them.
func (m *DistinctDeviationsMatcher) whole(t *engine.Trigger) *engine.Trigger {
	if t.Abridged() {
		for _, other := range m.found.report.Triggers() {
			if other.ID == t.ID && other.SeedIndex == t.SeedIndex && !other.Abridged() {
				return other
			}
		}
	}
	return t
}

func (m *DistinctDeviationsMatcher) message(verdict, caution string) string {
	var b strings.Builder
	r, classNames := m.found.report, m.found.classNames
	found := len(m.found.open)
	fmt.Fprintf(&b, "Expected %s\n%s: %d of %s.\n%s", m.found.pair, verdict, found, have(found, r.Usable()), searched(r))
	if line := waivedLine(m.found.waivers, m.found.waived); line != "" {
		b.WriteString("\n" + line)
	}
	if m.saved > 0 {
		fmt.Fprintf(&b, "\n%s of earlier runs counted too, since still deviating.", report.Plural(m.saved, "saved trigger"))
	}
	b.WriteString(distinct(m.clusters, classNames))
	shown := min(len(m.clusters), max(shownTriggers, min(m.most+1, shownDeviations)))
	for i, c := range m.clusters[:shown] {
		t := m.whole(c.Exemplar())
		fmt.Fprintf(&b, "\n\n%s%s", describeTrigger(i+1, t, classNames, m.found.saved.dirs[t.ID])+m.found.saved.input(t), m.found.cause(t.ID))
	}
	if more := len(m.clusters) - shown; more > 0 {
		fmt.Fprintf(&b, "\n\n  … and %d more.", more)
	}
	return b.String() + m.found.floor() + m.found.power() + caution + "\n" + m.found.whereabouts()
}
