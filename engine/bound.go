package engine

import "fmt"

// Bound keeps candidates near their seed.
type Bound interface {
	// Around is the bound around one seed. An error tells why the seed cannot be searched within
	// it, and makes it an unusable seed.
	Around(seed Input) (Region, error)
	// String describes the bound, such as "LInf 8".
	String() string
}

// Region is a [Bound] around one seed. It is used by one goroutine at a time.
type Region interface {
	// Project moves candidate, which has the shape and domain of the seed, in place, to a near
	// point that lies within the region and in the domain. It leaves a candidate alone that does
	// already.
	Project(candidate Input)
	// Contains reports whether the candidate lies within the region.
	Contains(candidate Input) bool
}

// LInf bounds the largest change of any one element, in the input's own units (of 255 for 8-bit
// images).
func LInf(most float32) Bound { return linfBound(most) }

type linfBound float32

func (b linfBound) Around(seed Input) (Region, error) {
	return linfRegion{seed: seed, most: float32(b)}, nil
}

func (b linfBound) String() string { return fmt.Sprintf("LInf %g", float32(b)) }

type linfRegion struct {
	seed Input
	most float32
}

func (r linfRegion) Project(candidate Input) {
	d := candidate.Domain
	for i, s := range r.seed.Data {
		v := candidate.Data[i]
		if v > s+r.most || v < s-r.most {
			v = d.Snap(min(max(v, s-r.most), s+r.most))
			// Snapping can step out again where the bound is not a multiple of the domain's step.
			if v > s+r.most {
				v -= d.Step
			} else if v < s-r.most {
				v += d.Step
			}
			candidate.Data[i] = v
		}
	}
}

func (r linfRegion) Contains(candidate Input) bool {
	for i, s := range r.seed.Data {
		if v := candidate.Data[i]; v > s+r.most || v < s-r.most {
			return false
		}
	}
	return true
}
