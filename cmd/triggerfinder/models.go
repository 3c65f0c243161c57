package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/litert"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/runtimes/process"
)

// modelFlag is a flag about a model. It exists three times: --scale for both models, and
// --original.scale and --compressed.scale for one, which wins.
type modelFlag struct {
	name    string
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
				return nil, expected(example, text)
			}
			o, err := named(name, value)
			if err != nil {
				return nil, expected(example, text)
			}
			options = append(options, o)
		}
		return options, nil
	}
}

func fixedOption(name, value string) (option, error) {
	var numbers []float64
	for number := range strings.SplitSeq(value, ":") {
		v, err := parseNumber(number)
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
	{name: "preset", parse: single(presetOption)}, // before what wins over it
	{name: "scale", parse: single(numbersOption(func(v ...float64) option { return option{onnx.Scale(v...), litert.Scale(v...), process.Scale(v...)} }, true))},
	{name: "mean", parse: single(numbersOption(func(v ...float64) option { return option{onnx.Mean(v...), litert.Mean(v...), process.Mean(v...)} }, false))},
	{name: "std", parse: single(numbersOption(func(v ...float64) option { return option{onnx.Std(v...), litert.Std(v...), process.Std(v...)} }, true))},
	{name: "layout", parse: single(wordOption(func(o onnx.Order) option { return option{onnx.Layout(o), litert.Layout(o), process.Layout(o)} }, onnx.NCHW, onnx.NHWC))},
	{name: "channels", parse: single(wordOption(func(o onnx.ColorOrder) option {
		return option{onnx.Channels(o), litert.Channels(o), process.Channels(o)}
	}, onnx.RGB, onnx.BGR))},
	{name: "grey-to-rgb", boolean: true, parse: single(booleanOption(option{onnx.GreyToRGB(), litert.GreyToRGB(), process.GreyToRGB()}))},
	{name: "quantized-input", parse: single(quantizationOption(func(scale float64, zero int) option {
		return option{onnx.QuantizedInput(scale, zero), litert.QuantizedInput(scale, zero), process.QuantizedInput(scale, zero)}
	}))},
	{name: "quantized-output", parse: single(quantizationOption(func(scale float64, zero int) option {
		return option{onnx.QuantizedOutput(scale, zero), litert.QuantizedOutput(scale, zero), process.QuantizedOutput(scale, zero)}
	}))},
	{name: "output", parse: single(namedOption("the name of an output", func(name string) option { return option{onnx.Output(name), litert.Output(name), process.Output(name)} }))},
	{name: "output-as", parse: pairsOption(outputAsOption, "OUTPUT=NAME by comma, such as StatefulPartitionedCall:0=boxes")},
	{name: "class-order", parse: single(func(text string) (option, error) {
		var order []int
		for part := range strings.SplitSeq(text, ",") {
			at, err := strconv.Atoi(strings.TrimSpace(part))
			if err != nil {
				return option{}, expected("the numbers of all classes by comma, such as 0,2,1", text)
			}
			order = append(order, at)
		}
		return option{onnx.ClassOrder(order...), litert.ClassOrder(order...), process.ClassOrder(order...)}, nil
	})},
	{name: "scores", parse: single(wordOption(func(kind onnx.ScoreKind) option {
		return option{onnx.Scores(kind), litert.Scores(kind), process.Scores(kind)}
	},
		onnx.Logits, onnx.Probabilities, onnx.LogProbabilities, onnx.Raw))},
	{name: "fixed", parse: pairsOption(fixedOption, "NAME=NUMBER by comma, such as sr=16000,state=0, or NAME=NUMBER:NUMBER… for a whole tensor")},
	{name: "feed", parse: pairsOption(feedOption, "INPUT=PART by comma, such as input_ids=ids")},
	{name: "made", parse: pairsOption(madeOption, "INPUT=mask or INPUT=length by comma, such as attention_mask=mask")},
	{name: "provider", parse: single(providerOption)},
	{name: "no-fallback", boolean: true, parse: single(booleanOption(option{onnx: onnx.NoFallback()}))},
	{name: "gradients", boolean: true, parse: single(booleanOption(option{onnx: onnx.Gradients()}))},
	{name: "exact-products", boolean: true, parse: single(booleanOption(option{onnx: onnx.ExactProducts()}))},
	{name: "signature", parse: single(namedOption("the key of a signature", func(key string) option { return option{litert: litert.Signature(key)} }))},
	{name: "timeout", parse: single(func(text string) (option, error) {
		d, err := time.ParseDuration(text)
		if err != nil || d <= 0 {
			return option{}, expected("a time above 0 such as 10s or 5m", text)
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
			return option{}, expected("the name of an execution provider, with settings of its own by comma, such as cuda,device_id=0", text)
		}
	}
	return option{onnx: onnx.ExecutionProvider(parts[0], parts[1:]...)}, nil
}

func namedOption(what string, named func(string) option) func(string) (option, error) {
	return func(text string) (option, error) {
		if text == "" {
			return option{}, expected(what, text)
		}
		return named(text), nil
	}
}

func booleanOption(o option) func(string) (option, error) {
	return func(text string) (option, error) {
		on, err := strconv.ParseBool(text)
		if err != nil {
			return option{}, expected("true or false", text)
		}
		if !on {
			return option{}, nil
		}
		return o, nil
	}
}

func numbersOption(of func(...float64) option, nonZero bool) func(string) (option, error) {
	return func(text string) (option, error) {
		numbers, err := parseNumbers(text)
		if err != nil {
			return option{}, err
		}
		if nonZero && slices.Contains(numbers, 0) {
			return option{}, expected("numbers other than 0", text)
		}
		return of(numbers...), nil
	}
}

func wordOption[T ~string](of func(T) option, words ...T) func(string) (option, error) {
	var known []string
	for _, word := range words {
		known = append(known, string(word))
	}
	parse := oneOf(known...)
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
		scale, err := parseNumber(scaleText)
		zero, zeroErr := strconv.Atoi(strings.TrimSpace(zeroText))
		if !ok || err != nil || zeroErr != nil || scale <= 0 || zero < -128 || zero > 255 {
			return option{}, expected("SCALE,ZERO with a scale above 0 and a zero point in -128..255, such as 1/255,-128", text)
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
	flags   *flags
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

func defineModels(f *flags) *models {
	m := &models{flags: f, paths: map[string]*string{}, options: map[string]*[]option{}, threads: 1}
	for _, side := range sides {
		m.paths[side] = new(string)
		f.text(side, m.paths[side])
	}
	for _, spec := range modelFlags {
		for _, name := range []string{spec.name, originalSide + "." + spec.name, compressedSide + "." + spec.name} {
			m.options[name] = new([]option)
			v := define(f, name, m.options[name], "", spec.parse)
			v.boolean = spec.boolean
		}
	}
	f.text("pair", &m.pair)
	f.count("threads", &m.threads, 1)
	return m
}

// flagFor is the flag that holds for one side.
func (m *models) flagFor(side, name string) string {
	if own := side + "." + name; m.flags.given(own) {
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
	return slices.ContainsFunc(preprocessingFlags, func(name string) bool { return m.flags.given(m.flagFor(side, name)) })
}

// effective is the text of the flag that holds for one side.
func (m *models) effective(side, name string) string {
	return m.flags.values[m.flagFor(side, name)].text
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
				return nil, m.flags.misuse("--%s: expected it for %s only, found %s: %s", name, takenBy[spec.name], runs, *m.paths[side])
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
			if err := m.flags.set.Set(side+".scores", string(onnx.Raw)); err != nil {
				return nil, err
			}
		}
		var err error
		if o.options[side], err = m.optionsFor(side); err != nil {
			return nil, err
		}
		o.text[side] = *m.paths[side]
	}
	if m.flags.given("threads") && !whereRuns(o.text[originalSide]).isFile() && !whereRuns(o.text[compressedSide]).isFile() {
		return nil, m.flags.misuse("--threads: expected it for files of models only, found programs or endpoints")
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
