package distance

import (
	"fmt"
	"math"
	"testing"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

func TestOutlineEstimatesTheSSIMOfBlends(t *testing.T) {
	for _, c := range []struct {
		height, width, channels int
		within                  float64
	}{
		{13, 17, 1, 1e-3}, // every window: what is left is the rounding of blends
		{3, 5, 1, 4e-3},
		{28, 28, 1, 0.02},
		{28, 35, 3, 0.02},
		{64, 40, 1, 0.02},
	} {
		t.Run(fmt.Sprintf("%dx%dx%d", c.height, c.width, c.channels), func(t *testing.T) {
			from := model.Must(input.NewImage(c.height, c.width, c.channels, make([]uint8, c.height*c.width*c.channels)))
			to := from.Clone()
			for i := range from.Data {
				x := i / c.channels % c.width
				from.Data[i] = float32(math.Round(120 + 90*math.Sin(float64(x)/2)))
				to.Data[i] = float32(math.Round(120 + 90*math.Sin(float64(i)/5)))
			}
			a, b := newImageOutline(from), newImageOutline(to)
			estimate := a.Blends(b)
			blend := from.Clone()
			for _, share := range []float64{0, 0.1, 0.3, 0.7, 1} {
				input.Blend(blend, from, to, share)
				want, _ := SSIM(from, blend)
				if got := estimate(share); math.Abs(got-want) > c.within {
					t.Errorf("at %g: estimated %.4f, SSIM is %.4f", share, got, want)
				}
			}
		})
	}
	if newImageOutline(input.Input{Shape: []int{4}, Data: make([]float32, 4), Domain: input.Bytes}) != nil {
		t.Error("a row of a table has no outline")
	}
}

// BenchmarkOutlineBlend is the comparison of a seed with one neighbour, which is packed.
func BenchmarkOutlineBlend(b *testing.B) {
	for _, size := range [][]int{{28, 28, 1}, {224, 224, 3}} {
		b.Run(fmt.Sprint(size[0]), func(b *testing.B) {
			var inputs [2]input.Input
			for i := range inputs {
				inputs[i] = input.Input{Shape: size, Kind: input.Image, Domain: input.Bytes, Data: make([]float32, size[0]*size[1]*size[2])}
				for j := range inputs[i].Data {
					inputs[i].Data[j] = float32((i + 1) * j % 251)
				}
			}
			from, to := OutlineOf(inputs[0]), OutlineOfPacked(input.Pack(inputs[1]))
			b.ReportAllocs()
			for b.Loop() {
				from.Blends(to)(0.5)
			}
		})
	}
}
