package beam

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"time"
)

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
