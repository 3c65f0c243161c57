package predictor

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
)

// Option is an option of a package of a runtime: one of this package, which are about inputs and outputs, or one of its own, which change
// settings S that it alone has. The packages document them for users.
type Option[S any] interface {
	set(*config, *S) error
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

// config is what the options add up to for one model.
type config struct {
	role     Role
	name     string
	pairName string

	preprocessing                          // outside For
	apart         map[string]preprocessing // of one input of several, see For
	feeds         []feed
	steps         *steps // nil for a model that takes inputs as a whole
	own           bool   // options of one side of a pair are being set

	outputNames []string          // nil when not given
	outputsAs   map[string]string // see OutputAs
	outputQuant *Quantization
	scores      ScoreKind
	classOrder  []int

	threads  int
	maxBatch int
	mixing   bool  // see MixingBatches
	like     named // the classes of the original of the pair
}

// preprocessing is what options say about the numbers of an input.
type preprocessing struct {
	scale, mean, std []float64 // nil when not given
	layout           Order
	colors           ColorOrder // "" for RGB
	greyToRGB        bool
	inputQuant       *Quantization
	preset           *Geometry // that of a preset, nil without one
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
	if more.preset != nil {
		p.preset = more.preset
	}
	p.greyToRGB = p.greyToRGB || more.greyToRGB
	return p
}

// configure adds up the options for one role. What [Original] and [Compressed] say wins, wherever it
// stands in the list.
func configure[S any](as Role, options []Option[S]) (config, *S, error) {
	c, settings := config{role: as, threads: 1}, new(S)
	var own []Option[S]
	for i, o := range options {
		if o == nil {
			return c, nil, fmt.Errorf("option %d: expected an option, found nil", i+1)
		}
		if s, ok := o.(sideOption[S]); ok {
			if as == Alone {
				return c, nil, fmt.Errorf("option %s: expected it in OpenPair, found it in Open, which has one model", s.title())
			}
			if s.side == as {
				own = append(own, s.options...)
			}
			continue
		}
		if err := o.set(&c, settings); err != nil {
			return c, nil, err
		}
	}
	c.own = true
	for _, o := range own {
		if o == nil {
			return c, nil, fmt.Errorf("option of the %s model: expected an option, found nil", as)
		}
		if err := o.set(&c, settings); err != nil {
			return c, nil, err
		}
	}
	return c, settings, nil
}

// SettingsOf are what the options add up to for one role: how many threads a prediction may use, and the settings of the runtime. Package
// begins errors.
func SettingsOf[S any](runtime string, as Role, options []Option[S]) (threads int, settings *S, err error) {
	c, settings, err := configure(as, options)
	if err != nil {
		return 0, nil, optionError(runtime, err)
	}
	return c.threads, settings, nil
}

// optionError is an error about options, in the words of the package of the runtime.
func optionError(runtime string, err error) error {
	return words(runtime).of(fmt.Errorf("%s: %w", runtime, err))
}

// Own is an option of the runtime alone. Its error begins with the name of the option.
type Own[S any] func(*S) error

func (o Own[S]) set(_ *config, settings *S) error { return o(settings) }

// shared is an option of this package.
type shared[S any] func(*config) error

func (f shared[S]) set(c *config, _ *S) error { return f(c) }

// inputOption is an option about the numbers of an input, which may stand in [For].
type inputOption[S any] func(*preprocessing) error

func (f inputOption[S]) set(c *config, _ *S) error { return f(&c.preprocessing) }

func (f inputOption[S]) preprocess(p *preprocessing) error { return f(p) }

// For says how one of several inputs of the model is preprocessed: with [Scale], [Mean], [Std], [ImageInput], [ImageNet], [Layout],
// [Channels], [GreyToRGB] and [QuantizedInput], or by a function with [Preprocess]. Outside For they are about the only searched input of floating-point numbers or
// 8-bit integers; what For says wins over them.
//
//	For("image", ImageNet()), For("audio", Scale(1.0/32768))
func For[S any](target string, options ...Option[S]) Option[S] {
	return shared[S](func(c *config) error {
		if target == "" {
			return errors.New(`option For: expected the name of an input of the model, found ""`)
		}
		if len(options) == 0 {
			return fmt.Errorf("option For(%q): expected options such as @Scale, found none", target)
		}
		p := c.apart[target]
		for i, o := range options {
			if made, ok := o.(preprocessOption[S]); ok && made.targets == nil {
				made.targets = []string{target}
				if err := made.set(c, nil); err != nil {
					return fmt.Errorf("%w (in For(%q))", err, target)
				}
				continue
			}
			about, ok := o.(interface{ preprocess(*preprocessing) error })
			if !ok {
				return fmt.Errorf("option For(%q): expected options about the numbers of one input (Scale, Mean, Std, ImageInput, ImageNet, a preset, Layout, Channels, GreyToRGB, QuantizedInput, or Preprocess without names), found another one in place %d", target, i+1)
			}
			if err := about.preprocess(&p); err != nil {
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

type sideOption[S any] struct {
	side    Role
	options []Option[S]
}

func (s sideOption[S]) title() string {
	if s.side == AsOriginal {
		return "Original"
	}
	return "Compressed"
}

func (s sideOption[S]) set(*config, *S) error {
	return fmt.Errorf("option %s: expected plain options inside Original and Compressed, found another of them", s.title())
}

// Original makes options apply to the original model of a pair only.
func Original[S any](options ...Option[S]) Option[S] { return sideOption[S]{AsOriginal, options} }

// Compressed makes options apply to the compressed model of a pair only.
func Compressed[S any](options ...Option[S]) Option[S] { return sideOption[S]{AsCompressed, options} }

// Name names the model in reports. The default is the file's name without ".onnx"; in a pair of two files of the same name the
// folder where their paths differ goes before it, as in "fp32-model".
func Name[S any](name string) Option[S] {
	return shared[S](func(c *config) error {
		c.name = name
		return nil
	})
}

// PairName names the pair in reports, and the folder of its artifacts. The default joins the names
// of the two models.
func PairName[S any](name string) Option[S] {
	return shared[S](func(c *config) error {
		if c.role == Alone {
			return errors.New("option PairName: expected it in OpenPair, found it in Open; Name names one model")
		}
		c.pairName = name
		return nil
	})
}

// Scale multiplies raw values before anything else: Scale(1.0/255) for models that want pixels in
// 0..1. With [Mean] and [Std], a model gets (x*scale - mean) / std. Give one value, or one a channel.
func Scale[S any](scale ...float64) Option[S] {
	return listOption[S]("Scale", scale, true, func(c *preprocessing) *[]float64 { return &c.scale })
}

// Mean is subtracted after [Scale], so it is in scaled units. Give one value, or one a channel, in
// the model's own order of channels (see [Channels]).
func Mean[S any](mean ...float64) Option[S] {
	return listOption[S]("Mean", mean, false, func(c *preprocessing) *[]float64 { return &c.mean })
}

// Std divides after [Mean] was subtracted. Give one value, or one a channel, in the model's own order
// of channels.
func Std[S any](std ...float64) Option[S] {
	return listOption[S]("Std", std, true, func(c *preprocessing) *[]float64 { return &c.std })
}

func listOption[S any](name string, values []float64, nonZero bool, field func(*preprocessing) *[]float64) Option[S] {
	return inputOption[S](func(c *preprocessing) error {
		if len(values) == 0 {
			return fmt.Errorf("option %s: expected one value, or one a channel, found none", name)
		}
		for _, v := range values {
			if math.IsNaN(v) || math.IsInf(v, 0) || (nonZero && v == 0) {
				return fmt.Errorf("option %s: expected finite values%s, found %v", name, map[bool]string{true: " other than 0"}[nonZero], values)
			}
		}
		*field(c) = append([]float64(nil), values...)
		return nil
	})
}

// ImageInput is the usual preprocessing of 8-bit images, as torchvision does it: pixels are divided by
// 255, then mean is subtracted and the result is divided by std, channel by channel. It stands for
// [Scale](1.0/255), [Mean](mean...) and [Std](std...).
func ImageInput[S any](mean, std []float64) Option[S] {
	return inputOption[S](func(c *preprocessing) error {
		for _, o := range []Option[S]{Scale[S](1.0 / 255), Mean[S](mean...), Std[S](std...)} {
			if err := o.(inputOption[S])(c); err != nil {
				return fmt.Errorf("%w (in ImageInput)", err)
			}
		}
		return nil
	})
}

// ImageNet is [ImageInput] with the mean and the standard deviation of ImageNet, in RGB order.
func ImageNet[S any]() Option[S] {
	return ImageInput[S](imageNetMean, imageNetStd)
}

// Layout tells the order of the input's values where the shape does not: [N,3,32,3] could be either.
// For an input of rank 2 it tells in which order the model flattens images.
func Layout[S any](order Order) Option[S] {
	return inputOption[S](func(c *preprocessing) error {
		if order != NCHW && order != NHWC {
			return fmt.Errorf("option Layout: expected NCHW or NHWC, found %q", string(order))
		}
		c.layout = order
		return nil
	})
}

// Channels tells that the model wants [BGR] images, as those trained with OpenCV or Caffe do. The
// inputs of a search are RGB, and so is the default.
func Channels[S any](order ColorOrder) Option[S] {
	return inputOption[S](func(c *preprocessing) error {
		if order != RGB && order != BGR {
			return fmt.Errorf("option Channels: expected RGB or BGR, found %q", string(order))
		}
		c.colors = order
		return nil
	})
}

// GreyToRGB lets a model of colour images take grey ones: the grey channel is repeated.
func GreyToRGB[S any]() Option[S] {
	return inputOption[S](func(c *preprocessing) error {
		c.greyToRGB = true
		return nil
	})
}

// QuantizedInput gives the scale and the zero point of an int8 or uint8 input whose graph does not
// carry them: the model gets q = round(value/scale) + zeroPoint, where value is what [Scale], [Mean]
// and [Std] make of the raw input.
func QuantizedInput[S any](scale float64, zeroPoint int) Option[S] {
	return inputOption[S](func(c *preprocessing) error {
		q, err := newQuantization("QuantizedInput", scale, zeroPoint)
		c.inputQuant = q
		return err
	})
}

// QuantizedOutput gives the scale and the zero point of an int8 or uint8 output whose graph does not
// carry them: a score is (q - zeroPoint) * scale.
func QuantizedOutput[S any](scale float64, zeroPoint int) Option[S] {
	return shared[S](func(c *config) error {
		q, err := newQuantization("QuantizedOutput", scale, zeroPoint)
		c.outputQuant = q
		return err
	})
}

func newQuantization(option string, scale float64, zeroPoint int) (*Quantization, error) {
	if !(scale > 0) || math.IsInf(scale, 0) || zeroPoint < -128 || zeroPoint > 255 {
		return nil, fmt.Errorf("option %s: expected a scale above 0 and a zero point in -128..255, found %g and %d", option, scale, zeroPoint)
	}
	return &Quantization{Scale: scale, Zero: zeroPoint}, nil
}

// Output chooses among the outputs of the model, by name. Several are for [Raw] numbers: a row holds those of the first output,
// then those of the second.
func Output[S any](names ...string) Option[S] {
	return shared[S](func(c *config) error {
		if len(names) == 0 || slices.Contains(names, "") {
			return fmt.Errorf("option Output: expected names of outputs, found %q", names)
		}
		for i, name := range names {
			if slices.Contains(names[:i], name) {
				return fmt.Errorf("option Output: expected every name once, found %q twice", name)
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
func OutputAs[S any](name, as string) Option[S] {
	return shared[S](func(c *config) error {
		if name == "" || as == "" {
			return fmt.Errorf("option OutputAs: expected the name of an output and its name in answers, found %q and %q", name, as)
		}
		c.outputsAs = maps.Clone(c.outputsAs)
		if c.outputsAs == nil {
			c.outputsAs = map[string]string{}
		}
		c.outputsAs[name] = as
		return nil
	})
}

// Scores says what the model's output is. Without it that is found out from both ends: from the operators that make it, and from the answers
// to the first inputs of a search. [Raw] takes any output of any type and shape whose numbers float32 can hold.
func Scores[S any](kind ScoreKind) Option[S] {
	return shared[S](func(c *config) error {
		switch kind {
		case Logits, Probabilities, LogProbabilities, Raw:
			c.scores = kind
			return nil
		}
		return fmt.Errorf("option Scores: expected Logits, Probabilities, LogProbabilities or Raw, found %q", string(kind))
	})
}

// ClassOrder says in which order the model gives its classes, where that is not the order of the other model of the pair:
// order[i] is the number that class i has in this model's output. It lists every class once. For a model with one number an
// input, ClassOrder(1, 0) says that the number is about class 0.
func ClassOrder[S any](order ...int) Option[S] {
	return shared[S](func(c *config) error {
		seen := make([]bool, len(order))
		for _, at := range order {
			if at < 0 || at >= len(order) || seen[at] {
				return fmt.Errorf("option ClassOrder: expected every number from 0 to %d once, found %v", len(order)-1, order)
			}
			seen[at] = true
		}
		if len(order) < 2 {
			return fmt.Errorf("option ClassOrder: expected the numbers of all classes, found %v", order)
		}
		c.classOrder = slices.Clone(order)
		return nil
	})
}

// Threads is how many threads one prediction may use. The default, 1, is the best for a search with
// one worker a core.
func Threads[S any](n int) Option[S] {
	return shared[S](func(c *config) error {
		if n < 1 {
			return fmt.Errorf("option Threads: expected at least 1, found %d", n)
		}
		c.threads = n
		return nil
	})
}

// MaxBatch limits how many inputs one run of the model takes. The default is what the file says: no
// limit when its batch dimension is dynamic.
func MaxBatch[S any](n int) Option[S] {
	return shared[S](func(c *config) error {
		if n < 1 {
			return fmt.Errorf("option MaxBatch: expected at least 1, found %d", n)
		}
		c.maxBatch = n
		return nil
	})
}

// MixingBatches lets a model see its inputs together that should see them one by one.
func MixingBatches[S any]() Option[S] {
	return shared[S](func(c *config) error {
		c.mixing = true
		return nil
	})
}
