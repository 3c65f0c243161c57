package onnx

import (
	"fmt"
	"math"

	"github.com/triggerfinder/triggerfinder/internal/half"
)

// What the elements of tensors are, and how numbers become elements and elements numbers.

// elementType is the type of a tensor's elements, numbered as ONNX does.
type elementType int

const (
	float32Type  elementType = 1
	uint8Type    elementType = 2
	int8Type     elementType = 3
	int16Type    elementType = 5
	int32Type    elementType = 6
	int64Type    elementType = 7
	stringType   elementType = 8 // labels, which are no numbers
	boolType     elementType = 9
	float16Type  elementType = 10
	float64Type  elementType = 11
	bfloat16Type elementType = 16
	// codedInt16Type is int16 that stands for real numbers, by a scale. ONNX has no such inputs; see [OpenForeign].
	codedInt16Type elementType = 100 + int16Type
)

var elementTypeNames = []string{
	"undefined", "float32", "uint8", "int8", "uint16", "int16", "int32", "int64", "string", "bool",
	"float16", "float64", "uint32", "uint64", "complex64", "complex128", "bfloat16",
}

func (t elementType) String() string {
	if t == codedInt16Type {
		t = int16Type
	}
	if t >= 0 && int(t) < len(elementTypeNames) {
		return elementTypeNames[t]
	}
	return fmt.Sprintf("type %d", int(t))
}

// readable lists the types that this package reads and writes.
const readable = "float32, float64, float16, bfloat16, int8, uint8, int16, int32, int64 or bool"

// size is the number of bytes of an element, or 0 for types that this package does not read.
func (t elementType) size() int {
	switch t {
	case uint8Type, int8Type, boolType:
		return 1
	case float16Type, bfloat16Type, int16Type, codedInt16Type:
		return 2
	case float32Type, int32Type:
		return 4
	case float64Type, int64Type:
		return 8
	}
	return 0
}

// isByte reports whether elements are 8-bit integers, which stand for real numbers in quantised models.
func (t elementType) isByte() bool { return t == uint8Type || t == int8Type }

// coded reports whether elements are integers that may stand for real numbers.
func (t elementType) coded() bool { return t.isByte() || t == codedInt16Type }

// whole reports whether elements are whole numbers that stand for themselves: ids, counts, masks.
func (t elementType) whole() bool {
	return t == int16Type || t == int32Type || t == int64Type || t == boolType
}

// scoring reports whether elements can be scores of classes.
func (t elementType) scoring() bool { return t.size() > 0 && !t.whole() }

// span is the range of the type's numbers. That of int64 ends at the last number that a float64 can hold.
func (t elementType) span() (low, high float64) {
	switch t {
	case boolType:
		return 0, 1
	case uint8Type:
		return 0, math.MaxUint8
	case int8Type:
		return math.MinInt8, math.MaxInt8
	case int16Type, codedInt16Type:
		return math.MinInt16, math.MaxInt16
	case int32Type:
		return math.MinInt32, math.MaxInt32
	case int64Type:
		return math.MinInt64, 1<<63 - 1024
	case float16Type:
		return -65504, 65504
	case float32Type:
		return -math.MaxFloat32, math.MaxFloat32
	case bfloat16Type:
		return -largestBfloat16, largestBfloat16
	}
	return -math.MaxFloat64, math.MaxFloat64
}

const largestBfloat16 = 0x1.fep127

// checkNumbers says which number the type cannot hold: integers hold whole numbers of their range, bool 0 and 1, floating-point
// types round and hold infinities.
func (t elementType) checkNumbers(values []float64) error {
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
func (t elementType) put(dst []byte, values []float64) {
	switch t {
	case float32Type:
		write(dst, values, func(v float64) float32 { return float32(v) })
	case float64Type:
		write(dst, values, func(v float64) float64 { return v })
	case float16Type:
		write(dst, values, func(v float64) uint16 { return half.FromFloat32(float32(v)) })
	case bfloat16Type:
		write(dst, values, func(v float64) uint16 { return bfloat16FromFloat32(float32(v)) })
	case uint8Type, boolType:
		write(dst, values, func(v float64) uint8 { return uint8(v) })
	case int8Type:
		write(dst, values, func(v float64) uint8 { return uint8(int8(v)) })
	case int16Type, codedInt16Type:
		write(dst, values, func(v float64) int16 { return int16(v) })
	case int32Type:
		write(dst, values, func(v float64) int32 { return int32(v) })
	case int64Type:
		write(dst, values, func(v float64) int64 { return int64(v) })
	}
}

// putCoded writes real numbers as the integers that stand for them.
func (t elementType) putCoded(dst []byte, values []float64, q *quantization) {
	if t == codedInt16Type {
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
func newReader(t elementType, quant *quantization) func(dst []float32, row []byte) {
	switch t {
	case float16Type:
		return reading16(half.ToFloat32)
	case bfloat16Type:
		return reading16(bfloat16ToFloat32)
	case float64Type:
		return readingAs[float64]
	case int16Type:
		return readingAs[int16]
	case int32Type:
		return readingAs[int32]
	case int64Type:
		return readingAs[int64]
	case codedInt16Type:
		return func(dst []float32, row []byte) {
			for i, q := range elements[int16](row)[:len(dst)] {
				dst[i] = float32(float64(int(q)-quant.zero) * quant.scale)
			}
		}
	case int8Type, uint8Type, boolType:
		if quant == nil {
			quant = &quantization{scale: 1}
		}
		var table [256]float32
		for b := range 256 {
			q := b
			if t == int8Type {
				q = int(int8(b))
			}
			table[b] = float32(float64(q-quant.zero) * quant.scale)
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
