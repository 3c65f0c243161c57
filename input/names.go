package input

import (
	"fmt"
	"math"
	"slices"
)

// Column says what one value of an input is called, and what its numbers stand for where they are names.
type Column struct {
	Name string `json:"name,omitempty"`
	// Unit is that of the numbers, such as "mg/dl", for those who read them; "" where it is not known. No search goes by it.
	Unit string `json:"unit,omitempty"`
	// Categories are what the numbers stand for, from the least of the domain on; none for a column of numbers. Categories have
	// no order: they are replaced by others, and never mixed, moved or scaled.
	Categories []string `json:"categories,omitempty"`
}

// Category is what a value of the column stands for; false in a column of numbers.
func (c Column) Category(v float32, d Domain) (string, bool) {
	i := int(math.Round(float64((v - d.Min) / max(d.Step, math.SmallestNonzeroFloat32))))
	if len(c.Categories) == 0 || d.Step <= 0 || i < 0 || i >= len(c.Categories) {
		return "", false
	}
	return c.Categories[i], true
}

// Unpadded is [Vocabulary].Pad where there is no padding.
const Unpadded = -1

// Vocabulary says which tokens there are, and which of them a search leaves as they are.
type Vocabulary struct {
	Size int `json:"size"` // tokens are the numbers from 0 up to Size, without it
	// Pad is the token that fills a text up to the length of its input, at its end or its beginning, or [Unpadded].
	Pad int `json:"pad"`
	// Special are tokens that no search puts in, takes out or replaces, such as those of the beginning and the end.
	Special []int `json:"special,omitempty"`
	// KeepLength says that texts keep their length, since something else goes by it, such as a mask that is a fixed part.
	KeepLength bool `json:"keep_length,omitempty"`
	// Words are what tokens stand for, by number, so that reports show a text: "the", "##ing", or a single byte each where
	// tokens are bytes. "" is for tokens that stand for none, such as padding. nil where nothing is known. No search goes by them.
	Words []string `json:"-"`
}

// ByteWords are the [Vocabulary].Words of a vocabulary in which the token first+b is the byte b, such as 3 for tokens that leave 0 to 2
// for padding and special ones.
func ByteWords(first int) []string {
	words := make([]string, first, first+256)
	for b := range 256 {
		words = append(words, string([]byte{byte(b)}))
	}
	return words
}

// Domain is that of every token.
func (v Vocabulary) Domain() Domain { return Domain{Min: 0, Max: float32(v.Size - 1), Step: 1} }

// Held reports whether a token stays as it is: padding, and special ones.
func (v Vocabulary) Held(token float32) bool {
	return token == float32(v.Pad) || len(v.Special) > 0 && slices.Contains(v.Special, int(token))
}

// Text is where a text lies in the tokens of an input: without the padding before and behind it.
func (v Vocabulary) Text(tokens []float32) (first, end int) {
	end = len(tokens)
	for end > 0 && tokens[end-1] == float32(v.Pad) {
		end--
	}
	for first < end && tokens[first] == float32(v.Pad) {
		first++
	}
	return first, end
}

// Validate tells what is wrong with a vocabulary: a size that float32 cannot count, tokens outside it, and none that may change.
func (v Vocabulary) Validate() error {
	const most = 1 << 23
	if v.Size < 2 || v.Size > most {
		return fmt.Errorf("vocabulary: expected a size of 2 to %d, found %d", most, v.Size)
	}
	if len(v.Words) > v.Size {
		return fmt.Errorf("vocabulary: expected words of at most %d tokens, found %d", v.Size, len(v.Words))
	}
	if v.Pad != Unpadded && (v.Pad < 0 || v.Pad >= v.Size) {
		return fmt.Errorf("vocabulary: padding: expected a token of 0 to %d, or Unpadded, found %d", v.Size-1, v.Pad)
	}
	held := map[int]bool{}
	for _, s := range append([]int{v.Pad}, v.Special...) {
		if s != v.Pad && (s < 0 || s >= v.Size) {
			return fmt.Errorf("vocabulary: special token: expected one of 0 to %d, found %d", v.Size-1, s)
		}
		if s >= 0 {
			held[s] = true
		}
	}
	if v.Size-len(held) < 2 {
		return fmt.Errorf("vocabulary: expected at least 2 tokens besides padding and special ones, found %d", v.Size-len(held))
	}
	return nil
}

// validate is Validate of one that may be unknown.
func (v *Vocabulary) validate() error {
	if v == nil {
		return nil
	}
	return v.Validate()
}

func (v *Vocabulary) equal(other *Vocabulary) bool {
	if v == nil || other == nil {
		return v == other
	}
	return v.Size == other.Size && v.Pad == other.Pad && v.KeepLength == other.KeepLength && slices.Equal(v.Special, other.Special)
}

