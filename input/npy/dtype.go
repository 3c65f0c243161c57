package npy

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/internal/half"
)

// DType is a type of numbers as NumPy names it, without the order of bytes.
type DType string

// The types that are read and written.
const (
	Bool    DType = "b1"
	Uint8   DType = "u1"
	Uint16  DType = "u2"
	Uint32  DType = "u4"
	Uint64  DType = "u8"
	Int8    DType = "i1"
	Int16   DType = "i2"
	Int32   DType = "i4"
	Int64   DType = "i8"
	Float16 DType = "f2"
	Float32 DType = "f4"
	Float64 DType = "f8"
)

// codec is how numbers of a type are kept.
type codec struct {
	size     int  // bytes
	whole    bool // no floating point
	min, max float64
	at       func(o binary.ByteOrder, p []byte) float64
	// whole numbers: of 64 bits, where ok tells whether int64 holds it
	int64At func(o binary.ByteOrder, p []byte) (v int64, ok bool)
}

func integer(size int, min, max float64, at func(o binary.ByteOrder, p []byte) int64) codec {
	return codec{size: size, whole: true, min: min, max: max,
		at:      func(o binary.ByteOrder, p []byte) float64 { return float64(at(o, p)) },
		int64At: func(o binary.ByteOrder, p []byte) (int64, bool) { return at(o, p), true }}
}

func float(size int, at func(o binary.ByteOrder, p []byte) float64) codec {
	return codec{size: size, min: math.Inf(-1), max: math.Inf(1), at: at}
}

var codecs = map[DType]codec{
	Bool:   integer(1, 0, 1, func(_ binary.ByteOrder, p []byte) int64 { return int64(min(p[0], 1)) }),
	Uint8:  integer(1, 0, math.MaxUint8, func(_ binary.ByteOrder, p []byte) int64 { return int64(p[0]) }),
	Int8:   integer(1, math.MinInt8, math.MaxInt8, func(_ binary.ByteOrder, p []byte) int64 { return int64(int8(p[0])) }),
	Uint16: integer(2, 0, math.MaxUint16, func(o binary.ByteOrder, p []byte) int64 { return int64(o.Uint16(p)) }),
	Int16:  integer(2, math.MinInt16, math.MaxInt16, func(o binary.ByteOrder, p []byte) int64 { return int64(int16(o.Uint16(p))) }),
	Uint32: integer(4, 0, math.MaxUint32, func(o binary.ByteOrder, p []byte) int64 { return int64(o.Uint32(p)) }),
	Int32:  integer(4, math.MinInt32, math.MaxInt32, func(o binary.ByteOrder, p []byte) int64 { return int64(int32(o.Uint32(p))) }),
	// Of 64 bits: float64 rounds the greatest number up to one that is not held.
	Int64: integer(8, math.MinInt64, 0x7fffffffffffffff-1023, func(o binary.ByteOrder, p []byte) int64 { return int64(o.Uint64(p)) }),
	Uint64: {size: 8, whole: true, max: 0xffffffffffffffff - 2047,
		at: func(o binary.ByteOrder, p []byte) float64 { return float64(o.Uint64(p)) },
		int64At: func(o binary.ByteOrder, p []byte) (int64, bool) {
			v := o.Uint64(p)
			return int64(v), v <= math.MaxInt64
		}},
	Float16: float(2, func(o binary.ByteOrder, p []byte) float64 { return float64(half.ToFloat32(o.Uint16(p))) }),
	Float32: float(4, func(o binary.ByteOrder, p []byte) float64 { return float64(math.Float32frombits(o.Uint32(p))) }),
	Float64: float(8, func(o binary.ByteOrder, p []byte) float64 { return math.Float64frombits(o.Uint64(p)) }),
}

// Size is the number of bytes of one number; 0 for a type that is not read.
func (d DType) Size() int { return codecs[d].size }

// Whole reports whether the type holds whole numbers only: integers and bool, which is 0 and 1.
func (d DType) Whole() bool { return codecs[d].whole }

// Holds reports whether a number stays what it is in the type. Whole numbers have no negative zero.
func (d DType) Holds(v float32) bool {
	switch c := codecs[d]; {
	case c.size == 0:
		return false
	case c.whole:
		w := float64(v)
		return w >= c.min && w <= c.max && w == math.Trunc(w) && !(w == 0 && math.Signbit(w))
	case d == Float16:
		return v != v || half.ToFloat32(half.FromFloat32(v)) == v
	}
	return true
}

// Descr is the type as the header of a file names it, such as "|u1" and "<f4".
func (d DType) Descr() string {
	if d.Size() == 1 {
		return "|" + string(d)
	}
	return "<" + string(d)
}

// AppendFloat32s appends numbers in the type, as they lie in [Array.Data]. One that the type does not hold is an error;
// see [DType.Holds].
func (d DType) AppendFloat32s(to []byte, values ...float32) ([]byte, error) {
	size := d.Size()
	if size == 0 {
		return nil, d.unknown()
	}
	to = slices.Grow(to, size*len(values))
	for i, v := range values {
		if !d.Holds(v) {
			return nil, fmt.Errorf("value %g at index %d: expected a number that the type %s holds", v, i, d)
		}
		switch {
		case d == Uint64:
			to = binary.LittleEndian.AppendUint64(to, uint64(v))
		case d.Whole():
			to = appendBits(to, size, uint64(int64(v)))
		case d == Float16:
			to = appendBits(to, size, uint64(half.FromFloat32(v)))
		case d == Float32:
			to = appendBits(to, size, uint64(math.Float32bits(v)))
		default:
			to = appendBits(to, size, math.Float64bits(float64(v)))
		}
	}
	return to, nil
}

// AppendInt64s appends whole numbers in a type that is [DType.Whole]. One that the type does not hold is an error.
func (d DType) AppendInt64s(to []byte, values ...int64) ([]byte, error) {
	c := codecs[d]
	if c.size == 0 {
		return nil, d.unknown()
	}
	if !c.whole {
		return nil, fmt.Errorf("expected a type of whole numbers, found %s", d)
	}
	to = slices.Grow(to, c.size*len(values))
	for i, v := range values {
		to = appendBits(to, c.size, uint64(v))
		if found, ok := c.int64At(binary.LittleEndian, to[len(to)-c.size:]); !ok || found != v {
			return nil, fmt.Errorf("value %d at index %d: expected a number that the type %s holds", v, i, d)
		}
	}
	return to, nil
}

// appendBits appends the low bytes of a number.
func appendBits(to []byte, size int, bits uint64) []byte {
	for range size {
		to, bits = append(to, byte(bits)), bits>>8
	}
	return to
}

// unknown is the error of a type that is not written.
func (d DType) unknown() error {
	return fmt.Errorf("expected numbers of a type of %s, found %q", dtypes(), string(d))
}

func dtypes() string {
	var names []string
	for _, d := range slices.Sorted(maps.Keys(codecs)) {
		names = append(names, string(d))
	}
	return strings.Join(names, ", ")
}

// parseDescr reads the type of a header and whether its numbers are big-endian.
func parseDescr(descr string) (d DType, bigEndian bool, err error) {
	name := strings.TrimLeft(descr, "<>|=")
	if d = DType(name); d.Size() == 0 || len(descr)-len(name) > 1 {
		return "", false, fmt.Errorf("expected numbers of a type of %s, found %q%s", dtypes(), descr, otherType(name))
	}
	return d, strings.HasPrefix(descr, ">"), nil
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
