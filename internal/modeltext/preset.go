package modeltext

import (
	"strconv"
	"strings"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/spelling"
	"github.com/triggerfinder/triggerfinder/runtimes/litert"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/runtimes/process"
)

// LargestSide is the most pixels that a side of an image may be asked to have.
const LargestSide = 1 << 14

const presetForms = "torchvision:256,224, torchvision:256,224,bicubic, keras:224,MODE with the mode tf, caffe, torch or raw, tflite:224 or yolo:640"

// Preset is the value of the option preset: a setting of each runtime, and what it says of seeds.
type Preset struct {
	Setting  Setting
	Geometry input.Geometry
}

// ParsePreset reads NAME:SIZES.
func ParsePreset(text string) (p Preset, err error) {
	wrong := spelling.Expected(presetForms, text)
	name, rest, _ := strings.Cut(text, ":")
	parts := strings.Split(rest, ",")
	size := func(i int) int {
		n, err := strconv.Atoi(strings.TrimSpace(parts[i]))
		if err != nil || n < 1 || n > LargestSide {
			return 0
		}
		return n
	}
	switch {
	case name == "torchvision" && (len(parts) == 2 || len(parts) == 3 && parts[2] == "bicubic"):
		resize, crop := size(0), size(1)
		if resize == 0 || crop == 0 || crop > resize {
			return p, wrong
		}
		o, l, r := onnx.Torchvision(resize, crop), litert.Torchvision(resize, crop), process.Torchvision(resize, crop)
		if len(parts) == 3 {
			o, l, r = o.Bicubic(), l.Bicubic(), r.Bicubic()
		}
		return Preset{Setting{o, l, r}, o.Geometry()}, nil
	case name == "keras" && len(parts) == 2:
		mode, err := spelling.OneOf(string(onnx.KerasTF), string(onnx.KerasCaffe), string(onnx.KerasTorch), string(onnx.KerasRaw))(parts[1])
		if err != nil || size(0) == 0 {
			return p, wrong
		}
		o := onnx.Keras(size(0), onnx.KerasMode(mode))
		return Preset{Setting{o, litert.Keras(size(0), litert.KerasMode(mode)), process.Keras(size(0), process.KerasMode(mode))}, o.Geometry()}, nil
	case name == "tflite" && len(parts) == 1 && size(0) > 0:
		o := onnx.TFLite(size(0))
		return Preset{Setting{o, litert.TFLite(size(0)), process.TFLite(size(0))}, o.Geometry()}, nil
	case name == "yolo" && len(parts) == 1 && size(0) > 0:
		o := onnx.YOLO(size(0))
		return Preset{Setting{o, litert.YOLO(size(0)), process.YOLO(size(0))}, o.Geometry()}, nil
	}
	return p, wrong
}

func presetOption(text string) (Setting, error) {
	p, err := ParsePreset(text)
	return p.Setting, err
}
