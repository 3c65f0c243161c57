package predictor

import (
	"context"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/model"
)

// Open opens one model of a runtime.
func Open[S any](r Runtime[S], path string, options []Option[S]) (*Model, error) {
	c, settings, err := configure(Alone, options)
	if err != nil {
		return nil, optionError(r.Package, err)
	}
	return open(r, path, c, settings)
}

// OpenAs is [Open] with the options for the side of a pair.
func OpenAs[S any](r Runtime[S], as Role, path string, options []Option[S]) (*Model, error) {
	c, settings, err := configure(as, options)
	if err != nil {
		return nil, optionError(r.Package, err)
	}
	return open(r, path, c, settings)
}

// OpenPair opens the models of a pair. Name is what options call the pair, or "".
func OpenPair[S any](r Runtime[S], originalPath, compressedPath string, options []Option[S]) (original, compressed *Model, name string, err error) {
	first, settings, err := configure(AsOriginal, options)
	if err != nil {
		return nil, nil, "", optionError(r.Package, err)
	}
	second, others, err := configure(AsCompressed, options)
	if err != nil {
		return nil, nil, "", optionError(r.Package, err)
	}
	if !r.Elsewhere && first.name == "" && second.name == "" && BaseName(originalPath, r.Suffix) == BaseName(compressedPath, r.Suffix) {
		first.name, second.name = namesApart(originalPath, compressedPath, r.Suffix)
	}
	if original, err = open(r, originalPath, first, settings); err != nil {
		return nil, nil, "", err
	}
	second.like = named{original.inOrder(), originalPath}
	if compressed, err = open(r, compressedPath, second, others); err != nil {
		original.Close()
		return nil, nil, "", err
	}
	compressed.nameOutputsAs(original)
	original.partner.Store(&partner{compressed})
	compressed.partner.Store(&partner{original})
	return original, compressed, first.pairName, nil
}

// namesApart are names for two files of the same name, as exporters write them into one folder each: the folder in which
// their paths differ first, from their ends on, goes before the name. "fp32/model.onnx" is "fp32-model".
func namesApart(first, second, suffix string) (string, string) {
	names := [2]string{BaseName(first, suffix), BaseName(second, suffix)}
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

// BaseName is the name of a file without its folder and the suffix.
func BaseName(file, suffix string) string {
	return strings.TrimSuffix(path.Base(filepath.ToSlash(file)), suffix)
}

// open reads the file, understands the graph, starts the session and tries it.
func open[S any](r Runtime[S], path string, c config, settings *S) (*Model, error) {
	m := &Model{path: path, config: c, words: words(r.Package)}
	s, err := r.Read(path, c.role, c.threads, settings)
	if err != nil {
		return nil, m.errorf("%w", err)
	}
	m.told = len(s.Graph.ClassNames)
	if s.MaxBatch > 0 && (c.maxBatch == 0 || s.MaxBatch < c.maxBatch) {
		m.config.maxBatch = s.MaxBatch
	}
	if c.scores == "" {
		m.config.scores = s.Scores
	}
	return m.assemble(s.Graph, s.Start, r.Elsewhere)
}

// assemble understands the graph, starts the session, without the inputs that no node reads, and tries it.
func (m *Model) assemble(g *Graph, start func(inputs, outputs, unread []string) (Started, error), elsewhere bool) (*Model, error) {
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
			err = fmt.Errorf("expected outputs of one shape in all steps, found operators whose outputs depend on the numbers of an input, such as NonZero, before %s; @Steps with Last gives those of the last step", m.outputText())
		}
	} else {
		if m.output, err = inferOutput(g, m.input, c); err == nil {
			m.classes = g.classNames(m.output.Name)
			err = m.orderAs(c.like)
		}
	}
	if err != nil {
		return nil, m.errorf("%w", err)
	}
	inputs, outputs := m.tensorNames()
	s, err := start(inputs, outputs, unread)
	if of := (RuntimeError{}); errors.As(err, &of) {
		return nil, of
	}
	if err != nil {
		return nil, m.errorf("%w", err)
	}
	if g.codes != nil {
		s.Session = uncoded{s.Session}
	}
	d, notes := s.Description, slices.Clone(s.Notes)
	if c.name != "" {
		d.Name = c.name
	}
	if !elsewhere {
		d.Settings["cpu"] = cpuFeatures()
	}
	if len(unread) > 0 {
		notes = append(notes, unreadNote(unread))
	}
	if m.openSlopes(s); m.slopes != nil {
		d.Settings["gradients"] = "of the graph"
	} else if m.noSlopes != nil {
		notes = append(notes, noSlopesNote(m.noSlopes))
	}
	m.lanes = newLanes(m, s.Session)
	if err := m.describeAtWork(g, d, notes); err != nil {
		m.lanes.close()
		return nil, m.errorf("%w", err)
	}
	if s.Where != nil {
		nodes, note, err := s.Where(m.runOnce)
		if err != nil {
			m.lanes.close()
			return nil, m.errorf("%w", err)
		}
		if note != "" {
			m.notes = append(m.notes, note)
		}
		m.edit(func(d *model.Description) {
			d.Settings["provider_nodes"] = nodes
			if note != "" {
				d.Notes = append(slices.Clone(d.Notes), note)
			}
		})
	}
	return m, nil
}

