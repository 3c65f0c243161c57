package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/internal/commandline"
	"github.com/triggerfinder/triggerfinder/internal/modeltext"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

// The sides of a pair, as in the names of flags.
const (
	originalSide   = modeltext.Original
	compressedSide = modeltext.Compressed
)

var sides = []string{originalSide, compressedSide}

// models are the flags that say what the two models are.
type models struct {
	flags   *commandline.Flags
	paths   map[string]*string // by side: files, commands and addresses
	options map[string]*[]modeltext.Setting
	pair    string
	threads int
	file    string            // that describes the pair, "" for none
	folders map[string]string // of the file, by the sides whose programs run there
	// insisted are the sides whose preprocessing the command line gives, whatever an earlier search did.
	insisted []string
	// raw says that the oracle reads the numbers of outputs as they are, so that --scores raw is the default.
	raw bool
	// onlyONNX says what is expected where other models cannot be used; "" where they can.
	onlyONNX string
	// taken are the options by which each side was opened.
	taken map[string][]modeltext.Setting
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
	m := &models{flags: f, paths: map[string]*string{}, options: map[string]*[]modeltext.Setting{}, threads: 1}
	for _, side := range sides {
		m.paths[side] = new(string)
	}
	f.String("pair-file", "FILE", "a file such as triggerfinder.yaml that describes the pair: its models and the flags about them; flags that are given win", &m.file).Files("yaml", "yml")
	f.String(originalSide, kind, original, m.paths[originalSide]).Files("onnx", "tflite")
	f.String(compressedSide, kind, compressed, m.paths[compressedSide]).Files("onnx", "tflite")
	return m
}

// defineOptions defines how models are opened. Without a search before, note is "".
func (m *models) defineOptions(note string) {
	f := m.flags
	f.Text("What a model is", whatModelsAre)
	f.Section(modelsTitle)
	for _, spec := range modeltext.Options {
		m.defineOption(spec.Name, spec.About, spec)
	}
	for _, side := range sides {
		for _, spec := range modeltext.Options {
			m.defineOption(side+"."+spec.Name, "", spec)
		}
	}
	f.Row("--original.X, --compressed.X", "any flag X of the above for one of the two models")
	f.Count("threads", "threads of one prediction (default 1), of files", &m.threads, 1)
	f.String("pair", "NAME", "name of the pair, and of its folder (default: the names of both models)", &m.pair)
	if note != "" {
		f.Text("", "  "+note+"\n")
	}
}

func (m *models) defineOption(name, about string, spec modeltext.Option) {
	m.options[name] = new([]modeltext.Setting)
	commandline.Define(m.flags, name, spec.Kind, about, m.options[name], "", spec.Parse).Words(spec.Choices...)
	if spec.Boolean {
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
	for _, spec := range modeltext.Options {
		if text := m.effective(side, spec.Name); text != "" {
			words = append(words, wordsOf(spec, text)...)
		}
	}
	return words
}

// wordsOf are the flag with its value, as on a command line.
func wordsOf(spec modeltext.Option, text string) []string {
	if spec.Boolean {
		return []string{"--" + spec.Name + "=" + text}
	}
	return []string{"--" + spec.Name, text}
}

// optionsFor are those of the flags that hold for one side, as far as its runtime has them. A flag that is given for that side, or for
// both where neither has it, is an error.
func (m *models) optionsFor(side string) ([]modeltext.Setting, error) {
	var options []modeltext.Setting
	runs := modeltext.Where(*m.paths[side])
	for _, spec := range modeltext.Options {
		name := m.flagFor(side, spec.Name)
		for _, o := range *m.options[name] {
			if o.In(runs) {
				options = append(options, o)
				continue
			}
			if side == convertedSide && name != convertedSide+"."+spec.Name {
				continue // a flag of the others, which it does not have
			}
			other := originalSide
			if side == originalSide {
				other = compressedSide
			}
			if name != spec.Name || !o.In(modeltext.Where(*m.paths[other])) {
				return nil, m.flags.Misuse("--%s: expected it for %s only, found %s: %s", name, modeltext.TakenBy[spec.Name], runs, *m.paths[side])
			}
		}
	}
	return options, nil
}

// opening is how models are opened that are yet to be named.
func (m *models) opening() modeltext.Opening {
	return modeltext.Opening{
		Text: map[string]string{}, Settings: map[string][]modeltext.Setting{}, Name: m.pair, Threads: m.threads, Folder: m.folders,
		Called: func(side string) string { return "--" + side },
	}
}

// open opens the pair and tells what is worth knowing about the models.
func (m *models) open(c console) (*model.Pair, error) {
	o := m.opening()
	for _, side := range sides {
		if m.raw && m.effective(side, "scores") == "" {
			if err := m.flags.Assign(side+".scores", string(onnx.Raw)); err != nil {
				return nil, err
			}
		}
		var err error
		if o.Settings[side], err = m.optionsFor(side); err != nil {
			return nil, err
		}
		o.Text[side] = *m.paths[side]
	}
	if m.flags.Given("threads") && !modeltext.Where(o.Text[originalSide]).IsFile() && !modeltext.Where(o.Text[compressedSide]).IsFile() {
		return nil, m.flags.Misuse("--threads: expected it for files of models only, found programs or endpoints")
	}
	m.taken = o.Settings
	pair, err := o.Pair()
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
