package engine

import "fmt"

// Aim is the distance by which one trigger is nearer to its seed than another.
type Aim int

// The aims of a search.
const (
	// NearestSSIM wants triggers that look like their seed: the highest SSIM. For inputs that are
	// not images it is the same as NearestL2.
	NearestSSIM Aim = iota
	NearestL2       // the smallest Euclidean distance
	NearestLInf     // the smallest change of any one element
	NearestL0       // the fewest changed elements
)

// String is the aim's name in reports and on command lines: "ssim", "l2", "linf" or "l0".
func (a Aim) String() string {
	switch a {
	case NearestSSIM:
		return "ssim"
	case NearestL2:
		return "l2"
	case NearestLInf:
		return "linf"
	case NearestL0:
		return "l0"
	}
	return fmt.Sprintf("Aim(%d)", int(a))
}

// of is the distance by the aim, smaller for nearer.
func (a Aim) of(d Distance) float64 {
	switch {
	case a == NearestLInf:
		return d.LInf
	case a == NearestL0:
		return float64(d.L0)
	case a == NearestSSIM && d.SSIM != nil:
		return 1 - *d.SSIM
	}
	return d.L2
}
