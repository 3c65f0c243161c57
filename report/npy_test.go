package report_test

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"

	"codeberg.org/sbinet/npyio/npy"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/report"
	"pgregory.net/rapid"
)

// inputs are images, sounds and rows of tables, in several domains.
var inputs = rapid.Custom(func(t *rapid.T) input.Input {
	domain := rapid.SampledFrom([]input.Domain{
		input.Bytes, {Min: -1, Max: 1}, {Min: 0, Max: 1, Step: 0.125}, {Min: 0, Max: 255},
	}).Draw(t, "domain")
	in := input.Input{Shape: rapid.SliceOfN(rapid.IntRange(1, 6), 1, 4).Draw(t, "shape"), Domain: domain}
	n := 1
	for _, d := range in.Shape {
		n *= d
	}
	in.Data = rapid.SliceOfN(rapid.Map(rapid.Float32Range(domain.Min, domain.Max), domain.Snap), n, n).Draw(t, "data")
	return in
})

func TestNPYRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := inputs.Draw(t, "input")
		shape, data, err := report.DecodeNPY(report.EncodeNPY(in))
		if err != nil {
			t.Fatal(err)
		}
		got := input.Input{Shape: shape, Data: data, Domain: in.Domain}
		if got.ID() != in.ID() {
			t.Errorf("got %v %v, expected %v %v", shape, data, in.Shape, in.Data)
		}
	})
}

func TestNPYKeepsNegativeZero(t *testing.T) {
	in := input.Input{Shape: []int{2}, Data: []float32{float32(math.Copysign(0, -1)), 7}, Domain: input.Bytes}
	_, data, err := report.DecodeNPY(report.EncodeNPY(in))
	if err != nil || !math.Signbit(float64(data[0])) {
		t.Errorf("got %v, %v; expected a negative zero, which has another ID than zero", data, err)
	}
}

// Another implementation reads what ours writes.
func TestNPYIsReadByOthers(t *testing.T) {
	image := gradient(5, 4, 3, 0)
	sound := input.Input{Shape: []int{6}, Data: []float32{-1, -0.5, 0, 0.25, 0.3, 1}, Domain: input.Domain{Min: -1, Max: 1}}
	for _, in := range []input.Input{image, sound} {
		r, err := npy.NewReader(bytes.NewReader(report.EncodeNPY(in)))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(r.Header.Descr.Shape, in.Shape) {
			t.Errorf("shape %v, expected %v", r.Header.Descr.Shape, in.Shape)
		}
		var data []float32
		if in.Domain == input.Bytes {
			var raw []uint8
			err = r.Read(&raw)
			for _, v := range raw {
				data = append(data, float32(v))
			}
		} else {
			err = r.Read(&data)
		}
		if err != nil || !slices.Equal(data, in.Data) {
			t.Errorf("data %v, %v; expected %v", data, err, in.Data)
		}
	}
}

// A trigger's array is of a type that inputs have. What its header says is checked in input/npy.
func TestNPYRefusesOtherTypes(t *testing.T) {
	good := report.EncodeNPY(gradient(4, 4, 1, 0))
	for old, new := range map[string]string{"|u1": "|i1", "'|u1'": "'<f2'"} {
		file := bytes.Replace(good, []byte(old), []byte(new), 1)
		if new == "'<f2'" {
			file = append(file, file[len(file)-16:]...)
		}
		if _, _, err := report.DecodeNPY(file); err == nil || !strings.Contains(err.Error(), "expected u1 (8-bit inputs) or f4") {
			t.Errorf("%s: error %v", new, err)
		}
	}
	if _, _, err := report.DecodeNPY(append(good, 0)); err == nil || !strings.Contains(err.Error(), "expected 16 bytes of values, found 17") {
		t.Errorf("too much data: error %v", err)
	}
}
