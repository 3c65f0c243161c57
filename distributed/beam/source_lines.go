package beam

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path"

	"github.com/triggerfinder/triggerfinder/input"
)

// mostOfALine is how long a JSON line may be.
const mostOfALine = 1 << 28

// lineFiles hold objects, one a line: {"image": "iVBORw0…", "label": 2}, or {"image": {"bytes": "iVBORw0…"}, "label": 2}, as data sets of images are exported.
type lineFiles struct{ of Files }

func (l lineFiles) list(ctx context.Context, file string) (Listing, error) {
	packed, r, err := unpacked(ctx, file, isGzip, isZstd)
	if err != nil {
		return Listing{}, err
	}
	defer func() { _ = r.Close() }()
	cut := cutter{file: file, packed: packed}
	lines := bufio.NewReaderSize(r, 1<<18)
	offset := int64(0)
	for n := 0; ; n++ {
		size, blank, err := skipLine(lines)
		if err != nil && err != io.EOF {
			return Listing{}, fmt.Errorf("line %d: %w", n+1, err)
		}
		if !blank {
			cut.add(n, offset, size)
		}
		offset += size
		if err == io.EOF {
			return Listing{Parts: cut.parts}, nil
		}
	}
}

// skipLine reads a line, and tells how long it is.
func skipLine(r *bufio.Reader) (size int64, blank bool, err error) {
	blank = true
	for {
		piece, err := r.ReadSlice('\n')
		size += int64(len(piece))
		blank = blank && len(bytes.TrimSpace(piece)) == 0
		if size > mostOfALine {
			return size, blank, fmt.Errorf("expected at most %d bytes, found more", mostOfALine)
		}
		if err != bufio.ErrBufferFull {
			return size, blank, err
		}
	}
}

func (l lineFiles) open(ctx context.Context, part Part) (input.Seeds, error) {
	content, err := readPart(ctx, part)
	if err != nil {
		return nil, err
	}
	found := make(records, 0, part.Seeds)
	n := part.First
	for line := range bytes.Lines(content) {
		n++
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		r := record{name: fmt.Sprintf("%s:%d", path.Base(part.Path), n), of: l.of}
		r.content, r.label, r.err = lineOf(line, cmp.Or(l.of.Key, "image"), cmp.Or(l.of.Label, "label"))
		found = append(found, r)
	}
	return found, nil
}

func lineOf(line []byte, key, labelKey string) (content []byte, label int, err error) {
	label = input.Unlabelled
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(line, &fields); err != nil {
		return nil, label, fmt.Errorf("expected a JSON object: %w", err)
	}
	value, ok := fields[key]
	if !ok {
		return nil, label, fmt.Errorf("expected a field %q with bytes in base64, found none", key)
	}
	var nested struct {
		Bytes []byte `json:"bytes"`
	}
	if json.Unmarshal(value, &content) != nil || content == nil {
		if err := json.Unmarshal(value, &nested); err != nil || nested.Bytes == nil {
			return nil, label, fmt.Errorf("field %q: expected bytes in base64, found something else", key)
		}
		content = nested.Bytes
	}
	if text, ok := fields[labelKey]; ok && string(text) != "null" {
		if err := json.Unmarshal(text, &label); err != nil || label < 0 {
			return nil, input.Unlabelled, fmt.Errorf("field %q: expected a class, from 0 on, found %s", labelKey, text)
		}
	}
	return content, label, nil
}
