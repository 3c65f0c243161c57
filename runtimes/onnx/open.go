package onnx

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/internal/predictor"
)

// OpenPair opens an original model and its compressed version. The options apply to both, those in
// [Original] and [Compressed] to one of them.
func OpenPair(originalPath, compressedPath string, options ...Option) (*model.Pair, error) {
	return openPair(readPath, originalPath, compressedPath, options)
}

// OpenPairFS is [OpenPair] for models in a file system, such as those embedded with go:embed.
func OpenPairFS(fsys fs.FS, originalPath, compressedPath string, options ...Option) (*model.Pair, error) {
	return openPair(fsReader(fsys), originalPath, compressedPath, options)
}

// Open opens one model. Close it, or the pair that it is in, when it is done.
//
// The first model that is opened loads ONNX Runtime's shared library, which package ortlib finds or
// installs; [RuntimeLibrary], [RuntimeVersion] and [NoInstall] change how. A process uses one library.
// The package needs cgo: without it everything compiles, and opening a model is an error.
//
// A model uses one thread unless [Threads] says otherwise: a search has a worker for every core, and
// predictions of one model may run at the same time.
func Open(path string, options ...Option) (*Model, error) {
	return openOne(readPath, path, options)
}

// OpenFS is [Open] for a model in a file system.
func OpenFS(fsys fs.FS, path string, options ...Option) (*Model, error) {
	return openOne(fsReader(fsys), path, options)
}

// OpenBytes opens a model that is in memory, in one piece: one that keeps weights in other files is an error. The name stands where
// a file's name would.
func OpenBytes(name string, data []byte, options ...Option) (*Model, error) {
	return openOne(inMemory(name, data), name, options)
}

func openOne(read reader, path string, options []Option) (*Model, error) {
	o := &opener{read: read}
	m, err := predictor.Open(o.runtime(), path, options)
	if err != nil {
		return nil, err
	}
	return &Model{m, o.eightBit[predictor.Alone]}, nil
}

func openPair(read reader, originalPath, compressedPath string, options []Option) (*model.Pair, error) {
	o := &opener{read: read}
	var err error
	if o.withProvider, err = sharedLibrary(options); err != nil {
		return nil, err
	}
	first, second, name, err := predictor.OpenPair(o.runtime(), originalPath, compressedPath, options)
	if err != nil {
		return nil, err
	}
	return model.NewPair(name, &Model{first, o.eightBit[predictor.AsOriginal]}, &Model{second, o.eightBit[predictor.AsCompressed]})
}

// opener opens the models of one call.
type opener struct {
	read         reader
	withProvider string // which the library has to have for both models of a pair; "" for what the options of one say
	eightBit     map[predictor.Role]bool
}

func (o *opener) runtime() predictor.Runtime[settings] {
	o.eightBit = map[predictor.Role]bool{}
	return predictor.Runtime[settings]{Package: "onnx", Suffix: suffix, Read: o.source}
}

const suffix = ".onnx"

// source reads a model, and says how ONNX Runtime loads it.
func (o *opener) source(path string, as predictor.Role, threads int, s *settings) (predictor.Source, error) {
	file, err := o.read(path)
	if err != nil {
		return predictor.Source{}, err
	}
	g, err := parseGraph(file.Runnable)
	if err != nil {
		return predictor.Source{}, err
	}
	runnable, g, err := unzipped(file.Runnable, g)
	if err != nil {
		return predictor.Source{}, err
	}
	for operator := range g.Operators {
		o.eightBit[as] = o.eightBit[as] || quantised[operator]
	}
	s = s.withDefaults()
	s.withProvider = cmp.Or(o.withProvider, s.withProvider)
	start := func(inputs, outputs, unread []string) (predictor.Started, error) {
		info, err := startEnvironment(s)
		if err != nil {
			return predictor.Started{}, predictor.RuntimeError{Err: err}
		}
		l, err := startSession(runnable, g, info, unread, s, sessionSettings{
			inputs: inputs, outputs: outputs, folder: file.Folder, threads: threads, optimization: s.optimization, exactProducts: s.exactProducts,
			provider: s.provider, providerSettings: s.settingsOfProvider(threads), info: info,
		})
		if err != nil {
			return predictor.Started{}, err
		}
		started := predictor.Started{Session: l.session, Description: describe(file, g, info, threads, s), Notes: l.notes}
		if note := roundedNote(&g.Graph, s); note != "" {
			started.Notes = append(started.Notes, note)
		}
		switch {
		case l.all:
			started.Description.Settings["provider_nodes"] = "all"
		case !s.onCPU():
			started.Where = l.where
		}
		if s.gradients {
			started.Slopes, started.NoSlopes = newSlopes(file, inputs, outputs, sessionSettings{
				threads: threads, optimization: s.optimization, provider: s.provider, providerSettings: s.settingsOfProvider(threads), info: info,
			})
		}
		return started, nil
	}
	return predictor.Source{Graph: &g.Graph, Start: start}, nil
}

// loaded is a model that ONNX Runtime has loaded.
type loaded struct {
	session  predictor.Session
	runnable []byte // what it has loaded
	settings sessionSettings
	all      bool // runs on another provider than the processor's
	notes    []string
}

// startSession loads the model into ONNX Runtime.
func startSession(runnable []byte, g *graph, info runtimeInfo, unread []string, o *settings, s sessionSettings) (*loaded, error) {
	if len(unread) > 0 {
		stripped, err := withoutInputs(runnable, unread)
		if err != nil {
			return nil, err
		}
		runnable = stripped
	}
	opened, all, err := startOn(runnable, s, o)
	if err == nil {
		return &loaded{opened, runnable, s, all, nil}, nil
	}
	// ONNX Runtime refuses versions of operator sets that it does not know, even if no node uses them.
	if unused := g.unusedOpsets(); len(unused) > 0 {
		if stripped, e := withoutOpsets(runnable, unused); e == nil {
			if opened, all, e := startOn(stripped, s, o); e == nil {
				return &loaded{opened, stripped, s, all, []string{"ignored operator sets that no node uses: " + opsetText(unused)}}, nil
			}
		}
	}
	var refused *providerError
	if errors.As(err, &refused) {
		return nil, err
	}
	if strings.Contains(strings.ToLower(err.Error()), "opset") && strings.Contains(err.Error(), "support") {
		return nil, fmt.Errorf("expected operator sets that ONNX Runtime %s knows, found %s: %w", info.version, opsetText(g.opsets), predictor.CleanError(err))
	}
	return nil, fmt.Errorf("expected a model that ONNX Runtime %s can load: %w", info.version, predictor.CleanError(err))
}
