package engine

// vectors says whether the processor works on several numbers at once (AVX). Functions that do so round as the loops
// that they stand for.
var vectors = hasAVX()

// atOnce is on how many.
const atOnce = 4

// inVectors is how many of n elements are left to such functions.
func inVectors(n int) int {
	if !vectors {
		return 0
	}
	return n / atOnce * atOnce
}

func hasAVX() bool
