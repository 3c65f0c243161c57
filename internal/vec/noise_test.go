package vec

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// Values with noise are the same however many are worked on at once.
func TestNoise(t *testing.T) {
	eitherWay(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 40).Draw(t, "n")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "values"), 1))
		sigma := rapid.SampledFrom([]float64{0, 0.3, 30, 2550}).Draw(t, "sigma")
		in, normals := make([]float32, n), make([]float64, n)
		for i := range in {
			in[i], normals[i] = float32(rng.IntN(256)), rng.NormFloat64()
			if rng.IntN(4) == 0 && sigma > 0 {
				normals[i] = (float64(rng.IntN(600)-200) + 0.5) / sigma // a tie, or nearly so
			}
		}
		added, multiplied := make([]float32, n+1), make([]float32, n+1)
		added[n], multiplied[n] = -1, -1 // must stay
		AddNoise(added[:n], in, normals, sigma)
		MultiplyNoise(multiplied[:n], in, normals, 1.1, sigma/255)
		for i, v := range in {
			sum := float64(v) + float64(sigma*normals[i])
			product := float64(float64(v) * (1.1 + float64(sigma/255*normals[i])))
			if added[i] != RoundByte(sum) || multiplied[i] != RoundByte(product) || added[n] != -1 || multiplied[n] != -1 {
				t.Fatalf("value %d of %d: %g became %g and %g, expected %g and %g", i, n, v, added[i], multiplied[i], RoundByte(sum), RoundByte(product))
			}
		}
	})
}

func TestRoundByte(t *testing.T) {
	for v, want := range map[float64]float32{
		-1e6: 0, -300.7: 0, -0.5: 0, -0.25: 0, 0: 0, 0.25: 0, 0.5: 1, 1.5: 2, 2.5: 3, 127.5: 128, 254.49: 254, 254.5: 255,
		255: 255, 255.5: 255, 256: 255, 1e6: 255,
	} {
		if found := RoundByte(v); found != want {
			t.Errorf("%g: expected %g, found %g", v, want, found)
		}
	}
}
