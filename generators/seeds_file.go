package generators

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
)

// blob is the content of a file, read piecewise and from several goroutines at once.
type blob struct {
	io.ReaderAt
	name string // for errors: the path as the user gave it
	size int64
}

// openFile makes a blob of a file, which is opened for each read: seeds have no Close, and a file
// held open cannot be removed on Windows.
func openFile(path string) (blob, error) {
	info, err := os.Stat(path)
	if err != nil {
		return blob{}, fmt.Errorf("generators: %w", err)
	}
	if !info.Mode().IsRegular() {
		return blob{}, fmt.Errorf("generators: %s: expected a file, found %s", path, kindOf(info))
	}
	b := blob{ReaderAt: reopened(path), name: path, size: info.Size()}
	// Whether it may be read is better said now than for each seed.
	if _, err := b.ReadAt(make([]byte, 1), 0); err != nil && !errors.Is(err, io.EOF) {
		return blob{}, fmt.Errorf("generators: %w", err)
	}
	return b, nil
}

// openFileIn reads a file of a file system, such as an embedded one, into memory.
func openFileIn(fsys fs.FS, path string) (blob, error) {
	content, err := fs.ReadFile(fsys, path)
	if err != nil {
		return blob{}, fmt.Errorf("generators: %w", err)
	}
	return inMemory(path, content), nil
}

func inMemory(name string, content []byte) blob {
	return blob{ReaderAt: bytes.NewReader(content), name: name, size: int64(len(content))}
}

func kindOf(info fs.FileInfo) string {
	if info.IsDir() {
		return "a folder"
	}
	return "neither file nor folder (" + info.Mode().Type().String() + ")"
}

// reopened is the path of a file that is opened for each read.
type reopened string

// ReadAt implements [io.ReaderAt].
func (path reopened) ReadAt(p []byte, offset int64) (int, error) {
	f, err := os.Open(string(path))
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }()
	return f.ReadAt(p, offset)
}

// reader reads the blob from an offset to its end.
func (b blob) reader(offset int64) io.Reader {
	return io.NewSectionReader(b, offset, b.size-offset)
}

// volume multiplies dimensions. It reports false when one is negative or the product does not fit,
// as in the header of a damaged file.
func volume(dims ...int) (int64, bool) {
	n := int64(1)
	for _, d := range dims {
		if d < 0 || d > 0 && n > math.MaxInt64/int64(d) {
			return 0, false
		}
		n *= int64(d)
	}
	return n, true
}
