package vec

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// Sums of rows are the same to the last bit, however many are made at once.
func TestCombine(t *testing.T) {
	eitherWay(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 50).Draw(t, "n")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "values"), 1))
		weights := numbers(rapid.IntRange(1, 12).Draw(t, "rows"), rng)
		rows := make([][]float64, len(weights))
		for k := range rows {
			rows[k] = numbers(n, rng)
		}
		found := make([]float64, n+1)
		found[n] = -7 // which must stay
		Combine(found[:n], rows, weights)
		for i, v := range found[:n] {
			want := float64(weights[0] * rows[0][i])
			for k := 1; k < len(rows); k++ {
				want += float64(weights[k] * rows[k][i])
			}
			if v != want {
				t.Fatalf("sum %d: expected %g, found %g", i, want, v)
			}
		}
		if found[n] != -7 {
			t.Fatal("written beyond the end")
		}
	})
}
