package pairfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/triggerfinder/triggerfinder/internal/modeltext"
	"github.com/triggerfinder/triggerfinder/internal/spelling"
	"go.yaml.in/yaml/v3"
)

// most is the size of a file in bytes, at most.
const most = 1 << 20

func tooLarge(path string) error {
	return fmt.Errorf("%s: expected the description of a pair of at most %d bytes, found more", path, most)
}

// Parse reads what a file of that path holds, without a look at the files that it names.
func Parse(path string, data []byte) (*File, error) {
	if len(data) > most {
		return nil, tooLarge(path)
	}
	f := &File{Path: path, Threads: 1, given: map[string]Value{}, options: map[string][]modeltext.Setting{}}
	documents := yaml.NewDecoder(bytes.NewReader(data))
	var document, another yaml.Node
	switch err := documents.Decode(&document); {
	case errors.Is(err, io.EOF) || err == nil && len(document.Content) == 0:
		return nil, fmt.Errorf("%s: expected the description of a pair, found an empty file", path)
	case err != nil:
		return nil, f.notYAML(err)
	}
	switch err := documents.Decode(&another); {
	case err == nil:
		return nil, f.problem(another.Line, "expected one description of a pair, found another YAML document")
	case !errors.Is(err, io.EOF):
		return nil, f.notYAML(err)
	}
	root := document.Content[0]
	if err := f.readRoot(root); err != nil {
		return nil, err
	}
	switch {
	case f.Original == "" && f.Compressed == "":
		return nil, f.problem(root.Line, "expected the keys original and compressed, found neither")
	case f.Original == "":
		return nil, f.problem(root.Line, "expected the key original too, found compressed only")
	case f.Compressed == "":
		return nil, f.problem(root.Line, "expected the key compressed too, found original only")
	}
	return f, nil
}

// problem is an error about a line.
func (f *File) problem(line int, format string, args ...any) error {
	return fmt.Errorf("%s:%d: "+format, append([]any{f.Path, max(line, 1)}, args...)...)
}

var yamlsWords = regexp.MustCompile(`^(?:go-)?yaml: (?:line (\d+): )?(?s:(.*))$`)

// notYAML puts an error of package yaml into our words.
func (f *File) notYAML(err error) error {
	parts := yamlsWords.FindStringSubmatch(err.Error())
	if parts == nil {
		return fmt.Errorf("%s: expected YAML: %w", f.Path, err)
	}
	line, _ := strconv.Atoi(parts[1]) // none is said of the first
	return f.problem(line, "expected YAML: %s", parts[2])
}

// entries gives the keys and values of a mapping, each key once.
func (f *File) entries(n *yaml.Node, what string, known []string, each func(key string, k, v *yaml.Node) error) error {
	if n.Kind != yaml.MappingNode {
		return f.problem(n.Line, "expected %s, found %s", what, found(n))
	}
	lines := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		key, ok := scalar(k)
		if !ok {
			return f.problem(k.Line, "expected a key, found %s", found(k))
		}
		if line, ok := lines[key]; ok {
			return f.problem(k.Line, "expected the key %s once, found it in line %d too", key, line)
		}
		lines[key] = k.Line
		if known != nil && !contains(known, key) {
			if meant := spelling.Nearest(key, known); meant != "" {
				return f.problem(k.Line, "%s: there is no such key; did you mean %s?", key, meant)
			}
			return f.problem(k.Line, "%s: there is no such key; expected one of %s", shortened(key), strings.Join(known, ", "))
		}
		if err := each(key, k, v); err != nil {
			return err
		}
	}
	return nil
}

func contains(words []string, word string) bool {
	for _, w := range words {
		if w == word {
			return true
		}
	}
	return false
}

// optionNames are the keys of options.
func optionNames() []string {
	var names []string
	for _, option := range modeltext.Options {
		names = append(names, option.Name)
	}
	return names
}

func (f *File) readRoot(root *yaml.Node) error {
	known := append([]string{modeltext.Original, modeltext.Compressed, modeltext.Converted, "pair", "threads", "seeds", "labels", "class-names"}, optionNames()...)
	return f.entries(root, "keys with values, such as original: model.onnx", known, func(key string, k, v *yaml.Node) error {
		switch key {
		case modeltext.Original, modeltext.Converted, modeltext.Compressed:
			return f.readModel(key, k, v)
		case "pair":
			text, err := f.text(key, "a name", v)
			f.Pair = text
			f.add(key, text, k.Line)
			return err
		case "threads":
			text, _ := scalar(v)
			n, err := spelling.Count(text, 1)
			if err != nil || v.Kind != yaml.ScalarNode {
				return f.problem(v.Line, "threads: expected a whole number of at least 1, found %s", found(v))
			}
			f.Threads = n
			f.add(key, text, k.Line)
		case "seeds", "labels":
			text, err := f.text(key, map[string]string{"seeds": "the path of a folder or a file", "labels": "the path of a file"}[key], v)
			if err != nil {
				return err
			}
			text = f.beside(text)
			if key == "seeds" {
				f.Seeds = text
			} else {
				f.Labels = text
			}
			f.add(key, text, k.Line)
		case "class-names":
			return f.readClassNames(k, v)
		default:
			return f.readOption("", key, k, v)
		}
		return nil
	})
}

