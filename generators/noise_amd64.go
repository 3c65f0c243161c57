package generators

// normalsAtOnce is how many values the functions below work on at once.
const normalsAtOnce = 4

//go:noescape
func addNormals(out, in *float32, normals *float64, sigma float64, n int)

//go:noescape
func multiplyNormals(out, in *float32, normals *float64, factor, sigma float64, n int)

// addByVectors does the work of addToBytes for the values before the one it returns.
func addByVectors(out, in []float32, normals []float64, sigma float64) int {
	n := len(in) / normalsAtOnce * normalsAtOnce
	if !vectors || n == 0 {
		return 0
	}
	addNormals(&out[0], &in[0], &normals[0], sigma, n)
	return n
}

// multiplyByVectors does the work of multiplyBytes for the values before the one it returns.
func multiplyByVectors(out, in []float32, normals []float64, factor, sigma float64) int {
	n := len(in) / normalsAtOnce * normalsAtOnce
	if !vectors || n == 0 {
		return 0
	}
	multiplyNormals(&out[0], &in[0], &normals[0], factor, sigma, n)
	return n
}
