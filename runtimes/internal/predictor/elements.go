package predictor

import (
	"fmt"
	"math"

	"github.com/triggerfinder/triggerfinder/internal/half"
)

// What the elements of tensors are, and how numbers become elements and elements numbers.

// Element is the type of a tensor's elements, numbered as ONNX does.
type Element int

const (
	Float32  Element = 1
	Uint8    Element = 2
	Int8     Element = 3
	Int16    Element = 5
	Int32    Element = 6
	Int64    Element = 7
	String   Element = 8 // labels, which are no numbers
	Bool     Element = 9
	Float16  Element = 10
	Float64  Element = 11
	Bfloat16 Element = 16
	// codedInt16 is int16 that stands for real numbers, by a scale. ONNX has no such inputs; see [NewGraph].
	codedInt16 Element = 100 + Int16
)

var elementTypeNames = []string{
	"undefined", "float32", "uint8", "int8", "uint16", "int16", "int32", "int64", "string", "bool",
	"float16", "float64", "uint32", "uint64", "complex64", "complex128", "bfloat16",
}

// String is the name of the type, such as "float32".
func (t Element) String() string {
	if t == codedInt16 {
		t = Int16
	}
	if t >= 0 && int(t) < len(elementTypeNames) {
		return elementTypeNames[t]
	}
	return fmt.Sprintf("type %d", int(t))
}

// readable lists the types that this package reads and writes.
const readable = "float32, float64, float16, bfloat16, int8, uint8, int16, int32, int64 or bool"

// Size is the number of bytes of an element, or 0 for types that this package does not read.
func (t Element) Size() int {
	switch t {
	case Uint8, Int8, Bool:
		return 1
	case Float16, Bfloat16, Int16, codedInt16:
		return 2
	case Float32, Int32:
		return 4
	case Float64, Int64:
		return 8
	}
	return 0
}

// isByte reports whether elements are 8-bit integers, which stand for real numbers in quantised models.
func (t Element) isByte() bool { return t == Uint8 || t == Int8 }

// coded reports whether elements are integers that may stand for real numbers.
func (t Element) coded() bool { return t.isByte() || t == codedInt16 }

// whole reports whether elements are whole numbers that stand for themselves: ids, counts, masks.
func (t Element) whole() bool {
	return t == Int16 || t == Int32 || t == Int64 || t == Bool
}

// scoring reports whether elements can be scores of classes.
func (t Element) scoring() bool { return t.Size() > 0 && !t.whole() }

// span is the range of the type's numbers. That of int64 ends at the last number that a float64 can hold.
func (t Element) span() (low, high float64) {
	switch t {
	case Bool:
		return 0, 1
	case Uint8:
		return 0, math.MaxUint8
	case Int8:
		return math.MinInt8, math.MaxInt8
	case Int16, codedInt16:
		return math.MinInt16, math.MaxInt16
	case Int32:
		return math.MinInt32, math.MaxInt32
	case Int64:
		return math.MinInt64, 1<<63 - 1024
	case Float16:
		return -65504, 65504
	case Float32:
		return -math.MaxFloat32, math.MaxFloat32
	case Bfloat16:
		return -largestBfloat16, largestBfloat16
	}
	return -math.MaxFloat64, math.MaxFloat64
}

const largestBfloat16 = 0x1.fep127

// checkNumbers says which number the type cannot hold: integers hold whole numbers of their range, bool 0 and 1, floating-point
// types round and hold infinities.
func (t Element) checkNumbers(values []float64) error {
	low, high := t.span()
	integer := t.coded() || t.whole()
	for i, v := range values {
		switch {
		case integer && !(v >= low && v <= high && v == math.Trunc(v)):
			return fmt.Errorf("expected whole numbers of %.0f..%.0f for %s, found %g at index %d", low, high, t, v, i)
		case v != v:
			return fmt.Errorf("expected numbers for %s, found NaN at index %d", t, i)
		case !math.IsInf(v, 0) && (v < low || v > high):
			return fmt.Errorf("expected numbers of %g..%g for %s, found %g at index %d", low, high, t, v, i)
		}
	}
	return nil
}

