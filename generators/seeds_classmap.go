package generators

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// OpenClassMap reads a map for [MapClasses] from a file. It is text with a class and its label a line, the label last and
// behind a comma, a tab, a colon or a space ("n01440764,0"); or text with a class a line, in the order of labels; or
// JSON as frameworks write it: {"n01440764": 0}, {"0": "tench"} or {"0": ["n01440764", "tench"]}, of which the second
// word is the name for messages.
func OpenClassMap(path string) (ClassMap, error) {
	file, err := openFile(path)
	if err != nil {
		return ClassMap{}, err
	}
	const largest = 64 << 20
	if file.size > largest {
		return ClassMap{}, fmt.Errorf("generators: %s: expected a class map, found a file of %d bytes", path, file.size)
	}
	content := make([]byte, file.size)
	if err := readRow(file, content, 0, 0); err != nil {
		return ClassMap{}, err
	}
	m, err := parseClassMap(content)
	if err == nil {
		_, err = m.names(0)
	}
	if err != nil {
		return ClassMap{}, fmt.Errorf("generators: %s: %s", path, strings.TrimPrefix(err.Error(), "generators: "))
	}
	return m, nil
}

func parseClassMap(content []byte) (ClassMap, error) {
	content = bytes.TrimPrefix(content, []byte("\xef\xbb\xbf")) // by editors of Windows
	if content = bytes.TrimSpace(content); bytes.HasPrefix(content, []byte("{")) {
		return parseJSONClassMap(content)
	}
	m := ClassMap{Labels: map[string]int{}}
	with, without := 0, 0 // the first lines with a label and without, from 1
	number := 0
	for line := range strings.Lines(string(content)) {
		number++
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		name, label, ok := cutLabel(line)
		if ok && with == 0 {
			with = number
		}
		if !ok {
			if name, label = line, len(m.Labels); without == 0 {
				without = number
			}
		}
		if with > 0 && without == 1 && isHeader(content) {
			return ClassMap{}, fmt.Errorf("class map: expected a class and its label a line, found a header in line 1 (%.60q): leave it out", firstLine(content))
		}
		if with > 0 && without > 0 {
			return ClassMap{}, fmt.Errorf("class map: expected a class and its label a line, or a class a line, found line %d with a label and line %d without", with, without)
		}
		if _, known := m.Labels[name]; known {
			return ClassMap{}, fmt.Errorf("class map: line %d: expected each class once, found %.40q again", number, name)
		}
		m.Labels[name] = label
	}
	if len(m.Labels) == 0 {
		return ClassMap{}, fmt.Errorf("class map: expected a class and its label a line, found none")
	}
	return m, nil
}

func firstLine(content []byte) string {
	line, _, _ := strings.Cut(string(content), "\n")
	return strings.TrimSpace(line)
}

// isHeader reports whether the first line names columns: it has as many words between separators as a line with a label, or one of the
// words that headers have.
func isHeader(content []byte) bool {
	words := strings.FieldsFunc(strings.ToLower(firstLine(content)), func(r rune) bool { return strings.ContainsRune(",;\t:=", r) })
	return len(words) > 1 || slices.ContainsFunc(words, func(word string) bool {
		return slices.ContainsFunc(strings.Fields(word), func(w string) bool {
			return slices.Contains([]string{"class", "classes", "label", "labels", "index", "name", "wnid", "id", "folder"}, w)
		})
	})
}

// cutLabel cuts the label off the end of a line.
func cutLabel(line string) (name string, label int, ok bool) {
	at := strings.LastIndexAny(line, ",\t:= ")
	if at < 1 {
		return "", 0, false
	}
	label, err := strconv.Atoi(line[at+1:])
	name = strings.Trim(strings.TrimRight(line[:at], ",\t:= "), `"'`)
	return name, label, err == nil && name != ""
}

func parseJSONClassMap(content []byte) (ClassMap, error) {
	const shapes = `expected {"class": 0}, {"0": "class"} or {"0": ["class", "name"]}`
	var entries map[string]any
	if err := json.Unmarshal(content, &entries); err != nil {
		return ClassMap{}, fmt.Errorf("class map: %s: %w", shapes, err)
	}
	m := ClassMap{Labels: map[string]int{}}
	spoken := map[int]string{}
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		name, label, called := key, 0, ""
		var err error
		switch v := entries[key].(type) {
		case float64:
			if label = int(v); v != float64(label) {
				err = strconv.ErrSyntax
			}
		case string:
			name = v
			label, err = strconv.Atoi(key)
		case []any:
			words := make([]string, len(v))
			for i := range v {
				words[i], _ = v[i].(string)
			}
			if len(words) != 2 || words[0] == "" || words[1] == "" {
				err = strconv.ErrSyntax
				break
			}
			name, called = words[0], words[1]
			label, err = strconv.Atoi(key)
		default:
			err = strconv.ErrSyntax
		}
		if err != nil {
			return ClassMap{}, fmt.Errorf("class map: %s, found %.40q: %.60s", shapes, key, fmt.Sprint(entries[key]))
		}
		if _, known := m.Labels[name]; known {
			return ClassMap{}, fmt.Errorf("class map: expected each class once, found %.40q again", name)
		}
		if m.Labels[name] = label; called != "" {
			spoken[label] = called
		}
	}
	if len(m.Labels) == 0 {
		return ClassMap{}, fmt.Errorf("class map: %s, found {}", shapes)
	}
	for label, name := range spoken {
		if label < 0 || label >= mostClasses {
			continue // is an error of the label
		}
		if label >= len(m.Names) {
			m.Names = append(m.Names, make([]string, label+1-len(m.Names))...)
		}
		m.Names[label] = name
	}
	return m, nil
}
