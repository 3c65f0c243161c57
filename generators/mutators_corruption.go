package generators

import (
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
	needs    need
	// change sets to to the changed values of im, which need not be in the domain. The severity is more than
	// 0 and at most 1. What it draws from rng must not depend on the severity.
	change func(to []float64, im raster, severity float64, rng *rand.Rand)
}

var (
	_ input.SeverityMutator = (*corruption)(nil)
	_ input.InputSupporter  = (*corruption)(nil)
)

func newCorruption(name string, severity Span, needs need, change func([]float64, raster, float64, *rand.Rand)) (input.SeverityMutator, error) {
	if err := severity.check(name, "severity", 0, 1); err != nil {
		return nil, err
	}
	return &corruption{name, severity, needs, change}, nil
}

// Mutate implements [input.Mutator]: it draws a severity and a stream for MutateAt.
func (c *corruption) Mutate(dst, src input.Input, rng *rand.Rand) {
	severity := c.severity.draw(rng)
	c.MutateAt(dst, src, severity, rng.Uint64())
}

// MutateAt implements [input.SeverityMutator]. A severity outside 0..1 counts as the nearest inside.
func (c *corruption) MutateAt(dst, src input.Input, severity float64, stream uint64) {
	if !c.needs.met(src) || !(severity > 0) {
		copy(dst.Data, src.Data)
		return
	}
	values := reals.borrow(len(src.Data))
	defer reals.giveBack(values)
	d := rolled(stream)
	defer dice.Put(d)
	im := asRaster(src)
	if src.Uniform() {
		c.change(*values, im, min(severity, 1), d.rng)
		write(dst.Data, *values, src.Domain)
		return
	}
	// Where domains differ, each value is changed as a share of its own.
	shares := realScratch.borrow(len(src.Data))
	defer realScratch.giveBack(shares)
	for i, v := range src.Data {
		own := src.DomainAt(i)
		(*shares)[i] = (v - own.Min) / own.Range()
	}
	im.data, im.domain = *shares, input.Domain{Min: 0, Max: 1}
	c.change(*values, im, min(severity, 1), d.rng)
	for i, v := range *values {
		dst.Data[i] = src.Data[i]
		if own := src.DomainAt(i); float32(v) != (*shares)[i] {
			dst.Data[i] = own.Snap(own.Min + float32(float32(v)*own.Range()))
		}
	}
}

// Supports implements [input.InputSupporter].
func (c *corruption) Supports(in input.Input) error { return c.needs.check(c.name, in) }

// String implements [input.Mutator].
func (c *corruption) String() string { return c.name }

// asRaster is the input as pixels; one that is no image is one row of them.
func asRaster(in input.Input) raster {
	if im, ok := rasterOf(in); ok {
		return im
	}
	return raster{in.Data, 1, len(in.Data), 1, in.Domain}
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
