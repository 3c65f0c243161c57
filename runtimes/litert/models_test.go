//go:build cgo && !windows

package litert_test

import (
	"errors"
	"math"
	"os"
	"testing"

	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/runtimes/litert"
)

// needs skips a test where LiteRT is neither there nor can be downloaded.
func needs(t testing.TB, err error) {
	t.Helper()
	var unavailable *litert.UnavailableError
	if errors.As(err, &unavailable) && unavailable.Unreachable() {
		t.Skipf("LiteRT is not there, and cannot be downloaded: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// opened opens a model of testdata.
func opened(t testing.TB, name string, options ...litert.Option) *litert.Model {
	t.Helper()
	m, err := litert.Open("testdata/"+name+".tflite", options...)
	needs(t, err)
	t.Cleanup(func() { _ = m.Close() })
	return m
}

// embedded opens one of the fixtures.
func embedded(t testing.TB, name string, options ...litert.Option) *litert.Model {
	t.Helper()
	m, err := litert.OpenFS(fixtures.Models, name, append([]litert.Option{litert.Scale(fixtures.Scale)}, options...)...)
	needs(t, err)
	t.Cleanup(func() { _ = m.Close() })
	return m
}

// clothes are the first images of the fixtures.
func clothes(t testing.TB, n int) []input.Input {
	t.Helper()
	seeds := fixtures.Seeds()
	var all []input.Input
	for i := range n {
		s, err := seeds.Seed(i)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s.Input)
	}
	return all
}

// row is an input of numbers between low and high.
func row(domain input.Domain, values ...float32) input.Input {
	return input.Input{Shape: []int{len(values)}, Data: values, Domain: domain}
}

var (
	reals = input.Domain{Min: -100, Max: 100}
	whole = input.Domain{Min: -100, Max: 100, Step: 1}
	truth = input.Domain{Min: 0, Max: 1, Step: 1}
)

func predict(t testing.TB, m *litert.Model, batch ...input.Input) [][]float32 {
	t.Helper()
	got, err := m.Predict(t.Context(), batch)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// ramp is the matrix of the layers of the models in testdata.
func ramp(rows, columns int) [][]float64 {
	matrix := make([][]float64, rows)
	for r := range matrix {
		for c := range columns {
			matrix[r] = append(matrix[r], float64((r*columns+c)*7%11-5)/8)
		}
	}
	return matrix
}

func times(matrix [][]float64, x []float64) []float64 {
	var y []float64
	for _, row := range matrix {
		sum := 0.0
		for c, v := range row {
			sum += v * x[c]
		}
		y = append(y, sum)
	}
	return y
}

func near(a float32, b, slack float64) bool { return math.Abs(float64(a)-b) <= slack }

func read(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name + ".tflite")
	if err != nil {
		t.Fatal(err)
	}
	return data
}
