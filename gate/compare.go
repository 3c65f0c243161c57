package gate

import (
	"fmt"
	"slices"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/stats"
)

// CompareOptions say when a candidate is worse. The zero value accepts no increase.
type CompareOptions struct {
	// Tolerance is how many more seeds with a trigger than the baseline's are accepted.
	Tolerance int
	// Confidence, from 0 up to but not including 1, makes an increase beyond the tolerance fail only
	// where it is significant: where, were each release as likely as the other to be the one that deviates
	// on a seed on which they differ, as many worse seeds would have a probability of at most
	// 1-Confidence. It takes 5 worse seeds and no better one to reach 0.95. 0 fails any increase beyond the
	// tolerance.
	Confidence float64
	// AtMost is the most seeds with a trigger, whatever the baseline had; nil for no such bound.
	AtMost *int
	// OtherSeeds compares the seeds that both have, when others are there too: at least half of the baseline's. Strategies that
	// look at a pool of seeds, such as strategies.BoundarySearch, may search a seed differently beside others.
	OtherSeeds bool
	// OtherOriginal accepts that the original model is another one.
	OtherOriginal bool
	// ClassNames name classes, by label.
	ClassNames []string
}

// Validate finds options out of their ranges.
func (o CompareOptions) Validate() error {
	switch {
	case o.Tolerance < 0:
		return fmt.Errorf("tolerance is %d; expected at least 0", o.Tolerance)
	case !(o.Confidence >= 0 && o.Confidence < 1):
		return fmt.Errorf("confidence is %g; expected at least 0 and below 1", o.Confidence)
	case o.AtMost != nil && *o.AtMost < 0:
		return fmt.Errorf("at most is %d; expected at least 0", *o.AtMost)
	}
	return nil
}

// Compare puts a candidate beside the evidence of an earlier release. Seeds are paired by their content, so
// both met the same random stream. The candidate passes when it has no more seeds with a trigger than
// the baseline had and the options accept, which is no proof that it is as good. A seed on which the compressed model
// gives NaN or infinity, and the baseline's did not, fails it in any case, also where the baseline had another trigger.
//
// Whether worse and better seeds are balanced is judged by the exact one-sided McNemar test: under the
// hypothesis that neither is likelier, worse seeds are binomial with 1/2 among those that differ (McNemar,
// "Note on the sampling error of the difference between correlated proportions or percentages",
// Psychometrika 12, 1947).
//
// Models are told apart by all of their files; one that was saved again counts as the same. Other seeds, settings or another
// original model are [ErrNotComparable], and so is a baseline in which every seed has a trigger: no candidate could be worse
// than that.
func Compare(baseline, candidate *Evidence, o CompareOptions) (*Comparison, error) {
	if baseline == nil || candidate == nil {
		return nil, fmt.Errorf("gate: compare: %w: expected two pieces of evidence, found nil", ErrNotComparable)
	}
	c, err := compare(baseline, candidate, o)
	if err != nil {
		return nil, fmt.Errorf("gate: compare %s with %s: %w", candidate.Compressed.Name, baseline.Compressed.Name, err)
	}
	return c, nil
}

