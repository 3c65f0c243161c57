package engine

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/model"
)

// Merge puts the reports of all shards of a search together, in any order. The result is the report of
// the same search in one piece, with equal [Report.Canonical] bytes, unless that has more triggers than
// Settings.KeepInputs, of which shards keep more. Times are sums over the shards.
//
// A shard that is missing, there twice, of another search, or that did not come to its end is an error.
// So is, as for [Search], a whole that found nothing because it could not; the report is returned beside it.
func Merge(reports ...*Report) (*Report, error) {
	parts, err := shardsInOrder(reports)
	if err != nil {
		return nil, fmt.Errorf("engine: Merge: %w", err)
	}
	merged := *parts[0]
	merged.Shard, merged.Ledger, merged.Timing, merged.IdenticalScores = Shard{}, Ledger{}, Timing{}, 0
	identical, labels := true, map[int]bool{}
	merged.OnlyLabel, merged.OneDecision, merged.SeesNothing = nil, false, ""
	severalDecisions, seesSomething := false, false
	merged.Seeds, merged.Warnings, merged.Notes = slices.Clone(merged.Seeds), nil, nil
	for i := range merged.Seeds {
		merged.Seeds[i] = parts[i%len(parts)].Seeds[i]
	}
	for _, r := range parts {
		merged.Ledger.merge(r.Ledger)
		merged.Timing.merge(r.Timing)
		identical = identical && (r.IdenticalScores > 0 || r.Ledger.Screened+r.Ledger.Queries == 0)
		merged.IdenticalScores += r.IdenticalScores
		switch evaluated := r.Ledger.Screened+r.Ledger.Queries > 0; {
		case r.OnlyLabel != nil:
			merged.OnlyLabel, labels[*r.OnlyLabel] = r.OnlyLabel, true
		case evaluated:
			labels[answer.NoLabel] = true // several
		}
		if r.Usable() > 0 {
			merged.OneDecision = true
			severalDecisions = severalDecisions || !r.OneDecision
			merged.SeesNothing = cmp.Or(merged.SeesNothing, r.SeesNothing)
			seesSomething = seesSomething || r.SeesNothing == ""
		}
		for _, n := range r.Notes {
			if !slices.Contains(merged.Notes, n) {
				merged.Notes = append(merged.Notes, n)
			}
		}
		aboutSeeds := [...]string{labelWarning(r), pathlessWarning(r)} // of the shard's seeds alone
		for _, w := range slices.Concat(r.Warnings, unlike(parts[0], r)) {
			if !slices.Contains(aboutSeeds[:], w) && !slices.Contains(merged.Warnings, w) {
				merged.Warnings = append(merged.Warnings, w)
			}
		}
	}
	if !identical {
		merged.IdenticalScores = 0
	}
	if severalDecisions {
		merged.OneDecision = false
	}
	if seesSomething {
		merged.SeesNothing = ""
	}
	if len(labels) > 1 || labels[answer.NoLabel] {
		merged.OnlyLabel = nil
	}
	for _, w := range [...]string{labelWarning(&merged), pathlessWarning(&merged)} {
		if w != "" {
			merged.Warnings = append(merged.Warnings, w)
		}
	}
	if s := merged.Timing.WallSeconds; s > 0 {
		merged.Timing.QueriesPerSecond = float64(merged.Ledger.Queries) / s
	}
	if merged.Usable() == 0 {
		return &merged, fmt.Errorf("engine: pair %s: %w", merged.Pair, merged.noUsableSeeds())
	}
	if err := merged.tooManySkipped(); err != nil {
		return &merged, fmt.Errorf("engine: pair %s: %w", merged.Pair, err)
	}
	if len(merged.Triggers()) == 0 {
		err := checkIdentical(merged.IdenticalScores, merged.AllowIdentical)
		if err == nil {
			err = cmp.Or(merged.oneAnswer(), merged.tooShort())
		}
		if err != nil {
			return &merged, fmt.Errorf("engine: pair %s: %w", merged.Pair, err)
		}
	}
	return &merged, nil
}

