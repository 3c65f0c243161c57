package oip

import "unsafe"

// aligned are the same bytes where elements of any type may lie.
func aligned(data []byte) []byte {
	memory := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(make([]uint64, len(data)/8+1)))), len(data))
	copy(memory, data)
	return memory
}
