package engine

// momentsOfRow writes the moments of each element: d = b-a, d*d and a*d.
func momentsOfRow(m []float64, a, b []float32) {
	n := len(a)
	b = b[:n]
	d, squares, products := m[:n], m[n:2*n], m[2*n:3*n]
	for i := momentsByVectors(d, squares, products, a, b); i < n; i++ {
		of := float64(a[i])
		by := float64(b[i]) - of
		d[i], squares[i], products[i] = by, float64(by*by), float64(of*by)
	}
}

// lossesOf turns the moments of windows into their losses, in the place of the shifts; mean and variance are those of the
// reference's windows, from the first on.
func (s *ssimScale) lossesOf(shifts, squares, products, mean, variance []float64) {
	n := len(shifts)
	squares, products, mean, variance = squares[:n], products[:n], mean[:n], variance[:n]
	for i := lossesByVectors(shifts, squares, products, mean, variance, s); i < n; i++ {
		shift := shifts[i]
		shifts[i] = s.loss(mean[i], variance[i], shift, max(squares[i]-square(shift), 0), products[i]-float64(mean[i]*shift))
	}
}

// blurDown sums rows by a symmetric kernel of their number, which is odd.
func blurDown(dst []float64, rows [][]float64, kernel []float64) {
	if len(kernel) != ssimWindow || !blurDownByVectors(dst, rows, kernel) {
		blur(dst, rows, kernel)
	}
}

// blurAlong sums, for each place, the elements there and that are step apart to the right, by such a kernel.
func blurAlong(dst, row []float64, step int, kernel []float64) {
	if len(kernel) == ssimWindow && blurAlongByVectors(dst, row, step, kernel) {
		return
	}
	var taps [ssimWindow][]float64
	for k := range kernel {
		taps[k] = row[k*step:]
	}
	blur(dst, taps[:len(kernel)], kernel)
}

// blur sums the taps, an odd number of at least 3, by a symmetric kernel. Each pass over dst takes as
// many taps as the processor has registers for.
func blur(dst []float64, taps [][]float64, kernel []float64) {
	n, middle := len(dst), len(taps)/2
	c, p, q := taps[middle][:n], taps[middle-1][:n], taps[middle+1][:n]
	w0, w1 := kernel[middle], kernel[middle+1]
	for i := range dst {
		dst[i] = float64(w0*c[i]) + float64(w1*(p[i]+q[i]))
	}
	k := 2
	for ; k < middle; k += 2 {
		p, q, w := taps[middle-k][:n], taps[middle+k][:n], kernel[middle+k]
		p1, q1, w1 := taps[middle-k-1][:n], taps[middle+k+1][:n], kernel[middle+k+1]
		for i := range dst {
			dst[i] += float64(w*(p[i]+q[i])) + float64(w1*(p1[i]+q1[i]))
		}
	}
	if k == middle {
		p, q, w := taps[middle-k][:n], taps[middle+k][:n], kernel[middle+k]
		for i := range dst {
			dst[i] += float64(w * (p[i] + q[i]))
		}
	}
}
