package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
)

// header begins the files that are read strictly.
type header struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
}

// EncodeJSON is JSON that people can read and diff: indented, but for arrays of numbers, such as scores and shapes, each on one line.
func EncodeJSON(v any) ([]byte, error) {
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return numbersInLine(buf.Bytes()), nil
}

// numbersInLine puts each array of numbers in indented JSON on one line. It works in the memory of text.
func numbersInLine(text []byte) []byte {
	out := text[:0]
	inString := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case inString && c == '\\':
			out = append(out, c)
			i++
			c = text[i]
		case c == '"':
			inString = !inString
		case c == '[' && !inString:
			n := bytes.IndexFunc(text[i+1:], notOfNumbers)
			if n <= 0 || text[i+1+n] != ']' {
				break
			}
			out = append(out, c)
			for j, number := range bytes.Fields(text[i+1 : i+1+n]) {
				if j > 0 {
					out = append(out, ' ')
				}
				out = append(out, number...)
			}
			i += n + 1
			c = ']'
		}
		out = append(out, c)
	}
	return out
}

func notOfNumbers(r rune) bool {
	return (r < '0' || r > '9') && !strings.ContainsRune("+-.eE, \n", r)
}

// checkHead refuses what is no JSON object of that format, where it has one, and of a version from 1 to that.
func checkHead(data []byte, format string, version int) error {
	var head struct {
		Format  *string `json:"format"`
		Version *int    `json:"version"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return fmt.Errorf("expected a JSON object: %w", err)
	}
	versions := fmt.Sprintf("1 to %d", version)
	if version == 1 {
		versions = "1"
	}
	switch {
	case format != "" && head.Format == nil:
		return fmt.Errorf("format: expected %q, found none", format)
	case format != "" && *head.Format != format:
		return fmt.Errorf("format: expected %q, found %.80q", format, *head.Format)
	case head.Version == nil:
		return fmt.Errorf("version: expected %s, found none", versions)
	case *head.Version > version:
		return fmt.Errorf("version %d: expected at most %d: %w; upgrade to read it", *head.Version, version, ErrNewerVersion)
	case *head.Version < 1:
		return fmt.Errorf("version %d: expected %s", *head.Version, versions)
	}
	return nil
}

// decodeLoosely reads a file of one format, "" for one that has none, into v. It refuses other versions, and passes over
// fields that it does not know: they may be added without a new version.
func decodeLoosely(data []byte, format string, version int, v any) error {
	if err := checkHead(data, format, version); err != nil {
		return err
	}
	return json.Unmarshal(data, v)
}

// DecodeStrict reads a file of one format into v, and refuses other versions than 1 to that one, fields that v does not have,
// and anything behind the object.
func DecodeStrict(data []byte, format string, version int, v any) error {
	if err := checkHead(data, format, version); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

// ReadBounded reads a file that must not be larger than most bytes. Errors name it.
func ReadBounded(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s: expected a file, found none: %w", path, os.ErrNotExist)
	}
	if err != nil {
		return nil, err // names the path
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, err // names the path
	}
	if int64(len(data)) > most {
		return nil, fmt.Errorf("%s: expected at most %d bytes, found more", path, most)
	}
	return data, nil
}

// readFile reads a file of any size that has to be there.
func readFile(path string) ([]byte, error) { return ReadBounded(path, math.MaxInt64-1) }
