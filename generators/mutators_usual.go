package generators

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/triggerfinder/triggerfinder/generators/internal/severity"
	"github.com/triggerfinder/triggerfinder/generators/signal"
	"github.com/triggerfinder/triggerfinder/generators/table"
	"github.com/triggerfinder/triggerfinder/generators/tokens"
	"github.com/triggerfinder/triggerfinder/input"
)

// usuals are the usual operators of kinds, in a map that is replaced and never changed. Those of images, and of inputs of which nothing
// more is known, depend on who asks.
var (
	usuals   atomic.Pointer[map[input.Kind][]input.SeverityMutator]
	defining sync.Mutex
)

func init() {
	usuals.Store(&map[input.Kind][]input.SeverityMutator{
		input.Image: corruptions, input.Signal: signal.Corruptions(), input.Row: table.Corruptions(), input.Tokens: tokens.Corruptions(),
	})
}

// Define says which operators are usual for inputs of a kind of one's own, as [Corruptions] are for images and those of the packages signal,
// table and tokens for theirs: [Usual] stands for them, and so strategies take them where they are not told others, and [Corrupted] draws
// them. Call it at the start of a program, in an init function or in TestMain. A kind is defined once; those of package input are
// defined here.
func Define(kind input.Kind, operators ...input.SeverityMutator) error {
	name, err := input.ParseKind(string(kind))
	switch {
	case kind == input.Other || err == nil && name == input.Other:
		return fmt.Errorf("generators: Define: expected the name of a kind, found %q, which stands for inputs of which nothing more is known", input.Other)
	case err != nil:
		return fmt.Errorf("generators: Define: %w", err)
	case len(operators) == 0:
		return fmt.Errorf("generators: Define: kind %s: expected at least one operator, found none", kind)
	case slices.Contains(operators, nil):
		return fmt.Errorf("generators: Define: kind %s: operator %d is nil", kind, slices.Index(operators, nil))
	}
	defining.Lock()
	defer defining.Unlock()
	known := maps.Clone(*usuals.Load())
	if _, ok := known[kind]; ok {
		return fmt.Errorf("generators: Define: kind %s: its operators are defined already; expected each kind once", kind)
	}
	known[kind] = slices.Clone(operators)
	usuals.Store(&known)
	return nil
}

// Usual is the operator that stands for those that are usual for an input's kind, see [input.MutatorFamily]: [Corruptions] for images,
// signal.Corruptions, table.Corruptions and tokens.Corruptions for these kinds, those of [Define] for one of one's own and, for inputs of which
// nothing more is known, those of [Corruptions] that take them. For a set of several searched parts it is those of each part's kind,
// see [On]. It is the default of strategies that go along paths, and goes together with others:
//
//	strategies.BoundarySearch{Corruptions: []input.SeverityMutator{generators.Usual(), mine}}
func Usual() input.SeverityMutator { return usualCorruptions{} }

// UsualMutators is [Usual] with the operators of [Published] for images and for inputs of which nothing more is known: the default of the
// other strategies.
func UsualMutators() input.Mutator { return usualMutators{} }

type usualCorruptions struct{}

type usualMutators struct{}

var (
	_ input.SeverityMutator = usualCorruptions{}
	_ input.MutatorFamily   = usualCorruptions{}
	_ input.InputSupporter  = usualCorruptions{}
	_ input.MutatorFamily   = usualMutators{}
	_ input.InputSupporter  = usualMutators{}
)

// corruptionsOf are the usual corruptions of an input. Of images they are all; of other kinds, those that fit it.
func corruptionsOf(in input.Input) []input.SeverityMutator {
	return usualOf(in, corruptions, corruptionsOf)
}

func mutatorsOf(in input.Input) []input.Mutator {
	return usualOf(in, published, mutatorsOf)
}

// usualOf are the usual operators of an input: general ones for images, and where its kind has none that fit; the others' own; and
// those of each searched part of a set.
func usualOf[M input.Mutator](in input.Input, general []M, ofPart func(input.Input) []M) []M {
	if in.Kind == input.Image {
		return general
	}
	var fitting []M
	add := func(m input.Mutator) {
		if input.Supports(m, in) == nil {
			fitting = append(fitting, m.(M))
		}
	}
	if in.Layout != nil && in.Kind == input.Other {
		for _, part := range in.Layout.Parts {
			if of, ok := in.Part(part.Name); ok && !part.Fixed {
				for _, m := range ofPart(of) {
					add(On(part.Name, m))
				}
			}
		}
		if fitting != nil {
			return fitting
		}
	}
	for _, m := range (*usuals.Load())[in.Kind] {
		add(m)
	}
	if fitting == nil {
		for _, m := range general {
			add(m)
		}
	}
	return fitting
}

// usualOfKinds are the usual operators of all kinds but images, in the order of the kinds' names.
func usualOfKinds() []input.SeverityMutator {
	var all []input.SeverityMutator
	known := *usuals.Load()
	for _, kind := range slices.Sorted(maps.Keys(known)) {
		if kind != input.Image {
			all = append(all, known[kind]...)
		}
	}
	return all
}

// Members implements [input.MutatorFamily].
func (usualCorruptions) Members(in input.Input) []input.Mutator { return mutators(corruptionsOf(in)) }

// Members implements [input.MutatorFamily].
func (usualMutators) Members(in input.Input) []input.Mutator { return mutatorsOf(in) }

func mutators[M input.Mutator](operators []M) []input.Mutator {
	all := make([]input.Mutator, len(operators))
	for i, m := range operators {
		all[i] = m
	}
	return all
}

// String implements [input.Mutator].
func (usualCorruptions) String() string { return "usual-corruptions" }

// String implements [input.Mutator].
func (usualMutators) String() string { return "usual-operators" }

// Supports implements [input.InputSupporter].
func (usualCorruptions) Supports(in input.Input) error { return anyFits(corruptionsOf(in), in) }

// Supports implements [input.InputSupporter].
func (usualMutators) Supports(in input.Input) error { return anyFits(mutatorsOf(in), in) }

// anyFits tells that none of the usual operators fits, if so.
func anyFits[M input.Mutator](usual []M, in input.Input) error {
	if slices.ContainsFunc(usual, func(m M) bool { return input.Supports(m, in) == nil }) {
		return nil
	}
	return fmt.Errorf("no operator is usual for %s; expected operators of one's own, or those of its kind by generators.Define", in)
}

// MutateAt implements [input.SeverityMutator]: by one of those that fit, which the stream chooses. An input that none fits is copied.
func (usualCorruptions) MutateAt(dst, src input.Input, severity float64, stream uint64) {
	fitting := Supporting(src, corruptionsOf(src))
	if len(fitting) == 0 {
		copy(dst.Data, src.Data)
		return
	}
	m := fitting[rand.New(rand.NewPCG(stream, 0x757375616c)).IntN(len(fitting))]
	m.(input.SeverityMutator).MutateAt(dst, src, severity, stream)
}

// Mutate implements [input.Mutator].
func (u usualCorruptions) Mutate(dst, src input.Input, rng *rand.Rand) {
	severity.Mutate(u, dst, src, rng)
}

// Mutate implements [input.Mutator]: by one of those that fit. An input that none fits is copied.
func (usualMutators) Mutate(dst, src input.Input, rng *rand.Rand) {
	fitting := Supporting(src, mutatorsOf(src))
	if len(fitting) == 0 {
		copy(dst.Data, src.Data)
		return
	}
	fitting[rng.IntN(len(fitting))].Mutate(dst, src, rng)
}
