package report

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// Text is a text in a [View], with what was edited in it.
type Text struct {
	Name   string // some words that stand above it
	Pieces []Piece
}

// Piece is a part of a [Text].
type Piece struct {
	Edit Edit
	Text string
}

// Edit is what became of a piece of a text.
type Edit int

// The edits.
const (
	Kept     Edit = iota // in the seed and in the trigger
	TakenOut             // in the seed alone
	PutIn                // in the trigger alone
)

// mostPieces is how many pieces, and mostText how many bytes, a text has at most.
const (
	mostPieces = 1 << 20
	mostText   = 1 << 24
)

func (t Text) check() error {
	size := 0
	for i, p := range t.Pieces {
		if p.Edit < Kept || p.Edit > PutIn {
			return fmt.Errorf("piece %d: expected Kept, TakenOut or PutIn, found %d", i+1, p.Edit)
		}
		size += len(p.Text)
	}
	switch {
	case t.Name == "":
		return fmt.Errorf("expected a Name, found none")
	case len(t.Pieces) > mostPieces || size > mostText:
		return fmt.Errorf("expected at most %d pieces and %d bytes, found %d and %d", mostPieces, mostText, len(t.Pieces), size)
	}
	return nil
}

// Around is the text with at most so many letters of what was kept before and behind each edit, and at most so many letters in all; "…" stands
// for what is left out. Left counts the edits that are not shown.
func (t Text) Around(context, letters int) (short Text, left int) {
	short.Name = t.Name
	edits := 0
	for i, p := range t.Pieces {
		runes := []rune(p.Text)
		if p.Edit == Kept {
			runes = middleOut(runes, context, i > 0, i < len(t.Pieces)-1)
		} else {
			edits++
		}
		if len(runes) <= letters {
			letters -= len(runes)
			short.Pieces = append(short.Pieces, Piece{p.Edit, string(runes)})
			continue
		}
		if p.Edit != Kept && edits == 1 { // at least a part of one is shown
			short.Pieces = append(short.Pieces, Piece{p.Edit, string(runes[:letters])})
			i++
		}
		short.Pieces = append(short.Pieces, Piece{Kept, "…"})
		for _, q := range t.Pieces[i:] {
			if q.Edit != Kept {
				left++
			}
		}
		break
	}
	return short, left
}

// middleOut keeps so many letters at the beginning, where something stands before, and at the end, where something follows.
func middleOut(text []rune, context int, before, behind bool) []rune {
	first, last := 0, 0
	if before {
		first = context
	}
	if behind {
		last = context
	}
	if len(text) <= first+last+1 {
		return text
	}
	short := append([]rune{}, text[:first]...)
	return append(append(short, '…'), text[len(text)-last:]...)
}

// InWords is the text in one line, as git writes edits of words: "the [-cat-]{+car+} sat".
func (t Text) InWords() string {
	var b strings.Builder
	for _, p := range t.Pieces {
		switch text := visible(p.Text); p.Edit {
		case TakenOut:
			b.WriteString("[-" + text + "-]")
		case PutIn:
			b.WriteString("{+" + text + "+}")
		default:
			b.WriteString(text)
		}
	}
	return b.String()
}

// Visible writes what does not print as Go does: "\n", "\u200b".
func Visible(text string) string { return visible(text) }

func visible(text string) string {
	if strings.IndexFunc(text, hidden) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if hidden(r) {
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func hidden(r rune) bool { return !unicode.IsPrint(r) }
