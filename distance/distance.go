package distance

import (
	"math"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/vec"
)

// Distance says how far one input is from another, in the input's own units.
type Distance struct {
	L0   int     `json:"l0"`   // number of elements that differ
	L1   float64 `json:"l1"`   // sum of absolute differences
	L2   float64 `json:"l2"`   // Euclidean
	LInf float64 `json:"linf"` // largest absolute difference
	// SSIM is the structural similarity of two images, 1 for equal ones; nil for inputs that are
	// not images of at least 3x3.
	SSIM *float64 `json:"ssim,omitempty"`
	// Similarity is that of another kind than images, as its [Traits] have it; nil where there is none.
	Similarity *Measured `json:"similarity,omitempty"`
}

// Measured is a similarity with the name of what measured it, see [Traits]: 1 for equal inputs.
type Measured struct {
	Measure string  `json:"measure"`
	Value   float64 `json:"value"`
}

// Alike is the similarity by the inputs' own kind, SSIM or Similarity, and its name; false where there is none.
func (d Distance) Alike() (measured Measured, ok bool) {
	switch {
	case d.SSIM != nil:
		return Measured{"SSIM", *d.SSIM}, true
	case d.Similarity != nil:
		return *d.Similarity, true
	}
	return Measured{}, false
}

// DistanceBetween measures a and b, which have the same shape. Inputs of different lengths are infinitely far from each other
// by all but L0, in which they differ in all elements.
func DistanceBetween(a, b input.Input) Distance { return NewRuler(a).Measure(b) }

// differences is the distance without similarities.
func differences(a, b []float32) Distance {
	if len(a) != len(b) {
		return Distance{L0: max(len(a), len(b)), L1: math.Inf(1), L2: math.Inf(1), LInf: math.Inf(1)}
	}
	var d Distance
	var squares float64
	for i, v := range a {
		diff := math.Abs(float64(v) - float64(b[i]))
		if diff == 0 {
			continue
		}
		d.L0++
		d.L1 += diff
		squares += float64(diff * diff)
		d.LInf = max(d.LInf, diff)
	}
	d.L2 = math.Sqrt(squares)
	return d
}

// changes is [Distance].L0 alone.
func changes(a, b []float32) int {
	n := 0
	for i, v := range a {
		if v != b[i] {
			n++
		}
	}
	return n
}

// euclidean is [Distance].L2 alone, to the last bit.
func euclidean(a, b []float32) float64 { return math.Sqrt(vec.SquaredDifferences(a, b)) }

// largestChange is [Distance].LInf alone.
func largestChange(a, b []float32) float64 {
	var largest float64
	for i, v := range a {
		largest = max(largest, math.Abs(float64(v)-float64(b[i])))
	}
	return largest
}
