package distance

import (
	"fmt"
	"slices"

	"github.com/triggerfinder/triggerfinder/input"
)

// Box is an optional extension of [Region]: every input whose values lie between two ends each, as [LInf] makes it, and no
// other. What is sought is likely to lie in a corner then, so that strategies can go from corner to corner; [AllOf] boxes is one
// too.
type Box interface {
	Region
	// Ends are the least and the greatest value of each element, as many as the seed has, which are values of the domain. They
	// must not be changed.
	Ends() (low, high []float32)
}

// EndsOf are the ends of a region around the seed when it is a [Box], and nil when it is not. An error tells what is wrong with
// them: their number, that one is not a value of the domain, or that the least value of an element lies above its greatest.
func EndsOf(region Region, seed input.Input) (low, high []float32, err error) {
	box, ok := region.(Box)
	if !ok {
		return nil, nil, nil
	}
	low, high = box.Ends()
	if n := len(seed.Data); len(low) != n || len(high) != n {
		return nil, nil, fmt.Errorf("ends of the region: expected %d values each, as the seed has, found %d and %d", n, len(low), len(high))
	}
	d, uniform := seed.Domain, seed.Uniform()
	for i, least := range low {
		greatest := high[i]
		if !uniform {
			d = seed.DomainAt(i)
		}
		switch {
		case !d.Contains(least) || !d.Contains(greatest):
			return nil, nil, fmt.Errorf("ends of the region: expected values of the domain %s, found %g and %g for value %d", d, least, greatest, i)
		case least > greatest:
			return nil, nil, fmt.Errorf("ends of the region: expected the least of value %d to be at most its greatest, found %g and %g", i, least, greatest)
		}
	}
	return low, high, nil
}

// allOfBox is where several boxes overlap.
type allOfBox struct {
	allOfRegion
	low, high []float32
}

// Ends implements [Box].
func (r allOfBox) Ends() (low, high []float32) { return r.low, r.high }

// asBox is the region as a [Box] where it is one: where all of its parts are, and have something in common.
func (r allOfRegion) asBox(bounds []Bound) (Region, error) {
	box := allOfBox{allOfRegion: r}
	for i, part := range r.regions {
		low, high, err := EndsOf(part, r.seed)
		switch {
		case err != nil:
			return nil, fmt.Errorf("distance: AllOf: bound %d (%s): %w", i, bounds[i], err)
		case low == nil:
			return r, nil
		case i == 0:
			box.low, box.high = slices.Clone(low), slices.Clone(high)
			continue
		}
		for j := range low {
			box.low[j], box.high[j] = max(box.low[j], low[j]), min(box.high[j], high[j])
			if box.low[j] > box.high[j] {
				return r, nil
			}
		}
	}
	return box, nil
}
