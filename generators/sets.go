package generators

import (
	"fmt"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/engine"
)

// published are the operators of [Published]; their parameters are documented there.
var published = []engine.Mutator{
	&additiveNoise{sigma: Between(0.02, 0.50)},
	&saltAndPepper{amount: Between(0.004, 0.30)},
	&multiplicativeNoise{mean: Between(-0.5, 0.5), sigma: Between(0.05, 0.50)},
	&pixelChange{most: 10},
	&blur{name: "average-blur", kernels: []int{2, 3, 4, 5}, filter: average},
	&blur{name: "gaussian-blur", kernels: []int{3, 5, 7}, filter: gaussian},
	&blur{name: "median-blur", kernels: []int{3, 5, 7}, filter: median},
}

// released are the operators of [Released].
var released = []engine.Mutator{
	&byteOperator{name: "released-gaussian-noise", mutate: releasedGaussianNoise},
	&byteOperator{name: "released-salt-and-pepper", mutate: releasedSaltAndPepper},
	&byteOperator{name: "released-speckle-noise", mutate: releasedSpeckleNoise},
	&byteOperator{name: "released-pixel-change", mutate: releasedPixelChange},
	&byteImageOperator{blur{name: "released-average-blur", kernels: []int{1, 2, 3, 4, 5}, filter: average}},
	&byteImageOperator{blur{name: "released-gaussian-blur", kernels: []int{1, 3, 5, 7}, filter: gaussian}},
	&byteImageOperator{blur{name: "released-median-blur", kernels: []int{1, 3, 5, 7}, filter: median}},
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
// The blurs need an image, the others take inputs of any shape; all take any domain.
func Published() []engine.Mutator { return slices.Clone(published) }

// Released returns the seven operators as the public artefact of the paper has them, for
// comparison with its results. They differ from [Published]: noise is cast to uint8 before it is
// clipped and so wraps around (300.7 becomes 44, -1.2 becomes 255); additive noise has the variance
// 0.1 on the scale 0..255, which takes one grey level off about half of the pixels that are not
// black; pixel change draws 0 to 9 single values; blurs draw k = 1, which changes nothing, as well.
// They are defined on [engine.Bytes] only and copy any other input unchanged.
func Released() []engine.Mutator { return slices.Clone(released) }

// ByName returns the operator of that name from [Published] or [Released], such as
// "gaussian-blur" or "released-gaussian-blur".
func ByName(name string) (engine.Mutator, error) {
	var known []string
	for _, m := range slices.Concat(published, released) {
		if m.String() == name {
			return m, nil
		}
		known = append(known, m.String())
	}
	return nil, fmt.Errorf("generators: operator %q: expected one of %s", name, strings.Join(known, ", "))
}
