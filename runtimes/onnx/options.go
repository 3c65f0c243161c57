package onnx

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/runtimes/internal/predictor"
)

// Option changes how a model is opened or read. Options that a model's file already answers, such
// as [Layout], are needed only where the file leaves the question open.
//
// # Preprocessing
//
// A search works on raw inputs, mostly 8-bit RGB images of the shape [height, width, channels]. What a
// model wants of them stands in no ONNX file, so say it as your training code did:
//
//	onnx.Scale(1.0/255)                        // pixels in 0..1
//	onnx.ImageInput(mean, std)                 // x/255, then (x-mean)/std, as torchvision does
//	onnx.ImageNet()                            // the same, with the numbers of ImageNet
//	onnx.Mean(103.9, 116.8, 123.7)             // with onnx.Channels(onnx.BGR), as Caffe does
//
// In general a model gets (x*scale - mean) / std, and lists are in the model's own order of channels.
// Without any of these it gets the values of the inputs as they are, and a note in its description says so.
//
// # Options for one model
//
// Options apply to both models of a pair, those inside [Original] and [Compressed] to one of them, and
// win over the others:
//
//	onnx.OpenPair("a.onnx", "b.onnx", onnx.ImageNet(), onnx.Compressed(onnx.Channels(onnx.BGR)))
type Option = predictor.Option[settings]

// settings are what the options of this package add up to for one model, besides those that package predictor has.
type settings struct {
	provider         string // "" for the default
	providerSettings map[string]string
	noFallback       bool
	withProvider     string            // which the library has to have, for this model or the other one of the pair
	optimization     OptimizationLevel // "" for the default
	exactProducts    bool
	gradients        bool
	library          string
	runtimeVersion   string
	noInstall        bool
}

// withDefaults is what they add up to where nothing else is said.
func (s settings) withDefaults() *settings {
	s.provider = cmp.Or(s.provider, "cpu")
	s.optimization = cmp.Or(s.optimization, OptimizeAll)
	return &s
}

type own = predictor.Own[settings]

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

// The kinds of scores. Logits get a softmax, log-probabilities an exponential, probabilities stay. Raw numbers are no scores
// of classes: embeddings, values of a regression, coordinates. They stay as they are.
const (
	Logits           = predictor.Logits
	Probabilities    = predictor.Probabilities
	LogProbabilities = predictor.LogProbabilities
	Raw              = predictor.Raw
)

// OptimizationLevel says how far ONNX Runtime rewrites the graph before it runs it.
type OptimizationLevel string

// The levels of ONNX Runtime, from none to all.
const (
	OptimizeNone     OptimizationLevel = "none"
	OptimizeBasic    OptimizationLevel = "basic"
	OptimizeExtended OptimizationLevel = "extended"
	OptimizeAll      OptimizationLevel = "all"
)

// For says how one of several inputs of the model is preprocessed: with [Scale], [Mean], [Std], [ImageInput], [ImageNet], [Layout],
// [Channels], [GreyToRGB] and [QuantizedInput], or by a function with [Preprocess]. Outside For they are about the only searched input of floating-point numbers or
// 8-bit integers; what For says wins over them.
//
//	onnx.For("image", onnx.ImageNet()), onnx.For("audio", onnx.Scale(1.0/32768))
func For(target string, options ...Option) Option {
	return predictor.For[settings](target, options...)
}

// Original makes options apply to the original model of a pair only.
func Original(options ...Option) Option {
	return predictor.Original[settings](options...)
}

// Compressed makes options apply to the compressed model of a pair only.
func Compressed(options ...Option) Option {
	return predictor.Compressed[settings](options...)
}

// Name names the model in reports. The default is the file's name without ".onnx"; in a pair of two files of the same name the
// folder where their paths differ goes before it, as in "fp32-model".
func Name(name string) Option {
	return predictor.Name[settings](name)
}

// PairName names the pair in reports, and the folder of its artifacts. The default joins the names
// of the two models.
func PairName(name string) Option {
	return predictor.PairName[settings](name)
}

// Scale multiplies raw values before anything else: Scale(1.0/255) for models that want pixels in
// 0..1. With [Mean] and [Std], a model gets (x*scale - mean) / std. Give one value, or one a channel.
func Scale(scale ...float64) Option {
	return predictor.Scale[settings](scale...)
}

