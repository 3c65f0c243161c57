package modeltext

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/triggerfinder/triggerfinder/internal/spelling"
	"github.com/triggerfinder/triggerfinder/runtimes/litert"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/runtimes/process"
)

// Form is how the value of an option is made up.
type Form int

// The forms of values.
const (
	Single Form = iota
	List        // several by comma
	Pairs       // NAME=VALUE by comma
)

// Option is an option about a model, in words. It holds for both models of a pair, or for one of them, which wins.
type Option struct {
	Name    string
	Kind    string // what a help calls its value
	About   string
	Choices []string // values to choose from
	Boolean bool
	Form    Form
	Parse   func(text string) ([]Setting, error)
}

// single is the value of an option that is one setting, or none.
func single(parse func(text string) (Setting, error)) func(string) ([]Setting, error) {
	return func(text string) ([]Setting, error) {
		o, err := parse(text)
		if o == (Setting{}) || err != nil {
			return nil, err
		}
		return []Setting{o}, nil
	}
}

// pairsOption is the value of an option with several names, each with what stands behind its "=".
func pairsOption(named func(name, value string) (Setting, error), example string) func(string) ([]Setting, error) {
	return func(text string) ([]Setting, error) {
		var options []Setting
		for pair := range strings.SplitSeq(text, ",") {
			name, value, ok := strings.Cut(strings.TrimSpace(pair), "=")
			if !ok || name == "" || value == "" {
				return nil, spelling.Expected(example, text)
			}
			o, err := named(name, value)
			if err != nil {
				return nil, spelling.Expected(example, text)
			}
			options = append(options, o)
		}
		return options, nil
	}
}

func fixedOption(name, value string) (Setting, error) {
	var numbers []float64
	for number := range strings.SplitSeq(value, ":") {
		v, err := spelling.Number(number)
		if err != nil {
			return Setting{}, err
		}
		numbers = append(numbers, v)
	}
	return Setting{onnx.Fixed(name, numbers...), litert.Fixed(name, numbers...), process.Fixed(name, numbers...)}, nil
}

func feedOption(name, value string) (Setting, error) {
	return Setting{onnx.Feed(name, value), litert.Feed(name, value), process.Feed(name, value)}, nil
}

func outputAsOption(name, value string) (Setting, error) {
	return Setting{onnx.OutputAs(name, value), litert.OutputAs(name, value), process.OutputAs(name, value)}, nil
}

