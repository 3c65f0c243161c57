package engine

// block is one direction in which closing in measures the margins: a block of the image over all its channels, or
// the difference between the two halves of one. Together they are a Haar basis, refined where it pays; its
// elements are orthogonal where blocks halve evenly.
type block struct {
	top, bottom, left, right int
	halves                   halving
	level                    int
	gain                     float64 // change of the margin a unit along it
	known                    bool
	age                      int     // moves of the base since it was measured
	hope                     float64 // of learning something by measuring it
}

type halving uint8

const (
	whole halving = iota
	upperLower
	leftRight
)

const (
	// blocksAtFirst is about how many blocks an image is cut into.
	blocksAtFirst = 64
	// finest is how often a block is refined.
	finest = 4
	// refines is how much of a block's squared gain is expected of its halves.
	refines = 0.5
	// ages is how much of its squared gain a block is expected to have changed by in one move.
	ages = 0.2
)

// grid is the layout of an input in memory.
type grid struct{ height, width, channels int }

func gridOf(in Input) grid {
	if h, w, c, ok := in.ImageSize(); ok {
		return grid{h, w, c}
	}
	return grid{1, len(in.Data), 1}
}

// blocks cuts the grid into equal blocks, at most n.
func (g grid) blocks(n int) []block {
	size := 1
	for ((g.height+size-1)/size)*((g.width+size-1)/size) > n {
		size++
	}
	return g.cut(size)
}

// cut cuts the grid into blocks of that height and width, less at the lower and right rims.
func (g grid) cut(size int) []block {
	var blocks []block
	for y := 0; y < g.height; y += size {
		for x := 0; x < g.width; x += size {
			blocks = append(blocks, block{top: y, bottom: min(y+size, g.height), left: x, right: min(x+size, g.width)})
		}
	}
	return blocks
}

// each calls fn for every value of the block, with its sign.
func (g grid) each(b *block, fn func(i int, sign float64)) { g.eachOf(b, 0, g.channels, fn) }

// runs calls fn for every run of values of the block that lie side by side and have the same sign, from the first up
// to the end, without it.
func (g grid) runs(b *block, fn func(first, end int, sign float64)) {
	middle, centre := (b.top+b.bottom)/2, (b.left+b.right)/2
	for y := b.top; y < b.bottom; y++ {
		row, sign := y*g.width, 1.0
		switch {
		case b.halves == leftRight:
			fn((row+b.left)*g.channels, (row+centre)*g.channels, 1)
			fn((row+centre)*g.channels, (row+b.right)*g.channels, -1)
			continue
		case b.halves == upperLower && y >= middle:
			sign = -1
		}
		fn((row+b.left)*g.channels, (row+b.right)*g.channels, sign)
	}
}

// eachOf does what each does in channels from first up to end, without it.
func (g grid) eachOf(b *block, first, end int, fn func(i int, sign float64)) {
	g.runs(b, func(from, to int, sign float64) {
		for pixel := from; pixel < to; pixel += g.channels {
			for i := pixel + first; i < pixel+end; i++ {
				fn(i, sign)
			}
		}
	})
}

// refined appends the directions into which a measured block goes on.
func (b *block) refined(blocks []block) []block {
	if b.level >= finest {
		return blocks
	}
	high, wide := b.bottom-b.top > 1, b.right-b.left > 1
	next := block{top: b.top, bottom: b.bottom, left: b.left, right: b.right, level: b.level + 1, hope: refines * b.gain * b.gain}
	switch {
	case b.halves == whole && high:
		next.halves = upperLower
		return append(blocks, next)
	case b.halves == whole && wide:
		next.halves = leftRight
		return append(blocks, next)
	case b.halves == upperLower && (wide || b.bottom-b.top > 2):
		upper, lower := next, next
		upper.bottom, lower.top = (b.top+b.bottom)/2, (b.top+b.bottom)/2
		return refine(append(blocks, upper, lower), 2, leftRight)
	case b.halves == leftRight && (high || b.right-b.left > 2):
		left, right := next, next
		left.right, right.left = (b.left+b.right)/2, (b.left+b.right)/2
		return refine(append(blocks, left, right), 2, upperLower)
	}
	return blocks
}

// refine halves the last n blocks in the direction, or in the other one where they are too thin for it.
func refine(blocks []block, n int, direction halving) []block {
	kept := blocks[:len(blocks)-n]
	for _, b := range blocks[len(kept):] {
		high, wide := b.bottom-b.top > 1, b.right-b.left > 1
		switch {
		case direction == leftRight && wide || direction == upperLower && high:
			b.halves = direction
		case wide:
			b.halves = leftRight
		case high:
			b.halves = upperLower
		default:
			continue
		}
		kept = append(kept, b)
	}
	return kept
}
