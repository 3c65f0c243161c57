package predictor

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/input"
)

// Steps has a model take a sequence in steps: the searched input is cut along its first dimension, time, and the model runs once for each
// piece. [State] carries tensors from one step to the next. A step is an input of its own: [Preprocess] and [Made] see a step, and options such
// as [Scale] apply to it. Of a set of parts, the only searched one is cut, and fixed parts are the same in each step.
type Steps[S any] struct {
	// Size is how many places of the first dimension a step is, 1 or more: samples of [time], or rows of [time, features].
	Size int
	// Before is how many places of what came before go in front of them: the model gets Before+Size. At the beginning they are 0,
	// or padding where tokens have some.
	Before int
	// Pad fills the last step up, with 0 or padding. Without it, an input whose length is no multiple of Size is an error.
	Pad bool
	// Last gives the outputs of the last step alone.
	Last bool
}

// steps are Steps, whatever the runtime.
type steps struct {
	Size, Before int
	Pad, Last    bool
}

func (s Steps[S]) set(c *config, _ *S) error {
	if s.Size < 1 || s.Before < 0 {
		return fmt.Errorf("option Steps: expected a Size of at least 1 and a Before of at least 0, found %d and %d", s.Size, s.Before)
	}
	all := steps(s)
	c.steps = &all
	return nil
}

// String describes them.
func (s Steps[S]) String() string { return steps(s).String() }

// String describes them, for the settings of a description.
func (s steps) String() string {
	text := fmt.Sprintf("in steps of %d", s.Size)
	if s.Before > 0 {
		text += fmt.Sprintf(" after %d of those before", s.Before)
	}
	if s.Pad {
		text += ", the last one filled up"
	}
	if s.Last {
		text += ", answers of the last one"
	}
	return text
}

// State carries a tensor over the [Steps] of a sequence: the model's input of that name starts with the given values, as in [Fixed] (one
// fills it, none is 0), and is in each further step what the output was in the step before. The output is none of the answer.
func State[S any](name, output string, start ...float64) Option[S] {
	if len(start) == 0 {
		start = []float64{0}
	}
	return shared[S](func(c *config) error {
		if name == "" || output == "" {
			return fmt.Errorf("option State: expected the names of an input and an output of the model, found %q and %q", name, output)
		}
		for _, f := range c.feeds {
			if f.output == output && f.target != name && f.own == c.own {
				return fmt.Errorf("option State: expected one input for the output %q, found %q and %q", output, f.target, name)
			}
		}
		return c.addFeed(feed{target: name, option: "State", values: slices.Clone(start), output: output})
	})
}

// states are the inputs that State carries over.
func (m *Model) states() []*given {
	return slices.DeleteFunc(slices.Clone(m.given), func(o *given) bool { return o.output == "" })
}

// likelyStates are the inputs that may be states, by the outputs that look like them: of the same type and rank, with names that begin
// with that of the input, such as "stateN" and "state".
func likelyStates(g *Graph) map[string]string {
	states := map[string]string{}
	for _, in := range g.Inputs {
		for _, out := range g.Outputs {
			if len(in.Shape) > 1 && len(in.Shape) == len(out.Shape) && in.Element == out.Element && in.Name != out.Name && strings.HasPrefix(out.Name, in.Name) {
				states[in.Name] = out.Name
			}
		}
	}
	return states
}

// stateHint says how inputs that nothing feeds may go on, at the end of an error.
func (m *Model) stateHint(unfed []Value) string {
	for _, v := range unfed {
		if output, ok := m.likely[v.Name]; ok {
			return fmt.Sprintf("; where the output %q is what %q is in the next step, @State(%q, %q) and @Steps go through a sequence", output, v.Name, v.Name, output)
		}
	}
	return ""
}

// stepping checks what options say about steps, and takes the outputs that are states out of the graph: no others are answers.
func (m *Model) stepping(g *Graph) error {
	states := m.states()
	m.likely = likelyStates(g)
	if m.config.steps == nil {
		if len(states) > 0 {
			return fmt.Errorf("expected @Steps beside @State, which say how the input is cut, found none for %s; @Fixed(%q, values...) is for a state that is the same in every run", states[0], states[0].target)
		}
		return nil
	}
	if m.config.scores != Raw && !m.config.steps.Last {
		return errors.New("expected @Scores(@Raw) for the outputs of all steps, or @Steps with Last for the scores of classes after the last one, found neither")
	}
	for _, o := range states {
		at := slices.IndexFunc(g.Outputs, func(v Value) bool { return v.Name == o.output })
		if at < 0 {
			return fmt.Errorf("expected an output %q, as @State says, found %s", o.output, joinValues(g.Outputs))
		}
		out := g.Outputs[at]
		if out.Kind != o.Kind || out.Element != o.Element || !o.fits(out) {
			return fmt.Errorf("%s: expected an output of the type and the shape of the input %s, found %s", o, o.Value, out)
		}
		if slices.Contains(m.config.outputNames, o.output) {
			return fmt.Errorf("expected other outputs in @Output than the state %q, which @State carries over", o.output)
		}
	}
	g.Outputs = slices.DeleteFunc(slices.Clone(g.Outputs), func(v Value) bool {
		return slices.ContainsFunc(states, func(o *given) bool { return o.output == v.Name })
	})
	if len(g.Outputs) == 0 {
		return errors.New("expected an output that is no state, found none")
	}
	return nil
}

