// Package classfolders lists files that lie in one folder a class, whatever is in them: images, sounds.
package classfolders

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
)

// What says which files are listed, and how texts speak of them.
type What struct {
	Source    string // what stands in front of errors, such as "generators: image folder"
	One, Many string // a file, and several: "image", "images"
	Formats   string // those that are read, such as "PNG, JPEG"
	// Reads tells by its name whether a file is listed.
	Reads func(name string) bool
	// Foreign tells whether an ending, in small letters, such as ".heic", is of a file of another format, which is not read.
	Foreign func(ending string) bool
	Order
}

// Order says which folders are classes, and how they are numbered.
type Order struct {
	// NumericOrder orders folders by the numbers in their names, and EmptyClasses makes classes of those without files.
	NumericOrder, EmptyClasses bool
}

// Option is an option about the folders of all sources: those of images, of sounds and of files as bytes, by the methods that mark theirs.
type Option func(*Order)

// OfImages marks an option of folders of images.
func (Option) OfImages() {}

// OfSounds marks an option of folders of sounds.
func (Option) OfSounds() {}

// OfTexts marks an option of folders of files as bytes.
func (Option) OfTexts() {}

// OfOpen marks an option of whatever is opened.
func (Option) OfOpen() {}

// Listing is what was found.
type Listing struct {
	Paths   []string // sorted, with slashes
	Names   []string // of the classes by label; nil where files lie in the folder itself
	classes []int32  // of each path; nil likewise

	fsys   fs.FS
	dir    string // for errors; empty in a file system of the user's
	what   What
	unread leftOut
	idle   []string // folders without files, which are no classes
}

// List lists the root of a file system. dir is what the user calls it, "" in a file system of the user's. Nothing to read is no error.
func List(fsys fs.FS, dir string, what What) (*Listing, error) {
	l := &Listing{fsys: fsys, dir: dir, what: what}
	if err := l.list(); err != nil {
		return nil, err
	}
	l.Paths, l.classes = slices.Clip(l.Paths), slices.Clip(l.classes)
	return l, nil
}

// One is the listing of one file, without a class, in a folder.
func One(dir, name string) *Listing {
	return &Listing{Paths: []string{name}, dir: dir, what: What{Foreign: func(string) bool { return false }}}
}

// CheckAny is an error where nothing was found.
func (l *Listing) CheckAny() error {
	if len(l.Paths) > 0 {
		return nil
	}
	found := "none"
	if n := l.unread.count(); n > 0 {
		found = l.unread.String()
	}
	return fmt.Errorf("%s %s: expected %s files in it or in its folders, one a class, found %s", l.what.Source, l.Where("."), l.what.Formats, found)
}

// list finds the files directly in the folder, then those of each class.
func (l *Listing) list() error {
	entries, err := fs.ReadDir(l.fsys, ".")
	if err != nil {
		return fmt.Errorf("%s %s: %w", l.what.Source, l.Where("."), err)
	}
	var folders []string
	var beside leftOut              // in the folder itself
	for _, entry := range entries { // in order of names
		name := entry.Name()
		switch {
		case isBookkeeping(name):
		case isFolder(l.fsys, name, entry):
			folders = append(folders, name)
		case l.what.Reads(name):
			l.Paths = append(l.Paths, name)
		default:
			beside.add(name, l.what.Foreign)
		}
	}
	if l.what.NumericOrder {
		slices.SortStableFunc(folders, compareNumbers)
	}
	flat := len(l.Paths)
	for _, name := range folders {
		before, foreign := len(l.Paths), l.unread.foreign
		if err := l.listClass(int32(len(l.Names)), name); err != nil {
			return err
		}
		if len(l.Paths) == before && l.unread.foreign == foreign && !l.what.EmptyClasses {
			l.idle = append(l.idle, name)
			continue
		}
		l.Names = append(l.Names, name)
	}
	if flat > 0 && len(l.Paths) > flat {
		return fmt.Errorf("%s %s: expected %s either in it or in its folders, one a class, found %s and %s",
			l.what.Source, l.Where("."), l.what.Many, l.Paths[0], l.Paths[flat])
	}
	if flat > 0 {
		l.Names, l.unread = nil, beside // folders beside the files hold something else
		l.idle = nil
		return nil
	}
	l.unread.foreign += beside.foreign
	for ending, n := range beside.endings {
		if l.what.Foreign(ending) {
			l.unread.addSome(ending, n)
		}
	}
	return nil
}

func (l *Listing) listClass(class int32, dir string) error {
	// A link to a class folder is followed: the listing of its entries starts inside.
	entries, err := fs.ReadDir(l.fsys, dir)
	if err != nil {
		return fmt.Errorf("%s %s: %w", l.what.Source, l.Where(dir), err)
	}
	for _, entry := range entries {
		name := path.Join(dir, entry.Name())
		switch {
		case isBookkeeping(entry.Name()):
		case entry.IsDir():
			if err := l.listClass(class, name); err != nil {
				return err
			}
		case l.what.Reads(name):
			l.Paths, l.classes = append(l.Paths, name), append(l.classes, class)
		default:
			l.unread.add(name, l.what.Foreign)
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

// Where is a path as the user knows it.
func (l *Listing) Where(name string) string {
	if l.dir == "" {
		return name
	}
	return filepath.Join(l.dir, filepath.FromSlash(name))
}

// Label is that of file i: the position of its class among the Names; false where there are no classes.
func (l *Listing) Label(i int) (int, bool) {
	if l.classes == nil {
		return 0, false
	}
	return int(l.classes[i]), true
}

// ReaderAt reads a file piecewise, or where it cannot be read so, as a whole.
func ReaderAt(file fs.File) (io.ReaderAt, int64, error) {
	if r, ok := file.(io.ReaderAt); ok {
		info, err := file.Stat()
		if err != nil {
			return nil, 0, err
		}
		return r, info.Size(), nil
	}
	content, err := io.ReadAll(file)
	return bytes.NewReader(content), int64(len(content)), err
}
