package strategies

import (
	"fmt"
	"math/rand/v2"

	"github.com/triggerfinder/triggerfinder/input"
)

// path is a way from the seed, at t = 0, to t = 1.
type path struct {
	to      input.Input           // end of a blend, when mutator is nil
	mutator input.SeverityMutator // or the operator whose severity grows
	stream  uint64                // of the operator
	name    string                // of what a blend leads to
	from    input.Input
	stretch float64 // of a blend, beyond its end
}

// at writes the place t of the path.
func (p *path) at(dst input.Input, t float64) {
	if p.mutator != nil {
		p.mutator.MutateAt(dst, p.from, min(t, 1), p.stream)
		return
	}
	input.Blend(dst, p.from, p.to, t*max(1, p.stretch))
}

// history says in words where on the path a candidate lies.
func (p *path) history(t float64) string {
	if p.mutator != nil {
		return fmt.Sprintf("%s %.4f", p.mutator, t)
	}
	return fmt.Sprintf("blend %.4f with %s", t, p.name)
}

// plain lists ends of blends that need no other seed: the ends of the domain, its middle, the negative of
// the seed, and noise without end.
func plain(seed input.Input, i int, rng *rand.Rand) path {
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
