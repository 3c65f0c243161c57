package generators

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/triggerfinder/triggerfinder/engine"
)

// saltAndPepper implements [SaltAndPepper].
type saltAndPepper struct{ amount Span }

var _ engine.Mutator = (*saltAndPepper)(nil)

// SaltAndPepper returns the operator "salt-and-pepper": a fraction of the values, drawn from
// amount (0.01 is one value in a hundred), is replaced, the first half by the greatest value of
// the domain and the second half by the least. Channels of a pixel are values of their own. Positions
// are drawn with replacement; each half has at least one. It takes inputs of any shape.
func SaltAndPepper(amount Span) (engine.Mutator, error) {
	if err := amount.check("salt-and-pepper", "amount", 0, 1); err != nil {
		return nil, err
	}
	return &saltAndPepper{amount}, nil
}

// Mutate implements [engine.Mutator].
func (s *saltAndPepper) Mutate(dst, src engine.Input, rng *rand.Rand) {
	copy(dst.Data, src.Data)
	n := max(1, int(math.Ceil(s.amount.draw(rng)*float64(len(src.Data))/2)))
	sprinkle(dst.Data, src.Domain.Max, n, rng)
	sprinkle(dst.Data, src.Domain.Min, n, rng)
}

// String implements [engine.Mutator].
func (s *saltAndPepper) String() string { return "salt-and-pepper" }

// sprinkle sets n random values to v.
func sprinkle(data []float32, v float32, n int, rng *rand.Rand) {
	for range n {
		data[rng.IntN(len(data))] = v
	}
}

// pixelChange implements [PixelChange].
type pixelChange struct{ most int }

var _ engine.Mutator = (*pixelChange)(nil)

// PixelChange returns the operator "pixel-change": 1 to most pixels, drawn with replacement, get
// random values, uniform over the domain. All channels of a pixel change; of an input that is no
// image single values do.
func PixelChange(most int) (engine.Mutator, error) {
	if most < 1 {
		return nil, fmt.Errorf("generators: pixel-change: at most %d pixels: expected at least 1", most)
	}
	return &pixelChange{most}, nil
}

// Mutate implements [engine.Mutator].
func (p *pixelChange) Mutate(dst, src engine.Input, rng *rand.Rand) {
	copy(dst.Data, src.Data)
	channels := 1
	if im, ok := rasterOf(src); ok {
		channels = im.channels
	}
	for range 1 + rng.IntN(p.most) {
		at := rng.IntN(len(src.Data)/channels) * channels
		for c := range channels {
			dst.Data[at+c] = anyValue(src.Domain, rng)
		}
	}
}

// String implements [engine.Mutator].
func (p *pixelChange) String() string { return "pixel-change" }

// anyValue draws from the domain, uniformly.
func anyValue(d engine.Domain, rng *rand.Rand) float32 {
	if d.Step <= 0 {
		return d.Snap(d.Min + float32(d.Range()*rng.Float32()))
	}
	// The greatest value is one of the domain even where the steps miss it, by rounding (255 steps of
	// 1/255 end below 1) or by a whole fraction of a step.
	const rounding = 1e-3
	steps := int(math.Ceil(float64(d.Range())/float64(d.Step) - rounding))
	return d.Snap(d.Min + float32(d.Step*float32(rng.IntN(steps+1))))
}
