package generators

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/triggerfinder/triggerfinder/engine"
)

// maxKernel is the largest kernel size of a blur. Up to it the sum over a kernel of bytes fits 16
// bits, which is where OpenCV takes the arithmetic that the blurs here repeat.
const maxKernel = 16

// blur is an operator that filters an image with a square kernel, whose size it draws uniformly.
type blur struct {
	name    string
	kernels []int
	filter  func(out []float32, im raster, k int)
}

var (
	_ engine.Mutator        = (*blur)(nil)
	_ engine.InputSupporter = (*blur)(nil)
)

// raster is an input seen as height x width pixels of some channels.
type raster struct {
	data                    []float32
	height, width, channels int
	domain                  engine.Domain
}

func rasterOf(in engine.Input) (im raster, ok bool) {
	h, w, c, ok := in.ImageSize()
	return raster{in.Data, h, w, c, in.Domain}, ok && h > 0 && w > 0 && c > 0 && h*w*c == len(in.Data)
}

// at is the index of channel 0 of a pixel.
func (im raster) at(y, x int) int { return (y*im.width + x) * im.channels }

// Mutate implements [engine.Mutator].
func (b *blur) Mutate(dst, src engine.Input, rng *rand.Rand) {
	k := b.kernels[rng.IntN(len(b.kernels))]
	im, ok := rasterOf(src)
	if !ok || k == 1 {
		copy(dst.Data, src.Data)
		return
	}
	b.filter(dst.Data[:len(src.Data)], im, k)
}

// Supports implements [engine.InputSupporter]: a blur needs an image.
func (b *blur) Supports(in engine.Input) error {
	if _, ok := rasterOf(in); !ok {
		return needsImage(b.name, in)
	}
	return nil
}

func needsImage(operator string, in engine.Input) error {
	return fmt.Errorf("%s: expected an image, shape [height width channels] or [height width], found shape %v with %d values",
		operator, in.Shape, len(in.Data))
}

// String implements [engine.Mutator].
func (b *blur) String() string { return b.name }

func newBlur(name string, filter func([]float32, raster, int), kernels []int, allowed func(int) bool, expected string) (engine.Mutator, error) {
	if len(kernels) == 0 {
		return nil, errors.New("generators: " + name + ": expected at least one kernel size, found none")
	}
	for _, k := range kernels {
		if !allowed(k) {
			return nil, fmt.Errorf("generators: %s: kernel size %d: expected %s", name, k, expected)
		}
	}
	return &blur{name: name, kernels: slices.Clone(kernels), filter: filter}, nil
}
