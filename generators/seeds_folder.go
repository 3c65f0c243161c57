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
	"sync/atomic"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/pixels"
)

// Folder is seeds made of image files. [ImageFolder] and [ImageFolderFS] make one.
type Folder struct {
	fsys    fs.FS
	dir     string // for errors; empty in a file system of the user's
	paths   []string
	classes []int32  // of each path; nil in a flat folder
	names   []string // of the classes
	listing
	reading        pixels.Reading
	numeric, empty bool            // options
	turned         []atomic.Uint32 // by path, its EXIF orientation once it is known, else 0
}

var (
	_ input.Seeds      = (*Folder)(nil)
	_ input.ClassNamer = (*Folder)(nil)
	_ input.Noted      = (*Folder)(nil)
	_ partly           = (*Folder)(nil)
)

// FolderOption is an option of [ImageFolder].
type FolderOption func(*Folder) error

// Grey makes one channel of every image, with the luma of ITU-R 601 for colours, as Pillow does.
func Grey() FolderOption { return func(f *Folder) error { return f.force(pixels.Grey) } }

// RGB makes three channels of every image; those of a grey image are alike.
func RGB() FolderOption { return func(f *Folder) error { return f.force(pixels.RGB) } }

// NumericOrder orders class folders by the numbers in their names: 2 before 10, which is behind it in the order of
// the alphabet.
func NumericOrder() FolderOption {
	return func(f *Folder) error {
		f.numeric = true
		return nil
	}
}

// EmptyClasses makes folders without images count as classes, so that a part of a data set keeps its labels.
func EmptyClasses() FolderOption {
	return func(f *Folder) error {
		f.empty = true
		return nil
	}
}

// Upright turns images the way their EXIF orientation says, as OpenCV's imread and Pillow's ImageOps.exif_transpose
// do. What trains models mostly does not: Pillow, and with it torchvision, and TensorFlow's decode_jpeg leave images as
// they are stored.
func Upright() FolderOption {
	return func(f *Folder) error {
		f.reading.Upright = true
		return nil
	}
}

func (f *Folder) force(c pixels.Channels) error {
	if f.reading.Channels != pixels.AsStored && f.reading.Channels != c {
		return errors.New("generators: image folder: expected either Grey or RGB, found both")
	}
	f.reading.Channels = c
	return nil
}

// ImageFolder returns the image files of a folder as 8-bit images, decoded one by one: PNG, JPEG, WebP, BMP, TIFF,
// GIF, and PPM and PGM in their binary kinds.
//
// Files lie either directly in the folder, and are unlabelled then, or in one folder a class: the label is the index of
// that folder's name among those of all classes in the order of the alphabet, as torchvision's ImageFolder has it, or in
// [NumericOrder] ([Folder.ClassNames]), and files at any depth below it belong to the class. Folders without images
// are no classes, unless [EmptyClasses] is given. Images both directly in the folder and below are an error. Names that
// start with a dot, such as .ipynb_checkpoints, those of bookkeeping, such as __MACOSX, and links to folders below a class
// are passed over. Files of other kinds are left out. [Folder.Notes] tell how many, which folders are no classes, and
// labels that one may not expect. Files are sorted by path.
//
// A grey image has one channel and any other, palettes included, three in RGB order (in BMP and GIF files a palette of all
// greys in order is a grey image), unless [Grey] or [RGB] is given. An
// image with more than 8 bits a channel, transparent pixels or more than fifty million pixels is an error of its seed,
// as is an animation, one of several pages, or a damaged one. Embedded colour profiles are not applied, and EXIF
// orientation is with [Upright] alone, but for TIFF files: all that is as in Pillow. The values of a JPEG can differ from
// those another library finds, by a few grey levels, or by more at sharp edges where its colours are stored coarsely.
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
		found := "none"
		if n := f.unread.count(); n > 0 {
			found = f.unread.String()
		}
		return nil, fmt.Errorf("generators: image folder %s: expected %s files in it or in its folders, one a class, found %s",
			f.where("."), pixels.Formats, found)
	}
	f.paths, f.classes = slices.Clip(f.paths), slices.Clip(f.classes)
	f.turned = make([]atomic.Uint32, len(f.paths))
	return f, nil
}

