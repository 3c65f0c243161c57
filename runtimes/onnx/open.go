package onnx

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/model"
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

func openPair(read reader, originalPath, compressedPath string, options []Option) (*model.Pair, error) {
	o, c, name, err := openBoth(onnxFormat(read), originalPath, compressedPath, options)
	if err != nil {
		return nil, err
	}
	return model.NewPair(name, o, c)
}

// format is how files of a format are opened.
type format struct {
	suffix string // of their names
	named  bool   // what they hold has a name of its own
	open   func(path string, c config) (*Model, error)
}

func onnxFormat(read reader) format {
	return format{".onnx", false, func(path string, c config) (*Model, error) { return open(read, path, c) }}
}

// openBoth opens the models of a pair. Name is what options call the pair, or "".
func openBoth(f format, originalPath, compressedPath string, options []Option) (o, c *Model, name string, err error) {
	first, err := configure(original, options)
	if err != nil {
		return nil, nil, "", err
	}
	second, err := configure(compressed, options)
	if err != nil {
		return nil, nil, "", err
	}
	if !f.named && first.name == "" && second.name == "" && baseName(originalPath, f.suffix) == baseName(compressedPath, f.suffix) {
		first.name, second.name = namesApart(originalPath, compressedPath, f.suffix)
	}
	if o, err = f.open(originalPath, first); err != nil {
		return nil, nil, "", err
	}
	second.like = named{o.inOrder(), originalPath}
	if c, err = f.open(compressedPath, second); err != nil {
		o.Close()
		return nil, nil, "", err
	}
	c.nameOutputsAs(o)
	o.partner.Store(&partner{c})
	c.partner.Store(&partner{o})
	return o, c, first.pairName, nil
}

// namesApart are names for two files of the same name, as exporters write them into one folder each: the folder in which
// their paths differ first, from their ends on, goes before the name. "fp32/model.onnx" is "fp32-model".
func namesApart(first, second, suffix string) (string, string) {
	names := [2]string{baseName(first, suffix), baseName(second, suffix)}
	folders := [2][]string{}
	for i, file := range [2]string{first, second} {
		folders[i] = strings.Split(path.Dir(path.Clean(filepath.ToSlash(file))), "/")
		slices.Reverse(folders[i])
	}
	for level := range max(len(folders[0]), len(folders[1])) {
		var at [2]string
		for i := range at {
			if level < len(folders[i]) && !strings.Contains(folders[i][level], ":") {
				at[i] = strings.Trim(folders[i][level], ".")
			}
		}
		if at[0] == at[1] {
			continue
		}
		for i, folder := range at {
			if folder != "" {
				names[i] = folder + "-" + names[i]
			}
		}
		break
	}
	return names[0], names[1]
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
	runnable, g, err := unzipped(file.Runnable, g)
	if err != nil {
		return nil, m.errorf("%w", err)
	}
	return m.assemble(g, func(unread []string) (started, error) {
		info, err := startEnvironment(&m.config)
		if err != nil {
			return started{}, err
		}
		session, notes, err := startSession(runnable, file.Folder, g, m, info, unread)
		if err != nil {
			return started{}, m.errorf("%w", err)
		}
		return started{session, m.describe(file, g, info), notes}, nil
	})
}

// started is a model that a runtime has loaded, with what is to be said of the files and of how they run.
type started struct {
	session     session
	description model.Description
	notes       []string
}

// assemble understands the graph, starts the session, without the inputs that no node reads, and tries it.
func (m *Model) assemble(g *graph, start func(unread []string) (started, error)) (*Model, error) {
	c := &m.config
	unread := g.unread()
	g.without(unread)
	m.unread = unread
	var err error
	if m.fed, m.given, err = feeding(g, c, unread); err != nil {
		return nil, m.errorf("%w", err)
	}
	if err := m.inferInputs(); err != nil {
		return nil, m.errorf("%w", err)
	}
	if err := m.stepping(g); err != nil {
		return nil, m.errorf("%w", err)
	}
	if c.scores == Raw {
		if m.raw, err = inferRaw(g, c); err == nil {
			m.free = m.freely(g)
		}
		if err == nil && m.free && c.steps != nil && !c.steps.Last {
			err = fmt.Errorf("expected outputs of one shape in all steps, found operators whose outputs depend on the numbers of an input, such as NonZero, before %s; onnx.Steps with Last gives those of the last step", m.outputText())
		}
	} else {
		if m.output, err = inferOutput(g, m.input, c); err == nil {
			m.classes = g.classNames(m.output.name)
			err = m.orderAs(c.like)
		}
	}
	if err != nil {
		return nil, m.errorf("%w", err)
	}
	for operator := range g.operators {
		m.eightBit = m.eightBit || quantised[operator]
	}
	s, err := start(unread)
	if err != nil {
		return nil, err
	}
	m.lanes = newLanes(m, s.session)
	if err := m.describeAtWork(g, s.description, s.notes); err != nil {
		m.lanes.close()
		return nil, m.errorf("%w", err)
	}
	return m, nil
}

