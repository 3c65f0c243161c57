package distance

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"pgregory.net/rapid"
)

// plainSSIM is SSIM as its paper defines it, window by window.
func plainSSIM(a, b input.Input) float64 {
	h, w, c, _ := a.ImageSize()
	kernel := ssimKernel(min(h, w))
	c1, c2 := square(ssimK1*float64(a.Domain.Range())), square(ssimK2*float64(a.Domain.Range()))
	var sum, windows float64
	for y := range h - len(kernel) + 1 {
		for x := range w - len(kernel) + 1 {
			for ch := range c {
				var meanA, meanB, varA, varB, covariance float64
				each := func(visit func(share, a, b float64)) {
					for i, gy := range kernel {
						for j, gx := range kernel {
							at := ((y+i)*w+x+j)*c + ch
							visit(gy*gx, float64(a.Data[at]), float64(b.Data[at]))
						}
					}
				}
				each(func(g, a, b float64) { meanA += g * a; meanB += g * b })
				each(func(g, a, b float64) {
					varA += g * square(a-meanA)
					varB += g * square(b-meanB)
					covariance += g * (a - meanA) * (b - meanB)
				})
				sum += (2*meanA*meanB + c1) * (2*covariance + c2) / ((meanA*meanA + meanB*meanB + c1) * (varA + varB + c2))
				windows++
			}
		}
	}
	return sum / windows
}

// noisy are n images of noise of some size: the first is a seed, the others change part of it.
func noisy(height, width, channels, n int, rng *rand.Rand) []input.Input {
	images := make([]input.Input, n)
	for i := range images {
		images[i] = model.Must(input.NewImage(height, width, channels, make([]uint8, height*width*channels)))
		for p := range images[i].Data {
			images[i].Data[p] = float32(rng.IntN(256))
			if i > 0 && rng.IntN(i+1) != 0 {
				images[i].Data[p] = images[0].Data[p]
			}
		}
	}
	return images
}

func TestBell(t *testing.T) {
	for k, v := range ssimBell {
		if want := math.Exp(-float64(k*k) / (2 * 1.5 * 1.5)); math.Abs(v-want) > 1e-16 {
			t.Errorf("at %d: %g, expected %g", k, v, want)
		}
	}
}

func TestSSIMAgainstItsDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(3, 15)
		d := input.Bytes
		if rapid.Bool().Draw(t, "continuous") {
			d = input.Domain{Min: -1, Max: 1}
		}
		h, w, c := size.Draw(t, "height"), size.Draw(t, "width"), rapid.SampledFrom([]int{1, 2, 3}).Draw(t, "channels")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "random"), 0))
		seed := input.Input{Shape: []int{h, w, c}, Kind: input.Image, Data: make([]float32, h*w*c), Domain: d}
		for i := range seed.Data {
			seed.Data[i] = d.Snap(d.Min + rng.Float32()*d.Range())
		}
		r := NewRuler(seed)
		// One ruler measures several inputs, so that what it keeps of one cannot leak into the next.
		for range 3 {
			in := seed.Clone()
			for range rapid.SampledFrom([]int{0, 1, 2, 1000}).Draw(t, "changes") {
				in.Data[rng.IntN(len(in.Data))] = d.Snap(d.Min + rng.Float32()*d.Range())
			}
			want := plainSSIM(seed, in)
			if got, ok := r.Similarity(in); !ok || math.Abs(got-want) > 1e-9 {
				t.Fatalf("ruler: %.12f (%t), expected %.12f", got, ok, want)
			}
			if diff := cmp.Diff(DistanceBetween(seed, in), r.Measure(in)); diff != "" {
				t.Fatalf("measure: %s", diff)
			}
		}
	})
}

// TestSSIMToTheLastBit holds the result on machines that could fuse products with sums.
func TestSSIMToTheLastBit(t *testing.T) {
	images := noisy(28, 28, 3, 2, rand.New(rand.NewPCG(1, 2)))
	const want = 0x3fe02ad5a2a8cdc1 // about 0.505
	if got, ok := SSIM(images[0], images[1]); !ok || math.Float64bits(got) != want {
		t.Errorf("SSIM is %v (%#x), expected %v", got, math.Float64bits(got), math.Float64frombits(want))
	}
}

func TestRuler(t *testing.T) {
	images := noisy(12, 13, 3, 4, rand.New(rand.NewPCG(3, 4)))
	row := input.Input{Shape: []int{4}, Data: []float32{0, 10, 20, 30}, Domain: input.Bytes}
	other := input.Input{Shape: []int{4}, Data: []float32{0, 13, 16, 30}, Domain: input.Bytes}
	for _, test := range []struct{ seed, in input.Input }{
		{images[0], images[0]}, {images[0], images[1]}, {images[0], images[2]}, {images[0], images[3]}, {row, row}, {row, other},
	} {
		t.Run(fmt.Sprint(test.seed.Shape), func(t *testing.T) {
			r := NewRuler(test.seed)
			d := DistanceBetween(test.seed, test.in)
			if diff := cmp.Diff(d, r.Measure(test.in)); diff != "" {
				t.Errorf("measure: %s", diff)
			}
			nearest := d.L2
			if d.SSIM != nil {
				nearest = 1 - *d.SSIM
			}
			for aim, want := range map[Aim]float64{MostAlike: nearest, NearestL2: d.L2, NearestLInf: d.LInf, NearestL0: float64(d.L0)} {
				if got := r.Far(aim, test.in); got != want || got != aim.far(d) {
					t.Errorf("%s: %v, expected %v", aim, got, want)
				}
			}
			if allocs := testing.AllocsPerRun(10, func() { r.Far(MostAlike, test.in) }); allocs != 0 {
				t.Errorf("%g allocations", allocs)
			}
		})
	}
	t.Run("a black image and one brighter by a step", func(t *testing.T) {
		black := model.Must(input.NewImage(28, 28, 1, make([]uint8, 28*28)))
		r := NewRuler(black)
		if s, ok := r.Similarity(black); !ok || s != 1 {
			t.Errorf("of itself: %v", s)
		}
		bright := black.Clone()
		bright.Data[0] = 1
		if s, ok := r.Similarity(bright); !ok || s >= 1 {
			t.Errorf("of a corner pixel: %v; expected less than 1", s)
		}
	})
}

