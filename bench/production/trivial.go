package main

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"

	"google.golang.org/protobuf/proto"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"
)

const (
	side    = 224 // of the images
	pooled  = 28  // pixels that the trivial models average over
	classes = 1000
)

// trivialPair are two models that take images as image classifiers do and cost next to nothing: means of squares of 28x28 pixels,
// a linear layer, and in the compressed model the weights of that in steps.
func trivialPair() (*model.Pair, error) {
	var models [2]*onnx.Model
	for i, name := range []string{"trivial", "trivial-steps"} {
		file, err := proto.Marshal(trivialModel(i == 1))
		if err != nil {
			return nil, err
		}
		if models[i], err = onnx.OpenBytes(name+".onnx", file, onnx.ImageNet(), onnx.Scores(onnx.Logits)); err != nil {
			return nil, err
		}
	}
	return model.NewPair("trivial", models[0], models[1])
}

func trivialModel(steps bool) *onnxpb.ModelProto {
	rng := rand.New(rand.NewPCG(2, 24))
	features := 3 * (side / pooled) * (side / pooled)
	weights := make([]byte, 0, 4*features*classes)
	for range features * classes {
		w := rng.NormFloat64() / 4
		if steps {
			w = math.Round(w*16) / 16
		}
		weights = binary.LittleEndian.AppendUint32(weights, math.Float32bits(float32(w)))
	}
	float := proto.Int32(int32(onnxpb.TensorProto_FLOAT))
	value := func(name string, dims ...int64) *onnxpb.ValueInfoProto {
		shape := &onnxpb.TensorShapeProto{Dim: []*onnxpb.TensorShapeProto_Dimension{
			{Value: &onnxpb.TensorShapeProto_Dimension_DimParam{DimParam: "batch"}},
		}}
		for _, d := range dims {
			shape.Dim = append(shape.Dim, &onnxpb.TensorShapeProto_Dimension{Value: &onnxpb.TensorShapeProto_Dimension_DimValue{DimValue: d}})
		}
		return &onnxpb.ValueInfoProto{Name: &name, Type: &onnxpb.TypeProto{Value: &onnxpb.TypeProto_TensorType{
			TensorType: &onnxpb.TypeProto_Tensor{ElemType: float, Shape: shape},
		}}}
	}
	node := func(operator string, inputs []string, output string, attributes ...*onnxpb.AttributeProto) *onnxpb.NodeProto {
		return &onnxpb.NodeProto{OpType: &operator, Name: &output, Input: inputs, Output: []string{output}, Attribute: attributes}
	}
	square := func(name string) *onnxpb.AttributeProto {
		return &onnxpb.AttributeProto{Name: &name, Type: onnxpb.AttributeProto_INTS.Enum(), Ints: []int64{pooled, pooled}}
	}
	return &onnxpb.ModelProto{
		IrVersion: proto.Int64(8), OpsetImport: []*onnxpb.OperatorSetIdProto{{Domain: proto.String(""), Version: proto.Int64(17)}},
		Graph: &onnxpb.GraphProto{
			Name: proto.String("trivial"),
			Node: []*onnxpb.NodeProto{
				node("AveragePool", []string{"images"}, "means", square("kernel_shape"), square("strides")),
				node("Flatten", []string{"means"}, "flat"),
				node("MatMul", []string{"flat", "weights"}, "logits"),
			},
			Initializer: []*onnxpb.TensorProto{{
				Name: proto.String("weights"), DataType: float, Dims: []int64{int64(features), classes}, RawData: weights,
			}},
			Input: []*onnxpb.ValueInfoProto{value("images", 3, side, side)}, Output: []*onnxpb.ValueInfoProto{value("logits", classes)},
		},
	}
}

// pictures are so many made-up images, each made when it is read: colours that change slowly from place to place, with some noise.
type pictures int

func (p pictures) Len() int { return int(p) }

func (p pictures) Seed(i int) (input.Seed, error) {
	const knots = 8
	rng := rand.New(rand.NewPCG(uint64(i), 224))
	var at [knots + 1][knots + 1][3]float64
	for y := range at {
		for x := range at[y] {
			for c := range at[y][x] {
				at[y][x][c] = 20 + 215*rng.Float64()
			}
		}
	}
	pixels := make([]uint8, 0, side*side*3)
	for y := range side {
		row, down := y*knots/side, float64(y*knots%side)/side
		for x := range side {
			column, along := x*knots/side, float64(x*knots%side)/side
			for c := range 3 {
				upper := at[row][column][c]*(1-along) + at[row][column+1][c]*along
				lower := at[row+1][column][c]*(1-along) + at[row+1][column+1][c]*along
				pixels = append(pixels, uint8(min(max(upper*(1-down)+lower*down+4*rng.NormFloat64(), 0), 255)))
			}
		}
	}
	in, err := input.NewImage(side, side, 3, pixels)
	return input.Seed{Input: in, Label: input.Unlabelled, Name: fmt.Sprintf("picture %d", i)}, err
}

// stripes are so many images that are made quickly.
type stripes int

func (s stripes) Len() int { return int(s) }

func (s stripes) Seed(i int) (input.Seed, error) {
	rng := rand.New(rand.NewPCG(uint64(i), 7))
	slope, wave := [3]int{rng.IntN(9), rng.IntN(9), rng.IntN(9)}, 1+rng.IntN(63)
	pixels := make([]uint8, side*side*3)
	for at := range pixels {
		pixels[at] = uint8(40 + at/(3*side)*slope[at%3]/8 + at/3%side%wave*2)
	}
	in, err := input.NewImage(side, side, 3, pixels)
	return input.Seed{Input: in, Label: input.Unlabelled, Name: fmt.Sprintf("stripes %d", i)}, err
}