// Mean is subtracted after [Scale], so it is in scaled units. Give one value, or one a channel, in
// the model's own order of channels (see [Channels]).
func Mean(mean ...float64) Option {
	return predictor.Mean[settings](mean...)
}

// Std divides after [Mean] was subtracted. Give one value, or one a channel, in the model's own order
// of channels.
func Std(std ...float64) Option {
	return predictor.Std[settings](std...)
}

// ImageInput is the usual preprocessing of 8-bit images, as torchvision does it: pixels are divided by
// 255, then mean is subtracted and the result is divided by std, channel by channel. It stands for
// [Scale](1.0/255), [Mean](mean...) and [Std](std...).
func ImageInput(mean, std []float64) Option {
	return predictor.ImageInput[settings](mean, std)
}

// ImageNet is [ImageInput] with the mean and the standard deviation of ImageNet, in RGB order.
func ImageNet() Option {
	return predictor.ImageNet[settings]()
}

// Preset is how models of one training pipeline see images, from [Torchvision], [Keras], [TFLite] or [YOLO]. It is an option for the numbers that
// a model gets, and it has the geometry that seeds are prepared with. One value reaches both:
//
//	preset := onnx.Torchvision(256, 224)
//	pair, err := onnx.OpenPair("fp32.onnx", "int8.onnx", preset)
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

// Layout tells the order of the input's values where the shape does not: [N,3,32,3] could be either.
// For an input of rank 2 it tells in which order the model flattens images.
func Layout(order Order) Option {
	return predictor.Layout[settings](order)
}

// Channels tells that the model wants [BGR] images, as those trained with OpenCV or Caffe do. The
// inputs of a search are RGB, and so is the default.
func Channels(order ColorOrder) Option {
	return predictor.Channels[settings](order)
}

// GreyToRGB lets a model of colour images take grey ones: the grey channel is repeated.
func GreyToRGB() Option {
	return predictor.GreyToRGB[settings]()
}

// QuantizedInput gives the scale and the zero point of an int8 or uint8 input whose graph does not
// carry them: the model gets q = round(value/scale) + zeroPoint, where value is what [Scale], [Mean]
// and [Std] make of the raw input.
func QuantizedInput(scale float64, zeroPoint int) Option {
	return predictor.QuantizedInput[settings](scale, zeroPoint)
}

// QuantizedOutput gives the scale and the zero point of an int8 or uint8 output whose graph does not
// carry them: a score is (q - zeroPoint) * scale.
func QuantizedOutput(scale float64, zeroPoint int) Option {
	return predictor.QuantizedOutput[settings](scale, zeroPoint)
}

// Output chooses among the outputs of the model, by name. Several are for [Raw] numbers: a row holds those of the first output,
// then those of the second.
func Output(names ...string) Option {
	return predictor.Output[settings](names...)
}

// OutputAs gives an output of [Raw] numbers another name in answers: that of the output of the other model that it is compared with. It
// is for a pair of models in different formats, whose exporters name outputs otherwise; OpenPair gives outputs of both models the names of
// the original's, by their places.
//
//	litert.OutputAs("StatefulPartitionedCall:0", "boxes")
func OutputAs(name, as string) Option {
	return predictor.OutputAs[settings](name, as)
}

