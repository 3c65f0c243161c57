package engine

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// Changes and changed inputs are the same to the last bit, however many values are worked on at once.
func TestChanges(t *testing.T) {
	eitherWay(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 40).Draw(t, "n")
		by := rapid.Float64().Draw(t, "t")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "values"), 1))
		in, seed, out := make([]float32, n), make([]float32, n), make([]float32, n+1)
		u, scale, change := make([]float64, n), make([]float64, n), make([]float64, n+1)
		for i := range n {
			in[i], seed[i] = float32(rng.IntN(256)), float32(rng.IntN(256))
			u[i], scale[i] = 100*rng.NormFloat64(), 0.01+rng.Float64()
			switch rng.IntN(8) {
			case 0:
				u[i], scale[i] = (float64(rng.IntN(400))-100-float64(seed[i]))/2, 2 // a whole number, with t = 1
			case 1:
				u[i], scale[i] = (float64(rng.IntN(400))-100.5-float64(seed[i]))/2, 2 // a tie
			case 2:
				u[i] = []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e300, -1e300, math.Copysign(0, -1)}[rng.IntN(6)]
			}
		}
		out[n], change[n] = -1, -1 // must stay
		changeOf(change[:n], in, seed, scale)
		for _, t1 := range []float64{by, 1} {
			applyChange(out[:n], seed, u, scale, t1, Bytes)
			for i := range n {
				if want := float64(in[i]-seed[i]) / scale[i]; change[i] != want {
					t.Fatalf("change %d from %g to %g in units of %g: expected %g, found %g", i, seed[i], in[i], scale[i], want, change[i])
				}
				changed := float32(float64(seed[i]) + float64(float64(t1*u[i])*scale[i]))
				if want := Bytes.Snap(changed); math.Float32bits(out[i]) != math.Float32bits(want) {
					t.Fatalf("value %d: expected %g for %g, found %g", i, want, changed, out[i])
				}
			}
		}
		sums := make([]float64, n+1)
		copy(sums, scale)
		addScaled(sums[:n], by, change[:n])
		for i := range n {
			if want := scale[i] + float64(by*change[i]); sums[i] != want {
				t.Fatalf("%g and %g times %g: expected %g, found %g", scale[i], by, change[i], want, sums[i])
			}
		}
		if out[n] != -1 || change[n] != -1 || sums[n] != 0 {
			t.Fatal("written beyond the end")
		}
	})
}
