package tokens

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"unicode/utf8"

	"github.com/triggerfinder/triggerfinder/generators/internal/classfolders"
	"github.com/triggerfinder/triggerfinder/input"
)

// Limits of what is read, so that a wrong file fails before it fills the memory.
const (
	mostLine  = 1 << 20 // bytes
	mostBytes = 1 << 29 // of all texts
)

// Option says how seeds are made of texts.
type Option interface{ OfTexts() }

// setting is an option of this package; those about folders are shared with other sources.
type setting func(*options) error

// OfTexts implements [Option].
func (setting) OfTexts() {}

type options struct {
	vocabulary input.Vocabulary
	length     int
	truncate   bool
	left       bool
	textField  string
	labelField string
	classes    []string
	parts      []lengthPart
	name       string    // of the part of tokens
	encode     Tokenizer // of the bytes of files
	order      classfolders.Order
}

// lengthPart is a fixed part that goes by the length of the text.
type lengthPart struct {
	name  string
	count bool // the length itself, not a mask
}

// Length fills every text with padding up to so many tokens. A longer one is an error of its seed, or is cut: see [Truncated]. Without it every text
// has its own length, and no seed can be blended with another.
func Length(tokens int) Option {
	return setting(func(o *options) error {
		if tokens < 1 || tokens > 1<<24 {
			return fmt.Errorf("option Length: expected 1 to %d tokens, found %d", 1<<24, tokens)
		}
		o.length = tokens
		return nil
	})
}

// Truncated cuts texts that are longer than the Length; special tokens at their end stay.
func Truncated() Option {
	return setting(func(o *options) error { o.truncate = true; return nil })
}

// PaddedLeft puts padding in front of texts.
func PaddedLeft() Option {
	return setting(func(o *options) error { o.left = true; return nil })
}

// Encoded says how the bytes of a file become tokens in [Files] and [Folder], in place of one token a byte. Their text holds all bytes, UTF-8 or not.
func Encoded(encode Tokenizer) Option {
	return setting(func(o *options) error {
		if encode == nil {
			return errors.New("option Encoded: expected a tokenizer, found nil")
		}
		o.encode = encode
		return nil
	})
}

// ByteTokens is the tokenizer that makes token first+b of each byte b, and ends a text with the tokens of end.
func ByteTokens(first int, end ...int) Tokenizer {
	return func(text string) ([]int, error) {
		all := make([]int, len(text), len(text)+len(end))
		for i := range len(text) {
			all[i] = first + int(text[i])
		}
		return append(all, end...), nil
	}
}

// Text names the field of JSON lines that holds the text; without it that is "text".
func Text(field string) Option {
	return setting(func(o *options) error {
		if field == "" {
			return errors.New(`option Text: expected the name of a field, found ""`)
		}
		o.textField = field
		return nil
	})
}

// Label names the field of JSON lines that holds the true class: a whole number from 0 on, or a name, numbered in the order given or, without any, in that
// of the alphabet, which a note tells. A line without the field has no label.
func Label(field string, classes ...string) Option {
	return setting(func(o *options) error {
		if field == "" {
			return errors.New(`option Label: expected the name of a field, found ""`)
		}
		o.labelField, o.classes = field, classes
		return nil
	})
}

// WithMask makes each seed a set of the searched part of that name and a fixed one: 1 for each token of the text, 0 for padding. Texts keep their
// length then. Where a model's mask may be made anew for each input, onnx.Made with [Mask] leaves more to the search.
func WithMask(tokens, mask string) Option {
	return setting(func(o *options) error { return o.add("WithMask", tokens, lengthPart{mask, false}) })
}

// WithLength makes each seed a set, as [WithMask] does, with the number of tokens of the text as a fixed part.
func WithLength(tokens, length string) Option {
	return setting(func(o *options) error { return o.add("WithLength", tokens, lengthPart{length, true}) })
}