// Options are those about models, in the order in which they hold: what a preset says gives way to the others.
var Options = []Option{
	{Name: "preset", Kind: "PRESET", About: "how models of a training pipeline see images, for the models and the seeds at once: torchvision:256,224[,bicubic], " +
		"keras:224,MODE (tf, caffe, torch or raw), tflite:224 or yolo:640; the flags below win over its numbers",
		Choices: []string{"torchvision:256,224", "keras:224,", "tflite:224", "yolo:640"}, Parse: single(presetOption)}, // before what wins over it
	{Name: "scale", Form: List, Kind: "LIST", About: "one number or one a channel, such as 1/255", Parse: single(numbersOption(func(v ...float64) Setting { return Setting{onnx.Scale(v...), litert.Scale(v...), process.Scale(v...)} }, true))},
	{Name: "mean", Form: List, Kind: "LIST", About: "after the scale, such as 0.485,0.456,0.406", Parse: single(numbersOption(func(v ...float64) Setting { return Setting{onnx.Mean(v...), litert.Mean(v...), process.Mean(v...)} }, false))},
	{Name: "std", Form: List, Kind: "LIST", About: "such as 0.229,0.224,0.225", Parse: single(numbersOption(func(v ...float64) Setting { return Setting{onnx.Std(v...), litert.Std(v...), process.Std(v...)} }, true))},
	{Name: "layout", Kind: "NCHW|NHWC", About: "where the shape of the input leaves it open", Choices: []string{"NCHW", "NHWC"}, Parse: single(wordOption(func(o onnx.Order) Setting { return Setting{onnx.Layout(o), litert.Layout(o), process.Layout(o)} }, onnx.NCHW, onnx.NHWC))},
	{Name: "channels", Kind: "RGB|BGR", About: "what the model takes; seeds are RGB (default RGB)", Choices: []string{"RGB", "BGR"}, Parse: single(wordOption(func(o onnx.ColorOrder) Setting {
		return Setting{onnx.Channels(o), litert.Channels(o), process.Channels(o)}
	}, onnx.RGB, onnx.BGR))},
	{Name: "grey-to-rgb", About: "repeat the channel of grey seeds", Boolean: true, Parse: single(booleanOption(Setting{onnx.GreyToRGB(), litert.GreyToRGB(), process.GreyToRGB()}))},
	{Name: "quantized-input", Form: List, Kind: "S,Z", About: "scale and zero point of an integer input whose model does not carry them", Parse: single(quantizationOption(func(scale float64, zero int) Setting {
		return Setting{onnx.QuantizedInput(scale, zero), litert.QuantizedInput(scale, zero), process.QuantizedInput(scale, zero)}
	}))},
	{Name: "quantized-output", Form: List, Kind: "S,Z", About: "those of an integer output", Parse: single(quantizationOption(func(scale float64, zero int) Setting {
		return Setting{onnx.QuantizedOutput(scale, zero), litert.QuantizedOutput(scale, zero), process.QuantizedOutput(scale, zero)}
	}))},
	{Name: "output", Kind: "NAME", About: "which output holds the scores", Parse: single(namedOption("the name of an output", func(name string) Setting {
		return Setting{onnx.Output(name), litert.Output(name), process.Output(name)}
	}))},
	{Name: "output-as", Form: Pairs, Kind: "LIST", About: "other names for outputs of raw numbers, those of the other model: Identity:0=boxes", Parse: pairsOption(outputAsOption, "OUTPUT=NAME by comma, such as StatefulPartitionedCall:0=boxes")},
	{Name: "class-order", Form: List, Kind: "LIST", About: "the number in the model's output of each class, such as 0,2,1 (default: as they are)", Parse: single(func(text string) (Setting, error) {
		var order []int
		for part := range strings.SplitSeq(text, ",") {
			at, err := strconv.Atoi(strings.TrimSpace(part))
			if err != nil {
				return Setting{}, spelling.Expected("the numbers of all classes by comma, such as 0,2,1", text)
			}
			order = append(order, at)
		}
		return Setting{onnx.ClassOrder(order...), litert.ClassOrder(order...), process.ClassOrder(order...)}, nil
	})},
	{Name: "scores", Kind: "KIND", About: "logits, probabilities, log-probabilities or raw (default: found out)", Choices: []string{"logits", "probabilities", "log-probabilities", "raw"}, Parse: single(wordOption(func(kind onnx.ScoreKind) Setting {
		return Setting{onnx.Scores(kind), litert.Scores(kind), process.Scores(kind)}
	},
		onnx.Logits, onnx.Probabilities, onnx.LogProbabilities, onnx.Raw))},
	{Name: "fixed", Form: Pairs, Kind: "LIST", About: "numbers for inputs of the models that are not searched, such as sr=16000,state=0; a whole tensor as state=0:1:0", Parse: pairsOption(fixedOption, "NAME=NUMBER by comma, such as sr=16000,state=0, or NAME=NUMBER:NUMBER… for a whole tensor")},
	{Name: "feed", Form: Pairs, Kind: "LIST", About: "which part of the seeds an input takes, where their names differ: input_ids=ids", Parse: pairsOption(feedOption, "INPUT=PART by comma, such as input_ids=ids")},
	{Name: "made", Form: Pairs, Kind: "LIST", About: "inputs that are made of the tokens of another one: attention_mask=mask (1 for the tokens of the text, 0 for padding), lengths=length (how many they are)", Parse: pairsOption(madeOption, "INPUT=mask or INPUT=length by comma, such as attention_mask=mask")},
	{Name: "provider", Form: List, Kind: "NAME[,KEY=VALUE…]", About: "what runs the models: cpu (the default), cuda, tensorrt, openvino, directml, coreml …, with settings of its own, such as cuda,device_id=0", Choices: []string{"cpu", "cuda", "tensorrt", "openvino", "directml", "coreml"}, Parse: single(providerOption)},
	{Name: "no-fallback", About: "nodes that the provider leaves to the CPU are an error; of ONNX, as is --provider", Boolean: true, Parse: single(booleanOption(Setting{ONNX: onnx.NoFallback()}))},
	{Name: "gradients", About: "searches within a bound are led by the models' gradients, where their graphs have them (twice the memory); of ONNX", Boolean: true, Parse: single(booleanOption(Setting{ONNX: onnx.Gradients()}))},
	{Name: "exact-products", About: "8-bit products do not saturate on x86 processors without VNNI (slower there); of ONNX", Boolean: true, Parse: single(booleanOption(Setting{ONNX: onnx.ExactProducts()}))},
	{Name: "signature", Kind: "KEY", About: "which signature of a .tflite file, where it has several", Parse: single(namedOption("the key of a signature", func(key string) Setting { return Setting{LiteRT: litert.Signature(key)} }))},
	{Name: "timeout", Kind: "T", About: "time that a program or an endpoint has for an answer, such as 10s (default 1m)", Parse: single(func(text string) (Setting, error) {
		d, err := time.ParseDuration(text)
		if err != nil || d <= 0 {
			return Setting{}, spelling.Expected("a time above 0 such as 10s or 5m", text)
		}
		return Setting{Process: process.Timeout(d)}, nil
	})},
}

