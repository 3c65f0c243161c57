// Package npy reads and writes arrays of numbers in the formats of NumPy: NPY files, each an array, and NPZ files, zip
// archives of arrays that have names.
//
// Arrays hold bool, integers of 8 to 64 bits, or floating point of 16 to 64 bits. Both orders of bytes and of axes are
// read, and what is written is little-endian, with the last index running fastest. An [Array] keeps its type and all of
// its bits. bfloat16 is no type of NumPy's: its bits are kept as [Uint16].
//
// Readers are strict and bounded: a damaged file is an error, makes no more values than it holds, and never panics. A
// large file need not be read at once: [ReadHeader] tells where its values begin, and [Header.Float32s] converts any
// number of them. Errors say what was expected and found; who knows the name of the file puts it in front.
package npy