func (o *options) add(option, tokens string, p lengthPart) error {
	if tokens == "" || p.name == "" || tokens == p.name || o.name != "" && o.name != tokens {
		return fmt.Errorf("option %s: expected the names of two parts, that of the tokens always the same, found %q and %q", option, tokens, p.name)
	}
	o.name, o.parts = tokens, append(o.parts, p)
	return nil
}

// Mask is 1 for each token of the input's text and 0 for padding, for onnx.Made. The input is tokens, or a set with one searched part of tokens.
func Mask(in input.Input) []float64 {
	mask := make([]float64, len(in.Data))
	first, end := 0, len(in.Data)
	if v := in.Vocabulary(); v != nil {
		first, end = v.Text(in.Data)
	}
	for i := first; i < end; i++ {
		mask[i] = 1
	}
	return mask
}

// Seeds are texts as tokens, see [Lines].
type Seeds struct {
	options
	encode Tokenizer
	texts  []text
	load   func(text) ([]byte, error) // nil for texts in memory
	notes  []string
}

// text is one seed.
type text struct {
	name  string
	text  string
	label int
}

var (
	_ input.Seeds      = (*Seeds)(nil)
	_ input.Noted      = (*Seeds)(nil)
	_ input.ClassNamer = (*Seeds)(nil)
)

// Lines makes a seed of each line of a text file (UTF-8); empty lines are left out. The texts are held in memory, and become tokens when their turn
// comes.
func Lines(path string, vocabulary input.Vocabulary, encode Tokenizer, opts ...Option) (*Seeds, error) {
	return lines(osFile, path, vocabulary, encode, opts)
}

// LinesFS is [Lines] of a file in a file system, such as an embedded one.
func LinesFS(fsys fs.FS, path string, vocabulary input.Vocabulary, encode Tokenizer, opts ...Option) (*Seeds, error) {
	return lines(fsys.Open, path, vocabulary, encode, opts)
}

// opener opens a file by its path.
type opener func(path string) (fs.File, error)

func osFile(path string) (fs.File, error) { return os.Open(path) }

func lines(open opener, path string, vocabulary input.Vocabulary, encode Tokenizer, opts []Option) (*Seeds, error) {
	return fromFile(open, path, vocabulary, encode, opts, func(s *Seeds, line []byte, at int) error {
		s.texts = append(s.texts, text{fmt.Sprintf("%s, line %d", filepath.Base(path), at), string(line), input.Unlabelled})
		return nil
	})
}

// JSONLines makes a seed of each line of a file of JSON objects, from their field "text" or that of [Text]. Otherwise it is as [Lines].
func JSONLines(path string, vocabulary input.Vocabulary, encode Tokenizer, opts ...Option) (*Seeds, error) {
	return jsonLines(osFile, path, vocabulary, encode, opts)
}

// JSONLinesFS is [JSONLines] of a file in a file system, such as an embedded one.
func JSONLinesFS(fsys fs.FS, path string, vocabulary input.Vocabulary, encode Tokenizer, opts ...Option) (*Seeds, error) {
	return jsonLines(fsys.Open, path, vocabulary, encode, opts)
}

