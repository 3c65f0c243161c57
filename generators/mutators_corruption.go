package generators

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/vec"
)

// corruption is an operator that changes an input by a severity. Each is a continuous function of the
// severity: what makes steps by nature, such as a pixel that is hit or not, passes from one value to
// the next within a short interval of severities instead.
type corruption struct {
	name     string
	severity Span
	takes    kind
	// change sets to to the changed values of im, which need not be in the domain. The severity is more than
	// 0 and at most 1. What it draws from rng must not depend on the severity.
	change func(to []float64, im raster, severity float64, rng *rand.Rand)
}

var (
	_ input.SeverityMutator = (*corruption)(nil)
	_ input.InputSupporter  = (*corruption)(nil)
)

// kind is what inputs an operator takes.
type kind int

const (
	anyInput kind = iota
	anyImage
	colourImage
)

func newCorruption(name string, severity Span, takes kind, change func([]float64, raster, float64, *rand.Rand)) (input.SeverityMutator, error) {
	if err := severity.check(name, "severity", 0, 1); err != nil {
		return nil, err
	}
	return &corruption{name, severity, takes, change}, nil
}

// Mutate implements [input.Mutator]: it draws a severity and a stream for MutateAt.
func (c *corruption) Mutate(dst, src input.Input, rng *rand.Rand) {
	severity := c.severity.draw(rng)
	c.MutateAt(dst, src, severity, rng.Uint64())
}

// MutateAt implements [input.SeverityMutator]. A severity outside 0..1 counts as the nearest inside.
func (c *corruption) MutateAt(dst, src input.Input, severity float64, stream uint64) {
	im, ok := c.rasterOf(src)
	if !ok || !(severity > 0) {
		copy(dst.Data, src.Data)
		return
	}
	values := reals.borrow(len(src.Data))
	defer reals.giveBack(values)
	d := rolled(stream)
	defer dice.Put(d)
	c.change(*values, im, min(severity, 1), d.rng)
	write(dst.Data, *values, src.Domain)
}

// Supports implements [input.InputSupporter].
func (c *corruption) Supports(in input.Input) error {
	if _, ok := c.rasterOf(in); ok {
		return nil
	}
	if c.takes == colourImage {
		return fmt.Errorf("%s: expected a colour image, shape [height width 3], found shape %v with %d values",
			c.name, in.Shape, len(in.Data))
	}
	return needsImage(c.name, in)
}

// String implements [input.Mutator].
func (c *corruption) String() string { return c.name }

// rasterOf is the input as the operator sees it, or false when it does not take it. An input that
// is no image counts as one row of pixels.
func (c *corruption) rasterOf(in input.Input) (raster, bool) {
	im, ok := rasterOf(in)
	switch {
	case ok:
		return im, c.takes != colourImage || im.channels == 3
	case c.takes == anyInput:
		return raster{in.Data, 1, len(in.Data), 1, in.Domain}, true
	}
	return raster{}, false
}

// write puts values into out as those of a domain.
func write(out []float32, values []float64, domain input.Domain) {
	out = out[:len(values)]
	if domain == input.Bytes {
		for i, v := range values {
			out[i] = vec.RoundByte(v)
		}
		return
	}
	for i, v := range values {
		out[i] = domain.Snap(float32(v))
	}
}

// die is a random stream that is used again and again, so that none is allocated for a mutant.
type die struct {
	source rand.PCG
	rng    *rand.Rand
}

var dice = sync.Pool{New: func() any {
	d := new(die)
	d.rng = rand.New(&d.source)
	return d
}}

// rolled lends out a die at the start of a stream. It goes back to dice.
func rolled(stream uint64) *die {
	d := dice.Get().(*die)
	d.source.Seed(stream, 0)
	return d
}

// heads tosses a coin.
func heads(rng *rand.Rand) bool { return rng.Uint64()>>63 == 1 }

// sign is 1 or -1.
func sign(rng *rand.Rand) float64 {
	if heads(rng) {
		return 1
	}
	return -1
}

// direction draws a vector of length 1, uniformly. A point in the circle needs no sine.
func direction(rng *rand.Rand) (x, y float64) {
	for {
		x, y = 2*rng.Float64()-1, 2*rng.Float64()-1
		if square := float64(x*x) + float64(y*y); 1e-6 < square && square <= 1 {
			length := math.Sqrt(square)
			return x / length, y / length
		}
	}
}

// mix goes from a to b while t goes from 0 to 1.
func mix(a, b, t float64) float64 { return a + float64((b-a)*t) }

// ramp goes from 0 to 1 while v goes from low to high.
func ramp(v, low, high float64) float64 { return min(max((v-low)/(high-low), 0), 1) }
