package input

import (
	"testing"

	"pgregory.net/rapid"
)

// Between corners of a bound every value has the same way to go; mixed, they do not take their steps together.
func TestBlendTakesOneStepAtATime(t *testing.T) {
	const n, way = 100, 8
	from, to := Input{Shape: []int{n}, Domain: Bytes, Data: make([]float32, n)}, Input{Shape: []int{n}, Domain: Bytes, Data: make([]float32, n)}
	for i := range n {
		from.Data[i], to.Data[i] = 100, 100+way
		if i%2 == 1 {
			from.Data[i], to.Data[i] = to.Data[i], from.Data[i]
		}
	}
	at := func(t float64) Input {
		dst := from.Clone()
		Blend(dst, from, to, t)
		return dst
	}
	const places = 400
	most := 0
	for i := range places {
		a, b := at(float64(i)/places), at(float64(i+1)/places)
		moved := 0
		for j := range a.Data {
			if a.Data[j] != b.Data[j] {
				moved++
			}
		}
		most = max(most, moved)
	}
	if most > 5 { // n*way steps in all the places make 2 a place
		t.Errorf("%d values took a step at once", most)
	}
}

func TestBlendIsAMixture(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.SampledFrom([]Domain{Bytes, {Min: -1, Max: 1, Step: 0.25}, {Min: -3, Max: 3}}).Draw(t, "domain")
		const n = 20
		from, to := Input{Shape: []int{n}, Domain: d}, Input{Shape: []int{n}, Domain: d}
		for range n {
			from.Data = append(from.Data, d.Snap(rapid.Float32Range(d.Min, d.Max).Draw(t, "from")))
			to.Data = append(to.Data, d.Snap(rapid.Float32Range(d.Min, d.Max).Draw(t, "to")))
		}
		near, far := from.Clone(), from.Clone()
		a, b := rapid.Float64Range(0, 1).Draw(t, "a"), rapid.Float64Range(0, 1).Draw(t, "b")
		Blend(near, from, to, min(a, b))
		Blend(far, from, to, max(a, b))
		for i := range n {
			low, high := near.Data[i], far.Data[i]
			if to.Data[i] < from.Data[i] {
				low, high = high, low
			}
			if least, greatest := min(from.Data[i], to.Data[i]), max(from.Data[i], to.Data[i]); low < least-1e-5 || high > greatest+1e-5 || low > high {
				t.Fatalf("value %d is %g at %g and %g at %g, on the way from %g to %g", i, near.Data[i], min(a, b), far.Data[i], max(a, b), from.Data[i], to.Data[i])
			}
			exact := from.Data[i] + float32(a)*(to.Data[i]-from.Data[i])
			Blend(near, from, to, a)
			if off := near.Data[i] - exact; off > d.Step+1e-5 || -off > d.Step+1e-5 {
				t.Fatalf("value %d is %g at %g, expected within a step of %g", i, near.Data[i], a, exact)
			}
			Blend(near, from, to, min(a, b))
		}
		Blend(near, from, to, 0)
		Blend(far, from, to, 1)
		for i := range n {
			if off := far.Data[i] - to.Data[i]; near.Data[i] != from.Data[i] || d.Step > 0 && off != 0 || off > 1e-5 || off < -1e-5 {
				t.Fatalf("value %d begins at %g and ends at %g; expected %g and %g", i, near.Data[i], far.Data[i], from.Data[i], to.Data[i])
			}
		}
	})
}
