//go:build cgo

package onnx_test

import (
	"context"
	"fmt"

	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

func ExampleOpenPair() {
	pair, err := onnx.OpenPair("testdata/nchw-rgb.onnx", "testdata/int8-io.onnx",
		onnx.Scale(1.0/255), onnx.PairName("tiny"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer pair.Close()

	original, compressed := pair.Describe()
	fmt.Println(pair)
	fmt.Println(original.Settings["input"], "→", original.Settings["scores"])
	fmt.Println(compressed.Settings["input"], "→", compressed.Settings["scores"])
	// Output:
	// pair tiny (nchw-rgb, int8-io)
	// "input" float32 [batch,3,8,8] NCHW → logits, softmax applied (the graph ends in Gemm, and rows do not sum to 1)
	// "input" int8 [batch,8,8,3] NHWC → probabilities, as they are (the graph ends in Softmax, and rows sum to 1)
}

func ExampleOpen() {
	model, err := onnx.Open("testdata/bgr.onnx", onnx.Scale(1.0/255), onnx.Channels(onnx.BGR))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer model.Close()

	black, err := input.NewImage(8, 8, 3, make([]uint8, 8*8*3))
	if err != nil {
		fmt.Println(err)
		return
	}
	scores, err := model.Predict(context.Background(), []input.Input{black})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.2f\n", scores[0])
	// Output: [0.22 0.66 0.13]
}

// The weights of the copy differ by 1 % of the standard deviation of their tensor.
func ExampleOpenPerturbedFS() {
	original := model.Must(onnx.OpenFS(fixtures.Models, "lenet5.onnx", onnx.Scale(fixtures.Scale)))
	defer original.Close()
	perturbed, err := onnx.OpenPerturbedFS(fixtures.Models, "lenet5.onnx", 0.01, 0, onnx.Scale(fixtures.Scale))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer perturbed.Close()
	pair := model.Must(model.NewPair("canary", original, perturbed))
	o, c := pair.Describe()
	fmt.Println(o.SHA256 != c.SHA256)
	// Output: true
}

func ExampleOpenVariantsFS() {
	p := fixtures.LeNet5Pruned
	variants, err := onnx.OpenVariantsFS(fixtures.Models, p.Original, p.Compressed, onnx.Scale(fixtures.Scale))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer variants.Close()
	for _, v := range variants {
		fmt.Println(v.Setting)
	}
	// Output:
	// optimisation none
	// optimisation basic
	// optimisation extended
	// 2 threads
}

// The gradient of the margin between two classes, by the pixels of a picture.
func ExampleGradients() {
	pair := model.Must(onnx.OpenPairFS(fixtures.Models, "lenet5.onnx", "lenet5-dynamic.onnx", onnx.Scale(fixtures.Scale), onnx.Gradients()))
	defer pair.Close()
	seed := model.Must(fixtures.Seeds().Seed(0))
	weights := make([]float32, 10)
	weights[seed.Label], weights[6] = 1, -1 // of the logarithms of scores

	original := pair.Original().(model.Differentiable)
	gradient := model.Must(original.Gradient(context.Background(), []input.Input{seed.Input}, [][]float32{weights}, nil))[0]
	fmt.Println(len(gradient), "numbers for", seed.Input.Shape)
	fmt.Println(model.CheckGradient(pair.Compressed(), seed.Input))
	// Output:
	// 784 numbers for [28 28 1]
	// onnx: lenet5-dynamic.onnx: expected operators with a rule for their gradients, found ConvInteger, DynamicQuantizeLinear, MatMulInteger
}

// photos are two images of other sizes than models take.
func photos() input.Seeds {
	var list input.SeedList
	for _, size := range [][2]int{{12, 16}, {20, 10}} {
		photo := model.Must(input.NewImage(size[0], size[1], 3, make([]uint8, size[0]*size[1]*3)))
		list = append(list, input.Seed{Input: photo, Name: fmt.Sprintf("%d x %d", size[0], size[1])})
	}
	return list
}

// The preset is given to the models, for their numbers, and its geometry to the seeds.
func ExampleTorchvision() {
	preset := onnx.Torchvision(10, 8) // 256, 224 for most models
	pair := model.Must(onnx.OpenPair("testdata/nchw-rgb.onnx", "testdata/int8-io.onnx", preset, onnx.PairName("tiny")))
	defer pair.Close()
	seeds := generators.Prepared(photos(), preset.Geometry())

	original, _ := pair.Describe()
	fmt.Println(original.Settings["preprocess"])
	fmt.Println(preset.Geometry())
	fmt.Println(preset.Bicubic().Geometry())
	fmt.Println(model.Must(seeds.Seed(0)).Input)
	// Output:
	// (x * 0.00392157 - [0.485 0.456 0.406]) / [0.229 0.224 0.225]
	// short side 10 (bilinear), middle 8 x 8
	// short side 10 (bicubic), middle 8 x 8
	// image [8 8 3], 0..255 step 1
}

// Weights of VGG and ResNet in Keras want the mode caffe.
func ExampleKeras() {
	preset := onnx.Keras(8, onnx.KerasCaffe)
	original := model.Must(onnx.Open("testdata/nchw-rgb.onnx", preset))
	defer original.Close()
	fmt.Println(original.Describe().Settings["preprocess"])
	fmt.Println(preset.Geometry())

	// Images of another size are refused.
	fmt.Println(original.CheckInput(model.Must(photos().Seed(0)).Input))
	// Output:
	// x - [103.939 116.779 123.68], BGR
	// stretched to 8 x 8
	// onnx: testdata/nchw-rgb.onnx: expected an input of [8, 8, 3] (height, width, channels), found [12 16 3]; prepare the seeds with generators.Prepared(seeds, preset.Geometry())
}

// EfficientNet-Lite has other numbers than most.
func ExampleTFLite() {
	preset := onnx.TFLite(8)
	lite := model.Must(onnx.Open("testdata/nchw-rgb.onnx", preset, onnx.Mean(127), onnx.Std(128)))
	defer lite.Close()
	fmt.Println(lite.Describe().Settings["preprocess"])
	fmt.Println(preset.Geometry())
	// Output:
	// (x - 127) / 128
	// middle square, stretched to 8 x 8
}

func ExampleYOLO() {
	preset := onnx.YOLO(8)
	detector := model.Must(onnx.Open("testdata/nchw-rgb.onnx", preset, onnx.Scores(onnx.Raw)))
	defer detector.Close()
	fmt.Println(detector.Describe().Settings["preprocess"])
	fmt.Println(preset.Geometry())
	// Output:
	// x * 0.00392157
	// letterboxed in 8 x 8
}
