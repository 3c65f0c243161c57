package input_test

import (
	"math"
	"slices"
	"testing"

	"github.com/triggerfinder/triggerfinder/input"
)

func TestPacked(t *testing.T) {
	negativeZero := float32(math.Copysign(0, -1))
	for _, test := range []struct {
		name string
		data []float32
		size int
	}{
		{"pixels", []float32{0, 1, 128, 254, 255}, 5},
		{"one of 256", []float32{0, 256}, 8},
		{"one below 0", []float32{0, -1}, 8},
		{"a fraction", []float32{3, 0.5}, 8},
		{"negative zero, which is another number to the last bit", []float32{negativeZero, 1}, 8},
		{"not a number", []float32{float32(math.NaN())}, 4},
		{"infinity", []float32{float32(math.Inf(1)), 1}, 8},
		{"large", []float32{1e20, -1e20}, 8},
		{"none", []float32{}, 0},
	} {
		in := input.Input{Shape: []int{len(test.data)}, Data: test.data, Domain: input.Domain{Min: -1, Max: 300}, Kind: input.Row}
		p := input.Pack(in)
		if p.Size() != test.size || p.Len() != len(test.data) {
			t.Errorf("%s: expected %d bytes for %d values, found %d for %d", test.name, test.size, len(test.data), p.Size(), p.Len())
		}
		for _, got := range []input.Input{p.Unpack(), p.UnpackInto(make([]float32, 2)), p.UnpackInto(make([]float32, 9))} {
			if !sameBits(got.Data, test.data) || !got.Like(in) {
				t.Errorf("%s: expected %v, found %v", test.name, in, got)
			}
		}
		for first := range test.data {
			part := make([]float32, len(test.data)-first)
			if p.UnpackPart(part, first); !sameBits(part, test.data[first:]) {
				t.Errorf("%s: expected %v from %d on, found %v", test.name, test.data[first:], first, part)
			}
		}
		for i, v := range test.data {
			if math.Float32bits(p.At(i)) != math.Float32bits(v) {
				t.Errorf("%s: expected %v at %d, found %v", test.name, v, i, p.At(i))
			}
		}
		other := in.Clone()
		if !p.LikeSearched(other) || test.name != "not a number" && !p.SameData(other) {
			t.Errorf("%s: expected it to be like itself", test.name)
		}
		if len(test.data) > 0 {
			if other.Data[0]++; other.Data[0] != in.Data[0] && p.SameData(other) {
				t.Errorf("%s: expected other values to be others", test.name)
			}
		}
		other.Data = append(other.Data, 7)
		if p.SameData(other) || p.LikeSearched(other) {
			t.Errorf("%s: expected more values to be others", test.name)
		}
	}

	// Room is used where it is large enough.
	p := input.Pack(input.Input{Shape: []int{2}, Data: []float32{5, 6}})
	room := make([]float32, 4)
	if got := p.UnpackInto(room); &got.Data[0] != &room[0] || !slices.Equal(room, []float32{5, 6, 0, 0}) {
		t.Errorf("expected the values in the room, found %v", room)
	}
}

func sameBits(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) })
}
