package enginetest

import (
	"fmt"
	"slices"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/input"
)

// Within is a bound of a user's own, by how far a value may move, whose region is a [Box].
type Within float32

// String implements [distance.Bound].
func (b Within) String() string { return fmt.Sprintf("within %g", float32(b)) }

// Around implements [distance.Bound].
func (b Within) Around(seed input.Input) (distance.Region, error) {
	r := Box{Low: slices.Clone(seed.Data), High: slices.Clone(seed.Data)}
	for i, s := range seed.Data {
		d := seed.DomainAt(i)
		r.Low[i], r.High[i] = d.Snap(s-float32(b)), d.Snap(s+float32(b))
	}
	return r, nil
}

// Box is a region of a user's own, from Low to High.
type Box struct{ Low, High []float32 }

// Ends implements [distance.Box].
func (r Box) Ends() (low, high []float32) { return r.Low, r.High }

// Project implements [distance.Region].
func (r Box) Project(candidate input.Input) {
	for i, v := range candidate.Data {
		candidate.Data[i] = min(max(candidate.DomainAt(i).Snap(v), r.Low[i]), r.High[i])
	}
}

// Contains implements [distance.Region].
func (r Box) Contains(candidate input.Input) bool {
	for i, v := range candidate.Data {
		if v < r.Low[i] || v > r.High[i] {
			return false
		}
	}
	return true
}

// Unboxed is a bound whose regions do not tell their ends, whatever they are.
type Unboxed struct{ distance.Bound }

// Around implements [distance.Bound].
func (b Unboxed) Around(seed input.Input) (distance.Region, error) {
	region, err := b.Bound.Around(seed)
	return plainRegion{region}, err
}

type plainRegion struct{ distance.Region }
