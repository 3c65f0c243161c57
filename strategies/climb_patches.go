package strategies

import (
	"math"
	"math/rand/v2"

	"github.com/triggerfinder/triggerfinder/distance"
)

// Parameters of patches, chosen on photos for EfficientNet-Lite0; docs/results/production.md tells on which.
const (
	// The first patches have sides of patchShare of the image's, and columns columnsShare of its width, in the mean; they shrink to 1/e of that in so many patches.
	patchShare, columnsShare    = 0.32, 0.14
	patchShrinks, columnsShrink = 150.0, 100.0
	// patchPeriod is what sides and places of patches are multiples of: whole periods of the textures.
	patchPeriod = 8
	// A kind of patches counts as tried kindDoubts times more, at the mean gain of all, and answers are forgotten by kindForgets with each one.
	kindDoubts, kindForgets = 3, 0.985
)

// patchKind is what a patch is filled with.
type patchKind int

const (
	columns   patchKind = iota // from top to bottom, each in a random colour
	oneColour                  // a random colour
	stripes                    // or a checkerboard, in random colours
	mosaic                     // fields of random colours, two by two
	tried                      // one of the first textures, rather a good one
	overprint                  // stripes in some of the channels
	patchKinds
)

// patch is a part of an image to be filled with a texture.
type patch struct {
	kind     patchKind
	area     distance.Block
	channels signs
	texture  texture
	credited bool // it is known what it gained
}

const every = white

// patchwork proposes patches: large ones first, then smaller ones (as the squares of Andriushchenko et al., "Square Attack", ECCV 2020), of the kinds that have paid on this seed
// so far. What is best differs from photo to photo.
type patchwork struct {
	proposed int
	kinds    [patchKinds]struct{ tries, gain float64 }
	first    [len(textures)]float64 // losses
	second   *patch                 // that was an improvement too, but not the greater one of a pair
}

// next is the patch of the next candidate.
func (w *patchwork) next(rng *rand.Rand, g grid) *patch {
	if p := w.second; p != nil {
		w.second = nil
		return p
	}
	n := float64(w.proposed)
	w.proposed++
	p := &patch{kind: w.choose(rng), channels: every}
	vary := math.Exp2(rng.Float64() - 0.5)
	share := patchShare * math.Exp(-n/patchShrinks) * vary
	if p.kind == columns {
		wide := int(math.Round(float64(g.Width) * columnsShare * math.Exp(-n/columnsShrink) * vary))
		wide = min(max(wide, 1), 64)
		left := rng.IntN(g.Width - wide + 1)
		p.area = distance.Block{Bottom: g.Height, Left: left, Right: left + wide}
		p.texture = texture{down: 1, across: 1, rows: 1, cols: 64, up: [textureTints]uint64{rng.Uint64(), rng.Uint64(), rng.Uint64()}}
		return p
	}
	p.area.Top, p.area.Bottom = placed(rng, g.Height, share)
	p.area.Left, p.area.Right = placed(rng, g.Width, share)
	colour := signs(rng.UintN(uint(white) + 1))
	switch p.kind {
	case oneColour:
		p.texture = striped(0, 0, colour)
	case mosaic:
		side := [...]int{2, 4, 4, 8}[rng.IntN(4)]
		p.texture = texture{down: side, across: side, rows: 2, cols: 2, up: [textureTints]uint64{rng.Uint64(), rng.Uint64(), rng.Uint64()}}
	case tried:
		a, b := rng.IntN(len(textures)), rng.IntN(len(textures))
		if w.first[b] < w.first[a] {
			a = b
		}
		p.texture = textures[a]
	case overprint:
		if p.channels = signs(1 + rng.UintN(uint(white)-1)); g.Channels < textureTints { // each bit may be of no channel
			p.channels = every
		}
		fallthrough
	case stripes:
		of := [...][2]int{{4, 0}, {0, 4}, {4, 4}, {2, 0}, {0, 2}, {2, 2}, {1, 0}, {0, 1}}[rng.IntN(8)]
		p.texture = striped(of[0], of[1], colour)
	}
	return p
}

// placed is a random part of a side, by its share.
func placed(rng *rand.Rand, side int, share float64) (from, to int) {
	long := max(1, int(float64(side)*share)/patchPeriod) * patchPeriod
	if long >= side {
		return 0, side
	}
	from = rng.IntN(side-long+1) / patchPeriod * patchPeriod
	return from, from + long
}

// choose draws a kind, each as likely as it pays.
func (w *patchwork) choose(rng *rand.Rand) patchKind {
	var tries, gain float64
	for _, k := range w.kinds {
		tries += k.tries
		gain += k.gain
	}
	if gain == 0 {
		return patchKind(rng.IntN(int(patchKinds)))
	}
	var up [patchKinds]float64
	var sum float64
	for i, k := range w.kinds {
		sum += (k.gain + float64(kindDoubts*gain)/tries) / (k.tries + kindDoubts)
		up[i] = sum
	}
	at, kind := float64(rng.Float64()*sum), patchKind(0)
	for kind < patchKinds-1 && up[kind] <= at {
		kind++
	}
	return kind
}

// credit takes note of what a patch gained.
func (w *patchwork) credit(p *patch, gain float64) {
	if p == nil || p.credited {
		return
	}
	p.credited = true
	for i := range w.kinds {
		w.kinds[i].tries *= kindForgets
		w.kinds[i].gain *= kindForgets
	}
	k := &w.kinds[p.kind]
	k.tries++
	if gain > 0 && gain < math.Inf(1) {
		k.gain += gain
	}
}

// fill writes a patch of the box's ends.
func (c *linearClimb) fill(data []float32, p *patch) {
	c.grid.fill(data, p, func(i int, up uint64) float32 { return [...]float32{c.low[i], c.high[i]}[up] })
}

// fill writes a patch whose values are at one of two ends each.
func (g grid) fill(data []float32, p *patch, end func(i int, up uint64) float32) {
	for y := p.area.Top; y < p.area.Bottom; y++ {
		for x := p.area.Left; x < p.area.Right; x++ {
			field := p.texture.field(y, x)
			at := (y*g.Width + x) * g.Channels
			for channel := range g.Channels {
				if tint := channel % textureTints; p.channels>>tint&1 == 1 {
					data[at+channel] = end(at+channel, p.texture.up[tint]>>field&1)
				}
			}
		}
	}
}

func (g grid) whole() distance.Block { return distance.Block{Bottom: g.Height, Right: g.Width} }
