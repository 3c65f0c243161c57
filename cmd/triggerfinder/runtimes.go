package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/litert"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/runtimes/process"
)

// runsIn is what --original and --compressed name.
type runsIn string

// What they can name. The words stand in messages.
const (
	onnxFile   runsIn = "an ONNX file"
	liteRTFile runsIn = "a .tflite file"
	program    runsIn = "a program"
	endpoint   runsIn = "an endpoint"
)

// programPrefix begins a command in place of a file.
const programPrefix = "process:"

// endpointSchemes begin an address in place of a file.
var endpointSchemes = []string{"grpc://", "grpcs://", "http://", "https://"}

// whereRuns tells by its text what a model is: a file is in ONNX, unless its name or its content says LiteRT.
func whereRuns(text string) runsIn {
	switch {
	case strings.HasPrefix(text, programPrefix):
		return program
	case slices.ContainsFunc(endpointSchemes, func(scheme string) bool { return strings.HasPrefix(text, scheme) }):
		return endpoint
	case strings.EqualFold(filepath.Ext(text), ".tflite"):
		return liteRTFile
	}
	if f, err := os.Open(text); err == nil {
		defer func() { _ = f.Close() }()
		var head [8]byte
		if n, _ := f.Read(head[:]); n == 8 && string(head[4:]) == "TFL3" {
			return liteRTFile
		}
	}
	return onnxFile
}

// isFile reports whether models of it are files, which can be known again without running them.
func (r runsIn) isFile() bool { return r == onnxFile || r == liteRTFile }

// identify says what a file is.
func identify(path string) (model.Description, error) {
	if whereRuns(path) == liteRTFile {
		return litert.Identify(path)
	}
	return onnx.Identify(path)
}

// option is a flag as the option of each runtime; nil for those that have no such option.
type option struct {
	onnx    onnx.Option
	litert  litert.Option
	process process.Option // of programs, by which endpoints are asked too
}

// in reports whether a runtime has the option.
func (o option) in(r runsIn) bool {
	switch r {
	case onnxFile:
		return o.onnx != nil
	case liteRTFile:
		return o.litert != nil
	}
	return o.process != nil
}

// bridgeProgram asks endpoints, which keeps gRPC out of this command.
const bridgeProgram = "triggerfinder-oip"

// commandOf is the command that stands for a program or an endpoint.
func commandOf(text string) ([]string, error) {
	if whereRuns(text) == program {
		words, err := splitWords(strings.TrimPrefix(text, programPrefix))
		if err == nil && len(words) == 0 {
			err = errors.New(`expected a command, such as "process:python3 server.py model.onnx", found none`)
		}
		return words, err
	}
	if _, err := url.Parse(text); err != nil {
		return nil, fmt.Errorf("expected an address and a model, such as grpc://localhost:8081/classifier, found %q", text)
	}
	path, err := findBridge()
	return []string{path, text}, err
}

// findBridge looks beside this command, and then on the PATH.
func findBridge() (string, error) {
	if self, err := os.Executable(); err == nil {
		name := bridgeProgram
		if runtime.GOOS == "windows" {
			name += ".exe"
		}
		beside := filepath.Join(filepath.Dir(self), name)
		if info, err := os.Stat(beside); err == nil && info.Mode().IsRegular() {
			return beside, nil
		}
	}
	path, err := exec.LookPath(bridgeProgram)
	if err != nil {
		return "", fmt.Errorf("expected the program %s, which asks endpoints, beside triggerfinder or on the PATH, found none; "+
			"in a clone, go install ./cmd/%s in the folder runtimes/oip makes it", bridgeProgram, bridgeProgram)
	}
	return path, nil
}