func TestWeightsAgainstDifferences(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, shape := range [][3]int{{5, 7, 1}, {13, 12, 3}, {16, 16, 1}} {
		seed := noisy(shape[0], shape[1], shape[2], 1, rng)[0]
		seed.Domain.Step = 0
		for i := range seed.Data { // half of it flat, where changes show
			if i < len(seed.Data)/2 {
				seed.Data[i] = float32(100 + i%3)
			}
		}
		r := NewRuler(seed)
		weights := make([]float32, len(seed.Data))
		r.Weights(MostAlike, weights)
		for i := range weights {
			const v = 1. / 32
			var loss float64
			for _, by := range []float32{v, -v} { // odd orders cancel out
				in := seed.Clone()
				in.Data[i] += by
				loss += r.Far(MostAlike, in) / 2
			}
			want := loss / (v * v)
			if got := float64(weights[i]); math.Abs(got-want) > 1e-4*want+1e-12 {
				t.Fatalf("%v: element %d weighs %g, expected %g", shape, i, got, want)
			}
		}
	}
	weights := make([]float32, 2)
	NewRuler(input.Input{Shape: []int{2}, Data: weights, Domain: input.Bytes}).Weights(MostAlike, weights)
	if weights[0] != 1 || weights[1] != 1 {
		t.Errorf("elements of a row weigh %v; expected 1 each, as in the square of L2", weights)
	}
}

// A distance of which a part is known is the same to the last bit.
func TestMeasureKnown(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	seed := noisy(28, 28, 1, 1, rng)[0]
	r := NewRuler(seed)
	for _, by := range []float32{0, 1, 3, 9, 40, 120} {
		in := seed.Clone()
		for i := range in.Data {
			in.Data[i] = input.Bytes.Snap(in.Data[i] + by*float32(rng.NormFloat64()))
		}
		for aim := MostAlike; aim <= NearestL0; aim++ {
			for _, far := range []float64{0, r.Far(aim, in)} {
				if diff := cmp.Diff(r.Measure(in), r.MeasureKnown(in, aim, far)); diff != "" {
					t.Errorf("noise of %g by %s: %s", by, aim, diff)
				}
			}
		}
	}
	in := seed.Clone()
	in.Data[0] = 7
	if d := r.MeasureKnown(in, MostAlike, 0.25); *d.SSIM != 0.75 {
		t.Errorf("expected what is known to be taken, found an SSIM of %g", *d.SSIM)
	}
}

func BenchmarkRuler(b *testing.B) {
	for _, shape := range [][3]int{{28, 28, 1}, {32, 32, 3}, {224, 224, 3}} {
		seed := noisy(shape[0], shape[1], shape[2], 1, rand.New(rand.NewPCG(1, 2)))[0]
		in := seed.Clone()
		for i := range in.Data {
			in.Data[i] = input.Bytes.Snap(in.Data[i] + float32(i%17-8))
		}
		patch := seed.Clone()
		patch.Data[len(patch.Data)/2] = 0
		r, weights := NewRuler(seed), make([]float32, len(seed.Data))
		for _, bench := range []struct {
			name string
			f    func()
		}{
			{"new", func() { newSSIM(seed) }},
			{"ssim", func() { r.Similarity(in) }},
			{"ssim of one change", func() { r.Similarity(patch) }},
			{"measure", func() { r.Measure(in) }},
			{"aim l2", func() { r.Far(NearestL2, in) }},
			{"weights", func() { r.Weights(MostAlike, weights) }},
		} {
			b.Run(fmt.Sprintf("%dx%dx%d/%s", shape[0], shape[1], shape[2], bench.name), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					bench.f()
				}
			})
		}
	}
}

// Inputs of another size are no reason to panic, and never near.
func TestInputsOfAnotherSizeAreInfinitelyFar(t *testing.T) {
	image := func(height, width int) input.Input {
		return input.Input{Shape: []int{height, width, 1}, Kind: input.Image, Domain: input.Bytes, Data: make([]float32, height*width)}
	}
	r := NewRuler(image(4, 6))
	for _, other := range []input.Input{image(4, 5), image(5, 6), {Domain: input.Bytes}} {
		for aim := MostAlike; aim <= NearestL0; aim++ {
			if far := r.Far(aim, other); !math.IsInf(far, 1) {
				t.Errorf("%s is %g far by %s; expected infinity", other, far, aim)
			}
		}
		for _, d := range []Distance{r.Measure(other), DistanceBetween(image(4, 6), other)} {
			if !math.IsInf(d.L2, 1) || !math.IsInf(d.L1, 1) || !math.IsInf(d.LInf, 1) || d.L0 < 24 || d.SSIM != nil {
				t.Errorf("%s: distance %+v; expected infinity and no SSIM", other, d)
			}
		}
	}
	if _, ok := r.Similarity(image(6, 4)); ok {
		t.Error("an image that is turned has an SSIM; expected none")
	}
	weights := make([]float32, 30)
	r.Weights(MostAlike, weights)
	r.SeenWeights(MostAlike, weights[:3])
}
