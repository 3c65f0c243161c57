package half

import (
	"math"
	"testing"
)

func TestHalf(t *testing.T) {
	for _, test := range []struct {
		reason string
		half   uint16
		value  float64
	}{
		{"zero", 0x0000, 0},
		{"one", 0x3c00, 1},
		{"minus two", 0xc000, -2},
		{"a third", 0x3555, 0.333251953125},
		{"the largest", 0x7bff, 65504},
		{"the smallest normal", 0x0400, math.Ldexp(1, -14)},
		{"the smallest", 0x0001, math.Ldexp(1, -24)},
		{"the largest subnormal, negative", 0x83ff, -math.Ldexp(1023, -24)},
		{"infinity", 0x7c00, math.Inf(1)},
		{"negative infinity", 0xfc00, math.Inf(-1)},
	} {
		if got := float64(ToFloat32(test.half)); got != test.value {
			t.Errorf("%s: %#04x: got %g, expected %g", test.reason, test.half, got, test.value)
		}
	}
	if got := ToFloat32(0x7e00); got == got {
		t.Errorf("NaN became %g", got)
	}
	for h := range 1 << 16 { // every number survives the way to float32 and back
		v := ToFloat32(uint16(h))
		if v == v && FromFloat32(v) != uint16(h) {
			t.Fatalf("%#04x became %g, and that %#04x", h, v, FromFloat32(v))
		}
	}
}

func TestHalfRounding(t *testing.T) {
	for _, test := range []struct {
		reason string
		value  float64
		half   uint16
	}{
		{"below half a step: down", 1 + 0.49/1024, 0x3c00},
		{"above half a step: up", 1 + 0.51/1024, 0x3c01},
		{"a tie: to the even one, down", 1 + 0.5/1024, 0x3c00},
		{"a tie: to the even one, up", 1 + 1.5/1024, 0x3c02},
		{"up into the next power of two", 1.9999, 0x4000},
		{"too large", 65520, 0x7c00},
		{"just not too large", 65519, 0x7bff},
		{"half the smallest: to zero", math.Ldexp(1, -25), 0x0000},
		{"above half the smallest", math.Ldexp(1.1, -25), 0x0001},
		{"far too small", -1e-30, 0x8000},
		{"infinity", math.Inf(-1), 0xfc00},
		{"not a number", math.NaN(), 0x7e00},
	} {
		if got := FromFloat32(float32(test.value)); got != test.half {
			t.Errorf("%s: %g: got %#04x, expected %#04x", test.reason, test.value, got, test.half)
		}
	}
}
