package enginetest

import (
	"math/rand/v2"

	"github.com/triggerfinder/triggerfinder/input"
)

// Shift is a mutation operator that makes the whole input brighter or darker, by Most at the most.
type Shift struct{ Most float32 }

// Mutate implements [input.Mutator].
func (s Shift) Mutate(dst, src input.Input, rng *rand.Rand) {
	by := (2*rng.Float32() - 1) * s.Most
	for i, v := range src.Data {
		dst.Data[i] = src.DomainAt(i).Snap(v + by)
	}
}

// String is the name in histories.
func (s Shift) String() string { return "shift" }

// Speckle is an operator that changes single elements.
type Speckle struct{}

// Mutate implements [input.Mutator].
func (Speckle) Mutate(dst, src input.Input, rng *rand.Rand) {
	copy(dst.Data, src.Data)
	for range 3 {
		dst.Data[rng.IntN(len(dst.Data))] = float32(rng.IntN(256))
	}
}

// String is the name in histories.
func (Speckle) String() string { return "speckle" }

// Fade is an operator whose severity darkens the image and adds noise.
type Fade struct{}

// String is the name in histories.
func (Fade) String() string { return "fade" }

// Mutate implements [input.Mutator].
func (f Fade) Mutate(dst, src input.Input, rng *rand.Rand) {
	f.MutateAt(dst, src, rng.Float64(), rng.Uint64())
}

// MutateAt implements [input.SeverityMutator].
func (Fade) MutateAt(dst, src input.Input, severity float64, stream uint64) {
	rng := rand.New(rand.NewPCG(stream, 0))
	for i, v := range src.Data {
		d := src.DomainAt(i)
		to := d.Min + d.Range()*rng.Float32()
		dst.Data[i] = d.Snap(v + float32(float32(severity)*(to-v)))
	}
}
