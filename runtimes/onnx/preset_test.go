//go:build cgo

package onnx_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

// TestPresetsAreOptions: a preset gives what its options would, whatever stood before it, and what stands after it wins.
func TestPresetsAreOptions(t *testing.T) {
	pixels := make([]uint8, 8*8*3)
	for i := range pixels {
		pixels[i] = uint8(i * 37)
	}
	image, err := input.NewImage(8, 8, 3, pixels)
	if err != nil {
		t.Fatal(err)
	}
	before := []onnx.Option{onnx.Scale(3), onnx.Mean(1, 2, 3), onnx.Std(4)}
	for _, test := range []struct {
		name         string
		preset, same []onnx.Option
	}{
		{"Torchvision", []onnx.Option{onnx.Torchvision(10, 8)}, []onnx.Option{onnx.ImageNet()}},
		{"Torchvision, bicubic", []onnx.Option{onnx.Torchvision(10, 8).Bicubic()}, []onnx.Option{onnx.ImageNet()}},
		{"Keras tf", []onnx.Option{onnx.Keras(8, onnx.KerasTF)}, []onnx.Option{onnx.Mean(127.5), onnx.Std(127.5)}},
		{"Keras caffe", []onnx.Option{onnx.Keras(8, onnx.KerasCaffe)}, []onnx.Option{onnx.Mean(103.939, 116.779, 123.68), onnx.Channels(onnx.BGR)}},
		{"Keras torch", []onnx.Option{onnx.Keras(8, onnx.KerasTorch)}, []onnx.Option{onnx.ImageNet()}},
		{"Keras raw", []onnx.Option{onnx.Keras(8, onnx.KerasRaw)}, nil},
		{"TFLite", []onnx.Option{onnx.TFLite(8)}, []onnx.Option{onnx.Mean(127.5), onnx.Std(127.5)}},
		{"TFLite, other numbers", []onnx.Option{onnx.TFLite(8), onnx.Mean(127), onnx.Std(128)}, []onnx.Option{onnx.Mean(127), onnx.Std(128)}},
		{"YOLO", []onnx.Option{onnx.YOLO(8)}, []onnx.Option{onnx.Scale(1.0 / 255)}},
		{"of one input", []onnx.Option{onnx.For("input", onnx.YOLO(8))}, []onnx.Option{onnx.Scale(1.0 / 255)}},
	} {
		answer := func(options ...onnx.Option) []float32 {
			t.Helper()
			m, err := onnx.Open("testdata/nchw-rgb.onnx", append(options, onnx.Scores(onnx.Logits))...)
			if err != nil {
				t.Fatalf("%s: %v", test.name, err)
			}
			defer m.Close()
			scores, err := m.Predict(context.Background(), []input.Input{image})
			if err != nil {
				t.Fatalf("%s: %v", test.name, err)
			}
			return scores[0]
		}
		options := test.preset
		if test.name != "of one input" { // what stands outside For is about the same input, and Keras raw has no Mean to set
			options = append(slices.Clone(before), options...)
		}
		if got, want := answer(options...), answer(test.same...); !slices.Equal(got, want) {
			t.Errorf("%s: expected %v, found %v", test.name, want, got)
		}
	}
}

// TestPresetsRefuseOtherSizes: a model that takes images of any size takes those of the preset.
func TestPresetsRefuseOtherSizes(t *testing.T) {
	m, err := onnx.Open("testdata/dynamic-hw.onnx", onnx.YOLO(16))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	for _, side := range []int{16, 12} {
		image, err := input.NewImage(side, 16, 3, make([]uint8, side*16*3))
		if err != nil {
			t.Fatal(err)
		}
		found := ""
		if err := m.CheckInput(image); err != nil {
			found = err.Error()
		}
		want := ""
		if side != 16 {
			want = "onnx: testdata/dynamic-hw.onnx: expected an image of 16 x 16 pixels, the size of YOLO(16), found [12 16 3]; prepare the seeds with generators.Prepared(seeds, preset.Geometry())"
		}
		if found != want {
			t.Errorf("%d x 16: expected %q, found %q", side, want, found)
		}
	}
}

func TestPresetErrors(t *testing.T) {
	for _, test := range []struct {
		preset onnx.Option
		want   string
	}{
		{onnx.Torchvision(200, 224), "onnx: option Torchvision(200, 224): geometry: expected a middle within the short side of 200, found 224 x 224"},
		{onnx.Torchvision(0, 224), "onnx: option Torchvision(0, 224): expected sizes of 1 or more pixels"},
		{onnx.Torchvision(256, 0), "onnx: option Torchvision(256, 0): expected sizes of 1 or more pixels"},
		{onnx.YOLO(-1), "onnx: option YOLO(-1): expected sizes of 1 or more pixels"},
		{onnx.TFLite(224).Bicubic(), "onnx: option TFLite(224): expected no Bicubic, which is about the short side of Torchvision"},
		{onnx.Keras(224, "fancy"), `onnx: option Keras: expected the mode onnx.KerasTF, onnx.KerasCaffe, onnx.KerasTorch or onnx.KerasRaw, found "fancy"`},
		{onnx.Preset{}, "onnx: option Preset: expected one that onnx.Torchvision, onnx.Keras, onnx.TFLite or onnx.YOLO gives, found an empty one"},
		{onnx.For("input", onnx.YOLO(0)), `onnx: option YOLO(0): expected sizes of 1 or more pixels (in For("input"))`},
	} {
		m, err := onnx.Open("testdata/nchw-rgb.onnx", test.preset)
		if err == nil {
			m.Close()
		}
		if err == nil || !strings.HasSuffix(err.Error(), strings.TrimPrefix(test.want, "onnx: ")) {
			t.Errorf("expected %q, found %v", test.want, err)
		}
	}
}
