package onnx

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/internal/bridge"
)

// OpenForeign opens a model of another runtime of this module, such as LiteRT, as [Open] opens an ONNX model: it is there for the
// packages of those runtimes, not to be called by users.
func OpenForeign(r bridge.Runtime, path string, options ...Option) (*Model, error) {
	c, err := configure(alone, options)
	if err != nil {
		return nil, wordsOf(r.Package).of(err)
	}
	return foreign(r).open(path, c)
}

// OpenForeignPair is [OpenForeign] for two models. Name is that of the pair, or "".
func OpenForeignPair(r bridge.Runtime, originalPath, compressedPath string, options ...Option) (original, compressed *Model, name string, err error) {
	original, compressed, name, err = openBoth(foreign(r), originalPath, compressedPath, options)
	return original, compressed, name, wordsOf(r.Package).of(err)
}

// foreign opens models of another runtime.
func foreign(r bridge.Runtime) format {
	return format{r.Suffix, r.Elsewhere, func(path string, c config) (*Model, error) {
		m := &Model{path: path, config: c, words: wordsOf(r.Package)}
		s, err := r.Read(path, string(c.role), c.threads)
		if err != nil {
			return nil, m.errorf("%w", err)
		}
		g, err := foreignGraph(s.Graph)
		if err != nil {
			return nil, m.errorf("%w", err)
		}
		g.told, m.told = s.ClassNames, len(s.ClassNames)
		if s.MaxBatch > 0 && (c.maxBatch == 0 || s.MaxBatch < c.maxBatch) {
			m.config.maxBatch = s.MaxBatch
		}
		if c.scores == "" {
			m.config.scores = ScoreKind(s.Scores)
		}
		return m.assemble(g, func(unread []string) (started, error) {
			opened, err := s.Start(m.tensorNames())
			if err != nil {
				return started{}, m.errorf("%w", err)
			}
			d, notes := s.Description, slices.Clone(s.Notes)
			if c.name != "" {
				d.Name = c.name
			}
			if !r.Elsewhere {
				d.Settings["cpu"] = cpuFeatures()
			}
			if len(unread) > 0 {
				notes = append(notes, unreadNote(unread))
			}
			return started{foreignSession{opened}, d, notes}, nil
		})
	}}
}

// foreignGraph is a graph in the words of this package.
func foreignGraph(from bridge.Graph) (*graph, error) {
	g := &graph{constants: map[string]tensor{}, operators: map[string]bool{}, domains: map[string]bool{}, read: map[string]bool{}, codes: map[string]*quantization{}}
	values := func(list []bridge.Tensor) []value {
		var all []value
		for _, t := range list {
			v := value{name: t.Name, kind: "tensor", element: elementType(t.Element), hasShape: true, shape: []dimension{}}
			if t.Element == 0 {
				v.kind = "tensor of " + t.Type
			}
			for _, d := range t.Shape {
				v.shape = append(v.shape, dimension{size: d.Size, name: d.Name})
			}
			g.codes[t.Name] = nil
			if q := t.Quantization; q != nil && (v.element.isByte() || v.element == int16Type) {
				g.codes[t.Name] = &quantization{scale: q.Scale, zero: q.Zero}
				if v.element == int16Type {
					v.element = codedInt16Type
				}
			}
			all = append(all, v)
		}
		return all
	}
	g.inputs, g.outputs = values(from.Inputs), values(from.Outputs)
	for i, v := range g.inputs {
		if slices.ContainsFunc(g.inputs[:i], func(w value) bool { return w.name == v.name }) {
			return nil, fmt.Errorf("expected inputs of different names, found two of %q", v.name)
		}
	}
	for name, v := range from.Constants {
		t := tensor{name: name, element: float32Type, count: len(v)}
		if len(v) == 1 {
			t.floats = v
		} else {
			t.count = 0 // its numbers tell nothing
		}
		g.constants[name] = t
	}
	for _, n := range from.Nodes {
		one := node{operator: n.Operator, domain: n.Domain, inputs: n.Inputs, outputs: n.Outputs}
		if n.Bounds != nil {
			one.numbers = map[string]float64{"min": n.Bounds[0], "max": n.Bounds[1]}
		}
		g.nodes = append(g.nodes, one)
		if n.Domain == "" {
			g.operators[n.Operator] = true
		}
		for _, name := range n.Inputs {
			g.read[name] = true
		}
	}
	for _, v := range g.outputs {
		g.read[v.name] = true
	}
	return g, nil
}

// foreignSession is a session of another runtime.
type foreignSession struct{ bridge.Session }

func memories(list []tensorMemory) []bridge.Memory {
	all := make([]bridge.Memory, len(list))
	for i, m := range list {
		element := m.element
		if element == codedInt16Type {
			element = int16Type
		}
		all[i] = bridge.Memory{Element: bridge.Element(element), Shape: m.shape, Data: m.data}
	}
	return all
}

func (s foreignSession) bind(inputs, outputs []tensorMemory) (binding, error) {
	b, err := s.Bind(memories(inputs), memories(outputs))
	if err != nil {
		return nil, err
	}
	return foreignBinding{b}, nil
}

func (s foreignSession) once(ctx context.Context, inputs, outputs []tensorMemory) ([]tensorMemory, error) {
	found, err := s.Once(ctx, memories(inputs), memories(outputs))
	if err != nil {
		return nil, err
	}
	all := slices.Clone(outputs)
	for i := range all {
		all[i].shape, all[i].data = found[i].Shape, found[i].Data
	}
	return all, nil
}

func (s foreignSession) close() { s.Close() }

type foreignBinding struct{ bridge.Binding }

func (b foreignBinding) run(ctx context.Context) error { return b.Run(ctx) }
func (b foreignBinding) close()                        { b.Close() }

// words are how errors and notes about a model of another runtime name its package; "" for this one.
type words string

func wordsOf(name string) words { return words(name) }

// ours are the names of this package that stand in errors and notes, and are options of the packages of other runtimes too.
var ours = regexp.MustCompile(`\bonnx(: |\.(?:BGR|Channels|ClassOrder|Compressed|Feed|Fixed|For|GreyToRGB|ImageInput|ImageNet|Layout|LogProbabilities|Logits|Made|MaxBatch|Mean|NCHW|NHWC|Name|Original|Output|OutputAs|PairName|Preprocess|Probabilities|QuantizedInput|QuantizedOutput|RGB|Raw|Scale|Scores|State|Std|Steps|Threads)\b)`)

// in puts a text of this package into the words of the other one.
func (w words) in(text string) string {
	if w == "" {
		return text
	}
	return ours.ReplaceAllString(text, string(w)+"$1")
}

// of puts an error into the words of the other package.
func (w words) of(err error) error {
	var done foreignError
	if w == "" || err == nil || errors.As(err, &done) {
		return err
	}
	return foreignError{err, w.in(err.Error())}
}

// foreignError is an error with another text.
type foreignError struct {
	error
	text string
}

func (e foreignError) Error() string { return e.text }
func (e foreignError) Unwrap() error { return e.error }

// core is the model, also of a type of another package that embeds it.
func (m *Model) core() *Model { return m }

// asModel is the model of this package that a predictor is, or that it embeds.
func asModel(p model.Predictor) (*Model, bool) {
	if c, ok := p.(interface{ core() *Model }); ok {
		return c.core(), true
	}
	return nil, false
}
