package vec

// dotLanes is how many sums products are added to by turns, on every processor, before these are added up: additions to one wait for each other.
const dotLanes = 8

// Dot is the product a*b of two vectors.
func Dot(a, b []float64) float64 {
	ab, _ := Dots(a, b, b)
	return ab
}

// Dots are a*b and a*c. Together they take hardly longer than one of them.
func Dots(a, b, c []float64) (ab, ac float64) {
	b, c = b[:len(a)], c[:len(a)]
	var sums [2][dotLanes]float64
	n := 0
	if vectors && len(a) >= dotLanes {
		n = len(a) / dotLanes * dotLanes
		dots(&sums, &a[0], &b[0], &c[0], n)
	}
	for ; len(a)-n >= dotLanes; n += dotLanes {
		v, w, x := a[n:n+dotLanes], b[n:n+dotLanes], c[n:n+dotLanes]
		for lane := range dotLanes {
			sums[0][lane] += float64(v[lane] * w[lane])
			sums[1][lane] += float64(v[lane] * x[lane])
		}
	}
	for i := n; i < len(a); i++ {
		sums[0][i-n] += float64(a[i] * b[i])
		sums[1][i-n] += float64(a[i] * c[i])
	}
	return Sum(sums[0][:]), Sum(sums[1][:])
}

// SquaredLengths are a*a of three vectors, of which the first tells the length.
func SquaredLengths(of [3][]float64) (squares [3]float64) {
	for i, v := range of {
		v = v[:len(of[0])]
		squares[i] = Dot(v, v)
	}
	return squares
}

// DotOfSingles is the product a*b of two vectors: eight sums of every eighth product, which do not wait for each other, and then the sum of
// these.
func DotOfSingles(a []float64, b []float32) float64 {
	b = b[:len(a)]
	var sums [8]float64
	n := inFours(len(a)) &^ 7
	if n > 0 {
		sumsOfProducts(&sums, &a[0], &b[0], n)
	}
	for ; n < len(a); n++ {
		sums[n&7] += float64(a[n] * float64(b[n]))
	}
	return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]))
}
