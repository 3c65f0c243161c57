package engine

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync/atomic"
)

// path is a way from the seed, at t = 0, to t = 1.
type path struct {
	to      Input           // end of a blend, when mutator is nil
	mutator SeverityMutator // or the operator whose severity grows
	stream  uint64          // of the operator
	name    string          // of what a blend leads to
	from    Input
	stretch float64 // of a blend, beyond its end
}

// at writes the place t of the path.
func (p *path) at(dst Input, t float64) {
	if p.mutator != nil {
		p.mutator.MutateAt(dst, p.from, min(t, 1), p.stream)
		return
	}
	mix(dst, p.from, p.to, t*max(1, p.stretch))
}

// history says in words where on the path a candidate lies.
func (p *path) history(t float64) string {
	if p.mutator != nil {
		return fmt.Sprintf("%s %.4f", p.mutator, t)
	}
	return fmt.Sprintf("blend %.4f with %s", t, p.name)
}

// mix writes the mixture of from (1-t) and to (t), rounded to the domain's steps at a different t in each value.
// Rounded alike, values that have the same way to go would take their steps at once and leap over a
// narrow gap: all values between corners of a bound, and the white of a stroke on black.
func mix(dst, from, to Input, t float64) {
	d, step := from.Domain, float64(from.Domain.Step)
	if step <= 0 {
		share := float32(t)
		for i, a := range from.Data {
			dst.Data[i] = d.Snap(a + float32(share*(to.Data[i]-a)))
		}
		return
	}
	waits := waitsOf(len(from.Data))
	ends, out := to.Data[:len(waits)], dst.Data[:len(waits)]
	for i, a := range from.Data[:len(waits)] {
		if ends[i] == a {
			out[i] = a
			continue
		}
		steps := float64(t*float64(ends[i]-a)) / step
		v := a + float32(step*math.Floor(steps+waits[i]))
		if d == Bytes { // v is whole
			out[i] = min(max(v, 0), 255)
			continue
		}
		out[i] = d.Snap(v)
	}
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

// plain lists ends of blends that need no other seed: the ends of the domain, its middle, the negative of
// the seed, and noise without end.
func plain(seed Input, i int, rng *rand.Rand) path {
	d := seed.Domain
	end := seed.Clone()
	name := "noise"
	switch i {
	case 0, 1, 2:
		name = []string{"the lowest value", "the highest value", "the middle value"}[i]
		v := d.Snap(d.Min + d.Range()*[]float32{0, 1, 0.5}[i])
		for j := range end.Data {
			end.Data[j] = v
		}
	case 3:
		name = "its negative"
		for j, v := range end.Data {
			end.Data[j] = d.Snap(d.Max - (v - d.Min))
		}
	default:
		for j := range end.Data {
			end.Data[j] = d.Snap(d.Min + d.Range()*rng.Float32())
		}
	}
	return path{from: seed, to: end, name: name}
}
