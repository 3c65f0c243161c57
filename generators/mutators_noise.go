package generators

import (
	"math"
	"math/rand/v2"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/vec"
)

// Products are converted to float64 before they are added to: it forbids the compiler to fuse the two
// steps into one with another rounding, which it does on some processors. A mutant must not depend
// on the machine.

// strongestNoise bounds standard deviations: ten times the domain's range leaves nothing of an
// input, so anything above is a mistake such as a deviation given on the scale 0..255.
const strongestNoise = 10

// additiveNoise implements [GaussianNoise].
type additiveNoise struct{ sigma Span }

var (
	_ input.SeverityMutator = (*additiveNoise)(nil)
	_ input.InputSupporter  = (*additiveNoise)(nil)
)

// GaussianNoise returns the operator "gaussian-noise": normally distributed noise of mean 0 is
// added to every value. Its standard deviation is drawn from sigma, a fraction of the range of the value's domain:
// 0.1 is 25.5 on bytes. At a severity it is that part of the greatest of sigma. It takes inputs of any
// shape whose values have an order.
func GaussianNoise(sigma Span) (input.SeverityMutator, error) {
	if err := sigma.check("gaussian-noise", "sigma", 0, strongestNoise); err != nil {
		return nil, err
	}
	return &additiveNoise{sigma}, nil
}

// Mutate implements [input.Mutator].
func (n *additiveNoise) Mutate(dst, src input.Input, rng *rand.Rand) {
	if !order.met(src) {
		copy(dst.Data, src.Data)
		return
	}
	addNoise(dst, src, n.sigma.draw(rng), rng)
}

// MutateAt implements [input.SeverityMutator]. A severity outside 0..1 counts as the nearest inside.
func (n *additiveNoise) MutateAt(dst, src input.Input, severity float64, stream uint64) {
	if !order.met(src) || !(severity > 0) {
		copy(dst.Data, src.Data)
		return
	}
	d := rolled(stream)
	defer dice.Put(d)
	addNoise(dst, src, min(severity, 1)*n.sigma.High, d.rng)
}

// addNoise adds noise whose standard deviation is that share of a domain's range.
func addNoise(dst, src input.Input, share float64, rng *rand.Rand) {
	out := dst.Data[:len(src.Data)]
	if !src.Uniform() {
		for i, v := range src.Data {
			d := src.DomainAt(i)
			out[i] = d.Snap(float32(float64(v) + float64(share*float64(d.Range())*rng.NormFloat64())))
		}
		return
	}
	sigma := share * float64(src.Domain.Range())
	if src.Domain == input.Bytes {
		normals := normalsOf(len(out), rng)
		defer reals.giveBack(normals)
		vec.AddNoise(out, src.Data, *normals, sigma)
		return
	}
	for i, v := range src.Data {
		out[i] = src.Domain.Snap(float32(float64(v) + float64(sigma*rng.NormFloat64())))
	}
}

// Supports implements [input.InputSupporter].
func (n *additiveNoise) Supports(in input.Input) error { return order.check(n.String(), in) }

// String implements [input.Mutator].
func (n *additiveNoise) String() string { return "gaussian-noise" }

// multiplicativeNoise implements [SpeckleNoise].
type multiplicativeNoise struct{ mean, sigma Span }

var (
	_ input.Mutator        = (*multiplicativeNoise)(nil)
	_ input.InputSupporter = (*multiplicativeNoise)(nil)
)

// SpeckleNoise returns the operator "speckle-noise": every value, counted from the lowest of the
// domain, is multiplied by 1+g with g normally distributed. One mean of g, which makes the whole
// input brighter or darker, is drawn for a mutant from mean, and one standard deviation from sigma.
// It takes inputs of any shape whose values have an order.
func SpeckleNoise(mean, sigma Span) (input.Mutator, error) {
	if err := mean.check("speckle-noise", "mean", -1, strongestNoise); err != nil {
		return nil, err
	}
	if err := sigma.check("speckle-noise", "sigma", 0, strongestNoise); err != nil {
		return nil, err
	}
	return &multiplicativeNoise{mean, sigma}, nil
}

// Mutate implements [input.Mutator].
func (n *multiplicativeNoise) Mutate(dst, src input.Input, rng *rand.Rand) {
	out := dst.Data[:len(src.Data)]
	if !order.met(src) {
		copy(out, src.Data)
		return
	}
	factor, sigma := 1+n.mean.draw(rng), n.sigma.draw(rng)
	if !src.Uniform() {
		for i, v := range src.Data {
			d := src.DomainAt(i)
			scaled := (float64(v) - float64(d.Min)) * (factor + float64(sigma*rng.NormFloat64()))
			out[i] = d.Snap(float32(float64(d.Min) + float64(scaled)))
		}
		return
	}
	if src.Domain == input.Bytes {
		normals := normalsOf(len(out), rng)
		defer reals.giveBack(normals)
		vec.MultiplyNoise(out, src.Data, *normals, factor, sigma)
		return
	}
	lowest := float64(src.Domain.Min)
	for i, v := range src.Data {
		scaled := (float64(v) - lowest) * (factor + float64(sigma*rng.NormFloat64()))
		out[i] = src.Domain.Snap(float32(lowest + float64(scaled)))
	}
}

// Supports implements [input.InputSupporter].
func (n *multiplicativeNoise) Supports(in input.Input) error { return order.check(n.String(), in) }

// String implements [input.Mutator].
func (n *multiplicativeNoise) String() string { return "speckle-noise" }

// mostShotNoise is the standard deviation of shot noise on white at severity 1, as a part of the domain's
// range: that of counting 2.8 photons.
const mostShotNoise = 0.6

// ShotNoise returns the operator "shot-noise": the noise of counting photons, which grows as the square
// root of the light. Its standard deviation on the greatest value of the domain is up to 0.6 of the
// domain's range at severity 1, as when white is 2.8 photons; black stays black. It is normally
// distributed, which is near the Poisson distribution unless there are few photons. It takes images, and inputs of
// which nothing more is known.
func ShotNoise(severity Span) (input.SeverityMutator, error) {
	return newCorruption("shot-noise", severity, light, func(to []float64, im raster, severity float64, rng *rand.Rand) {
		lowest, span := im.scale()
		strength := mostShotNoise * severity
		for i, v := range im.data {
			light := (float64(v) - lowest) / span
			to[i] = float64(v) + float64(strength*math.Sqrt(light)*rng.NormFloat64()*span)
		}
	})
}

// normalsOf draws so many normally distributed numbers, of mean 0 and deviation 1. They go back to reals.
func normalsOf(n int, rng *rand.Rand) *[]float64 {
	normals := reals.borrow(n)
	for i := range *normals {
		(*normals)[i] = rng.NormFloat64()
	}
	return normals
}
