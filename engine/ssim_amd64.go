package engine

//go:noescape
func moments(d, squares, products *float64, a, b *float32, n int)

//go:noescape
func losses(shifts, squares, products, mean, variance *float64, c1, c2 float64, n int)

//go:noescape
func blur11(dst *float64, n int, taps *[ssimWindow]*float64, kernel *float64)

// momentsByVectors does the work of momentsOfRow for the elements before the one it returns.
func momentsByVectors(d, squares, products []float64, a, b []float32) int {
	n := inVectors(len(a))
	if n > 0 {
		moments(&d[0], &squares[0], &products[0], &a[0], &b[0], n)
	}
	return n
}

// lossesByVectors does the work of lossesOf for the windows before the one it returns.
func lossesByVectors(shifts, squares, products, mean, variance []float64, s *ssimScale) int {
	n := inVectors(len(shifts))
	if n > 0 {
		losses(&shifts[0], &squares[0], &products[0], &mean[0], &variance[0], s.c1, s.c2, n)
	}
	return n
}

// blurDownByVectors does the work of blurDown for 11 rows, and reports whether it can.
func blurDownByVectors(dst []float64, rows [][]float64, kernel []float64) bool {
	n := len(dst)
	if !vectors || n < atOnce {
		return false
	}
	var taps [ssimWindow]*float64
	for i, row := range rows[:ssimWindow] {
		taps[i] = &row[:n][0]
	}
	blur11(&dst[0], n, &taps, &kernel[:ssimWindow][ssimWindow/2])
	return true
}

// blurAlongByVectors does the work of blurAlong for 11 elements, and reports whether it can.
func blurAlongByVectors(dst, row []float64, step int, kernel []float64) bool {
	n := len(dst)
	if !vectors || n < atOnce {
		return false
	}
	row = row[:n+(ssimWindow-1)*step]
	var taps [ssimWindow]*float64
	for i := range taps {
		taps[i] = &row[i*step]
	}
	blur11(&dst[0], n, &taps, &kernel[:ssimWindow][ssimWindow/2])
	return true
}
