//go:build !amd64

package generators

// There is no faster way to find medians here.
var vectorMedians = false

const vectorKernel = 0

func medianOfByteVectors([]float32, raster, int) {}
