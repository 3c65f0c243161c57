package vec

import "hash/maphash"

// hashSeed is another one in each process: hashes are compared within one search only.
var hashSeed = maphash.MakeSeed()

// Hash hashes the bytes of the values.
func Hash(data []float32) uint64 { return maphash.Bytes(hashSeed, Bits(data)) }
