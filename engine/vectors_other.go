//go:build !amd64

package engine

// vectors says whether the processor works on several numbers at once: here on one.
var vectors = false
