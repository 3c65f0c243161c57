package strategies

import (
	"math"
	"slices"
	"testing"

	"github.com/triggerfinder/triggerfinder/internal/vec"
	"pgregory.net/rapid"
)

// spread writes the block as a vector.
func (g grid) spread(b *block) []float64 {
	v := make([]float64, g.Height*g.Width*g.Channels)
	g.each(b, func(i int, sign float64) { v[i] += sign })
	return v
}

// refinedAll is every block that refinement comes to.
func refinedAll(g grid) []block {
	all := g.blocks(blocksAtFirst)
	for i := 0; i < len(all); i++ {
		all[i].slope = 1
		all = all[i].refined(all)
	}
	return all
}

func TestBlocksCutTheImage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := grid{rapid.IntRange(1, 40).Draw(t, "height"), rapid.IntRange(1, 40).Draw(t, "width"), rapid.IntRange(1, 3).Draw(t, "channels")}
		blocks := g.blocks(blocksAtFirst)
		if len(blocks) > blocksAtFirst {
			t.Errorf("%d blocks, expected at most %d", len(blocks), blocksAtFirst)
		}
		covered := make([]float64, g.Height*g.Width*g.Channels)
		for i := range blocks {
			for j, v := range g.spread(&blocks[i]) {
				covered[j] += v
			}
		}
		if slices.ContainsFunc(covered, func(v float64) bool { return v != 1 }) {
			t.Errorf("%+v: the blocks cover values %v times; expected once", g, covered)
		}
	})
}

func TestRefinedBlocksStayInsideAndSplitInTwo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := grid{rapid.SampledFrom([]int{1, 2, 3, 5, 28, 33, 64}).Draw(t, "height"), rapid.SampledFrom([]int{1, 2, 7, 12, 31, 32}).Draw(t, "width"), rapid.SampledFrom([]int{1, 3}).Draw(t, "channels")}
		seen := map[[5]int]bool{}
		for _, b := range refinedAll(g) {
			if b.Top < 0 || b.Left < 0 || b.Bottom > g.Height || b.Right > g.Width || b.Top >= b.Bottom || b.Left >= b.Right {
				t.Fatalf("%+v: block %+v lies outside or is empty", g, b)
			}
			if b.level > finest {
				t.Fatalf("block %+v is refined too far", b)
			}
			key := [5]int{b.Top, b.Bottom, b.Left, b.Right, int(b.halves)}
			if seen[key] {
				t.Fatalf("%+v: block %+v comes twice", g, b)
			}
			seen[key] = true
			if b.halves == whole {
				continue
			}
			v := g.spread(&b)
			if !slices.Contains(v, 1) || !slices.Contains(v, -1) {
				t.Fatalf("%+v: block %+v has one sign only", g, b)
			}
		}
	})
}

// Blocks whose sides halve evenly make a Haar basis.
func TestBlocksAreOrthogonal(t *testing.T) {
	for _, g := range []grid{{16, 16, 1}, {28, 28, 1}, {12, 12, 1}, {8, 8, 3}, {1, 16, 1}, {16, 1, 1}, {1, 256, 1}} {
		var vectors [][]float64
		all := refinedAll(g)
		for i := range all {
			vectors = append(vectors, g.spread(&all[i]))
		}
		for i := range vectors {
			for j := range i {
				if d := vec.Dot(vectors[i], vectors[j]); d != 0 {
					t.Fatalf("%+v: blocks %+v and %+v: dot product %g, expected 0", g, all[j], all[i], d)
				}
			}
		}
	}
}

