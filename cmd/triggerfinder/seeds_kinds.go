package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/generators/signal"
	"github.com/triggerfinder/triggerfinder/generators/table"
	"github.com/triggerfinder/triggerfinder/generators/tokens"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/spelling"
)

// vocabulary is what --vocabulary says.
type vocabulary struct {
	input.Vocabulary
	end []int // tokens that end a text
}

// ofFormat are the options of sounds, tables and tokens.
func (s *seedFlags) ofFormat() []generators.OpenOption {
	switch {
	case s.tokens >= 0:
		encode := tokens.ByteTokens(s.tokens, s.vocabulary.end...)
		if words := input.ByteWords(s.tokens); len(words) <= s.vocabulary.Size {
			s.vocabulary.Words = words
		}
		var options []tokens.Option
		if s.length > 0 {
			options = append(options, tokens.Length(s.length), tokens.Truncated())
		}
		info, err := os.Stat(s.path)
		if slices.Contains([]string{".txt", ".jsonl", ".ndjson"}, strings.ToLower(filepath.Ext(s.path))) && err == nil && !info.IsDir() {
			return []generators.OpenOption{generators.Texts(s.vocabulary.Vocabulary, encode, options...)}
		}
		return []generators.OpenOption{generators.Bytes(s.vocabulary.Vocabulary, append(options, tokens.Encoded(encode))...)}
	case s.vocabulary != nil:
		return []generators.OpenOption{generators.Vocabulary(s.vocabulary.Vocabulary)}
	case s.columns != nil || s.without != nil:
		return []generators.OpenOption{generators.Table(table.Columns(s.columns...), table.Without(s.without...))}
	case s.rate > 0 || s.length > 0 || s.mono:
		var options []signal.Option
		if s.rate > 0 {
			options = append(options, signal.Rate(s.rate))
		}
		if s.length > 0 {
			options = append(options, signal.Samples(s.length))
		}
		if s.mono {
			options = append(options, signal.Mono())
		}
		return []generators.OpenOption{generators.Sounds(options...)}
	}
	return nil
}

const columnsExample = "NAME=TYPE by comma, where TYPE is number, integer, category, a range such as 0:99 or 0:99:1, or categories such as red|green, " +
	"and ?VALUE behind it says how an empty cell is read"

// parseColumns reads declarations such as age=0:99:1?-1,colour=red|green,sex=category.
func parseColumns(text string) ([]table.Column, error) {
	var columns []table.Column
	for one := range strings.SplitSeq(text, ",") {
		name, of, ok := strings.Cut(one, "=")
		c := table.Column{Name: strings.TrimSpace(name)}
		of, c.Missing, _ = strings.Cut(of, "?")
		of = strings.TrimSpace(of)
		switch bounds := strings.Split(of, ":"); {
		case !ok || c.Name == "" || of == "" && c.Missing == "":
			return nil, spelling.Expected(columnsExample, one)
		case of == "":
		case of == string(table.Number) || of == string(table.Integer) || of == string(table.Category):
			c.Type = table.Type(of)
		case strings.Contains(of, "|"):
			c.Type, c.Categories = table.Category, strings.Split(of, "|")
		default:
			d, err := parseDomain(strings.Join(bounds, ","))
			if err != nil {
				return nil, spelling.Expected(columnsExample, one)
			}
			c.Domain = d
		}
		columns = append(columns, c)
	}
	return columns, nil
}

// parseByteTokens reads which token byte 0 is: b for 0, b+3 for 3.
func parseByteTokens(text string) (int, error) {
	rest, ok := strings.CutPrefix(text, "b")
	if ok && rest == "" {
		return 0, nil
	}
	if first, err := spelling.Count(strings.TrimPrefix(rest, "+"), 0); ok && strings.HasPrefix(rest, "+") && err == nil {
		return first, nil
	}
	return 0, spelling.Expected("b, where each byte is a token, or b+N, where byte 0 is token N, such as b+3 (a test in Go takes any tokenizer)", text)
}

// parseVocabulary reads a size with what is known of single tokens, such as 259,pad=0,special=1:2,end=1.
func parseVocabulary(text string) (*vocabulary, error) {
	const example = "SIZE, with pad=TOKEN, special=TOKEN:TOKEN and end=TOKEN behind it where there are such, as in 259,pad=0,special=2,end=1"
	v := &vocabulary{Vocabulary: input.Vocabulary{Pad: input.Unpadded}}
	for i, one := range strings.Split(text, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(one), "=")
		if i == 0 {
			name, value = "size", name
		}
		var numbers []int
		for number := range strings.SplitSeq(value, ":") {
			n, err := strconv.Atoi(number)
			if err != nil {
				return nil, spelling.Expected(example, text)
			}
			numbers = append(numbers, n)
		}
		switch {
		case name == "size" && len(numbers) == 1:
			v.Size = numbers[0]
		case name == "pad" && len(numbers) == 1:
			v.Pad = numbers[0]
		case name == "special":
			v.Special = append(v.Special, numbers...)
		case name == "end":
			v.end = numbers
		default:
			return nil, spelling.Expected(example, text)
		}
	}
	for _, token := range v.end {
		if !slices.Contains(v.Special, token) {
			v.Special = append(v.Special, token)
		}
	}
	if err := v.Validate(); err != nil {
		return nil, fmt.Errorf("%w; expected %s", err, example)
	}
	return v, nil
}
