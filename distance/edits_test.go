package distance_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// All edits make the one text of the other, none leaves it, and some of them make a text in between, with its padding where it was.
func TestEditsMakeOneTextOfAnother(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, of := range []struct {
		name string
		v    *input.Vocabulary
		left bool
	}{
		{"padded", &input.Vocabulary{Size: 9, Special: []int{8}}, false}, {"padded in front", &input.Vocabulary{Size: 9}, true},
		{"of a fixed length", &input.Vocabulary{Size: 9, KeepLength: true}, false}, {"unpadded", &input.Vocabulary{Size: 9, Pad: input.Unpadded}, false}, {"unknown", nil, false},
	} {
		for range 300 {
			moves := of.v != nil && of.v.Pad != input.Unpadded && !of.v.KeepLength
			draw := func(n int) input.Input {
				in := input.Input{Shape: []int{12}, Data: make([]float32, 12), Domain: input.Domain{Max: 8, Step: 1}, Kind: input.Tokens}
				if of.v != nil {
					in.Layout = &input.Layout{Vocabulary: of.v}
				}
				at := 0
				if of.left {
					at = 12 - n
				}
				for i := range n {
					in.Data[at+i] = float32(1 + rng.IntN(6))
				}
				return in
			}
			n, m := 1+rng.IntN(12), 1+rng.IntN(12)
			if !moves {
				m = n
			}
			from, to := draw(n), draw(m)
			edits := distance.EditsBetween(from, to)
			if moves && len(edits) != distance.Levenshtein(from, to) {
				t.Fatalf("%s: %d edits, expected %d", of.name, len(edits), distance.Levenshtein(from, to))
			}
			dst := from.Clone()
			if !distance.ApplyEdits(dst, from, to, nil) || !slices.Equal(dst.Data, from.Data) {
				t.Fatalf("%s: no edits made %v of %v", of.name, dst.Data, from.Data)
			}
			if !distance.ApplyEdits(dst, from, to, edits) || !slices.Equal(dst.Data, to.Data) {
				t.Fatalf("%s: %v made %v of %v, expected %v", of.name, edits, dst.Data, from.Data, to.Data)
			}
			some := slices.DeleteFunc(slices.Clone(edits), func(distance.Edit) bool { return rng.IntN(2) == 0 })
			if !distance.ApplyEdits(dst, from, to, some) {
				continue
			}
			if dst.Validate() != nil || moves && distance.Levenshtein(from, dst) > len(some) || !moves && len(distance.EditsBetween(from, dst)) != len(some) {
				t.Fatalf("%s: %v made %v of %v", of.name, some, dst.Data, from.Data)
			}
			if v := of.v; moves && v != nil && (n < 12 || m < 12) {
				if first, end := v.Text(dst.Data); end > first && (of.left && end != 12 || !of.left && first != 0) {
					t.Fatalf("%s: %v made %v of %v: the padding is elsewhere", of.name, some, dst.Data, from.Data)
				}
			}
		}
	}
	long := input.Input{Shape: []int{2}, Data: []float32{1, 2}, Domain: input.Domain{Max: 8, Step: 1}, Kind: input.Tokens, Layout: &input.Layout{Vocabulary: &input.Vocabulary{Size: 9}}}
	if distance.ApplyEdits(long.Clone(), long, long, []distance.Edit{{Kind: distance.PutIn, At: 1, After: 3}}) {
		t.Error("expected no room for a third token")
	}
}

func TestEditsOfNothing(t *testing.T) {
	in := model.Must(input.NewTokens([]int{1, 2, 0}, input.Vocabulary{Size: 4}))
	if edits := distance.EditsBetween(in, in); len(edits) != 0 {
		t.Errorf("%v; expected none", edits)
	}
}

// Texts that are too long for the shortest list are texts with some of the edits too: words stay together, and padding behind them.
func TestEditsOfLongTexts(t *testing.T) {
	const length = 3000
	rng := rand.New(rand.NewPCG(3, 4))
	draw := func(n int) input.Input {
		tokens := make([]int, length)
		for i := range n {
			tokens[i] = 1 + rng.IntN(6)
		}
		return model.Must(input.NewTokens(tokens, input.Vocabulary{Size: 9}))
	}
	for _, n := range [][2]int{{2900, 2500}, {2500, 2900}, {length, 2400}, {2400, length}} {
		from, to := draw(n[0]), draw(n[1])
		edits := distance.EditsBetween(from, to)
		dst := from.Clone()
		if !distance.ApplyEdits(dst, from, to, edits) || !slices.Equal(dst.Data, to.Data) {
			t.Fatalf("%v: all edits did not make the other text", n)
		}
		some := slices.DeleteFunc(slices.Clone(edits), func(distance.Edit) bool { return rng.IntN(2) == 0 })
		if !distance.ApplyEdits(dst, from, to, some) {
			t.Fatalf("%v: expected room for some edits", n)
		}
		first, end := dst.Vocabulary().Text(dst.Data)
		if first != 0 || slices.Contains(dst.Data[:end], 0) {
			t.Errorf("%v: padding stands among %d words", n, end)
		}
	}
}
