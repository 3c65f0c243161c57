package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/input"
)

// tokensViewer shows what was edited in a text of tokens.
type tokensViewer struct{}

var (
	_ Teller   = tokensViewer{}
	_ measurer = tokensViewer{}
)

// edit is one token of a difference.
type edit struct {
	at            int // in the seed
	before, after float32
	kind          rune // ' ' same, '~' another, '+' put in, '-' taken out
}

// editsOf is the shortest list of edits from one text to the other, without padding, with the tokens that stay as they are. Texts that
// are too long for that are compared place by place.
func editsOf(seed, trigger input.Input) (edits []edit) {
	a, b, offset := seed.Data, trigger.Data, 0
	if v := seed.Vocabulary(); v != nil {
		first, end := v.Text(a)
		start, stop := v.Text(b)
		a, b, offset = a[first:end], b[start:stop], first
	}
	changes, ok := distance.ShortestEdits(a, b)
	if !ok {
		for i, before := range seed.Data {
			kind := ' '
			if trigger.Data[i] != before {
				kind = '~'
			}
			edits = append(edits, edit{i, before, trigger.Data[i], kind})
		}
		return edits
	}
	next := 0 // in a
	same := func(end int) {
		for ; next < end; next++ {
			edits = append(edits, edit{offset + next, a[next], a[next], ' '})
		}
	}
	for _, e := range changes {
		same(e.At)
		edits = append(edits, edit{offset + e.At, e.Before, e.After, kindsOfEdits[e.Kind]})
		if e.Kind != distance.PutIn {
			next++
		}
	}
	same(len(a))
	return edits
}

var kindsOfEdits = map[distance.EditKind]rune{distance.Replaced: '~', distance.TakenOut: '-', distance.PutIn: '+'}

// wording is how tokens of an input are written.
type wording struct {
	words     []string
	special   []int
	bytes     bool   // each token is a byte, or stands for one: texts are joined without spaces
	hex       bool   // bytes of no text
	separator string // between tokens
}

const bytesAndPadding = 257

// wordingOf is that of seed and trigger together.
func wordingOf(seed, trigger input.Input) wording {
	s := wording{separator: " "}
	v := seed.Vocabulary()
	switch {
	case v != nil && v.Words != nil:
		s.words, s.special = v.Words, v.Special
		s.bytes = !slices.ContainsFunc(v.Words, func(w string) bool { return len(w) > 1 })
	case seed.Domain.Step == 1 && seed.Domain.Min == 0 && seed.Domain.Max >= 255 && seed.Domain.Max < bytesAndPadding:
		s.bytes = true
	}
	if s.bytes {
		s.separator = ""
		if s.hex = !s.isText(seed) && !s.isText(trigger); s.hex {
			s.separator = " "
		}
	}
	return s
}

// byteOf is the byte that a token stands for.
func (s wording) byteOf(token float32) (byte, bool) {
	if s.words == nil {
		return byte(token), s.bytes && token < 256
	}
	if i := int(token); i < len(s.words) && len(s.words[i]) == 1 {
		return s.words[i][0], true
	}
	return 0, false
}

// isText reports whether most bytes of an input are those of letters.
func (s wording) isText(in input.Input) bool {
	var text []byte
	tokens := in.Data
	if v := in.Vocabulary(); v != nil {
		first, end := v.Text(tokens)
		tokens = tokens[first:end]
	}
	for _, token := range tokens {
		if b, ok := s.byteOf(token); ok {
			text = append(text, b)
		}
	}
	letters := 0
	for rest := text; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		if r != utf8.RuneError && (unicode.IsPrint(r) || unicode.IsSpace(r)) {
			letters += size
		}
		rest = rest[size:]
	}
	return len(text) > 0 && 5*letters >= 4*len(text)
}

// word is a token as it is written.
func (s wording) word(token float32) string {
	if b, ok := s.byteOf(token); ok && s.bytes {
		if s.hex {
			return fmt.Sprintf("%02x", b)
		}
		return string([]byte{b})
	}
	if i := int(token); i < len(s.words) && s.words[i] != "" {
		return visible(strings.ToValidUTF8(s.words[i], "\ufffd"))
	}
	if s.words != nil || s.bytes {
		return fmt.Sprintf("<%g>", token)
	}
	return fmt.Sprintf("%g", token)
}

// unspoken reports whether a token stands for nothing, such as one that ends a text.
func (s wording) unspoken(token float32) bool {
	i := int(token)
	return s.words != nil && (i >= len(s.words) || s.words[i] == "") && slices.Contains(s.special, i)
}

