package strategies

// texture is a pattern of the ends of the box, in fields that repeat. Margins of photographs fall more under fine textures than under flat colours:
// docs/results/production.md tells how much, and of which. That stripes mislead convolutions is from Andriushchenko et al., "Square Attack", ECCV 2020
// (section 3.1), universal textures are from Moosavi-Dezfooli et al., "Universal adversarial perturbations", CVPR 2017.
type texture struct {
	down, across int // height and width of a field, in pixels
	rows, cols   int // of fields, until they repeat; 64 fields at most
	up           [textureTints]uint64
}

// textureTints is how many channels of a texture differ; those beyond are like the first ones.
const textureTints = 3

// signs are those of the first field, a bit a channel.
type signs uint

const (
	red, green, blue signs = 1, 2, 4
	white                  = red | green | blue
)

// striped is a texture whose fields are the first one and its opposite, by turns: stripes of a height, of a width, a checkerboard where both are above 0, a
// flat colour where none is.
func striped(down, across int, first signs) texture {
	t := texture{down: max(down, 1), across: max(across, 1), rows: 1, cols: 1}
	if down > 0 {
		t.rows = 2
	}
	if across > 0 {
		t.cols = 2
	}
	for channel := range t.up {
		for field := range t.rows * t.cols {
			opposite := (field/t.cols + field%t.cols) & 1
			if int(first>>channel)&1 != opposite {
				t.up[channel] |= 1 << field
			}
		}
	}
	return t
}

// textures are tried all over the image, in this order.
var textures = [...]texture{
	striped(4, 0, blue), striped(4, 0, red|green),
	striped(4, 4, blue), striped(4, 4, red|green),
	striped(4, 0, green|blue), striped(4, 0, red),
	striped(0, 1, white),
	striped(0, 2, white), striped(0, 2, 0),
	striped(1, 0, 0),
}

// field is the place of a pixel's field among the bits.
func (t *texture) field(y, x int) int { return y/t.down%t.rows*t.cols + x/t.across%t.cols }

// texture writes the next candidate of a large image: all of it in one of the textures and, when all were tried, the base with a patch of it replaced. Few answers say
// little of the gradients of so many values, and changes that are large enough to tell are not linear.
func (c *linearClimb) texture(data []float32) climbStep {
	nth := texturesFirst - c.textured
	c.textured--
	if nth < len(textures) {
		c.fill(data, &patch{area: c.grid.whole(), channels: every, texture: textures[nth]})
		return climbStep{block: noBlock, texture: nth + 1}
	}
	p := c.patches.next(c.rng, c.grid)
	copy(data, c.base)
	c.fill(data, p)
	return climbStep{block: noBlock, patch: p}
}
