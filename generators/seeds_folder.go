package generators

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync/atomic"

	"github.com/triggerfinder/triggerfinder/generators/internal/classfolders"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/pixels"
)

// Folder is seeds made of image files. [ImageFolder] and [ImageFolderFS] make one.
type Folder struct {
	fsys    fs.FS
	files   *classfolders.Listing
	reading pixels.Reading
	order   classfolders.Order
	turned  []atomic.Uint32 // by path, its EXIF orientation once it is known, else 0
}

var (
	_ input.Seeds      = (*Folder)(nil)
	_ input.ClassNamer = (*Folder)(nil)
	_ input.Noted      = (*Folder)(nil)
	_ partly           = (*Folder)(nil)
)

// FolderOption is an option of [ImageFolder].
type FolderOption interface {
	OpenOption
	OfImages()
}

// folderSetting is an option of image folders alone.
type folderSetting func(*Folder) error

// OfImages implements [FolderOption].
func (folderSetting) OfImages() {}

// OfOpen implements [OpenOption].
func (folderSetting) OfOpen() {}

// ClassOption is an option about the folders of classes, whatever lies in them: of [ImageFolder], signal.Folder, tokens.Folder and [Open].
type ClassOption = classfolders.Option

// Grey makes one channel of every image, with the luma of ITU-R 601 for colours, as Pillow does.
func Grey() FolderOption {
	return folderSetting(func(f *Folder) error { return f.force(pixels.Grey) })
}

// RGB makes three channels of every image; those of a grey image are alike.
func RGB() FolderOption {
	return folderSetting(func(f *Folder) error { return f.force(pixels.RGB) })
}

// NumericOrder orders class folders by the numbers in their names: 2 before 10, which is behind it in the order of
// the alphabet.
func NumericOrder() ClassOption { return func(o *classfolders.Order) { o.NumericOrder = true } }

// EmptyClasses makes folders without files that are read count as classes, so that a part of a data set keeps its labels.
func EmptyClasses() ClassOption { return func(o *classfolders.Order) { o.EmptyClasses = true } }

// Upright turns images the way their EXIF orientation says, as OpenCV's imread and Pillow's ImageOps.exif_transpose
// do. What trains models mostly does not: Pillow, and with it torchvision, and TensorFlow's decode_jpeg leave images as
// they are stored.
func Upright() FolderOption {
	return folderSetting(func(f *Folder) error {
		f.reading.Upright = true
		return nil
	})
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
	f := &Folder{fsys: fsys}
	for _, option := range options {
		switch o := option.(type) {
		case folderSetting:
			if err := o(f); err != nil {
				return nil, err
			}
		case ClassOption:
			o(&f.order)
		default:
			return nil, fmt.Errorf("generators: image folder %s: expected options of image folders, found %T", dir, option)
		}
	}
	files, err := f.list(dir)
	if err == nil {
		err = files.CheckAny()
	}
	if err != nil {
		return nil, err
	}
	f.files, f.turned = files, make([]atomic.Uint32, len(files.Paths))
	return f, nil
}

// list finds the images.
func (f *Folder) list(dir string) (*classfolders.Listing, error) {
	return classfolders.List(f.fsys, dir, classfolders.What{
		Source: "generators: image folder", One: "an image", Many: "images", Formats: pixels.Formats,
		Reads: pixels.HasName, Foreign: pixels.IsForeign, Order: f.order,
	})
}

// ClassNames are the names of the class folders by label, or nil in a flat folder.
func (f *Folder) ClassNames() []string { return slices.Clone(f.files.Names) }

// Len implements [input.Seeds].
func (f *Folder) Len() int { return len(f.files.Paths) }

// Seed implements [input.Seeds].
func (f *Folder) Seed(i int) (input.Seed, error) {
	if err := checkIndex(i, len(f.files.Paths)); err != nil {
		return input.Seed{}, err
	}
	in, err := f.read(f.files.Paths[i])
	if err != nil {
		return input.Seed{}, fmt.Errorf("generators: image %s: %w", f.files.Where(f.files.Paths[i]), err)
	}
	return input.Seed{Input: in, Label: f.label(i), Name: f.files.Paths[i]}, nil
}

func (f *Folder) label(i int) int {
	if label, ok := f.files.Label(i); ok {
		return label
	}
	return input.Unlabelled
}

// knownLabels implements labeller.
func (f *Folder) knownLabels() ([]int, error) {
	labels := make([]int, len(f.files.Paths))
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
