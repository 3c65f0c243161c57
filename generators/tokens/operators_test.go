package tokens_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/generators/tokens"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/inputtest"
	"pgregory.net/rapid"
)

const pad, end, shift = 0, 1, 3

// bytes3 are the tokens of ByT5: byte b is b+3, 1 ends a text, 0 pads it.
var bytes3 = input.Vocabulary{Size: 256 + shift, Pad: pad, Special: []int{end, 2}}

func encode(text string) ([]int, error) {
	var all []int
	for _, b := range []byte(text) {
		all = append(all, int(b)+shift)
	}
	return append(all, end), nil
}

func decode(all []int) (string, error) {
	var text []byte
	for _, token := range all {
		text = append(text, byte(token-shift))
	}
	return string(text), nil
}

func textOf(t testing.TB, text string, length int, vocabulary input.Vocabulary) input.Input {
	t.Helper()
	all, err := encode(text)
	if err != nil {
		t.Fatal(err)
	}
	for len(all) < length {
		all = append(all, pad)
	}
	in, err := input.NewTokens(all, vocabulary)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func read(in input.Input) string {
	var all []int
	for _, token := range in.Data {
		if !bytes3.Held(token) {
			all = append(all, int(token))
		}
	}
	text, _ := decode(all)
	return text
}

func operators(t testing.TB) []input.SeverityMutator {
	must := func(m input.SeverityMutator, err error) input.SeverityMutator {
		if err != nil {
			t.Helper()
			t.Fatal(err)
		}
		return m
	}
	return append(tokens.Corruptions(),
		must(tokens.Substitution(1, map[int][]int{'a' + shift: {'e' + shift, 'o' + shift}, 'e' + shift: {'a' + shift}, 'n' + shift: {'m' + shift, pad, end, 4000}})),
		must(tokens.Deletion(1)), must(tokens.Insertion(1)), must(tokens.Truncation(1)),
		must(tokens.Case(0.5, encode, decode)), must(tokens.Whitespace(0.5, encode, decode)))
}

// Operators keep the contract of package input, and special tokens and padding where they belong: one end, behind the text, and
// padding behind that, or in front of all.
func TestOperatorsKeepTheContract(t *testing.T) {
	all := operators(t)
	rapid.Check(t, func(t *rapid.T) {
		stream := rapid.Uint64().Draw(t, "stream")
		n := rapid.IntRange(0, 40).Draw(t, "text")
		plain := make([]byte, n)
		rng := rand.New(rand.NewPCG(stream, 0))
		for i := range plain {
			plain[i] = "aenrst XYZ"[rng.IntN(10)]
		}
		vocabulary := bytes3
		vocabulary.KeepLength = rapid.Bool().Draw(t, "keep length")
		ids, _ := encode(string(plain))
		padding := make([]int, rapid.IntRange(0, 9).Draw(t, "padding"))
		left := rapid.Bool().Draw(t, "left")
		if left {
			ids = append(padding, ids...)
		} else {
			ids = append(ids, padding...)
		}
		src, err := input.NewTokens(ids, vocabulary)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range all {
			before, dst, again := src.Clone(), src.Clone(), src.Clone()
			m.Mutate(dst, src, rand.New(rand.NewPCG(stream, 2)))
			m.Mutate(again, src, rand.New(rand.NewPCG(stream, 2)))
			if err := dst.Validate(); err != nil || !slices.Equal(src.Data, before.Data) || !slices.Equal(dst.Data, again.Data) {
				t.Fatalf("%s of %v: %v and %v (error %v)", m, before.Data, dst.Data, again.Data, err)
			}
			first, stop := vocabulary.Text(dst.Data)
			was, to := vocabulary.Text(src.Data)
			if dst.Data[stop-1] != end || slices.ContainsFunc(dst.Data[first:stop-1], vocabulary.Held) {
				t.Fatalf("%s of %v: %v; expected one text with its end", m, src.Data, dst.Data)
			}
			if len(padding) > 0 && (left && stop != to || !left && first != was) || vocabulary.KeepLength && stop-first != to-was {
				t.Fatalf("%s of %v: %v; expected the padding where it was", m, src.Data, dst.Data)
			}
			if input.Supports(m, src) != nil && !slices.Equal(dst.Data, src.Data) {
				t.Fatalf("%s changed what it does not support", m)
			}
			if m.MutateAt(dst, src, 0, stream); !slices.Equal(dst.Data, src.Data) {
				t.Fatalf("%s at severity 0 changed %v to %v", m, src.Data, dst.Data)
			}
			// One after the other: a little more severity is a few edits more.
			severity := rapid.Float64Range(0.01, 1).Draw(t, "severity")
			m.MutateAt(dst, src, severity, stream)
			m.MutateAt(again, src, min(severity+0.5/float64(n+1), 1), stream)
			if edits := distance.Levenshtein(dst, again); edits > 4 {
				t.Fatalf("%s of %v: %v at severity %g, and %d edits away right above it", m, src.Data, dst.Data, severity, edits)
			}
		}
	})
}

func TestOperatorsDoWhatTheySay(t *testing.T) {
	src := textOf(t, "the rain in Spain", 24, bytes3)
	must := func(m input.SeverityMutator, err error) input.SeverityMutator {
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	edits := func(m input.SeverityMutator, severity float64) (n int, text string) {
		dst := src.Clone()
		m.MutateAt(dst, src, severity, 3)
		return distance.Levenshtein(src, dst), read(dst)
	}
	for _, c := range []struct {
		m        input.SeverityMutator
		severity float64
		edits    int // of 17 letters
		length   int
	}{
		{must(tokens.Substitution(1, nil)), 1, 17, 17}, {must(tokens.Substitution(0.5, nil)), 0.5, 5, 17}, {must(tokens.Substitution(0.5, nil)), 0.01, 1, 17},
		{must(tokens.Deletion(1)), 0.2, 4, 13}, {must(tokens.Deletion(1)), 1, 17, 0}, {must(tokens.Insertion(1)), 0.2, 4, 21},
		{must(tokens.Truncation(0.5)), 0.5, 5, 12}, {must(tokens.SwapNeighbours(1)), 0.01, 2, 17},
	} {
		if n, text := edits(c.m, c.severity); n != c.edits || len(text) != c.length {
			t.Errorf("%s at severity %g: expected %d edits and %d letters, found %d in %q", c.m, c.severity, c.edits, c.length, n, text)
		}
	}
	if _, text := edits(must(tokens.Truncation(0.5)), 1); text != "the rain" {
		t.Errorf("expected a truncated text, found %q", text)
	}
	if _, text := edits(must(tokens.Case(1, encode, decode)), 1); text != "THE RAIN IN sPAIN" {
		t.Errorf("expected the other case, found %q", text)
	}
	if _, text := edits(must(tokens.Whitespace(1, encode, decode)), 1); strings.Join(strings.Fields(text), " ") != "the rain in Spain" || text == "the rain in Spain" {
		t.Errorf("expected other spaces, found %q", text)
	}
	listed := must(tokens.Substitution(1, map[int][]int{'a' + shift: {'e' + shift}, 'i' + shift: {end}}))
	if _, text := edits(listed, 1); text != "the rein in Spein" {
		t.Errorf("expected what the list has, and no special token, found %q", text)
	}
	full := textOf(t, "abcdef", 7, bytes3)
	dst := full.Clone()
	must(tokens.Insertion(1)).MutateAt(dst, full, 0.1, 3)
	if text := read(dst); len(text) != 6 || dst.Data[6] != end || text == "abcdef" {
		t.Errorf("expected a text that lost its last letter, and its end, found %q", text)
	}
}

func TestConstructorsRefuse(t *testing.T) {
	for name, make := range map[string]func() (input.SeverityMutator, error){
		"share 0":      func() (input.SeverityMutator, error) { return tokens.Deletion(0) },
		"share NaN":    func() (input.SeverityMutator, error) { return tokens.Insertion(math.NaN()) },
		"share above":  func() (input.SeverityMutator, error) { return tokens.Truncation(1.1) },
		"empty list":   func() (input.SeverityMutator, error) { return tokens.Substitution(0.5, map[int][]int{}) },
		"same":         func() (input.SeverityMutator, error) { return tokens.Substitution(0.5, map[int][]int{3: {3}}) },
		"negative":     func() (input.SeverityMutator, error) { return tokens.Substitution(0.5, map[int][]int{3: {-3}}) },
		"no tokenizer": func() (input.SeverityMutator, error) { return tokens.Case(0.5, nil, decode) },
		"no reverse":   func() (input.SeverityMutator, error) { return tokens.Whitespace(0.5, encode, nil) },
	} {
		if m, err := make(); err == nil || m != nil || !strings.HasPrefix(err.Error(), "tokens: ") {
			t.Errorf("%s: expected an error, found %v, %v", name, m, err)
		}
	}
}

func TestOperatorsTellWhatTheyNeed(t *testing.T) {
	image, err := input.NewImage(2, 2, 1, []uint8{1, 2, 3, 4})
	if err != nil {
		t.Fatal(err)
	}
	unknown := input.Input{Shape: []int{2}, Data: []float32{1, 2}, Domain: input.Domain{Min: 0, Max: 9, Step: 1}, Kind: input.Tokens}
	kept, unpadded := bytes3, bytes3
	kept.KeepLength, unpadded.Pad = true, input.Unpadded
	for _, m := range operators(t) {
		for _, in := range []input.Input{image, unknown} {
			if err := input.Supports(m, in); err == nil || !strings.Contains(err.Error(), m.String()) {
				t.Errorf("%s: expected an error about %s, found %v", m, in, err)
			}
			dst := in.Clone()
			if m.MutateAt(dst, in, 1, 1); !slices.Equal(dst.Data, in.Data) {
				t.Errorf("%s changed %s", m, in)
			}
		}
		resizes := slices.Contains([]string{"token-deletion", "token-insertion", "token-truncation"}, m.String())
		if err := input.Supports(m, textOf(t, "abc", 6, kept)); resizes != (err != nil) {
			t.Errorf("%s of a text that keeps its length: %v", m, err)
		}
		pads := resizes && m.String() != "token-insertion"
		if err := input.Supports(m, textOf(t, "abc", 4, unpadded)); pads != (err != nil) {
			t.Errorf("%s of a vocabulary without padding: %v", m, err)
		}
	}
	on := generators.On("text", tokens.Corruptions()[0])
	set, err := input.Join(input.Searched("text", textOf(t, "abc", 6, bytes3)), input.Searched("picture", image))
	if err != nil {
		t.Fatal(err)
	}
	dst := set.Clone()
	if on.Mutate(dst, set, rand.New(rand.NewPCG(1, 1))); dst.Validate() != nil || slices.Equal(dst.Data[:6], set.Data[:6]) || !slices.Equal(dst.Data[6:], set.Data[6:]) {
		t.Errorf("%s: %v of %v", on, dst.Data, set.Data)
	}
}

func TestPanicsOfTokenizersLeaveTheSeed(t *testing.T) {
	bad := func(string) ([]int, error) { panic("no") }
	for _, encode := range []tokens.Tokenizer{bad, func(string) ([]int, error) { return []int{-1}, nil }, func(string) ([]int, error) { return make([]int, 99), nil }} {
		m, err := tokens.Case(1, encode, decode)
		if err != nil {
			t.Fatal(err)
		}
		src := textOf(t, "abc", 6, bytes3)
		dst := src.Clone()
		if m.MutateAt(dst, src, 1, 1); !slices.Equal(dst.Data, src.Data) {
			t.Errorf("expected the seed, found %v", dst.Data)
		}
	}
}

func TestOperatorsOnTokensDoNotAllocate(t *testing.T) {
	src := textOf(t, "the rain in Spain", 30, bytes3)
	dst, rng := src.Clone(), rand.New(rand.NewPCG(1, 1))
	for _, m := range operators(t)[:9] { // those of texts call a tokenizer
		m.Mutate(dst, src, rng)
		if n := testing.AllocsPerRun(200, func() { m.Mutate(dst, src, rng) }); n >= 1 && !inputtest.RaceDetector {
			t.Errorf("%s: expected no allocations, found %g", m, n)
		}
	}
}

func ExampleSubstitution() {
	// Homoglyphs of a vocabulary of bytes.
	alike, err := tokens.Substitution(0.5, map[int][]int{'o': {'0'}, 'l': {'1', 'I'}, 'S': {'5'}})
	if err != nil {
		fmt.Println(err)
		return
	}
	seed, err := input.NewTokens([]int{'S', 'o', 'l', 'o', 256, 256}, input.Vocabulary{Size: 257, Pad: 256})
	if err != nil {
		fmt.Println(err)
		return
	}
	mutant := seed.Clone()
	alike.MutateAt(mutant, seed, 1, 1)
	for _, b := range mutant.Data[:4] {
		fmt.Print(string(rune(b)))
	}
	fmt.Println(distance.Levenshtein(seed, mutant))
	// Output: 50lo2
}
