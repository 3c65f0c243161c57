package generators

// accumulator is the type in which a filter adds up: whole numbers for bytes, whose results must
// equal OpenCV's, and float64 for every other domain, so that float32 values add up exactly enough.
type accumulator interface{ int32 | float64 }

var (
	wholes scratch[int32]
	reals  scratch[float64]
)

// widen converts the values of an image; to whole numbers only what is whole.
func widen[S accumulator](to []S, from []float32) {
	if to, ok := any(to).([]int32); ok && widenByVectors(to, from) {
		return
	}
	to = to[:len(from)]
	for i, v := range from {
		to[i] = S(v)
	}
}

func bytesToFloats(to []float32, from []byte) {
	if floatByVectors(to, from) {
		return
	}
	for i, v := range from {
		to[i] = float32(v)
	}
}

// floatsToBytes converts values that are bytes.
func floatsToBytes(to []byte, from []float32) {
	if narrowByVectors(to, from) {
		return
	}
	for i, v := range from {
		to[i] = byte(v)
	}
}

// scaleSums sets each value to (sum+add)*factor / 2^shift, rounded down.
func scaleSums(out []float32, sums []int32, add, factor int32, shift uint) {
	if scaleByVectors(out, sums, add, factor, shift) {
		return
	}
	for i, sum := range sums {
		out[i] = float32((sum + add) * factor >> shift)
	}
}
