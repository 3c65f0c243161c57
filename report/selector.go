package report

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/triggerfinder/triggerfinder/repair"
)

const (
	// SelectorFormat is the value of "format" in a selector file.
	SelectorFormat  = "triggerfinder-selector"
	selectorVersion = 2
	// largestSelector is far more than any takes.
	largestSelector = 1 << 20
)

// selectorFile is the schema of a selector file.
type selectorFile struct {
	header
	repair.Selector
}

// SaveSelector writes a selector to a JSON file, in place of an earlier one, all at once. Its folder is made where
// it does not exist. The same selector has the same bytes.
func SaveSelector(path string, s *repair.Selector) error {
	if err := saveSelector(path, s); err != nil {
		return fmt.Errorf("report: save selector: %s: %w", path, err)
	}
	return nil
}

func saveSelector(path string, s *repair.Selector) error {
	if s == nil {
		return errors.New("expected a selector, found nil")
	}
	if err := s.Validate(); err != nil {
		return err
	}
	data, err := EncodeJSON(selectorFile{header{SelectorFormat, selectorVersion}, *s})
	if err != nil {
		return err
	}
	if err := makeFolder(filepath.Dir(path)); err != nil {
		return err
	}
	return writeFile(path, data)
}

// LoadSelector reads a selector file, strictly: a field that it does not know is an error, and so are numbers that no
// selector can have.
func LoadSelector(path string) (*repair.Selector, error) {
	data, err := ReadBounded(path, largestSelector)
	if err != nil {
		return nil, fmt.Errorf("report: selector: %w", err)
	}
	s, err := decodeSelector(data)
	if err != nil {
		return nil, fmt.Errorf("report: selector: %s: %w", path, err)
	}
	return s, nil
}

func decodeSelector(data []byte) (*repair.Selector, error) {
	var f selectorFile
	if err := DecodeStrict(data, SelectorFormat, selectorVersion, &f); err != nil {
		return nil, err
	}
	if err := f.Validate(); err != nil {
		return nil, err
	}
	return &f.Selector, nil
}
