package distance_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

func someone(t *testing.T, colour float32) input.Input {
	t.Helper()
	row := model.Must(input.NewRow([]float32{0.5, 40, colour, 2000}, []input.Domain{{Max: 1}, {Max: 100, Step: 1}, {Max: 9, Step: 1}, {Max: 1e6}}))
	if row.Layout == nil {
		row.Layout = &input.Layout{}
	}
	row.Layout.Columns = []input.Column{{Name: "share"}, {Name: "age"}, {Name: "colour", Categories: strings.Split("abcdefghij", "")}, {Name: "income"}}
	return row
}

// Bounds on sizes of changes leave categories as they are, however near their numbers.
func TestBoundsLeaveCategoriesAsTheyAre(t *testing.T) {
	seed := someone(t, 4)
	rng := rand.New(rand.NewPCG(1, 2))
	for _, bound := range []distance.Bound{distance.LInf(3), distance.LInf(1e6), distance.L2(3), distance.L2(1e6), distance.AllOf(distance.LInf(3), distance.L2(4))} {
		region := model.Must(bound.Around(seed))
		if beside := someone(t, 5); region.Contains(beside) {
			t.Errorf("%s: the category beside the seed's lies within", bound)
		}
		for range 100 {
			in := seed.Clone()
			for i := range in.Data {
				d := in.DomainAt(i)
				in.Data[i] = d.Snap(d.Min + d.Range()*rng.Float32())
			}
			if region.Project(in); in.Data[2] != 4 || !region.Contains(in) {
				t.Fatalf("%s: projected to %v; expected the category 4 within", bound, in.Data)
			}
		}
		if low, high, err := distance.EndsOf(region, seed); err != nil || low != nil && (low[2] != 4 || high[2] != 4) {
			t.Errorf("%s: ends %v and %v, %v; expected 4 and 4 of the category", bound, low, high, err)
		}
	}
	names := input.Input{Shape: []int{1}, Data: []float32{1}, Domain: input.Domain{Max: 3, Step: 1}, Kind: input.Row, Layout: &input.Layout{Columns: []input.Column{{Categories: []string{"a", "b", "c", "d"}}}}}
	for _, bound := range []distance.Bound{distance.LInf(2), distance.L2(2)} {
		if _, err := bound.Around(names); err == nil || !strings.Contains(err.Error(), "L0 bounds how many") {
			t.Errorf("%s of categories alone: %v; expected an error that names L0", bound, err)
		}
	}
}

// Of too many changes L0 keeps the largest by the share of their range; another name is as large as any.
func TestL0OfNames(t *testing.T) {
	seed, in := someone(t, 4), someone(t, 5)
	in.Data[0], in.Data[1], in.Data[3] = 0.9, 41, 3000 // 0.4, 0.01, and 0.001 of their ranges
	model.Must(distance.L0(2).Around(seed)).Project(in)
	if want := []float32{0.9, 40, 5, 2000}; !slices.Equal(in.Data, want) {
		t.Errorf("%v; expected %v", in.Data, want)
	}
	// Of tokens, those with large numbers are kept no more often than others.
	kept := [2]int{}
	rng := rand.New(rand.NewPCG(3, 4))
	for range 400 {
		ids := make([]int, 10)
		text := model.Must(input.NewTokens(ids, input.Vocabulary{Size: 1000, Pad: input.Unpadded}))
		other := text.Clone()
		for i := range other.Data {
			other.Data[i] = float32(1 + rng.IntN(9))
			if i%2 == 1 {
				other.Data[i] = float32(990 + rng.IntN(9))
			}
		}
		model.Must(distance.L0(5).Around(text)).Project(other)
		for i, v := range other.Data {
			if v != 0 {
				kept[i%2]++
			}
		}
	}
	if kept[0]+kept[1] != 2000 || kept[0] < 700 || kept[1] < 700 {
		t.Errorf("%d tokens of small numbers and %d of large ones were kept; expected 2000, about as many of both", kept[0], kept[1])
	}
}
