package matchers

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/engine"
)

// This file holds how the options of a matcher make its settings. Options only note what they were given; Match makes
// the settings of all of them at once, so that their order says nothing: first those that set a value, then WithSettings,
// then those that add to what is there (MinConfidence, MinGap, ClosingIn, WithinTime). Of an option that is given twice the
// latter counts, so that a shared start can be changed.

// given are the options that were given and must be known by name.
type given []string

func (g given) with(option string) given {
	if slices.Contains(g, option) {
		return g
	}
	return append(slices.Clone(g), option)
}

// both is the error about two options of which one alone can be meant; nil unless both are given.
func (g given) both(one, other, why string) error {
	if !slices.Contains(g, one) || !slices.Contains(g, other) {
		return nil
	}
	return fmt.Errorf("%s and %s: expected one of them: %s", one, other, why)
}

// misused joins what is wrong with options, in an order that does not depend on theirs.
func misused(misuse ...error) error {
	misuse = slices.DeleteFunc(slices.Clone(misuse), func(err error) bool { return err == nil })
	slices.SortFunc(misuse, func(a, b error) int { return cmp.Compare(a.Error(), b.Error()) })
	return errors.Join(misuse...)
}

// severity restricts an oracle; 0 stands for no restriction.
type severity struct {
	confidence, gap       float64
	confidenceSet, gapSet bool
}

// restrict is the oracle with the restrictions.
func (s severity) restrict(oracle engine.Oracle) (engine.Oracle, error) {
	restricted := oracle
	var err error
	if s.gapSet {
		if restricted, err = engine.MinGap(s.gap, restricted); err != nil {
			return oracle, err
		}
	}
	if s.confidenceSet {
		if restricted, err = engine.MinConfidence(s.confidence, restricted); err != nil {
			return oracle, err
		}
	}
	return restricted, nil
}

// resolve makes the settings of the search. What they are worth despite an error is for records alone.
func (m *HaveDeviationMatcher) resolve() (engine.Settings, error) {
	s, asked := m.settings, m.given
	misuse := append(slices.Clone(m.misuse),
		asked.both("WithBudget", "WithQueriesPerSeed", "each is a whole budget"),
		asked.both("InShard", "InShardOfEnvironment", "each says which seeds to search"),
		asked.both("WithReplay", "WithoutReplay", "each says whether to replay saved triggers"))
	if m.evidence != "" && m.minimizing > 0 {
		misuse = append(misuse, fmt.Errorf("SavingEvidence(%q): expected it without Minimizing: evidence is of triggers as they are found", m.evidence))
	}
	if m.budget != nil {
		s.Budget = *m.budget
	}
	for _, change := range m.changes {
		change(&s)
	}
	if b := m.settings.Budget; m.budget == nil && s.Shard.Total > 1 && s.Budget.Queries == b.Queries && s.Budget.Time == b.Time {
		s.Budget.Queries, s.Budget.Time = 0, 0 // limits that a shard cannot have and nobody asked for
	}
	if m.closing != nil {
		s.Budget.ClosingQueriesPerSeed = *m.closing
	}
	oracle, err := m.severity.restrict(s.Oracle)
	s.Oracle = oracle
	misuse = append(misuse, err, m.canaries.misuse())
	return s, misused(misuse...)
}

// shareError is the error about a number that an option was given and that is no share; nil for one that is. What seems
// to be per cent is asked about.
func shareError(option string, share float64) error {
	if share > 0 && share < 1 {
		return nil
	}
	if !strings.HasSuffix(option, ")") {
		option += "(…)"
	}
	return fmt.Errorf("%s: expected a share above 0 and below 1%s", strings.Replace(option, "…", fmt.Sprint(share), 1), ofHundred(share))
}
