package engine

import "fmt"

// Bound keeps candidates near their seed.
type Bound interface {
	// Project moves candidate, in place, to a near point that lies within the bound around seed
	// and in the domain.
	Project(candidate, seed Input)
	// String describes the bound, such as "LInf 8".
	String() string
}

// LInf bounds the largest change of any one element, in the input's own units (of 255 for 8-bit
// images).
func LInf(most float32) Bound { return linfBound(most) }

type linfBound float32

func (b linfBound) Project(candidate, seed Input) {
	d, r := candidate.Domain, float32(b)
	for i, s := range seed.Data {
		v := candidate.Data[i]
		if v > s+r || v < s-r {
			v = d.Snap(min(max(v, s-r), s+r))
			// Snapping can step out again where r is not a multiple of the domain's step.
			if v > s+r {
				v -= d.Step
			} else if v < s-r {
				v += d.Step
			}
			candidate.Data[i] = v
		}
	}
}

func (b linfBound) String() string { return fmt.Sprintf("LInf %g", float32(b)) }
