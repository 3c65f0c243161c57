package generators

// accumulator is the type in which a filter adds up: whole numbers for bytes, whose results must
// equal OpenCV's, and float64 for every other domain, so that float32 values add up exactly enough.
type accumulator interface{ int32 | float64 }

var (
	wholes scratch[int32]
	reals  scratch[float64]
)

// widen converts the values of an image.
func widen[S accumulator](to []S, from []float32) {
	to = to[:len(from)]
	for i, v := range from {
		to[i] = S(v)
	}
}
