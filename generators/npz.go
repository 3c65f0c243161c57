package generators

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/triggerfinder/triggerfinder/engine"
)

// NPZ returns the rows of one array of an archive that NumPy has saved, as [NPY] does of a file. An
// empty key takes the only array there is. The array is unpacked into memory.
func NPZ(path, key string, options ...ArrayOption) (engine.Seeds, error) {
	o, err := newArrayOptions(options)
	if err != nil {
		return nil, err
	}
	if o.key != "" && o.key != key {
		return nil, fmt.Errorf("generators: %s: option Key: expected %q, which is asked for, or no such option, found %q", path, key, o.key)
	}
	file, err := openFile(path)
	if err != nil {
		return nil, err
	}
	return newNPZSeeds(file, key, o)
}

func newNPZSeeds(file blob, key string, o arrayOptions) (engine.Seeds, error) {
	archive, err := zip.NewReader(file, file.size)
	if err != nil {
		return nil, fmt.Errorf("generators: %s: expected an NPZ file, which is a zip archive: %w", file.name, err)
	}
	values, err := unpackNPY(file.name, archive, key)
	if err != nil {
		return nil, err
	}
	seeds, err := newNPYSeeds(values, o)
	if err != nil {
		return nil, err
	}
	seeds.notes = otherArrays(file.name, archive, values.name, arrayName(file.name, o.labelKey))
	if o.labelKey == "" {
		return seeds.withLabelsOf(o.labelsPath)
	}
	labels, err := unpackNPY(file.name, archive, o.labelKey)
	if err != nil {
		return nil, err
	}
	return seeds.withLabels(labels)
}

// arrayName is the name of an array of an archive, for messages.
func arrayName(archive, key string) string { return archive + "/" + strings.TrimSuffix(key, ".npy") }

// otherArrays is a note on the arrays of an archive that are neither images nor labels.
func otherArrays(file string, archive *zip.Reader, images, labels string) []string {
	var others []string
	for _, f := range archive.File {
		if at := arrayName(file, f.Name); at != images && at != labels {
			others = append(others, strings.TrimSuffix(f.Name, ".npy"))
		}
	}
	if len(others) == 0 {
		return nil
	}
	return []string{"other arrays of the archive are not read: " + shortList(others)}
}

// unpackNPY unpacks an array, but no more than its header promises: a damaged archive must not
// fill the memory.
func unpackNPY(file string, archive *zip.Reader, key string) (blob, error) {
	entry, err := findNPY(archive, key)
	if err != nil {
		return blob{}, fmt.Errorf("generators: %s: %w", file, err)
	}
	name := arrayName(file, entry.Name)
	r, err := entry.Open()
	if err != nil {
		return blob{}, fmt.Errorf("generators: %s: %w", name, err)
	}
	defer func() { _ = r.Close() }()
	var content bytes.Buffer
	header, err := readNPYHeader(io.TeeReader(r, &content))
	if err != nil {
		return blob{}, fmt.Errorf("generators: %s: %w", name, err)
	}
	size, err := header.valueBytes()
	if err != nil {
		return blob{}, fmt.Errorf("generators: %s: %w", name, err)
	}
	if _, err := io.Copy(&content, io.LimitReader(r, size)); err != nil {
		return blob{}, fmt.Errorf("generators: %s: %w", name, err)
	}
	return inMemory(name, content.Bytes()), nil
}

func findNPY(archive *zip.Reader, key string) (*zip.File, error) {
	var keys []string
	for _, f := range archive.File {
		name := strings.TrimSuffix(f.Name, ".npy")
		if key == name || key == f.Name || key == "" && len(archive.File) == 1 {
			return f, nil
		}
		keys = append(keys, name)
	}
	if key == "" {
		return nil, fmt.Errorf("expected the key of one of the %d arrays: %s", len(keys), strings.Join(keys, ", "))
	}
	return nil, fmt.Errorf("array %q: expected one of %s", key, strings.Join(keys, ", "))
}
