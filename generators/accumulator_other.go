//go:build !amd64

package generators

func widenByVectors([]int32, []float32) bool { return false }

func narrowByVectors([]byte, []float32) bool { return false }

func floatByVectors([]float32, []byte) bool { return false }

func weighByVectors([]int32, *[7][]int32, []int32) bool { return false }

func scaleByVectors([]float32, []int32, int32, int32, uint) bool { return false }
