package onnx

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/onnx/internal/modelfile"
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

// OpenBytes opens a model that is in memory, in one piece: one that keeps weights in other files is an error. The name stands where
// a file's name would.
func OpenBytes(name string, data []byte, options ...Option) (*Model, error) {
	return openOne(inMemory(name, data), name, options)
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
	file, err := read(path)
	if err != nil {
		return nil, m.errorf("%w", err)
	}
	g, err := parseGraph(file.Runnable)
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
	for operator := range g.operators {
		m.eightBit = m.eightBit || quantised[operator]
	}
	info, err := startEnvironment(&c)
	if err != nil {
		return nil, err
	}
	session, notes, err := startSession(file, g, m, info)
	if err != nil {
		return nil, m.errorf("%w", err)
	}
	m.lanes = newLanes(m, session)
	if err := m.settle(file, g, info, notes); err != nil {
		m.lanes.close()
		return nil, m.errorf("%w", err)
	}
	return m, nil
}

// startSession loads the model into ONNX Runtime.
func startSession(file *modelfile.Model, g *graph, m *Model, info runtimeInfo) (session, []string, error) {
	s := sessionSettings{
		input: m.input.name, output: m.output.name,
		threads: m.config.threads, optimization: m.config.optimization, exactProducts: m.config.exactProducts,
		provider: m.config.provider, providerSettings: m.config.providerSettings,
		folder: file.Folder,
	}
	opened, err := newSession(file.Runnable, s)
	if err == nil {
		return opened, nil, nil
	}
	// ONNX Runtime refuses versions of operator sets that it does not know, even if no node uses them.
	if unused := g.unusedOpsets(); len(unused) > 0 {
		if stripped, e := withoutOpsets(file.Runnable, unused); e == nil {
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
func (m *Model) settle(file *modelfile.Model, g *graph, info runtimeInfo, notes []string) error {
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
	m.separated = mixes && t.note == "" && m.input.batch == 0
	m.oneByOne = (t.oneByOne || mixes) && m.input.batch != 1 && !(m.separated && m.config.mixing)
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
	found, err := m.lanes.session.outputShape(tensorMemory{m.input.element, shape.tensor(m.input), data})
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
