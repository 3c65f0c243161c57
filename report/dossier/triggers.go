package dossier

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/triage"
)

// topScores is how many labels of an answer are shown.
const topScores = 5

// distinctTriggers lists every trigger once, in an order that its content gives.
func distinctTriggers(all []shown) []shown {
	all = slices.DeleteFunc(all, func(s shown) bool { return s.trigger == nil })
	slices.SortStableFunc(all, func(a, b shown) int {
		return cmp.Or(strings.Compare(a.pair, b.pair), strings.Compare(a.trigger.ID, b.trigger.ID),
			// One with its inputs goes before one without.
			cmp.Compare(len(b.trigger.Input.Data), len(a.trigger.Input.Data)), cmp.Compare(a.trigger.SeedIndex, b.trigger.SeedIndex),
			cmp.Compare(a.trigger.Queries, b.trigger.Queries), strings.Compare(string(a.origin), string(b.origin)), strings.Compare(a.oracle, b.oracle))
	})
	return slices.CompactFunc(all, func(a, b shown) bool { return a.pair == b.pair && a.trigger.ID == b.trigger.ID })
}

// clustersOf groups the triggers of each pair by what they show; see package triage.
// Members are the exemplars of their clusters, by pair and ID.
func clustersOf(all []shown) (clusters []Cluster, members map[[2]string]string) {
	members = map[[2]string]string{}
	pairs := map[string][]*engine.Trigger{}
	for _, s := range all {
		pairs[s.pair] = append(pairs[s.pair], s.trigger)
	}
	for _, pair := range slices.Sorted(maps.Keys(pairs)) {
		for _, c := range triage.Clusters(pairs[pair], triage.Options{}) {
			clusters = append(clusters, Cluster{
				Pair: pair, Labels: c.Labels, Family: c.Family,
				Count: len(c.Triggers), Exemplar: c.Exemplar().ID,
			})
			for _, t := range c.Triggers {
				members[[2]string{pair, t.ID}] = c.Exemplar().ID
			}
		}
	}
	return clusters, members
}

// choose picks the triggers to show: the exemplars of clusters, the largest first, then by turns one of
// each pair of labels, the commonest pair of labels first and in each the nearest first. So the first few show
// that there are different kinds.
func choose(all []shown, clusters []Cluster, most int) []shown {
	var chosen []shown
	type key struct{ pair, id string }
	taken := map[key]bool{}
	for _, c := range clusters {
		for _, s := range all {
			k := key{s.pair, s.trigger.ID}
			if k.id == c.Exemplar && (c.Pair == "" || c.Pair == k.pair) && !taken[k] && !s.trigger.Abridged() {
				taken[k] = true
				chosen = append(chosen, s)
			}
		}
	}
	kinds := map[answer.Labels][]shown{}
	for _, s := range all {
		if !taken[key{s.pair, s.trigger.ID}] && !s.trigger.Abridged() {
			l := s.trigger.Labels
			if l.Kind = answer.OtherAnswer; l.Deviation != (answer.Deviation{}) {
				l = l.Sort()
			}
			kinds[l] = append(kinds[l], s)
		}
	}
	var queues [][]shown
	for _, kind := range kinds {
		slices.SortStableFunc(kind, func(a, b shown) int { return engine.CompareTriggers(a.trigger, b.trigger) })
		queues = append(queues, kind)
	}
	slices.SortFunc(queues, func(a, b []shown) int {
		x, y := a[0].trigger, b[0].trigger
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(x.OriginalLabel, y.OriginalLabel), cmp.Compare(x.CompressedLabel, y.CompressedLabel), strings.Compare(x.Deviation.Group, y.Deviation.Group))
	})
	for turn := 0; len(chosen) < most; turn++ {
		before := len(chosen)
		for _, queue := range queues {
			if turn < len(queue) {
				chosen = append(chosen, queue[turn])
			}
		}
		if len(chosen) == before {
			break
		}
	}
	return chosen[:min(most, len(chosen))]
}

func newTrigger(s shown, causes map[string]gate.Cause) Trigger {
	t := s.trigger
	what, far := "", ""
	if t.Input.Kind != input.Image && !t.Abridged() {
		what, far = t.Input.String(), report.DistanceInWords(t)
	}
	return Trigger{
		Pair: s.pair, Origin: s.origin, ID: t.ID, SeedIndex: t.SeedIndex, SeedName: t.SeedName, SeedLabel: t.SeedLabel,
		Kind: t.Kind, Input: what, Deviation: t.Deviation,
		Original:   newAnswer(t.Told().From, t.Original),
		Compressed: newAnswer(t.Told().To, t.Compressed),
		Queries:    t.Queries, Distance: t.Distance, Far: far, Changes: report.ChangesInWords(t), History: t.History, Causes: t.Steps.Causes(), Cause: causes[t.ID], Oracle: s.oracle,
	}
}

func newAnswer(said answer.Said, given answer.Answer) Answer {
	if finite := answer.Finite(given.Scores); said.Label == answer.NoLabel && (said.Words == "" || !finite) {
		return Answer{Label: said.Label, NotFinite: report.NotFiniteInWords(given)}
	}
	a := Answer{Label: said.Label, Says: said.Words}
	if said.Words == "" {
		a.Top = top(given.Scores)
	}
	return a
}

// top are the labels with the highest scores.
func top(scores []float32) []Score {
	all := make([]Score, len(scores))
	for i, s := range scores {
		all[i] = Score{i, float64(s)}
	}
	slices.SortStableFunc(all, func(a, b Score) int { return cmp.Compare(b.Score, a.Score) })
	return all[:min(topScores, len(all))]
}
