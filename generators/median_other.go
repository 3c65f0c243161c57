//go:build !amd64

package generators

// vectorKernel is the largest kernel for which there is a faster way to find medians.
const vectorKernel = 0

func medianOfByteVectors([]float32, raster, int) {}