func jsonLines(open opener, path string, vocabulary input.Vocabulary, encode Tokenizer, opts []Option) (*Seeds, error) {
	var names []string
	var numbered, named int // lines with labels of either kind
	s, err := fromFile(open, path, vocabulary, encode, opts, func(s *Seeds, line []byte, at int) error {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(line, &fields); err != nil {
			return fmt.Errorf("expected a JSON object: %w", err)
		}
		t := text{name: fmt.Sprintf("%s, line %d", filepath.Base(path), at), label: input.Unlabelled}
		raw, ok := fields[s.textField]
		if !ok || json.Unmarshal(raw, &t.text) != nil || string(raw) == "null" {
			return fmt.Errorf("field %q: expected a text, found %s", s.textField, found(raw))
		}
		name := ""
		if raw, ok := fields[s.labelField]; ok && s.labelField != "" && string(raw) != "null" {
			switch {
			case json.Unmarshal(raw, &name) == nil:
				named++
			case json.Unmarshal(raw, &t.label) == nil && t.label >= 0:
				numbered++
			default:
				return fmt.Errorf("field %q: expected a whole number from 0 on, or a name, found %s", s.labelField, found(raw))
			}
			if named > 0 && numbered > 0 {
				return fmt.Errorf("field %q: expected numbers or names in all lines, found %s", s.labelField, found(raw))
			}
		}
		names = append(names, name)
		s.texts = append(s.texts, t)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if s.labelField != "" && named+numbered == 0 {
		return nil, fmt.Errorf("tokens: %s: field %q: expected a label in some lines, found none", path, s.labelField)
	}
	if named > 0 {
		err = s.nameLabels(names)
	}
	if err != nil {
		return nil, fmt.Errorf("tokens: %s: %w", path, err)
	}
	return s, nil
}

// nameLabels numbers the names of labels.
func (s *Seeds) nameLabels(names []string) error {
	if len(s.classes) == 0 {
		for _, name := range slices.Sorted(slices.Values(names)) {
			if name != "" && !slices.Contains(s.classes, name) {
				s.classes = append(s.classes, name)
			}
		}
		s.notes = append(s.notes, fmt.Sprintf("field %q: the classes are %q, numbered from 0 on", s.labelField, s.classes))
	}
	for i, name := range names {
		if name == "" {
			continue
		}
		if s.texts[i].label = slices.Index(s.classes, name); s.texts[i].label < 0 {
			return fmt.Errorf("%s: field %q: expected one of the classes %q, found %q", s.texts[i].name, s.labelField, s.classes, name)
		}
	}
	return nil
}

func found(raw json.RawMessage) string {
	const most = 60
	switch {
	case len(raw) == 0:
		return "none"
	case len(raw) > most:
		return string(raw[:most]) + " and more"
	}
	return string(raw)
}

// Files makes a seed of the bytes of each file, read when its turn comes: as many as fit into the Length or, without [Length], all. A token is a byte
// unless [Encoded] says otherwise; the vocabulary has at least 256, and a padding of its own where files may be shorter, such as 256.
func Files(paths []string, vocabulary input.Vocabulary, opts ...Option) (*Seeds, error) {
	return files(osFile, paths, vocabulary, opts)
}

// FilesFS is [Files] of a file system, such as an embedded one.
func FilesFS(fsys fs.FS, paths []string, vocabulary input.Vocabulary, opts ...Option) (*Seeds, error) {
	return files(fsys.Open, paths, vocabulary, opts)
}

func files(open opener, paths []string, vocabulary input.Vocabulary, opts []Option) (*Seeds, error) {
	s, err := newSeeds(vocabulary, ByteTokens(0), opts)
	switch {
	case err != nil:
		return nil, fmt.Errorf("tokens: Files: %w", err)
	case s.labelField != "":
		return nil, errors.New("tokens: Files: expected no Label, as files have no fields")
	case vocabulary.Size < 256 && s.options.encode == nil:
		return nil, fmt.Errorf("tokens: Files: expected a vocabulary of at least 256, found %d", vocabulary.Size)
	case len(paths) == 0:
		return nil, fmt.Errorf("tokens: Files: expected files: %w", input.ErrNoSeeds)
	}
	most := int64(mostLine)
	if s.options.encode != nil {
		s.encode = s.options.encode
	} else {
		if s.length > 0 {
			most = int64(s.length)
		}
		if s.vocabulary.Words == nil {
			s.vocabulary.Words = input.ByteWords(0)
		}
	}
	for _, path := range paths {
		s.texts = append(s.texts, text{name: path, label: input.Unlabelled})
	}
	s.truncate = true
	s.load = func(t text) ([]byte, error) {
		f, err := open(t.name)
		if err != nil {
			return nil, err
		}
		defer func() { _ = f.Close() }()
		if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
			return nil, &fs.PathError{Op: "read", Path: t.name, Err: cmpError(err, errors.New("expected a file"))}
		}
		return io.ReadAll(io.LimitReader(f, most))
	}
	return s, nil
}

// Folder makes a seed of the bytes of each file of a folder, as [Files] does. Files lie either directly in the folder, and are unlabelled then, or in one folder a
// class, as those of generators.ImageFolder do: the label is the index of that folder's name among those of all classes in the order of the alphabet, or
// in generators.NumericOrder. Files are sorted by path; names that start with a dot are passed over.
func Folder(dir string, vocabulary input.Vocabulary, opts ...Option) (*Seeds, error) {
	if info, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("tokens: folder: %w", err)
	} else if !info.IsDir() {
		return nil, fmt.Errorf("tokens: folder %s: expected a folder, found a file; Files reads those", dir)
	}
	return folder(os.DirFS(dir), dir, vocabulary, opts)
}

