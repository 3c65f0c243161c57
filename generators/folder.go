package generators

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/engine"
)

// Folder is seeds made of image files. [ImageFolder] and [ImageFolderFS] make one.
type Folder struct {
	fsys    fs.FS
	dir     string // for errors; empty in a file system of the user's
	paths   []string
	classes []int32  // of each path; nil in a flat folder
	names   []string // of the classes
	channels
}

var _ engine.Seeds = (*Folder)(nil)

// FolderOption is an option of [ImageFolder].
type FolderOption func(*Folder) error

// Grey makes one channel of every image, with the luma of ITU-R 601 for colours, as Pillow does.
func Grey() FolderOption { return func(f *Folder) error { return f.force(oneChannel) } }

// RGB makes three channels of every image; those of a grey image are alike.
func RGB() FolderOption { return func(f *Folder) error { return f.force(threeChannels) } }

func (f *Folder) force(c channels) error {
	if f.channels != asStored && f.channels != c {
		return errors.New("generators: image folder: expected either Grey or RGB, found both")
	}
	f.channels = c
	return nil
}

// ImageFolder returns the PNG and JPEG files of a folder as 8-bit images, decoded one by one.
//
// Files lie either directly in the folder, and are unlabelled then, or in one folder a class: the
// label is the index of that folder's name among those of all classes in order ([Folder.ClassNames]),
// and files at any depth below it belong to the class. Folders without images count as classes too,
// so that a part of a data set keeps its labels. Images both directly in the folder and below are an
// error. Names that start with a dot, other kinds of files and links to folders are passed over; files
// are sorted by path.
//
// A grey image has one channel and any other, palettes included, three in RGB order, unless
// [Grey] or [RGB] is given. An image with more than 8 bits a channel, transparent pixels or more than
// fifty million pixels is an error of its seed, as is a damaged one. EXIF orientation and
// embedded colour profiles are not applied. The values of a JPEG can differ from those another library
// finds, by a few grey levels, or by more at sharp edges where its colours are stored coarsely.
func ImageFolder(dir string, options ...FolderOption) (*Folder, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("generators: image folder: %w", err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("generators: image folder %s: expected a folder, found a file", dir)
	}
	return newFolder(os.DirFS(dir), dir, options)
}

// ImageFolderFS is [ImageFolder] on the root of a file system, such as an embedded one.
func ImageFolderFS(fsys fs.FS, options ...FolderOption) (*Folder, error) {
	return newFolder(fsys, "", options)
}

func newFolder(fsys fs.FS, dir string, options []FolderOption) (*Folder, error) {
	f := &Folder{fsys: fsys, dir: dir}
	for _, option := range options {
		if err := option(f); err != nil {
			return nil, err
		}
	}
	if err := f.list(); err != nil {
		return nil, err
	}
	if len(f.paths) == 0 {
		return nil, fmt.Errorf("generators: image folder %s: expected PNG or JPEG files in it or in its folders, one a class, found none",
			f.where("."))
	}
	f.paths, f.classes = slices.Clip(f.paths), slices.Clip(f.classes)
	return f, nil
}

// list finds the images directly in the folder, then those of each class.
func (f *Folder) list() error {
	entries, err := fs.ReadDir(f.fsys, ".")
	if err != nil {
		return fmt.Errorf("generators: image folder %s: %w", f.where("."), err)
	}
	for _, entry := range entries { // in order of names
		name := entry.Name()
		switch {
		case strings.HasPrefix(name, "."):
		case isFolder(f.fsys, name, entry):
			f.names = append(f.names, name)
		case isImage(name):
			f.paths = append(f.paths, name)
		}
	}
	flat := len(f.paths)
	for class, name := range f.names {
		if err := f.listClass(int32(class), name); err != nil {
			return err
		}
	}
	if flat > 0 && len(f.paths) > flat {
		return fmt.Errorf("generators: image folder %s: expected images either in it or in its folders, one a class, found %s and %s",
			f.where("."), f.paths[0], f.paths[flat])
	}
	if flat > 0 {
		f.names = nil // folders beside images hold something else
	}
	return nil
}

func (f *Folder) listClass(class int32, dir string) error {
	// A link to a class folder is followed: the listing of its entries starts inside.
	entries, err := fs.ReadDir(f.fsys, dir)
	if err != nil {
		return fmt.Errorf("generators: image folder %s: %w", f.where(dir), err)
	}
	for _, entry := range entries {
		name := path.Join(dir, entry.Name())
		switch {
		case strings.HasPrefix(entry.Name(), "."):
		case entry.IsDir():
			if err := f.listClass(class, name); err != nil {
				return err
			}
		case isImage(name):
			f.paths, f.classes = append(f.paths, name), append(f.classes, class)
		}
	}
	return nil
}

// isFolder follows links, as classes are often linked together into a folder.
func isFolder(fsys fs.FS, name string, entry fs.DirEntry) bool {
	if entry.Type()&fs.ModeSymlink == 0 {
		return entry.IsDir()
	}
	info, err := fs.Stat(fsys, name)
	return err == nil && info.IsDir()
}

func isImage(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".png", ".jpg", ".jpeg":
		return true
	}
	return false
}

// where is a path as the user knows it.
func (f *Folder) where(name string) string {
	if f.dir == "" {
		return name
	}
	return filepath.Join(f.dir, filepath.FromSlash(name))
}

// ClassNames are the names of the class folders by label, or nil in a flat folder.
func (f *Folder) ClassNames() []string { return slices.Clone(f.names) }

// Len implements [engine.Seeds].
func (f *Folder) Len() int { return len(f.paths) }

// Seed implements [engine.Seeds].
func (f *Folder) Seed(i int) (engine.Seed, error) {
	if err := checkIndex(i, len(f.paths)); err != nil {
		return engine.Seed{}, err
	}
	in, err := f.read(f.paths[i])
	if err != nil {
		return engine.Seed{}, fmt.Errorf("generators: image %s: %w", f.where(f.paths[i]), err)
	}
	seed := engine.Seed{Input: in, Label: engine.Unlabelled, Name: f.paths[i]}
	if f.classes != nil {
		seed.Label = int(f.classes[i])
	}
	return seed, nil
}

func (f *Folder) read(name string) (engine.Input, error) {
	content, err := fs.ReadFile(f.fsys, name)
	if err != nil {
		var pathError *fs.PathError
		if errors.As(err, &pathError) {
			err = pathError.Err // the path stands in front already
		}
		return engine.Input{}, err
	}
	return decodeImage(content, f.channels)
}
