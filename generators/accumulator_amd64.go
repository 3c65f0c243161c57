package generators

// wholesAtOnce is how many whole numbers that are.
const wholesAtOnce = 8

//go:noescape
func wholesOf(to *int32, from *float32, n int)

//go:noescape
func bytesOf(to *byte, from *float32, n int)

//go:noescape
func floatsOf(to *float32, from *byte, n int)

//go:noescape
func weighTaps(sums *int32, n int, taps *[7]*int32, weights *[4]int32)

//go:noescape
func bytesOfSums(out *float32, sums *int32, n int, add, factor int32, shift uint64)

// widenByVectors does the work of widen, and reports whether it can.
func widenByVectors(to []int32, from []float32) bool {
	n := len(from)
	if !vectors || n < wholesAtOnce {
		return false
	}
	wholesOf(&to[:n][0], &from[0], n)
	return true
}

// narrowByVectors does the work of floatsToBytes, and reports whether it can.
func narrowByVectors(to []byte, from []float32) bool {
	n := len(from)
	if !vectors || n < wholesAtOnce {
		return false
	}
	bytesOf(&to[:n][0], &from[0], n)
	return true
}

// floatByVectors does the work of bytesToFloats, and reports whether it can.
func floatByVectors(to []float32, from []byte) bool {
	n := len(from)
	if !vectors || n < wholesAtOnce {
		return false
	}
	floatsOf(&to[:n][0], &from[0], n)
	return true
}

// weighByVectors does the work of weigh, and reports whether it can.
func weighByVectors(sums []int32, taps *[7][]int32, weights []int32) bool {
	n := len(sums)
	if !vectors || n < wholesAtOnce {
		return false
	}
	var places [7]*int32
	var factors [4]int32
	middle := len(weights) - 1
	for i := range places {
		places[i] = &taps[middle][:n][0] // counts for nothing where there is no weight
	}
	for i, w := range weights {
		factors[i] = w
		if i > 0 {
			places[2*i-1], places[2*i] = &taps[middle-i][:n][0], &taps[middle+i][:n][0]
		}
	}
	weighTaps(&sums[0], n, &places, &factors)
	return true
}

// scaleByVectors does the work of scaleSums, and reports whether it can.
func scaleByVectors(out []float32, sums []int32, add, factor int32, shift uint) bool {
	n := len(sums)
	if !vectors || n < wholesAtOnce {
		return false
	}
	bytesOfSums(&out[:n][0], &sums[0], n, add, factor, uint64(shift))
	return true
}