// FolderFS is [Folder] on the root of a file system, such as an embedded one.
func FolderFS(fsys fs.FS, vocabulary input.Vocabulary, opts ...Option) (*Seeds, error) {
	return folder(fsys, "", vocabulary, opts)
}

func folder(fsys fs.FS, dir string, vocabulary input.Vocabulary, opts []Option) (*Seeds, error) {
	probe, err := newSeeds(vocabulary, ByteTokens(0), opts)
	if err != nil {
		return nil, fmt.Errorf("tokens: folder %s: %w", dir, err)
	}
	listing, err := classfolders.List(fsys, dir, classfolders.What{
		Source: "tokens: folder", One: "a file", Many: "files", Formats: "any", Order: probe.order,
		Reads: func(string) bool { return true }, Foreign: func(string) bool { return false },
	})
	if err == nil {
		err = listing.CheckAny()
	}
	if err != nil {
		return nil, err
	}
	s, err := files(fsys.Open, listing.Paths, vocabulary, opts)
	if err != nil {
		return nil, err
	}
	for i := range s.texts {
		if label, ok := listing.Label(i); ok {
			s.texts[i].label = label
		}
	}
	s.classes, s.notes = listing.Names, append(listing.Notes(), s.notes...)
	return s, nil
}

func cmpError(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

func newSeeds(vocabulary input.Vocabulary, encode Tokenizer, opts []Option) (*Seeds, error) {
	s := &Seeds{options: options{vocabulary: vocabulary, textField: "text"}, encode: encode}
	for _, option := range opts {
		switch o := option.(type) {
		case setting:
			if err := o(&s.options); err != nil {
				return nil, err
			}
		case classfolders.Option:
			o(&s.order)
		default:
			return nil, fmt.Errorf("expected options of package tokens, found %T", option)
		}
	}
	if encode == nil {
		return nil, errors.New("expected a tokenizer, found nil")
	}
	if s.parts != nil {
		s.vocabulary.KeepLength = true
	}
	if err := s.vocabulary.Validate(); err != nil {
		return nil, err
	}
	return s, nil
}

func fromFile(open opener, path string, vocabulary input.Vocabulary, encode Tokenizer, opts []Option, line func(s *Seeds, line []byte, at int) error) (*Seeds, error) {
	s, err := newSeeds(vocabulary, encode, opts)
	if err != nil {
		return nil, fmt.Errorf("tokens: %s: %w", path, err)
	}
	f, err := open(path)
	if err != nil {
		return nil, fmt.Errorf("tokens: %w", err)
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, mostLine)
	total := 0
	for at := 1; lines.Scan(); at++ {
		content := lines.Bytes()
		if at == 1 {
			content = bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))
		}
		if len(bytes.TrimSpace(content)) == 0 {
			continue
		}
		if total += len(content); total > mostBytes {
			return nil, fmt.Errorf("tokens: %s: line %d: expected at most %d bytes of texts, found more", path, at, mostBytes)
		}
		if !utf8.Valid(content) {
			return nil, fmt.Errorf("tokens: %s: line %d: expected UTF-8, found other bytes", path, at)
		}
		if err := line(s, content, at); err != nil {
			return nil, fmt.Errorf("tokens: %s: line %d: %w", path, at, err)
		}
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return nil, fmt.Errorf("tokens: %s: expected lines of at most %d bytes, found a longer one", path, mostLine)
	} else if err != nil {
		return nil, fmt.Errorf("tokens: %s: %w", path, err)
	}
	if len(s.texts) == 0 {
		return nil, fmt.Errorf("tokens: %s: expected lines with texts, found none: %w", path, input.ErrNoSeeds)
	}
	return s, nil
}

