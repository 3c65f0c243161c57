package beam

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/pixels"
)

// The formats of [Files].
const (
	Images   = "images"   // image files, one seed each
	NPY      = "npy"      // arrays of NumPy, a seed a row
	NPZ      = "npz"      // archives of them
	TFRecord = "tfrecord" // records of tf.Example, uncompressed
	JSONL    = "jsonl"    // JSON lines, with bytes in base64
)

// Files is a source of files, wherever Beam's file systems reach.
type Files struct {
	// Format is one of the formats. "" means Images.
	Format string `json:"format,omitempty"`
	// Paths are files or globs of files, as path.Match has them, such as gs://bucket/validation-*.npz. A path of Images may be a folder: images lie in it, or
	// in folders in it, one a class, whose label is the position of its name in the order of the alphabet, as [generators.ImageFolder] has it.
	Paths []string `json:"paths"`
	// Key names what holds a seed: the array of an NPZ file, which may be left out where there is one alone; the feature of an example, "" for
	// image/encoded; the field of a line, "" for image.
	Key string `json:"key,omitempty"`
	// Label names what holds the class, likewise: "" means none in an NPZ file, image/class/label in an example and label in a line. An example or a
	// line without it has no label.
	Label string `json:"label,omitempty"`
	// Shape is that of bytes that are pixels, height, width and channels. Without it they are files, such as PNG or JPEG.
	Shape []int `json:"shape,omitempty"`
	// Channels is "grey" or "rgb" for images that all get as many channels; "" leaves them as they are stored.
	Channels string `json:"channels,omitempty"`
	// ClassNames are the names by label, where files do not tell them.
	ClassNames []string `json:"class_names,omitempty"`
}

var _ Source = Files{}

func (f Files) check() error {
	switch {
	case !slices.Contains([]string{"", Images, NPY, NPZ, TFRecord, JSONL}, f.Format):
		return fmt.Errorf("beam: Files: Format is %q; expected %s, %s, %s, %s or %s", f.Format, Images, NPY, NPZ, TFRecord, JSONL)
	case len(f.Paths) == 0:
		return errors.New("beam: Files: Paths is empty; expected files, globs or a folder of images")
	case !slices.Contains([]string{"", "grey", "rgb"}, f.Channels):
		return fmt.Errorf("beam: Files: Channels is %q; expected grey, rgb, or none", f.Channels)
	case f.Shape != nil && (len(f.Shape) != 3 || slices.Min(f.Shape) < 1 || slices.Max(f.Shape) > pixels.MostPixels || f.Shape[0]*f.Shape[1] > pixels.MostPixels):
		return fmt.Errorf("beam: Files: Shape is %v; expected height, width and channels", f.Shape)
	}
	return nil
}

// List implements [Source]. Files that hold many seeds are read to count them, several at a time.
func (f Files) List(ctx context.Context) (Listing, error) {
	if err := f.check(); err != nil {
		return Listing{}, err
	}
	l := Listing{ClassNames: slices.Clone(f.ClassNames)}
	for _, p := range f.Paths {
		if err := f.listPath(ctx, p, &l); err != nil {
			return Listing{}, fmt.Errorf("beam: %w", err)
		}
	}
	if f.Format == "" || f.Format == Images {
		return l, nil
	}
	errs := make([]error, len(l.Parts))
	var wait sync.WaitGroup
	turns := make(chan struct{}, mostOpen)
	for i := range l.Parts {
		turns <- struct{}{}
		wait.Go(func() {
			defer func() { <-turns }()
			seeds, err := f.open(ctx, l.Parts[i].Path)
			if errs[i] = err; err == nil {
				l.Parts[i].Seeds = seeds.Len()
			}
		})
	}
	wait.Wait()
	return l, errors.Join(errs...)
}

