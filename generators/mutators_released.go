package generators

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/triggerfinder/triggerfinder/input"
)

// The operators of this file repeat the public artefact of the TriggerFinder paper down to its
// arithmetic, for comparison with it. They are defined on bytes only.

// wrapByte is what NumPy makes of a float64 that is cast to uint8: the fraction is dropped and the
// rest is taken modulo 256, so that -0.3 is 0, -1.2 is 255 and 300.7 is 44. The artefact casts
// before it clips, hence its noise wraps around.
func wrapByte(v float64) float32 { return float32(uint8(int64(v))) }

func releasedSum(v float32, noise float64) float32 { return wrapByte(float64(v) + noise) }

func releasedProduct(v float32, noise float64) float32 {
	return wrapByte(float64(v) + float64(float64(v)*noise))
}

// releasedSigma is the square root of the artefact's variance 0.1, on the scale 0..255.
var releasedSigma = math.Sqrt(0.1)

// releasedGaussianNoise adds noise of a third of a grey level. Because of the cast about half of
// the values that are not 0 go down by one, and nearly none goes up.
func releasedGaussianNoise(out, in []float32, rng *rand.Rand) {
	for i, v := range in {
		out[i] = releasedSum(v, float64(releasedSigma*rng.NormFloat64()))
	}
}

// releasedSaltAndPepper replaces 4 values in a thousand, half of them by white, half by black.
func releasedSaltAndPepper(out, in []float32, rng *rand.Rand) {
	copy(out, in)
	n := int(math.Ceil(0.004 * float64(len(in)) * 0.5))
	sprinkle(out, 255, n, rng)
	sprinkle(out, 0, n, rng)
}

// releasedSpeckleNoise draws one mean from -0.5..0.5 and one variance from 0..0.05 for a mutant.
func releasedSpeckleNoise(out, in []float32, rng *rand.Rand) {
	mean := -0.5 + rng.Float64()
	sigma := math.Sqrt(0.05 * rng.Float64())
	for i, v := range in {
		out[i] = releasedProduct(v, mean+float64(sigma*rng.NormFloat64()))
	}
}

// releasedPixelChange gives 0 to 9 single values, not pixels, a random byte.
func releasedPixelChange(out, in []float32, rng *rand.Rand) {
	copy(out, in)
	for range rng.IntN(10) {
		at := rng.IntN(len(out))
		out[at] = float32(rng.IntN(256))
	}
}

// byteOperator is an operator on bytes of any shape.
type byteOperator struct {
	name   string
	mutate func(out, in []float32, rng *rand.Rand)
}

// byteImageOperator is an operator on images that is restricted to bytes.
type byteImageOperator struct{ blur }

var (
	_ input.InputSupporter = (*byteOperator)(nil)
	_ input.InputSupporter = (*byteImageOperator)(nil)
)

// Mutate implements [input.Mutator].
func (o *byteOperator) Mutate(dst, src input.Input, rng *rand.Rand) {
	if !isBytes(src) {
		copy(dst.Data, src.Data)
		return
	}
	o.mutate(dst.Data[:len(src.Data)], src.Data, rng)
}

// Supports implements [input.InputSupporter].
func (o *byteOperator) Supports(in input.Input) error { return needBytes(o.name, in) }

// String implements [input.Mutator].
func (o *byteOperator) String() string { return o.name }

// Mutate implements [input.Mutator].
func (o *byteImageOperator) Mutate(dst, src input.Input, rng *rand.Rand) {
	if !isBytes(src) {
		copy(dst.Data, src.Data)
		return
	}
	o.blur.Mutate(dst, src, rng)
}

// Supports implements [input.InputSupporter].
func (o *byteImageOperator) Supports(in input.Input) error {
	if err := needBytes(o.name, in); err != nil {
		return err
	}
	return o.blur.Supports(in)
}

// isBytes reports whether all values are bytes that have an order.
func isBytes(in input.Input) bool { return in.Domain == input.Bytes && in.Uniform() && order.met(in) }

// needBytes reports an input of another domain than bytes.
func needBytes(operator string, in input.Input) error {
	switch {
	case in.Domain != input.Bytes:
		return fmt.Errorf("%s: expected the domain %s, found %s", operator, input.Bytes, in.Domain)
	case !isBytes(in):
		return fmt.Errorf("%s: expected bytes that have an order, found %s", operator, in)
	}
	return nil
}