// TakenBy says which models have an option that not all of them have.
var TakenBy = map[string]string{
	"provider": "an ONNX file", "no-fallback": "an ONNX file", "exact-products": "an ONNX file", "gradients": "an ONNX file",
	"signature": "a .tflite file", "timeout": "a program or an endpoint",
}

// providerOption reads NAME, or NAME,KEY=VALUE….
func providerOption(text string) (Setting, error) {
	parts := strings.Split(text, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
		if key, _, ok := strings.Cut(parts[i], "="); i > 0 && (!ok || key == "") || i == 0 && (ok || parts[i] == "") {
			return Setting{}, spelling.Expected("the name of an execution provider, with settings of its own by comma, such as cuda,device_id=0", text)
		}
	}
	return Setting{ONNX: onnx.ExecutionProvider(parts[0], parts[1:]...)}, nil
}

func namedOption(what string, named func(string) Setting) func(string) (Setting, error) {
	return func(text string) (Setting, error) {
		if text == "" {
			return Setting{}, spelling.Expected(what, text)
		}
		return named(text), nil
	}
}

func booleanOption(o Setting) func(string) (Setting, error) {
	return func(text string) (Setting, error) {
		on, err := strconv.ParseBool(text)
		if err != nil {
			return Setting{}, spelling.Expected("true or false", text)
		}
		if !on {
			return Setting{}, nil
		}
		return o, nil
	}
}

func numbersOption(of func(...float64) Setting, nonZero bool) func(string) (Setting, error) {
	return func(text string) (Setting, error) {
		numbers, err := spelling.Numbers(text)
		if err != nil {
			return Setting{}, err
		}
		if nonZero && slices.Contains(numbers, 0) {
			return Setting{}, spelling.Expected("numbers other than 0", text)
		}
		return of(numbers...), nil
	}
}

func wordOption[T ~string](of func(T) Setting, words ...T) func(string) (Setting, error) {
	var known []string
	for _, word := range words {
		known = append(known, string(word))
	}
	parse := spelling.OneOf(known...)
	return func(text string) (Setting, error) {
		word, err := parse(text)
		if err != nil {
			return Setting{}, err
		}
		return of(T(word)), nil
	}
}

func quantizationOption(of func(float64, int) Setting) func(string) (Setting, error) {
	return func(text string) (Setting, error) {
		scaleText, zeroText, ok := strings.Cut(text, ",")
		scale, err := spelling.Number(scaleText)
		zero, zeroErr := strconv.Atoi(strings.TrimSpace(zeroText))
		if !ok || err != nil || zeroErr != nil || scale <= 0 || zero < -128 || zero > 255 {
			return Setting{}, spelling.Expected("SCALE,ZERO with a scale above 0 and a zero point in -128..255, such as 1/255,-128", text)
		}
		return of(scale, zero), nil
	}
}
