package strategies

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/vec"
	"pgregory.net/rapid"
)

// found measures so many waves of a linear function around a base, and returns the cosine between its gradient and what is composed.
func found(c *cosines, gradient []float64, base input.Input, height float32, most int) float64 {
	for n := 0; n < most; n++ {
		order := c.rank()
		if len(order) == 0 {
			break
		}
		in := base.Clone()
		c.each(&c.all[order[0]], func(i int, v float64) { in.Data[i] = base.Domain.Snap(in.Data[i] + height*float32(v)) })
		var moved float64
		for i, g := range gradient {
			moved += g * (float64(in.Data[i]) - float64(base.Data[i]))
		}
		c.tell(order[0], base, in, []float64{moved})
		c.learn(0)
	}
	composed := make([]float64, len(gradient))
	c.compose(composed, c.gradients(1)[0])
	return vec.Dot(composed, gradient) / math.Sqrt(vec.Dot(composed, composed)*vec.Dot(gradient, gradient))
}

func imageOf(g grid, value float32) input.Input {
	in := input.Input{Shape: []int{g.Height, g.Width, g.Channels}, Kind: input.Image, Domain: input.Domain{Max: 1}, Data: make([]float32, g.Height*g.Width*g.Channels)}
	for i := range in.Data {
		in.Data[i] = value
	}
	return in
}

// Whatever the sizes are, all waves together are an orthonormal basis, but for what is too fine for them.
func TestAllWavesTellAGradient(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := grid{rapid.IntRange(1, 14).Draw(t, "height"), rapid.IntRange(1, 14).Draw(t, "width"), rapid.IntRange(1, 3).Draw(t, "channels")}
		if g.Height == 1 {
			g.Width *= 4
		}
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "stream"), 1))
		gradient := make([]float64, g.Height*g.Width*g.Channels)
		for i := range gradient {
			gradient[i] = rng.NormFloat64()
		}
		c := newCosines(g)
		if len(c.all) != len(gradient) {
			t.Fatalf("%d waves of %d values", len(c.all), len(gradient))
		}
		if cos := found(c, gradient, imageOf(g, 0.5), 0.1, len(c.all)); cos < 0.995 {
			t.Errorf("what is composed of all waves has a cosine of %.4f with the gradient, expected 1 but for what measuring leaves open", cos)
		}
	})
}

// A gradient that lies in one place and is of one sort is found by few measurements, wherever and whatever that is.
func TestWavesAreChosenByWhatOthersHaveShown(t *testing.T) {
	g := grid{32, 32, 3}
	for _, test := range []struct {
		name string
		of   func(y, x, channel int) float64
	}{
		{"fine and grey in a corner", func(y, x, _ int) float64 {
			if y >= 8 || x >= 8 {
				return 0
			}
			return math.Cos(math.Pi*(float64(y)+0.5)*4/8)*math.Cos(math.Pi*(float64(x)+0.5)*3/8) + math.Cos(math.Pi*(float64(x)+0.5)*5/8)
		}},
		{"coarse and coloured", func(y, x, channel int) float64 {
			return float64(channel-1) * (float64(y)/32 + float64(x)/16)
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			gradient := make([]float64, g.Height*g.Width*g.Channels)
			for i := range gradient {
				gradient[i] = test.of(i/(g.Width*g.Channels), i/g.Channels%g.Width, i%g.Channels)
			}
			if cos := found(newCosines(g), gradient, imageOf(g, 0.5), 0.1, 240); cos < 0.9 {
				t.Errorf("240 of %d measurements come to a cosine of %.3f with the gradient, expected 0.9", len(gradient), cos)
			}
		})
	}
}

// At the rim of the domain a wave is cut to its half that can be added: what was really changed is what counts.
func TestWavesThatAreCutTellAGradientToo(t *testing.T) {
	g := grid{28, 28, 1}
	rng := rand.New(rand.NewPCG(3, 1))
	gradient := make([]float64, g.Height*g.Width)
	for i := range gradient {
		gradient[i] = rng.NormFloat64()
	}
	c := newCosines(g)
	if cos := found(c, gradient, imageOf(g, 0), 0.1, len(c.all)); cos < 0.9 {
		t.Errorf("what is composed has a cosine of %.3f with the gradient, expected at least 0.9", cos)
	}
}

// After a move of the base the strongest waves are measured once more.
func TestStrongWavesAreMeasuredAgainAfterAMove(t *testing.T) {
	g := grid{8, 8, 1}
	c := newCosines(g)
	gradient := make([]float64, 64)
	c.each(&c.all[5], func(i int, v float64) { gradient[i] = v })
	found(c, gradient, imageOf(g, 0.5), 0.1, len(c.all))
	if n := len(c.rank()); n != 0 {
		t.Fatalf("%d waves are to be measured, expected none, as all were", n)
	}
	c.moveOn()
	if order := c.rank(); len(order) == 0 || order[0] != 5 {
		t.Errorf("the waves to be measured are %v, expected 5 to be the first", order)
	}
}
