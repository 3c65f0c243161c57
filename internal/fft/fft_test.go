package fft_test

import (
	"math"
	"math/cmplx"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/triggerfinder/triggerfinder/internal/fft"
)

func TestLength(t *testing.T) {
	for n, want := range map[int]int{0: 1, 1: 1, 2: 2, 3: 4, 4: 4, 5: 8, 16000: 16384, 16384: 16384} {
		if got := fft.Length(n); got != want {
			t.Errorf("length for %d: %d, expected %d", n, got, want)
		}
	}
}

// The transform is the sum that defines it, and its inverse leads back.
func TestForwardIsItsDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for n := 1; n <= 256; n *= 2 {
		values := make([]fft.Complex, n)
		for i := range values {
			values[i] = fft.Complex{Re: rng.NormFloat64(), Im: rng.NormFloat64()}
		}
		got := slices.Clone(values)
		fft.Forward(got)
		for k := range n {
			var want complex128
			for i, v := range values {
				want += complex(v.Re, v.Im) * cmplx.Exp(complex(0, -2*math.Pi*float64(k*i%n)/float64(n)))
			}
			if d := cmplx.Abs(complex(got[k].Re, got[k].Im) - want); d > 1e-11 {
				t.Fatalf("%d values: number %d is %v, expected %v", n, k, got[k], want)
			}
		}
		fft.Inverse(got)
		for i, v := range values {
			if math.Hypot(got[i].Re-v.Re, got[i].Im-v.Im) > 1e-13 {
				t.Fatalf("%d values: value %d came back as %v, expected %v", n, i, got[i], v)
			}
		}
		if allocs := testing.AllocsPerRun(10, func() { fft.Forward(got) }); allocs != 0 {
			t.Errorf("%d values: %g allocations", n, allocs)
		}
	}
}

func TestOtherLengthsPanic(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("expected a panic")
		}
	}()
	fft.Forward(make([]fft.Complex, 12))
}