// Scores says what the model's output is. The default finds out, from the operators at the end of the graph and from the
// answers to the first inputs, which have to agree; what stays in doubt is an error. The answer is the setting "scores" of the
// description.
//
// Probabilities and LogProbabilities are believed as far as the numbers allow: each has to lie in 0..1, and rows of a graph
// that ends in a softmax have to sum to 1. The several sigmoids of a multi-label model need not.
//
// Raw takes any output of any type and shape whose numbers float32 can hold: a row is all numbers of an input, in row-major
// order, with no softmax and no check of what they are. 8-bit integers are dequantised where the graph or [QuantizedOutput]
// tells their scale, and are themselves where nothing does.
//
// # How it is found out
//
// What an output is, probabilities already, their logarithms or logits, is decided from both ends: from the operators that make
// it, seen through those that clip, cast, quantise, slice or reshape, and from the answers to the first inputs of a search (see
// [Model.Prepare]). Rows of a softmax that do not sum to 1, numbers within 0..1 that no operator explains, and the several
// sigmoids of a multi-label model, which are no distribution, are errors that name the option to give. Later rows are held
// against it too: a distribution that stops summing to 1 is a [model.ErrBadScores].
//
// Whether the sums of a last layer with weights are scores of classes or an embedding stands in no file: several of them are
// read as logits. What no such layer makes and is no distribution (pooled features, a normalised embedding, what comes out of an
// activation), one number of a layer (a logit, or the value of a regression) and outputs of other shapes are one error with
// the outputs of the model and the options: Scores(Logits) says that they are scores, [Raw] takes numbers as they are.
//
// # Which outputs are read
//
// Scores are read as [N,C], [N,1,C], [N,C,1,1] and the like, and as [C,N] where it is plain that the second dimension counts
// inputs. An output of one number, [N,1] or of rank 1, becomes two classes: 1-p and p. Integer outputs are dequantised. Of several
// outputs, [Output] chooses one. The list of maps from labels to probabilities that ZipMap makes of a scikit-learn model is read as
// the probabilities that it was made of. An output of strings is read as labels, 1 for the label and 0 for all other classes, where
// the graph lists them. What the labels are called is in [model.Description].ClassNames and in reports; where both models of a pair
// name their classes, the compressed one's are put in the original's order, and classes that only one of them has are an error. The
// scores of a scikit-learn SVC of two classes stand in the wrong order (see findings/skl2onnx-svc-scores-reversed.sh): train it with
// probability=True.
//
// The sides of a pair may give different kinds of scores; they are compared as probabilities. Where one gives its classes in
// another order, [ClassOrder] puts them back.
//
// With [Raw] an answer has one output, or several that Output names, see [Model.Answer]; a row holds their numbers one after the
// other. Where a graph has operators such as NonMaxSuppression, shapes may differ from input to input. Numbers of int32 and
// int64 from 2^24 on, which a float32 does not hold, are a [model.ErrBadScores].
//
// NaN and infinite scores, and rows of logits that hold some, are returned as they are; the engine reports them.
func Scores(kind ScoreKind) Option {
	return predictor.Scores[settings](kind)
}

// ClassOrder says in which order the model gives its classes, where that is not the order of the other model of the pair:
// order[i] is the number that class i has in this model's output. It lists every class once. For a model with one number an
// input, ClassOrder(1, 0) says that the number is about class 0.
func ClassOrder(order ...int) Option {
	return predictor.ClassOrder[settings](order...)
}

// Threads is how many threads one prediction may use. The default, 1, is the best for a search with
// one worker a core.
func Threads(n int) Option {
	return predictor.Threads[settings](n)
}

// ExecutionProvider chooses what runs the model: "cpu" (the default), "cuda", "tensorrt", "coreml", "directml", "openvino", "xnnpack",
// "webgpu", "qnn", "vitisai", "migraphx", or any other in ONNX Runtime's own spelling ("NvTensorRTRTX"). Settings are the provider's
// own, each as "key=value". For openvino "device_type=CPU" and [Threads] hold unless they say otherwise, and on Linux the environment has to
// have GODEBUG=asyncpreemptoff=1.
//
// The library that has the provider is found or installed: that of the Python package onnxruntime-gpu for cuda and tensorrt,
// onnxruntime-openvino, onnxruntime-directml (package ortlib says for which platforms); coreml is in the usual one for macOS; others need a
// build of one's own, see [RuntimeLibrary]. All of these run models on the CPU too, so that one model of a pair may have a provider:
//
//	onnx.OpenPair("model.onnx", "model-int8.onnx", onnx.Compressed(onnx.ExecutionProvider("openvino")))
//
// Of two models that need different libraries one has to run in another process, see package process.
//
// ONNX Runtime leaves nodes that a provider does not take to the CPU without a word. Here a note of the model and of reports tells how
// many, and which, by a profile of one run; a model of which the provider runs nothing is an error, and [NoFallback] makes one of any
// node that it leaves.
func ExecutionProvider(name string, providerSettings ...string) Option {
	return own(func(s *settings) error {
		if _, known := providerNames[name]; !known && name == strings.ToLower(name) {
			return fmt.Errorf("option ExecutionProvider: expected %s, or another in ONNX Runtime's spelling, such as NvTensorRTRTX, found %q",
				strings.Join(slices.Sorted(maps.Keys(providerNames)), ", "), name)
		}
		s.provider, s.providerSettings = name, map[string]string{}
		if name != "cpu" {
			s.withProvider = name // also when a later option puts this model on the CPU: the other one of the pair may need it
		}
		for _, setting := range providerSettings {
			key, value, ok := strings.Cut(setting, "=")
			if !ok || key == "" {
				return fmt.Errorf("option ExecutionProvider: expected settings such as \"device_id=0\", found %q", setting)
			}
			s.providerSettings[key] = value
		}
		return nil
	})
}

