package generators

import (
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// oneByOne runs a test as on a processor without vectors.
func oneByOne(t *testing.T, test func()) {
	if !vectors {
		t.Skip("this processor works on one value after the other anyway")
	}
	vectors = false
	defer func() { vectors = true }()
	test()
}

func TestBlursOneByOneEqualOpenCV(t *testing.T) {
	oneByOne(t, func() { TestBlursEqualOpenCV(t) })
}

// Values, noise among them, are the same however many are worked on at once.
func TestVectorsGiveWhatLoopsGive(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(0, 40).Draw(rt, "n")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "values"), 1))
		sigma := rapid.SampledFrom([]float64{0, 0.3, 30, strongestNoise * 255}).Draw(rt, "sigma")
		in, normals := make([]float32, n), make([]float64, n)
		for i := range in {
			in[i], normals[i] = float32(rng.IntN(256)), rng.NormFloat64()
			if rng.IntN(4) == 0 && sigma > 0 {
				normals[i] = (float64(rng.IntN(600)-200) + 0.5) / sigma // a tie, or nearly so
			}
		}
		results := func() (all []float32) {
			row := func() []float32 { // one more, which must stay as it is
				all = append(all, make([]float32, n+1)...)
				return all[len(all)-n-1:][:n]
			}
			addToBytes(row(), in, normals, sigma)
			multiplyBytes(row(), in, normals, 1.1, sigma/255)
			bytes := make([]byte, n+1)
			floatsToBytes(bytes[:n], in)
			bytesToFloats(row(), bytes[:n])
			whole := make([]int32, n+1)
			widen(whole[:n], in)
			scaleSums(row(), whole[:n], 3, 7, 3)
			return append(all, float32(bytes[n]), float32(whole[n]))
		}
		found := results()
		oneByOne(t, func() {
			if want := results(); !slices.Equal(want, found) {
				rt.Fatalf("one by one %v, by vectors %v", want, found)
			}
		})
	})
}
