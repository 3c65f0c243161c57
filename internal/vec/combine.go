package vec

// Combine writes the sums of rows, each times its weight, added up in their order. There is at least one row. Dst may be one of them.
func Combine(dst []float64, rows [][]float64, weights []float64) {
	length := len(dst)
	weights = weights[:len(rows)]
	for _, row := range rows {
		_ = row[:length]
	}
	n := inFours(length)
	if n > 0 {
		combine(&dst[0], &rows[0], &weights[0], len(rows), n)
	}
	for i := n; i < length; i++ {
		sum := float64(weights[0] * rows[0][i])
		for k := 1; k < len(rows); k++ {
			sum += float64(weights[k] * rows[k][i])
		}
		dst[i] = sum
	}
}
