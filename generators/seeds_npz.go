package generators

import (
	"fmt"
	"io/fs"
	"slices"

	"github.com/triggerfinder/triggerfinder/generators/internal/classfolders"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/npy"
)

// NPZ returns the rows of one array of an archive that NumPy has saved, as [NPY] does of a file. An
// empty key takes the only array there is. The array is unpacked into memory. With [Parts] seeds are made of several arrays, and the
// key is empty.
func NPZ(path, key string, options ...ArrayOption) (input.Seeds, error) {
	return openedNPZ(path, key, func() (blob, error) { return openFile(path) }, options)
}

// NPZFS is [NPZ] of a file in a file system, such as an embedded one, which is read into memory.
func NPZFS(fsys fs.FS, path, key string, options ...ArrayOption) (input.Seeds, error) {
	return openedNPZ(path, key, func() (blob, error) { return openFileIn(fsys, path) }, options)
}

func openedNPZ(path, key string, open func() (blob, error), options []ArrayOption) (input.Seeds, error) {
	o, err := newArrayOptions(options)
	if err != nil {
		return nil, err
	}
	if o.key != "" && o.key != key {
		return nil, fmt.Errorf("generators: %s: option Key: expected %q, which is asked for, or no such option, found %q", path, key, o.key)
	}
	file, err := open()
	if err != nil {
		return nil, err
	}
	archive, err := openArchive(file)
	if err != nil {
		return nil, err
	}
	if o.parts != nil || o.ofParts != nil {
		o.key = key
		return archive.partsOf(o)
	}
	return archive.seeds(key, o)
}

// archive is an NPZ file.
type archive struct {
	*npy.Archive
	file string // for errors and names
}

func openArchive(file blob) (archive, error) {
	a, err := npy.OpenArchive(file, file.size)
	if err != nil {
		return archive{}, fmt.Errorf("generators: %s: %w", file.name, err)
	}
	return archive{a, file.name}, nil
}

// unpack reads an array into memory.
func (a archive) unpack(key string) (npyArray, error) {
	name, err := a.Find(key)
	if err != nil {
		return npyArray{}, fmt.Errorf("generators: %s: %w", a.file, err)
	}
	array, err := a.Read(name)
	if err != nil {
		return npyArray{}, fmt.Errorf("generators: %s: %w", a.nameOf(name), err)
	}
	return npyArray{Header: array.Header(), file: inMemory(a.nameOf(name), array.Data)}, nil
}

// nameOf is the name of an array, for messages.
func (a archive) nameOf(array string) string { return a.file + "/" + array }

func (a archive) seeds(key string, o arrayOptions) (input.Seeds, error) {
	values, err := a.unpack(key)
	if err != nil {
		return nil, err
	}
	return a.seedsOf(values, o)
}

// seedsOf splits an array of the archive into its rows, with the labels that the options ask for.
func (a archive) seedsOf(values npyArray, o arrayOptions) (input.Seeds, error) {
	seeds, err := values.seeds(o)
	if err != nil {
		return nil, err
	}
	if o.labelKey == "" {
		seeds.notes = a.others(values.file.name)
		return seeds.withLabelsOf(o.labelsPath)
	}
	labels, err := a.unpack(o.labelKey)
	if err != nil {
		return nil, err
	}
	seeds.notes = a.others(values.file.name, labels.file.name)
	return seeds.withLabels(labels)
}

// others is a note on the arrays that are not read.
func (a archive) others(read ...string) []string {
	var others []string
	for _, name := range a.Names() {
		if !slices.Contains(read, a.nameOf(name)) {
			others = append(others, name)
		}
	}
	if len(others) == 0 {
		return nil
	}
	return []string{"other arrays of the archive are not read: " + classfolders.ShortList(others)}
}