func (f *File) readModel(side string, k, v *yaml.Node) error {
	const what = "a model: its path, process:COMMAND or an address, or keys with model: among them"
	set := func(line int, v *yaml.Node) error {
		text, err := f.text(side, what, v)
		if err != nil {
			return err
		}
		if modeltext.IsPath(text) {
			text = f.beside(text)
		}
		switch side {
		case modeltext.Original:
			f.Original = text
		case modeltext.Converted:
			f.Converted = text
		case modeltext.Compressed:
			f.Compressed = text
		}
		f.add(side, text, line)
		return nil
	}
	if v.Kind != yaml.MappingNode {
		return set(k.Line, v)
	}
	err := f.entries(v, what, append([]string{"model"}, optionNames()...), func(key string, k, v *yaml.Node) error {
		if key == "model" {
			return set(k.Line, v)
		}
		return f.readOption(side+".", key, k, v)
	})
	if err == nil && f.model(side) == "" {
		err = f.problem(k.Line, "%s: expected the key model too, such as model: classifier.onnx, found none", side)
	}
	return err
}

func (f *File) readClassNames(k, v *yaml.Node) error {
	if v.Kind != yaml.SequenceNode {
		text, err := f.text("class-names", "a file with a name a line, or a list of names", v)
		if err != nil {
			return err
		}
		f.add("class-names", f.beside(text), k.Line)
		return nil
	}
	for _, n := range v.Content {
		name, ok := scalar(n)
		if name = strings.TrimSpace(name); !ok || name == "" || strings.ContainsAny(name, ",\r\n") {
			return f.problem(n.Line, "class-names: expected names of one line without commas, found %s", found(n))
		}
		f.ClassNames = append(f.ClassNames, name)
	}
	if len(f.ClassNames) < 2 {
		return f.problem(v.Line, "class-names: expected two names or more, found %d", len(f.ClassNames))
	}
	f.add("class-names", strings.Join(f.ClassNames, ","), k.Line)
	return nil
}

// readOption reads an option about models, of one side if there is a prefix.
func (f *File) readOption(prefix, key string, k, v *yaml.Node) error {
	var option modeltext.Option
	for _, o := range modeltext.Options {
		if o.Name == key {
			option = o
		}
	}
	text, err := f.optionText(prefix+key, option, v)
	if err != nil {
		return err
	}
	settings, err := option.Parse(text)
	if err != nil {
		return f.problem(v.Line, "%s: %w%s", prefix+key, err, spelling.Meant(text, option.Choices))
	}
	f.options[prefix+key] = settings
	f.add(prefix+key, text, k.Line)
	return nil
}

// optionText is the value of an option as on a command line: lists by comma, keys with values as NAME=VALUE, and lists of these as NAME=VALUE:VALUE.
func (f *File) optionText(name string, option modeltext.Option, v *yaml.Node) (string, error) {
	text, plain := scalar(v)
	switch {
	case option.Boolean && (v.Kind != yaml.ScalarNode || v.ShortTag() != "!!bool"):
		return "", f.problem(v.Line, "%s: expected true or false, found %s", name, found(v))
	case plain:
		return text, nil
	case option.Form == modeltext.List && v.Kind == yaml.SequenceNode:
		return f.joined(name, ",", ",", v)
	case option.Form == modeltext.Pairs && v.Kind == yaml.MappingNode:
		var parts []string
		err := f.entries(v, "", nil, func(key string, k, v *yaml.Node) error {
			value, ok := scalar(v)
			if v.Kind == yaml.SequenceNode {
				var err error
				if value, err = f.joined(name, ":", ":,", v); err != nil {
					return err
				}
				ok = true
			}
			if !ok || value == "" || strings.Contains(value, ",") || key == "" || strings.ContainsAny(key, ",=") {
				return f.problem(k.Line, "%s: expected NAME: VALUE without commas, found %s: %s", name, key, found(v))
			}
			parts = append(parts, key+"="+value)
			return nil
		})
		return strings.Join(parts, ","), err
	}
	what := map[modeltext.Form]string{modeltext.Single: "one value", modeltext.List: "a value, or a list of values", modeltext.Pairs: "NAME: VALUE, once or more"}[option.Form]
	return "", f.problem(v.Line, "%s: expected %s, found %s", name, what, found(v))
}

// joined are the values of a list, which hold none of the separators.
func (f *File) joined(name, by, separators string, v *yaml.Node) (string, error) {
	var parts []string
	for _, n := range v.Content {
		part, ok := scalar(n)
		if !ok || part == "" || strings.ContainsAny(part, separators) {
			return "", f.problem(n.Line, "%s: expected one value in each place of the list, found %s", name, found(n))
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, by), nil
}

// text is a value that is any text but none.
func (f *File) text(key, what string, v *yaml.Node) (string, error) {
	text, ok := scalar(v)
	if !ok || strings.TrimSpace(text) == "" || strings.ContainsRune(text, 0) {
		return "", f.problem(v.Line, "%s: expected %s, found %s", key, what, found(v))
	}
	return text, nil
}

// beside is a path of the file, which is relative to it.
func (f *File) beside(path string) string {
	path = filepath.FromSlash(path)
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(f.Folder(), path)
}

func (f *File) add(key, text string, line int) {
	v := Value{Key: key, Text: text, Line: line}
	f.values = append(f.values, v)
	f.given[key] = v
}

// scalar is the text of a single value as it is written; ok is false for others, nothing at all among them.
func scalar(n *yaml.Node) (text string, ok bool) {
	if n.Kind != yaml.ScalarNode || n.ShortTag() == "!!null" {
		return "", false
	}
	return n.Value, true
}

// found says what a value is.
func found(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "keys with values"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "the alias *" + n.Value + ", and aliases are not read"
	}
	if n.ShortTag() == "!!null" {
		return "nothing"
	}
	return strconv.Quote(shortened(n.Value))
}

// shortened is text that fits into a message.
func shortened(text string) string {
	if runes := []rune(text); len(runes) > 100 {
		return string(runes[:100]) + "…"
	}
	return text
}
