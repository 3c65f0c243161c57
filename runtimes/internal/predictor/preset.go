package predictor

import (
	"fmt"

	"github.com/triggerfinder/triggerfinder/input"
)

// Preset is how models of one training pipeline see images. It is an option, for the numbers that a model gets, and it has a geometry, for
// the seeds. Both come from one value since neither is right without the other; they are not carried out in one place, since a search
// changes the pixels that a model sees: a model that scaled images itself would have its triggers measured, bounded and saved in pixels
// that it never saw.
type Preset[S any] struct {
	geometry Geometry
	numbers  inputOption[S]
}

// Geometry is that of a preset, and the preset's name.
type Geometry struct {
	input.Geometry
	name string
}

// Geometry is how seeds are prepared: generators.Prepared(seeds, preset.Geometry()).
func (p Preset[S]) Geometry() input.Geometry { return p.geometry.Geometry }

// String names the preset, such as "Torchvision(256, 224)".
func (p Preset[S]) String() string { return p.geometry.name }

// Bicubic is the preset with a bicubic filter where it scales the short side, as torchvision's weights of EfficientNet, ViT and Swin have it.
func (p Preset[S]) Bicubic() Preset[S] {
	p.geometry.Geometry.Bicubic = true
	return p
}

func (p Preset[S]) set(c *config, _ *S) error { return p.preprocess(&c.preprocessing) }

func (p Preset[S]) preprocess(c *preprocessing) error {
	g := p.geometry
	switch {
	case p.numbers == nil:
		return fmt.Errorf("option Preset: expected one that @Torchvision, @Keras, @TFLite or @YOLO gives, found an empty one")
	case g.Height < 1 || g.Short < 0:
		return fmt.Errorf("option %s: expected sizes of 1 or more pixels", g.name)
	case g.Geometry.Bicubic && g.Short == 0:
		return fmt.Errorf("option %s: expected no Bicubic, which is about the short side of Torchvision", g.name)
	}
	if err := g.Validate(); err != nil {
		return fmt.Errorf("option %s: %w", g.name, err)
	}
	c.preset = &g
	return p.numbers(c)
}

// numbers set all of Scale, Mean and Std, nil for none, so that nothing of an option before them is left.
func numbers[S any](scale, mean, std []float64, colors ColorOrder) inputOption[S] {
	return func(p *preprocessing) error {
		p.scale, p.mean, p.std = scale, mean, std
		if colors != "" {
			p.colors = colors
		}
		return nil
	}
}

var (
	toOne        = []float64{1.0 / 255}
	half8        = []float64{127.5}
	imageNetMean = []float64{0.485, 0.456, 0.406}
	imageNetStd  = []float64{0.229, 0.224, 0.225}
)

// Torchvision is what torchvision's classification models are evaluated with: Resize(resize), bilinear, CenterCrop(crop), and the
// normalisation of [ImageNet].
func Torchvision[S any](resize, crop int) Preset[S] {
	p := Preset[S]{
		Geometry{input.Geometry{Short: resize, Height: crop, Width: crop}, fmt.Sprintf("Torchvision(%d, %d)", resize, crop)},
		numbers[S](toOne, imageNetMean, imageNetStd, ""),
	}
	if resize == 0 {
		p.geometry.Short = -1 // no size, where 0 is none
	}
	return p
}

// KerasMode is what Keras calls the mode of preprocess_input.
type KerasMode string

// The modes.
const (
	KerasTF    KerasMode = "tf"    // x/127.5 - 1
	KerasCaffe KerasMode = "caffe" // BGR, less the mean of ImageNet
	KerasTorch KerasMode = "torch" // as [ImageNet]
	KerasRaw   KerasMode = "raw"   // pixels as they are
)

// Keras is what models of keras.applications are used with: images stretched to size x size, bilinear without antialiasing, and
// preprocess_input of the mode.
func Keras[S any](size int, mode KerasMode) Preset[S] {
	p := Preset[S]{geometry: Geometry{input.Geometry{Height: size, Width: size, Fit: input.Stretch}, fmt.Sprintf("Keras(%d, %q)", size, string(mode))}}
	switch mode {
	case KerasTF:
		p.numbers = numbers[S](nil, half8, half8, RGB)
	case KerasCaffe:
		p.numbers = numbers[S](nil, []float64{103.939, 116.779, 123.68}, nil, BGR)
	case KerasTorch:
		p.numbers = numbers[S](toOne, imageNetMean, imageNetStd, RGB)
	case KerasRaw:
		p.numbers = numbers[S]([]float64{1}, nil, nil, RGB)
	default:
		p.numbers = func(*preprocessing) error {
			return fmt.Errorf("option Keras: expected the mode @KerasTF, @KerasCaffe, @KerasTorch or @KerasRaw, found %q", string(mode))
		}
	}
	return p
}

// TFLite is what TensorFlow Lite's image classifiers are used with: the middle square, scaled to size x size, bilinear without
// antialiasing, and (x - 127.5) / 127.5, which a quantised input rounds by its own scale.
func TFLite[S any](size int) Preset[S] {
	return Preset[S]{
		Geometry{input.Geometry{Square: true, Height: size, Width: size, Fit: input.Stretch}, fmt.Sprintf("TFLite(%d)", size)},
		numbers[S](nil, half8, half8, ""),
	}
}

// YOLO is what models of Ultralytics are used with: images letterboxed in size x size, and pixels in 0..1.
func YOLO[S any](size int) Preset[S] {
	return Preset[S]{
		Geometry{input.Geometry{Height: size, Width: size, Fit: input.Letterbox}, fmt.Sprintf("YOLO(%d)", size)},
		numbers[S](toOne, nil, nil, ""),
	}
}

// fits reports whether an image has the size that the geometry leads to. Rows, which may be images of any size, do.
func (g Geometry) fits(in input.Input) bool {
	h, w, _, ok := planes(in)
	return !ok || h == g.Height && w == g.Width
}
