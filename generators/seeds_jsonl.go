package generators

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/input"
)

// Limits of what is read, so that a wrong file fails before it fills the memory.
const (
	mostJSONLine  = 1 << 26 // bytes
	mostJSONLines = 1 << 29 // bytes of all
)

// JSONLines returns seeds from a file with a JSON object a line, whose fields hold numbers: [Key] names the field of a seed's values, or [Parts] and [FixedParts]
// those of its parts, as for [NPZ], and [LabelKey] that of its class. A field is a number, true or false, or an array, nested for several dimensions. The values
// of [Key] and of searched parts need [In] or [Vocabulary], inside [ForPart] where there are several. Lines may differ in their shapes; seeds of different shapes
// are no neighbours.
//
//	{"ids": [5, 9, 31], "picture": [[0, 255], [12, 7]], "rate": 16000, "label": 2}
//
// For fields that hold texts see package tokens.
func JSONLines(path string, options ...ArrayOption) (input.Seeds, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("generators: %w", err)
	}
	return readJSONLines(f, path, options)
}

// JSONLinesFS is [JSONLines] of a file in a file system, such as an embedded one.
func JSONLinesFS(fsys fs.FS, path string, options ...ArrayOption) (input.Seeds, error) {
	f, err := fsys.Open(path)
	if err != nil {
		return nil, fmt.Errorf("generators: %w", err)
	}
	return readJSONLines(f, path, options)
}

// jsonSeeds are lines that become seeds when their turn comes.
type jsonSeeds struct {
	name   string
	fields []jsonField
	set    bool // of parts
	lines  []jsonLine
	notes  []string
}

type jsonField struct {
	partName
	options arrayOptions
}

type jsonLine struct {
	at    int // in the file
	text  []byte
	label int
}

var (
	_ input.Seeds = (*jsonSeeds)(nil)
	_ input.Noted = (*jsonSeeds)(nil)
	_ labeller    = (*jsonSeeds)(nil)
)

func readJSONLines(f fs.File, path string, options []ArrayOption) (input.Seeds, error) {
	defer func() { _ = f.Close() }()
	o, err := newArrayOptions(options)
	if err != nil {
		return nil, err
	}
	s := &jsonSeeds{name: filepath.Base(path)}
	if err = s.choose(o); err == nil {
		err = s.read(f, o.labelKey)
	}
	if err != nil {
		return nil, fmt.Errorf("generators: %s: %w", path, err)
	}
	return s, nil
}

// choose says which fields are read, and how.
func (s *jsonSeeds) choose(o arrayOptions) error {
	if err := o.partsOnly(); err != nil {
		return err
	}
	switch {
	case o.single:
		return errors.New("expected no Single, since each line is a seed")
	case o.labelsPath != "":
		return errors.New("expected LabelKey with the field of the labels, found Labels")
	case o.parts == nil && o.key == "":
		return errors.New("expected Key with the field of the values, or Parts with those of several parts, found neither")
	}
	s.set = o.parts != nil
	names := o.parts
	if !s.set {
		names = []partName{{name: o.key}}
	}
	for _, name := range names {
		own, apart := o.ofParts[name.name]
		if !apart && !name.fixed {
			own = o
		}
		if !name.fixed && !own.hasDomain {
			return fmt.Errorf("field %q: expected the option In, which gives the domain of the values, or Vocabulary for tokens", name.name)
		}
		s.fields = append(s.fields, jsonField{name, own})
	}
	return nil
}

// read takes the lines and their labels.
func (s *jsonSeeds) read(f fs.File, labelField string) error {
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, mostJSONLine)
	total := 0
	for at := 1; lines.Scan(); at++ {
		text := lines.Bytes()
		if at == 1 {
			text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
		}
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		if total += len(text); total > mostJSONLines {
			return fmt.Errorf("line %d: expected at most %d bytes in all, found more", at, mostJSONLines)
		}
		line := jsonLine{at: at, text: slices.Clone(text), label: input.Unlabelled}
		fields, err := line.fields()
		if err != nil {
			return fmt.Errorf("line %d: %w", at, err)
		}
		if labelField != "" {
			raw, ok := fields[labelField]
			if !ok {
				return fmt.Errorf("line %d: field %q: expected a class, a whole number from 0 on, or null, found none", at, labelField)
			}
			if string(raw) != "null" && (json.Unmarshal(raw, &line.label) != nil || line.label < 0) {
				return fmt.Errorf("line %d: field %q: expected a class, a whole number from 0 on, or null, found %.40s", at, labelField, raw)
			}
		}
		if len(s.lines) == 0 {
			var others []string
			for name := range fields {
				if name != labelField && !slices.ContainsFunc(s.fields, func(f jsonField) bool { return f.name == name }) {
					others = append(others, name)
				}
			}
			if slices.Sort(others); len(others) > 0 {
				s.notes = append(s.notes, "other fields are not read: "+strings.Join(others, ", "))
			}
		}
		s.lines = append(s.lines, line)
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return fmt.Errorf("expected lines of at most %d bytes, found a longer one", mostJSONLine)
	} else if err != nil {
		return err
	}
	if len(s.lines) == 0 {
		return fmt.Errorf("expected lines with JSON objects, found none: %w", input.ErrNoSeeds)
	}
	return nil
}