// Len implements [input.Seeds].
func (s *Seeds) Len() int { return len(s.texts) }

// Seed implements [input.Seeds].
func (s *Seeds) Seed(i int) (input.Seed, error) {
	if i < 0 || i >= len(s.texts) {
		return input.Seed{}, fmt.Errorf("tokens: seed %d: expected an index below %d", i, len(s.texts))
	}
	t := s.texts[i]
	content := t.text
	if s.load != nil {
		data, err := s.load(t)
		if err != nil {
			return input.Seed{}, fmt.Errorf("tokens: %w", err)
		}
		content = string(data)
	}
	in, err := s.tokens(content)
	if err != nil {
		return input.Seed{}, fmt.Errorf("tokens: %s: %w", t.name, err)
	}
	return input.Seed{Input: in, Label: t.label, Name: t.name}, nil
}

// tokens makes the input of a text.
func (s *Seeds) tokens(content string) (input.Input, error) {
	all, err := tokenized(s.encode, content)
	switch n := len(all); {
	case err != nil:
		return input.Input{}, fmt.Errorf("tokenizer: %w", err)
	case n == 0:
		return input.Input{}, errors.New("expected at least one token, found none")
	case s.length > 0 && n > s.length && !s.truncate:
		return input.Input{}, fmt.Errorf("expected at most %d tokens, found %d; see the option Truncated", s.length, n)
	case s.length > 0 && n > s.length:
		all = s.cut(slices.Clone(all))
	case s.length > 0 && n < s.length && s.vocabulary.Pad == input.Unpadded:
		return input.Input{}, fmt.Errorf("expected %d tokens, found %d, and a vocabulary without padding", s.length, n)
	case s.length > n:
		padding := slices.Repeat([]int{s.vocabulary.Pad}, s.length-n)
		if s.left {
			all = append(padding, all...)
		} else {
			all = append(slices.Clone(all), padding...)
		}
	}
	in, err := input.NewTokens(all, s.vocabulary)
	if err != nil || s.parts == nil {
		return in, err
	}
	parts := []input.NamedInput{input.Searched(s.name, in)}
	mask := Mask(in)
	for _, p := range s.parts {
		fixed := input.Input{Shape: []int{len(mask)}, Domain: input.Domain{Min: 0, Max: 1, Step: 1}, Data: make([]float32, len(mask))}
		n := float32(0)
		for i, v := range mask {
			fixed.Data[i] = float32(v)
			n += float32(v)
		}
		if p.count {
			fixed = input.Input{Shape: []int{1}, Domain: input.Domain{Min: 0, Max: float32(len(mask)), Step: 1}, Data: []float32{n}}
		}
		parts = append(parts, input.Fixed(p.name, fixed))
	}
	return input.Join(parts...)
}

// cut takes tokens off the end until the length fits; special ones behind them stay.
func (s *Seeds) cut(all []int) []int {
	end := len(all)
	for end > 0 && s.vocabulary.Held(float32(all[end-1])) {
		end--
	}
	tail := all[end:]
	if len(tail) >= s.length {
		return all[:s.length]
	}
	return slices.Concat(all[:s.length-len(tail)], tail)
}

// ClassNames implements [input.ClassNamer].
func (s *Seeds) ClassNames() []string { return s.classes }

// Notes implements [input.Noted].
func (s *Seeds) Notes() []string {
	if s.truncate && s.length > 0 {
		return append(slices.Clone(s.notes), fmt.Sprintf("texts of more than %d tokens are cut", s.length))
	}
	return s.notes
}
