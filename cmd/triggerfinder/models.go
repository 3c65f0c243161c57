package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/triggerfinder/triggerfinder/internal/commandline"
	"github.com/triggerfinder/triggerfinder/internal/spelling"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/litert"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/runtimes/process"
)

// modelFlag is a flag about a model. It exists three times: --scale for both models, and
// --original.scale and --compressed.scale for one, which wins.
type modelFlag struct {
	name    string
	kind    string // what the help calls its value
	about   string
	choices []string // values to choose from
	boolean bool
	parse   func(text string) ([]option, error)
}

// single is a flag that is one option, or none.
func single(parse func(text string) (option, error)) func(string) ([]option, error) {
	return func(text string) ([]option, error) {
		o, err := parse(text)
		if o == (option{}) || err != nil {
			return nil, err
		}
		return []option{o}, nil
	}
}

// pairsOption is a flag of several names, each with what stands behind its "=".
func pairsOption(named func(name, value string) (option, error), example string) func(string) ([]option, error) {
	return func(text string) ([]option, error) {
		var options []option
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

func fixedOption(name, value string) (option, error) {
	var numbers []float64
	for number := range strings.SplitSeq(value, ":") {
		v, err := spelling.Number(number)
		if err != nil {
			return option{}, err
		}
		numbers = append(numbers, v)
	}
	return option{onnx.Fixed(name, numbers...), litert.Fixed(name, numbers...), process.Fixed(name, numbers...)}, nil
}

func feedOption(name, value string) (option, error) {
	return option{onnx.Feed(name, value), litert.Feed(name, value), process.Feed(name, value)}, nil
}

func outputAsOption(name, value string) (option, error) {
	return option{onnx.OutputAs(name, value), litert.OutputAs(name, value), process.OutputAs(name, value)}, nil
}

var modelFlags = []modelFlag{
	{name: "preset", kind: "PRESET", about: "how models of a training pipeline see images, for the models and the seeds at once: torchvision:256,224[,bicubic], " +
		"keras:224,MODE (tf, caffe, torch or raw), tflite:224 or yolo:640; the flags below win over its numbers",
		choices: []string{"torchvision:256,224", "keras:224,", "tflite:224", "yolo:640"}, parse: single(presetOption)}, // before what wins over it
	{name: "scale", kind: "LIST", about: "one number or one a channel, such as 1/255", parse: single(numbersOption(func(v ...float64) option { return option{onnx.Scale(v...), litert.Scale(v...), process.Scale(v...)} }, true))},
	{name: "mean", kind: "LIST", about: "after the scale, such as 0.485,0.456,0.406", parse: single(numbersOption(func(v ...float64) option { return option{onnx.Mean(v...), litert.Mean(v...), process.Mean(v...)} }, false))},
	{name: "std", kind: "LIST", about: "such as 0.229,0.224,0.225", parse: single(numbersOption(func(v ...float64) option { return option{onnx.Std(v...), litert.Std(v...), process.Std(v...)} }, true))},
	{name: "layout", kind: "NCHW|NHWC", about: "where the shape of the input leaves it open", choices: []string{"NCHW", "NHWC"}, parse: single(wordOption(func(o onnx.Order) option { return option{onnx.Layout(o), litert.Layout(o), process.Layout(o)} }, onnx.NCHW, onnx.NHWC))},
	{name: "channels", kind: "RGB|BGR", about: "what the model takes; seeds are RGB (default RGB)", choices: []string{"RGB", "BGR"}, parse: single(wordOption(func(o onnx.ColorOrder) option {
		return option{onnx.Channels(o), litert.Channels(o), process.Channels(o)}
	}, onnx.RGB, onnx.BGR))},
	{name: "grey-to-rgb", about: "repeat the channel of grey seeds", boolean: true, parse: single(booleanOption(option{onnx.GreyToRGB(), litert.GreyToRGB(), process.GreyToRGB()}))},
	{name: "quantized-input", kind: "S,Z", about: "scale and zero point of an integer input whose model does not carry them", parse: single(quantizationOption(func(scale float64, zero int) option {
		return option{onnx.QuantizedInput(scale, zero), litert.QuantizedInput(scale, zero), process.QuantizedInput(scale, zero)}
	}))},
	{name: "quantized-output", kind: "S,Z", about: "those of an integer output", parse: single(quantizationOption(func(scale float64, zero int) option {
		return option{onnx.QuantizedOutput(scale, zero), litert.QuantizedOutput(scale, zero), process.QuantizedOutput(scale, zero)}
	}))},
	{name: "output", kind: "NAME", about: "which output holds the scores", parse: single(namedOption("the name of an output", func(name string) option { return option{onnx.Output(name), litert.Output(name), process.Output(name)} }))},
	{name: "output-as", kind: "LIST", about: "other names for outputs of raw numbers, those of the other model: Identity:0=boxes", parse: pairsOption(outputAsOption, "OUTPUT=NAME by comma, such as StatefulPartitionedCall:0=boxes")},
	{name: "class-order", kind: "LIST", about: "the number in the model's output of each class, such as 0,2,1 (default: as they are)", parse: single(func(text string) (option, error) {
		var order []int
		for part := range strings.SplitSeq(text, ",") {
			at, err := strconv.Atoi(strings.TrimSpace(part))
			if err != nil {
				return option{}, spelling.Expected("the numbers of all classes by comma, such as 0,2,1", text)
			}
			order = append(order, at)
		}
		return option{onnx.ClassOrder(order...), litert.ClassOrder(order...), process.ClassOrder(order...)}, nil
	})},
	{name: "scores", kind: "KIND", about: "logits, probabilities, log-probabilities or raw (default: found out)", choices: []string{"logits", "probabilities", "log-probabilities", "raw"}, parse: single(wordOption(func(kind onnx.ScoreKind) option {
		return option{onnx.Scores(kind), litert.Scores(kind), process.Scores(kind)}
	},
		onnx.Logits, onnx.Probabilities, onnx.LogProbabilities, onnx.Raw))},
	{name: "fixed", kind: "LIST", about: "numbers for inputs of the models that are not searched, such as sr=16000,state=0; a whole tensor as state=0:1:0", parse: pairsOption(fixedOption, "NAME=NUMBER by comma, such as sr=16000,state=0, or NAME=NUMBER:NUMBER… for a whole tensor")},
	{name: "feed", kind: "LIST", about: "which part of the seeds an input takes, where their names differ: input_ids=ids", parse: pairsOption(feedOption, "INPUT=PART by comma, such as input_ids=ids")},
	{name: "made", kind: "LIST", about: "inputs that are made of the tokens of another one: attention_mask=mask (1 for the tokens of the text, 0 for padding), lengths=length (how many they are)", parse: pairsOption(madeOption, "INPUT=mask or INPUT=length by comma, such as attention_mask=mask")},
	{name: "provider", kind: "NAME[,KEY=VALUE…]", about: "what runs the models: cpu (the default), cuda, tensorrt, openvino, directml, coreml …, with settings of its own, such as cuda,device_id=0", choices: []string{"cpu", "cuda", "tensorrt", "openvino", "directml", "coreml"}, parse: single(providerOption)},
	{name: "no-fallback", about: "nodes that the provider leaves to the CPU are an error; of ONNX, as is --provider", boolean: true, parse: single(booleanOption(option{onnx: onnx.NoFallback()}))},
	{name: "gradients", about: "searches within a bound are led by the models' gradients, where their graphs have them (twice the memory); of ONNX", boolean: true, parse: single(booleanOption(option{onnx: onnx.Gradients()}))},
	{name: "exact-products", about: "8-bit products do not saturate on x86 processors without VNNI (slower there); of ONNX", boolean: true, parse: single(booleanOption(option{onnx: onnx.ExactProducts()}))},
	{name: "signature", kind: "KEY", about: "which signature of a .tflite file, where it has several", parse: single(namedOption("the key of a signature", func(key string) option { return option{litert: litert.Signature(key)} }))},
	{name: "timeout", kind: "T", about: "time that a program or an endpoint has for an answer, such as 10s (default 1m)", parse: single(func(text string) (option, error) {
		d, err := time.ParseDuration(text)
		if err != nil || d <= 0 {
			return option{}, spelling.Expected("a time above 0 such as 10s or 5m", text)
		}
		return option{process: process.Timeout(d)}, nil
	})},
}

// takenBy says which models have a flag that not all of them have.
var takenBy = map[string]string{
	"provider": "an ONNX file", "no-fallback": "an ONNX file", "exact-products": "an ONNX file", "gradients": "an ONNX file",
	"signature": "a .tflite file", "timeout": "a program or an endpoint",
}

// providerOption reads NAME, or NAME,KEY=VALUE….
func providerOption(text string) (option, error) {
	parts := strings.Split(text, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
		if key, _, ok := strings.Cut(parts[i], "="); i > 0 && (!ok || key == "") || i == 0 && (ok || parts[i] == "") {
			return option{}, spelling.Expected("the name of an execution provider, with settings of its own by comma, such as cuda,device_id=0", text)
		}
	}
	return option{onnx: onnx.ExecutionProvider(parts[0], parts[1:]...)}, nil
}

func namedOption(what string, named func(string) option) func(string) (option, error) {
	return func(text string) (option, error) {
		if text == "" {
			return option{}, spelling.Expected(what, text)
		}
		return named(text), nil
	}
}

func booleanOption(o option) func(string) (option, error) {
	return func(text string) (option, error) {
		on, err := strconv.ParseBool(text)
		if err != nil {
			return option{}, spelling.Expected("true or false", text)
		}
		if !on {
			return option{}, nil
		}
		return o, nil
	}
}

func numbersOption(of func(...float64) option, nonZero bool) func(string) (option, error) {
	return func(text string) (option, error) {
		numbers, err := spelling.Numbers(text)
		if err != nil {
			return option{}, err
		}
		if nonZero && slices.Contains(numbers, 0) {
			return option{}, spelling.Expected("numbers other than 0", text)
		}
		return of(numbers...), nil
	}
}

func wordOption[T ~string](of func(T) option, words ...T) func(string) (option, error) {
	var known []string
	for _, word := range words {
		known = append(known, string(word))
	}
	parse := spelling.OneOf(known...)
	return func(text string) (option, error) {
		word, err := parse(text)
		if err != nil {
			return option{}, err
		}
		return of(T(word)), nil
	}
}

func quantizationOption(of func(float64, int) option) func(string) (option, error) {
	return func(text string) (option, error) {
		scaleText, zeroText, ok := strings.Cut(text, ",")
		scale, err := spelling.Number(scaleText)
		zero, zeroErr := strconv.Atoi(strings.TrimSpace(zeroText))
		if !ok || err != nil || zeroErr != nil || scale <= 0 || zero < -128 || zero > 255 {
			return option{}, spelling.Expected("SCALE,ZERO with a scale above 0 and a zero point in -128..255, such as 1/255,-128", text)
		}
		return of(scale, zero), nil
	}
}

// The sides of a pair, as in the names of flags.
const (
	originalSide   = "original"
	compressedSide = "compressed"
)

var sides = []string{originalSide, compressedSide}

// models are the flags that say what the two models are.
type models struct {
	flags   *commandline.Flags
	paths   map[string]*string // by side: files, commands and addresses
	options map[string]*[]option
	pair    string
	threads int
	// insisted are the sides whose preprocessing the command line gives, whatever an earlier search did.
	insisted []string
	// raw says that the oracle reads the numbers of outputs as they are, so that --scores raw is the default.
	raw bool
	// onlyONNX says what is expected where other models cannot be used; "" where they can.
	onlyONNX string
	// taken are the options by which each side was opened.
	taken map[string][]option
}

// whatModelsAre is the part of the help about what stands for MODEL.
const whatModelsAre = `  FILE.onnx             an ONNX file, run by ONNX Runtime
  FILE.tflite           a LiteRT file, run by LiteRT
  "process:COMMAND"     a program, which speaks the protocol of docs/process-protocol.md:
                        "process:python3 server.py model.onnx". No shell reads the command; quotes work.
  grpc://HOST:PORT/NAME, http://HOST:PORT/v2/models/NAME
                        a model of a server of the Open Inference Protocol (KServe, Triton, MLServer …); a
                        version of it by /versions/V at the end; grpcs:// and https:// with TLS. The program
                        triggerfinder-oip asks it: see docs/commandline.md
`

const modelsTitle = "Models (model input = (x * scale - mean) / std, where x is a value of the seed, such as a pixel of 0..255)"

// defineModels defines the flags about models. The words say what --original and --compressed are.
func defineModels(f *commandline.Flags, kind, original, compressed string) *models {
	m := &models{flags: f, paths: map[string]*string{}, options: map[string]*[]option{}, threads: 1}
	for _, side := range sides {
		m.paths[side] = new(string)
	}
	f.String(originalSide, kind, original, m.paths[originalSide]).Files("onnx", "tflite")
	f.String(compressedSide, kind, compressed, m.paths[compressedSide]).Files("onnx", "tflite")
	return m
}

// defineOptions defines how models are opened. Without a search before, note is "".
func (m *models) defineOptions(note string) {
	f := m.flags
	f.Text("What a model is", whatModelsAre)
	f.Section(modelsTitle)
	for _, spec := range modelFlags {
		m.defineOption(spec.name, spec.about, spec)
	}
	for _, side := range sides {
		for _, spec := range modelFlags {
			m.defineOption(side+"."+spec.name, "", spec)
		}
	}
	f.Row("--original.X, --compressed.X", "any flag X of the above for one of the two models")
	f.Count("threads", "threads of one prediction (default 1), of files", &m.threads, 1)
	f.String("pair", "NAME", "name of the pair, and of its folder (default: the names of both models)", &m.pair)
	if note != "" {
		f.Text("", "  "+note+"\n")
	}
}

func (m *models) defineOption(name, about string, spec modelFlag) {
	m.options[name] = new([]option)
	commandline.Define(m.flags, name, spec.kind, about, m.options[name], "", spec.parse).Words(spec.choices...)
	if spec.boolean {
		m.flags.AsSwitch(name)
	}
}

// flagFor is the flag that holds for one side.
func (m *models) flagFor(side, name string) string {
	if own := side + "." + name; m.flags.Given(own) {
		return own
	}
	if side == convertedSide {
		return m.flagFor(originalSide, name)
	}
	return name
}

// preprocessingFlags say together what a model is given of raw values.
var preprocessingFlags = []string{"preset", "scale", "mean", "std", "channels", "grey-to-rgb"}

// preprocessedFor reports whether any of the flags about that side's preprocessing is given.
func (m *models) preprocessedFor(side string) bool {
	return slices.ContainsFunc(preprocessingFlags, func(name string) bool { return m.flags.Given(m.flagFor(side, name)) })
}

// effective is the text of the flag that holds for one side.
func (m *models) effective(side, name string) string {
	return m.flags.Written(m.flagFor(side, name))
}

// commandLine are the flags that describe one side, as on a command line.
func (m *models) commandLine(side string) []string {
	var words []string
	for _, spec := range modelFlags {
		if text := m.effective(side, spec.name); text != "" {
			words = append(words, spec.words(text)...)
		}
	}
	return words
}

// words are the flag with its value, as on a command line.
func (spec modelFlag) words(text string) []string {
	if spec.boolean {
		return []string{"--" + spec.name + "=" + text}
	}
	return []string{"--" + spec.name, text}
}

// optionsFor are those of the flags that hold for one side, as far as its runtime has them. A flag that is given for that side, or for
// both where neither has it, is an error.
func (m *models) optionsFor(side string) ([]option, error) {
	var options []option
	runs := whereRuns(*m.paths[side])
	for _, spec := range modelFlags {
		name := m.flagFor(side, spec.name)
		for _, o := range *m.options[name] {
			if o.in(runs) {
				options = append(options, o)
				continue
			}
			if side == convertedSide && name != convertedSide+"."+spec.name {
				continue // a flag of the others, which it does not have
			}
			other := originalSide
			if side == originalSide {
				other = compressedSide
			}
			if name != spec.name || !o.in(whereRuns(*m.paths[other])) {
				return nil, m.flags.Misuse("--%s: expected it for %s only, found %s: %s", name, takenBy[spec.name], runs, *m.paths[side])
			}
		}
	}
	return options, nil
}

// open opens the pair and tells what is worth knowing about the models.
func (m *models) open(c console) (*model.Pair, error) {
	o := opening{text: map[string]string{}, options: map[string][]option{}, pair: m.pair, threads: m.threads}
	for _, side := range sides {
		if m.raw && m.effective(side, "scores") == "" {
			if err := m.flags.Assign(side+".scores", string(onnx.Raw)); err != nil {
				return nil, err
			}
		}
		var err error
		if o.options[side], err = m.optionsFor(side); err != nil {
			return nil, err
		}
		o.text[side] = *m.paths[side]
	}
	if m.flags.Given("threads") && !whereRuns(o.text[originalSide]).isFile() && !whereRuns(o.text[compressedSide]).isFile() {
		return nil, m.flags.Misuse("--threads: expected it for files of models only, found programs or endpoints")
	}
	m.taken = o.options
	pair, err := o.pairOf()
	if err != nil {
		return nil, err
	}
	original, compressed := pair.Describe()
	for _, model := range []struct {
		side string
		model.Description
	}{{originalSide, original}, {compressedSide, compressed}} {
		for _, note := range model.Notes {
			c.note("%s model %s: %s", model.side, *m.paths[model.side], inFlags(note))
		}
		if c.verbose {
			for _, name := range slices.Sorted(maps.Keys(model.Settings)) {
				c.note("%s model %s: %s: %s", model.side, *m.paths[model.side], name, model.Settings[name])
			}
		}
	}
	return m.through(pair, c)
}

// runtimeVersion is the version of ONNX Runtime that ran the pair, "" where none did.
func runtimeVersion(original, compressed model.Description) string {
	for _, d := range []model.Description{original, compressed} {
		if version, ok := strings.CutPrefix(d.Settings["runtime"], "ONNX Runtime "); ok {
			return version
		}
	}
	return ""
}

func shortSum(sum string) string { return fmt.Sprintf("%.12s", sum) }
