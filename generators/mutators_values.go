package generators

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/triggerfinder/triggerfinder/input"
)

// saltAndPepper implements [SaltAndPepper].
type saltAndPepper struct{ amount Span }

var (
	_ input.Mutator        = (*saltAndPepper)(nil)
	_ input.InputSupporter = (*saltAndPepper)(nil)
)

// SaltAndPepper returns the operator "salt-and-pepper": a fraction of the values, drawn from
// amount (0.01 is one value in a hundred), is replaced, the first half by the greatest value of
// the domain and the second half by the least. Channels of a pixel are values of their own. Positions
// are drawn with replacement; each half has at least one. It takes inputs of any shape whose values have an order.
func SaltAndPepper(amount Span) (input.Mutator, error) {
	if err := amount.check("salt-and-pepper", "amount", 0, 1); err != nil {
		return nil, err
	}
	return &saltAndPepper{amount}, nil
}

// Mutate implements [input.Mutator].
func (s *saltAndPepper) Mutate(dst, src input.Input, rng *rand.Rand) {
	copy(dst.Data, src.Data)
	if !order.met(src) {
		return
	}
	n := max(1, int(math.Ceil(s.amount.draw(rng)*float64(len(src.Data))/2)))
	if src.Uniform() {
		sprinkle(dst.Data, src.Domain.Max, n, rng)
		sprinkle(dst.Data, src.Domain.Min, n, rng)
		return
	}
	for i := range 2 * n {
		at := rng.IntN(len(dst.Data))
		if d := src.DomainAt(at); i < n {
			dst.Data[at] = d.Max
		} else {
			dst.Data[at] = d.Min
		}
	}
}

// Supports implements [input.InputSupporter].
func (s *saltAndPepper) Supports(in input.Input) error { return order.check(s.String(), in) }

// String implements [input.Mutator].
func (s *saltAndPepper) String() string { return "salt-and-pepper" }

// sprinkle sets n random values to v.
func sprinkle(data []float32, v float32, n int, rng *rand.Rand) {
	for range n {
		data[rng.IntN(len(data))] = v
	}
}

// What impulse noise does at severity 1.
const (
	mostImpulses  = 0.4  // of the values are hit
	impulseLength = 0.02 // of the values are about to be
)

// ImpulseNoise returns the operator "impulse-noise": up to 0.4 of the values, at severity 1, become the
// least or the greatest value of the domain, half of them each. Channels of a pixel are values of their own.
// While the severity grows by 0.05 a value passes from one to the other; which come first is the stream's.
// It takes inputs of any shape whose values have an order.
//
// [SaltAndPepper] has no severity and hits a given number of values.
func ImpulseNoise(severity Span) (input.SeverityMutator, error) {
	return newCorruption("impulse-noise", severity, order, func(to []float64, im raster, severity float64, rng *rand.Rand) {
		lowest, span := im.scale()
		amount := float64(mostImpulses * severity)
		for i, v := range im.data {
			// One draw is both the half in which it lies and where it lies in that half.
			threshold, extreme := 2*rng.Float64(), lowest
			if threshold >= 1 {
				threshold, extreme = threshold-1, lowest+span
			}
			to[i] = mix(float64(v), extreme, ramp(amount, threshold, threshold+impulseLength))
		}
	})
}

// pixelChange implements [PixelChange].
type pixelChange struct{ most int }

var _ input.Mutator = (*pixelChange)(nil)

// PixelChange returns the operator "pixel-change": 1 to most pixels, drawn with replacement, get
// random values, uniform over the domain. All channels of a pixel change; of an input that is no
// image single values do. It takes every kind of input, tokens too,
// of which it neither replaces nor puts in padding and special ones.
func PixelChange(most int) (input.Mutator, error) {
	if most < 1 {
		return nil, fmt.Errorf("generators: pixel-change: at most %d pixels: expected at least 1", most)
	}
	return &pixelChange{most}, nil
}

// Mutate implements [input.Mutator].
func (p *pixelChange) Mutate(dst, src input.Input, rng *rand.Rand) {
	copy(dst.Data, src.Data)
	channels := 1
	if im, ok := rasterOf(src); ok {
		channels = im.channels
	}
	for range 1 + rng.IntN(p.most) {
		at := rng.IntN(len(src.Data)/channels) * channels
		for c := range channels {
			if src.Held(at + c) {
				continue
			}
			dst.Data[at+c] = anyValue(src.DomainAt(at+c), rng)
			for dst.Held(at + c) { // a vocabulary has others
				dst.Data[at+c] = anyValue(src.DomainAt(at+c), rng)
			}
		}
	}
}

// String implements [input.Mutator].
func (p *pixelChange) String() string { return "pixel-change" }

// anyValue draws from the domain, uniformly.
func anyValue(d input.Domain, rng *rand.Rand) float32 {
	if d.Step <= 0 {
		return d.Snap(d.Min + float32(d.Range()*rng.Float32()))
	}
	// The greatest value is one of the domain even where the steps miss it, by rounding (255 steps of
	// 1/255 end below 1) or by a whole fraction of a step.
	const rounding = 1e-3
	steps := int(math.Ceil(float64(d.Range())/float64(d.Step) - rounding))
	return d.Snap(d.Min + float32(d.Step*float32(rng.IntN(steps+1))))
}