// join writes tokens one after the other; bytes that are no letters, as UTF-8 goes, are written as \xe9.
func (s wording) join(tokens []float32) string {
	words := make([]string, len(tokens))
	for i, token := range tokens {
		words[i] = s.word(token)
	}
	text := strings.Join(words, s.separator)
	if !s.bytes || s.hex {
		return text
	}
	var b strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		if r == utf8.RuneError && size == 1 {
			fmt.Fprintf(&b, `\x%02x`, text[0])
		} else {
			b.WriteString(visible(text[:size]))
		}
		text = text[size:]
	}
	return b.String()
}

// crowded reports whether so much was edited that seed and trigger are read better one below the other.
func crowded(pieces []Piece) bool {
	kept, edited, places := 0, 0, 0
	for i, p := range pieces {
		if n := utf8.RuneCountInString(p.Text); p.Edit == Kept {
			kept += n
			continue
		} else {
			edited += n
		}
		if i == 0 || pieces[i-1].Edit == Kept {
			places++
		}
	}
	return 2*edited > kept && places > 3
}

// sides are the texts of the seed and of the trigger, each with its own edits.
func sides(pieces []Piece) (seed, trigger []Piece) {
	for _, p := range pieces {
		if p.Edit != PutIn {
			seed = append(seed, p)
		}
		if p.Edit != TakenOut {
			trigger = append(trigger, p)
		}
	}
	return seed, trigger
}

// plain is a text without marks.
func plain(pieces []Piece) string {
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(visible(p.Text))
	}
	return b.String()
}

// pieces are the edits, those of one sort together. Of bytes a whole letter is taken out and put in, where one of its bytes was edited.
func (s wording) pieces(edits []edit) (pieces []Piece) {
	edits = slices.DeleteFunc(slices.Clone(edits), func(e edit) bool { return e.kind == ' ' && s.unspoken(e.before) })
	if s.bytes && !s.hex {
		edits = s.wholeLetters(edits)
	}
	gap := func() {
		if n := len(pieces); n > 0 && s.separator != "" {
			if pieces[n-1].Edit == Kept {
				pieces[n-1].Text += s.separator
				return
			}
			pieces = append(pieces, Piece{Kept, s.separator})
		}
	}
	for i := 0; i < len(edits); {
		var kept, out, in []float32
		for ; i < len(edits) && edits[i].kind == ' '; i++ {
			kept = append(kept, edits[i].before)
		}
		if len(kept) > 0 {
			gap()
			pieces = append(pieces, Piece{Kept, s.join(kept)})
			continue
		}
		for ; i < len(edits) && edits[i].kind != ' '; i++ {
			if edits[i].kind != '+' {
				out = append(out, edits[i].before)
			}
			if edits[i].kind != '-' {
				in = append(in, edits[i].after)
			}
		}
		gap()
		if len(out) > 0 {
			pieces = append(pieces, Piece{TakenOut, s.join(out)})
		}
		if len(in) > 0 {
			pieces = append(pieces, Piece{PutIn, s.join(in)})
		}
	}
	return merged(pieces)
}

// merged puts neighbours of one sort together.
func merged(pieces []Piece) (all []Piece) {
	for _, p := range pieces {
		if n := len(all); n > 0 && all[n-1].Edit == p.Edit {
			all[n-1].Text += p.Text
			continue
		}
		all = append(all, p)
	}
	return all
}

// wholeLetters makes each kept byte an edit that belongs to a letter, in UTF-8, of which another byte was edited.
func (s wording) wholeLetters(edits []edit) []edit {
	edits = slices.Clone(edits)
	for _, side := range []struct {
		other rune // edits that are not of this side
		token func(edit) float32
	}{{'+', func(e edit) float32 { return e.before }}, {'-', func(e edit) float32 { return e.after }}} {
		var places []int
		var text []byte
		letters := func() {
			for at := 0; at < len(text); {
				r, size := utf8.DecodeRune(text[at:])
				if r == utf8.RuneError {
					size = 1
				}
				own := places[at : at+size]
				if slices.ContainsFunc(own, func(i int) bool { return edits[i].kind != ' ' }) {
					for _, i := range own {
						if edits[i].kind == ' ' {
							edits[i].kind = '~'
						}
					}
				}
				at += size
			}
			places, text = nil, nil
		}
		for i, e := range edits {
			if e.kind == side.other {
				continue
			}
			b, ok := s.byteOf(side.token(e))
			if !ok {
				letters()
				continue
			}
			places, text = append(places, i), append(text, b)
		}
		letters()
	}
	return edits
}

