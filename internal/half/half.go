// Package half converts half-precision numbers, the 16 bits of IEEE 754.
package half

import "math"

// ToFloat32 widens an IEEE 754 half-precision number; the result is exact.
func ToFloat32(h uint16) float32 {
	sign := uint32(h>>15) << 31
	exponent := uint32(h >> 10 & 0x1f)
	fraction := uint32(h & 0x3ff)
	switch exponent {
	case 0: // zero and subnormal numbers: fraction * 2^-24
		v := float32(fraction) * (1.0 / (1 << 24))
		return math.Float32frombits(math.Float32bits(v) | sign)
	case 0x1f:
		return math.Float32frombits(sign | 0xff<<23 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+112)<<23 | fraction<<13)
}

// FromFloat32 rounds to the nearest half-precision number, ties to even.
func FromFloat32(v float32) uint16 {
	bits := math.Float32bits(v)
	sign := uint16(bits >> 16 & 0x8000)
	exponent := int(bits>>23&0xff) - 112
	fraction := bits & 0x7fffff
	switch {
	case exponent == 0xff-112: // infinity and NaN
		if fraction != 0 {
			return sign | 0x7e00
		}
		return sign | 0x7c00
	case exponent >= 0x1f:
		return sign | 0x7c00
	case exponent < -10:
		return sign
	}
	shift := uint(13)
	if exponent <= 0 { // subnormal
		fraction |= 0x800000
		shift += uint(1 - exponent)
		exponent = 0
	}
	half := uint32(exponent)<<10 + fraction>>shift
	rest, tie := fraction&(1<<shift-1), uint32(1)<<(shift-1)
	if rest > tie || (rest == tie && half&1 == 1) {
		half++ // a carry into the exponent is right: the next number up
	}
	return sign | uint16(half)
}
