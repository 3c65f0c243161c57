package strategies

import (
	"cmp"
	"math"
	"slices"

	"github.com/triggerfinder/triggerfinder/distance"
)

// texture is stripes or a checkerboard of the ends of the box, in one tint. Margins of photographs fall more under fine textures than under flat colours:
// docs/results/production.md tells how much, and of which. That stripes mislead convolutions is from Andriushchenko et al., "Square Attack", ECCV 2020
// (section 3.1), universal textures are from Moosavi-Dezfooli et al., "Universal adversarial perturbations", CVPR 2017.
type texture struct {
	down, across int        // height and width of its fields; 0: they are not bounded
	signs        [3]float64 // by channel, of the first field
}

// textures are tried all over the image, in this order.
var textures = [...]texture{
	{down: 4, signs: [3]float64{-1, -1, 1}}, {down: 4, signs: [3]float64{1, 1, -1}},
	{down: 4, across: 4, signs: [3]float64{-1, -1, 1}}, {down: 4, across: 4, signs: [3]float64{1, 1, -1}},
	{down: 4, signs: [3]float64{-1, 1, 1}}, {down: 4, signs: [3]float64{1, -1, -1}},
	{across: 1, signs: [3]float64{1, 1, 1}},
	{across: 2, signs: [3]float64{1, 1, 1}}, {across: 2, signs: [3]float64{-1, -1, -1}},
	{down: 1, signs: [3]float64{-1, -1, -1}},
}

func (t *texture) sign(y, x, channel int) float64 {
	sign := t.signs[channel%len(t.signs)]
	if t.down > 0 && y/t.down&1 == 1 {
		sign = -sign
	}
	if t.across > 0 && x/t.across&1 == 1 {
		sign = -sign
	}
	return sign
}

// texture writes the whole image in one of the textures, and after those the base with a tile turned over: few answers say little of the gradients
// of a large image, but a texture has a sign a tile, and larger gradients than flat squares have.
func (c *linearClimb) texture(data []float32) {
	nth := texturesFirst - c.textured
	c.textured--
	g := c.grid
	of := func(t *texture, i int) float32 {
		pixel := i / g.Channels
		return c.side(i, t.sign(pixel/g.Width, pixel%g.Width, i%g.Channels))
	}
	if nth < len(textures) {
		for i := range data {
			data[i] = of(&textures[nth], i)
		}
		return
	}
	if c.tiles == nil {
		c.tiles = g.tiles()
	}
	copy(data, c.base)
	distance.Grid(g).Each(c.tiles[(nth-len(textures))%len(c.tiles)], func(i int) {
		switch data[i] {
		case c.high[i]:
			data[i] = c.low[i]
		case c.low[i]:
			data[i] = c.high[i]
		default: // no texture was better than the seed
			data[i] = of(&textures[0], i)
		}
	})
}

// tiles are about 200 parts of an image of whole periods of the textures, from the centre outwards, as gradients are larger there, and then their quarters.
func (g grid) tiles() []distance.Block {
	const period, across = 8, 14
	side := period * max(1, int(math.Round(math.Sqrt(float64(g.Height*g.Width))/(across*period))))
	var tiles []distance.Block
	for range 2 {
		cut := distance.Grid(g).Cut(side)
		off := func(b distance.Block) int {
			down, across := b.Top+b.Bottom-g.Height, b.Left+b.Right-g.Width
			return down*down + across*across
		}
		slices.SortStableFunc(cut, func(a, b distance.Block) int { return cmp.Compare(off(a), off(b)) })
		tiles = append(tiles, cut...)
		side /= 2
	}
	return tiles
}
