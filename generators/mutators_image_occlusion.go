package generators

import (
	"math/rand/v2"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/internal/vec"
)

// mostOcclusion is the side of the patch at severity 1, as a part of the image's shorter side.
const mostOcclusion = 0.5

// Occlusion returns the operator "occlusion": a square patch of one colour lies on the image. Its centre, in
// the middle half of the image, and its colour are its stream's; its side grows up to half of the image's
// shorter side at severity 1. Pixels at its border are covered in part. It needs an image.
func Occlusion(severity Span) (engine.SeverityMutator, error) {
	return newCorruption("occlusion", severity, anyImage, occlude)
}

func occlude(to []float64, im raster, severity float64, rng *rand.Rand) {
	lowest, span := im.scale()
	half := float64(mostOcclusion * severity * im.shorter() / 2)
	centreY := float64(mix(0.25, 0.75, rng.Float64()) * float64(im.height))
	centreX := float64(mix(0.25, 0.75, rng.Float64()) * float64(im.width))
	vec.Widen(to, im.data)
	for c := range im.channels {
		colour := lowest + float64(span*rng.Float64())
		for y := range im.height {
			covered := overlap(y, centreY-half, centreY+half)
			if covered == 0 {
				continue
			}
			for x := range im.width {
				i := im.at(y, x) + c
				to[i] = mix(to[i], colour, float64(covered*overlap(x, centreX-half, centreX+half)))
			}
		}
	}
}

// overlap is the length of pixel i, which reaches from i to i+1, that lies between low and high.
func overlap(i int, low, high float64) float64 {
	return max(min(high, float64(i+1))-max(low, float64(i)), 0)
}