// NoFallback makes an error of a model of which [ExecutionProvider] leaves nodes to the CPU: ONNX Runtime's session option
// "session.disable_cpu_ep_fallback". It says nothing about models that run on the CPU.
func NoFallback() Option {
	return own(func(s *settings) error {
		s.noFallback = true
		return nil
	})
}

// GraphOptimization sets how far ONNX Runtime rewrites the graph. The default is [OptimizeAll].
func GraphOptimization(level OptimizationLevel) Option {
	return own(func(s *settings) error {
		switch level {
		case OptimizeNone, OptimizeBasic, OptimizeExtended, OptimizeAll:
			s.optimization = level
			return nil
		}
		return fmt.Errorf("option GraphOptimization: expected OptimizeNone, OptimizeBasic, OptimizeExtended or OptimizeAll, found %q", string(level))
	})
}

// ExactProducts lets ONNX Runtime multiply 8-bit numbers without saturation on x86 processors without VNNI: its session
// option "session.x64quantprecision". Without it, sums of two products of uint8 activations and int8 weights
// are cut off there at 32767, so that models quantised with the whole range of int8 weights give other answers than
// elsewhere. It is slower there, changes no answer on other processors, and has no effect below [OptimizeExtended]. ONNX Runtime
// refuses some models under it on any processor: those in the form QOperator with int8 activations and several Gemm, and those
// whose layers share a zero point, as tf2onnx writes them.
func ExactProducts() Option {
	return own(func(s *settings) error {
		s.exactProducts = true
		return nil
	})
}

// Gradients lets a model tell how its scores change with its input, as a [model.Differentiable]: searches within a bound find more
// with fewer queries then. It writes the backward pass of the graph as a graph, which ONNX Runtime runs, and takes about as much
// memory and time as a second model. Preprocessing is differentiated too; an input that is quantised, and the pairs of QuantizeLinear and
// DequantizeLinear of a quantised model, count as if they did not round, within their ranges.
//
//	onnx.OpenPair("a.onnx", "b.onnx", onnx.ImageNet(), onnx.Original(onnx.Gradients()))
//
// Gradients of the original are what matters most; given for both models, those of the compressed one tell where the two part. A model
// with operators that have no rule, such as those that compute in integers, has none: a note in the description names them, and the search
// goes on without. So does one that takes several inputs, steps, or what functions make of the input ([Made], [Preprocess]): gradients
// through Go functions are not offered.
func Gradients() Option {
	return own(func(s *settings) error {
		s.gradients = true
		return nil
	})
}

// MaxBatch limits how many inputs one run of the model takes. The default is what the file says: no
// limit when its batch dimension is dynamic.
func MaxBatch(n int) Option {
	return predictor.MaxBatch[settings](n)
}

// RuntimeLibrary is the path of ONNX Runtime's shared library. The default looks for one and, where
// there is none, installs it (see package ortlib). A process uses one library: the first one.
func RuntimeLibrary(path string) Option {
	return own(func(s *settings) error {
		if path == "" {
			return errors.New(`option RuntimeLibrary: expected a path, found ""`)
		}
		s.library = path
		return nil
	})
}

// RuntimeVersion accepts one version of ONNX Runtime only, such as "1.30.0": integer models may give
// other scores with another one.
func RuntimeVersion(version string) Option {
	return own(func(s *settings) error {
		if version == "" {
			return errors.New(`option RuntimeVersion: expected a version, found ""`)
		}
		s.runtimeVersion = version
		return nil
	})
}

// NoInstall forbids the installation of ONNX Runtime: it must be there.
func NoInstall() Option {
	return own(func(s *settings) error {
		s.noInstall = true
		return nil
	})
}