// fits reports whether an output may have the shape of the input.
func (o *given) fits(out Value) bool {
	if !out.HasShape || !o.HasShape {
		return true
	}
	return slices.EqualFunc(o.Shape, out.Shape, func(a, b Dimension) bool { return a.Size == 0 || b.Size == 0 || a.Size == b.Size })
}

// carried is a state in runs of one shape.
type carried struct {
	*filled
	start []byte
	next  Memory // what the model gives for the next step
}

func newCarried(f *filled) *carried {
	data := AlignedBytes(len(f.memory.Data))
	return &carried{filled: f, start: slices.Clone(f.memory.Data), next: Memory{Element: f.Element, Shape: f.memory.Shape, Data: data[:len(f.memory.Data)]}}
}

// stateError says in words that a state has another shape than its input, which ONNX Runtime finds when it writes it.
func (b *bound) stateError(err error) error {
	for _, s := range b.states {
		if strings.Contains(err.Error(), "invalid dimensions for output: "+s.output+" ") {
			return fmt.Errorf("expected a state %q of the shape %v, as the input %q has: %w", s.output, s.memory.Shape, s.target, CleanError(err))
		}
	}
	return err
}

// nextStates are the tensors that the states of the next step are written into.
func (b *bound) nextStates() []Memory {
	var list []Memory
	for _, s := range b.states {
		list = append(list, s.next)
	}
	return list
}

// stepForm is what steps of inputs of one form are like.
type stepForm struct {
	step   input.Input // without numbers: those are at rest
	values int         // of one place of the first dimension
	rest   float32     // what stands where there is nothing
}

// stepForms are those that a model has met.
type stepForms struct {
	mu    sync.Mutex
	known map[stepKey]*stepForm
}

type stepKey struct {
	layout *input.Layout
	domain input.Domain
	kind   input.Kind
	rank   int
	dims   [4]int // but for the first one
}

// stepOf is the form of the steps of an input, and how many there are.
func (m *Model) stepOf(in input.Input) (*stepForm, int, error) {
	s := m.config.steps
	if len(in.Shape) == 0 || len(in.Shape) > 5 || in.Shape[0] == 0 || volume(in.Shape) != len(in.Data) {
		return nil, 0, fmt.Errorf("expected a sequence [time] or [time, features] that @Steps cuts, found the shape %v", in.Shape)
	}
	key := stepKey{layout: in.Layout, domain: in.Domain, kind: in.Kind, rank: len(in.Shape)}
	copy(key.dims[:], in.Shape[1:])
	m.stepForms.mu.Lock()
	defer m.stepForms.mu.Unlock()
	form := m.stepForms.known[key]
	if form == nil {
		var err error
		if form, err = s.form(in); err != nil {
			return nil, 0, err
		}
		if m.stepForms.known == nil || len(m.stepForms.known) >= mostSets {
			m.stepForms.known = map[stepKey]*stepForm{}
		}
		m.stepForms.known[key] = form
	}
	steps := (in.Shape[0] + s.Size - 1) / s.Size
	if !s.Pad && in.Shape[0]%s.Size != 0 {
		return nil, 0, fmt.Errorf("expected a sequence whose length is a multiple of %d, the Size of @Steps, found %d; make the inputs longer or shorter, or set Pad, which fills up the last step", s.Size, in.Shape[0])
	}
	return form, steps, nil
}

// form finds out what steps of inputs of one form are like.
func (s steps) form(in input.Input) (*stepForm, error) {
	shape := slices.Clone(in.Shape)
	shape[0] = s.Before + s.Size
	f := &stepForm{step: input.Input{Shape: shape, Domain: in.Domain, Kind: in.Kind}, values: volume(in.Shape[1:])}
	if v := in.Vocabulary(); v != nil && v.Pad >= 0 {
		f.rest = float32(v.Pad)
	}
	f.step.Data = slices.Repeat([]float32{f.rest}, volume(shape))
	parts := in.Parts()
	if parts == nil {
		if v := in.Vocabulary(); v != nil {
			f.step.Layout = &input.Layout{Vocabulary: v}
		}
		return f, nil
	}
	searched := -1
	for i := range parts {
		switch {
		case parts[i].Fixed:
		case searched >= 0:
			return nil, fmt.Errorf("expected one searched part that @Steps cuts, found %q and %q", parts[searched].Name, parts[i].Name)
		default:
			searched = i
			parts[i].Shape, parts[i].Values = shape, nil
		}
	}
	layout := &input.Layout{Parts: parts, Vocabulary: in.Layout.Vocabulary}
	f.step.Layout = layout
	return f, nil
}

