package generators

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/vec"
)

func TestCosineOf16ths(t *testing.T) {
	for n := range 64 {
		if found, want := cosineOf16ths(n), math.Cos(float64(n)*math.Pi/16); !(math.Abs(found-want) <= 4e-15) {
			t.Errorf("cosine of %d sixteenths: expected %v, found %v", n, want, found)
		}
	}
}

func TestRoundByteIsSnap(t *testing.T) {
	values := []float32{-1e6, -300.7, -1, -0.5, -0.25, 0, 0.25, 0.5, 1.5, 2.5, 127.5, 254.49, 254.5, 255, 255.5, 1e6}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 10000 {
		values = append(values, 600*rng.Float32()-200)
	}
	for _, v := range values {
		for _, near := range []float32{math.Nextafter32(v, -1e9), v, math.Nextafter32(v, 1e9)} {
			if got, want := vec.RoundByte(float64(near)), input.Bytes.Snap(near); got != want {
				t.Fatalf("%v: expected %g, found %g", near, want, got)
			}
		}
	}
}

func TestAnyValueDrawsAllOfTheDomain(t *testing.T) {
	for _, d := range []input.Domain{input.Bytes, {Min: -1, Max: 1, Step: 0.5}, {Min: 0, Max: 1, Step: 1.0 / 255}, {Min: 0, Max: 1, Step: 0.4}} {
		rng, seen := rand.New(rand.NewPCG(1, 2)), map[float32]int{}
		n := int(math.Ceil(float64(d.Range()/d.Step)-0.01)) + 1
		for range 200 * n {
			seen[anyValue(d, rng)]++
		}
		if len(seen) != n {
			t.Errorf("%s: expected %d values, found %d", d, n, len(seen))
		}
		for v, count := range seen {
			if count < 100 || count > 300 {
				t.Errorf("%s: expected %g about 200 times, found %d", d, v, count)
			}
		}
	}
}

// The noise itself is known when its random stream is: this pins the order of the draws and the
// parameters of the artefact.
func TestReleasedNoiseFollowsItsStream(t *testing.T) {
	in := slices.Repeat([]float32{0, 1, 100, 254, 255}, 4000)
	out := make([]float32, len(in))

	releasedGaussianNoise(out, in, rand.New(rand.NewPCG(1, 2)))
	rng := rand.New(rand.NewPCG(1, 2))
	for i, v := range in {
		if want := releasedSum(v, math.Sqrt(0.1)*rng.NormFloat64()); out[i] != want {
			t.Fatalf("gaussian noise, value %d: expected %g, found %g", i, want, out[i])
		}
	}

	releasedSpeckleNoise(out, in, rand.New(rand.NewPCG(1, 2)))
	rng = rand.New(rand.NewPCG(1, 2))
	mean, variance := rng.Float64()-0.5, 0.05*rng.Float64()
	for i, v := range in {
		if want := releasedProduct(v, mean+math.Sqrt(variance)*rng.NormFloat64()); out[i] != want {
			t.Fatalf("speckle noise, value %d: expected %g, found %g", i, want, out[i])
		}
	}
}
