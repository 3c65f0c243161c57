package input

import (
	"math"
	"sync/atomic"

	"github.com/triggerfinder/triggerfinder/internal/vec"
)

// Blend writes the mixture of from (1-t) and to (t) into dst, all three of one shape and domain: a place on the straight way
// between two inputs. Each value is rounded to the domain's steps, at a different t. Rounded alike, values that have the same
// way to go would take their steps at once and leap over a narrow gap: all values between corners of a bound, and the white of
// a stroke on black. Categories (see [Column]) have no way between them: each is replaced by the other at its own t.
func Blend(dst, from, to Input, t float64) {
	d, step := from.Domain, float64(from.Domain.Step)
	n := min(len(dst.Data), len(from.Data), len(to.Data))
	if !from.Uniform() || from.HasCategories() {
		blendEach(dst, from, to, t, waitsOf(n))
		return
	}
	if step <= 0 {
		share := float32(t)
		for i, a := range from.Data[:n] {
			dst.Data[i] = d.Snap(a + float32(share*(to.Data[i]-a)))
		}
		return
	}
	waits := waitsOf(n)
	ends, out := to.Data[:len(waits)], dst.Data[:len(waits)]
	if d == Bytes {
		vec.BlendBytes(out, from.Data[:len(waits)], ends, waits, t)
		return
	}
	for i, a := range from.Data[:len(waits)] {
		if ends[i] == a {
			out[i] = a
			continue
		}
		steps := float64(t*float64(ends[i]-a)) / step
		out[i] = d.Snap(a + float32(step*math.Floor(steps+waits[i])))
	}
}

// blendEach is Blend of values whose domains differ.
func blendEach(dst, from, to Input, t float64, waits []float64) {
	for i, wait := range waits {
		a, d := from.Data[i], from.DomainAt(i)
		way := float64(t * float64(to.Data[i]-a))
		switch step := float64(d.Step); {
		case to.Data[i] == a:
			dst.Data[i] = a
		case from.Categorical(i):
			dst.Data[i] = a
			if t >= 1-wait {
				dst.Data[i] = to.Data[i]
			}
		case step <= 0:
			dst.Data[i] = d.Snap(a + float32(way))
		default:
			dst.Data[i] = d.Snap(a + float32(step*math.Floor(way/step+wait)))
		}
	}
}

// Replace writes from into dst with part of its values replaced by those of to, all three of one shape: none at t = 0, all at t = 1,
// one after the other in an order in which neighbours lie far apart. It is the way between inputs whose values have no order, such as
// tokens, where [Blend] would mix them. Of texts of a [Vocabulary], padding and special tokens stay around the text while it is replaced,
// and its length goes from one to the other; at t = 1 it is to. A text that keeps its length keeps its padding too, at t = 1 as before.
func Replace(dst, from, to Input, t float64) {
	n := min(len(dst.Data), len(from.Data), len(to.Data))
	waits := waitsOf(n)
	for i, wait := range waits {
		dst.Data[i] = from.Data[i]
		if t >= 1-wait { // below 1: each wait is above 0
			dst.Data[i] = to.Data[i]
		}
	}
	from.texts(func(v *Vocabulary, first, end int) {
		v.replaceText(dst.Data[first:end], from.Data[first:end], to.Data[first:end], t, waits)
	})
}

// waits are the fractions of the multiples of the golden ratio, which spread evenly between whole numbers.
var waits atomic.Pointer[[]float64]

// waitsOf is when each of n values takes its steps.
func waitsOf(n int) []float64 {
	if known := waits.Load(); known != nil && len(*known) >= n {
		return (*known)[:n]
	}
	const golden = 0.6180339887498949
	all := make([]float64, n)
	for i := range all {
		multiple := float64(float64(i+1) * golden)
		all[i] = multiple - math.Floor(multiple)
	}
	waits.Store(&all)
	return all
}
