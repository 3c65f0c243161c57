package generators

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/input"
)

// AsTheyAre is the distribution of the seeds as they are: each with the same probability, drawn with
// replacement. A rate under it is the share of these very seeds; it says nothing about others, and
// more draws than there are seeds make it no surer than running each seed once would. To conclude from labelled seeds
// to the inputs that they were sampled from, see package gate's Flips; to go beyond the seeds, see [Corrupted].
func AsTheyAre(seeds input.Seeds) input.Distribution { return asTheyAre{seeds} }

type asTheyAre struct{ seeds input.Seeds }

// Draw implements [input.Distribution].
func (d asTheyAre) Draw(rng *rand.Rand) (input.Draw, error) {
	i, seed, err := drawSeed(d.seeds, rng)
	return input.Draw{Input: seed.Input, Seed: seed, SeedIndex: i}, err
}

// String implements [input.Distribution].
func (d asTheyAre) String() string {
	return countSeeds(d.seeds) + " as they are, drawn with replacement"
}

// ClassNames implements [input.ClassNamer].
func (d asTheyAre) ClassNames() []string { return input.ClassNamesOf(d.seeds) }

// Notes implements [input.Noted].
func (d asTheyAre) Notes() []string { return input.NotesOf(d.seeds) }

func countSeeds(seeds input.Seeds) string {
	switch n := lenOf(seeds); n {
	case 1:
		return "1 seed"
	default:
		return fmt.Sprintf("%d seeds", n)
	}
}

func lenOf(seeds input.Seeds) int {
	if seeds == nil {
		return 0
	}
	return seeds.Len()
}

func drawSeed(seeds input.Seeds, rng *rand.Rand) (int, input.Seed, error) {
	n := lenOf(seeds)
	if n == 0 {
		return 0, input.Seed{}, fmt.Errorf("%w: expected at least one", input.ErrNoSeeds)
	}
	i := rng.IntN(n)
	seed, err := seeds.Seed(i)
	return i, seed, err
}

// Corrupted is the distribution of the seeds with a natural change: a seed, one of the operators that are usual for its kind (see [Usual]; those of
// [Corruptions] for images) and can change it, each with the same probability, a severity, uniform in 0.1..1, and what direction, position and noise
// the corruption draws.
//
//	generators.Corrupted(seeds).WithSeverity(generators.Between(0.1, 0.4)).Only("rotation", "haze")
//
// What is wrong with its options, and a seed that none of the corruptions fits, is an error of every draw.
func Corrupted(seeds input.Seeds) CorruptedSeeds {
	return CorruptedSeeds{seeds: seeds, span: Between(0.1, 1)}
}

// CorruptedSeeds is the distribution of [Corrupted]. Its methods return changed copies.
type CorruptedSeeds struct {
	seeds       input.Seeds
	corruptions []input.SeverityMutator // chosen by Only or By; nil for the usual ones
	span        Span
	list        []float64 // of severities, in place of the span
	err         error
}

var _ input.Distribution = CorruptedSeeds{}

// ClassNames implements [input.ClassNamer].
func (c CorruptedSeeds) ClassNames() []string { return input.ClassNamesOf(c.seeds) }

// Notes implements [input.Noted].
func (c CorruptedSeeds) Notes() []string { return input.NotesOf(c.seeds) }

// WithSeverity draws severities uniformly from the span, within 0..1.
func (c CorruptedSeeds) WithSeverity(span Span) CorruptedSeeds {
	c.span, c.list = span, nil
	if err := span.check("corrupted seeds", "severity", 0, 1); err != nil {
		c.err = errors.Join(c.err, err)
	}
	return c
}

// WithSeverities draws severities from the list, each with the same probability.
func (c CorruptedSeeds) WithSeverities(severities ...float64) CorruptedSeeds {
	c.list = slices.Clone(severities)
	if len(severities) == 0 {
		c.err = errors.Join(c.err, errors.New("generators: corrupted seeds: WithSeverities(): expected at least one severity"))
	}
	for _, s := range severities {
		if !(0 <= s && s <= 1) {
			c.err = errors.Join(c.err, fmt.Errorf("generators: corrupted seeds: severity %g: expected within 0..1", s))
		}
	}
	return c
}

