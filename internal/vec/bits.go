package vec

import (
	"bytes"
	"unsafe"
)

// memoryOf is the memory of the values, as the processor orders bytes. It is not to be written to.
func memoryOf(values []float32) []byte {
	size := len(values) * int(unsafe.Sizeof(float32(0)))
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(values))), size)
}

// SameBits reports whether slices hold the same values, where 0 and -0 are two and a NaN is like itself.
func SameBits(a, b []float32) bool { return bytes.Equal(memoryOf(a), memoryOf(b)) }
