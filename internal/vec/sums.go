package vec

// Accumulator is the type in which a filter adds up: whole numbers for bytes, so that sums are exact and equal those of
// other libraries, and float64 for any other value, so that float32 values add up exactly enough.
type Accumulator interface{ int32 | float64 }

// Widen converts values; to whole numbers only what is whole.
func Widen[S Accumulator](to []S, from []float32) {
	to = to[:len(from)]
	if wholes, ok := any(to).([]int32); ok && vectors && len(from) >= wholesAtOnce {
		wholesOf(&wholes[0], &from[0], len(from))
		return
	}
	for i, v := range from {
		to[i] = S(v)
	}
}

// BytesToFloats converts bytes to values.
func BytesToFloats(to []float32, from []byte) {
	to = to[:len(from)]
	if vectors && len(from) >= wholesAtOnce {
		floatsOf(&to[0], &from[0], len(from))
		return
	}
	for i, v := range from {
		to[i] = float32(v)
	}
}

// FloatsToBytes converts values that are bytes.
func FloatsToBytes(to []byte, from []float32) {
	to = to[:len(from)]
	if vectors && len(from) >= wholesAtOnce {
		bytesOf(&to[0], &from[0], len(from))
		return
	}
	for i, v := range from {
		to[i] = byte(v)
	}
}

// BytesPlus writes values that are bytes, each plus a number of which only the lowest byte of the sum is kept. It reports false where a
// value is no byte; what it has written is of no use then.
func BytesPlus(to []byte, from []float32, add byte) bool {
	to = to[:len(from)]
	if vectors && len(from) >= wholesAtOnce {
		return bytesPlus(&to[0], &from[0], len(from), add)
	}
	for i, v := range from {
		k := int32(v)
		if uint32(k) > 255 || float32(k) != v {
			return false
		}
		to[i] = byte(k) + add
	}
	return true
}

// ScaleSums sets each value to (sum+add)*factor / 2^shift, rounded down. The product fits an int32.
func ScaleSums(out []float32, sums []int32, add, factor int32, shift uint) {
	out = out[:len(sums)]
	if vectors && len(sums) >= wholesAtOnce {
		bytesOfSums(&out[0], &sums[0], len(sums), add, factor, uint64(shift))
		return
	}
	for i, sum := range sums {
		out[i] = float32((sum + add) * factor >> shift)
	}
}

// Weigh adds up the first 3, 5 or 7 taps, by symmetric weights of which there are 2, 3 or 4: from the middle outwards.
func Weigh[S Accumulator](sums []S, taps *[7][]S, weights []int32) {
	if wholes, ok := any(sums).([]int32); ok && vectors && len(sums) >= wholesAtOnce {
		weighWholes(wholes, any(taps).(*[7][]int32), weights)
		return
	}
	switch len(weights) {
	case 2:
		weigh3(sums, taps, S(weights[0]), S(weights[1]))
	case 3:
		weigh5(sums, taps, S(weights[0]), S(weights[1]), S(weights[2]))
	case 4:
		weigh7(sums, taps, S(weights[0]), S(weights[1]), S(weights[2]), S(weights[3]))
	}
}

// weighWholes hands the taps over by their places.
func weighWholes(sums []int32, taps *[7][]int32, weights []int32) {
	n, middle := len(sums), len(weights)-1
	var places [7]*int32
	var factors [4]int32
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
}

// The conversions forbid to fuse products with sums.

func weigh3[S Accumulator](sums []S, taps *[7][]S, w0, w1 S) {
	n := len(sums)
	a, b, c := taps[0][:n], taps[1][:n], taps[2][:n]
	for i := range sums {
		sums[i] = S(w0*b[i]) + S(w1*(a[i]+c[i]))
	}
}

func weigh5[S Accumulator](sums []S, taps *[7][]S, w0, w1, w2 S) {
	n := len(sums)
	a, b, c, d, e := taps[0][:n], taps[1][:n], taps[2][:n], taps[3][:n], taps[4][:n]
	for i := range sums {
		sums[i] = S(w0*c[i]) + S(w1*(b[i]+d[i])) + S(w2*(a[i]+e[i]))
	}
}

func weigh7[S Accumulator](sums []S, taps *[7][]S, w0, w1, w2, w3 S) {
	n := len(sums)
	a, b, c, d := taps[0][:n], taps[1][:n], taps[2][:n], taps[3][:n]
	e, f, g := taps[4][:n], taps[5][:n], taps[6][:n]
	for i := range sums {
		sums[i] = S(w0*d[i]) + S(w1*(c[i]+e[i])) + S(w2*(b[i]+f[i])) + S(w3*(a[i]+g[i]))
	}
}
