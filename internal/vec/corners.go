package vec

// The weights of a corner are those of one direction; the other one has the rest of 1.
const cornerWeights = 4

// Corners adds, for each weight w, how far the way from base to its corner leads along g and along h: along[0] and along[1] where the corner lies against w*g - (1-w)*h,
// along[2] and along[3], first along h, where it lies against w*h - (1-w)*g. Against a value above 0 that is at low, else at high. Sums are in order.
func Corners(along *[4][cornerWeights]float64, weights *[cornerWeights]float64, g, h []float64, base, low, high []float32) {
	n := len(base)
	g, h, low, high = g[:n], h[:n], low[:n], high[:n]
	var rest [cornerWeights]float64
	for i, w := range weights {
		rest[i] = 1 - w
	}
	if vectors && n > 0 {
		corners(along, weights, &rest, &g[0], &h[0], &base[0], &low[0], &high[0], n)
		return
	}
	for i, v := range base {
		// Chosen by an index, as a processor would guess every other branch wrong.
		ways, x, y := [2]float64{float64(high[i] - v), float64(low[i] - v)}, g[i], h[i]
		for j, w := range weights {
			first, second := 0, 0
			if float64(w*x)-float64(rest[j]*y) > 0 {
				first = 1
			}
			if float64(w*y)-float64(rest[j]*x) > 0 {
				second = 1
			}
			along[0][j] += float64(ways[first&1] * x)
			along[1][j] += float64(ways[first&1] * y)
			along[2][j] += float64(ways[second&1] * y)
			along[3][j] += float64(ways[second&1] * x)
		}
	}
}

// Corner writes the corner against w*g - (1-w)*h: low where that is above 0, high where it is below, and else base.
func Corner(dst []float32, w float64, g, h []float64, base, low, high []float32) {
	length := len(dst)
	g, h, base, low, high = g[:length], h[:length], base[:length], low[:length], high[:length]
	n := inFours(length)
	if n > 0 {
		corner(&dst[0], w, 1-w, &g[0], &h[0], &base[0], &low[0], &high[0], n)
	}
	for i := n; i < length; i++ {
		up := float64(w*g[i]) - float64((1-w)*h[i])
		ends, to := [4]float32{base[i], low[i], high[i]}, 0
		if up > 0 {
			to = 1
		}
		if up < 0 {
			to = 2
		}
		dst[i] = ends[to&3]
	}
}
