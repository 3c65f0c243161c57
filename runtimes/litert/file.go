package litert

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/internal/predictor"
)

// reader reads a file.
type reader func(path string) ([]byte, error)

func fsReader(fsys fs.FS) reader {
	return func(path string) ([]byte, error) {
		data, err := fs.ReadFile(fsys, path)
		return data, withoutPath(err)
	}
}

func readPath(path string) ([]byte, error) {
	data, err := os.ReadFile(path)
	return data, withoutPath(err)
}

// withoutPath takes the path off an error, which the model's name begins with.
func withoutPath(err error) error {
	if e, ok := err.(*fs.PathError); ok {
		return fmt.Errorf("%s: %w", e.Op, e.Err)
	}
	return err
}

// formats are the first bytes of files that are taken for .tflite files.
var formats = []predictor.FileFormat{
	{At: 0, Magic: "LITERTLM", Name: "a bundle of LiteRT-LM; take the .tflite file out of it"},
	{At: 4, Magic: "ORTM", Name: "a model in ORT format; package onnx opens the .onnx file that it was made from"},
	{At: 0, Magic: "\x89HDF", Name: "an HDF5 file, maybe of Keras; convert it with the TensorFlow Lite converter"},
	{At: 0, Magic: "PK\x03\x04", Name: "a zip file, maybe a .task bundle, or of PyTorch or Keras; take the .tflite file out of it, or convert it"},
}

func guessFormat(data []byte) string {
	if name := predictor.ForeignFormat(data, formats); name != "" {
		return name
	}
	if looksLikeONNX(data) {
		return "what may be an ONNX file; package onnx opens those"
	}
	return predictor.FirstBytes(data) + ": an encrypted file, or one of another format"
}

// looksLikeONNX reports whether the file starts as ONNX files mostly do: with a version, then the name of a producer.
func looksLikeONNX(data []byte) bool {
	return len(data) > 4 && data[0] == 0x08 && data[1] < 0x20 && (data[2] == 0x12 || data[2] == 0x3a)
}

// Identify says which file a model is: its name and its hash, whether LiteRT can run it or not.
func Identify(path string) (model.Description, error) {
	data, err := readPath(path)
	if err != nil {
		return model.Description{}, fmt.Errorf("litert: %s: %w", path, err)
	}
	if _, err := parse(data); err != nil {
		return identity(path, data), nil
	}
	return parsedIdentity(path, data), nil
}

// identity is what a description says about the file.
func identity(file string, data []byte) model.Description {
	sum := sha256.Sum256(data)
	return model.Description{
		Name: strings.TrimSuffix(path.Base(filepath.ToSlash(file)), suffix), File: file,
		SHA256: hex.EncodeToString(sum[:]), Size: int64(len(data)),
	}
}

// parsedIdentity is identity for a file that has been parsed.
func parsedIdentity(file string, data []byte) model.Description {
	d := identity(file, data)
	d.Content = content(data)
	return d
}

const suffix = ".tflite"
