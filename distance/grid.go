package distance

import "github.com/triggerfinder/triggerfinder/input"

// Grid is the layout of an input's values in memory: rows, columns, and the channels of a pixel side by side.
type Grid struct{ Height, Width, Channels int }

// GridOf is the grid of an input, by its kind: one row where that has none, and where the grid does not fit, see [Check].
func GridOf(in input.Input) Grid {
	if of := TraitsOf(in).Grid; of != nil {
		if g := of(in); g.holds(in) {
			return g
		}
	}
	return Grid{1, len(in.Data), 1}
}

// holds reports whether the grid has as many values as the input.
func (g Grid) holds(in input.Input) bool {
	return g.Height > 0 && g.Width > 0 && g.Channels > 0 && g.Height <= len(in.Data) && g.Width <= len(in.Data) &&
		g.Channels <= len(in.Data) && g.Height*g.Width*g.Channels == len(in.Data)
}

// Block is a rectangle of a grid, over all its channels: rows from Top up to Bottom and columns from Left up to Right, both
// without the latter.
type Block struct{ Top, Bottom, Left, Right int }

// Cut cuts the grid into blocks of that height and width, at least 1, less at the lower and right rims.
func (g Grid) Cut(size int) []Block {
	size = max(size, 1)
	var blocks []Block
	for y := 0; y < g.Height; y += size {
		for x := 0; x < g.Width; x += size {
			blocks = append(blocks, Block{Top: y, Bottom: min(y+size, g.Height), Left: x, Right: min(x+size, g.Width)})
		}
	}
	return blocks
}

// Each calls fn with the place, among the input's values, of every value of the block.
func (g Grid) Each(b Block, fn func(i int)) {
	for y := b.Top; y < b.Bottom; y++ {
		row := y * g.Width
		for i := (row + b.Left) * g.Channels; i < (row+b.Right)*g.Channels; i++ {
			fn(i)
		}
	}
}
