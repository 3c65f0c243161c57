//go:build !amd64

package generators

// vectors says whether the processor works on many values at once: here on one.
var vectors = false
