package distance

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/triggerfinder/triggerfinder/input"
)

// What a line tells of the way to another image is what SSIM measures there, as long as nothing is rounded and it holds
// all rows of windows; of large images it holds some.
func TestSSIMLine(t *testing.T) {
	for _, test := range []struct {
		height, width, channels int
		tolerance               float64
	}{{28, 28, 1, 1e-6}, {9, 14, 3, 1e-6}, {160, 150, 3, 5e-3}} {
		rng := rand.New(rand.NewPCG(1, 2))
		a := input.Input{Shape: []int{test.height, test.width, test.channels}, Kind: input.Image, Domain: input.Domain{Min: 0, Max: 1}}
		a.Data = make([]float32, test.height*test.width*test.channels)
		for i := range a.Data {
			a.Data[i] = rng.Float32()
		}
		b := a.Clone()
		for i := len(b.Data) / 3; i < len(b.Data)*2/3; i++ {
			b.Data[i] = rng.Float32()
		}
		s := newSSIM(a)
		line := &ssimLine{s: s}
		if want, found := s.To(b.Data), s.follow(b.Data, line); want != found {
			t.Errorf("%v: the SSIM at the end is %g, found %g", a.Shape, want, found)
		}
		between := a.Clone()
		for _, share := range []float32{0, 0.1, 0.5, 0.9, 1} {
			for i, v := range a.Data {
				between.Data[i] = v + share*(b.Data[i]-v)
			}
			if want, found := s.To(between.Data), line.at(float64(share)); math.Abs(want-found) > test.tolerance {
				t.Errorf("%v: the SSIM at %g is %g, found %g", a.Shape, share, want, found)
			}
		}
		if s.follow(a.Data, line); line.at(1) != 1 {
			t.Errorf("%v: the way to the image itself has an SSIM of %g", a.Shape, line.at(1))
		}
	}
}