// list finds the images directly in the folder, then those of each class.
func (f *Folder) list() error {
	entries, err := fs.ReadDir(f.fsys, ".")
	if err != nil {
		return fmt.Errorf("generators: image folder %s: %w", f.where("."), err)
	}
	var folders []string
	var beside leftOut              // in the folder itself
	for _, entry := range entries { // in order of names
		name := entry.Name()
		switch {
		case isBookkeeping(name):
		case isFolder(f.fsys, name, entry):
			folders = append(folders, name)
		case pixels.HasName(name):
			f.paths = append(f.paths, name)
		default:
			beside.add(name)
		}
	}
	if f.numeric {
		slices.SortStableFunc(folders, compareNumbers)
	}
	flat := len(f.paths)
	for _, name := range folders {
		before, images := len(f.paths), f.unread.images
		if err := f.listClass(int32(len(f.names)), name); err != nil {
			return err
		}
		if len(f.paths) == before && f.unread.images == images && !f.empty {
			f.idle = append(f.idle, name)
			continue
		}
		f.names = append(f.names, name)
	}
	if flat > 0 && len(f.paths) > flat {
		return fmt.Errorf("generators: image folder %s: expected images either in it or in its folders, one a class, found %s and %s",
			f.where("."), f.paths[0], f.paths[flat])
	}
	if flat > 0 {
		f.names, f.unread = nil, beside // folders beside images hold something else
		f.idle = nil
		return nil
	}
	f.unread.images += beside.images
	for ending, n := range beside.endings {
		if pixels.IsForeign(ending) {
			f.unread.addSome(ending, n)
		}
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
		case isBookkeeping(entry.Name()):
		case entry.IsDir():
			if err := f.listClass(class, name); err != nil {
				return err
			}
		case pixels.HasName(name):
			f.paths, f.classes = append(f.paths, name), append(f.classes, class)
		default:
			f.unread.add(name)
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

// where is a path as the user knows it.
func (f *Folder) where(name string) string {
	if f.dir == "" {
		return name
	}
	return filepath.Join(f.dir, filepath.FromSlash(name))
}

// ClassNames are the names of the class folders by label, or nil in a flat folder.
func (f *Folder) ClassNames() []string { return slices.Clone(f.names) }

// Len implements [input.Seeds].
func (f *Folder) Len() int { return len(f.paths) }

// Seed implements [input.Seeds].
func (f *Folder) Seed(i int) (input.Seed, error) {
	if err := checkIndex(i, len(f.paths)); err != nil {
		return input.Seed{}, err
	}
	in, err := f.read(f.paths[i])
	if err != nil {
		return input.Seed{}, fmt.Errorf("generators: image %s: %w", f.where(f.paths[i]), err)
	}
	return input.Seed{Input: in, Label: f.label(i), Name: f.paths[i]}, nil
}

func (f *Folder) label(i int) int {
	if f.classes == nil {
		return input.Unlabelled
	}
	return int(f.classes[i])
}

// knownLabels implements labeller.
func (f *Folder) knownLabels() ([]int, error) {
	labels := make([]int, len(f.paths))
	for i := range labels {
		labels[i] = f.label(i)
	}
	return labels, nil
}

func (f *Folder) read(name string) (input.Input, error) {
	content, err := fs.ReadFile(f.fsys, name)
	if err != nil {
		var pathError *fs.PathError
		if errors.As(err, &pathError) {
			err = pathError.Err // the path stands in front already
		}
		return input.Input{}, err
	}
	im, err := pixels.Decode(content, f.reading)
	if err != nil {
		return input.Input{}, err
	}
	return inputOf(im), nil
}

// inputOf is the image as an input.
func inputOf(im pixels.Image) input.Input {
	return input.Input{Shape: []int{im.Height, im.Width, im.Channels}, Data: im.Data, Domain: input.Bytes, Kind: input.Image}
}

// compareNumbers compares names by the numbers in them, and by the alphabet between the numbers.
func compareNumbers(a, b string) int {
	for a != "" && b != "" {
		m, n := leadingDigits(a), leadingDigits(b)
		if m == 0 || n == 0 {
			if a[0] != b[0] {
				return strings.Compare(a, b)
			}
			a, b = a[1:], b[1:]
			continue
		}
		x, y := strings.TrimLeft(a[:m], "0"), strings.TrimLeft(b[:n], "0")
		if len(x) != len(y) {
			return len(x) - len(y)
		}
		if x != y {
			return strings.Compare(x, y)
		}
		a, b = a[m:], b[n:]
	}
	return strings.Compare(a, b)
}

func leadingDigits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}
