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

// ParseAim is the aim of a name on a command line; see [Aim.String].
func ParseAim(name string) (Aim, error) {
	for a := NearestSSIM; a <= NearestL0; a++ {
		if a.String() == name {
			return a, nil
		}
	}
	return 0, fmt.Errorf("engine: ParseAim: expected ssim, l2, linf or l0, found %q", name)
}
