package engine

// changeByVectors does the work of changeOf for the elements before the one it returns.
func changeByVectors(u []float64, in, seed []float32, scale []float64) int {
	n := inVectors(len(seed))
	if n > 0 {
		scaledChange(&u[0], &in[0], &seed[0], &scale[0], n)
	}
	return n
}

// applyByVectors does the work of applyChange on bytes for the elements before the one it returns.
func applyByVectors(out, seed []float32, u, scale []float64, t float64) int {
	n := inVectors(len(seed))
	if n > 0 {
		changedBytes(&out[0], &seed[0], &u[0], &scale[0], t, n)
	}
	return n
}

// addByVectors does the work of addScaled for the elements before the one it returns.
func addByVectors(dst []float64, k float64, v []float64) int {
	n := inVectors(len(v))
	if n > 0 {
		addTimes(&dst[0], &v[0], k, n)
	}
	return n
}

//go:noescape
func addTimes(dst, v *float64, k float64, n int)

//go:noescape
func scaledChange(u *float64, in, seed *float32, scale *float64, n int)

//go:noescape
func changedBytes(out, seed *float32, u, scale *float64, t float64, n int)
