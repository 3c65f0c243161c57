package onnx

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
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
type Option interface {
	set(*config) error
}

// Order says in which order a model takes the values of an image.
type Order string

// The orders: channel by channel, or pixel by pixel.
const (
	NCHW Order = "NCHW"
	NHWC Order = "NHWC"
)

// ColorOrder says in which order a model takes the channels of a colour image. Inputs are RGB.
type ColorOrder string

// The colour orders.
const (
	RGB ColorOrder = "RGB"
	BGR ColorOrder = "BGR"
)

// ScoreKind says what the numbers are that a model gives.
type ScoreKind string

// The kinds of scores. Logits get a softmax, log-probabilities an exponential, probabilities stay. Raw numbers are no scores
// of classes: embeddings, values of a regression, coordinates. They stay as they are.
const (
	Logits           ScoreKind = "logits"
	Probabilities    ScoreKind = "probabilities"
	LogProbabilities ScoreKind = "log-probabilities"
	Raw              ScoreKind = "raw"
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

// role is the place of a model: alone, or one side of a pair.
type role string

const (
	alone      role = "model"
	original   role = "original"
	compressed role = "compressed"
)

// config is what the options add up to for one model.
type config struct {
	role     role
	name     string
	pairName string

	preprocessing                          // outside For
	apart         map[string]preprocessing // of one input of several, see For
	feeds         []feed
	steps         *Steps // nil for a model that takes inputs as a whole
	own           bool   // options of one side of a pair are being set

	outputNames []string          // nil when not given
	outputsAs   map[string]string // see OutputAs
	outputQuant *quantization
	scores      ScoreKind
	classOrder  []int

	threads          int
	provider         string
	providerSettings map[string]string
	optimization     OptimizationLevel
	exactProducts    bool
	maxBatch         int
	mixing           bool  // see mixingBatches
	like             named // the classes of the original of the pair

	library        string
	runtimeVersion string
	noInstall      bool
}

// preprocessing is what options say about the numbers of an input.
type preprocessing struct {
	scale, mean, std []float64 // nil when not given
	layout           Order
	colors           ColorOrder // "" for RGB
	greyToRGB        bool
	inputQuant       *quantization
}

// given reports whether anything is said.
func (p *preprocessing) given() bool {
	return p.affine() || p.layout != "" || p.colors != "" || p.greyToRGB || p.inputQuant != nil
}

// affine reports whether numbers are to be changed.
func (p *preprocessing) affine() bool { return p.scale != nil || p.mean != nil || p.std != nil }

// lists is the longest of Scale, Mean and Std.
func (p *preprocessing) lists() int { return max(len(p.scale), len(p.mean), len(p.std)) }

// with is what is said here, where the other one says nothing.
func (p preprocessing) with(more preprocessing) preprocessing {
	for _, list := range [...]struct{ to, from *[]float64 }{{&p.scale, &more.scale}, {&p.mean, &more.mean}, {&p.std, &more.std}} {
		if *list.from != nil {
			*list.to = *list.from
		}
	}
	if more.layout != "" {
		p.layout = more.layout
	}
	if more.colors != "" {
		p.colors = more.colors
	}
	if more.inputQuant != nil {
		p.inputQuant = more.inputQuant
	}
	p.greyToRGB = p.greyToRGB || more.greyToRGB
	return p
}

// configure adds up the options for one role. What [Original] and [Compressed] say wins, wherever it
// stands in the list.
func configure(r role, options []Option) (config, error) {
	c := config{
		role: r, threads: 1, provider: "cpu", optimization: OptimizeAll,
	}
	var own []Option
	for i, o := range options {
		if o == nil {
			return c, fmt.Errorf("onnx: option %d: expected an option, found nil", i+1)
		}
		if s, ok := o.(sideOption); ok {
			if r == alone {
				return c, fmt.Errorf("onnx: option %s: expected it in OpenPair, found it in Open, which has one model", s.title())
			}
			if s.side == r {
				own = append(own, s.options...)
			}
			continue
		}
		if err := o.set(&c); err != nil {
			return c, err
		}
	}
	c.own = true
	for _, o := range own {
		if o == nil {
			return c, fmt.Errorf("onnx: option of the %s model: expected an option, found nil", r)
		}
		if err := o.set(&c); err != nil {
			return c, err
		}
	}
	return c, nil
}

type optionFunc func(*config) error

func (f optionFunc) set(c *config) error { return f(c) }

// inputOption is an option about the numbers of an input, which may stand in [For].
type inputOption func(*preprocessing) error

func (f inputOption) set(c *config) error { return f(&c.preprocessing) }

// For says how one of several inputs of the model is preprocessed: with [Scale], [Mean], [Std], [ImageInput], [ImageNet], [Layout],
// [Channels], [GreyToRGB] and [QuantizedInput], or by a function with [Preprocess]. Outside For they are about the only searched input of floating-point numbers or
// 8-bit integers; what For says wins over them.
//
//	onnx.For("image", onnx.ImageNet()), onnx.For("audio", onnx.Scale(1.0/32768))
func For(target string, options ...Option) Option {
	return optionFunc(func(c *config) error {
		if target == "" {
			return errors.New(`onnx: option For: expected the name of an input of the model, found ""`)
		}
		if len(options) == 0 {
			return fmt.Errorf("onnx: option For(%q): expected options such as onnx.Scale, found none", target)
		}
		p := c.apart[target]
		for i, o := range options {
			if made, ok := o.(preprocessOption); ok && made.targets == nil {
				made.targets = []string{target}
				if err := made.set(c); err != nil {
					return fmt.Errorf("%w (in For(%q))", err, target)
				}
				continue
			}
			about, ok := o.(inputOption)
			if !ok {
				return fmt.Errorf("onnx: option For(%q): expected options about the numbers of one input (Scale, Mean, Std, ImageInput, ImageNet, Layout, Channels, GreyToRGB, QuantizedInput, or Preprocess without names), found another one in place %d", target, i+1)
			}
			if err := about(&p); err != nil {
				return fmt.Errorf("%w (in For(%q))", err, target)
			}
		}
		if c.apart == nil {
			c.apart = map[string]preprocessing{}
		}
		if p.given() {
			c.apart[target] = p
		}
		return nil
	})
}

type sideOption struct {
	side    role
	options []Option
}

func (s sideOption) title() string {
	if s.side == original {
		return "Original"
	}
	return "Compressed"
}

func (s sideOption) set(*config) error {
	return fmt.Errorf("onnx: option %s: expected plain options inside Original and Compressed, found another of them", s.title())
}

// Original makes options apply to the original model of a pair only.
func Original(options ...Option) Option { return sideOption{original, options} }

// Compressed makes options apply to the compressed model of a pair only.
func Compressed(options ...Option) Option { return sideOption{compressed, options} }

// Name names the model in reports. The default is the file's name without ".onnx"; in a pair of two files of the same name the
// folder where their paths differ goes before it, as in "fp32-model".
func Name(name string) Option {
	return optionFunc(func(c *config) error {
		c.name = name
		return nil
	})
}

// PairName names the pair in reports, and the folder of its artifacts. The default joins the names
// of the two models.
func PairName(name string) Option {
	return optionFunc(func(c *config) error {
		if c.role == alone {
			return errors.New("onnx: option PairName: expected it in OpenPair, found it in Open; Name names one model")
		}
		c.pairName = name
		return nil
	})
}

// Scale multiplies raw values before anything else: Scale(1.0/255) for models that want pixels in
// 0..1. With [Mean] and [Std], a model gets (x*scale - mean) / std. Give one value, or one a channel.
func Scale(scale ...float64) Option {
	return listOption("Scale", scale, true, func(c *preprocessing) *[]float64 { return &c.scale })
}

// Mean is subtracted after [Scale], so it is in scaled units. Give one value, or one a channel, in
// the model's own order of channels (see [Channels]).
func Mean(mean ...float64) Option {
	return listOption("Mean", mean, false, func(c *preprocessing) *[]float64 { return &c.mean })
}

// Std divides after [Mean] was subtracted. Give one value, or one a channel, in the model's own order
// of channels.
func Std(std ...float64) Option {
	return listOption("Std", std, true, func(c *preprocessing) *[]float64 { return &c.std })
}

func listOption(name string, values []float64, nonZero bool, field func(*preprocessing) *[]float64) Option {
	return inputOption(func(c *preprocessing) error {
		if len(values) == 0 {
			return fmt.Errorf("onnx: option %s: expected one value, or one a channel, found none", name)
		}
		for _, v := range values {
			if math.IsNaN(v) || math.IsInf(v, 0) || (nonZero && v == 0) {
				return fmt.Errorf("onnx: option %s: expected finite values%s, found %v", name, map[bool]string{true: " other than 0"}[nonZero], values)
			}
		}
		*field(c) = append([]float64(nil), values...)
		return nil
	})
}

// ImageInput is the usual preprocessing of 8-bit images, as torchvision does it: pixels are divided by
// 255, then mean is subtracted and the result is divided by std, channel by channel. It stands for
// [Scale](1.0/255), [Mean](mean...) and [Std](std...).
func ImageInput(mean, std []float64) Option {
	return inputOption(func(c *preprocessing) error {
		for _, o := range []Option{Scale(1.0 / 255), Mean(mean...), Std(std...)} {
			if err := o.(inputOption)(c); err != nil {
				return fmt.Errorf("%w (in ImageInput)", err)
			}
		}
		return nil
	})
}

// ImageNet is [ImageInput] with the mean and the standard deviation of ImageNet, in RGB order.
func ImageNet() Option {
	return ImageInput([]float64{0.485, 0.456, 0.406}, []float64{0.229, 0.224, 0.225})
}

// Layout tells the order of the input's values where the shape does not: [N,3,32,3] could be either.
// For an input of rank 2 it tells in which order the model flattens images.
func Layout(order Order) Option {
	return inputOption(func(c *preprocessing) error {
		if order != NCHW && order != NHWC {
			return fmt.Errorf("onnx: option Layout: expected NCHW or NHWC, found %q", string(order))
		}
		c.layout = order
		return nil
	})
}

// Channels tells that the model wants [BGR] images, as those trained with OpenCV or Caffe do. The
// inputs of a search are RGB, and so is the default.
func Channels(order ColorOrder) Option {
	return inputOption(func(c *preprocessing) error {
		if order != RGB && order != BGR {
			return fmt.Errorf("onnx: option Channels: expected RGB or BGR, found %q", string(order))
		}
		c.colors = order
		return nil
	})
}

// GreyToRGB lets a model of colour images take grey ones: the grey channel is repeated.
func GreyToRGB() Option {
	return inputOption(func(c *preprocessing) error {
		c.greyToRGB = true
		return nil
	})
}

// QuantizedInput gives the scale and the zero point of an int8 or uint8 input whose graph does not
// carry them: the model gets q = round(value/scale) + zeroPoint, where value is what [Scale], [Mean]
// and [Std] make of the raw input.
func QuantizedInput(scale float64, zeroPoint int) Option {
	return inputOption(func(c *preprocessing) error {
		q, err := newQuantization("QuantizedInput", scale, zeroPoint)
		c.inputQuant = q
		return err
	})
}

// QuantizedOutput gives the scale and the zero point of an int8 or uint8 output whose graph does not
// carry them: a score is (q - zeroPoint) * scale.
func QuantizedOutput(scale float64, zeroPoint int) Option {
	return optionFunc(func(c *config) error {
		q, err := newQuantization("QuantizedOutput", scale, zeroPoint)
		c.outputQuant = q
		return err
	})
}

func newQuantization(option string, scale float64, zeroPoint int) (*quantization, error) {
	if !(scale > 0) || math.IsInf(scale, 0) || zeroPoint < -128 || zeroPoint > 255 {
		return nil, fmt.Errorf("onnx: option %s: expected a scale above 0 and a zero point in -128..255, found %g and %d", option, scale, zeroPoint)
	}
	return &quantization{scale: scale, zero: zeroPoint}, nil
}

// Output chooses among the outputs of the model, by name. Several are for [Raw] numbers: a row holds those of the first output,
// then those of the second.
func Output(names ...string) Option {
	return optionFunc(func(c *config) error {
		if len(names) == 0 || slices.Contains(names, "") {
			return fmt.Errorf("onnx: option Output: expected names of outputs, found %q", names)
		}
		for i, name := range names {
			if slices.Contains(names[:i], name) {
				return fmt.Errorf("onnx: option Output: expected every name once, found %q twice", name)
			}
		}
		c.outputNames = slices.Clone(names)
		return nil
	})
}

// OutputAs gives an output of [Raw] numbers another name in answers: that of the output of the other model that it is compared with. It
// is for a pair of models in different formats, whose exporters name outputs otherwise; OpenPair gives outputs of both models the names of
// the original's, by their places.
//
//	litert.OutputAs("StatefulPartitionedCall:0", "boxes")
func OutputAs(name, as string) Option {
	return optionFunc(func(c *config) error {
		if name == "" || as == "" {
			return fmt.Errorf("onnx: option OutputAs: expected the name of an output and its name in answers, found %q and %q", name, as)
		}
		c.outputsAs = maps.Clone(c.outputsAs)
		if c.outputsAs == nil {
			c.outputsAs = map[string]string{}
		}
		c.outputsAs[name] = as
		return nil
	})
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
	return optionFunc(func(c *config) error {
		switch kind {
		case Logits, Probabilities, LogProbabilities, Raw:
			c.scores = kind
			return nil
		}
		return fmt.Errorf("onnx: option Scores: expected Logits, Probabilities, LogProbabilities or Raw, found %q", string(kind))
	})
}

// ClassOrder says in which order the model gives its classes, where that is not the order of the other model of the pair:
// order[i] is the number that class i has in this model's output. It lists every class once. For a model with one number an
// input, ClassOrder(1, 0) says that the number is about class 0.
func ClassOrder(order ...int) Option {
	return optionFunc(func(c *config) error {
		seen := make([]bool, len(order))
		for _, at := range order {
			if at < 0 || at >= len(order) || seen[at] {
				return fmt.Errorf("onnx: option ClassOrder: expected every number from 0 to %d once, found %v", len(order)-1, order)
			}
			seen[at] = true
		}
		if len(order) < 2 {
			return fmt.Errorf("onnx: option ClassOrder: expected the numbers of all classes, found %v", order)
		}
		c.classOrder = slices.Clone(order)
		return nil
	})
}

// Threads is how many threads one prediction may use. The default, 1, is the best for a search with
// one worker a core.
func Threads(n int) Option {
	return optionFunc(func(c *config) error {
		if n < 1 {
			return fmt.Errorf("onnx: option Threads: expected at least 1, found %d", n)
		}
		c.threads = n
		return nil
	})
}

// ExecutionProvider chooses what runs the model: "cpu" (the default), "cuda", "tensorrt", "coreml",
// "directml", "openvino", "xnnpack" or "webgpu". All but the first need a build of ONNX Runtime that has it
// (see [RuntimeLibrary]). Settings are the provider's own, each as "key=value".
func ExecutionProvider(name string, settings ...string) Option {
	return optionFunc(func(c *config) error {
		switch name {
		case "cpu", "cuda", "tensorrt", "coreml", "directml", "openvino", "xnnpack", "webgpu":
		default:
			return fmt.Errorf("onnx: option ExecutionProvider: expected cpu, cuda, tensorrt, coreml, directml, openvino, xnnpack or webgpu, found %q", name)
		}
		c.provider, c.providerSettings = name, map[string]string{}
		for _, s := range settings {
			key, value, ok := strings.Cut(s, "=")
			if !ok || key == "" {
				return fmt.Errorf("onnx: option ExecutionProvider: expected settings such as \"device_id=0\", found %q", s)
			}
			c.providerSettings[key] = value
		}
		return nil
	})
}

// GraphOptimization sets how far ONNX Runtime rewrites the graph. The default is [OptimizeAll].
func GraphOptimization(level OptimizationLevel) Option {
	return optionFunc(func(c *config) error {
		switch level {
		case OptimizeNone, OptimizeBasic, OptimizeExtended, OptimizeAll:
			c.optimization = level
			return nil
		}
		return fmt.Errorf("onnx: option GraphOptimization: expected OptimizeNone, OptimizeBasic, OptimizeExtended or OptimizeAll, found %q", string(level))
	})
}

// ExactProducts lets ONNX Runtime multiply 8-bit numbers without saturation on x86 processors without VNNI: its session
// option "session.x64quantprecision". Without it, sums of two products of uint8 activations and int8 weights
// are cut off there at 32767, so that models quantised with the whole range of int8 weights give other answers than
// elsewhere. It is slower there, changes no answer on other processors, and has no effect below [OptimizeExtended]. ONNX Runtime
// refuses some models under it on any processor: those in the form QOperator with int8 activations and several Gemm, and those
// whose layers share a zero point, as tf2onnx writes them.
func ExactProducts() Option {
	return optionFunc(func(c *config) error {
		c.exactProducts = true
		return nil
	})
}

// MaxBatch limits how many inputs one run of the model takes. The default is what the file says: no
// limit when its batch dimension is dynamic.
func MaxBatch(n int) Option {
	return optionFunc(func(c *config) error {
		if n < 1 {
			return fmt.Errorf("onnx: option MaxBatch: expected at least 1, found %d", n)
		}
		c.maxBatch = n
		return nil
	})
}

// RuntimeLibrary is the path of ONNX Runtime's shared library. The default looks for one and, where
// there is none, installs it (see package ortlib). A process uses one library: the first one.
func RuntimeLibrary(path string) Option {
	return optionFunc(func(c *config) error {
		if path == "" {
			return errors.New(`onnx: option RuntimeLibrary: expected a path, found ""`)
		}
		c.library = path
		return nil
	})
}

// RuntimeVersion accepts one version of ONNX Runtime only, such as "1.30.0": integer models may give
// other scores with another one.
func RuntimeVersion(version string) Option {
	return optionFunc(func(c *config) error {
		if version == "" {
			return errors.New(`onnx: option RuntimeVersion: expected a version, found ""`)
		}
		c.runtimeVersion = version
		return nil
	})
}

// NoInstall forbids the installation of ONNX Runtime: it must be there.
func NoInstall() Option {
	return optionFunc(func(c *config) error {
		c.noInstall = true
		return nil
	})
}
