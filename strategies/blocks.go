package strategies

import (
	"math"
	"sync"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/input"
)

// block is one direction in which closing in measures the margins: a block of the image over all its channels, or
// the difference between the two halves of one. Together they are a Haar basis, refined where it pays; its
// elements are orthogonal where blocks halve evenly.
type block struct {
	distance.Block
	halves halving
	tint   tint
	smooth bool // it fades out towards the middles of the blocks beside it
	level  int
	slope  float64 // change of the margin a unit along it
	known  bool
	age    int     // moves of the base since it was measured
	hope   float64 // of learning something by measuring it
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
	// halvesKeep is how much of a block's squared slope is expected of its halves.
	halvesKeep = 0.5
	// moveChanges is the share of its squared slope by which a block is expected to change in one move.
	moveChanges = 0.2
)

// grid is the layout of an input, with the blocks of a search.
type grid distance.Grid

func gridOf(in input.Input) grid { return grid(distance.GridOf(in)) }

// blocks cuts the grid into equal blocks, at most n.
func (g grid) blocks(n int) []block {
	size := 1
	for ((g.Height+size-1)/size)*((g.Width+size-1)/size) > n {
		size++
	}
	var blocks []block
	for _, b := range distance.Grid(g).Cut(size) {
		blocks = append(blocks, block{Block: b})
	}
	return blocks
}

// tinted are the blocks in every tint.
func tinted(blocks []block) []block {
	all := make([]block, 0, len(tints)*len(blocks))
	for _, b := range blocks {
		b.smooth = true
		for _, b.tint = range [...]tint{redGreen, blueYellow, grey} {
			all = append(all, b)
		}
	}
	return all
}

// each calls fn for every value of the block, with its sign.
func (g grid) each(b *block, fn func(i int, sign float64)) {
	g.rows(b, func(row int, at []int, weight float64, along []float64) {
		for j, i := range at {
			fn(row+i, weight*along[j])
		}
	})
}

// rows calls fn for every row of pixels of the block: those of its values that are at row+at[j] have the weight weight*along[j].
func (g grid) rows(b *block, fn func(row int, at []int, weight float64, along []float64)) {
	top, left := b.Top, b.Left
	down, across := flat(b.Bottom-b.Top, b.halves == upperLower), flat(b.Right-b.Left, b.halves == leftRight)
	if b.smooth {
		top, down = fading(b.Top, b.Bottom, g.Height, b.halves == upperLower)
		left, across = fading(b.Left, b.Right, g.Width, b.halves == leftRight)
	}
	n := len(across) * g.Channels
	at, along := make([]int, 0, n), make([]float64, 0, n)
	for x, weight := range across {
		for channel := range g.Channels {
			if b.tint != grey {
				weight = across[x] * tints[b.tint][channel]
			}
			if weight != 0 {
				at, along = append(at, (left+x)*g.Channels+channel), append(along, weight)
			}
		}
	}
	for y, weight := range down {
		if weight != 0 {
			fn((top+y)*g.Width*g.Channels, at, weight, along)
		}
	}
}

// flat are the weights of a block with edges along one side.
func flat(size int, halved bool) []float64 {
	weights := make([]float64, size)
	for i := range weights {
		if weights[i] = 1; halved && i >= size/2 {
			weights[i] = -1
		}
	}
	return weights
}

// tint is a direction in the colours of a pixel.
type tint uint8

const (
	grey tint = iota // all channels alike
	redGreen
	blueYellow
)

// tints are the directions in colours of three channels, at right angles to each other: the opponent colours that people see in, too
// (Buchsbaum and Gottschalk, "Trichromacy, opponent colours coding and optimum colour information transmission in the retina", Proc. R. Soc.
// Lond. B 220, 1983). Colours of photos vary little across brightness, so that networks heed small differences there.
var tints = [...][3]float64{grey: {1, 1, 1}, redGreen: {1, -1, 0}, blueYellow: {-0.5, -0.5, 1}}

// pixels calls fn for every run of pixels of the block that lie side by side and have the same sign, with their values from the first up
// to the end, without it.
func (g grid) pixels(b *block, fn func(first, end int, sign float64)) {
	middle, centre := (b.Top+b.Bottom)/2, (b.Left+b.Right)/2
	for y := b.Top; y < b.Bottom; y++ {
		row, sign := y*g.Width, 1.0
		switch {
		case b.halves == leftRight:
			fn((row+b.Left)*g.Channels, (row+centre)*g.Channels, 1)
			fn((row+centre)*g.Channels, (row+b.Right)*g.Channels, -1)
			continue
		case b.halves == upperLower && y >= middle:
			sign = -1
		}
		fn((row+b.Left)*g.Channels, (row+b.Right)*g.Channels, sign)
	}
}

// fading are the weights of a smooth block along one side, from where they begin within the image: a bell or, of halves, a wave. Such blocks, of equal
// size and side by side, add up to a flat image.
func fading(from, to, end int, halved bool) (int, []float64) {
	rim := (to - from) / 2
	first, last := max(from-rim, 0), min(to+rim, end)
	return first, fadingOf(to-from, halved)[first-(from-rim) : last-(from-rim)]
}

// fadings are all weights of smooth blocks that were needed, by their size: sines take longer than what they weigh.
var fadings sync.Map

type fadingSize struct {
	size   int
	halved bool
}

func fadingOf(size int, halved bool) []float64 {
	if weights, ok := fadings.Load(fadingSize{size, halved}); ok {
		return weights.([]float64)
	}
	weights := make([]float64, size+2*(size/2))
	for i := range weights {
		at := (float64(i-size/2) + 0.5 - float64(size)/2) / float64(size) // from -1 to 1
		if halved {
			weights[i] = -math.Sin(math.Pi * at)
		} else {
			weights[i] = (1 + math.Cos(math.Pi*at)) / 2
		}
	}
	fadings.Store(fadingSize{size, halved}, weights)
	return weights
}

// eachOf does what each does in channels from first up to end, without it.
func (g grid) eachOf(b *block, first, end int, fn func(i int, sign float64)) {
	g.pixels(b, func(from, to int, sign float64) {
		for pixel := from; pixel < to; pixel += g.Channels {
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
	high, wide := b.Bottom-b.Top > 1, b.Right-b.Left > 1
	next := block{Block: b.Block, tint: b.tint, smooth: b.smooth, level: b.level + 1, hope: halvesKeep * b.slope * b.slope}
	switch {
	case b.halves == whole && high:
		next.halves = upperLower
		return append(blocks, next)
	case b.halves == whole && wide:
		next.halves = leftRight
		return append(blocks, next)
	case b.halves == upperLower && (wide || b.Bottom-b.Top > 2):
		upper, lower := next, next
		upper.Bottom, lower.Top = (b.Top+b.Bottom)/2, (b.Top+b.Bottom)/2
		return refine(append(blocks, upper, lower), 2, leftRight)
	case b.halves == leftRight && (high || b.Right-b.Left > 2):
		left, right := next, next
		left.Right, right.Left = (b.Left+b.Right)/2, (b.Left+b.Right)/2
		return refine(append(blocks, left, right), 2, upperLower)
	}
	return blocks
}

// refine halves the last n blocks in the direction, or in the other one where they are too thin for it.
func refine(blocks []block, n int, direction halving) []block {
	kept := blocks[:len(blocks)-n]
	for _, b := range blocks[len(kept):] {
		high, wide := b.Bottom-b.Top > 1, b.Right-b.Left > 1
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
