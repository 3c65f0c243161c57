package beam

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/pixels"
)

// The formats of [Files].
const (
	Images   = "images"   // image files, one seed each
	NPY      = "npy"      // arrays of NumPy, a seed a row
	NPZ      = "npz"      // archives of them
	TFRecord = "tfrecord" // records of tf.Example, as they are or packed by TensorFlow's options GZIP or ZLIB
	JSONL    = "jsonl"    // JSON lines, with bytes in base64, as they are or packed by gzip or zstd
	Parquet  = "parquet"  // columns of bytes and classes, as data sets of Hugging Face have them
)

// Files is a source of files, wherever Beam's file systems reach.
type Files struct {
	// Format is one of the formats. "" means Images.
	Format string `json:"format,omitempty"`
	// Paths are files or globs of files, as path.Match has them, such as gs://bucket/validation-*.npz. A path of Images may be a folder: images lie in it, or
	// in folders in it, one a class, whose label is the position of its name in the order of the alphabet, as [generators.ImageFolder] has it.
	Paths []string `json:"paths"`
	// Key names what holds a seed: the array of an NPZ file, which may be left out where there is one alone; the feature of an example, "" for
	// image/encoded; the field of a line or the column, "" for image.
	Key string `json:"key,omitempty"`
	// Label names what holds the class, likewise: "" means none in an NPZ file, image/class/label in an example and label in a line or a column. What is
	// without it has no label.
	Label string `json:"label,omitempty"`
	// Shape is that of bytes that are pixels, height, width and channels. Without it they are files, such as PNG or JPEG.
	Shape []int `json:"shape,omitempty"`
	// Channels is "grey" or "rgb" for images that all get as many channels; "" leaves them as they are stored.
	Channels string `json:"channels,omitempty"`
	// ClassNames are the names by label, where files do not tell them, as folders and data sets of Hugging Face do.
	ClassNames []string `json:"class_names,omitempty"`
}

var _ Source = Files{}

func (f Files) check() error {
	switch {
	case !slices.Contains([]string{"", Images, NPY, NPZ, TFRecord, JSONL, Parquet}, f.Format):
		return fmt.Errorf("beam: Files: Format is %q; expected %s, %s, %s, %s, %s or %s", f.Format, Images, NPY, NPZ, TFRecord, JSONL, Parquet)
	case len(f.Paths) == 0:
		return errors.New("beam: Files: Paths is empty; expected files, globs or a folder of images")
	case !slices.Contains([]string{"", "grey", "rgb"}, f.Channels):
		return fmt.Errorf("beam: Files: Channels is %q; expected grey, rgb, or none", f.Channels)
	case f.Shape != nil && (len(f.Shape) != 3 || slices.Min(f.Shape) < 1 || slices.Max(f.Shape) > pixels.MostPixels || f.Shape[0]*f.Shape[1] > pixels.MostPixels):
		return fmt.Errorf("beam: Files: Shape is %v; expected height, width and channels", f.Shape)
	}
	return nil
}

// List implements [Source]. Of arrays and Parquet it reads what says how many there are; files of records are read once, several at a time, to count them.
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
	open := f.container()
	if open == nil {
		return l, nil
	}
	files := l.Parts
	found := make([]Listing, len(files))
	errs := make([]error, len(files))
	var wait sync.WaitGroup
	turns := make(chan struct{}, mostOpen)
	for i, file := range files {
		turns <- struct{}{}
		wait.Go(func() {
			defer func() { <-turns }()
			found[i], errs[i] = open.list(ctx, file.Path)
			if errs[i] = about(file.Path, errs[i]); errs[i] != nil {
				errs[i] = fmt.Errorf("beam: %w", errs[i])
			}
		})
	}
	wait.Wait()
	if err := errors.Join(errs...); err != nil {
		return Listing{}, err
	}
	l.Parts = nil
	for i, of := range found {
		l.Parts = append(l.Parts, of.Parts...)
		switch {
		case f.ClassNames != nil:
		case i == 0:
			l.ClassNames = of.ClassNames
		case !slices.Equal(of.ClassNames, l.ClassNames):
			return Listing{}, fmt.Errorf("beam: %s: expected the class names of %s, %q, found %q", files[i].Path, files[0].Path, l.ClassNames, of.ClassNames)
		}
	}
	return l, nil
}

// container is a format whose files hold many seeds.
type container interface {
	// list divides a file into parts.
	list(ctx context.Context, file string) (Listing, error)
	// open reads a part into memory.
	open(ctx context.Context, part Part) (input.Seeds, error)
}

// container is nil for files that are one seed each.
func (f Files) container() container {
	switch f.Format {
	case NPY, NPZ:
		return arrayFiles{f}
	case TFRecord:
		return exampleFiles{f}
	case JSONL:
		return lineFiles{f}
	case Parquet:
		return parquetFiles{f}
	}
	return nil
}

// A part of a file holds no more seeds, nor more bytes unless one seed alone does.
const (
	mostOfAPart      = DefaultSeedsAtOnce
	mostBytesOfAPart = 16 << 20
)

// cutter divides a file of records into parts as they are read.
type cutter struct {
	file   string
	packed string
	parts  []Part
}

// add is told of each record in turn, with its number and where it lies.
func (c *cutter) add(number int, offset, size int64) {
	if n := len(c.parts); n > 0 {
		if p := &c.parts[n-1]; p.Seeds < mostOfAPart && offset+size-p.Offset <= mostBytesOfAPart {
			p.Seeds++
			p.Bytes = offset + size - p.Offset
			return
		}
	}
	c.parts = append(c.parts, Part{Path: c.file, Seeds: 1, Offset: offset, Bytes: size, First: number, Packed: c.packed})
}

// rowParts divides a file, or the rows of it from one on, into parts of as many rows as fit.
func rowParts(file string, first, rows int, bytesOfARow int64) (parts []Part) {
	most := int(max(1, min(mostOfAPart, mostBytesOfAPart/max(1, bytesOfARow))))
	for n := 0; n < rows; n += most {
		parts = append(parts, Part{Path: file, First: first + n, Seeds: min(most, rows-n)})
	}
	return parts
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
	if c := f.container(); c != nil {
		seeds, err := c.open(ctx, part)
		if err != nil {
			return nil, fmt.Errorf("beam: %w", about(part.Path, err))
		}
		return seeds, nil
	}
	content, err := readFile(ctx, part.Path)
	if err != nil {
		return nil, fmt.Errorf("beam: %w", err)
	}
	return records{{name: part.Name, label: part.Label, content: content, of: f}}, nil
}
