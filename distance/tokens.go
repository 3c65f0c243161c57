package distance

import "github.com/triggerfinder/triggerfinder/input"

// Levenshtein is how many tokens have to be substituted, put in or taken out to make one text of the other. Padding, where the
// vocabulary is known, is no part of a text. [Distance].L0 is the number of places that differ.
func Levenshtein(a, b input.Input) int {
	e := &edits{seed: textOf(a, a.Data)}
	return e.to(textOf(b, b.Data))
}

// textOf is the text without padding.
func textOf(in input.Input, data []float32) []float32 {
	if v := in.Vocabulary(); v != nil {
		first, end := v.Text(data)
		return data[first:end]
	}
	return data
}

// edits measures how far texts are from one.
type edits struct {
	seed []float32
	row  []int
}

// to is the Levenshtein distance, by Ukkonen's method: only as wide a band of the table is computed as the distance needs.
func (e *edits) to(text []float32) int {
	a, b := e.seed, text
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	most := max(len(a), len(b))
	for band := 8; ; band *= 2 {
		if n := e.within(a, b, min(band, most)); n <= band || band >= most {
			return n
		}
	}
}

// within is the distance where that is at most band, and more than band where it is not.
func (e *edits) within(a, b []float32, band int) int {
	if len(e.row) <= len(b) {
		e.row = make([]int, len(b)+1)
	}
	row, far := e.row[:len(b)+1], len(a)+len(b)
	for j := range row {
		row[j] = j
		if j > band {
			row[j] = far
		}
	}
	for i, token := range a {
		first, last := max(i+1-band, 1), min(i+1+band, len(b))
		if first > len(b)+1 {
			return far
		}
		diagonal := row[first-1]
		if row[first-1] = far; first == 1 {
			row[0] = i + 1
		}
		for j := first; j <= last; j++ {
			substituted := diagonal
			if token != b[j-1] {
				substituted++
			}
			diagonal = row[j]
			row[j] = min(substituted, row[j-1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}

// tokenSimilarity is 1 less the share of the text that was edited.
type tokenSimilarity struct {
	seed  input.Input
	edits edits
}

func similarTokens(seed input.Input) Similarity {
	return &tokenSimilarity{seed, edits{seed: textOf(seed, seed.Data), row: make([]int, len(seed.Data)+1)}}
}

// To implements [Similarity].
func (s *tokenSimilarity) To(data []float32) float64 {
	text := textOf(s.seed, data)
	return 1 - float64(s.edits.to(text))/float64(max(len(s.edits.seed), len(text), 1))
}
