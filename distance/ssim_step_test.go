package distance

import (
	"math/rand/v2"
	"testing"

	"github.com/triggerfinder/triggerfinder/input"
)

// What is measured from a base is what is measured without one, to the last bit, wherever an image differs from the base, and the base from
// the seed.
func TestSSIMFromABase(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, size := range [][3]int{{28, 28, 1}, {96, 70, 3}, {5, 9, 1}, {40, 33, 4}} {
		height, width, channels := size[0], size[1], size[2]
		seed := input.Input{Shape: size[:], Kind: input.Image, Domain: input.Bytes, Data: make([]float32, height*width*channels)}
		for i := range seed.Data {
			seed.Data[i] = float32(rng.IntN(256))
		}
		// changed is the image with some of its rectangles changed.
		changed := func(of []float32, rectangles int) []float32 {
			out := append([]float32(nil), of...)
			for range rectangles {
				top, left := rng.IntN(height), rng.IntN(width)
				bottom, right := top+1+rng.IntN(height-top), left+1+rng.IntN(width-left)
				for y := top; y < bottom; y++ {
					for i := (y*width + left) * channels; i < (y*width+right)*channels; i++ {
						out[i] = float32(rng.IntN(256))
					}
				}
			}
			return out
		}
		plain, stepping := newSSIM(seed), NewRuler(seed)
		partly := 0
		for range 60 {
			base := changed(seed.Data, rng.IntN(3))
			stepping.From(input.Input{Data: base})
			for range 6 {
				in := seed
				in.Data = changed(base, rng.IntN(3))
				want := plain.To(in.Data)
				if found, ok := stepping.Similarity(in); !ok || found != want {
					t.Fatalf("%v: expected %v, found %v", size, want, found)
				}
			}
			if stepping.similar.(*ssim).tiles != nil {
				partly++
			}
		}
		if partly == 0 && height > 9 {
			t.Errorf("%v: nothing was measured from a base", size)
		}
		stepping.From(input.Input{})
		if found, ok := stepping.Similarity(seed); !ok || found != 1 {
			t.Errorf("%v: without a base: the seed has an SSIM of %v to itself", size, found)
		}
	}
}
