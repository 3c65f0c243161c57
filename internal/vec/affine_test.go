package vec

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// Values are preprocessed alike however many are worked on at once, and nothing beyond them is written.
func TestAffine(t *testing.T) {
	eitherWay(t, func(t *rapid.T) {
		pixels := rapid.IntRange(0, 23).Draw(t, "pixels")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "values"), 1))
		var factor, offset [3]float64
		for c := range factor {
			factor[c], offset[c] = rng.NormFloat64()/50, rng.NormFloat64()
		}
		src := make([]float32, 3*pixels)
		for i := range src {
			src[i] = float32(rng.IntN(256))
			if rng.IntN(8) == 0 {
				src[i] = float32(1e3 * rng.NormFloat64())
			}
		}
		want := func(i, channel int) float32 {
			return float32(float64(float64(src[i])*factor[channel]) + offset[channel])
		}
		line := make([]float32, len(src)+1)
		line[len(src)] = -7
		Affine(line[:len(src)], src, factor[1], offset[1])
		var room, planes [3][]float32
		for c := range room {
			room[c] = make([]float32, pixels+1)
			room[c][pixels] = -7
			planes[c] = room[c][:pixels]
		}
		AffinePlanes(&planes, src, &factor, &offset)
		for i := range src {
			if found := line[i]; math.Float32bits(found) != math.Float32bits(want(i, 1)) {
				t.Fatalf("value %d of %d: expected %g, found %g", i, len(src), want(i, 1), found)
			}
			if found := planes[i%3][i/3]; math.Float32bits(found) != math.Float32bits(want(i, i%3)) {
				t.Fatalf("value %d of channel %d: expected %g, found %g", i/3, i%3, want(i, i%3), found)
			}
		}
		for c := range room {
			if room[c][pixels] != -7 || line[len(src)] != -7 {
				t.Fatal("more was written than there is")
			}
		}
	})
}
