package generators

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/input"
)

// published are the operators of [Published]; their parameters are documented there.
var published = []input.Mutator{
	&additiveNoise{sigma: Between(0.02, 0.50)},
	&saltAndPepper{amount: Between(0.004, 0.30)},
	&multiplicativeNoise{mean: Between(-0.5, 0.5), sigma: Between(0.05, 0.50)},
	&pixelChange{most: 10},
	&blur{name: "average-blur", kernels: []int{2, 3, 4, 5}, filter: average},
	&blur{name: "gaussian-blur", kernels: []int{3, 5, 7}, filter: gaussian},
	&blur{name: "median-blur", kernels: []int{3, 5, 7}, filter: median},
}

// released are the operators of [Released].
var released = []input.Mutator{
	&byteOperator{name: "released-gaussian-noise", mutate: releasedGaussianNoise},
	&byteOperator{name: "released-salt-and-pepper", mutate: releasedSaltAndPepper},
	&byteOperator{name: "released-speckle-noise", mutate: releasedSpeckleNoise},
	&byteOperator{name: "released-pixel-change", mutate: releasedPixelChange},
	&byteImageOperator{blur{name: "released-average-blur", kernels: []int{1, 2, 3, 4, 5}, filter: average}},
	&byteImageOperator{blur{name: "released-gaussian-blur", kernels: []int{1, 3, 5, 7}, filter: gaussian}},
	&byteImageOperator{blur{name: "released-median-blur", kernels: []int{1, 3, 5, 7}, filter: median}},
}

// corruptions are the operators of [Corruptions].
var corruptions = append([]input.SeverityMutator{published[0].(input.SeverityMutator)}, usual(
	ShotNoise, ImpulseNoise,
	DefocusBlur, MotionBlur, Haze,
	Brightness, Contrast, Gamma, Saturation,
	Translation, Rotation, Scale, Shear,
	JPEGCompression, Pixelation, Occlusion,
)...)

// usual makes operators whose severities are those of [Corruptions].
func usual(constructors ...func(Span) (input.SeverityMutator, error)) []input.SeverityMutator {
	operators := make([]input.SeverityMutator, len(constructors))
	for i, constructor := range constructors {
		operator, err := constructor(Between(0.1, 1))
		if err != nil {
			panic(err) // the severities are those of every operator
		}
		operators[i] = operator
	}
	return operators
}

// Published returns the seven operators of the TriggerFinder paper, with parameters that change
// something every time and results that are rounded and clipped to the domain of the input:
//
//   - [GaussianNoise] with sigma 0.02..0.50 of the domain's range (5 to 128 grey levels)
//   - [SaltAndPepper] with an amount of 0.004..0.30 of the values (the paper's is 0.004)
//   - [SpeckleNoise] with mean -0.5..0.5 and sigma 0.05..0.50
//   - [PixelChange] of 1 to 10 pixels
//   - [AverageBlur] with k in 2, 3, 4, 5
//   - [GaussianBlur] with k in 3, 5, 7
//   - [MedianBlur] with k in 3, 5, 7
//
// Ranges are drawn from anew for every mutant. They are wide on purpose: TriggerFinder as published goes
// back to the latest kept mutant after every mutant that it rejects, and with weak noise alone it finds
// no way out of some of them (3 of 100 seeds of a LeNet pair, with up to 0.10, 0.04 and 0.20).
//
// The blurs need an image, noise values that have an order; pixel change takes any input. All take any domain.
func Published() []input.Mutator { return slices.Clone(published) }

// Released returns the seven operators as the public artefact of the paper has them, for
// comparison with its results. They differ from [Published]: noise is cast to uint8 before it is
// clipped and so wraps around (300.7 becomes 44, -1.2 becomes 255); additive noise has the variance
// 0.1 on the scale 0..255, which takes one grey level off about half of the pixels that are not
// black; pixel change draws 0 to 9 single values; blurs draw k = 1, which changes nothing, as well.
// They are defined on [input.Bytes] only and copy any other input unchanged.
func Released() []input.Mutator { return slices.Clone(released) }

// Corruptions returns operators that make natural changes of a severity, known from the benchmarks
// ImageNet-C (Hendrycks and Dietterich, arXiv 1903.12261) and MNIST-C (Mu and Gilmer, arXiv 1906.02337):
//
//   - noise: [GaussianNoise] (that of [Published]), [ShotNoise], [ImpulseNoise]
//   - optics: [DefocusBlur], [MotionBlur], [Haze]
//   - light: [Brightness], [Contrast], [Gamma], [Saturation]
//   - geometry: [Translation], [Rotation], [Scale], [Shear]
//   - compression: [JPEGCompression], [Pixelation]
//   - [Occlusion]
//
// Mutants draw severities from 0.1..1 ([GaussianNoise] draws as it does in [Published]). As a path from an
// input, each is a continuous function of its severity from 0, the input itself, to 1, which is about as
// strong as the strongest of the benchmarks, or stronger. Directions, positions and noise are those of
// the path's stream. docs/corruptions.md has pictures.
//
// Noise, save for shot noise, takes inputs of any shape whose values have an order. Shot noise and light, save for saturation, take
// images and inputs of which nothing more is known; saturation needs a colour image, and the
// others an image of any number of channels. [Supporting] leaves out what an input does not fit. All take any
// domain.
func Corruptions() []input.SeverityMutator { return slices.Clone(corruptions) }

// Supporting returns those of the operators that can change inputs like in, in their order. Strategies leave out the others by
// themselves.
func Supporting[M input.Mutator](in input.Input, operators []M) []input.Mutator {
	var supporting []input.Mutator
	for _, m := range operators {
		if input.Supports(m, in) == nil {
			supporting = append(supporting, m)
		}
	}
	return supporting
}

// ByName returns the operator of that name from [Published], [Corruptions], [Released] or those that are usual for another kind (see [Usual]),
// such as "gaussian-blur", "rotation", "released-gaussian-blur" or "white-noise".
func ByName(name string) (input.Mutator, error) {
	operators := slices.Clone(published)
	for _, c := range corruptions[1:] { // the first is one of the published
		operators = append(operators, c)
	}
	var known []string
	for _, m := range slices.Concat(operators, released, mutators(usualOfKinds())) {
		if m.String() == name {
			return m, nil
		}
		known = append(known, m.String())
	}
	return nil, fmt.Errorf("generators: operator %q: expected one of %s", name, strings.Join(known, ", "))
}

// Span is the range from which a mutator draws its severity, uniformly and anew for every mutant.
// Low == High makes the severity fixed.
type Span struct{ Low, High float64 }

// Between is the span from low to high.
func Between(low, high float64) Span { return Span{Low: low, High: high} }

// Exactly is the span that holds v alone.
func Exactly(v float64) Span { return Span{Low: v, High: v} }

// String describes the span, such as "0.02..0.1".
func (s Span) String() string { return fmt.Sprintf("%g..%g", s.Low, s.High) }

func (s Span) draw(rng *rand.Rand) float64 { return s.Low + float64((s.High-s.Low)*rng.Float64()) }

// check reports a span that is reversed or leaves lowest..highest, which also refuses NaN and
// infinity.
func (s Span) check(operator, parameter string, lowest, highest float64) error {
	if lowest <= s.Low && s.Low <= s.High && s.High <= highest {
		return nil
	}
	return fmt.Errorf("generators: %s: %s %s: expected low <= high, both within %g..%g",
		operator, parameter, s, lowest, highest)
}