// Odd ones are not quite orthogonal, as their halves differ by a row or column.
func TestOddBlocksAreIndependent(t *testing.T) {
	for _, g := range []grid{{5, 5, 1}, {1, 7, 1}, {7, 1, 1}, {3, 9, 1}, {1, 1, 1}, {1, 10, 1}, {13, 11, 1}} {
		all := refinedAll(g)
		var basis [][]float64
		for i := range all {
			v := g.spread(&all[i])
			for _, b := range basis {
				vec.AddScaled(v, -vec.Dot(v, b)/vec.Dot(b, b), b)
			}
			if vec.Dot(v, v) < 1e-9 {
				t.Fatalf("%+v: block %+v is a combination of those before", g, all[i])
			}
			basis = append(basis, v)
		}
	}
}

// Together with their refinements the blocks tell single values apart, as far as finest goes.
func TestRefinementReachesEveryValue(t *testing.T) {
	for _, g := range []grid{{16, 16, 1}, {12, 12, 1}, {1, 16, 1}, {16, 1, 1}, {13, 13, 1}, {1, 100, 1}, {9, 4, 1}, {1, 256, 1}, {256, 1, 1}, {130, 1, 1}} {
		signs := map[string]int{}
		all := refinedAll(g)
		n := g.Height * g.Width
		words := make([][]byte, n)
		for i := range all {
			for j, v := range g.spread(&all[i]) {
				words[j] = append(words[j], byte('1'+v))
			}
		}
		for _, word := range words {
			signs[string(word)]++
		}
		if len(signs) != n {
			t.Errorf("%+v: %d kinds of values; expected all %d told apart", g, len(signs), n)
		}
	}
}

// Blocks of different tints are at right angles where they lie in one place; others overlap, as they fade out.
func TestTintedBlocksAreAtRightAngles(t *testing.T) {
	g := grid{14, 10, 3}
	blocks := tinted(g.blocks(4))
	if want := 3 * len(g.blocks(4)); len(blocks) != want {
		t.Fatalf("%d blocks, expected %d", len(blocks), want)
	}
	for i := range blocks {
		blocks[i].slope = 1
		for _, part := range blocks[i].refined(nil) {
			if part.tint != blocks[i].tint || !part.smooth {
				t.Errorf("block %d of tint %d has the half %+v", i, blocks[i].tint, part)
			}
		}
		for j := range i {
			if blocks[i].Block != blocks[j].Block {
				continue
			}
			if dot := vec.Dot(g.spread(&blocks[i]), g.spread(&blocks[j])); math.Abs(dot) > 1e-12 {
				t.Errorf("blocks %d and %d: product %g, expected 0", j, i, dot)
			}
		}
	}
}

// Smooth blocks have no edges: side by side they add up to a flat image, and values beside each other differ little.
func TestSmoothBlocksAddUpToAFlatImage(t *testing.T) {
	g := grid{40, 24, 3}
	sum := make([]float64, g.Height*g.Width*g.Channels)
	blocks := tinted(g.blocks(15)) // of 8x8
	for i := range blocks {
		if blocks[i].tint != grey {
			continue
		}
		v := g.spread(&blocks[i])
		vec.AddScaled(sum, 1, v)
		for at := range v[:len(v)-g.Channels] {
			if at/g.Channels%g.Width == g.Width-1 {
				continue
			}
			if step := math.Abs(v[at+g.Channels] - v[at]); step > math.Pi/16+1e-9 {
				t.Fatalf("block %d: a step of %g at %d", i, step, at)
			}
		}
		for _, part := range blocks[i].refined(nil) { // the halves of one sum to nothing within the image
			var total float64
			for _, v := range g.spread(&part) {
				total += v
			}
			if part.Top >= 4 && part.Bottom <= g.Height-4 && math.Abs(total) > 1e-9 {
				t.Errorf("half %+v sums to %g, expected 0", part, total)
			}
		}
	}
	for y := 4; y < g.Height-4; y++ {
		for x := 4; x < g.Width-4; x++ {
			if v := sum[(y*g.Width+x)*g.Channels]; math.Abs(v-1) > 1e-12 {
				t.Fatalf("%g at %d, %d, expected 1", v, y, x)
			}
		}
	}
}
