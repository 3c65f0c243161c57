// Package spelling reads words and numbers as people write them, says what was expected where they are none, and finds the word that was meant.
package spelling

import (
	"strings"
	"unicode/utf8"
)

// Nearest is the word that is most like the one that was written: it differs by few letters, or begins alike. It is "" where none is.
func Nearest(written string, words []string) string {
	nearest, least := "", len(written)/3+1 // so many letters may be wrong, swapped, missing or too many
	written = strings.ToLower(written)
	if written == "" {
		return ""
	}
	letters := utf8.RuneCountInString(written)
	for _, word := range words {
		if letters >= 2*utf8.RuneCountInString(word) {
			continue // more letters are too many than the word has, and long texts take long to compare
		}
		d := Distance(written, strings.ToLower(word))
		if len(written) >= 3 && strings.HasPrefix(strings.ToLower(word), written) {
			d = min(d, 1)
		}
		if d <= least && (d < least || nearest == "") && d < len([]rune(word)) {
			nearest, least = word, d
		}
	}
	return nearest
}

// Meant ends a message about a value that is none of some words: it suggests the one that is most like it, or nothing where none is. Words that
// end in "=" are beginnings of values.
func Meant(text string, words []string) string {
	head := text
	if i := strings.IndexAny(text, "=:,"); i >= 0 {
		head = text[:i]
	}
	var heads []string
	for _, word := range words {
		word = strings.TrimSuffix(word, "=")
		if word == head {
			return "" // it is the rest that is wrong
		}
		heads = append(heads, word)
	}
	if meant := Nearest(head, heads); meant != "" {
		return "; did you mean " + meant + "?"
	}
	return ""
}

// Distance is the number of letters that are wrong, missing, too many, or swapped with their neighbour: the optimal string alignment
// distance, as in Boytsov, Indexing methods for approximate dictionary searching (2011), section 2.2.
func Distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	rows := make([][]int, len(s)+1)
	for i := range rows {
		rows[i] = make([]int, len(t)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(s); i++ {
		for j := 1; j <= len(t); j++ {
			wrong := 1
			if s[i-1] == t[j-1] {
				wrong = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+wrong)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(s)][len(t)]
}
