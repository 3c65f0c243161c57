package generators

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/vec"
	"pgregory.net/rapid"
)

// A processor that finds many medians at once must find those that one without vectors finds, in images of some channels
// and in such that are smaller than the kernel.
func TestMediansEitherWay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		im := raster{
			height: rapid.IntRange(1, 20).Draw(t, "height"), width: rapid.IntRange(1, 70).Draw(t, "width"),
			channels: rapid.IntRange(1, 4).Draw(t, "channels"), domain: input.Bytes,
		}
		k := rapid.SampledFrom([]int{3, 5, 7, 9}).Draw(t, "k")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "values"), 1))
		im.data = make([]float32, im.height*im.width*im.channels)
		for i := range im.data {
			im.data[i] = float32(rng.IntN(256))
		}
		want, found, real := make([]float32, len(im.data)), make([]float32, len(im.data)), make([]float32, len(im.data))
		median(found, im, k)
		vec.WithoutVectors(func() { median(want, im, k) })
		im.domain = input.Domain{Min: 0, Max: 256}
		median(real, im, k)
		if !slices.Equal(want, found) || !slices.Equal(want, real) {
			t.Fatalf("%dx%dx%d, k=%d: one by one %v, by vectors %v, of reals %v", im.height, im.width, im.channels, k, want, found, real)
		}
	})
}