// form is an input as a run of the model takes it: the input itself or, where the model goes in steps, one without its numbers.
func (m *Model) form(in input.Input) (input.Input, error) {
	if m.config.steps == nil {
		return in, nil
	}
	f, _, err := m.stepOf(in)
	if err != nil {
		return in, err
	}
	return f.step, nil
}

// firstStep is an input as the first run of the model takes it, with its numbers.
func (m *Model) firstStep(in input.Input) (input.Input, error) {
	if m.config.steps == nil {
		return in, nil
	}
	f, _, err := m.stepOf(in)
	if err != nil {
		return in, err
	}
	return m.config.steps.window(f, in, 0, make([]float32, len(f.step.Data))), nil
}

// window is the k-th step of an input, with its numbers. They are those of the input where they stand there one after the other, and
// in scratch otherwise.
func (s *steps) window(f *stepForm, in input.Input, k int, scratch []float32) input.Input {
	step := f.step
	from, to := (k*s.Size-s.Before)*f.values, (k+1)*s.Size*f.values
	if from >= 0 && to <= len(in.Data) {
		step.Data = in.Data[from:to:to]
		return step
	}
	step.Data = scratch[:to-from]
	for i := range step.Data {
		step.Data[i] = f.rest
	}
	copy(step.Data[max(0, -from):], in.Data[max(0, from):min(to, len(in.Data))])
	return step
}

// stepped is what a lane keeps of the steps of a run: the memory of the steps, and of the answers of all of them.
type stepped struct {
	inputs  []input.Input
	scratch []float32
	of      *bound // that the places below are for
	steps   int
	raw     []rawRows
	outputs []answer.Output
	numbers []byte
}

// runSteps runs inputs of one form and length step by step. The raw rows are those of all steps then, unless the last one counts alone.
func (l *lane) runSteps(m *Model, batch []input.Input) error {
	s, w := m.config.steps, &l.stepped
	form, steps, err := m.stepOf(batch[0])
	if err != nil {
		return err
	}
	size := len(form.step.Data)
	if len(w.scratch) < size*len(batch) {
		w.scratch = make([]float32, size*len(batch))
	}
	for k := range steps {
		w.inputs = w.inputs[:0]
		for i, in := range batch {
			f := form
			if in.Layout != batch[0].Layout {
				if f, _, err = m.stepOf(in); err != nil {
					return err
				}
			}
			w.inputs = append(w.inputs, s.window(f, in, k, w.scratch[i*size:(i+1)*size]))
		}
		b, shape, err := l.write(m, w.inputs)
		if err != nil {
			return fmt.Errorf("step %d: %w", k, err)
		}
		for _, state := range b.states {
			from := state.next.Data
			if k == 0 {
				from = state.start
			}
			copy(state.memory.Data, from)
		}
		if err := l.once(m, b, shape); err != nil {
			return fmt.Errorf("step %d: %w", k, b.stateError(err))
		}
		if !s.Last {
			w.gather(m, l, b, k, steps)
		}
	}
	clear(w.inputs)
	if !s.Last {
		l.raw, l.numbers, l.outputs = w.raw, w.numbers, w.outputs
	}
	return nil
}

// gather puts what a step gave among what the others gave.
func (w *stepped) gather(m *Model, l *lane, b *bound, k, steps int) {
	if w.of != b || w.steps != steps {
		w.place(m, b, steps)
	}
	for n := range b.raw {
		r, all := &b.raw[n], &w.raw[n]
		rows, chunk := r.together(), r.inner*r.element.Size()
		one := r.outer * chunk
		for i := range rows {
			to := all.from + (i*steps+k)*one
			for part := range r.outer {
				from := r.from + (part*rows+i)*chunk
				copy(w.numbers[to+part*chunk:to+(part+1)*chunk], l.numbers[from:from+chunk])
			}
		}
	}
}

// place finds out where the numbers of all steps go.
func (w *stepped) place(m *Model, b *bound, steps int) {
	w.of, w.steps, w.raw = b, steps, nil
	total := 0
	for _, r := range b.raw {
		all := r
		var one []int64 // the shape of a step
		for at, d := range r.shape {
			if at != r.batchAt {
				one = append(one, d)
			}
		}
		if r.outer*r.inner == 1 {
			one = nil
		}
		all.shape = append([]int64{int64(steps)}, one...)
		if r.batchAt >= 0 {
			all.shape, all.batchAt = append([]int64{int64(r.rows)}, all.shape...), 0
		}
		all.outer, all.inner = 1, steps*r.outer*r.inner
		all.from, all.size = total, all.bytes()
		total += aligned(all.size)
		w.raw = append(w.raw, all)
	}
	if len(w.numbers) < total {
		w.numbers = AlignedBytes(total)
	}
	w.outputs = m.rawOutputs(w.raw)
}

// inSteps is the shape of an output over all steps, as far as the shape of one step tells; -1 is a size that is not known.
func (s *steps) inSteps(one []int) []int {
	if s == nil || s.Last {
		return one
	}
	if volume(one) == 1 && !slices.Contains(one, -1) {
		return []int{-1}
	}
	return append([]int{-1}, one...)
}
