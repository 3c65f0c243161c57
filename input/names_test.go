package input_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/input"
	"pgregory.net/rapid"
)

// colours is a row of a number and two categories.
func colours(t testing.TB, values ...float32) input.Input {
	t.Helper()
	row, err := input.NewRow(values, []input.Domain{{Min: 0, Max: 1}, {Min: 0, Max: 3, Step: 1}, {Min: 1, Max: 2, Step: 1}})
	if err != nil {
		t.Fatal(err)
	}
	row.Layout.Columns = []input.Column{{Name: "share"}, {Name: "colour", Categories: []string{"red", "green", "blue", "grey"}}, {Name: "sex", Categories: []string{"f", "m"}}}
	if err := row.Validate(); err != nil {
		t.Fatal(err)
	}
	return row
}

func TestBlendReplacesCategories(t *testing.T) {
	from, to := colours(t, 0, 0, 1), colours(t, 1, 3, 2)
	dst, seen := from.Clone(), 0
	for i := range 101 {
		at := float64(i) / 100
		input.Blend(dst, from, to, at)
		if c := dst.Data[1]; c != 0 && c != 3 {
			t.Fatalf("at %g the colour is %g; expected that of one of the two rows", at, c)
		}
		if d := dst.Data[0] - float32(at); d > 1e-6 || d < -1e-6 {
			t.Fatalf("at %g the share is %g", at, dst.Data[0])
		}
		if dst.Data[1] != 0 && dst.Data[2] == 1 || dst.Data[1] == 0 && dst.Data[2] != 1 {
			seen++ // one after the other
		}
	}
	if !slices.Equal(dst.Data, to.Data) || seen == 0 {
		t.Errorf("expected to end at %v, with one category replaced before the other, found %v", to.Data, dst.Data)
	}
	if input.Blend(dst, from, to, 0); !slices.Equal(dst.Data, from.Data) {
		t.Errorf("expected to begin at %v, found %v", from.Data, dst.Data)
	}
}

func TestCategoriesFitTheirDomain(t *testing.T) {
	row := colours(t, 0, 2, 1)
	if name, ok := row.ColumnAt(1).Category(2, row.DomainAt(1)); !ok || name != "blue" {
		t.Errorf("expected blue, found %q", name)
	}
	row.Layout.Columns[1].Categories = []string{"red", "green"}
	if err := row.Validate(); err == nil || !strings.Contains(err.Error(), `"colour"`) {
		t.Errorf("expected an error about 2 categories of 4 values, found %v", err)
	}
	row = colours(t, 0, 2, 1)
	row.Data[1] = 9
	if err := row.Validate(); err == nil || !strings.Contains(err.Error(), `"colour"`) {
		t.Errorf("expected an error that names the column, found %v", err)
	}
	if same := colours(t, 0, 2, 1); !same.Like(colours(t, 1, 0, 2)) || same.HasCategories() == false {
		t.Error("expected rows of the same columns to be alike")
	}
	other := colours(t, 0, 2, 1)
	other.Layout.Columns[1].Name = "color"
	if other.Like(colours(t, 0, 2, 1)) || other.ID() != colours(t, 0, 2, 1).ID() {
		t.Error("expected other columns to make rows unlike, with the same ID")
	}
}

const pad, begin, end = 0, 1, 2

var words = input.Vocabulary{Size: 20, Pad: pad, Special: []int{begin, end}}

// drawText draws a text of n tokens with its beginning and its end, padded on either side.
func drawText(t *rapid.T, rng *rand.Rand, length int, left bool) []int {
	n := rapid.IntRange(0, length-2).Draw(t, "words")
	text := []int{begin}
	for range n {
		text = append(text, 3+rng.IntN(17))
	}
	text = append(text, end)
	padding := make([]int, length-len(text))
	if left {
		return append(padding, text...)
	}
	return append(text, padding...)
}