func compare(baseline, candidate *Evidence, o CompareOptions) (*Comparison, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	for _, of := range []struct {
		name     string
		evidence *Evidence
	}{{"baseline", baseline}, {"candidate", candidate}} {
		if err := of.evidence.Validate(); err != nil {
			return nil, fmt.Errorf("%s: %w: %w", of.name, ErrNotComparable, err)
		}
	}
	if err := checkComparable(baseline, candidate, o); err != nil {
		return nil, err
	}
	pairs, missing, fresh, err := pairSeeds(baseline, candidate, o.OtherSeeds)
	if err != nil {
		return nil, err
	}
	c := &Comparison{Baseline: baseline.Compressed.Name, Seeds: len(pairs), Missing: missing, New: fresh, Tolerance: o.Tolerance, Confidence: o.Confidence, AtMost: o.AtMost}
	var severest, worse, better []SeedChange
	for _, p := range pairs {
		broken := p.after.notFinite() && !p.before.notFinite()
		if broken {
			c.NotFinite++
			severest = append(severest, SeedChange{Seed: p.after.ID, Label: p.after.Label, Worse: true, NotFinite: true, Trigger: p.after.Trigger.ID})
		}
		switch before, after := p.before.Trigger, p.after.Trigger; {
		case before != nil && after != nil:
			c.Both++
		case after != nil:
			c.Worse++
			if !broken {
				worse = append(worse, SeedChange{Seed: p.after.ID, Label: p.after.Label, Worse: true, Trigger: after.ID})
			}
		case before != nil:
			better = append(better, SeedChange{Seed: p.after.ID, Label: p.after.Label, Trigger: before.ID})
		default:
			c.Neither++
		}
	}
	c.Better = len(better)
	c.Changes = slices.Concat(severest, worse, better)
	if c.Both+c.Better == c.Seeds && c.NotFinite == 0 {
		return nil, fmt.Errorf("%w: each of the %d seeds has a trigger in the evidence already, so no candidate could be worse; search with less (a bound such as distance.LInf(8), or fewer queries a seed) and save evidence anew",
			ErrNotComparable, c.Seeds)
	}
	c.P = stats.McNemarOneSided(c.Worse, c.Better)
	within := c.Worse-c.Better <= o.Tolerance
	significant := o.Confidence == 0 || c.P <= 1-o.Confidence
	c.Pass = within || !significant
	if o.AtMost != nil && c.Both+c.Worse > *o.AtMost {
		c.Pass = false
	}
	c.Pass = c.Pass && c.NotFinite == 0
	switch baseline.Compressed.Compare(candidate.Compressed) {
	case model.Same, model.SavedAgain:
		c.SameCandidate = true
	}
	if note := graphAlone(baseline.Original, candidate.Original); note != "" {
		c.Notes = append(c.Notes, note)
	}
	c.Classes, c.Metrics = classesOf(pairs, o.ClassNames), metricsOf(pairs)
	return c, nil
}

// Found is how many seeds of the candidate have a trigger, and of the baseline.
func (c *Comparison) Found() (candidate, baseline int) { return c.Both + c.Worse, c.Both + c.Better }

// checkComparable names the first difference between the searches that is not accepted.
func checkComparable(baseline, candidate *Evidence, o CompareOptions) error {
	if setting, before, after := baseline.Question().Differs(candidate.Question()); setting != "" {
		return fmt.Errorf("%w: the evidence is of another search: %s: expected %v, found %v", ErrNotComparable, setting, before, after)
	}
	before, after := baseline.Original, candidate.Original
	if before.Compare(after) == model.Different && !o.OtherOriginal {
		return fmt.Errorf("%w: the evidence is about another original model: expected %s, found %s", ErrNotComparable, before, after)
	}
	return nil
}

// graphAlone tells of a hash that knows nothing of weights in other files; "" where both know all.
func graphAlone(before, after EvidenceModel) string {
	if before.Compare(after) != model.GraphAlone {
		return ""
	}
	return fmt.Sprintf("Of %s, the evidence of an earlier version knows the graph's file alone, which is the same; whether its weights in other files are cannot be told. Save evidence anew.", after.Name)
}

type seedPair struct{ before, after *EvidenceSeed }

