package generators

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/vec"
)

// IDX returns the images of a file in the format of MNIST: unsigned bytes of rank 3 (images,
// height, width) or 4 (images, height, width, channels). Labels come from a second file, of rank
// 1, or are unknown when labelsPath is empty. Both files may be compressed with gzip, which is
// recognised by its content; a compressed file is unpacked into memory, a plain one is read image by
// image.
func IDX(imagesPath, labelsPath string) (input.Seeds, error) {
	return newIDX(openFile, imagesPath, labelsPath)
}

// IDXFS is [IDX] on a file system, such as an embedded one. It reads both files into memory.
func IDXFS(fsys fs.FS, imagesPath, labelsPath string) (input.Seeds, error) {
	open := func(path string) (blob, error) { return openFileIn(fsys, path) }
	return newIDX(open, imagesPath, labelsPath)
}

func newIDX(open func(path string) (blob, error), imagesPath, labelsPath string) (input.Seeds, error) {
	images, err := open(imagesPath)
	if err != nil {
		return nil, err
	}
	seeds, err := parseIDXImages(images)
	if err != nil {
		return nil, err
	}
	if labelsPath == "" {
		return seeds, nil
	}
	labels, err := open(labelsPath)
	if err != nil {
		return nil, err
	}
	if seeds.labels, err = parseIDXLabels(labels); err != nil {
		return nil, err
	}
	if err := checkLabels(labelsPath, seeds.labels, seeds.n); err != nil {
		return nil, err
	}
	return seeds, nil
}

func parseIDXImages(file blob) (*array, error) {
	idx, err := parseIDX(file)
	if err != nil {
		return nil, err
	}
	if len(idx.dims) != 3 && len(idx.dims) != 4 {
		return nil, fmt.Errorf("generators: %s: expected images, rank 3 or 4, found rank %d", file.name, len(idx.dims))
	}
	shape := idx.dims[1:]
	if len(shape) == 2 {
		shape = append(shape, 1)
	}
	rowSize, _ := volume(shape...)
	return &array{content: idx.content, offset: idx.offset, n: idx.dims[0], rowSize: int(rowSize),
		decode: vec.BytesToFloats, shape: shape, domain: input.Bytes, kind: input.Image}, nil
}

func parseIDXLabels(file blob) ([]int, error) {
	idx, err := parseIDX(file)
	if err != nil {
		return nil, err
	}
	if len(idx.dims) != 1 {
		return nil, fmt.Errorf("generators: %s: expected labels, rank 1, found rank %d", file.name, len(idx.dims))
	}
	classes := make([]byte, idx.dims[0])
	if err := readRow(idx.content, classes, idx.offset, 0); err != nil {
		return nil, err
	}
	labels := make([]int, len(classes))
	for i, class := range classes {
		labels[i] = int(class)
	}
	return labels, nil
}

// idxArray is an IDX file after its header was read.
type idxArray struct {
	dims    []int
	content blob
	offset  int64 // of the first value in content
}

func parseIDX(file blob) (idxArray, error) {
	magic := make([]byte, 2)
	if n, err := file.ReadAt(magic, 0); n < 2 && !errors.Is(err, io.EOF) {
		return idxArray{}, fmt.Errorf("generators: %w", err)
	}
	if magic[0] == 0x1f && magic[1] == 0x8b {
		return unpackIDX(file)
	}
	dims, size, err := readIDXHeader(file.reader(0))
	if err != nil {
		return idxArray{}, fmt.Errorf("generators: %s: %w", file.name, err)
	}
	offset := idxHeaderSize(dims)
	return idxArray{dims, file, offset}, checkIDXSize(file.name, dims, size, file.size-offset)
}

// unpackIDX unpacks no more than the header promises: a damaged file must not fill the memory.
func unpackIDX(file blob) (idxArray, error) {
	packed, err := gzip.NewReader(bufio.NewReader(file.reader(0)))
	if err != nil {
		return idxArray{}, fmt.Errorf("generators: %s: expected gzip data: %w", file.name, err)
	}
	dims, size, err := readIDXHeader(packed)
	if err != nil {
		return idxArray{}, fmt.Errorf("generators: %s: %w", file.name, err)
	}
	values, err := io.ReadAll(io.LimitReader(packed, size+1))
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return idxArray{}, fmt.Errorf("generators: %s: expected gzip data: %w", file.name, err)
	}
	return idxArray{dims: dims, content: inMemory(file.name, values)},
		checkIDXSize(file.name, dims, size, int64(len(values)))
}

// readIDXHeader reads the dimensions and their product.
func readIDXHeader(r io.Reader) (dims []int, size int64, err error) {
	var magic [4]byte
	if _, err := io.ReadFull(r, magic[:]); err != nil {
		return nil, 0, fmt.Errorf("expected an IDX header of at least 4 bytes: %w", err)
	}
	const unsignedByte = 0x08
	if magic[0] != 0 || magic[1] != 0 || magic[2] != unsignedByte {
		return nil, 0, fmt.Errorf("expected an IDX file of unsigned bytes, which starts 00 00 08, found % x", magic[:3])
	}
	dims = make([]int, magic[3])
	for i := range dims {
		var d [4]byte
		if _, err := io.ReadFull(r, d[:]); err != nil {
			return nil, 0, fmt.Errorf("expected an IDX header with %d dimensions, found %d: %w", len(dims), i, err)
		}
		dims[i] = int(binary.BigEndian.Uint32(d[:]))
		if dims[i] < 1 {
			return nil, 0, fmt.Errorf("IDX dimension %d: expected at least 1, found %d", i, dims[i])
		}
	}
	size, ok := volume(dims...)
	if !ok || len(dims) == 0 {
		return nil, 0, fmt.Errorf("IDX dimensions %v: expected the sizes of an array in the file", dims)
	}
	return dims, size, nil
}

func idxHeaderSize(dims []int) int64 { return int64(4 + 4*len(dims)) }

func checkIDXSize(name string, dims []int, want, found int64) error {
	header := idxHeaderSize(dims)
	switch {
	case found < want:
		return fmt.Errorf("generators: %s: dimensions %v: expected %d bytes, found %d: the file is truncated",
			name, dims, header+want, header+found)
	case found > want:
		return fmt.Errorf("generators: %s: dimensions %v: expected %d bytes, found more", name, dims, header+want)
	}
	return nil
}
