package generators

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"pgregory.net/rapid"
)

// A processor with vectors must find the medians that one without finds, on images that leave vectors half full and
// on images that are smaller than the kernel.
func TestMediansByVectorsAreTheSame(t *testing.T) {
	if !vectors {
		t.Skip("this processor finds medians one by one")
	}
	rapid.Check(t, func(t *rapid.T) {
		im := raster{
			height: rapid.IntRange(1, 40).Draw(t, "height"), width: rapid.IntRange(1, 70).Draw(t, "width"),
			channels: rapid.IntRange(1, 4).Draw(t, "channels"), domain: engine.Bytes,
		}
		k := rapid.SampledFrom([]int{3, 5, 7}).Draw(t, "k")
		levels := rapid.SampledFrom([]int{2, 9, 256}).Draw(t, "levels")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "values"), 1))
		im.data = make([]float32, im.height*im.width*im.channels)
		for i := range im.data {
			im.data[i] = float32(rng.IntN(levels) * 255 / (levels - 1))
		}
		want, found := make([]float32, len(im.data)), make([]float32, len(im.data))
		medianOfBytes(want, im, k)
		medianOfByteVectors(found, im, k)
		if !slices.Equal(want, found) {
			t.Fatalf("%dx%dx%d, k=%d: one by one %v, by vectors %v", im.height, im.width, im.channels, k, want, found)
		}
	})
}