// On the way between two texts there are texts alone: one beginning, one end, and no padding inside.
func TestReplaceLeadsOverTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "random seed"), 0))
		length, left := rapid.IntRange(2, 30).Draw(t, "length"), rapid.Bool().Draw(t, "left")
		vocabulary := words
		vocabulary.KeepLength = rapid.Bool().Draw(t, "keep length")
		a, b := drawText(t, rng, length, left), drawText(t, rng, length, left)
		from, err := input.NewTokens(a, vocabulary)
		if err != nil {
			t.Fatal(err)
		}
		to, err := input.NewTokens(b, vocabulary)
		if err != nil {
			t.Fatal(err)
		}
		dst := from.Clone()
		for i := range 21 {
			at := float64(i) / 20
			input.Replace(dst, from, to, at)
			if err := dst.Validate(); err != nil {
				t.Fatal(err)
			}
			first, stop := vocabulary.Text(dst.Data)
			text := dst.Data[first:stop]
			if text[0] != begin || text[len(text)-1] != end || slices.ContainsFunc(text[1:len(text)-1], vocabulary.Held) {
				t.Fatalf("at %g from %v to %v: %v; expected one text", at, a, b, dst.Data)
			}
			if left && stop != length || !left && first != 0 {
				t.Fatalf("at %g from %v to %v: %v; expected the padding where it was", at, a, b, dst.Data)
			}
			if was, is := slices.Index(a, begin), slices.Index(a, end); vocabulary.KeepLength && (first != was || stop != is+1) {
				t.Fatalf("at %g from %v to %v: %v; expected the length of the first", at, a, b, dst.Data)
			}
		}
		if same := slices.Index(a, end)-slices.Index(a, begin) == slices.Index(b, end)-slices.Index(b, begin); (same || !vocabulary.KeepLength) && !slices.Equal(dst.Data, to.Data) {
			t.Fatalf("expected to end at %v, found %v", to.Data, dst.Data)
		}
		if input.Replace(dst, from, to, 0); !slices.Equal(dst.Data, from.Data) {
			t.Fatalf("expected to begin at %v, found %v", from.Data, dst.Data)
		}
	})
}

func TestVocabulariesAndColumnsInSets(t *testing.T) {
	text, err := input.NewTokens([]int{begin, 5, 6, end, pad}, words)
	if err != nil {
		t.Fatal(err)
	}
	set, err := input.Join(input.Searched("text", text), input.Searched("facts", colours(t, 0.5, 2, 1)))
	if err != nil {
		t.Fatal(err)
	}
	if err := set.Validate(); err != nil {
		t.Fatal(err)
	}
	held := []bool{true, false, false, true, true, false, false, false}
	for i, want := range held {
		if set.Held(i) != want {
			t.Errorf("value %d: expected held %t", i, want)
		}
	}
	kept := words
	kept.KeepLength = true
	long, err := input.NewTokens([]int{begin, 5, 6, end, pad}, kept)
	if err != nil {
		t.Fatal(err)
	}
	if part, _ := set.Part("text"); part.Vocabulary() == nil || !part.Like(long) || text.Vocabulary().KeepLength {
		t.Errorf("expected the part's vocabulary, for texts that keep their length, found %+v", part.Layout)
	}
	if part, _ := set.Part("facts"); !part.Like(colours(t, 0, 0, 1)) || !set.Categorical(6) || set.Categorical(5) {
		t.Errorf("expected the part's columns, found %+v", part.Layout)
	}
	alone, err := input.Join(input.Searched("text", text), input.Fixed("facts", colours(t, 0.5, 2, 1)))
	if err != nil || alone.Vocabulary() == nil {
		t.Errorf("expected the vocabulary of the only searched part (error %v)", err)
	}
}

func TestVocabulariesRefuse(t *testing.T) {
	for _, v := range []input.Vocabulary{
		{}, {Size: 1, Pad: input.Unpadded}, {Size: 3, Pad: 3}, {Size: 3, Pad: -2}, {Size: 4, Pad: 0, Special: []int{4}}, {Size: 3, Pad: 0, Special: []int{1}}, {Size: 1 << 24},
	} {
		if err := v.Validate(); err == nil {
			t.Errorf("%+v: expected an error", v)
		}
	}
	for _, tokens := range [][]int{nil, {20}, {-1}} {
		if _, err := input.NewTokens(tokens, words); err == nil {
			t.Errorf("%v: expected an error", tokens)
		}
	}
}
