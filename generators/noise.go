package generators

import (
	"math/rand/v2"

	"github.com/triggerfinder/triggerfinder/engine"
)

// Products are converted to float64 before they are added to: it forbids the compiler to fuse the two
// steps into one with another rounding, which it does on some processors. A mutant must not depend
// on the machine.

// strongestNoise bounds standard deviations: ten times the domain's range leaves nothing of an
// input, so anything above is a mistake such as a deviation given on the scale 0..255.
const strongestNoise = 10

// additiveNoise implements [GaussianNoise].
type additiveNoise struct{ sigma Span }

var _ engine.Mutator = (*additiveNoise)(nil)

// GaussianNoise returns the operator "gaussian-noise": normally distributed noise of mean 0 is
// added to every value. Its standard deviation is drawn from sigma, a fraction of the domain's range:
// 0.1 is 25.5 on bytes. It takes inputs of any shape.
func GaussianNoise(sigma Span) (engine.Mutator, error) {
	if err := sigma.check("gaussian-noise", "sigma", 0, strongestNoise); err != nil {
		return nil, err
	}
	return &additiveNoise{sigma}, nil
}

// Mutate implements [engine.Mutator].
func (n *additiveNoise) Mutate(dst, src engine.Input, rng *rand.Rand) {
	out := dst.Data[:len(src.Data)]
	sigma := n.sigma.draw(rng) * float64(src.Domain.Range())
	if src.Domain == engine.Bytes {
		for i, v := range src.Data {
			out[i] = roundByte(float64(v) + float64(sigma*rng.NormFloat64()))
		}
		return
	}
	for i, v := range src.Data {
		out[i] = src.Domain.Snap(float32(float64(v) + float64(sigma*rng.NormFloat64())))
	}
}

// String implements [engine.Mutator].
func (n *additiveNoise) String() string { return "gaussian-noise" }

// multiplicativeNoise implements [SpeckleNoise].
type multiplicativeNoise struct{ mean, sigma Span }

var _ engine.Mutator = (*multiplicativeNoise)(nil)

// SpeckleNoise returns the operator "speckle-noise": every value, counted from the lowest of the
// domain, is multiplied by 1+g with g normally distributed. One mean of g, which makes the whole
// input brighter or darker, is drawn for a mutant from mean, and one standard deviation from sigma.
// It takes inputs of any shape.
func SpeckleNoise(mean, sigma Span) (engine.Mutator, error) {
	if err := mean.check("speckle-noise", "mean", -1, strongestNoise); err != nil {
		return nil, err
	}
	if err := sigma.check("speckle-noise", "sigma", 0, strongestNoise); err != nil {
		return nil, err
	}
	return &multiplicativeNoise{mean, sigma}, nil
}

// Mutate implements [engine.Mutator].
func (n *multiplicativeNoise) Mutate(dst, src engine.Input, rng *rand.Rand) {
	out := dst.Data[:len(src.Data)]
	factor, sigma := 1+n.mean.draw(rng), n.sigma.draw(rng)
	if src.Domain == engine.Bytes {
		for i, v := range src.Data {
			out[i] = roundByte(float64(v) * (factor + float64(sigma*rng.NormFloat64())))
		}
		return
	}
	lowest := float64(src.Domain.Min)
	for i, v := range src.Data {
		scaled := (float64(v) - lowest) * (factor + float64(sigma*rng.NormFloat64()))
		out[i] = src.Domain.Snap(float32(lowest + float64(scaled)))
	}
}

// String implements [engine.Mutator].
func (n *multiplicativeNoise) String() string { return "speckle-noise" }

// roundByte is engine.Bytes.Snap without branches: on noise around black or white a processor
// would guess every other one wrong.
func roundByte(v float64) float32 {
	const positive = 1 << 20 // conversion rounds towards zero, so it is kept off negative numbers
	return float32(min(max(int64(v+(positive+0.5))-positive, 0), 255))
}
