// Package modeltext opens models that are described in words, as on a command line or in a file: what stands for a model, which runtime runs it,
// and the options of all runtimes by name.
package modeltext

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

// Runtime is where a model runs, as the text says that stands for it.
type Runtime string

// Where models can run. The words stand in messages.
const (
	ONNXFile   Runtime = "an ONNX file"
	LiteRTFile Runtime = "a .tflite file"
	Program    Runtime = "a program"
	Endpoint   Runtime = "an endpoint"
)

// programPrefix begins a command in place of a file.
const programPrefix = "process:"

// endpointSchemes begin an address in place of a file.
var endpointSchemes = []string{"grpc://", "grpcs://", "http://", "https://"}

// Where tells by its text what a model is: a file is in ONNX, unless its name or its content says LiteRT.
func Where(text string) Runtime {
	switch {
	case strings.HasPrefix(text, programPrefix):
		return Program
	case slices.ContainsFunc(endpointSchemes, func(scheme string) bool { return strings.HasPrefix(text, scheme) }):
		return Endpoint
	case strings.EqualFold(filepath.Ext(text), ".tflite"):
		return LiteRTFile
	}
	if f, err := os.Open(text); err == nil {
		defer func() { _ = f.Close() }()
		var head [8]byte
		if n, _ := f.Read(head[:]); n == 8 && string(head[4:]) == "TFL3" {
			return LiteRTFile
		}
	}
	return ONNXFile
}

// IsFile reports whether models of it are files, which can be known again without running them.
func (r Runtime) IsFile() bool { return r == ONNXFile || r == LiteRTFile }

// IsPath reports whether the text is the path of a file, and no program or endpoint.
func IsPath(text string) bool {
	return !strings.HasPrefix(text, programPrefix) && !slices.ContainsFunc(endpointSchemes, func(scheme string) bool { return strings.HasPrefix(text, scheme) })
}

// Identify says what a file is.
func Identify(path string) (model.Description, error) {
	if Where(path) == LiteRTFile {
		return litert.Identify(path)
	}
	return onnx.Identify(path)
}

// Setting is an option of each runtime; nil for those that have no such option.
type Setting struct {
	ONNX    onnx.Option
	LiteRT  litert.Option
	Process process.Option // of programs, by which endpoints are asked too
}

// In reports whether a runtime has the option.
func (o Setting) In(r Runtime) bool {
	switch r {
	case ONNXFile:
		return o.ONNX != nil
	case LiteRTFile:
		return o.LiteRT != nil
	}
	return o.Process != nil
}

// bridgeProgram asks endpoints, which keeps gRPC out of what describes models in words.
const bridgeProgram = "triggerfinder-oip"

// commandOf is the command that stands for a program or an endpoint.
func commandOf(text string) ([]string, error) {
	if Where(text) == Program {
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

// findBridge looks beside the program that runs, and then on the PATH.
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
