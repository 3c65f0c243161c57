package engine

import "math"

// Distance says how far one input is from another, in the input's own units.
type Distance struct {
	L0   int     `json:"l0"`   // number of elements that differ
	L1   float64 `json:"l1"`   // sum of absolute differences
	L2   float64 `json:"l2"`   // Euclidean
	LInf float64 `json:"linf"` // largest absolute difference
	// SSIM is the structural similarity of two images, 1 for equal ones; nil for inputs that are
	// not images of at least 3x3.
	SSIM *float64 `json:"ssim,omitempty"`
}

// DistanceBetween measures a and b, which have the same shape.
func DistanceBetween(a, b Input) Distance {
	var d Distance
	var squares float64
	for i, v := range a.Data {
		diff := math.Abs(float64(v) - float64(b.Data[i]))
		if diff == 0 {
			continue
		}
		d.L0++
		d.L1 += diff
		squares += diff * diff
		d.LInf = max(d.LInf, diff)
	}
	d.L2 = math.Sqrt(squares)
	if s, ok := SSIM(a, b); ok {
		d.SSIM = &s
	}
	return d
}