// changesOf are the edits that change something.
func changesOf(edits []edit) []edit {
	return slices.DeleteFunc(slices.Clone(edits), func(e edit) bool { return e.kind == ' ' })
}

// far implements measurer.
func (tokensViewer) far(seed, trigger input.Input) string {
	n := len(seed.Data)
	if v := seed.Vocabulary(); v != nil {
		first, end := v.Text(seed.Data)
		n = end - first
	}
	return fmt.Sprintf("%s of %s", Plural(distance.Levenshtein(seed, trigger), "edit"), Plural(n, "token"))
}

const (
	// toldContext and toldLetters are for the line of a message.
	toldContext, toldLetters = 16, 240
)

// Tell implements [Teller].
func (tokensViewer) Tell(seed, trigger input.Input) []string {
	const shown = 6
	edits := editsOf(seed, trigger)
	changes := changesOf(edits)
	if len(changes) == 0 {
		return nil
	}
	s := wordingOf(seed, trigger)
	if s.words != nil || s.bytes {
		pieces := s.pieces(edits)
		if crowded(pieces) && !s.hex {
			before, after := sides(pieces)
			return []string{"seed: " + briefly(plain(before)), "trigger: " + briefly(plain(after))}
		}
		short, left := Text{Pieces: pieces}.Around(toldContext, toldLetters)
		line := "edited: " + short.InWords()
		if s.hex {
			line = "edited, in hexadecimal: " + short.InWords()
		}
		if left > 0 {
			line += fmt.Sprintf(" (%s more)", Plural(left, "piece"))
		}
		return []string{line}
	}
	var parts []string
	for _, e := range changes[:min(shown, len(changes))] {
		before, after := s.word(e.before), s.word(e.after)
		switch e.kind {
		case '+':
			parts = append(parts, fmt.Sprintf("at %d + %s", e.at, after))
		case '-':
			parts = append(parts, fmt.Sprintf("at %d - %s", e.at, before))
		default:
			parts = append(parts, fmt.Sprintf("at %d %s → %s", e.at, before, after))
		}
	}
	if more := len(changes) - len(parts); more > 0 {
		parts = append(parts, fmt.Sprintf("%d more", more))
	}
	return []string{"tokens: " + strings.Join(parts, ", ")}
}

// briefly is a text of at most so many letters as a message has room for.
func briefly(text string) string {
	if letters := []rune(text); len(letters) > toldLetters {
		return string(letters[:toldLetters]) + "…"
	}
	return text
}

// View implements [Viewer]: the text with its edits, and a file of it, one token a line.
func (tokensViewer) View(seed, trigger input.Input) (View, error) {
	edits := editsOf(seed, trigger)
	s := wordingOf(seed, trigger)
	named := func(token float32) string {
		number, word := fmt.Sprintf("%g", token), s.word(token)
		b, isByte := s.byteOf(token)
		switch {
		case word == number || strings.HasPrefix(word, "<"):
			return number
		case isByte && s.bytes && b < utf8.RuneSelf && !s.hex:
			return number + " " + strconv.QuoteRune(rune(b))
		case isByte && s.bytes:
			return fmt.Sprintf("%s 0x%02x", number, b)
		}
		return number + " " + strconv.Quote(word)
	}
	var b strings.Builder
	for _, e := range edits {
		switch e.kind {
		case ' ':
			fmt.Fprintf(&b, "  %s\n", named(e.before))
		case '+':
			fmt.Fprintf(&b, "+ %s\n", named(e.after))
		case '-':
			fmt.Fprintf(&b, "- %s\n", named(e.before))
		default:
			fmt.Fprintf(&b, "- %s\n+ %s\n", named(e.before), named(e.after))
		}
	}
	name := "text"
	switch {
	case s.hex:
		name = "bytes (hexadecimal)"
	case s.words == nil && !s.bytes:
		name = "tokens (numbers)"
	}
	if len(changesOf(edits)) == 0 {
		name += ", unchanged"
	}
	pieces := s.pieces(edits)
	v := View{Texts: []Text{{name, pieces}}, Files: []File{{Name: "tokens.diff", Data: []byte(b.String())}}}
	if crowded(pieces) {
		before, after := sides(pieces)
		v.Texts = []Text{{name + " of the seed", before}, {name + " of the trigger", after}}
	}
	return v, nil
}