// Only draws the corruptions of these names alone, such as "rotation" or "white-noise"; see [Corruptions] and, for other kinds, [Usual].
func (c CorruptedSeeds) Only(names ...string) CorruptedSeeds {
	var chosen []input.SeverityMutator
	before, all := c.err, slices.Concat(corruptions, usualOfKinds())
	for _, name := range names {
		i := slices.IndexFunc(all, func(m input.SeverityMutator) bool { return m.String() == name })
		if i < 0 {
			var known []string
			for _, m := range all {
				known = append(known, m.String())
			}
			c.err = errors.Join(c.err, fmt.Errorf("generators: corrupted seeds: corruption %q: expected one of %s", name, strings.Join(known, ", ")))
			continue
		}
		chosen = append(chosen, all[i])
	}
	if c.err != before {
		return c
	}
	return c.By(chosen...)
}

// By draws from these operators, such as ones of your own, in place of the usual ones.
func (c CorruptedSeeds) By(operators ...input.SeverityMutator) CorruptedSeeds {
	c.corruptions = append([]input.SeverityMutator{}, operators...)
	if len(operators) == 0 || slices.Contains(operators, nil) {
		c.err = errors.Join(c.err, errors.New("generators: corrupted seeds: expected at least one corruption, and none that is nil"))
	}
	return c
}

// Draw implements [input.Distribution].
func (c CorruptedSeeds) Draw(rng *rand.Rand) (input.Draw, error) {
	if c.err != nil {
		return input.Draw{}, c.err
	}
	i, seed, err := drawSeed(c.seeds, rng)
	if err != nil {
		return input.Draw{}, err
	}
	if err := seed.Input.Validate(); err != nil { // operators may rely on it
		return input.Draw{}, fmt.Errorf("seed %d (%s): %w", i, seed.Name, err)
	}
	m, err := c.drawCorruption(seed.Input, rng)
	if err != nil {
		return input.Draw{}, fmt.Errorf("seed %d (%s): %w", i, seed.Name, err)
	}
	severity := c.drawSeverity(rng)
	mutant := seed.Input.Clone()
	m.MutateAt(mutant, seed.Input, severity, rng.Uint64())
	return input.Draw{
		Input: mutant, Seed: seed, SeedIndex: i, Change: fmt.Sprintf("%s at severity %.3g", m, severity),
	}, nil
}

// drawCorruption draws one of those that fit.
func (c CorruptedSeeds) drawCorruption(in input.Input, rng *rand.Rand) (input.SeverityMutator, error) {
	among := c.corruptions
	if among == nil {
		among = corruptionsOf(in)
	}
	var fitting []int
	var reason error
	for i, m := range among {
		if err := input.Supports(m, in); err != nil {
			reason = err
			continue
		}
		fitting = append(fitting, i)
	}
	switch {
	case len(among) == 0:
		return nil, anyFits(among, in)
	case len(fitting) == 0:
		return nil, fmt.Errorf("none of the %d corruptions fits: %w", len(among), reason)
	}
	return among[fitting[rng.IntN(len(fitting))]], nil
}

func (c CorruptedSeeds) drawSeverity(rng *rand.Rand) float64 {
	if len(c.list) > 0 {
		return c.list[rng.IntN(len(c.list))]
	}
	return c.span.draw(rng)
}

// String implements [input.Distribution].
func (c CorruptedSeeds) String() string {
	what := c.usualInWords()
	if c.corruptions != nil {
		var names []string
		for _, m := range c.corruptions {
			names = append(names, fmt.Sprint(m))
		}
		what = strings.Join(names, ", ")
	}
	severity := c.span.String()
	if len(c.list) > 0 {
		severity = strings.Trim(fmt.Sprint(c.list), "[]")
	}
	return fmt.Sprintf("%s x %s x severity %s", countSeeds(c.seeds), what, severity)
}

// usualInWords goes by the first seed that can be read, as the seeds of a source are of a kind.
func (c CorruptedSeeds) usualInWords() string {
	const tried = 10
	for i := range min(lenOf(c.seeds), tried) {
		seed, err := c.seeds.Seed(i)
		if in := seed.Input; err != nil || in.Kind == input.Image || in.Kind == input.Other && in.Layout == nil {
			if err != nil {
				continue
			}
			break
		}
		if seed.Input.Kind == input.Other {
			return "the corruptions of its parts"
		}
		return fmt.Sprintf("the %d corruptions of the kind %s that fit", len(corruptionsOf(seed.Input)), seed.Input.Kind)
	}
	return fmt.Sprintf("those of %d corruptions that fit", len(corruptions))
}