// inferInputs finds out as much of the inputs as the file tells. Where there is one that takes one array, that is all.
func (m *Model) inferInputs() error {
	first := leading(m.fed, m.given)
	m.input = &imageInput{value: first}
	if len(first.shape) > 0 {
		m.input.batch = first.shape[0].size
	}
	if len(first.shape) == 1 {
		m.input.batch = min(m.input.batch, 1) // it counts numbers, unless that is open
	}
	if len(m.fed) != 1 {
		return nil
	}
	f := m.fed[0]
	m.named = f.part != ""
	how := m.config.preprocessing.with(m.config.apart[f.name])
	if f.kind == "tensor" && f.element.size() > 0 && f.hasShape && len(f.shape) > 0 && arraysOnly(f.value, how) {
		return nil
	}
	var err error
	if m.input, err = inferInput(f.value, f.quant, how); err != nil {
		return err
	}
	m.encoder = newEncoder(m.input, &m.input.how)
	return nil
}

// arraysOnly reports whether a tensor takes arrays as they are, since it cannot be one of images or rows.
func arraysOnly(v value, how preprocessing) bool {
	return len(v.shape) == 1 || len(v.shape) > 4 && v.element.whole() ||
		len(v.shape) == 4 && v.element.whole() && how.layout == "" && (layoutOf(v.shape) == "" || v.shape[1].size == 0 && v.shape[3].size == 0)
}

// startSession loads the model into ONNX Runtime.
func startSession(runnable []byte, folder string, g *graph, m *Model, info runtimeInfo, unread []string) (session, []string, error) {
	notes := []string(nil)
	if len(unread) > 0 {
		stripped, err := withoutInputs(runnable, unread)
		if err != nil {
			return nil, nil, err
		}
		runnable, notes = stripped, []string{unreadNote(unread)}
	}
	s := sessionSettings{
		threads: m.config.threads, optimization: m.config.optimization, exactProducts: m.config.exactProducts,
		provider: m.config.provider, providerSettings: m.config.providerSettings,
		folder: folder,
	}
	s.inputs, s.outputs = m.tensorNames()
	opened, err := newSession(runnable, s)
	if err == nil {
		return opened, notes, nil
	}
	// ONNX Runtime refuses versions of operator sets that it does not know, even if no node uses them.
	if unused := g.unusedOpsets(); len(unused) > 0 {
		if stripped, e := withoutOpsets(runnable, unused); e == nil {
			if opened, e := newSession(stripped, s); e == nil {
				return opened, append(notes, "ignored operator sets that no node uses: "+opsetText(unused)), nil
			}
		}
	}
	if strings.Contains(strings.ToLower(err.Error()), "opset") && strings.Contains(err.Error(), "support") {
		return nil, nil, fmt.Errorf("expected operator sets that ONNX Runtime %s knows, found %s: %w", info.version, opsetText(g.opsets), cleanError(err))
	}
	return nil, nil, fmt.Errorf("expected a model that ONNX Runtime %s can load: %w", info.version, cleanError(err))
}

// tensorNames are the inputs and outputs of a run, in the order in which it gives and takes them.
func (m *Model) tensorNames() (inputs, outputs []string) {
	for _, f := range m.fed {
		inputs = append(inputs, f.name)
	}
	for _, o := range m.given {
		inputs = append(inputs, o.target)
	}
	if m.raw == nil {
		outputs = []string{m.output.name}
	}
	for _, o := range m.raw {
		outputs = append(outputs, o.name)
	}
	for _, o := range m.states() {
		outputs = append(outputs, o.output)
	}
	return inputs, outputs
}

// describeAtWork finds out what only running the model tells, as far as made-up inputs can, and describes it.
func (m *Model) describeAtWork(g *graph, d model.Description, notes []string) error {
	m.notes, m.mixing = notes, g.mixesBatch()
	m.half, m.outputs = g.halfPrecision(), outputsText(g)
	if m.raw == nil {
		m.claim = g.claimOf(m.output.name, m.given)
		var fixed []string
		for _, f := range m.fed {
			if f.name != m.input.name {
				fixed = append(fixed, f.name)
			}
		}
		m.besides = g.claimOf(m.output.name, m.given, fixed...)
	}
	r := &reading{description: d}
	if inputs := m.trialInputs(nil); inputs != nil {
		l := &lane{}
		defer l.close()
		if err := m.choose(l, r, inputs); err != nil {
			return err
		}
	}
	if err := m.decide(r); err != nil {
		return err
	}
	m.reading.Store(r)
	return nil
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
// "…/onnxruntime_src/…/graph.cc:46 void F(int) message" becomes "message". Errors of users' functions stay what they are.
func cleanError(err error) error {
	var made madeError
	if errors.As(err, &made) {
		return err
	}
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
	if text == "" || text == err.Error() {
		return err // with what it wraps, such as that of a context
	}
	if strings.Contains(text, "computed output shape for this run") {
		text = "expected outputs whose shapes follow from those of the inputs, found one whose shape depends on their numbers: " + text
	}
	return errors.New(text)
}
