// Package vec holds the loops over many numbers in which a search spends its time outside of the models. Each is one
// function: a loop in Go for every processor and, where a processor works on several numbers at once, another way that
// gives the same to the last bit. It knows slices and numbers, not what they stand for.
//
// Products are converted to float64 before they are added to: it forbids the compiler to fuse the two steps into one
// with another rounding, which it does on some processors. Results must not depend on the machine.
//
// Functions panic, as a loop would, where a slice is shorter than the ones that it belongs to.
package vec

import (
	"runtime"

	"golang.org/x/sys/cpu"
)

// vectors says whether the processor works on several numbers at once, with what loops_amd64.go lists, and wide whether on twice as many, where a
// search of large inputs gains by that.
var (
	vectors = runtime.GOARCH == "amd64" && cpu.X86.HasAVX2
	wide    = vectors && cpu.X86.HasAVX512F
)

// Such functions take at least so many numbers: what 32 bytes hold.
const (
	doublesAtOnce = 4
	wideAtOnce    = 2 * doublesAtOnce
	wholesAtOnce  = 8
	singlesAtOnce = 8
	bytesAtOnce   = 32
)

// inFours is how many of n numbers are left to functions that take a multiple of four.
func inFours(n int) int {
	if !vectors {
		return 0
	}
	return n / doublesAtOnce * doublesAtOnce
}

// inSingles is how many of n float32 numbers are left to functions that take a multiple of eight.
func inSingles(n int) int {
	if !vectors {
		return 0
	}
	return n / singlesAtOnce * singlesAtOnce
}

// inEights is how many are left to those that are wide.
func inEights(n int) int {
	if !wide {
		return 0
	}
	return n / wideAtOnce * wideAtOnce
}

// WithoutVectors runs a test as on a processor that works on one number after the other. Nothing else may use the
// package at the same time.
func WithoutVectors(test func()) {
	with(false, false, test)
}

// with runs a test as on another processor.
func with(several, twice bool, test func()) {
	before, wideBefore := vectors, wide
	vectors, wide = several, twice
	defer func() { vectors, wide = before, wideBefore }()
	test()
}
