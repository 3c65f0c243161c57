package strategies

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/vec"
	"pgregory.net/rapid"
)

// A changed seed holds the nearest values of its domain, whose faster way for bytes rounds as Snap does.
func TestChangesAreSnapped(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.SampledFrom([]input.Domain{input.Bytes, {Min: -1, Max: 1, Step: 0.5}, {Min: 0, Max: 1}}).Draw(t, "domain")
		n := rapid.IntRange(0, 40).Draw(t, "n")
		by := rapid.SampledFrom([]float64{1, 0.3}).Draw(t, "t")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "values"), 1))
		seed, u, scale := make([]float32, n), make([]float64, n), make([]float64, n)
		for i := range n {
			seed[i] = d.Snap(d.Min + rng.Float32()*d.Range())
			u[i], scale[i] = rng.NormFloat64()*float64(d.Range()), 0.01+rng.Float64()
			switch rng.IntN(8) {
			case 0:
				u[i], scale[i] = (float64(rng.IntN(400))-100.5-float64(seed[i]))/2, 2 // a tie, with t = 1
			case 1:
				u[i] = []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e300, -1e300, math.Copysign(0, -1)}[rng.IntN(6)]
			}
		}
		check := func() {
			out := append(make([]float32, n), -7) // the last one must stay
			applyChange(out[:n], input.Input{Data: seed, Domain: d}, u, scale, by)
			for i := range n {
				changed := float32(float64(seed[i]) + float64(float64(by*u[i])*scale[i]))
				if want := d.Snap(changed); math.Float32bits(out[i]) != math.Float32bits(want) || out[n] != -7 {
					t.Fatalf("%s, value %d: expected %g for %g, found %g", d, i, want, changed, out[i])
				}
			}
		}
		check()
		vec.WithoutVectors(check)
	})
}

// Closing in takes a category as it is or puts it back, and tries no other one.
func TestClosingInMixesNoCategories(t *testing.T) {
	names := make([]string, 256)
	seed := input.Input{Shape: []int{2}, Data: []float32{10, 10}, Domain: input.Bytes, Kind: input.Row, Layout: &input.Layout{Columns: []input.Column{{Name: "colour", Categories: names}, {}}}}
	out, scale := make([]float32, 2), []float64{1, 1}
	for at, want := range map[float64]float32{0.25: 10, 0.75: 110, 1: 110} {
		applyChange(out, seed, []float64{100, 100}, scale, at)
		if out[0] != want || out[1] != 10+float32(100*at) {
			t.Errorf("at %g: expected the category %g and the number %g, found %v", at, want, 10+100*at, out)
		}
	}
	c := &closer{base: seed, change: []float64{0, 0}, scale: scale, amplitude: 20, grid: gridOf(seed)}
	dst := seed.Clone()
	c.probe(dst, &c.grid.blocks(1)[0])
	if dst.Data[0] != 10 || dst.Data[1] == 10 {
		t.Errorf("expected a probe of the number alone, found %v", dst.Data)
	}
}

// What is hoped of all tints of a block at once is what is hoped of each by itself, to the last bit.
func TestHopesOfTints(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	c := &closer{grid: grid{26, 31, 3}}
	c.scale = make([]float64, c.grid.Height*c.grid.Width*c.grid.Channels)
	for i := range c.scale {
		c.scale[i] = rng.ExpFloat64()
	}
	c.blocks = tinted(c.grid.blocks(12))
	c.hopeForTints()
	for i := range c.blocks {
		b := c.blocks[i]
		b.hope = 0
		c.hopeFor(&b)
		if want := b.hope * (tintHopes[b.tint] * c.centred(&b)); c.blocks[i].hope != want || want == 0 {
			t.Errorf("block %d: expected %g, found %g", i, want, c.blocks[i].hope)
		}
	}
}

// A probe tells whether it changes anything: where rounding takes it back, no query is worth it.
func TestProbesTellWhetherTheyChangeAnything(t *testing.T) {
	base := input.Input{Shape: []int{8, 8, 3}, Kind: input.Image, Domain: input.Bytes, Data: make([]float32, 8*8*3)}
	for i := range base.Data {
		base.Data[i] = 100
	}
	c := &closer{base: base, change: make([]float64, len(base.Data)), scale: make([]float64, len(base.Data)), grid: gridOf(base)}
	for i := range c.scale {
		c.scale[i] = 1
	}
	for _, b := range append(c.grid.blocks(4), tinted(c.grid.blocks(4))...) {
		for _, c.amplitude = range []float64{0.4, 3} {
			dst := base.Clone()
			changed := c.probe(dst, &b)
			if want := !vec.SameBits(dst.Data, base.Data); changed != want || want != (c.amplitude > 1) {
				t.Errorf("%+v, by %g: changed %t, and says %t", b, c.amplitude, want, changed)
			}
		}
	}
}
