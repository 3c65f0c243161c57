package onnx

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/triggerfinder/triggerfinder/engine"
)

// OpenPair opens an original model and its compressed version. The options apply to both, those in
// [Original] and [Compressed] to one of them.
func OpenPair(originalPath, compressedPath string, options ...Option) (*engine.Pair, error) {
	return openPair(readPath, originalPath, compressedPath, options)
}

// OpenPairFS is [OpenPair] for models in a file system, such as those embedded with go:embed.
func OpenPairFS(fsys fs.FS, originalPath, compressedPath string, options ...Option) (*engine.Pair, error) {
	return openPair(fsReader(fsys), originalPath, compressedPath, options)
}

// Open opens one model.
func Open(path string, options ...Option) (*Model, error) {
	return openOne(readPath, path, options)
}

// OpenFS is [Open] for a model in a file system.
func OpenFS(fsys fs.FS, path string, options ...Option) (*Model, error) {
	return openOne(fsReader(fsys), path, options)
}

// OpenBytes opens a model that is in memory. The name stands where a file's name would.
func OpenBytes(name string, data []byte, options ...Option) (*Model, error) {
	return openOne(func(string) (modelFile, error) {
		return modelFile{path: name, data: data}, nil
	}, name, options)
}

// modelFile is a model's file, read.
type modelFile struct {
	path   string
	folder string // "" when it is not on disk
	data   []byte
}

type reader func(path string) (modelFile, error)

func readPath(path string) (modelFile, error) {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return modelFile{}, errors.New("expected a file, found a directory")
	case err != nil:
		return modelFile{}, readError(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return modelFile{}, readError(err)
	}
	folder, err := filepath.Abs(filepath.Dir(path))
	return modelFile{path, folder, data}, err
}

func fsReader(fsys fs.FS) reader {
	return func(path string) (modelFile, error) {
		info, err := fs.Stat(fsys, path)
		switch {
		case err == nil && info.IsDir():
			return modelFile{}, errors.New("expected a file, found a directory")
		case err != nil:
			return modelFile{}, readError(err)
		}
		data, err := fs.ReadFile(fsys, path)
		return modelFile{path: path, data: data}, readError(err)
	}
}

// readError keeps the cause and drops the path, which the message has already.
func readError(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("expected an ONNX file: %w", fs.ErrNotExist)
	}
	return err
}

func openPair(read reader, originalPath, compressedPath string, options []Option) (*engine.Pair, error) {
	first, err := configure(original, options)
	if err != nil {
		return nil, err
	}
	second, err := configure(compressed, options)
	if err != nil {
		return nil, err
	}
	o, err := open(read, originalPath, first)
	if err != nil {
		return nil, err
	}
	c, err := open(read, compressedPath, second)
	if err != nil {
		o.Close()
		return nil, err
	}
	return engine.NewPair(first.pairName, o, c)
}

func openOne(read reader, path string, options []Option) (*Model, error) {
	c, err := configure(alone, options)
	if err != nil {
		return nil, err
	}
	return open(read, path, c)
}

// open reads the file, understands the graph, starts the session and tries it.
func open(read reader, path string, c config) (*Model, error) {
	m := &Model{path: path, config: c}
	m.settled.L = &m.mu
	file, err := read(path)
	if err != nil {
		return nil, m.errorf("%w", err)
	}
	g, err := understand(file)
	if err != nil {
		return nil, m.errorf("%w", err)
	}
	if m.input, err = inferInput(g, &c); err != nil {
		return nil, m.errorf("%w", err)
	}
	if m.output, err = inferOutput(g, &c); err != nil {
		return nil, m.errorf("%w", err)
	}
	for _, list := range [][]float64{c.scale, c.mean, c.std} {
		if len(list) > len(m.lists) {
			m.lists = list
		}
	}
	m.encoder = newEncoder(m.input, &c)
	info, err := startEnvironment(&c)
	if err != nil {
		return nil, err
	}
	var notes []string
	if m.session, notes, err = startSession(file, g, m, info); err != nil {
		return nil, m.errorf("%w", err)
	}
	if err := m.settle(file, g, info, notes); err != nil {
		m.session.close()
		return nil, m.errorf("%w", err)
	}
	return m, nil
}