// pairSeeds pairs seeds of the same content, in the order of the candidate's. A content that is there
// several times is paired as often.
func pairSeeds(baseline, candidate *Evidence, othersToo bool) (pairs []seedPair, left, added int, err error) {
	known := map[string][]*EvidenceSeed{}
	for i := range baseline.Seeds {
		s := &baseline.Seeds[i]
		known[s.ID] = append(known[s.ID], s)
	}
	var fresh []string
	for i := range candidate.Seeds {
		s := &candidate.Seeds[i]
		same := known[s.ID]
		if len(same) == 0 {
			fresh = append(fresh, s.ID)
			continue
		}
		pairs, known[s.ID] = append(pairs, seedPair{same[0], s}), same[1:]
	}
	var missing []string
	for _, s := range baseline.Seeds {
		if left := known[s.ID]; len(left) > 0 {
			missing, known[s.ID] = append(missing, s.ID), left[1:]
		}
	}
	switch {
	case len(pairs) == 0:
		return nil, 0, 0, fmt.Errorf("%w: none of the %d usable seeds is among the %d of the evidence", ErrNotComparable, len(candidate.Seeds), len(baseline.Seeds))
	case len(fresh)+len(missing) > 0 && !othersToo:
		return nil, 0, 0, fmt.Errorf("%w: expected the %d usable seeds of the evidence: %d are missing%s, %d are new%s", ErrNotComparable,
			len(baseline.Seeds), len(missing), first(missing), len(fresh), first(fresh))
	case 2*len(pairs) < len(baseline.Seeds):
		return nil, 0, 0, fmt.Errorf("%w: expected at least half of the %d usable seeds of the evidence, found %d of them among the %d seeds",
			ErrNotComparable, len(baseline.Seeds), len(pairs), len(candidate.Seeds))
	}
	return pairs, len(missing), len(fresh), nil
}

func first(ids []string) string {
	if len(ids) == 0 {
		return ""
	}
	return " (first: " + ids[0] + ")"
}

// classesOf counts seeds with a trigger by true class.
func classesOf(pairs []seedPair, names []string) []MetricChange {
	counts := map[int]*MetricChange{}
	var labels []int
	for _, p := range pairs {
		label := p.after.Label
		if label == input.Unlabelled {
			continue
		}
		c := counts[label]
		if c == nil {
			c = &MetricChange{Name: answer.ClassName(names, label)}
			counts[label], labels = c, append(labels, label)
		}
		if p.before.Trigger != nil {
			c.Before++
		}
		if p.after.Trigger != nil {
			c.After++
		}
	}
	slices.Sort(labels)
	var changes []MetricChange
	for _, label := range labels {
		c := counts[label]
		c.Worse = c.After > c.Before
		changes = append(changes, *c)
	}
	return changes
}

// metricsOf are numbers of the triggers, over the seeds with one in both.
func metricsOf(pairs []seedPair) []MetricChange {
	var metrics []MetricChange
	add := func(name string, before, after float64, higherIsWorse bool) {
		metrics = append(metrics, MetricChange{Name: name, Before: before, After: after,
			Worse: higherIsWorse && after > before || !higherIsWorse && after < before})
	}
	for _, m := range []struct {
		name          string
		higherIsWorse bool
		of            func(*EvidenceSeed) (float64, bool)
	}{
		{"queries to the first hit, median", false, func(s *EvidenceSeed) (float64, bool) { return float64(*s.FirstHit), true }},
		{"L2 distance to the seed, median", false, func(s *EvidenceSeed) (float64, bool) { return s.Trigger.Distance.L2, true }},
		{"SSIM to the seed, median", true, func(s *EvidenceSeed) (float64, bool) {
			if s.Trigger.Distance.SSIM == nil {
				return 0, false
			}
			return *s.Trigger.Distance.SSIM, true
		}},
	} {
		var x, y []float64
		for _, p := range pairs {
			if p.before.Trigger == nil || p.after.Trigger == nil {
				continue
			}
			b, ok := m.of(p.before)
			a, ok2 := m.of(p.after)
			if ok && ok2 {
				x, y = append(x, b), append(y, a)
			}
		}
		if len(x) > 0 {
			add(m.name, stats.Median(x), stats.Median(y), m.higherIsWorse)
		}
	}
	return metrics
}
