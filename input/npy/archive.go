package npy

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Archive is an NPZ file that is open for reading.
type Archive struct{ files []*zip.File }

// Named is an array of an archive.
type Named struct {
	Name string // without the ending .npy, which NumPy does not show either
	Array
}

// ending ends the name of an array in the directory of an archive.
const ending = ".npy"

// OpenArchive reads the directory of an NPZ file. Names in it are not paths, and may be anything; each has to be there
// once.
func OpenArchive(r io.ReaderAt, size int64) (*Archive, error) {
	z, err := zip.NewReader(r, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // nothing is unpacked into files
		return nil, fmt.Errorf("expected an NPZ file, which is a zip archive: %w", err)
	}
	a := &Archive{z.File}
	seen := map[string]bool{}
	for _, name := range a.Names() {
		if seen[name] {
			return nil, fmt.Errorf("array %q: expected one of that name in the archive, found several", name)
		}
		seen[name] = true
	}
	return a, nil
}

// Names are those of the arrays, in the order of the archive. Another file in it has the name that it has.
func (a *Archive) Names() []string {
	names := make([]string, len(a.files))
	for i, f := range a.files {
		names[i] = strings.TrimSuffix(f.Name, ending)
	}
	return names
}

// Find is the name of the array that a key means: its name, with or without .npy, or "" for the only one there is.
func (a *Archive) Find(key string) (string, error) {
	names := a.Names()
	switch bare := strings.TrimSuffix(key, ending); {
	case key == "" && len(names) == 1:
		return names[0], nil
	case key == "":
		return "", fmt.Errorf("expected the key of one of the %d arrays: %s", len(names), strings.Join(names, ", "))
	case slices.Contains(names, key):
		return key, nil
	case slices.Contains(names, bare):
		return bare, nil
	}
	return "", fmt.Errorf("array %q: expected one of %s", key, strings.Join(names, ", "))
}

// Header reads the header of an array alone.
func (a *Archive) Header(name string) (Header, error) {
	r, err := a.open(name)
	if err != nil {
		return Header{}, err
	}
	defer func() { _ = r.Close() }()
	return ReadHeader(r)
}

// Read unpacks an array, but no more than its header promises: a damaged archive does not fill the memory. More than
// that is an error, as is a wrong checksum.
func (a *Archive) Read(name string) (Array, error) {
	r, err := a.open(name)
	if err != nil {
		return Array{}, err
	}
	defer func() { _ = r.Close() }()
	h, err := ReadHeader(r)
	if err != nil {
		return Array{}, err
	}
	want, err := h.Bytes()
	if err != nil {
		return Array{}, err
	}
	var content bytes.Buffer
	// One byte more, so that the end is reached, where the checksum is compared.
	_, err = io.Copy(&content, io.LimitReader(r, max(want, want+1)))
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return Array{}, fmt.Errorf("expected packed values: %w", err)
	}
	if err := h.CheckBytes(int64(content.Len()), true); err != nil {
		return Array{}, err
	}
	if err != nil {
		return Array{}, fmt.Errorf("expected packed values: %w", err)
	}
	return h.array(content.Bytes()), nil
}

func (a *Archive) open(name string) (io.ReadCloser, error) {
	i := slices.Index(a.Names(), name)
	if i < 0 {
		_, err := a.Find(name)
		return nil, err
	}
	return a.files[i].Open()
}

// ReadArchive reads all arrays of an NPZ file, in the order of the archive.
func ReadArchive(r io.ReaderAt, size int64) ([]Named, error) {
	archive, err := OpenArchive(r, size)
	if err != nil {
		return nil, err
	}
	var arrays []Named
	for _, name := range archive.Names() {
		array, err := archive.Read(name)
		if err != nil {
			return nil, fmt.Errorf("array %q: %w", name, err)
		}
		arrays = append(arrays, Named{name, array})
	}
	return arrays, nil
}

// WriteArchive writes arrays as an NPZ file, packed, in their order. It holds no times: the same arrays have the same
// bytes, as long as Go's package compress/flate packs as it does.
func WriteArchive(w io.Writer, arrays ...Named) error {
	if err := checkNames(arrays); err != nil {
		return err
	}
	archive := zip.NewWriter(w)
	for _, a := range arrays {
		if err := writeArray(archive, a); err != nil {
			return fmt.Errorf("array %q: %w", a.Name, err)
		}
	}
	return archive.Close()
}

func writeArray(archive *zip.Writer, a Named) error {
	file, err := a.Encode()
	if err != nil {
		return err
	}
	w, err := archive.CreateHeader(&zip.FileHeader{Name: a.Name + ending, Method: zip.Deflate})
	if err != nil {
		return err
	}
	_, err = w.Write(file)
	return err
}

func checkNames(arrays []Named) error {
	const longest = 1 << 12
	seen := map[string]bool{}
	if len(arrays) == 0 {
		return errors.New("expected at least one array, found none")
	}
	for i, a := range arrays {
		switch {
		case a.Name == "" || len(a.Name) > longest || !utf8.ValidString(a.Name):
			return fmt.Errorf("array %d of %d: expected a name of 1 to %d bytes of UTF-8, found %.40q", i+1, len(arrays), longest, a.Name)
		case seen[a.Name]:
			return fmt.Errorf("array %q: expected each name once, found it twice", a.Name)
		}
		seen[a.Name] = true
	}
	return nil
}
