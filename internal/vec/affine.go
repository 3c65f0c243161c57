package vec

// Affine writes factor times each value, plus offset, as the nearest float32.
func Affine(dst, src []float32, factor, offset float64) {
	dst = dst[:len(src)]
	n := inFours(len(src))
	if n > 0 {
		affine(&dst[0], &src[0], factor, offset, n)
	}
	for i := n; i < len(src); i++ {
		dst[i] = float32(float64(float64(src[i])*factor) + offset)
	}
}

// AffinePlanes does so for values of three channels by turns, each with its factor and offset, and writes each channel into a plane of its
// own.
func AffinePlanes(planes *[3][]float32, src []float32, factor, offset *[3]float64) {
	pixels := len(src) / 3
	a, b, c := planes[0][:pixels], planes[1][:pixels], planes[2][:pixels]
	var factors, offsets [3 * wideAtOnce]float64
	for i := range factors {
		factors[i], offsets[i] = factor[i%3], offset[i%3]
	}
	at := inEights(pixels)
	if at > 0 {
		wideAffinePlanes(&a[0], &b[0], &c[0], &src[0], &factors, &offsets, at)
	}
	if n := inFours(pixels); n > at {
		affinePlanes(&a[at], &b[at], &c[at], &src[3*at], &factors, &offsets, n-at)
		at = n
	}
	for i := at; i < pixels; i++ {
		a[i] = float32(float64(float64(src[3*i])*factor[0]) + offset[0])
		b[i] = float32(float64(float64(src[3*i+1])*factor[1]) + offset[1])
		c[i] = float32(float64(float64(src[3*i+2])*factor[2]) + offset[2])
	}
}
