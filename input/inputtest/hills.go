package inputtest

import (
	"math/rand/v2"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// Hills are n seeds of two classes that are far from the boundary of sloping.
func Hills(n int) input.SeedList {
	rng := rand.New(rand.NewPCG(7, 8))
	seeds := make(input.SeedList, n)
	for i := range seeds {
		pixels := make([]uint8, 28*28)
		for j := range pixels {
			pixels[j] = uint8(60 + rng.IntN(60))
			if (j%28 < 14) == (i%2 == 0) {
				pixels[j] += 60
			}
		}
		seeds[i].Input = model.Must(input.NewImage(28, 28, 1, pixels))
	}
	return seeds
}
