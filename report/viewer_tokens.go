package report

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/triggerfinder/triggerfinder/input"
)

// tokensViewer shows what was edited in a text of tokens.
type tokensViewer struct{}

var _ Teller = tokensViewer{}

// edit is one token of a difference.
type edit struct {
	at            int // in the seed
	before, after float32
	kind          rune // ' ' same, '~' another, '+' put in, '-' taken out
}

// editsOf is the shortest list of edits from one text to the other, without padding. Texts that are too long for that are compared
// place by place.
func editsOf(seed, trigger input.Input) (edits []edit) {
	a, b := seed.Data, trigger.Data
	offset := 0
	if v := seed.Vocabulary(); v != nil {
		first, end := v.Text(a)
		start, stop := v.Text(b)
		a, b, offset = a[first:end], b[start:stop], first
	}
	const most = 1 << 22 // numbers of the table
	if (len(a)+1)*(len(b)+1) > most {
		for i, before := range seed.Data {
			if after := trigger.Data[i]; after != before {
				edits = append(edits, edit{i, before, after, '~'})
			}
		}
		return edits
	}
	width := len(b) + 1
	table := make([]int32, (len(a)+1)*width)
	for i := len(a); i >= 0; i-- {
		for j := len(b); j >= 0; j-- {
			switch {
			case i == len(a):
				table[i*width+j] = int32(len(b) - j)
			case j == len(b):
				table[i*width+j] = int32(len(a) - i)
			case a[i] == b[j]:
				table[i*width+j] = table[(i+1)*width+j+1]
			default:
				table[i*width+j] = 1 + min(table[(i+1)*width+j+1], table[(i+1)*width+j], table[i*width+j+1])
			}
		}
	}
	for i, j := 0, 0; i < len(a) || j < len(b); {
		left := table[i*width+j]
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			edits = append(edits, edit{offset + i, a[i], b[j], ' '})
			i, j = i+1, j+1
		case i < len(a) && j < len(b) && left == 1+table[(i+1)*width+j+1]:
			edits = append(edits, edit{offset + i, a[i], b[j], '~'})
			i, j = i+1, j+1
		case i < len(a) && left == 1+table[(i+1)*width+j]:
			edits = append(edits, edit{offset + i, a[i], 0, '-'})
			i++
		default:
			edits = append(edits, edit{offset + i, 0, b[j], '+'})
			j++
		}
	}
	return edits
}

// tokenName is what a token is called: its number, with the character where tokens are bytes.
func tokenName(in input.Input, token float32) string {
	const bytesAndPadding = 257
	if in.Domain.Max < bytesAndPadding && token < 128 && token >= 32 && unicode.IsPrint(rune(token)) && in.Domain.Max >= 255 {
		return fmt.Sprintf("%g %q", token, rune(token))
	}
	return fmt.Sprintf("%g", token)
}

// Tell implements [Teller].
func (tokensViewer) Tell(seed, trigger input.Input) []string {
	const shown = 6
	edits := slices.DeleteFunc(editsOf(seed, trigger), func(e edit) bool { return e.kind == ' ' })
	if len(edits) == 0 {
		return nil
	}
	var parts []string
	for _, e := range edits[:min(shown, len(edits))] {
		before, after := tokenName(seed, e.before), tokenName(seed, e.after)
		switch e.kind {
		case '+':
			parts = append(parts, fmt.Sprintf("at %d + %s", e.at, after))
		case '-':
			parts = append(parts, fmt.Sprintf("at %d - %s", e.at, before))
		default:
			parts = append(parts, fmt.Sprintf("at %d %s → %s", e.at, before, after))
		}
	}
	if more := len(edits) - len(parts); more > 0 {
		parts = append(parts, fmt.Sprintf("%d more", more))
	}
	return []string{fmt.Sprintf("%s of tokens: %s", Plural(len(edits), "edit"), strings.Join(parts, ", "))}
}

// View implements [Viewer]: a difference, one token a line.
func (tokensViewer) View(seed, trigger input.Input) (View, error) {
	var b strings.Builder
	for _, e := range editsOf(seed, trigger) {
		before, after := tokenName(seed, e.before), tokenName(seed, e.after)
		switch e.kind {
		case ' ':
			fmt.Fprintf(&b, "  %s\n", before)
		case '+':
			fmt.Fprintf(&b, "+ %s\n", after)
		case '-':
			fmt.Fprintf(&b, "- %s\n", before)
		default:
			fmt.Fprintf(&b, "- %s\n+ %s\n", before, after)
		}
	}
	return View{Files: []File{{Name: "tokens.diff", Data: []byte(b.String())}}}, nil
}
