package report

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
)

// SavedTrigger is a trigger read back.
type SavedTrigger struct {
	Dir     string // the folder that it was read from
	Context        // the search that found it
	Trigger engine.Trigger
	Saved   time.Time
}

// Names are the names of classes to tell of the trigger by: those given, or its own where these are nil.
func (s SavedTrigger) Names(given []string) []string {
	if given == nil {
		return s.ClassNames
	}
	return given
}

// MalformedError lists the triggers that could not be used. Those returned beside it can.
type MalformedError struct {
	Errs []error // one a trigger; each names the file, what was expected and what was found
}

// Error implements error, with a line a trigger.
func (e *MalformedError) Error() string {
	lines := []string{fmt.Sprintf("report: %d saved triggers cannot be used:", len(e.Errs))}
	if len(e.Errs) == 1 {
		lines[0] = "report: 1 saved trigger cannot be used:"
	}
	for _, err := range e.Errs {
		lines = append(lines, "  "+strings.TrimPrefix(err.Error(), "report: "))
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the causes to [errors.Is] and [errors.As].
func (e *MalformedError) Unwrap() []error { return e.Errs }

// List reads the triggers of a pair, in the order of their IDs. If some cannot be used the error is
// a [*MalformedError], and the others are returned all the same. A pair without a folder has no
// triggers.
func (s *Store) List(pair string) ([]SavedTrigger, error) {
	dir := s.PairDir(pair)
	if exists, err := isFolder(dir); err != nil || !exists {
		return nil, wrapList(pair, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, wrapList(pair, err)
	}
	var triggers []SavedTrigger
	var malformed []error
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if exists, err := isFolder(path); err != nil || !exists ||
			strings.HasPrefix(e.Name(), ".") || strings.HasPrefix(e.Name(), reportFolderPrefix) {
			continue // a file of the user's, one that is not complete, or a report
		}
		t, err := LoadTrigger(path)
		if err != nil {
			malformed = append(malformed, err)
			continue
		}
		triggers = append(triggers, t)
	}
	if len(malformed) > 0 {
		return triggers, &MalformedError{Errs: malformed}
	}
	return triggers, nil
}

// SavedSince reports whether the trigger was saved at that time or later. Both what it says of itself and its file must
// be as new, so that neither copying it nor the clock of another machine makes it so.
func (s SavedTrigger) SavedSince(t time.Time) bool {
	if s.Saved.Before(t.Truncate(time.Second)) { // it is kept in whole seconds
		return false
	}
	info, err := os.Stat(filepath.Join(s.Dir, artifactFile))
	return err == nil && !info.ModTime().Before(t)
}

// IsTrigger reports whether the folder holds a saved trigger.
func IsTrigger(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, artifactFile))
	return err == nil
}

func wrapList(pair string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("report: list triggers of pair %q: %w", pair, err)
}

// LoadTrigger reads the trigger in the folder dir and checks it: version, shapes, values, and that
// the data have the recorded IDs.
func LoadTrigger(dir string) (SavedTrigger, error) {
	a, err := loadArtifact(filepath.Join(dir, artifactFile))
	if err != nil {
		return SavedTrigger{}, fmt.Errorf("report: %w", err)
	}
	if a.ClassNames, err = a.loadClassNames(dir); err != nil {
		return SavedTrigger{}, fmt.Errorf("report: %w", err)
	}
	s := SavedTrigger{Dir: dir, Context: a.context(), Trigger: a.trigger(), Saved: a.Saved}
	s.Trigger.Input, err = loadInput(filepath.Join(dir, a.Input.fileOf(triggerName)), a.Input, a.ID)
	if err != nil {
		return SavedTrigger{}, fmt.Errorf("report: %w", err)
	}
	s.Trigger.Seed, err = loadInput(filepath.Join(dir, a.Input.fileOf(seedName)), a.Input, a.Seed.ID)
	if err != nil {
		return SavedTrigger{}, fmt.Errorf("report: %w", err)
	}
	return s, nil
}

func loadArtifact(path string) (artifact, error) {
	data, err := readFile(path)
	if err != nil {
		return artifact{}, err
	}
	a, err := decodeArtifact(data)
	if err != nil {
		return artifact{}, fmt.Errorf("%s: %w", path, err)
	}
	return a, nil
}

func decodeArtifact(data []byte) (artifact, error) {
	var a artifact
	if err := decodeLoosely(data, "", pictureVersion, &a); err != nil {
		return artifact{}, err
	}
	return a, a.check()
}

func loadInput(path string, want artifactInput, id string) (input.Input, error) {
	data, err := readFile(path)
	if err != nil {
		return input.Input{}, err
	}
	in, err := decodeInput(data, want, id)
	if err != nil {
		return input.Input{}, fmt.Errorf("%s: %w", path, err)
	}
	return in, nil
}
