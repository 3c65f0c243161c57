package vec

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Corners, and how far the ways there lead, are the same to the last bit, however many are worked on at once.
func TestCorners(t *testing.T) {
	eitherWay(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 40).Draw(t, "n")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "values"), 1))
		g, h := numbers(n, rng), numbers(n, rng)
		base, low, high := make([]float32, n), make([]float32, n), make([]float32, n)
		for i := range n {
			base[i] = float32(rng.IntN(256))
			low[i], high[i] = base[i]-rng.Float32(), base[i]+float32(rng.IntN(3))
			switch rng.IntN(8) {
			case 0:
				g[i], h[i] = 0, 0
			case 1:
				g[i] = math.NaN()
			}
		}
		weights := [cornerWeights]float64{1, 0.8, 0.5, rng.Float64()}
		along := [4][cornerWeights]float64{{1, 2, 3, 4}, {}, {}, {5}}
		want := along
		Corners(&along, &weights, g, h, base, low, high)
		corner := append(slices.Clone(base), -1)
		Corner(corner[:n], weights[3], g, h, base, low, high)
		for i := range n {
			for j, w := range weights {
				way := func(up float64) float64 {
					if up > 0 {
						return float64(low[i] - base[i])
					}
					return float64(high[i] - base[i])
				}
				first, second := way(float64(w*g[i])-float64((1-w)*h[i])), way(float64(w*h[i])-float64((1-w)*g[i]))
				want[0][j] += float64(first * g[i])
				want[1][j] += float64(first * h[i])
				want[2][j] += float64(second * h[i])
				want[3][j] += float64(second * g[i])
			}
			end := base[i]
			if up := float64(weights[3]*g[i]) - float64((1-weights[3])*h[i]); up > 0 {
				end = low[i]
			} else if up < 0 {
				end = high[i]
			}
			if corner[i] != end || corner[n] != -1 {
				t.Fatalf("corner %d against %g and %g: expected %g, found %v", i, g[i], h[i], end, corner)
			}
		}
		for i := range want {
			for j, sum := range want[i] {
				if math.Float64bits(along[i][j]) != math.Float64bits(sum) && !(math.IsNaN(sum) && math.IsNaN(along[i][j])) {
					t.Fatalf("sums %d of weight %g: expected %g, found %g", i, weights[j], sum, along[i][j])
				}
			}
		}
	})
}
