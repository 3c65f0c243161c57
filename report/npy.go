package report

import (
	"fmt"
	"slices"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/npy"
)

// dtypeOf is the type that holds the input exactly: bytes for 8-bit inputs, else float32.
func dtypeOf(in input.Input) npy.DType {
	if in.Domain != input.Bytes || slices.ContainsFunc(in.Data, func(v float32) bool { return !npy.Uint8.Holds(v) }) {
		return npy.Float32
	}
	return npy.Uint8
}

func encodeNPY(in input.Input) ([]byte, error) {
	array, err := npy.FromFloat32s(dtypeOf(in), in.Shape, in.Data)
	if err != nil {
		return nil, err
	}
	return array.Encode()
}

// decodeNPY reads an array of bytes or float32.
func decodeNPY(file []byte) (shape []int, data []float32, err error) {
	array, err := npy.Decode(file)
	if err != nil {
		return nil, nil, err
	}
	if array.DType != npy.Uint8 && array.DType != npy.Float32 {
		return nil, nil, fmt.Errorf("type %s: expected %s (8-bit inputs) or %s", array.DType, npy.Uint8, npy.Float32)
	}
	return array.Shape, array.Float32s(), nil
}
