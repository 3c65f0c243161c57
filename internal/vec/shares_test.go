package vec

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Quotients, and roots of them, are the same to the last bit, however many are made at once.
func TestShares(t *testing.T) {
	eitherWay(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 40).Draw(t, "n")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "values"), 1))
		of, by, values := make([]float32, n), make([]float32, n), make([]float64, n)
		for i := range n {
			of[i], by[i], values[i] = rng.Float32(), 0.1+rng.Float32(), rng.NormFloat64()
		}
		least, divisor := 0.1+rng.Float32()/2, 1+rng.Float64()
		roots, quotients, divided := append(make([]float64, n), -1), append(make([]float32, n), -1), append(slices.Clone(of), -1)
		RootsOfShares(roots[:n], of, least)
		Quotients(quotients[:n], values, divisor)
		Divide(divided[:n], by)
		for i := range n {
			if want := math.Sqrt(float64(least / max(of[i], least))); roots[i] != want || want > 1 {
				t.Fatalf("root of the share %g of %g: expected %g, found %g", least, of[i], want, roots[i])
			}
			if want := float32(values[i] / divisor); quotients[i] != want {
				t.Fatalf("%g by %g: expected %g, found %g", values[i], divisor, want, quotients[i])
			}
			if want := of[i] / by[i]; divided[i] != want {
				t.Fatalf("%g by %g: expected %g, found %g", of[i], by[i], want, divided[i])
			}
		}
		if roots[n] != -1 || quotients[n] != -1 || divided[n] != -1 {
			t.Fatal("written beyond the end")
		}
	})
}
