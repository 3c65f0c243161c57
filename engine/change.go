package engine

// changeOf writes by how much each value of an input differs from the seed's, in units of scale.
func changeOf(u []float64, in, seed []float32, scale []float64) {
	in, u, scale = in[:len(seed)], u[:len(seed)], scale[:len(seed)]
	for i := changeByVectors(u, in, seed, scale); i < len(seed); i++ {
		u[i] = float64(in[i]-seed[i]) / scale[i]
	}
}

// applyChange writes the seed, changed by t times u in units of scale, as values of the domain.
func applyChange(out, seed []float32, u, scale []float64, t float64, d Domain) {
	out, u, scale = out[:len(seed)], u[:len(seed)], scale[:len(seed)]
	i := 0
	if d == Bytes {
		i = applyByVectors(out, seed, u, scale, t)
	}
	for ; i < len(seed); i++ {
		out[i] = d.Snap(float32(float64(seed[i]) + float64(float64(t*u[i])*scale[i])))
	}
}

func dot(a, b []float64) float64 {
	b = b[:len(a)]
	var sum float64
	for i, v := range a {
		sum += float64(v * b[i])
	}
	return sum
}

// dots are a*b and a*c. Together they take hardly longer than one of them, whose additions wait for each other.
func dots(a, b, c []float64) (ab, ac float64) {
	b, c = b[:len(a)], c[:len(a)]
	for i, v := range a {
		ab += float64(v * b[i])
		ac += float64(v * c[i])
	}
	return ab, ac
}

// addScaled adds k times v to dst.
func addScaled(dst []float64, k float64, v []float64) {
	dst = dst[:len(v)]
	for i := addByVectors(dst, k, v); i < len(v); i++ {
		dst[i] += float64(k * v[i])
	}
}
