package input_test

import (
	"math"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"pgregory.net/rapid"
)

func TestSnap(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, test := range []struct {
		domain  input.Domain
		v, want float32
	}{
		{input.Bytes, 3.4, 3}, {input.Bytes, 3.5, 4}, {input.Bytes, -7, 0}, {input.Bytes, 300, 255},
		{input.Bytes, 254.9, 255}, {input.Bytes, inf, 255}, {input.Bytes, -inf, 0}, {input.Bytes, float32(math.NaN()), 0},
		{input.Domain{Min: -1, Max: 1}, 0.3, 0.3}, {input.Domain{Min: -1, Max: 1}, 1.3, 1},
		{input.Domain{Min: -1, Max: 1, Step: 0.5}, 0.3, 0.5}, {input.Domain{Min: 0, Max: 1, Step: 0.4}, 0.97, 0.8},
	} {
		if got := test.domain.Snap(test.v); got != test.want {
			t.Errorf("%s: Snap(%g) is %g, expected %g", test.domain, test.v, got, test.want)
		}
	}
}

func TestSnapStaysInTheDomain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := input.Domain{Min: rapid.Float32Range(-1000, 1000).Draw(t, "min")}
		d.Max = d.Min + rapid.Float32Range(0.5, 1000).Draw(t, "range")
		if rapid.Bool().Draw(t, "steps") {
			d.Step = rapid.Float32Range(0.01, 2).Draw(t, "step")
		}
		v := d.Snap(rapid.Float32().Draw(t, "v"))
		if v < d.Min || v > d.Max {
			t.Fatalf("%s: %g", d, v)
		}
		if d.Snap(v) != v {
			t.Fatalf("%s: %g snaps again, to %g", d, v, d.Snap(v))
		}
	})
}

func TestInputID(t *testing.T) {
	a := model.Must(input.NewImage(2, 2, 1, []uint8{1, 2, 3, 4}))
	if got, want := a.ID(), a.Clone().ID(); got != want || len(got) != 16 {
		t.Errorf("ID %s, of a clone %s", got, want)
	}
	for what, b := range map[string]input.Input{
		"data":   model.Must(input.NewImage(2, 2, 1, []uint8{1, 2, 3, 5})),
		"shape":  model.Must(input.NewImage(4, 1, 1, []uint8{1, 2, 3, 4})),
		"domain": {Shape: a.Shape, Data: a.Data, Domain: input.Domain{Max: 255}},
	} {
		if a.ID() == b.ID() {
			t.Errorf("inputs of different %s have the same ID", what)
		}
	}
}

func TestImpossibleInputs(t *testing.T) {
	if _, err := input.NewImage(2, 2, 3, make([]uint8, 11)); err == nil || !strings.Contains(err.Error(), "expected 12 pixel values, found 11") {
		t.Errorf("error %v", err)
	}
	for says, in := range map[string]input.Input{
		"expected every dimension to be at least 1": {Shape: []int{0, 2}, Domain: input.Bytes},
		"expected 1 values, found 0":                {Domain: input.Bytes},
		"expected finite Min < Max":                 {Shape: []int{1}, Data: []float32{0}},
		"value 1.5 at index 1":                      {Shape: []int{2}, Data: []float32{1, 1.5}, Domain: input.Bytes},
		"value NaN at index 0":                      {Shape: []int{1}, Data: []float32{float32(math.NaN())}, Domain: input.Bytes},
	} {
		if err := in.Validate(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v; expected one that says %q", err, says)
		}
	}
}