// shardsInOrder sorts the reports by their shards, and finds what is wrong with them.
func shardsInOrder(reports []*Report) ([]*Report, error) {
	if len(reports) == 0 {
		return nil, errors.New("expected the reports of all shards of a search, found none")
	}
	var parts []*Report
	for i, r := range reports {
		switch {
		case r == nil:
			return nil, fmt.Errorf("report %d is nil", i+1)
		case r.Shard.Total < 1 || r.Shard.validate() != nil:
			return nil, fmt.Errorf("report %d, of pair %s: expected a report of a shard, found one of a whole search", i+1, r.Pair)
		case parts == nil:
			parts = make([]*Report, min(r.Shard.Total, 1<<20))
		case r.Shard.Total != len(parts):
			return nil, fmt.Errorf("report %d is of shard %s; expected one of %d, as report 1 is", i+1, r.Shard, len(parts))
		}
		if r.Shard.Index >= len(parts) {
			return nil, fmt.Errorf("report %d is of shard %s; expected at most %d shards", i+1, r.Shard, len(parts))
		}
		if parts[r.Shard.Index] != nil {
			return nil, fmt.Errorf("shard %s is there twice; expected each shard once", r.Shard)
		}
		if r.Status != AllSearched {
			return nil, fmt.Errorf("shard %s ended early (%s); expected one that came to its end: run it again", r.Shard, r.Status)
		}
		parts[r.Shard.Index] = r
	}
	if missing := missingShards(parts); missing != "" {
		return nil, fmt.Errorf("expected all of %d shards, found %d; missing: %s", len(parts), len(reports), missing)
	}
	for _, r := range parts {
		if err := sameSearch(parts[0], r); err != nil {
			return nil, err
		}
	}
	return parts, nil
}

// missingShards names some shards without a report.
func missingShards(parts []*Report) string {
	const most = 8
	var names []string
	for i, r := range parts {
		if r != nil {
			continue
		}
		if len(names) == most {
			names = append(names, "…")
			break
		}
		names = append(names, Shard{i, len(parts)}.String())
	}
	return strings.Join(names, ", ")
}

// sameSearch names the first difference between the searches of two shards.
func sameSearch(a, b *Report) error {
	if what := differentSearch(a, b); what != "" {
		return fmt.Errorf("shards %s and %s are of different searches: %s", a.Shard, b.Shard, what)
	}
	for i := range a.Seeds {
		for _, r := range []*Report{a, b} {
			if own := r.Seeds[i].Status != OtherShard; own != r.Shard.has(i) {
				return fmt.Errorf("shard %s: seed %d has status %s; expected seeds of other shards, and no others, to be %s",
					r.Shard, i, r.Seeds[i].Status, OtherShard)
			}
		}
		// Shards know the seeds of others that they screened.
		if s, t := a.Seeds[i].SeedID, b.Seeds[i].SeedID; s != "" && t != "" && s != t {
			return fmt.Errorf("shards %s and %s are of different searches: seed %d: content %s and %s", a.Shard, b.Shard, i, s, t)
		}
	}
	return nil
}

// differentSearch names the first difference between the searches that two reports are of; "" for none.
func differentSearch(a, b *Report) string {
	for _, side := range bothSides(a, b) {
		if x, y := side.a.Identity(), side.b.Identity(); x.Compare(y) == model.Different {
			return fmt.Sprintf("%s model: %s and %s", side.role, x, y)
		}
	}
	if a.Pair != b.Pair {
		return fmt.Sprintf("pair: %s and %s", a.Pair, b.Pair)
	}
	if setting, x, y := a.Question().Differs(b.Question()); setting != "" {
		return fmt.Sprintf("%s: %v and %v", setting, x, y)
	}
	for _, option := range []struct {
		name string
		a, b any
	}{
		{"number of seeds", len(a.Seeds), len(b.Seeds)},
		{"steps", inWords(a.Causes), inWords(b.Causes)},
		{"class names", strings.Join(a.ClassNames, ", "), strings.Join(b.ClassNames, ", ")},
	} {
		if option.a != option.b {
			return fmt.Sprintf("%s: %v and %v", option.name, option.a, option.b)
		}
	}
	return ""
}

// Question is what a search was asked for. Searches of the same question can be held against each other.
type Question struct {
	Strategy, Oracle, Bound, Aim string // Bound is "" for none
	Budget                       Budget
	RandomSeed                   uint64
	CausedBy                     string // the causes that a trigger has to have, in words; "" for any
	Pool                         int    // inputs beside the seeds that paths might lead to
}