// understand parses the file and checks what can be checked without running it.
func understand(file modelFile) (*graph, error) {
	if len(file.data) == 0 {
		return nil, errors.New("expected an ONNX file, found an empty one")
	}
	g, err := parseGraph(file.data)
	var truncated truncatedError
	switch {
	case errors.As(err, &truncated) && looksLikeONNX(file.data):
		return nil, fmt.Errorf("expected a whole ONNX file, found one cut off after %d bytes: %d bytes are missing", len(file.data), truncated.need-truncated.have)
	case err != nil && looksLikeONNX(file.data):
		return nil, fmt.Errorf("expected a whole ONNX file, found a damaged one: %w", err)
	case err != nil:
		return nil, fmt.Errorf("expected an ONNX file, found %s", guessFormat(file.data))
	}
	for _, name := range g.externalData {
		if file.folder == "" {
			return nil, fmt.Errorf("expected a model in one file, found weights in %q beside it: open it by its path, with onnx.Open or onnx.OpenPair", name)
		}
		if _, err := os.Stat(filepath.Join(file.folder, filepath.FromSlash(name))); err != nil {
			return nil, fmt.Errorf("expected the model's weights in the file %q beside it: %w", name, readError(err))
		}
	}
	return g, nil
}

// looksLikeONNX reports whether the file starts as ONNX files do: with their version, as a small
// number, and a field that ONNX has.
func looksLikeONNX(data []byte) bool {
	f, rest, err := nextField(data)
	if err != nil || f.number != 1 || f.wire != wireVarint || f.bits > 1000 {
		return false
	}
	f, _, err = nextField(rest)
	var truncated truncatedError
	if errors.As(err, &truncated) {
		return truncated.field <= 25
	}
	return err == nil && f.number <= 25
}

// formats are the first bytes of files that are taken for ONNX files.
var formats = []struct {
	at    int
	magic string
	name  string
}{
	{0, "version https://git-lfs", "a Git LFS pointer; fetch the file with git lfs pull"},
	{4, "ORTM", "a model in ORT format; use the .onnx file that it was made from"},
	{4, "TFL3", "a TensorFlow Lite model; convert it to ONNX"},
	{0, "\x89HDF", "an HDF5 file, maybe of Keras; convert it to ONNX"},
	{0, "PK\x03\x04", "a zip file, maybe of PyTorch or Keras; convert it to ONNX"},
	{0, "\x1f\x8b", "a gzip file; unpack it"},
	{0, "<", "a text file that starts with \"<\", maybe an error page"},
}

func guessFormat(data []byte) string {
	for _, f := range formats {
		if len(data) >= f.at && bytes.HasPrefix(data[f.at:], []byte(f.magic)) {
			return f.name
		}
	}
	return fmt.Sprintf("%d bytes that start with %q", len(data), data[:min(16, len(data))])
}

// startSession loads the model into ONNX Runtime.
func startSession(file modelFile, g *graph, m *Model, info runtimeInfo) (session, []string, error) {
	s := sessionSettings{
		input: m.input.name, output: m.output.name,
		threads: m.config.threads, optimization: m.config.optimization,
		provider: m.config.provider, providerSettings: m.config.providerSettings,
	}
	if len(g.externalData) > 0 {
		s.folder = file.folder
	}
	opened, err := newSession(file.data, s)
	if err == nil {
		return opened, nil, nil
	}
	// ONNX Runtime refuses versions of operator sets that it does not know, even if no node uses them.
	if unused := g.unusedOpsets(); len(unused) > 0 {
		if stripped, e := withoutOpsets(file.data, unused); e == nil {
			if opened, e := newSession(stripped, s); e == nil {
				return opened, []string{"ignored operator sets that no node uses: " + opsetText(unused)}, nil
			}
		}
	}
	if strings.Contains(strings.ToLower(err.Error()), "opset") && strings.Contains(err.Error(), "support") {
		return nil, nil, fmt.Errorf("expected operator sets that ONNX Runtime %s knows, found %s: %w", info.version, opsetText(g.opsets), cleanError(err))
	}
	return nil, nil, fmt.Errorf("expected a model that ONNX Runtime %s can load: %w", info.version, cleanError(err))
}