func (l jsonLine) fields() (map[string]json.RawMessage, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(l.text, &fields); err != nil {
		return nil, fmt.Errorf("expected a JSON object: %w", err)
	}
	if fields == nil {
		return nil, errors.New("expected a JSON object, found null")
	}
	return fields, nil
}

// Len implements [input.Seeds].
func (s *jsonSeeds) Len() int { return len(s.lines) }

// Notes implements [input.Noted].
func (s *jsonSeeds) Notes() []string { return s.notes }

// knownLabels implements labeller.
func (s *jsonSeeds) knownLabels() ([]int, error) {
	labels := make([]int, len(s.lines))
	for i, l := range s.lines {
		labels[i] = l.label
	}
	return labels, nil
}

// Seed implements [input.Seeds].
func (s *jsonSeeds) Seed(i int) (input.Seed, error) {
	if err := checkIndex(i, len(s.lines)); err != nil {
		return input.Seed{}, err
	}
	line := s.lines[i]
	name := fmt.Sprintf("%s, line %d", s.name, line.at)
	in, err := s.input(line)
	if err != nil {
		return input.Seed{}, fmt.Errorf("generators: %s: %w", name, err)
	}
	return input.Seed{Input: in, Label: line.label, Name: name}, nil
}

func (s *jsonSeeds) input(line jsonLine) (input.Input, error) {
	fields, err := line.fields()
	if err != nil {
		return input.Input{}, err
	}
	var parts []input.NamedInput
	for _, f := range s.fields {
		in, err := f.input(fields[f.name])
		if err != nil {
			return in, fmt.Errorf("field %q: %w", f.name, err)
		}
		if !s.set {
			return in, nil
		}
		part := input.Searched(f.name, in)
		if f.fixed {
			part = input.Fixed(f.name, in)
		}
		parts = append(parts, part)
	}
	return input.Join(parts...)
}

// input makes an input of the numbers of a field.
func (f jsonField) input(raw json.RawMessage) (input.Input, error) {
	if raw == nil {
		return input.Input{}, errors.New("expected numbers, found no such field")
	}
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		return input.Input{}, err
	}
	n := numbers{whole: true}
	if err := n.add(value, 0); err != nil {
		return input.Input{}, err
	}
	row := n.shape
	if len(row) == 0 {
		row = []int{1}
	}
	asked := f.options.shape
	if len(row) == 2 && asked == nil && (f.fixed || f.options.otherThanImages()) {
		asked = row
	}
	shape, err := seedShape(row, asked)
	if err != nil {
		return input.Input{}, err
	}
	in := input.Input{Shape: slices.Clone(shape), Data: n.values, Domain: f.options.domain, Kind: f.options.kind, Layout: f.options.layout()}
	if f.fixed && !f.options.hasDomain {
		in.Domain = domainOf(in.Data, n.whole)
	}
	return in, snapAll(in)
}

// numbers are those of nested arrays.
type numbers struct {
	values []float32
	shape  []int // as far as it is known: of the first array of each depth
	depth  int   // at which numbers are, plus 1; 0 while none was seen
	whole  bool
}

func (n *numbers) add(value any, depth int) error {
	const deepest = 8
	if list, ok := value.([]any); ok {
		switch {
		case len(list) == 0:
			return errors.New("expected numbers, found an empty array")
		case depth == deepest:
			return fmt.Errorf("expected at most %d dimensions, found more", deepest)
		case depth == len(n.shape) && n.depth == 0:
			n.shape = append(n.shape, len(list))
		case depth >= len(n.shape):
			return errors.New("expected arrays of the same depth, found a deeper one")
		case n.shape[depth] != len(list):
			return fmt.Errorf("expected arrays of the same length, found %d and %d values", n.shape[depth], len(list))
		}
		for _, v := range list {
			if err := n.add(v, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	if n.depth != 0 && n.depth != depth+1 {
		return errors.New("expected arrays of the same depth, found a number beside an array")
	}
	n.depth = depth + 1
	switch v := value.(type) {
	case float64:
		n.values = append(n.values, float32(v))
		const exact = 1 << 24
		whole := v == float64(int64(v))
		if whole && (v >= exact || v <= -exact) {
			return fmt.Errorf("expected whole numbers below %d, which a float32 holds exactly, found %.0f", exact, v)
		}
		n.whole = n.whole && whole
		return nil
	case bool:
		one := float32(0)
		if v {
			one = 1
		}
		n.values = append(n.values, one)
		return nil
	}
	return fmt.Errorf("expected numbers, found %#v", value)
}