// splitWords splits a command as a shell does, as far as quotes and backslashes go: nothing is expanded, and no shell runs it.
func splitWords(text string) ([]string, error) {
	var words []string
	var word strings.Builder
	quote, inside := rune(0), false
	runes := []rune(text)
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		switch {
		case quote == 0 && (r == '\'' || r == '"'):
			quote, inside = r, true
		case r == quote:
			quote = 0
		case r == '\\' && quote != '\'' && i+1 < len(runes) && strings.ContainsRune(`\"' `, runes[i+1]): // others are those of paths
			i++
			word.WriteRune(runes[i])
			inside = true
		case quote == 0 && (r == ' ' || r == '\t' || r == '\n'):
			if inside {
				words, inside = append(words, word.String()), false
				word.Reset()
			}
		default:
			word.WriteRune(r)
			inside = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("expected a closing %c in the command, found none: %s", quote, text)
	}
	if inside {
		words = append(words, word.String())
	}
	return words, nil
}

// opening is how the models of one command line are opened.
type opening struct {
	text    map[string]string   // of --original and --compressed
	options map[string][]option // by side
	pair    string
	threads int
}

// pairOf opens both models.
func (o opening) pairOf() (*model.Pair, error) {
	first, second := whereRuns(o.text[originalSide]), whereRuns(o.text[compressedSide])
	switch {
	case first == onnxFile && second == onnxFile:
		options := []onnx.Option{onnx.Threads(o.threads), onnx.Original(o.onnx(originalSide)...), onnx.Compressed(o.onnx(compressedSide)...)}
		if o.pair != "" {
			options = append(options, onnx.PairName(o.pair))
		}
		return onnx.OpenPair(o.text[originalSide], o.text[compressedSide], options...)
	case first == liteRTFile && second == liteRTFile:
		options := []litert.Option{litert.Threads(o.threads), litert.Original(o.litert(originalSide)...), litert.Compressed(o.litert(compressedSide)...)}
		if o.pair != "" {
			options = append(options, litert.PairName(o.pair))
		}
		return litert.OpenPair(o.text[originalSide], o.text[compressedSide], options...)
	}
	original, err := o.open(originalSide, "")
	if err != nil {
		return nil, err
	}
	compressed, err := o.open(compressedSide, "")
	if err != nil {
		return nil, errors.Join(err, closed(original))
	}
	if name := model.Describe(compressed, "").Name; name == model.Describe(original, "").Name {
		// One network in two runtimes: told apart by what comes last.
		if err := closed(compressed); err != nil {
			return nil, errors.Join(err, closed(original))
		}
		suffix := map[runsIn]string{onnxFile: "onnx", liteRTFile: "tflite", program: "program", endpoint: "endpoint"}[second]
		if first == second {
			suffix = compressedSide
		}
		if compressed, err = o.open(compressedSide, name+"-"+suffix); err != nil {
			return nil, errors.Join(err, closed(original))
		}
	}
	return model.NewPair(o.pair, original, compressed)
}

// closed closes a model.
func closed(p model.Predictor) error { return p.(interface{ Close() error }).Close() }

// open opens one model, under another name if there is one.
func (o opening) open(side, name string) (model.Predictor, error) {
	text := o.text[side]
	switch whereRuns(text) {
	case onnxFile:
		options := append(o.onnx(side), onnx.Threads(o.threads))
		if name != "" {
			options = append(options, onnx.Name(name))
		}
		return predictor(onnx.Open(text, options...))
	case liteRTFile:
		options := append(o.litert(side), litert.Threads(o.threads))
		if name != "" {
			options = append(options, litert.Name(name))
		}
		return predictor(litert.Open(text, options...))
	}
	command, err := commandOf(text)
	if err != nil {
		return nil, fmt.Errorf("--%s: %w", side, err)
	}
	var options []process.Option
	for _, one := range o.options[side] {
		options = append(options, one.process)
	}
	if name != "" {
		options = append(options, process.Name(name))
	}
	return predictor(process.Open(command, options...))
}

// predictor keeps an error from being a model that is nil.
func predictor[M model.Predictor](m M, err error) (model.Predictor, error) {
	if err != nil {
		return nil, err
	}
	return m, nil
}

func (o opening) onnx(side string) (list []onnx.Option) {
	for _, one := range o.options[side] {
		list = append(list, one.onnx)
	}
	return list
}

func (o opening) litert(side string) (list []litert.Option) {
	for _, one := range o.options[side] {
		list = append(list, one.litert)
	}
	return list
}
