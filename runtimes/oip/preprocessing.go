package oip

import (
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/runtimes/internal/predictor"
)

// Order says in which order a model takes the values of an image.
type Order = predictor.Order

// The orders: channel by channel, or pixel by pixel.
const (
	NCHW = predictor.NCHW
	NHWC = predictor.NHWC
)

// ColorOrder says in which order a model takes the channels of a colour image. Inputs are RGB.
type ColorOrder = predictor.ColorOrder

// The colour orders.
const (
	RGB = predictor.RGB
	BGR = predictor.BGR
)

// ScoreKind says what the numbers are that a model gives.
type ScoreKind = predictor.ScoreKind

// The kinds of scores: see [Scores].
const (
	Logits           = predictor.Logits
	Probabilities    = predictor.Probabilities
	LogProbabilities = predictor.LogProbabilities
	Raw              = predictor.Raw
)

// Tensor is what a function of [Made] makes of one input: Values in row-major order, and their Shape for one input, which may be left
// out where the metadata tell it.
type Tensor = predictor.Tensor

// Name names the model in reports. The default is its name on the server, with the [Version] where one was asked for; two models of
// one name in a pair have that of their server too.
func Name(name string) Option { return predictor.Name[settings](name) }

// PairName names the pair in reports, and the folder of its artifacts. The default joins the names of the two models.
func PairName(name string) Option { return predictor.PairName[settings](name) }

// Scale multiplies raw values before anything else: Scale(1.0/255) for models that want pixels in 0..1. With [Mean] and [Std], a
// model gets (x*scale - mean) / std. Give one value, or one a channel.
func Scale(scale ...float64) Option { return predictor.Scale[settings](scale...) }

// Mean is subtracted after [Scale], so it is in scaled units. Give one value, or one a channel, in the model's own order of channels
// (see [Channels]).
func Mean(mean ...float64) Option { return predictor.Mean[settings](mean...) }

// Std divides after [Mean] was subtracted. Give one value, or one a channel, in the model's own order of channels.
func Std(std ...float64) Option { return predictor.Std[settings](std...) }

// ImageInput stands for [Scale](1.0/255), [Mean](mean...) and [Std](std...).
func ImageInput(mean, std []float64) Option { return predictor.ImageInput[settings](mean, std) }

// ImageNet is [ImageInput] with the mean and the standard deviation of ImageNet, in RGB order.
func ImageNet() Option { return predictor.ImageNet[settings]() }

// Preset is how models of one training pipeline see images, from [Torchvision], [Keras], [TFLite] or [YOLO]. It is an option for the numbers that
// a model gets, and it has the geometry that seeds are prepared with. One value reaches both:
//
//	preset := oip.Torchvision(256, 224)
//	pair, err := oip.OpenPair(original, compressed, preset)
//	seeds := generators.Prepared(photos, preset.Geometry())
//
// Seeds are prepared apart from the model since a search changes the pixels that the model sees: bounds, distances and saved triggers
// are about those. A model that was opened with a preset refuses images of another size. Options after a preset, such as [Mean], win over
// what it says of numbers; inside [For] it is about one input.
type Preset = predictor.Preset[settings]

// Torchvision is what classification models of torchvision, and most of PyTorch, are evaluated with: Resize(resize), CenterCrop(crop) and the
// normalisation of [ImageNet]. Resize is bilinear, antialiased; weights whose transforms say BICUBIC, as those of EfficientNet, ViT and Swin do,
// want Torchvision(256, 224).Bicubic().
func Torchvision(resize, crop int) Preset { return predictor.Torchvision[settings](resize, crop) }

// KerasMode is what Keras calls the mode of preprocess_input.
type KerasMode = predictor.KerasMode

// The modes, and families of keras.applications that they belong to.
const (
	KerasTF    = predictor.KerasTF    // x/127.5 - 1: MobileNet, MobileNetV2, Inception, Xception, ResNetV2, NASNet
	KerasCaffe = predictor.KerasCaffe // BGR, less the mean of ImageNet: VGG, ResNet
	KerasTorch = predictor.KerasTorch // as [ImageNet]: DenseNet
	KerasRaw   = predictor.KerasRaw   // pixels as they are: EfficientNet, MobileNetV3, ConvNeXt, whose graphs scale them
)

// Keras is what models of keras.applications are used with: images stretched to size x size by tf.image.resize, as
// image_dataset_from_directory does (bilinear, without antialiasing; here rounded to grey levels), and preprocess_input of the mode.
// load_img(target_size=…), which takes the nearest pixels, is none of it.
func Keras(size int, mode KerasMode) Preset { return predictor.Keras[settings](size, mode) }

