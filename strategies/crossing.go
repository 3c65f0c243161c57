package strategies

import (
	"math"
	"math/rand/v2"

	"github.com/triggerfinder/triggerfinder/input"
)

// crossing looks for the gap between both boundaries on the ways from an input on the seed's side to one beyond, within a bound that
// leaves a straight way few places: within [distance.LInf] of 8 a blend of two images of bytes has some 16, and passes the gap in a step.
// Instead the pixels of the one are exchanged for those of the other in a random order, so that a way has as many places as there are pixels that differ, and the
// margins change little from one to the next; another order is another way.
type crossing struct {
	ranks     []int32 // of each pixel in the order
	order     []int32 // scratch of the shuffle
	channels  int
	near, far point
	left      int // orders that may be tried yet
	tried     int // crossings that were begun
}

const (
	// ordersAtFirst and ordersLater are how many orders of pixels are tried between two inputs: of the first crossing of a seed, and of others.
	ordersAtFirst = 4
	ordersLater   = 2
)

// begin takes note of both sides.
func (c *crossing) begin(near, far point, g grid) {
	if c.ranks == nil {
		pixels := g.Height * g.Width
		c.ranks, c.order, c.channels = make([]int32, pixels), make([]int32, pixels), g.Channels
	}
	c.near.keep(near)
	c.far.keep(far)
	c.near.t, c.far.t = 0, 1
	c.left = ordersLater
	if c.tried == 0 {
		c.left = ordersAtFirst
	}
	c.tried++
}

// shuffle draws the order of the pixels that differ; the others come last, where they change nothing.
func (c *crossing) shuffle(near, far input.Input, rng *rand.Rand) {
	c.left--
	c.order = c.order[:0]
	for p := range c.ranks {
		c.ranks[p] = math.MaxInt32
		for i := p * c.channels; i < (p+1)*c.channels; i++ {
			if near.Data[i] != far.Data[i] {
				c.order = append(c.order, int32(p))
				break
			}
		}
	}
	rng.Shuffle(len(c.order), func(i, j int) { c.order[i], c.order[j] = c.order[j], c.order[i] })
	for rank, p := range c.order {
		c.ranks[p] = int32(rank)
	}
}

// exchange writes one input with that share of its pixels, the first in the order, from the other.
func (c *crossing) exchange(dst, from, to input.Input, share float64) {
	exchanged := int32(math.Round(share * float64(len(c.order))))
	for p, rank := range c.ranks {
		of := from.Data
		if rank < exchanged {
			of = to.Data
		}
		i := p * c.channels
		copy(dst.Data[i:i+c.channels], of[i:i+c.channels])
	}
}
