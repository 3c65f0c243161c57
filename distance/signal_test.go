package distance_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/input"
)

// halves is a signal that is loud in its first 256 samples and quiet in as many more.
func halves() input.Input {
	in := input.Input{Shape: []int{512}, Data: make([]float32, 512), Domain: input.Domain{Min: -1, Max: 1}, Kind: input.Signal}
	for i := range in.Data {
		in.Data[i] = 0.5 * float32(1-2*(i%2))
		if i >= 256 {
			in.Data[i] /= 10
		}
	}
	return in
}

func TestRatiosOfSignalToNoise(t *testing.T) {
	seed := halves()
	check := func(name string, got float64, ok bool, want float64) {
		t.Helper()
		if !ok || got != want && math.Abs(got-want) > 0.02 {
			t.Errorf("%s: %g dB (%t), expected %g", name, got, ok, want)
		}
	}
	both := func(name string, in input.Input, whole, segments float64) {
		t.Helper()
		dB, ok := distance.SNR(seed, in)
		check(name, dB, ok, whole)
		dB, ok = distance.SegmentalSNR(seed, in)
		check(name+", by segments", dB, ok, segments)
	}
	both("the seed", seed, math.Inf(1), 35)
	noisy := seed.Clone()
	for i := range noisy.Data {
		noisy.Data[i] += 0.05 // a tenth of the loud half, as much as the quiet half
	}
	both("noise", noisy, 10*math.Log10(0.25*1.01/2/0.0025), 10)
	noisy = seed.Clone()
	for i := 256; i < 512; i++ {
		noisy.Data[i] += 0.05
	}
	both("noise in the quiet half", noisy, 10*math.Log10(0.25*1.01/0.0025), (35.+0)/2)
	lifted, noisyToo := seed.Clone(), noisy.Clone() // an offset is no part of a signal
	for i := range lifted.Data {
		lifted.Data[i] += 0.375
		noisyToo.Data[i] += 0.375
	}
	dB, ok := distance.SNR(lifted, noisyToo)
	check("with an offset", dB, ok, 10*math.Log10(0.25*1.01/0.0025))
	short := seed
	short.Shape, short.Data = []int{2}, seed.Data[:2]
	other := seed
	other.Kind = input.Other
	for _, pair := range [][2]input.Input{{seed, short}, {other, other}, {short, seed}} {
		if _, ok := distance.SNR(pair[0], pair[1]); ok {
			t.Errorf("%s and %s have a ratio", pair[0], pair[1])
		}
		if _, ok := distance.SegmentalSNR(pair[0], pair[1]); ok {
			t.Errorf("%s and %s have a segmental ratio", pair[0], pair[1])
		}
	}
}

func TestSimilarityOfSignals(t *testing.T) {
	seed := halves()
	ruler := distance.NewRuler(seed)
	if d := ruler.Measure(seed); d.Similarity == nil || *d.Similarity != (distance.Measured{Measure: "segmental S/(S+N)", Value: 1}) {
		t.Errorf("the seed itself: %+v", d.Similarity)
	}
	with := func(first, last int, change float32) input.Input {
		in := seed.Clone()
		for i := first; i < last; i++ {
			in.Data[i] += change
		}
		return in
	}
	loud, quiet := ruler.Far(distance.MostAlike, with(0, 256, 0.05)), ruler.Far(distance.MostAlike, with(256, 512, 0.05))
	if math.Abs(loud-0.5/101) > 1e-4 || math.Abs(quiet-0.25) > 1e-3 {
		t.Errorf("a change of 20 dB in one half is %g far, one of 0 dB is %g", loud, quiet)
	}
	weights := make([]float32, 512)
	ruler.Weights(distance.MostAlike, weights)
	for _, i := range []int{0, 255, 256, 511} {
		in := with(i, i+1, 1e-3)
		v := float64(in.Data[i] - seed.Data[i])
		if far := ruler.Far(distance.MostAlike, in); math.Abs(far/(float64(weights[i])*v*v)-1) > 1e-3 {
			t.Errorf("a small change of value %d is %g far, by its weight %g", i, far, float64(weights[i])*v*v)
		}
	}
	near := with(256, 512, 0.01)
	if allocs := testing.AllocsPerRun(10, func() { ruler.Far(distance.MostAlike, near) }); allocs != 0 {
		t.Errorf("%g allocations", allocs)
	}
	silent := seed.Clone()
	clear(silent.Data)
	hum := silent.Clone()
	hum.Data[3] = 0.001
	if far := distance.NewRuler(silent).Far(distance.MostAlike, hum); !(far > 0 && far < 0.01) {
		t.Errorf("a click in silence is %g far", far)
	}
}

// A spectrogram is divided by frames, and features of different units have no similarity.
func TestSimilarityOfFeatures(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	in := input.Input{Shape: []int{16, 10}, Data: make([]float32, 160), Domain: input.Domain{Min: -80, Max: 0}, Kind: input.Signal}
	for i := range in.Data {
		in.Data[i] = -80 * rng.Float32()
	}
	other := in.Clone()
	copy(other.Data[80:], make([]float32, 80)) // the second of two segments
	dB, ok := distance.SegmentalSNR(in, other)
	if !ok || dB < 12.5 || dB > 20 { // 35 and less than 0
		t.Errorf("half of the frames changed: %g dB (%t)", dB, ok)
	}
	in.Layout = &input.Layout{Domains: make([]input.Domain, 160)}
	for i := range in.Layout.Domains {
		in.Layout.Domains[i] = in.Domain
	}
	if d := distance.DistanceBetween(in, in); d.Similarity != nil {
		t.Errorf("features with domains of their own: %+v", d.Similarity)
	}
}
