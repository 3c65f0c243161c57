package generators

import (
	"fmt"
	"math/rand/v2"

	"github.com/triggerfinder/triggerfinder/input"
)

// On applies an operator to one part of a set, see [input.Join], such as a blur to the image beside a table row. The other parts
// stay as they are. An input without a searched part of that name is not supported. Where the operator has severities, see [input.SeverityMutator], so
// does what is returned; [SeverityOn] is the same with its type.
func On(part string, operator input.Mutator) input.Mutator {
	if severe, ok := operator.(input.SeverityMutator); ok {
		return SeverityOn(part, severe)
	}
	return onPart{part, operator}
}

// SeverityOn is [On] for operators that make a path, such as those of [Corruptions]:
//
//	strategies.BoundarySearch{Corruptions: []input.SeverityMutator{generators.SeverityOn("image", rotation)}}
func SeverityOn(part string, operator input.SeverityMutator) input.SeverityMutator {
	return severityOnPart{onPart{part, operator}, operator}
}

type onPart struct {
	part     string
	operator input.Mutator
}

type severityOnPart struct {
	onPart
	severe input.SeverityMutator
}

var (
	_ input.InputSupporter  = onPart{}
	_ input.SeverityMutator = severityOnPart{}
	_ input.InputSupporter  = severityOnPart{}
)

// String implements [input.Mutator].
func (o onPart) String() string { return fmt.Sprintf("%s on %s", o.operator, o.part) }

// Supports implements [input.InputSupporter].
func (o onPart) Supports(in input.Input) error {
	if o.operator == nil {
		return fmt.Errorf("operator on part %q: expected an operator, found nil", o.part)
	}
	part, ok := in.Part(o.part)
	if !ok || !in.Searches(o.part) {
		return fmt.Errorf("%s: expected a set with a searched part %q, found %s", o, o.part, in)
	}
	if err := input.Supports(o.operator, part); err != nil {
		return fmt.Errorf("part %s: %w", o.part, err)
	}
	return nil
}

// parts are the part of both inputs, where the operator can change it. All of src is in dst then.
func (o onPart) parts(dst, src input.Input) (to, from input.Input, ok bool) {
	copy(dst.Data, src.Data)
	if o.Supports(src) != nil {
		return to, from, false
	}
	from, _ = src.Part(o.part)
	to, ok = dst.Part(o.part)
	return to, from, ok
}

// Mutate implements [input.Mutator].
func (o onPart) Mutate(dst, src input.Input, rng *rand.Rand) {
	if to, from, ok := o.parts(dst, src); ok {
		o.operator.Mutate(to, from, rng)
	}
}

// MutateAt implements [input.SeverityMutator].
func (o severityOnPart) MutateAt(dst, src input.Input, severity float64, stream uint64) {
	if to, from, ok := o.parts(dst, src); ok {
		o.severe.MutateAt(to, from, severity, stream)
	}
}