// put writes numbers that the type can hold as elements.
func (t Element) put(dst []byte, values []float64) {
	switch t {
	case Float32:
		write(dst, values, func(v float64) float32 { return float32(v) })
	case Float64:
		write(dst, values, func(v float64) float64 { return v })
	case Float16:
		write(dst, values, func(v float64) uint16 { return half.FromFloat32(float32(v)) })
	case Bfloat16:
		write(dst, values, func(v float64) uint16 { return bfloat16FromFloat32(float32(v)) })
	case Uint8, Bool:
		write(dst, values, func(v float64) uint8 { return uint8(v) })
	case Int8:
		write(dst, values, func(v float64) uint8 { return uint8(int8(v)) })
	case Int16, codedInt16:
		write(dst, values, func(v float64) int16 { return int16(v) })
	case Int32:
		write(dst, values, func(v float64) int32 { return int32(v) })
	case Int64:
		write(dst, values, func(v float64) int64 { return int64(v) })
	}
}

// putCoded writes real numbers as the integers that stand for them.
func (t Element) putCoded(dst []byte, values []float64, q *Quantization) {
	if t == codedInt16 {
		write(dst, values, quantizer[uint16](t, *q))
		return
	}
	write(dst, values, quantizer[uint8](t, *q))
}

func write[T element](dst []byte, values []float64, convert func(float64) T) {
	out := elements[T](dst)
	for i, v := range values {
		out[i] = convert(v)
	}
}

// newReader reads elements as numbers. 8-bit integers are dequantised where there is a quantization, and are themselves without.
func newReader(t Element, quant *Quantization) func(dst []float32, row []byte) {
	switch t {
	case Float16:
		return reading16(half.ToFloat32)
	case Bfloat16:
		return reading16(bfloat16ToFloat32)
	case Float64:
		return readingAs[float64]
	case Int16:
		return readingAs[int16]
	case Int32:
		return readingAs[int32]
	case Int64:
		return readingAs[int64]
	case codedInt16:
		return func(dst []float32, row []byte) {
			for i, q := range elements[int16](row)[:len(dst)] {
				dst[i] = float32(float64(int(q)-quant.Zero) * quant.Scale)
			}
		}
	case Int8, Uint8, Bool:
		if quant == nil {
			quant = &Quantization{Scale: 1}
		}
		var table [256]float32
		for b := range 256 {
			q := b
			if t == Int8 {
				q = int(int8(b))
			}
			table[b] = float32(float64(q-quant.Zero) * quant.Scale)
		}
		return func(dst []float32, row []byte) {
			for i, b := range row[:len(dst)] {
				dst[i] = table[b]
			}
		}
	}
	return func(dst []float32, row []byte) { copy(dst, elements[float32](row)) }
}

func reading16(widen func(uint16) float32) func(dst []float32, row []byte) {
	return func(dst []float32, row []byte) {
		for i, h := range elements[uint16](row)[:len(dst)] {
			dst[i] = widen(h)
		}
	}
}

func readingAs[T float64 | int16 | int32 | int64](dst []float32, row []byte) {
	for i, v := range elements[T](row)[:len(dst)] {
		dst[i] = float32(v)
	}
}

// bfloat16ToFloat32 widens a bfloat16 number; the result is exact.
func bfloat16ToFloat32(b uint16) float32 { return math.Float32frombits(uint32(b) << 16) }

// bfloat16FromFloat32 rounds to the nearest bfloat16 number, ties to even.
func bfloat16FromFloat32(v float32) uint16 {
	bits := math.Float32bits(v)
	if v != v {
		return uint16(bits>>16) | 0x40
	}
	return uint16((bits + 0x7fff + bits>>16&1) >> 16)
}
