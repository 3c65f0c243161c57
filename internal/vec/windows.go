package vec

// Moments writes the moments of each value of a and the one of b in its place: their difference d = b-a, for all values,
// then d*d, then a*d. So m is three times as long as a.
func Moments(m []float64, a, b []float32) {
	length := len(a)
	b = b[:length]
	d, squares, products := m[:length], m[length:2*length], m[2*length:3*length]
	at := inEights(length)
	if at > 0 {
		wideMoments(&d[0], &squares[0], &products[0], &a[0], &b[0], at)
	}
	if n := inFours(length); n > at {
		moments(&d[at], &squares[at], &products[at], &a[at], &b[at], n-at)
		at = n
	}
	for i := at; i < length; i++ {
		of := float64(a[i])
		by := float64(b[i]) - of
		d[i], squares[i], products[i] = by, float64(by*by), float64(of*by)
	}
}

// Products writes the product of each value of a and the one of b in its place.
func Products(dst []float64, a, b []float32) {
	dst, b = dst[:len(a)], b[:len(a)]
	n := inFours(len(a))
	if n > 0 {
		products(&dst[0], &a[0], &b[0], n)
	}
	for i := n; i < len(a); i++ {
		dst[i] = float64(a[i]) * float64(b[i])
	}
}

// Losses turns moments that were averaged over windows into what [Loss] is of each window, in the place of the shifts;
// mean and variance are those of the reference's windows, which may be followed by others.
func Losses(shifts, squares, products, mean, variance []float64, c1, c2 float64) {
	length := len(shifts)
	squares, products, mean, variance = squares[:length], products[:length], mean[:length], variance[:length]
	at := inEights(length)
	if at > 0 {
		wideLosses(&shifts[0], &squares[0], &products[0], &mean[0], &variance[0], c1, c2, at)
	}
	if n := inFours(length); n > at {
		losses(&shifts[at], &squares[at], &products[at], &mean[at], &variance[at], c1, c2, n-at)
		at = n
	}
	for i := at; i < length; i++ {
		shift := shifts[i]
		shifts[i] = Loss(mean[i], variance[i], shift, max(squares[i]-float64(shift*shift), 0), products[i]-float64(mean[i]*shift), c1, c2)
	}
}

// Loss is how much the structural similarity of a window is below 1: of the reference's mean and variance there, the
// shift of the mean and the spread (variance) of the difference, the covariance of reference and difference, and the two
// constants of the measure.
func Loss(mean, variance, shift, spread, covariance, c1, c2 float64) float64 {
	// The two factors of the similarity are like/(like+shiftSquared), of the means, and covary/(covary+spread), of
	// the variances.
	shiftSquared := float64(shift * shift)
	like := 2*float64(mean*(mean+shift)) + c1
	covary := 2*(variance+covariance) + c2
	return (float64(like*spread) + float64(shiftSquared*(covary+spread))) / float64((like+shiftSquared)*(covary+spread))
}

// Variances writes what squares, averaged over windows, are above the square of the mean, at least 0.
func Variances(dst, squares, means []float64) {
	squares, means = squares[:len(dst)], means[:len(dst)]
	n := inFours(len(dst))
	if n > 0 {
		variances(&dst[0], &squares[0], &means[0], n)
	}
	for i := n; i < len(dst); i++ {
		dst[i] = max(squares[i]-float64(means[i]*means[i]), 0)
	}
}

// WindowWeights writes what [Loss] of a small change grows by in a window of that mean and variance: with the spread, and with the square of the shift beyond that.
func WindowWeights(ofVariance, rest, mean, variance []float64, c1, c2 float64) {
	length := len(ofVariance)
	rest, mean, variance = rest[:length], mean[:length], variance[:length]
	n := inFours(length)
	if n > 0 {
		windowWeights(&ofVariance[0], &rest[0], &mean[0], &variance[0], c1, c2, n)
	}
	for i := n; i < length; i++ {
		ofVariance[i] = 1 / (2*variance[i] + c2)
		rest[i] = 1/(2*float64(mean[i]*mean[i])+c1) - ofVariance[i]
	}
}

// widestBlur is the longest kernel, and the one for which there is a faster way.
const widestBlur = 11

// BlurDown sums rows by a symmetric kernel of their number, which is odd and at least 3.
func BlurDown(dst []float64, rows [][]float64, kernel []float64) {
	if n := len(dst); vectors && n >= doublesAtOnce && len(kernel) == widestBlur {
		var taps [widestBlur]*float64
		for i, row := range rows[:widestBlur] {
			taps[i] = &row[:n][0]
		}
		blur11Of(dst, &taps, kernel)
		return
	}
	blur(dst, rows, kernel)
}

// BlurAlong sums, for each place, the elements there and that are step apart to the right, by such a kernel of up to 11.
func BlurAlong(dst, row []float64, step int, kernel []float64) {
	if n := len(dst); vectors && n >= doublesAtOnce && len(kernel) == widestBlur {
		row = row[:n+(widestBlur-1)*step]
		var taps [widestBlur]*float64
		for i := range taps {
			taps[i] = &row[i*step]
		}
		blur11Of(dst, &taps, kernel)
		return
	}
	var taps [widestBlur][]float64
	for k := range kernel {
		taps[k] = row[k*step:]
	}
	blur(dst, taps[:len(kernel)], kernel)
}

func blur11Of(dst []float64, taps *[widestBlur]*float64, kernel []float64) {
	if n, middle := len(dst), &kernel[widestBlur/2]; wide && n >= wideAtOnce {
		wideBlur11(&dst[0], n, taps, middle)
	} else {
		blur11(&dst[0], n, taps, middle)
	}
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