// settle finds out what only running the model tells, and describes it.
func (m *Model) settle(file modelFile, g *graph, info runtimeInfo, notes []string) error {
	m.scoring.numbers = m.output.classes
	m.scoring.read = newReader(m.output)
	if m.scoring.numbers == 0 {
		n, err := m.countClasses()
		if err != nil {
			return err
		}
		m.scoring.numbers = n
	}
	m.scoring.binary = m.scoring.numbers == 1
	t, err := m.try()
	if err != nil {
		return err
	}
	if err := m.scoring.decide(g, m.output, &m.config, t.rows); err != nil {
		return err
	}
	mixes := t.oneByOne && t.note == "" || g.mixesBatch()
	m.oneByOne = (t.oneByOne || mixes) && m.input.batch != 1
	if m.oneByOne && mixes {
		notes = append(notes, "its scores depend on what else is in a batch (dynamic quantisation does that): inputs run one by one, which is slower")
	}
	if t.note != "" {
		notes = append(notes, t.note)
	}
	m.description = m.describe(file, g, info, notes)
	return nil
}

// countClasses runs the model when the file does not tell how many scores it gives.
func (m *Model) countClasses() (int, error) {
	inputs := m.trialInputs()
	if inputs == nil {
		return 0, fmt.Errorf("expected the number of classes or the size of the inputs in the file, found %s and %s", m.output, m.input.value)
	}
	shape := m.runShape(max(1, m.input.batch), inputs[0])
	data := alignedBytes(shape.rows * shape.values(m.input) * m.input.element.size())
	found, err := m.session.outputShape(tensorMemory{m.input.element, shape.tensor(m.input), data})
	if err != nil {
		return 0, fmt.Errorf("expected to learn the number of classes by running the model, since the file does not tell: %w", cleanError(err))
	}
	v := value{name: m.output.name, kind: "tensor", element: m.output.element, hasShape: true}
	for _, d := range found {
		v.shape = append(v.shape, dimension{size: int(d)})
	}
	if out := (&scoresOutput{value: v}); !looksLikeScores(v) && !out.binary() {
		return 0, fmt.Errorf("expected an output of scores [N, classes], found %s", v)
	}
	m.output.shape, m.output.hasShape = v.shape, true
	return v.shape[1].size, nil
}

func opsetText(opsets []opset) string {
	parts := make([]string, len(opsets))
	for i, o := range opsets {
		domain := o.domain
		if domain == "" {
			domain = "ai.onnx"
		}
		parts[i] = fmt.Sprintf("%s %d", domain, o.version)
	}
	return strings.Join(parts, ", ")
}

// cleanError drops from a message of ONNX Runtime what tells about its sources, not about the model:
// "…/onnxruntime_src/…/graph.cc:46 void F(int) message" becomes "message".
func cleanError(err error) error {
	text := strings.TrimPrefix(err.Error(), "Error creating C session: ")
	if at := strings.Index(text, "onnxruntime_src/"); at >= 0 {
		depth := 0
		for i := at; i < len(text); i++ {
			switch text[i] {
			case '(':
				depth++
			case ')':
				depth--
				if depth == 0 {
					text, i = strings.TrimSpace(text[i+1:]), len(text)
				}
			}
		}
	}
	if text == "" {
		return err
	}
	return errors.New(text)
}

func fileSum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func baseName(file string) string {
	return strings.TrimSuffix(path.Base(filepath.ToSlash(file)), ".onnx")
}