func (f Files) listPath(ctx context.Context, p string, l *Listing) error {
	images := f.Format == "" || f.Format == Images
	isGlob := strings.ContainsAny(p, "*?[")
	if !isGlob && images && !pixels.HasName(p) {
		return f.listFolder(ctx, strings.TrimRight(p, "/"), l)
	}
	files := []string{p}
	if isGlob {
		found, err := list(ctx, p)
		if err != nil {
			return err
		}
		files = found
		slices.Sort(files)
	}
	before := len(l.Parts)
	for _, file := range files {
		if strings.HasPrefix(path.Base(file), ".") || images && !pixels.HasName(file) {
			continue
		}
		part := Part{Path: file}
		if images {
			part.Name, part.Label, part.Seeds = path.Base(file), input.Unlabelled, 1
		}
		l.Parts = append(l.Parts, part)
	}
	if len(l.Parts) == before {
		return fmt.Errorf("%s: expected files of the format %s, found none", p, cmp.Or(f.Format, Images))
	}
	return nil
}

// listFolder lists a folder of images, or of a folder a class.
func (f Files) listFolder(ctx context.Context, root string, l *Listing) error {
	flat, err := list(ctx, root+"/*")
	if err != nil {
		return err
	}
	below, err := list(ctx, root+"/*/*")
	if err != nil {
		return err
	}
	isImage := func(file string) bool {
		name := strings.TrimPrefix(file, root+"/")
		return pixels.HasName(name) && !strings.HasPrefix(name, ".") && !strings.HasPrefix(path.Base(name), ".")
	}
	flat = slices.DeleteFunc(flat, func(file string) bool {
		return !isImage(file) || strings.Contains(strings.TrimPrefix(file, root+"/"), "/")
	})
	below = slices.DeleteFunc(below, func(file string) bool { return !isImage(file) })
	switch {
	case len(flat) > 0 && len(below) > 0:
		return fmt.Errorf("%s: expected images either in it or in its folders, one a class, found %s and %s", root, flat[0], below[0])
	case len(flat)+len(below) == 0:
		return fmt.Errorf("%s: expected %s files in it or in its folders, one a class, found none", root, pixels.Formats)
	}
	slices.Sort(flat)
	for _, file := range flat {
		l.Parts = append(l.Parts, Part{Path: file, Name: path.Base(file), Label: input.Unlabelled, Seeds: 1})
	}
	if len(below) == 0 {
		return nil
	}
	if len(f.Paths) > 1 {
		return fmt.Errorf("%s: expected one path where folders are classes, found %d paths", root, len(f.Paths))
	}
	labels := map[string]int{}
	for _, file := range below {
		labels[path.Base(path.Dir(file))] = 0
	}
	l.ClassNames = slices.Sorted(maps.Keys(labels))
	for i, name := range l.ClassNames {
		labels[name] = i
	}
	if f.ClassNames != nil {
		l.ClassNames = slices.Clone(f.ClassNames)
		for name := range labels {
			if labels[name] = slices.Index(f.ClassNames, name); labels[name] < 0 {
				return fmt.Errorf("%s: expected a folder for each class name, found the folder %s without one", root, name)
			}
		}
	}
	slices.SortFunc(below, func(a, b string) int { // classes first, as folders are read: "a" before "a-b", though "a/" comes after "a-b/"
		return cmp.Or(strings.Compare(path.Base(path.Dir(a)), path.Base(path.Dir(b))), strings.Compare(a, b))
	})
	for _, file := range below {
		class := path.Base(path.Dir(file))
		l.Parts = append(l.Parts, Part{Path: file, Name: class + "/" + path.Base(file), Label: labels[class], Seeds: 1})
	}
	return nil
}

// Open implements [Source].
func (f Files) Open(ctx context.Context, part Part) (input.Seeds, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	if f.Format != "" && f.Format != Images {
		return f.open(ctx, part.Path)
	}
	content, err := readFile(ctx, part.Path)
	if err != nil {
		return nil, fmt.Errorf("beam: %w", err)
	}
	return records{{name: part.Name, label: part.Label, content: content, of: f}}, nil
}

