package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// header begins the files that are read strictly.
type header struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
}

// decodeStrict reads a file of one format into v, and refuses other versions, fields that it does not
// know, and anything behind the object.
func decodeStrict(data []byte, format string, version int, v any) error {
	var head struct {
		Format  *string `json:"format"`
		Version *int    `json:"version"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return fmt.Errorf("expected a JSON object: %w", err)
	}
	switch {
	case head.Format == nil:
		return fmt.Errorf("format: expected %q, found none", format)
	case *head.Format != format:
		return fmt.Errorf("format: expected %q, found %.80q", format, *head.Format)
	case head.Version == nil:
		return fmt.Errorf("version: expected %d, found none", version)
	case *head.Version > version:
		return fmt.Errorf("version %d: expected at most %d: %w; upgrade to read it", *head.Version, version, ErrNewerVersion)
	case *head.Version < 1:
		return fmt.Errorf("version %d: expected 1 to %d", *head.Version, version)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

// readBounded reads a file that must not be larger than most bytes.
func readBounded(path string, most int64) ([]byte, error) {
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
		return nil, err
	}
	if int64(len(data)) > most {
		return nil, fmt.Errorf("%s: expected at most %d bytes, found more", path, most)
	}
	return data, nil
}
