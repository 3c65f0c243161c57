package predictor

import (
	"bytes"
	"fmt"
)

// FileFormat is a format of files that are taken for models of a runtime: the bytes that such a file has at a place, and what it is, with what to
// do about it.
type FileFormat struct {
	At    int
	Magic string
	Name  string
}

// anyFormats are those that are taken for models of every runtime.
var anyFormats = []FileFormat{
	{0, "version https://git-lfs", "a Git LFS pointer; fetch the file with git lfs pull"},
	{0, "\x1f\x8b", "a gzip file; unpack it"},
	{0, "<", "a text file that starts with \"<\", maybe an error page"},
}

// ForeignFormat says what a file is that is no model of the runtime, by the formats that are taken for its own; "" where its first bytes
// do not tell.
func ForeignFormat(data []byte, taken []FileFormat) string {
	for _, list := range [][]FileFormat{taken, anyFormats} {
		for _, f := range list {
			if len(data) >= f.At && bytes.HasPrefix(data[f.At:], []byte(f.Magic)) {
				return f.Name
			}
		}
	}
	return ""
}

// FirstBytes describes a file of which nothing is known.
func FirstBytes(data []byte) string {
	return fmt.Sprintf("%d bytes that start with %q", len(data), data[:min(16, len(data))])
}
