package generators

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/internal/vec"
)

// dtype is a NumPy type of plain numbers.
type dtype struct {
	name    string // without byte order, such as "u1"
	size    int    // bytes
	integer bool
	at      func(order binary.ByteOrder, p []byte) float64
	order   binary.ByteOrder
}

// dtypes are the types that are read. Integers of 64 bits pass through float64: they are class
// indices or values of a domain, which is made of float32.
var dtypes = map[string]dtype{
	"u1": {size: 1, integer: true, at: func(_ binary.ByteOrder, p []byte) float64 { return float64(p[0]) }},
	"i1": {size: 1, integer: true, at: func(_ binary.ByteOrder, p []byte) float64 { return float64(int8(p[0])) }},
	"u2": {size: 2, integer: true, at: func(o binary.ByteOrder, p []byte) float64 { return float64(o.Uint16(p)) }},
	"i2": {size: 2, integer: true, at: func(o binary.ByteOrder, p []byte) float64 { return float64(int16(o.Uint16(p))) }},
	"u4": {size: 4, integer: true, at: func(o binary.ByteOrder, p []byte) float64 { return float64(o.Uint32(p)) }},
	"i4": {size: 4, integer: true, at: func(o binary.ByteOrder, p []byte) float64 { return float64(int32(o.Uint32(p))) }},
	"u8": {size: 8, integer: true, at: func(o binary.ByteOrder, p []byte) float64 { return float64(o.Uint64(p)) }},
	"i8": {size: 8, integer: true, at: func(o binary.ByteOrder, p []byte) float64 { return float64(int64(o.Uint64(p))) }},
	"f2": {size: 2, at: func(o binary.ByteOrder, p []byte) float64 { return halfFloat(o.Uint16(p)) }},
	"b1": {size: 1, integer: true, at: func(_ binary.ByteOrder, p []byte) float64 { return float64(min(p[0], 1)) }},
	"f4": {size: 4, at: func(o binary.ByteOrder, p []byte) float64 { return float64(math.Float32frombits(o.Uint32(p))) }},
	"f8": {size: 8, at: func(o binary.ByteOrder, p []byte) float64 { return math.Float64frombits(o.Uint64(p)) }},
}

func parseDtype(descr string) (dtype, error) {
	name := strings.TrimLeft(descr, "<>|=")
	t, ok := dtypes[name]
	if !ok || len(descr)-len(name) > 1 {
		return dtype{}, fmt.Errorf("expected numbers of a type of %s, found %q%s",
			strings.Join(slices.Sorted(maps.Keys(dtypes)), ", "), descr, otherType(name))
	}
	t.name, t.order = name, binary.LittleEndian
	if strings.HasPrefix(descr, ">") {
		t.order = binary.BigEndian
	}
	return t, nil
}

// decode converts the values of from, as many as fit to.
func (t dtype) decode(to []float32, from []byte) {
	if t.name == "u1" {
		vec.BytesToFloats(to, from)
		return
	}
	for i := range to {
		to[i] = float32(t.at(t.order, from[i*t.size:]))
	}
}

// otherType says what a type is that is not read, in brackets.
func otherType(name string) string {
	kinds := map[byte]string{
		'O': "Python objects, such as arrays of different shapes", 'U': "text", 'S': "text", 'c': "complex numbers", 'M': "dates", 'm': "times",
		'V': "raw bytes, as ml_dtypes saves bfloat16", 'f': "numbers of another precision", 'g': "numbers of another precision",
	}
	if name == "" || kinds[name[0]] == "" {
		return ""
	}
	return " (" + kinds[name[0]] + ")"
}

// halfFloat is the number that 16 bits are in the format of IEEE 754.
func halfFloat(bits uint16) float64 {
	sign, exponent, fraction := bits>>15, int(bits>>10&31), float64(bits&1023)
	var v float64
	switch exponent {
	case 0:
		v = math.Ldexp(fraction, -24)
	case 31:
		if v = math.Inf(1); fraction != 0 {
			v = math.NaN()
		}
	default:
		v = math.Ldexp(1024+fraction, exponent-25)
	}
	if sign == 1 {
		v = -v
	}
	return v
}

// values converts all values.
func (t dtype) values(from []byte) []float64 {
	values := make([]float64, len(from)/t.size)
	for i := range values {
		values[i] = t.at(t.order, from[i*t.size:])
	}
	return values
}
