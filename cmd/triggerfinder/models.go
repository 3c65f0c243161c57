package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

// modelFlag is a flag about a model. It exists three times: --scale for both models, and
// --original.scale and --compressed.scale for one, which wins.
type modelFlag struct {
	name    string
	boolean bool
	parse   func(text string) ([]onnx.Option, error)
}

// single is a flag that is one option, or none.
func single(parse func(text string) (onnx.Option, error)) func(string) ([]onnx.Option, error) {
	return func(text string) ([]onnx.Option, error) {
		o, err := parse(text)
		if o == nil || err != nil {
			return nil, err
		}
		return []onnx.Option{o}, nil
	}
}

// pairsOption is a flag of several names, each with what stands behind its "=".
func pairsOption(option func(name, value string) (onnx.Option, error), example string) func(string) ([]onnx.Option, error) {
	return func(text string) ([]onnx.Option, error) {
		var options []onnx.Option
		for pair := range strings.SplitSeq(text, ",") {
			name, value, ok := strings.Cut(strings.TrimSpace(pair), "=")
			if !ok || name == "" || value == "" {
				return nil, expected(example, text)
			}
			o, err := option(name, value)
			if err != nil {
				return nil, expected(example, text)
			}
			options = append(options, o)
		}
		return options, nil
	}
}

func fixedOption(name, value string) (onnx.Option, error) {
	var numbers []float64
	for number := range strings.SplitSeq(value, ":") {
		v, err := parseNumber(number)
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, v)
	}
	return onnx.Fixed(name, numbers...), nil
}

func feedOption(name, value string) (onnx.Option, error) { return onnx.Feed(name, value), nil }

var modelFlags = []modelFlag{
	{name: "scale", parse: single(numbersOption(onnx.Scale, true))},
	{name: "mean", parse: single(numbersOption(onnx.Mean, false))},
	{name: "std", parse: single(numbersOption(onnx.Std, true))},
	{name: "layout", parse: single(wordOption(onnx.Layout, onnx.NCHW, onnx.NHWC))},
	{name: "channels", parse: single(wordOption(onnx.Channels, onnx.RGB, onnx.BGR))},
	{name: "grey-to-rgb", boolean: true, parse: single(booleanOption(onnx.GreyToRGB))},
	{name: "quantized-input", parse: single(quantizationOption(onnx.QuantizedInput))},
	{name: "quantized-output", parse: single(quantizationOption(onnx.QuantizedOutput))},
	{name: "output", parse: single(func(text string) (onnx.Option, error) {
		if text == "" {
			return nil, expected("the name of an output", text)
		}
		return onnx.Output(text), nil
	})},
	{name: "class-order", parse: single(func(text string) (onnx.Option, error) {
		var order []int
		for part := range strings.SplitSeq(text, ",") {
			at, err := strconv.Atoi(strings.TrimSpace(part))
			if err != nil {
				return nil, expected("the numbers of all classes by comma, such as 0,2,1", text)
			}
			order = append(order, at)
		}
		return onnx.ClassOrder(order...), nil
	})},
	{name: "scores", parse: single(wordOption(onnx.Scores, onnx.Logits, onnx.Probabilities, onnx.LogProbabilities, onnx.Raw))},
	{name: "fixed", parse: pairsOption(fixedOption, "NAME=NUMBER by comma, such as sr=16000,state=0, or NAME=NUMBER:NUMBER… for a whole tensor")},
	{name: "feed", parse: pairsOption(feedOption, "INPUT=PART by comma, such as input_ids=ids")},
	{name: "made", parse: pairsOption(madeOption, "INPUT=mask or INPUT=length by comma, such as attention_mask=mask")},
	{name: "provider", parse: single(providerOption)},
	{name: "no-fallback", boolean: true, parse: single(booleanOption(onnx.NoFallback))},
	{name: "exact-products", boolean: true, parse: single(booleanOption(onnx.ExactProducts))},
}

// providerOption reads NAME, or NAME,KEY=VALUE….
func providerOption(text string) (onnx.Option, error) {
	parts := strings.Split(text, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
		if key, _, ok := strings.Cut(parts[i], "="); i > 0 && (!ok || key == "") || i == 0 && (ok || parts[i] == "") {
			return nil, expected("the name of an execution provider, with settings of its own by comma, such as cuda,device_id=0", text)
		}
	}
	return onnx.ExecutionProvider(parts[0], parts[1:]...), nil
}

