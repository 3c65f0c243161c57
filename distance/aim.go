package distance

import (
	"cmp"
	"fmt"
	"math"
)

// Aim is the distance by which one trigger is nearer to its seed than another.
type Aim int

// The aims of a search.
const (
	// MostAlike wants triggers that are as like their seed as can be, by the similarity of their kind: by SSIM, for images. For inputs
	// whose kind has none it is the same as NearestL2.
	MostAlike   Aim = iota
	NearestL2       // the smallest Euclidean distance
	NearestLInf     // the smallest change of any one element
	NearestL0       // the fewest changed elements
)

// String is the aim's name in reports and on command lines: "ssim" for MostAlike, whatever the kind, "l2", "linf" or "l0".
func (a Aim) String() string {
	switch a {
	case MostAlike:
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
	for a := MostAlike; a <= NearestL0; a++ {
		if a.String() == name {
			return a, nil
		}
	}
	return 0, fmt.Errorf("distance: ParseAim: expected ssim, l2, linf or l0, found %q", name)
}

// far is the distance by the aim as one number, smaller for nearer.
func (a Aim) far(d Distance) float64 {
	switch a {
	case NearestLInf:
		return d.LInf
	case NearestL0:
		return float64(d.L0)
	case MostAlike:
		if s, ok := d.Alike(); ok {
			return 1 - s.Value
		}
	}
	return d.L2
}

// Compare orders distances, the nearest first: it is negative where x is nearer than y, positive where it is
// farther, and 0 where neither is. At the same distance by the aim, L2 decides. With MostAlike, those that have a
// similarity go before those without one, which have no common measure; what is not a number goes last among its like. It is
// the order of a search, of package minimize, and of whoever shows triggers: a strict weak order, whatever the numbers.
func (a Aim) Compare(x, y Distance) int {
	_, hasX := x.Alike()
	if _, hasY := y.Alike(); a == MostAlike && hasX != hasY {
		if hasX {
			return -1
		}
		return 1
	}
	return cmp.Or(CompareFar(a.far(x), a.far(y)), CompareFar(x.L2, y.L2))
}

// CompareFar compares how far two inputs are from their seed, as [Ruler.Far] gives it: it is cmp.Compare but for NaN, which is
// farther than any number.
func CompareFar(x, y float64) int {
	if xNaN, yNaN := math.IsNaN(x), math.IsNaN(y); xNaN || yNaN {
		switch {
		case !yNaN:
			return 1
		case !xNaN:
			return -1
		}
		return 0
	}
	return cmp.Compare(x, y)
}