// TFLite is what image classifiers of TensorFlow Lite are used with: the middle square, scaled to size x size (bilinear, without
// antialiasing), and (x - 127.5) / 127.5, which a quantised input rounds by its own scale. Where a model's metadata have other numbers,
// give [Mean] and [Std] after it: Mean(127), Std(128) for EfficientNet-Lite.
func TFLite(size int) Preset { return predictor.TFLite[settings](size) }

// YOLO is what models of Ultralytics are used with: images letterboxed in size x size (bilinear, without antialiasing, grey of 114
// around them), and pixels in 0..1.
func YOLO(size int) Preset { return predictor.YOLO[settings](size) }

// Layout tells the order of the input's values where the shape does not: [1,3,32,3] could be either. For an input of rank 2 it tells
// in which order the model flattens images.
func Layout(order Order) Option { return predictor.Layout[settings](order) }

// Channels tells that the model wants [BGR] images. The inputs of a search are RGB, and so is the default.
func Channels(order ColorOrder) Option { return predictor.Channels[settings](order) }

// GreyToRGB lets a model of colour images take grey ones: the grey channel is repeated.
func GreyToRGB() Option { return predictor.GreyToRGB[settings]() }

// QuantizedInput gives an int8 or uint8 input its scale and zero point, which no metadata tell. A uint8 input without any takes pixels as
// they are.
func QuantizedInput(scale float64, zeroPoint int) Option {
	return predictor.QuantizedInput[settings](scale, zeroPoint)
}

// QuantizedOutput gives an int8 or uint8 output its scale and zero point.
func QuantizedOutput(scale float64, zeroPoint int) Option {
	return predictor.QuantizedOutput[settings](scale, zeroPoint)
}

// Output chooses among the outputs of the model, by their names in the metadata. Several are for [Raw] numbers: a row holds
// those of the first output, then those of the second.
func Output(names ...string) Option { return predictor.Output[settings](names...) }

// OutputAs gives an output of [Raw] numbers another name in answers: that of the output of the other model that it is compared with, which
// may be in another runtime. [OpenPair] gives outputs of both models the names of the original's, by their places.
func OutputAs(name, as string) Option { return predictor.OutputAs[settings](name, as) }

// Scores says what the model's output is. The default finds out from the answers to the first inputs; what stays in doubt is an
// error. All is as package onnx has it, see its option Scores: logits get
// a softmax, probabilities stay, [Raw] takes any numbers of any shape as they are.
func Scores(kind ScoreKind) Option { return predictor.Scores[settings](kind) }

// ClassOrder says in which order the model gives its classes, where that is not the order of the other model of the pair: order[i] is the
// number that class i has in this model's output.
func ClassOrder(order ...int) Option { return predictor.ClassOrder[settings](order...) }

// MaxBatch limits how many inputs one request takes. The default is what the metadata say: no limit but that of [MessageLimit] where
// the first dimension is open (-1).
func MaxBatch(n int) Option { return predictor.MaxBatch[settings](n) }

// Fixed gives an input of the model that is not searched the same numbers in every run. One value fills the whole tensor; more are
// those of one input of the search, in row-major order.
func Fixed(name string, values ...float64) Option { return predictor.Fixed[settings](name, values...) }

// Made gives an input of the model what a function makes of the searched input. It is called for every input of every run, from
// several goroutines at once, must not keep or change the input, and gives the same for the same input.
func Made(name string, make func(in input.Input) Tensor) Option {
	return predictor.Made[settings](name, make)
}

// Preprocess has a Go function make what the model is given of the searched input: one's production code that resizes, computes a
// spectrogram, pads or tokenises. It fills the inputs of the model that are named as targets, in their order, each with
// its method Resize; without names that is the one input that nothing else feeds. It is called for every input of every run, from several
// goroutines at once, and gives the same for the same input.
func Preprocess(fn func(raw input.Input, dst []Tensor) error, targets ...string) Option {
	return predictor.Preprocess[settings](fn, targets...)
}

// State makes an input of the model take what an output gave in the step before, as models of streams do: see [Steps]. At the
// beginning it is 0, or the given numbers.
func State(name, output string, start ...float64) Option {
	return predictor.State[settings](name, output, start...)
}

// Steps has a model take a sequence in steps: the searched input is cut along its first dimension, time, and the model runs once for
// each piece. Its fields, and what answers are then, are those of Steps in package onnx.
type Steps = predictor.Steps[settings]

// Feed gives an input of the model the part of that name, of inputs that are sets of parts (see [input.Join]). Without it a part feeds
// the input of its own name.
func Feed(target, part string) Option { return predictor.Feed[settings](target, part) }

// For says how one of several inputs of the model is preprocessed: with [Scale], [Mean], [Std], [ImageInput], [ImageNet], [Layout],
// [Channels], [GreyToRGB] and [QuantizedInput].
func For(target string, list ...Option) Option { return predictor.For(target, list...) }
