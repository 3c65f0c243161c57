package litert

import (
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/internal/predictor"
)

// OpenPair opens an original model and its compressed version. The options apply to both, those in [Original] and [Compressed] to one
// of them. A pair of models in different runtimes is made by [model.NewPair].
func OpenPair(originalPath, compressedPath string, options ...Option) (*model.Pair, error) {
	return openPair(readPath, originalPath, compressedPath, options)
}

// OpenPairFS is [OpenPair] for models in a file system, such as those embedded with go:embed.
func OpenPairFS(fsys fs.FS, originalPath, compressedPath string, options ...Option) (*model.Pair, error) {
	return openPair(fsReader(fsys), originalPath, compressedPath, options)
}

// Open opens one model. Close it, or the pair that it is in, when it is done.
//
// The first model that is opened loads LiteRT's shared library, see [RuntimeLibrary]. The package needs cgo, on Linux or macOS: elsewhere
// everything compiles, and opening a model is an error.
func Open(path string, options ...Option) (*Model, error) {
	return openOne(readPath, path, options)
}

// OpenFS is [Open] for a model in a file system.
func OpenFS(fsys fs.FS, path string, options ...Option) (*Model, error) {
	return openOne(fsReader(fsys), path, options)
}

// OpenBytes opens a model that is in memory. The name stands where a file's name would.
func OpenBytes(name string, data []byte, options ...Option) (*Model, error) {
	return openOne(func(string) ([]byte, error) { return data, nil }, name, options)
}

func openOne(read reader, path string, options []Option) (*Model, error) {
	o := &opener{read: read}
	m, err := predictor.Open(o.runtime(), path, options)
	if err != nil {
		return nil, err
	}
	return &Model{m, o.labels[predictor.Alone]}, nil
}

func openPair(read reader, originalPath, compressedPath string, options []Option) (*model.Pair, error) {
	o := &opener{read: read}
	first, second, name, err := predictor.OpenPair(o.runtime(), originalPath, compressedPath, options)
	if err != nil {
		return nil, err
	}
	return model.NewPair(name, &Model{first, o.labels[predictor.AsOriginal]}, &Model{second, o.labels[predictor.AsCompressed]})
}

// opener opens the models of one call.
type opener struct {
	read   reader
	labels map[predictor.Role][]string
}

func (o *opener) runtime() predictor.Runtime[settings] {
	o.labels = map[predictor.Role][]string{}
	return predictor.Runtime[settings]{Package: "litert", Suffix: suffix, Read: o.source}
}

// source reads a model, and says how the runtime loads it.
func (o *opener) source(path string, as predictor.Role, threads int, s *settings) (predictor.Source, error) {
	file, err := o.read(path)
	if err != nil {
		return predictor.Source{}, err
	}
	parsed, err := parse(file)
	if err != nil {
		return predictor.Source{}, err
	}
	if err := parsed.checkOperators(); err != nil {
		return predictor.Source{}, err
	}
	at, err := parsed.choose(s.signature)
	if err != nil {
		return predictor.Source{}, err
	}
	g, inputs, outputs := parsed.tensors(at)
	l := loadable{file: file, signature: max(at, 0), settings: fmt.Sprintf("num_threads = %d\n", threads), custom: parsed.customs()}
	if l.inputs, err = g.ports(inputs); err != nil {
		return predictor.Source{}, err
	}
	if l.outputs, err = g.ports(outputs); err != nil {
		return predictor.Source{}, err
	}
	if s.kernels != "" {
		l.settings += fmt.Sprintf("kernel_mode = %q\n", s.kernels)
	}
	if err := checkShapes(l.inputs, l.outputs); err != nil {
		return predictor.Source{}, err
	}
	graph, err := parsed.describe(g, inputs, outputs, l.inputs, l.outputs)
	if err != nil {
		return predictor.Source{}, err
	}
	d := parsedIdentity(path, file)
	kernels := s.kernels
	if kernels == "" {
		kernels = "xnnpack"
	}
	d.Settings = map[string]string{
		"runtime": "LiteRT", "binding": bindingName, "kernels": kernels, "threads": strconv.Itoa(threads),
	}
	if at >= 0 {
		d.Settings["signature"] = parsed.signatures[at].key
	}
	var notes []string
	var described *metadata
	if m, ok := readMetadata(parsed.metadata[metadataKey]); ok {
		if m.name != "" {
			d.Settings["metadata_name"] = m.name
		}
		notes = normalizationNote(m)
		described = &m
	}
	start := func(in, out, _ []string) (predictor.Started, error) {
		version, err := load(s)
		if err != nil {
			return predictor.Started{}, err
		}
		d.Settings["runtime"] = strings.TrimSpace("LiteRT " + version)
		opened, err := startSession(l, in, out)
		if err != nil {
			return predictor.Started{}, l.startError(err)
		}
		if described != nil && len(out) == 1 {
			o.labels[as] = labelsIn(file, *described, slices.IndexFunc(outputs, func(n named) bool { return n.name == out[0] }))
		}
		return predictor.Started{Session: opened, Description: d, Notes: notes}, nil
	}
	return predictor.Source{Graph: graph, Start: start}, nil
}

// startError says why the runtime does not load a model, as far as that can be told: it has its reasons to itself.
func (l *loadable) startError(err error) error {
	custom := slices.DeleteFunc(slices.Clone(l.custom), func(name string) bool { return slices.Contains(knownCustom, name) })
	if len(custom) > 0 {
		return fmt.Errorf("expected operators that LiteRT has, found custom ones: %s: %w", strings.Join(custom, ", "), err)
	}
	return fmt.Errorf("expected a model that LiteRT can load: %w", err)
}

// knownCustom are custom operators that LiteRT has.
var knownCustom = []string{"TFLite_Detection_PostProcess", "NumericVerify", "Mfcc", "AudioSpectrogram"}
