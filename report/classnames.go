package report

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// ResolveClassNames chooses the names of classes: those given by an option or, where that is nil, those that the seeds
// carry ([input.ClassNamesOf]). Classes is how many the models have, 0 where that is not known. Given names of another
// number are an error. So are the seeds' own in another order, since labels follow the seeds' order. Given ones that
// differ otherwise are taken, and the note tells.
func ResolveClassNames(given, carried []string, classes int) (names []string, note string, err error) {
	if given == nil {
		return carried, "", nil
	}
	if classes > 0 && len(given) != classes {
		return nil, "", fmt.Errorf("report: class names: expected %d, one a class of the models, found %d", classes, len(given))
	}
	if len(carried) != len(given) {
		return given, "", nil
	}
	labels := map[string]int{}
	for label, name := range carried {
		labels[spelling(name)] = label
	}
	differs, inOtherOrder := -1, true
	for label, name := range given {
		at, known := labels[spelling(name)]
		if inOtherOrder = inOtherOrder && known; known && at == label {
			continue
		}
		if differs < 0 {
			differs = label
		}
	}
	switch {
	case differs < 0:
		return given, "", nil
	case inOtherOrder && len(labels) == len(given):
		return nil, "", fmt.Errorf("report: class names: label %d is %q by the names given, and %q by the seeds, which have the same classes in another order; "+
			"generators.MapClasses gives the seeds the labels of the names", differs, given[differs], carried[differs])
	}
	return given, fmt.Sprintf("classes are called by the names given, not by those of the seeds: class %d is %q, not %q",
		differs, given[differs], carried[differs]), nil
}

// spelling is a name without what two spellings of it differ in.
func spelling(name string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == ' ' || r == '_' || r == '-' }), " ")
}

// knownClassName is the name of a class, "" where there is none: what is written down is no stand-in.
func knownClassName(names []string, label int) string {
	if label < 0 || label >= len(names) {
		return ""
	}
	return names[label]
}

// The file of the names of classes that the triggers of a pair share, beside their folders.
const (
	classNamesFormat  = "triggerfinder-class-names"
	classNamesVersion = 1
	mostClassNames    = 16 << 20 // bytes
)

var classNamesFile = regexp.MustCompile(`^class-names-[0-9a-f]{8}\.json$`)

type classNamesJSON struct {
	Format  string   `json:"format"`
	Version int      `json:"version"`
	Names   []string `json:"names"` // by label
}

// classNamesFileOf is the file's name, which is that of its content, as names may change from run to run; "" for no names.
func classNamesFileOf(names []string) string {
	if len(names) == 0 {
		return ""
	}
	sum := sha256.New()
	for _, name := range names {
		fmt.Fprintf(sum, "%d %s\n", len(name), name)
	}
	return "class-names-" + hex.EncodeToString(sum.Sum(nil)[:4]) + ".json"
}

// writeClassNames writes the file of the names into a pair's folder, where it is not there.
func writeClassNames(dir string, names []string) error {
	if len(names) == 0 {
		return nil
	}
	path := filepath.Join(dir, classNamesFileOf(names))
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	data, err := EncodeJSON(classNamesJSON{classNamesFormat, classNamesVersion, names})
	if err != nil {
		return err
	}
	return writeFile(path, data)
}

// loadClassNames are the names that the trigger in a folder goes by. Where it was copied without their file, they are those of the
// classes that it tells of itself.
func (a artifact) loadClassNames(dir string) ([]string, error) {
	if a.ClassNamesFile == "" {
		return a.ClassNames, nil
	}
	if !classNamesFile.MatchString(a.ClassNamesFile) {
		return nil, fmt.Errorf("%s: class_names_file: expected a name such as class-names-5994471a.json, found %.80q", filepath.Join(dir, artifactFile), a.ClassNamesFile)
	}
	path := filepath.Join(dir, "..", a.ClassNamesFile)
	data, err := ReadBounded(path, mostClassNames)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return a.ownClassNames(), nil
	case err != nil:
		return nil, err
	}
	names, err := decodeClassNames(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return names, nil
}

func decodeClassNames(data []byte) ([]string, error) {
	var read classNamesJSON
	err := DecodeStrict(data, classNamesFormat, classNamesVersion, &read)
	return read.Names, err
}

// ownClassNames are the names in trigger.json itself, by label; those of other classes are not known.
func (a artifact) ownClassNames() []string {
	names := make([]string, len(a.Original.Scores.Scores))
	for _, own := range []struct {
		label int
		name  string
	}{{a.Original.Label, a.Original.ClassName}, {a.Compressed.Label, a.Compressed.ClassName}, {a.Seed.Label, a.Seed.ClassName}} {
		if own.label >= 0 && own.label < len(names) {
			names[own.label] = own.name
		}
	}
	return names
}
