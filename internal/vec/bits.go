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

// LittleEndian is the memory of the values where the processor has the bytes of each in that order, least first, and else nil. It is not to be written to.
func LittleEndian(values []float32) []byte {
	if one := uint16(1); *(*byte)(unsafe.Pointer(&one)) != 1 {
		return nil
	}
	return memoryOf(values)
}

// SameBits reports whether slices hold the same values, where 0 and -0 are two and a NaN is like itself.
func SameBits(a, b []float32) bool { return bytes.Equal(memoryOf(a), memoryOf(b)) }
