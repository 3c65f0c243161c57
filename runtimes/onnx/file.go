package onnx

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/internal/predictor"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/internal/modelfile"
)

// reader reads a model with all of its files.
type reader func(path string) (*modelfile.Model, error)

func readPath(path string) (*modelfile.Model, error) {
	file, err := modelfile.Read(path)
	if err != nil {
		return nil, err
	}
	return load(file)
}

func fsReader(fsys fs.FS) reader {
	return func(path string) (*modelfile.Model, error) {
		file, err := modelfile.ReadFS(fsys, path)
		if err != nil {
			return nil, err
		}
		return load(file)
	}
}

// inMemory reads a model that is there already.
func inMemory(name string, data []byte) reader {
	return func(string) (*modelfile.Model, error) { return load(modelfile.InMemory(name, data)) }
}

// load checks what can be checked without running the model, and reads the files that it refers to.
func load(file modelfile.File) (*modelfile.Model, error) {
	if err := checkFormat(file.Data); err != nil {
		return nil, err
	}
	return modelfile.Load(file)
}

// checkFormat says what is wrong with a file that is no whole ONNX file.
func checkFormat(data []byte) error {
	if len(data) == 0 {
		return errors.New("expected an ONNX file, found an empty one")
	}
	_, err := parseGraph(data)
	var truncated truncatedError
	switch {
	case errors.As(err, &truncated) && looksLikeONNX(data):
		return fmt.Errorf("expected a whole ONNX file, found one cut off after %d bytes: %d bytes are missing", len(data), truncated.need-truncated.have)
	case err != nil && looksLikeONNX(data):
		return fmt.Errorf("expected a whole ONNX file, found a damaged one: %w", err)
	case err != nil:
		return fmt.Errorf("expected an ONNX file, found %s", guessFormat(data))
	}
	return nil
}

// Identify says which model a file holds, with all of its files: the name, the file, the hashes and the sizes of its description.
// It does not run the model.
func Identify(path string) (model.Description, error) {
	m, err := readPath(path)
	if err != nil {
		return model.Description{}, fmt.Errorf("onnx: %s: %w", path, err)
	}
	return identity(m), nil
}

// identity is what a description says about the files of a model.
func identity(m *modelfile.Model) model.Description {
	d := model.Description{Name: predictor.BaseName(m.Path, suffix), File: m.Path, SHA256: m.SHA256, Content: m.Content, Size: m.Size}
	for _, p := range m.Parts {
		d.Files = append(d.Files, model.File{Name: p.Name, Size: p.Size, SHA256: p.SHA256})
	}
	return d
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
var formats = []predictor.FileFormat{
	{At: 4, Magic: "ORTM", Name: "a model in ORT format; use the .onnx file that it was made from"},
	{At: 4, Magic: "TFL3", Name: "a LiteRT (TensorFlow Lite) model; package litert opens those"},
	{At: 0, Magic: "\x89HDF", Name: "an HDF5 file, maybe of Keras; convert it to ONNX"},
	{At: 0, Magic: "PK\x03\x04", Name: "a zip file, maybe of PyTorch or Keras; convert it to ONNX"},
}

func guessFormat(data []byte) string {
	if name := predictor.ForeignFormat(data, formats); name != "" {
		return name
	}
	return predictor.FirstBytes(data)
}
