package modeltext

import (
	"github.com/triggerfinder/triggerfinder/generators/tokens"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/spelling"
	"github.com/triggerfinder/triggerfinder/runtimes/litert"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/runtimes/process"
)

// madeOption is an input of the model that is made of the tokens of another one.
func madeOption(name, value string) (Setting, error) {
	var made func(input.Input) onnx.Tensor
	switch value {
	case "mask":
		made = func(in input.Input) onnx.Tensor {
			return onnx.Tensor{Values: tokens.Mask(in), Shape: []int{1, len(in.Data)}}
		}
	case "length":
		made = func(in input.Input) onnx.Tensor {
			n := 0.0
			for _, v := range tokens.Mask(in) {
				n += v
			}
			return onnx.Tensor{Values: []float64{n}, Shape: []int{1}}
		}
	default:
		return Setting{}, spelling.Expected("mask or length", value)
	}
	return Setting{onnx.Made(name, made), litert.Made(name, made), process.Made(name, made)}, nil
}
