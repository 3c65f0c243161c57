// Package fft transforms sequences whose length is a power of two, with the same result on every machine: what a search finds
// must not depend on the processor, and code that lets the compiler fuse a product with a sum does. Nothing is allocated once
// a length was used.
package fft

import (
	"math"
	"math/bits"
	"sync"

	"github.com/triggerfinder/triggerfinder/internal/exact"
)

// Length is the shortest length that can be transformed and has room for n values.
func Length(n int) int {
	if n <= 1 {
		return 1
	}
	return 1 << bits.Len(uint(n-1))
}

// Complex is one complex number. Products of Go's own are rounded otherwise on some processors.
type Complex struct{ Re, Im float64 }

// Times is the product of both.
func (a Complex) Times(b Complex) Complex {
	return Complex{float64(a.Re*b.Re) - float64(a.Im*b.Im), float64(a.Re*b.Im) + float64(a.Im*b.Re)}
}

// Forward replaces values by their discrete Fourier transform. Their number is a power of two.
func Forward(values []Complex) { transform(values, false) }

// Inverse undoes Forward.
func Inverse(values []Complex) {
	transform(values, true)
	share := 1 / float64(len(values))
	for i, v := range values {
		values[i] = Complex{float64(v.Re * share), float64(v.Im * share)}
	}
}

// transform is the one of Cooley and Tukey, in place: values in the order of their reversed bits, then sums of pairs of
// twice the length again and again.
func transform(values []Complex, inverse bool) {
	n := len(values)
	if n&(n-1) != 0 {
		panic("fft: expected a number of values that is a power of two")
	}
	if n < 2 {
		return
	}
	shift := 64 - bits.Len(uint(n-1))
	for i := range values {
		if j := int(bits.Reverse64(uint64(i)) >> shift); i < j {
			values[i], values[j] = values[j], values[i]
		}
	}
	roots := rootsOf(n)
	for half := 1; half < n; half *= 2 {
		step := n / (2 * half)
		for start := 0; start < n; start += 2 * half {
			low, high := values[start:start+half], values[start+half:start+2*half]
			for i, a := range low {
				root := roots[i*step]
				if inverse {
					root.Im = -root.Im
				}
				b := high[i].Times(root)
				low[i] = Complex{a.Re + b.Re, a.Im + b.Im}
				high[i] = Complex{a.Re - b.Re, a.Im - b.Im}
			}
		}
	}
}

// known are the roots of unity of each length that was used, by its logarithm.
var known [64]struct {
	once  sync.Once
	roots []Complex
}

// rootsOf are the first half of the roots of unity, clockwise.
func rootsOf(n int) []Complex {
	k := &known[bits.Len(uint(n))]
	k.once.Do(func() {
		k.roots = make([]Complex, n/2)
		for i := range k.roots {
			k.roots[i] = root(i, n)
		}
	})
	return k.roots
}

// root is e to the -2 Pi i k/n, of k below n/2. Angles are taken from the next multiple of a quarter of the circle, where sines
// are exact.
func root(k, n int) Complex {
	quarter := (8*k + n) / (2 * n) // 0, 1 or 2
	angle := 2 * math.Pi * float64(4*k-quarter*n) / float64(4*n)
	c, s := exact.Cosine(angle), exact.Sine(angle)
	switch quarter {
	case 0:
		return Complex{c, -s}
	case 1:
		return Complex{-s, -c}
	}
	return Complex{-c, s}
}
