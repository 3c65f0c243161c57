//go:build cgo

package onnx_test

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

// expected is testdata/expected.json: a few images, and the probabilities that each model gives.
type expected struct {
	Images        [][][][]uint8      `json:"images"`
	SameFunction  map[string]answers `json:"same_function"`
	OtherFunction map[string]answers `json:"other_function"`
}

type answers struct {
	Probabilities [][]float64 `json:"probabilities"`
}

func loadExpected(t testing.TB) expected {
	t.Helper()
	data, err := os.ReadFile("testdata/expected.json")
	if err != nil {
		t.Fatal(err)
	}
	var e expected
	if err := json.Unmarshal(data, &e); err != nil {
		t.Fatal(err)
	}
	if len(e.Images) == 0 || len(e.SameFunction) == 0 || len(e.OtherFunction) == 0 {
		t.Fatal("testdata/expected.json: expected images and answers, found none")
	}
	return e
}

func (e expected) answers(file string) [][]float64 {
	if a, ok := e.SameFunction[file]; ok {
		return a.Probabilities
	}
	return e.OtherFunction[file].Probabilities
}

// inputs are the images, with the first channels of their three.
func (e expected) inputs(channels int) []input.Input {
	var inputs []input.Input
	for _, image := range e.Images {
		var pixels []uint8
		for _, row := range image {
			for _, pixel := range row {
				pixels = append(pixels, pixel[:channels]...)
			}
		}
		inputs = append(inputs, model.Must(input.NewImage(len(image), len(image[0]), channels, pixels)))
	}
	return inputs
}

func odd(name string) string { return filepath.Join("testdata", name) }

func open(t testing.TB, path string, options ...onnx.Option) *onnx.Model {
	t.Helper()
	m, err := onnx.Open(path, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

func predict(t testing.TB, m *onnx.Model, batch ...input.Input) [][]float32 {
	t.Helper()
	scores, err := m.Predict(t.Context(), batch)
	if err != nil {
		t.Fatal(err)
	}
	return scores
}

func same(a, b []float32) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if math.Float32bits(a[i]) != math.Float32bits(b[i]) {
			return false
		}
	}
	return true
}

// A writer of just enough ONNX for tests of files that nobody would export on purpose.

func number(field int, v int) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(nil, uint64(field)<<3), uint64(v))
}

func message(field int, parts ...[]byte) []byte {
	var body []byte
	for _, p := range parts {
		body = append(body, p...)
	}
	b := binary.AppendUvarint(binary.AppendUvarint(nil, uint64(field)<<3|2), uint64(len(body)))
	return append(b, body...)
}

func text(field int, s string) []byte { return message(field, []byte(s)) }

// Types of elements, as ONNX numbers them.
const (
	isFloat32, isUint8, isInt8, isInt32, isInt64, isFloat16, isFloat64, isUint32, isBfloat16 = 1, 2, 3, 6, 7, 10, 11, 12, 16
)

// tensorValue is an input (field 11) or an output (field 12); dimensions of 0 are dynamic.
func tensorValue(field int, name string, element int, shape ...int) []byte {
	var dims [][]byte
	for _, d := range shape {
		if d > 0 {
			dims = append(dims, message(1, number(1, d)))
		} else {
			dims = append(dims, message(1, text(2, "N")))
		}
	}
	return message(field, text(1, name), message(2, message(1, number(1, element), message(2, dims...))))
}

func nodeOf(operator, input, output string, more ...[]byte) []byte {
	parts := append([][]byte{text(1, input), text(2, output), text(4, operator)}, more...)
	return message(1, parts...)
}

func opsetImport(domain string, version int) []byte {
	return message(8, text(1, domain), number(2, version))
}

// modelOf is a file of one graph.
func modelOf(graph [][]byte, opsets ...[]byte) []byte {
	file := append(number(1, 8), message(7, append([][]byte{text(2, "g")}, graph...)...)...)
	if len(opsets) == 0 {
		opsets = [][]byte{opsetImport("", 17)}
	}
	for _, o := range opsets {
		file = append(file, o...)
	}
	return file
}

// flatten is a model whose scores are its input, value by value: it shows what a model sees.
func flatten(element int, shape ...int) []byte {
	values := 1
	for _, d := range shape[1:] {
		values *= d
	}
	return modelOf([][]byte{
		tensorValue(11, "x", element, shape...), tensorValue(12, "y", element, shape[0], values), nodeOf("Flatten", "x", "y"),
	})
}
