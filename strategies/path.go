package strategies

import (
	"fmt"
	"math/rand/v2"

	"github.com/triggerfinder/triggerfinder/input"
)

// path is a way from the seed, at t = 0, to t = 1.
type path struct {
	to        input.Input           // end of a blend, when mutator is nil
	mutator   input.SeverityMutator // or the operator whose severity grows
	stream    uint64                // of the operator
	name      string                // of what a blend leads to
	from      input.Input
	exchanges bool                                       // the blend exchanges values, see [crossing]
	stretch   float64                                    // of a blend, beyond its end
	blend     func(dst, from, to input.Input, t float64) // see [distance.BlendOf]
}

// at writes the place t of the path.
func (p *path) at(dst input.Input, t float64) {
	if p.mutator != nil {
		p.mutator.MutateAt(dst, p.from, min(t, 1), p.stream)
		return
	}
	p.blend(dst, p.from, p.to, t*max(1, p.stretch))
}

// history says in words where on the path a candidate lies.
func (p *path) history(t float64) string {
	if p.mutator != nil {
		return fmt.Sprintf("%s %.4f", p.mutator, t)
	}
	if p.exchanges {
		return fmt.Sprintf("exchange %.4f with %s", t, p.name)
	}
	return fmt.Sprintf("blend %.4f with %s", t, p.name)
}

// plain lists ends of blends that need no other seed: the ends of the domain, its middle, the negative of
// the seed, and noise without end. Values that have no order go to random ones alone.
func plain(seed input.Input, i int, rng *rand.Rand, blend func(dst, from, to input.Input, t float64), unordered bool) path {
	end := seed.Clone()
	name := "noise"
	switch {
	case unordered:
		name = "random values"
		for j := range end.Data {
			for tries := 0; !seed.Held(j) && (tries == 0 || end.Held(j)); tries++ { // special tokens stay where they are
				end.Data[j] = noise(seed.DomainAt(j), rng)
			}
		}
	case i <= 2:
		name = []string{"the lowest value", "the highest value", "the middle value"}[i]
		for j := range end.Data {
			d := seed.DomainAt(j)
			end.Data[j] = d.Snap(d.Min + d.Range()*[]float32{0, 1, 0.5}[i])
		}
	case i == 3:
		name = "its negative"
		for j, v := range end.Data {
			d := seed.DomainAt(j)
			end.Data[j] = d.Snap(d.Max - (v - d.Min))
		}
	default:
		for j := range end.Data {
			end.Data[j] = noise(seed.DomainAt(j), rng)
		}
	}
	return path{from: seed, to: end, name: name, blend: blend}
}

func noise(d input.Domain, rng *rand.Rand) float32 { return d.Snap(d.Min + d.Range()*rng.Float32()) }