// NewTokens returns tokens of a vocabulary, or bytes, of the kind [Tokens] and the shape [length].
func NewTokens(tokens []int, vocabulary Vocabulary) (Input, error) {
	if err := vocabulary.Validate(); err != nil {
		return Input{}, fmt.Errorf("input: %w", err)
	}
	in := Input{Shape: []int{len(tokens)}, Data: make([]float32, len(tokens)), Domain: vocabulary.Domain(), Kind: Tokens, Layout: &Layout{Vocabulary: &vocabulary}}
	for i, token := range tokens {
		if token < 0 || token >= vocabulary.Size {
			return Input{}, fmt.Errorf("input: token %d at index %d: expected one of 0 to %d", token, i, vocabulary.Size-1)
		}
		in.Data[i] = float32(token)
	}
	if len(tokens) == 0 {
		return Input{}, fmt.Errorf("input: expected at least one token, found none")
	}
	return in, nil
}

func (in Input) columns() []Column {
	if in.Layout == nil {
		return nil
	}
	return in.Layout.Columns
}

// ColumnAt is what is known of value i; nothing is where the input has no columns.
func (in Input) ColumnAt(i int) Column {
	if in.Layout == nil || in.Layout.Columns == nil {
		return Column{}
	}
	return in.Layout.Columns[i]
}

// HasCategories reports whether some columns have no order; see [Column].
func (in Input) HasCategories() bool {
	return in.Layout != nil && slices.ContainsFunc(in.Layout.Columns, func(c Column) bool { return len(c.Categories) > 0 })
}

// Rate is how many times a second a signal was measured, see [Layout]; 0 where it is not known.
func (in Input) Rate() int {
	if in.Layout == nil {
		return 0
	}
	return in.Layout.Rate
}

// Categorical reports whether value i is a category.
func (in Input) Categorical(i int) bool { return len(in.ColumnAt(i).Categories) > 0 }

// Vocabulary is that of tokens, or of the only searched part of a set; nil where none is known.
func (in Input) Vocabulary() *Vocabulary {
	if in.Layout == nil {
		return nil
	}
	return in.Layout.Vocabulary
}

// Held reports whether value i is a token that stays as it is, see [Vocabulary].
func (in Input) Held(i int) bool {
	held := false
	in.texts(func(v *Vocabulary, first, end int) {
		held = held || i >= first && i < end && v.Held(in.Data[i])
	})
	return held
}

// texts calls fn with the values from first up to end, without it, of everything that has a vocabulary.
func (in Input) texts(fn func(v *Vocabulary, first, end int)) {
	if in.Layout == nil {
		return
	}
	if v := in.Layout.Vocabulary; v != nil {
		fn(v, 0, len(in.Data))
		return
	}
	for _, p := range in.Layout.Parts {
		if p.Vocabulary != nil && !p.Fixed {
			fn(p.Vocabulary, p.First, p.First+p.size())
		}
	}
}

// replaceText is [Replace] of tokens of a vocabulary: special tokens and padding are never mixed into a text. Of a text whose beginning
// and end are padding and special tokens, what lies between them is replaced, and its length goes from one to the other.
func (v *Vocabulary) replaceText(dst, from, to []float32, t float64, waits []float64) {
	switch {
	case t <= 0:
		copy(dst, from)
		return
	case t >= 1 && !v.KeepLength:
		copy(dst, to)
		return
	}
	a, b := v.bodyOf(from), v.bodyOf(to)
	if t >= 1 && a == b {
		copy(dst, to)
		return
	}
	// Where a text is special tokens alone, the other one tells which of them stand before words.
	if a.first == a.end {
		a.first = min(a.start+b.first-b.start, a.stop)
		a.end = a.first
	}
	if b.first == b.end {
		b.first = min(b.start+a.first-a.start, b.stop)
		b.end = b.first
	}
	n := a.end - a.first
	if !v.KeepLength && v.Pad != Unpadded {
		n += int(math.Round(t * float64(b.end-b.first-n)))
	}
	// The frame of the text that the length is nearer to: what stands before and behind the body.
	frame, near := from, a
	if t >= 0.5 && !v.KeepLength && v.Pad != Unpadded {
		frame, near = to, b
	}
	head, tail := near.first-near.start, near.stop-near.end
	if head+n+tail > len(dst) {
		n = len(dst) - head - tail
	}
	at := 0
	if a.start > 0 && a.stop == len(from) || b.start > 0 && b.stop == len(to) { // padded at the beginning
		at = len(dst) - head - n - tail
	}
	for i := range dst[:at] {
		dst[i] = float32(v.Pad)
	}
	at += copy(dst[at:], frame[near.start:near.first])
	for i := range n {
		own, other := a.first+i, b.first+i
		switch {
		case own >= a.end:
			dst[at] = to[other]
		case other >= b.end || v.Held(from[own]) || v.Held(to[other]):
			dst[at] = from[own]
		case t >= 1-waits[i]:
			dst[at] = to[other]
		default:
			dst[at] = from[own]
		}
		at++
	}
	at += copy(dst[at:], frame[near.end:near.stop])
	for ; at < len(dst); at++ {
		dst[at] = float32(v.Pad)
	}
}

// body is where a text lies, with special tokens at its beginning and its end, and without them.
type body struct{ start, first, end, stop int }

func (v *Vocabulary) bodyOf(tokens []float32) body {
	b := body{}
	b.start, b.stop = v.Text(tokens)
	b.first, b.end = b.start, b.stop
	for b.first < b.end && v.Held(tokens[b.first]) {
		b.first++
	}
	for b.end > b.first && v.Held(tokens[b.end-1]) {
		b.end--
	}
	return b
}
