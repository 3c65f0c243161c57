package input

import "math/rand/v2"

// Mutator is a mutation operator: it makes a changed input of the same shape and domain.
//
// Mutate writes the mutant of src into dst, which has the shape and domain of src and Data of the
// same length in other memory. It does not change src, takes all its randomness from rng, gives
// the same mutant for the same src and random stream, and is safe for concurrent use. It does not
// allocate in steady state.
type Mutator interface {
	Mutate(dst, src Input, rng *rand.Rand)
	// String is the operator's short name, such as "gaussian-blur"; it stands in histories.
	String() string
}

// InputSupporter is an optional extension of [Mutator]: Supports tells why the operator
// cannot change such an input (nil when it can), for example because it is not an image.
type InputSupporter interface {
	Supports(in Input) error
}

// Supports tells why an operator cannot change such an input; nil where it can, and where it says nothing about that.
func Supports(m Mutator, in Input) error {
	if s, ok := m.(InputSupporter); ok {
		return s.Supports(in)
	}
	return nil
}

// SeverityMutator is an optional extension of [Mutator]: an operator whose change grows with a
// severity. It makes a path from the seed: the strategy of strategies.Boundary walks along it.
type SeverityMutator interface {
	Mutator
	// MutateAt writes into dst the mutant of src at a severity from 0 (no change: dst equals src) to
	// 1 (the strongest). stream fixes all randomness: the mutant is a continuous function of the
	// severity, up to the steps of the domain, and the same for the same src, severity and stream.
	// Otherwise it is as Mutate.
	MutateAt(dst, src Input, severity float64, stream uint64)
}

// MutatorFamily is an optional extension of [Mutator]: an operator that stands for several, depending on the input, such as those that are
// usual for its kind. Strategies choose among its members; who does not know of families takes it as one operator.
type MutatorFamily interface {
	Mutator
	// Members are the operators that it stands for where inputs are like in; none where it knows none. Members that cannot
	// change such an input are left out by who asks. They must not be changed.
	Members(in Input) []Mutator
}
