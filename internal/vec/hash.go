package vec

import (
	"hash/maphash"
	"unsafe"
)

const (
	hashLanes = 32            // numbers that are hashed side by side
	hashBlock = 8 * hashLanes // bytes of which each of them takes eight at a time
	// hashAtLeast is how many such blocks make up for hashing the lanes in the end.
	hashAtLeast = 8
)

// hashSeed is another one in each process: hashes are compared within one search only.
var hashSeed = maphash.MakeSeed()

// Hash hashes the bytes of the values. Equal values have equal hashes within a process; in another one, and on another processor, they have
// others.
//
// Large inputs are hashed by lanes where the processor has vectors, which is four times as fast: each lane is a polynomial of every 32nd
// eight bytes, by multiplication with carry (MWC64X, Thomas 2011), so that their order counts. Inputs that differ are told apart by some 63 bits.
func Hash(data []float32) uint64 {
	bytes := memoryOf(data)
	blocks := len(bytes) / hashBlock
	if !vectors || blocks < hashAtLeast {
		return maphash.Bytes(hashSeed, bytes)
	}
	var lanes [hashLanes]uint64
	for i := range lanes {
		lanes[i] = uint64(i) // so that not all are 0 for zeros
	}
	hashBlocks(&lanes, &bytes[0], blocks)
	var sum maphash.Hash
	sum.SetSeed(hashSeed)
	sum.Write(unsafe.Slice((*byte)(unsafe.Pointer(&lanes)), unsafe.Sizeof(lanes)))
	sum.Write(bytes[blocks*hashBlock:])
	return sum.Sum64()
}
