package distance_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"pgregory.net/rapid"
)

func person(values ...float32) input.Input {
	row := model.Must(input.NewRow(values, []input.Domain{{Min: 0, Max: 100}, {Min: 0, Max: 3, Step: 1}}))
	row.Layout.Columns = []input.Column{{Name: "age"}, {Name: "colour", Categories: []string{"red", "green", "blue", "grey"}}}
	return row
}

func TestScaledL1(t *testing.T) {
	seed := person(20, 0)
	for _, c := range []struct {
		other input.Input
		far   float64
		l0    int
	}{
		{person(20, 0), 0, 0}, {person(30, 0), 0.05, 1}, {person(20, 1), 0.5, 1}, {person(20, 3), 0.5, 1}, {person(120-100, 2), 0.5, 1}, {person(40, 3), 0.6, 2},
	} {
		d := distance.DistanceBetween(seed, c.other)
		if far := distance.ScaledL1(seed, c.other); math.Abs(far-c.far) > 1e-6 || d.L0 != c.l0 {
			t.Errorf("%v: expected %g and %d columns, found %g and %d", c.other.Data, c.far, c.l0, far, d.L0)
		}
		if d.Similarity == nil || math.Abs(d.Similarity.Value-(1-c.far*c.far)) > 1e-6 {
			t.Errorf("%v: expected a similarity of %g, found %+v", c.other.Data, 1-c.far*c.far, d.Similarity)
		}
	}
	apart := distance.ApartBy(seed)
	near, far := apart(distance.CoarseOf(seed), distance.CoarseOf(person(20, 1))), apart(distance.CoarseOf(seed), distance.CoarseOf(person(20, 3)))
	if math.Abs(near-far) > 1e-6 || math.Abs(near-1) > 1e-6 {
		t.Errorf("expected any two categories to be 1 apart, found %g and %g", near, far)
	}
}

// levenshtein is the textbook's table.
func levenshtein(a, b []float32) int {
	table := make([][]int, len(a)+1)
	for i := range table {
		table[i] = make([]int, len(b)+1)
		for j := range table[i] {
			switch {
			case i == 0:
				table[i][j] = j
			case j == 0:
				table[i][j] = i
			default:
				table[i][j] = min(table[i-1][j], table[i][j-1]) + 1
				substituted := table[i-1][j-1]
				if a[i-1] != b[j-1] {
					substituted++
				}
				table[i][j] = min(table[i][j], substituted)
			}
		}
	}
	return table[len(a)][len(b)]
}

func TestLevenshteinIsTheTextbooks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "random seed"), 0))
		most := rapid.SampledFrom([]int{4, 12, 60}).Draw(t, "length")
		draw := func() (text []float32, in input.Input) {
			tokens := make([]int, most)
			for i := range rng.IntN(most) {
				tokens[i] = 1 + rng.IntN(3)
				text = append(text, float32(tokens[i]))
			}
			return text, model.Must(input.NewTokens(tokens, input.Vocabulary{Size: 4, Pad: 0}))
		}
		a, inA := draw()
		b, inB := draw()
		want := levenshtein(a, b)
		if found := distance.Levenshtein(inA, inB); found != want {
			t.Fatalf("%v and %v: expected %d, found %d", a, b, want, found)
		}
		ruler := distance.NewRuler(inA)
		for range 2 {
			s, ok := ruler.Similarity(inB)
			if expected := 1 - float64(want)/float64(max(len(a), len(b), 1)); !ok || math.Abs(s-expected) > 1e-9 {
				t.Fatalf("%v and %v: expected a similarity of %g, found %g", a, b, expected, s)
			}
		}
	})
}

func TestSimilaritiesOfRowsAndTokensDoNotAllocate(t *testing.T) {
	tokens := make([]int, 200)
	for i := range tokens {
		tokens[i] = i%7 + 1
	}
	text := model.Must(input.NewTokens(tokens, input.Vocabulary{Size: 9, Pad: 0}))
	other := text.Clone()
	for i := range 50 {
		other.Data[i*4] = 8
	}
	for _, pair := range [][2]input.Input{{person(1, 1), person(2, 2)}, {text, other}} {
		ruler := distance.NewRuler(pair[0])
		ruler.Similarity(pair[1])
		if n := testing.AllocsPerRun(100, func() { ruler.Similarity(pair[1]) }); n > 0 {
			t.Errorf("%s: expected no allocations, found %g", pair[0], n)
		}
	}
}
