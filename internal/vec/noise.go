package vec

// AddNoise adds sigma times the normals to the values of in, and rounds to bytes.
func AddNoise(out, in []float32, normals []float64, sigma float64) {
	out, normals = out[:len(in)], normals[:len(in)]
	n := inFours(len(in))
	if n > 0 {
		addNormals(&out[0], &in[0], &normals[0], sigma, n)
	}
	for i := n; i < len(in); i++ {
		out[i] = RoundByte(float64(in[i]) + float64(sigma*normals[i]))
	}
}

// MultiplyNoise multiplies the values of in by factor + sigma times the normals, and rounds to bytes.
func MultiplyNoise(out, in []float32, normals []float64, factor, sigma float64) {
	out, normals = out[:len(in)], normals[:len(in)]
	n := inFours(len(in))
	if n > 0 {
		multiplyNormals(&out[0], &in[0], &normals[0], factor, sigma, n)
	}
	for i := n; i < len(in); i++ {
		out[i] = RoundByte(float64(float64(in[i]) * (factor + float64(sigma*normals[i]))))
	}
}

// RoundByte is the whole number from 0 to 255 that is nearest to v, the upper of two. It is for numbers of a size that
// noise has, below a million, and takes no branches: on noise around 0 or 255 a processor would guess every other one
// wrong.
func RoundByte(v float64) float32 {
	const positive = 1 << 20 // conversion rounds towards zero, so it is kept off negative numbers
	return float32(min(max(int64(v+(positive+0.5))-positive, 0), 255))
}