// runOnce runs another session of the model on an input that is made up, and reports whether it could.
func (m *Model) runOnce(s Session) bool {
	inputs := m.trialInputs(nil)
	if inputs == nil {
		return false
	}
	own := m.lanes
	defer func() { m.lanes = own }()
	m.lanes = &lanes{session: s}
	l := &lane{}
	defer l.close()
	return l.run(m, inputs[:1]) == nil
}

// inferInputs finds out as much of the inputs as the file tells. Where there is one that takes one array, that is all.
func (m *Model) inferInputs() error {
	first := leading(m.fed, m.given)
	m.input = &imageInput{Value: first}
	if len(first.Shape) > 0 {
		m.input.batch = first.Shape[0].Size
	}
	if len(first.Shape) == 1 {
		m.input.batch = min(m.input.batch, 1) // it counts numbers, unless that is open
	}
	if len(m.fed) != 1 {
		return nil
	}
	f := m.fed[0]
	m.named = f.part != ""
	how := m.config.preprocessing.with(m.config.apart[f.Name])
	if f.Kind == "tensor" && f.Element.Size() > 0 && f.HasShape && len(f.Shape) > 0 && arraysOnly(f.Value, how) {
		return nil
	}
	var err error
	if m.input, err = inferInput(f.Value, f.quant, how); err != nil {
		return err
	}
	m.encoder = newEncoder(m.input, &m.input.how)
	return nil
}

// arraysOnly reports whether a tensor takes arrays as they are, since it cannot be one of images or rows.
func arraysOnly(v Value, how preprocessing) bool {
	return len(v.Shape) == 1 || len(v.Shape) > 4 && v.Element.whole() ||
		len(v.Shape) == 4 && v.Element.whole() && how.layout == "" && (layoutOf(v.Shape) == "" || v.Shape[1].Size == 0 && v.Shape[3].Size == 0)
}

// uncoded is a session that is not told which integers stand for real numbers.
type uncoded struct{ Session }

func uncode(list []Memory) []Memory {
	plain := slices.Clone(list)
	for i := range plain {
		if plain[i].Element == codedInt16 {
			plain[i].Element = Int16
		}
	}
	return plain
}

// Bind implements [Session].
func (s uncoded) Bind(inputs, outputs []Memory) (Binding, error) {
	return s.Session.Bind(uncode(inputs), uncode(outputs))
}

// Once implements [Session].
func (s uncoded) Once(ctx context.Context, inputs, outputs []Memory) ([]Memory, error) {
	found, err := s.Session.Once(ctx, uncode(inputs), uncode(outputs))
	if err != nil {
		return nil, err
	}
	found = slices.Clone(found)
	for i := range found {
		found[i].Element = outputs[i].Element
	}
	return found, nil
}

// tensorNames are the inputs and outputs of a run, in the order in which it gives and takes them.
func (m *Model) tensorNames() (inputs, outputs []string) {
	for _, f := range m.fed {
		inputs = append(inputs, f.Name)
	}
	for _, o := range m.given {
		inputs = append(inputs, o.target)
	}
	if m.raw == nil {
		outputs = []string{m.output.Name}
	}
	for _, o := range m.raw {
		outputs = append(outputs, o.Name)
	}
	for _, o := range m.states() {
		outputs = append(outputs, o.output)
	}
	return inputs, outputs
}

// describeAtWork finds out what only running the model tells, as far as made-up inputs can, and describes it.
func (m *Model) describeAtWork(g *Graph, d model.Description, notes []string) error {
	m.notes, m.mixing = notes, g.mixesBatch()
	m.half, m.outputs = g.halfPrecision(), outputsText(g)
	if m.raw == nil {
		m.claim = g.claimOf(m.output.Name, m.given)
		var fixed []string
		for _, f := range m.fed {
			if f.Name != m.input.Name {
				fixed = append(fixed, f.Name)
			}
		}
		m.besides = g.claimOf(m.output.Name, m.given, fixed...)
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

// MixesBatches reports whether a model runs inputs one by one that its file takes together, since they influence each other.
func MixesBatches(m *Model) bool { return m.reading.Load().separated && m.config.maxBatch != 1 }

// Changed says that a model is a changed copy of another one, and what of its description is otherwise.
func Changed(m *Model, change func(*model.Description)) {
	m.copied = true
	m.edit(change)
}

// CleanError drops from a message of ONNX Runtime what tells about its sources, not about the model:
// "…/onnxruntime_src/…/graph.cc:46 void F(int) message" becomes "message". Errors of users' functions stay what they are.
func CleanError(err error) error {
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