func booleanOption(option func() onnx.Option) func(string) (onnx.Option, error) {
	return func(text string) (onnx.Option, error) {
		on, err := strconv.ParseBool(text)
		if err != nil {
			return nil, expected("true or false", text)
		}
		if !on {
			return nil, nil
		}
		return option(), nil
	}
}

func numbersOption(option func(...float64) onnx.Option, nonZero bool) func(string) (onnx.Option, error) {
	return func(text string) (onnx.Option, error) {
		numbers, err := parseNumbers(text)
		if err != nil {
			return nil, err
		}
		if nonZero && slices.Contains(numbers, 0) {
			return nil, expected("numbers other than 0", text)
		}
		return option(numbers...), nil
	}
}

func wordOption[T ~string](option func(T) onnx.Option, words ...T) func(string) (onnx.Option, error) {
	var known []string
	for _, word := range words {
		known = append(known, string(word))
	}
	parse := oneOf(known...)
	return func(text string) (onnx.Option, error) {
		word, err := parse(text)
		if err != nil {
			return nil, err
		}
		return option(T(word)), nil
	}
}

func quantizationOption(option func(float64, int) onnx.Option) func(string) (onnx.Option, error) {
	return func(text string) (onnx.Option, error) {
		scaleText, zeroText, ok := strings.Cut(text, ",")
		scale, err := parseNumber(scaleText)
		zero, zeroErr := strconv.Atoi(strings.TrimSpace(zeroText))
		if !ok || err != nil || zeroErr != nil || scale <= 0 || zero < -128 || zero > 255 {
			return nil, expected("SCALE,ZERO with a scale above 0 and a zero point in -128..255, such as 1/255,-128", text)
		}
		return option(scale, zero), nil
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
	paths   map[string]*string // by side
	options map[string]*[]onnx.Option
	pair    string
	threads int
	// insisted are the sides whose preprocessing the command line gives, whatever an earlier search did.
	insisted []string
	// raw says that the oracle reads the numbers of outputs as they are, so that --scores raw is the default.
	raw bool
}

func defineModels(f *flags) *models {
	m := &models{flags: f, paths: map[string]*string{}, options: map[string]*[]onnx.Option{}, threads: 1}
	for _, side := range sides {
		m.paths[side] = new(string)
		f.text(side, m.paths[side])
	}
	for _, spec := range modelFlags {
		for _, name := range []string{spec.name, originalSide + "." + spec.name, compressedSide + "." + spec.name} {
			m.options[name] = new([]onnx.Option)
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
	return name
}

// preprocessingFlags say together what a model is given of raw values.
var preprocessingFlags = []string{"scale", "mean", "std", "channels", "grey-to-rgb"}

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

func (m *models) optionsFor(side string) []onnx.Option {
	var options []onnx.Option
	for _, spec := range modelFlags {
		options = append(options, *m.options[m.flagFor(side, spec.name)]...)
	}
	return options
}

// open opens the pair and tells what is worth knowing about the models.
func (m *models) open(c console) (*model.Pair, error) {
	for _, side := range sides {
		if m.raw && m.effective(side, "scores") == "" {
			if err := m.flags.set.Set(side+".scores", string(onnx.Raw)); err != nil {
				return nil, err
			}
		}
	}
	options := []onnx.Option{
		onnx.Threads(m.threads),
		onnx.Original(m.optionsFor(originalSide)...), onnx.Compressed(m.optionsFor(compressedSide)...),
	}
	if m.pair != "" {
		options = append(options, onnx.PairName(m.pair))
	}
	pair, err := onnx.OpenPair(*m.paths[originalSide], *m.paths[compressedSide], options...)
	if err != nil {
		return nil, err
	}
	original, compressed := pair.Describe()
	for _, model := range []struct {
		side string
		model.Description
	}{{originalSide, original}, {compressedSide, compressed}} {
		for _, note := range model.Notes {
			c.note("%s model %s: %s", model.side, model.File, inFlags(note))
		}
	}
	return pair, nil
}

// runtimeVersion is the version of ONNX Runtime that ran the pair.
func runtimeVersion(d model.Description) string {
	return strings.TrimPrefix(d.Settings["runtime"], "ONNX Runtime ")
}

func shortSum(sum string) string { return fmt.Sprintf("%.12s", sum) }
