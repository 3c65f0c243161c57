package distance_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// TestSSIM compares with scikit-image; see testdata/make_ssim_vectors.py.
func TestSSIM(t *testing.T) {
	var file struct {
		Vectors []struct {
			Shape []int
			A, B  []float32
			SSIM  float64
		}
	}
	data, err := os.ReadFile("testdata/ssim_vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Vectors) < 5 {
		t.Fatalf("%d vectors, expected at least 5", len(file.Vectors))
	}
	for _, v := range file.Vectors {
		t.Run(fmt.Sprint(v.Shape), func(t *testing.T) {
			a := input.Input{Shape: v.Shape, Data: v.A, Domain: input.Bytes, Kind: input.Image}
			b := input.Input{Shape: v.Shape, Data: v.B, Domain: input.Bytes, Kind: input.Image}
			got, ok := distance.SSIM(a, b)
			if !ok || math.Abs(got-v.SSIM) > 1e-9 {
				t.Errorf("SSIM is %.12f (%t), expected %.12f", got, ok, v.SSIM)
			}
		})
	}
}

func TestSSIMOfUnusualInputs(t *testing.T) {
	row := input.Input{Shape: []int{4}, Data: make([]float32, 4), Domain: input.Bytes}
	if _, ok := distance.SSIM(row, row); ok {
		t.Error("a row of a table is no image")
	}
	tiny := model.Must(input.NewImage(3, 5, 1, make([]uint8, 15)))
	if s, ok := distance.SSIM(tiny, tiny); !ok || s != 1 {
		t.Errorf("equal images of 3x5: got %g, %t", s, ok)
	}
	turned := model.Must(input.NewImage(5, 3, 1, make([]uint8, 15)))
	if _, ok := distance.SSIM(tiny, turned); ok {
		t.Error("images of different shapes cannot be compared")
	}
}

func BenchmarkSSIM(b *testing.B) {
	for _, shape := range [][3]int{{28, 28, 1}, {32, 32, 3}} {
		seed := grey(shape[0], shape[1], shape[2])
		other := changed(seed, len(seed.Data), 8)
		b.Run(fmt.Sprintf("%dx%dx%d", shape[0], shape[1], shape[2]), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				distance.SSIM(seed, other)
			}
		})
	}
}

func TestDistanceBetween(t *testing.T) {
	a := input.Input{Shape: []int{4}, Data: []float32{0, 10, 20, 30}, Domain: input.Bytes}
	b := input.Input{Shape: []int{4}, Data: []float32{0, 13, 16, 30}, Domain: input.Bytes}
	want := distance.Distance{L0: 2, L1: 7, L2: 5, LInf: 4}
	if diff := cmp.Diff(want, distance.DistanceBetween(a, b)); diff != "" {
		t.Error(diff)
	}
}
