package vec

import (
	"bytes"
	"hash/maphash"
	"unsafe"
)

// memoryOf is the memory of the values, as the processor orders bytes. It is not to be written to.
func memoryOf(values []float32) []byte {
	size := len(values) * int(unsafe.Sizeof(float32(0)))
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(values))), size)
}

// SameBits reports whether slices hold the same values, where 0 and -0 are two and a NaN is like itself.
func SameBits(a, b []float32) bool { return bytes.Equal(memoryOf(a), memoryOf(b)) }

// hashSeed is another one in each process: hashes are compared within one search only.
var hashSeed = maphash.MakeSeed()

// Hash hashes the bytes of the values.
func Hash(data []float32) uint64 { return maphash.Bytes(hashSeed, memoryOf(data)) }
