package beam

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/npy"
)

// arrayFiles hold an array whose rows are seeds: NPY files, and NPZ files, which may hold labels in another one. The rows of a part are read alone, and made an array of
// their own for package generators. In a file that is packed those before them are unpacked and dropped.
type arrayFiles struct{ of Files }

func (a arrayFiles) list(ctx context.Context, file string) (Listing, error) {
	f, err := openBlob(ctx, file)
	if err != nil {
		return Listing{}, err
	}
	defer func() { _ = f.Close() }()
	arrays, err := a.arrays(f)
	if err != nil {
		return Listing{}, err
	}
	h := arrays[0].header
	if len(h.Shape) == 0 {
		return Listing{}, fmt.Errorf("shape %v: expected [n, …]", h.Shape)
	}
	n, bytesOfARow := h.Shape[0], arrays[0].bytesOfARow()
	for _, other := range arrays[1:] {
		if len(other.header.Shape) == 0 || other.header.Shape[0] != n {
			return Listing{}, fmt.Errorf("array %q: expected %d labels, one a seed, found the shape %v", other.name, n, other.header.Shape)
		}
	}
	l := Listing{Parts: rowParts(file, 0, n, bytesOfARow)}
	_, err = a.seeds(f, l.Parts[0]) // what cannot be read is better said now
	return l, err
}

func (a arrayFiles) open(ctx context.Context, part Part) (input.Seeds, error) {
	f, err := openBlob(ctx, part.Path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return a.seeds(f, part)
}

// storedArray is an array of a file.
type storedArray struct {
	name   string // in an archive, without .npy
	header npy.Header
	open   func() (io.ReadCloser, error) // from its header on
}

func (s storedArray) bytesOfARow() int64 {
	total, _ := s.header.Bytes() // it was checked
	return total / int64(s.header.Shape[0])
}

// arrays are that of the seeds and, where they are asked for, that of the labels.
func (a arrayFiles) arrays(f blob) ([]storedArray, error) {
	if a.of.Format == NPY {
		open := func() (io.ReadCloser, error) {
			return io.NopCloser(io.NewSectionReader(f, 0, f.size)), nil
		}
		s, err := newStoredArray("", open, f.size, false)
		return []storedArray{s}, err
	}
	archive, err := npy.OpenArchive(f, f.size) // it knows what may be wrong with one
	if err != nil {
		return nil, err
	}
	files, err := zip.NewReader(f, f.size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, err
	}
	var arrays []storedArray
	keys := []string{a.of.Key}
	if a.of.Label != "" {
		keys = append(keys, a.of.Label)
	}
	for _, key := range keys {
		name, err := archive.Find(key)
		if err != nil {
			return nil, err
		}
		file := files.File[slices.Index(archive.Names(), name)]
		open := file.Open
		if file.Method == zip.Store {
			open = func() (io.ReadCloser, error) {
				offset, err := file.DataOffset()
				return io.NopCloser(io.NewSectionReader(f, offset, int64(file.CompressedSize64))), err
			}
		}
		s, err := newStoredArray(name, open, int64(file.UncompressedSize64), true)
		if err != nil {
			return nil, fmt.Errorf("array %q: %w", name, err)
		}
		arrays = append(arrays, s)
	}
	return arrays, nil
}

func newStoredArray(name string, open func() (io.ReadCloser, error), size int64, exact bool) (storedArray, error) {
	r, err := open()
	if err != nil {
		return storedArray{}, err
	}
	defer func() { _ = r.Close() }()
	h, err := npy.ReadHeader(r)
	if err == nil {
		err = h.CheckBytes(size-h.Size, exact)
	}
	return storedArray{name, h, open}, err
}

// rows are those of a part, as an array of their own.
func (s storedArray) rows(part Part) (npy.Array, error) {
	h, want := s.header, s.header
	if h.Shape[0] < part.First+part.Seeds {
		return npy.Array{}, fmt.Errorf("expected %d rows or more, as when it was listed, found %d", part.First+part.Seeds, h.Shape[0])
	}
	from, size := s.bytesOfARow()*int64(part.First), s.bytesOfARow()*int64(part.Seeds)
	want.Shape = slices.Concat([]int{part.Seeds}, h.Shape[1:])
	if h.Fortran && len(h.Shape) > 1 { // a row lies all over it
		total, err := h.Bytes()
		if err != nil {
			return npy.Array{}, err
		}
		values, err := s.read(0, total)
		if err != nil {
			return npy.Array{}, err
		}
		return ordered(want, h.RowMajor(values)[from:from+size]), nil
	}
	values, err := s.read(from, size)
	return ordered(want, values), err
}

// read reads values from one on, in bytes.
func (s storedArray) read(from, size int64) ([]byte, error) {
	r, err := s.open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	from += s.header.Size
	if seeker, ok := r.(io.Seeker); ok {
		_, err = seeker.Seek(from, io.SeekStart)
	} else {
		_, err = io.CopyN(io.Discard, r, from)
	}
	if err != nil {
		return nil, fmt.Errorf("expected packed values: %w", err)
	}
	var values bytes.Buffer // grows as values come: a damaged header does not fill the memory
	if _, err := io.CopyN(&values, r, size); err != nil {
		return nil, fmt.Errorf("expected %d bytes of values, found %d: %w", size, values.Len(), err)
	}
	return values.Bytes(), nil
}

// ordered is an array of values that lie row by row, in the order of bytes that arrays in memory have.
func ordered(h npy.Header, values []byte) npy.Array {
	if size := h.DType.Size(); h.BigEndian && size > 1 {
		for one := range slices.Chunk(values, size) {
			slices.Reverse(one)
		}
	}
	return npy.Array{DType: h.DType, Shape: h.Shape, Data: values}
}

func (a arrayFiles) seeds(f blob, part Part) (input.Seeds, error) {
	arrays, err := a.arrays(f)
	if err != nil {
		return nil, err
	}
	var rows []npy.Array
	for _, s := range arrays {
		r, err := s.rows(part)
		if err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	name := path.Base(part.Path)
	if a.of.Format == NPY {
		content, err := rows[0].Encode()
		if err != nil {
			return nil, err
		}
		seeds, err := generators.NPYFS(oneFile{name, content}, name)
		return numbered{seeds, part.First}, err
	}
	var content bytes.Buffer
	z := zip.NewWriter(&content)
	for i, r := range rows {
		w, err := z.CreateHeader(&zip.FileHeader{Name: arrays[i].name + ".npy", Method: zip.Store})
		if err != nil {
			return nil, err
		}
		data, err := r.Encode()
		if err == nil {
			_, err = w.Write(data)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	var options []generators.ArrayOption
	if a.of.Label != "" {
		options = append(options, generators.LabelKey(a.of.Label))
	}
	seeds, err := generators.NPZFS(oneFile{name, content.Bytes()}, name, cmp.Or(a.of.Key, arrays[0].name), options...)
	return numbered{seeds, part.First}, err
}

// numbered are seeds whose names and errors have the number of a row in brackets, counted from another one on.
type numbered struct {
	input.Seeds
	first int
}

// Seed implements [input.Seeds].
func (n numbered) Seed(i int) (input.Seed, error) {
	seed, err := n.Seeds.Seed(i)
	old, number := fmt.Sprintf("[%d]", i), fmt.Sprintf("[%d]", n.first+i)
	if err != nil {
		return input.Seed{}, errors.New(strings.Replace(err.Error(), old+":", number+":", 1))
	}
	if name, found := strings.CutSuffix(seed.Name, old); found {
		seed.Name = name + number
	}
	return seed, nil
}
