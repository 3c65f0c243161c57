package onnx

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// modelFile is a model's file, read.
type modelFile struct {
	path   string
	folder string // "" when it is not on disk
	data   []byte
}

type reader func(path string) (modelFile, error)

func readPath(path string) (modelFile, error) {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return modelFile{}, errors.New("expected a file, found a directory")
	case err != nil:
		return modelFile{}, readError(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return modelFile{}, readError(err)
	}
	folder, err := filepath.Abs(filepath.Dir(path))
	return modelFile{path, folder, data}, err
}

func fsReader(fsys fs.FS) reader {
	return func(path string) (modelFile, error) {
		info, err := fs.Stat(fsys, path)
		switch {
		case err == nil && info.IsDir():
			return modelFile{}, errors.New("expected a file, found a directory")
		case err != nil:
			return modelFile{}, readError(err)
		}
		data, err := fs.ReadFile(fsys, path)
		return modelFile{path: path, data: data}, readError(err)
	}
}

// readError keeps the cause and drops the path, which the message has already.
func readError(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("expected an ONNX file: %w", fs.ErrNotExist)
	}
	return err
}

// understand parses the file and checks what can be checked without running it.
func understand(file modelFile) (*graph, error) {
	if len(file.data) == 0 {
		return nil, errors.New("expected an ONNX file, found an empty one")
	}
	g, err := parseGraph(file.data)
	var truncated truncatedError
	switch {
	case errors.As(err, &truncated) && looksLikeONNX(file.data):
		return nil, fmt.Errorf("expected a whole ONNX file, found one cut off after %d bytes: %d bytes are missing", len(file.data), truncated.need-truncated.have)
	case err != nil && looksLikeONNX(file.data):
		return nil, fmt.Errorf("expected a whole ONNX file, found a damaged one: %w", err)
	case err != nil:
		return nil, fmt.Errorf("expected an ONNX file, found %s", guessFormat(file.data))
	}
	for _, name := range g.externalData {
		if file.folder == "" {
			return nil, fmt.Errorf("expected a model in one file, found weights in %q beside it: open it by its path, with onnx.Open or onnx.OpenPair", name)
		}
		if _, err := os.Stat(filepath.Join(file.folder, filepath.FromSlash(name))); err != nil {
			return nil, fmt.Errorf("expected the model's weights in the file %q beside it: %w", name, readError(err))
		}
	}
	return g, nil
}

// looksLikeONNX reports whether the file starts as ONNX files do: with their version, as a small
// number, and a field that ONNX has.
func looksLikeONNX(data []byte) bool {
	f, rest, err := nextField(data)
	if err != nil || f.number != 1 || f.wire != wireVarint || f.bits > 1000 {
		return false
	}
	f, _, err = nextField(rest)
	var truncated truncatedError
	if errors.As(err, &truncated) {
		return truncated.field <= 25
	}
	return err == nil && f.number <= 25
}

// formats are the first bytes of files that are taken for ONNX files.
var formats = []struct {
	at    int
	magic string
	name  string
}{
	{0, "version https://git-lfs", "a Git LFS pointer; fetch the file with git lfs pull"},
	{4, "ORTM", "a model in ORT format; use the .onnx file that it was made from"},
	{4, "TFL3", "a TensorFlow Lite model; convert it to ONNX"},
	{0, "\x89HDF", "an HDF5 file, maybe of Keras; convert it to ONNX"},
	{0, "PK\x03\x04", "a zip file, maybe of PyTorch or Keras; convert it to ONNX"},
	{0, "\x1f\x8b", "a gzip file; unpack it"},
	{0, "<", "a text file that starts with \"<\", maybe an error page"},
}

func guessFormat(data []byte) string {
	for _, f := range formats {
		if len(data) >= f.at && bytes.HasPrefix(data[f.at:], []byte(f.magic)) {
			return f.name
		}
	}
	return fmt.Sprintf("%d bytes that start with %q", len(data), data[:min(16, len(data))])
}

func fileSum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func baseName(file string) string {
	return strings.TrimSuffix(path.Base(filepath.ToSlash(file)), ".onnx")
}