// Question is what the search of the report was asked for.
func (r *Report) Question() Question {
	return Question{Strategy: r.Strategy, Oracle: r.Oracle, Bound: r.Bound, Aim: r.Aim, Budget: r.Budget, RandomSeed: r.RandomSeed, CausedBy: inWords(r.CausedBy), Pool: r.Pool}
}

// Differs names the first setting that another question has otherwise, and both values, to be shown; "" where there is none.
func (q Question) Differs(other Question) (setting string, own, others any) {
	for _, s := range []struct {
		name        string
		own, others any
		show        func(any) any
	}{
		{"strategy", q.Strategy, other.Strategy, nil},
		{"oracle", q.Oracle, other.Oracle, nil},
		{"bound", cmp.Or(q.Bound, "none"), cmp.Or(other.Bound, "none"), nil},
		{"aim", q.Aim, other.Aim, nil},
		{"budget", q.Budget, other.Budget, func(b any) any { return b.(Budget).inWords() }},
		{"random seed", q.RandomSeed, other.RandomSeed, nil},
		{"cause", cmp.Or(q.CausedBy, "any"), cmp.Or(other.CausedBy, "any"), nil},
		{"pool", q.Pool, other.Pool, nil},
	} {
		switch {
		case s.own == s.others:
		case s.show != nil:
			return s.name, s.show(s.own), s.show(s.others)
		default:
			return s.name, s.own, s.others
		}
	}
	return "", nil, nil
}

// inWords tells the limits, those of a seed and, where there are any, those of the whole search.
func (b Budget) inWords() string {
	text := fmt.Sprintf("%d queries and %s a seed, %d to close in", b.QueriesPerSeed, b.TimePerSeed, b.ClosingQueriesPerSeed)
	if b.Queries > 0 {
		text += fmt.Sprintf(", %d queries in all", b.Queries)
	}
	if b.Time > 0 {
		text += fmt.Sprintf(", %s in all", b.Time)
	}
	if b.MinQueriesPerSeed > 0 {
		text += fmt.Sprintf(", at least %d queries a seed", b.MinQueriesPerSeed)
	}
	return text
}

// pairSide is one model of the pair, in two reports.
type pairSide struct {
	role string
	a, b model.Description
}

func bothSides(a, b *Report) []pairSide {
	sides := []pairSide{{"original", a.Original, b.Original}, {"compressed", a.Compressed, b.Compressed}}
	for i := range min(len(a.Between), len(b.Between)) {
		sides = append(sides, pairSide{"intermediate", a.Between[i], b.Between[i]})
	}
	return sides
}

// unlike warns of shards that ran in different surroundings: quantised models may answer differently on
// another processor.
func unlike(a, b *Report) (warnings []string) {
	names := map[string]bool{}
	for _, side := range bothSides(a, b) {
		for _, m := range []map[string]string{side.a.Settings, side.b.Settings} {
			for name := range m {
				names[name] = true
			}
		}
	}
	for _, side := range bothSides(a, b) {
		if side.a.Identity().Compare(side.b.Identity()) == model.GraphAlone {
			warnings = append(warnings, fmt.Sprintf("a shard was searched by an earlier version, which knew the graph's file of %s alone: whether its weights in other files are the same cannot be told", side.a.Name))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		for _, side := range bothSides(a, b) {
			if x, y := side.a.Settings[name], side.b.Settings[name]; x != y {
				warnings = append(warnings, fmt.Sprintf("shards ran with different settings of model %s: %s %q and %q", side.a.Name, name, x, y))
			}
		}
	}
	return warnings
}

// merge adds what another shard spent.
func (l *Ledger) merge(other Ledger) {
	l.add(other)
	l.Skipped += other.Skipped
}

func (t *Timing) merge(other Timing) {
	if t.Started.IsZero() || other.Started.Before(t.Started) {
		t.Started = other.Started
	}
	t.WallSeconds += other.WallSeconds
	t.OriginalSeconds += other.OriginalSeconds
	t.EncodingSeconds += other.EncodingSeconds
	t.CompressedSeconds += other.CompressedSeconds
	t.BetweenSeconds += other.BetweenSeconds
	t.ModelSeconds += other.ModelSeconds
}