// open reads a file of many seeds into memory.
func (f Files) open(ctx context.Context, file string) (input.Seeds, error) {
	content, err := readFile(ctx, file)
	if err != nil {
		return nil, fmt.Errorf("beam: %w", err)
	}
	name := path.Base(file)
	var seeds input.Seeds
	switch f.Format {
	case NPY:
		seeds, err = generators.NPYFS(oneFile{name, content}, name)
	case NPZ:
		var options []generators.ArrayOption
		if f.Label != "" {
			options = append(options, generators.LabelKey(f.Label))
		}
		seeds, err = generators.NPZFS(oneFile{name, content}, name, f.Key, options...)
	case TFRecord:
		seeds, err = f.tfRecords(name, content)
	default:
		seeds, err = f.jsonLines(name, content)
	}
	if err != nil {
		return nil, fmt.Errorf("beam: %s: %w", file, err)
	}
	return seeds, nil
}

// records are seeds that are decoded when their turn comes.
type records []record

type record struct {
	name    string
	label   int
	content []byte
	err     error // why it is none
	of      Files
}

// Len implements [input.Seeds].
func (r records) Len() int { return len(r) }

// Seed implements [input.Seeds].
func (r records) Seed(i int) (input.Seed, error) {
	x := r[i]
	if x.err != nil {
		return input.Seed{}, fmt.Errorf("beam: %s: %w", x.name, x.err)
	}
	if s := x.of.Shape; s != nil {
		if want := s[0] * s[1] * s[2]; len(x.content) != want {
			return input.Seed{}, fmt.Errorf("beam: %s: expected %d bytes for the shape %v, found %d", x.name, want, s, len(x.content))
		}
		in, err := input.NewImage(s[0], s[1], s[2], x.content)
		if err != nil {
			return input.Seed{}, fmt.Errorf("beam: %s: %w", x.name, err)
		}
		return input.Seed{Input: in, Label: x.label, Name: x.name}, nil
	}
	var options []generators.FolderOption
	switch x.of.Channels {
	case "grey":
		options = append(options, generators.Grey())
	case "rgb":
		options = append(options, generators.RGB())
	}
	const name = "image.png" // the content says which format it is
	folder, err := generators.ImageFolderFS(oneFile{name, x.content}, options...)
	if err != nil {
		return input.Seed{}, err
	}
	seed, err := folder.Seed(0)
	if err != nil {
		return input.Seed{}, errors.New(strings.Replace(err.Error(), "generators: image "+name+":", "beam: "+x.name+":", 1))
	}
	seed.Label, seed.Name = x.label, x.name
	return seed, nil
}

// oneFile is a file system of one file.
type oneFile struct {
	name    string
	content []byte
}

// Open implements [fs.FS].
func (o oneFile) Open(name string) (fs.File, error) {
	switch name {
	case ".":
		return &oneFolder{file: o}, nil
	case o.name:
		return &openFile{o, bytes.NewReader(o.content)}, nil
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// openFile is the file, open.
type openFile struct {
	oneFile
	*bytes.Reader
}

func (f *openFile) Stat() (fs.FileInfo, error) { return fileInfo{f.oneFile, false}, nil }
func (f *openFile) Close() error               { return nil }

// oneFolder is the root of the file system, open.
type oneFolder struct {
	file oneFile
	read bool
}

func (d *oneFolder) Stat() (fs.FileInfo, error) { return fileInfo{oneFile{name: "."}, true}, nil }
func (d *oneFolder) Close() error               { return nil }
func (d *oneFolder) Read([]byte) (int, error)   { return 0, errors.New("it is a folder") }

// ReadDir implements [fs.ReadDirFile].
func (d *oneFolder) ReadDir(n int) ([]fs.DirEntry, error) {
	if d.read {
		if n > 0 {
			return nil, io.EOF
		}
		return nil, nil
	}
	d.read = true
	return []fs.DirEntry{fs.FileInfoToDirEntry(fileInfo{d.file, false})}, nil
}

// fileInfo tells of either.
type fileInfo struct {
	oneFile
	folder bool
}

func (i fileInfo) Name() string       { return i.name }
func (i fileInfo) Size() int64        { return int64(len(i.content)) }
func (i fileInfo) ModTime() time.Time { return time.Time{} }
func (i fileInfo) IsDir() bool        { return i.folder }
func (i fileInfo) Sys() any           { return nil }

func (i fileInfo) Mode() fs.FileMode {
	if i.folder {
		return fs.ModeDir | 0o555
	}
	return 0o444
}
