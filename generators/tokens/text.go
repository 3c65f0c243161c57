package tokens

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/triggerfinder/triggerfinder/generators/internal/severity"
	"github.com/triggerfinder/triggerfinder/input"
)

// Tokenizer makes tokens of a text, special ones included, without padding. It is called from several goroutines at once. A panic in it is
// an error of the seed.
type Tokenizer func(text string) ([]int, error)

// Detokenizer makes the text of tokens again, without padding and special ones.
type Detokenizer func(tokens []int) (string, error)

// textOperator changes a text before its tokenizer.
type textOperator struct {
	name   string
	most   float64
	encode Tokenizer
	decode Detokenizer
	change func(text []rune, share float64, rng *rand.Rand) string
}

var (
	_ input.SeverityMutator = (*textOperator)(nil)
	_ input.InputSupporter  = (*textOperator)(nil)
)

func checkedText(o *textOperator) (input.SeverityMutator, error) {
	switch {
	case !(o.most > 0 && o.most <= 1):
		return nil, fmt.Errorf("tokens: %s: expected a share of the text above 0 and at most 1, found %g", o.name, o.most)
	case o.encode == nil || o.decode == nil:
		return nil, fmt.Errorf("tokens: %s: expected a tokenizer and its reverse, found nil", o.name)
	}
	return o, nil
}

// Case returns the operator "letter-case": a share of the letters, most at severity 1, at least one, become capitals or small ones. The text
// is made of the tokens and becomes tokens again; where those do not fit into the input, or the tokenizer gives an error or another number of
// tokens for a text that keeps its length, the mutant is the seed. It takes tokens with a vocabulary, and allocates.
func Case(most float64, encode Tokenizer, decode Detokenizer) (input.SeverityMutator, error) {
	return checkedText(&textOperator{"letter-case", most, encode, decode, func(text []rune, share float64, rng *rand.Rand) string {
		return changeSome(text, share, rng, func(r rune) bool { return otherCase(r) != r }, func(r rune, _ *rand.Rand) string { return string(otherCase(r)) })
	}})
}

// Whitespace returns the operator "whitespace": a share of the runs of spaces, most at severity 1, at least one, become two spaces, a tab, a line
// end or a no-break space. Otherwise it is as [Case].
func Whitespace(most float64, encode Tokenizer, decode Detokenizer) (input.SeverityMutator, error) {
	others := []string{"  ", "\t", "\n", "\u00a0", " \n"}
	return checkedText(&textOperator{"whitespace", most, encode, decode, func(text []rune, share float64, rng *rand.Rand) string {
		return changeSome(text, share, rng, func(r rune) bool { return r == ' ' }, func(_ rune, rng *rand.Rand) string { return others[rng.IntN(len(others))] })
	}})
}

// otherCase is the letter as a capital, or as a small one; what has no such pair stays.
func otherCase(r rune) rune {
	if unicode.IsUpper(r) {
		return unicode.ToLower(r)
	}
	return unicode.ToUpper(r)
}

// changeSome changes a share of the runes that are fit, at least one, each at a severity of its own.
func changeSome(text []rune, share float64, rng *rand.Rand, fit func(rune) bool, to func(rune, *rand.Rand) string) string {
	var places []int
	for i, r := range text {
		if fit(r) {
			places = append(places, i)
		}
	}
	changed := map[int]string{}
	many := min(max(int(share*float64(len(places))+0.999999), 1), len(places))
	for _, k := range rng.Perm(len(places)) {
		if len(changed) == many {
			break
		}
		changed[places[k]] = to(text[places[k]], rng)
	}
	var b strings.Builder
	for i, r := range text {
		if s, ok := changed[i]; ok {
			b.WriteString(s)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Mutate implements [input.Mutator].
func (o *textOperator) Mutate(dst, src input.Input, rng *rand.Rand) {
	severity.Mutate(o, dst, src, rng)
}

// MutateAt implements [input.SeverityMutator].
func (o *textOperator) MutateAt(dst, src input.Input, severity float64, stream uint64) {
	copy(dst.Data, src.Data)
	v := src.Vocabulary()
	if !(severity > 0) || v == nil || src.Kind != input.Tokens {
		return
	}
	first, end := v.Text(src.Data)
	var plain []int
	for _, token := range src.Data[first:end] {
		if !v.Held(token) {
			plain = append(plain, int(token))
		}
	}
	text, err := decoded(o.decode, plain)
	if err != nil || !utf8.ValidString(text) {
		return
	}
	changed := o.change([]rune(text), min(severity, 1)*o.most, rand.New(rand.NewPCG(stream, 0x74657874)))
	tokens, err := tokenized(o.encode, changed)
	if err != nil || len(tokens) > len(src.Data) || v.KeepLength && len(tokens) != end-first || v.Pad == input.Unpadded && len(tokens) != len(src.Data) {
		return
	}
	for _, token := range tokens {
		if token < 0 || token >= v.Size {
			return
		}
	}
	at := first
	if first > 0 && end == len(src.Data) {
		at = len(src.Data) - len(tokens)
	}
	at = min(at, len(src.Data)-len(tokens))
	for i := range dst.Data {
		dst.Data[i] = float32(v.Pad)
	}
	for i, token := range tokens {
		dst.Data[at+i] = float32(token)
	}
}

// Supports implements [input.InputSupporter].
func (o *textOperator) Supports(in input.Input) error {
	return (&operator{name: o.name}).Supports(in)
}

// String implements [input.Mutator].
func (o *textOperator) String() string { return o.name }

// tokenized and decoded call functions of users.
func tokenized(encode Tokenizer, text string) (tokens []int, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return encode(text)
}

func decoded(decode Detokenizer, tokens []int) (text string, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return decode(tokens)
}
