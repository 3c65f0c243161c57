package predictor

import (
	"math"
	"testing"
)

var allElements = []Element{Float32, Float64, Float16, Bfloat16, Int8, Uint8, Int16, Int32, Int64, Bool}

// TestElementsThereAndBack: what a type holds exactly comes back, and what it does not hold is refused.
func TestElementsThereAndBack(t *testing.T) {
	for _, element := range allElements {
		low, high := element.span()
		values := []float64{0, 1, high, low}
		if element == Float64 {
			values = []float64{0, 1, math.MaxFloat32, -math.MaxFloat32, 0.1}
		}
		if element == Int64 {
			values = []float64{0, 1, -1, 1 << 62, -1 << 62}
		}
		if !element.whole() && !element.isByte() {
			values = append(values, -0.375, math.Inf(1), math.Inf(-1))
		}
		if err := element.checkNumbers(values); err != nil {
			t.Errorf("%s: %v", element, err)
		}
		memory := AlignedBytes(len(values) * element.Size())
		element.put(memory, values)
		got := make([]float32, len(values))
		newReader(element, nil)(got, memory)
		for i, v := range values {
			if got[i] != float32(v) {
				t.Errorf("%s: got %v for %v", element, got[i], v)
			}
		}
		refused := []float64{math.NaN()}
		if element != Float64 {
			refused = append(refused, 2*high+1, 2*low-1)
		}
		if element.whole() || element.isByte() {
			refused = append(refused, 0.5, math.Inf(1))
		}
		for _, v := range refused {
			if err := element.checkNumbers([]float64{0, v}); err == nil {
				t.Errorf("%s: expected an error for %g", element, v)
			}
		}
	}
}

// TestBfloat16 tries every bfloat16 number, and ties between them.
func TestBfloat16(t *testing.T) {
	for b := range 1 << 16 {
		v := bfloat16ToFloat32(uint16(b))
		back := bfloat16FromFloat32(v)
		switch {
		case v != v:
			if w := bfloat16ToFloat32(back); w == w {
				t.Fatalf("%04x is NaN, its way back %04x is not", b, back)
			}
			continue
		case back != uint16(b):
			t.Fatalf("%04x became %04x", b, back)
		case b&0x7fff >= 0x7f7f: // the largest, and infinity
			continue
		}
		bits := math.Float32bits(v)
		even := uint16(b) + uint16(b)&1
		for _, test := range []struct {
			bits uint32
			want uint16
		}{{bits + 0x7fff, uint16(b)}, {bits + 0x8000, even}, {bits + 0x8001, uint16(b) + 1}} {
			if got := bfloat16FromFloat32(math.Float32frombits(test.bits)); got != test.want {
				t.Fatalf("%08x became %04x, expected %04x", test.bits, got, test.want)
			}
		}
	}
}

// FuzzElements: whatever the numbers are, they are refused or held, whole numbers exactly.
func FuzzElements(f *testing.F) {
	f.Add(1.5, uint8(0))
	f.Add(-129.0, uint8(4))
	f.Add(65519.9, uint8(2))
	f.Fuzz(func(t *testing.T, v float64, which uint8) {
		element := allElements[int(which)%len(allElements)]
		if element.checkNumbers([]float64{v}) != nil {
			return
		}
		memory := AlignedBytes(element.Size())
		element.put(memory, []float64{v})
		var got [1]float32
		newReader(element, nil)(got[:], memory)
		if element.whole() || element.isByte() {
			if got[0] != float32(v) {
				t.Errorf("%s: got %v for %v", element, got[0], v)
			}
			return
		}
		if got[0] != got[0] || math.Abs(v) < 65504 && math.Abs(float64(got[0])-v) > math.Abs(v)/128+1e-7 {
			t.Errorf("%s: got %v for %v", element, got[0], v)
		}
	})
}
