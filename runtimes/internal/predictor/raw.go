package predictor

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// rawOutput is an output whose numbers are taken as they are.
type rawOutput struct {
	Value
	quant *Quantization
	read  func(dst []float32, row []byte)
	label string // what it is called in answers
}

// inferRaw finds the outputs whose numbers are asked for.
func inferRaw(g *Graph, c *config) ([]*rawOutput, error) {
	if c.classOrder != nil {
		return nil, errors.New("expected scores of classes for @ClassOrder, found @Scores(@Raw)")
	}
	chosen := g.Outputs
	if c.outputNames != nil {
		chosen = nil
		for _, name := range c.outputNames {
			v, err := g.outputNamed(name)
			if err != nil {
				return nil, err
			}
			chosen = append(chosen, v)
		}
	}
	switch {
	case len(chosen) == 0:
		return nil, errors.New("expected an output, found none")
	case c.outputNames == nil && len(chosen) > 1:
		return nil, fmt.Errorf("expected the names of outputs beside @Scores(@Raw), found none and %d outputs: %s; choose with @Output(names...)", len(chosen), joinValues(chosen))
	}
	for name := range c.outputsAs {
		if !slices.ContainsFunc(chosen, func(v Value) bool { return v.Name == name }) {
			return nil, fmt.Errorf("expected an output %q among those that are read, as @OutputAs says, found %s", name, joinValues(chosen))
		}
	}
	var all []*rawOutput
	bytes := false
	for _, v := range chosen {
		if v.Kind != "tensor" || v.Element.Size() == 0 {
			hint := ""
			if v.Kind == "tensor" && v.Element == String {
				hint = "; labels are read as classes, without @Scores(@Raw)"
			}
			return nil, fmt.Errorf("expected a tensor of %s as output, found %s%s", readable, v, hint)
		}
		out := &rawOutput{Value: v, label: v.Name}
		if as, ok := c.outputsAs[v.Name]; ok {
			out.label = as
		}
		if slices.ContainsFunc(all, func(o *rawOutput) bool { return o.label == out.label }) {
			return nil, fmt.Errorf("expected outputs of different names in answers, found two of %q, by @OutputAs", out.label)
		}
		if v.Element.coded() {
			bytes = true
			if out.quant = g.outputQuantization(v.Name); c.outputQuant != nil {
				out.quant = c.outputQuant
			}
		}
		out.read = newReader(v.Element, out.quant)
		all = append(all, out)
	}
	if c.outputQuant != nil && !bytes {
		return nil, fmt.Errorf("expected an int8 or uint8 output for @QuantizedOutput, found %s", joinValues(chosen))
	}
	return all, nil
}

// outputNamed is the output that the user names.
func (g *Graph) outputNamed(name string) (Value, error) {
	at := slices.IndexFunc(g.Outputs, func(v Value) bool { return v.Name == name })
	if at < 0 {
		return Value{}, fmt.Errorf("expected an output %q, as @Output says, found %s", name, joinValues(g.Outputs))
	}
	return g.Outputs[at], nil
}

// rawRows says where the numbers of an input lie in a raw output of a run.
type rawRows struct {
	element      Element
	shape        []int64
	batchAt      int // the dimension that counts inputs; -1 when there is none
	rows         int
	outer, inner int // how often the numbers of an input go on, and how many are together
	from, size   int // in the memory of the lane
}

// together is how many inputs the output of a run is about.
func (r *rawRows) together() int {
	if r.batchAt < 0 {
		return 1
	}
	return r.rows
}

// tensor is the output in the memory of a lane.
func (r *rawRows) tensor(memory []byte) Memory {
	return Memory{Element: r.element, Shape: r.shape, Data: memory[r.from : r.from+r.size]}
}

// bytes is the size of the output.
func (r *rawRows) bytes() int {
	n := r.element.Size()
	for _, d := range r.shape {
		n *= int(d)
	}
	return n
}

// placeRaw finds out the shapes of the raw outputs of a run, and gives them places in the memory of a lane.
func (m *Model) placeRaw(ctx context.Context, shape runShape, one input.Input, b *bound, known sizes) (placed []rawRows, total int, err error) {
	outputs := make([]Memory, len(m.raw))
	open := false
	for i, o := range m.raw {
		r := rawRows{element: o.Element, rows: shape.rows, batchAt: o.batchAt(m.input, m.free)}
		if r.shape = o.shapeIn(known, shape.rows, r.batchAt); r.shape == nil {
			open = true
			outputs[i] = Memory{Element: o.Element}
			if o.Element == Float16 || o.Element == Bfloat16 {
				return nil, 0, fmt.Errorf("expected an output whose shape follows from that of the input, found %s; the binding tells no shapes of this type: cast the output to float32 in the model", o.Value)
			}
		} else {
			outputs[i] = Memory{Element: o.Element, Shape: r.shape, Data: AlignedBytes(r.bytes())}
		}
		placed = append(placed, r)
	}
	if m.free {
		return placed, 0, nil
	}
	if open {
		found, err := m.shapes(ctx, shape, one, b, outputs)
		if err != nil {
			return nil, 0, err
		}
		for i := range placed {
			placed[i].shape = found[i].Shape
		}
	}
	total, err = m.arrange(placed)
	return placed, total, err
}

// arrange finds out where the numbers of an input lie in outputs of known shapes, and how much memory they take.
func (m *Model) arrange(placed []rawRows) (total int, err error) {
	for i := range placed {
		r := &placed[i]
		if r.batchAt >= 0 && (r.batchAt >= len(r.shape) || r.shape[r.batchAt] != int64(r.rows)) {
			r.batchAt = -1
		}
		if r.batchAt < 0 && r.rows > 1 {
			return 0, fmt.Errorf("expected an output with a dimension that counts inputs, found %v of %s in a run of %d", r.shape, m.raw[i].Value, r.rows)
		}
		r.outer, r.inner = 1, 1
		for at, d := range r.shape {
			switch {
			case at < r.batchAt:
				r.outer *= int(d)
			case at > r.batchAt:
				r.inner *= int(d)
			}
		}
		r.from, r.size = total, r.bytes()
		total += aligned(r.size)
	}
	return total, nil
}

// rawOutputs says what the numbers of an input in the raw outputs are: shapes without the dimension that counts inputs.
func (m *Model) rawOutputs(placed []rawRows) []answer.Output {
	var outputs []answer.Output
	for i, r := range placed {
		out := answer.Output{Name: m.raw[i].label, Shape: []int{}}
		for at, d := range r.shape {
			if at != r.batchAt {
				out.Shape = append(out.Shape, int(d))
			}
		}
		outputs = append(outputs, out)
	}
	return outputs
}

// nameOutputsAs gives the raw outputs of a compressed model, which exporters rename, the names of those in
// the same places of the original.
func (m *Model) nameOutputsAs(o *Model) {
	if len(m.raw) != len(o.raw) || m.raw == nil {
		return
	}
	for i := range m.raw {
		if _, said := m.config.outputsAs[m.raw[i].Name]; !said {
			m.raw[i].label = o.raw[i].label
		}
	}
	m.edit(func(d *model.Description) { d.Outputs = m.rawDescription() })
}

// rawDescription is the same as far as the file tells; -1 is a size that is not known.
func (m *Model) rawDescription() []answer.Output {
	var outputs []answer.Output
	for _, o := range m.raw {
		if !o.HasShape {
			return nil
		}
		out := answer.Output{Name: o.label, Shape: []int{}}
		batchAt := o.batchAt(m.input, m.free)
		for at, d := range o.Shape {
			switch {
			case at == batchAt:
			case d.Size > 0:
				out.Shape = append(out.Shape, d.Size)
			default:
				out.Shape = append(out.Shape, -1)
			}
		}
		out.Shape = m.config.steps.inSteps(out.Shape)
		outputs = append(outputs, out)
	}
	return outputs
}

// numbersDecide are the operators whose outputs have shapes that depend on the numbers of their inputs.
var numbersDecide = []string{"NonZero", "NonMaxSuppression", "Unique", "Compress", "Loop", "Scan", "If", "EfficientNMS_TRT", "BatchedNMS_TRT"}

// freely reports whether the shape of a raw output may depend on the numbers of an input: boxes are as many as there are.
func (m *Model) freely(g *Graph) bool {
	if !slices.ContainsFunc(numbersDecide, func(operator string) bool { return g.Operators[operator] }) {
		return false
	}
	named := func(d Dimension) bool {
		return d.Name != "" && slices.ContainsFunc(g.Inputs, func(v Value) bool { return slices.Contains(v.Shape, d) })
	}
	return slices.ContainsFunc(m.raw, func(o *rawOutput) bool {
		return !o.HasShape || slices.ContainsFunc(o.Shape, func(d Dimension) bool { return d.Size == 0 && !named(d) })
	})
}

// runFree runs a model whose outputs have other shapes for each input.
func (l *lane) runFree(m *Model, b *bound, shape runShape) error {
	outputs := make([]Memory, len(b.raw))
	for i, r := range b.raw {
		outputs[i] = Memory{Element: r.element, Shape: r.shape}
		if r.shape != nil {
			outputs[i].Data = AlignedBytes(r.bytes())
		}
	}
	found, err := m.lanes.session.Once(l.context(), m.inputs(shape, l.in[:m.memoryIn(shape)], b), slices.Concat(outputs, b.nextStates()))
	if err != nil {
		return err
	}
	l.raw = slices.Clone(b.raw)
	for i := range l.raw {
		l.raw[i].shape = found[i].Shape
	}
	total, err := m.arrange(l.raw)
	if err != nil {
		return err
	}
	if len(l.numbers) < total {
		l.numbers = AlignedBytes(total)
	}
	for i, r := range l.raw {
		copy(l.numbers[r.from:r.from+r.size], found[i].Data)
	}
	l.outputs = m.rawOutputs(l.raw)
	return nil
}

// batchAt is the dimension that counts inputs, as far as the file tells; -1 when there is none. Where other dimensions count what
// was found, as free says, only a name or a size tells.
func (o *rawOutput) batchAt(in *imageInput, free bool) int {
	batch := Dimension{}
	if len(in.Shape) > 0 {
		batch = in.Shape[0]
	}
	if batch.Size == 0 && batch.Name != "" {
		if at := slices.IndexFunc(o.Shape, func(d Dimension) bool { return d.Size == 0 && d.Name == batch.Name }); at >= 0 {
			return at
		}
	}
	if free {
		if len(o.Shape) > 0 && o.Shape[0].Size == 1 {
			return 0
		}
		return -1
	}
	if !o.HasShape || len(o.Shape) > 0 && (o.Shape[0].Size == 0 || o.Shape[0].Size == batch.Size) {
		return 0
	}
	return -1
}

// shapeIn is the shape in a run of so many inputs where open dimensions have the given sizes, nil where only running it tells.
func (o *rawOutput) shapeIn(known sizes, rows, batchAt int) []int64 {
	if !o.HasShape {
		return nil
	}
	shape := make([]int64, len(o.Shape))
	for i, d := range o.Shape {
		same, told := known[d.Name]
		switch {
		case d.Size > 0:
			shape[i] = int64(d.Size)
		case told:
			shape[i] = same.size
		case i == batchAt && (o.Element == Float16 || o.Element == Bfloat16):
			shape[i] = int64(rows)
		default:
			return nil
		}
	}
	return shape
}

// rawRow appends all numbers of the i-th input of the latest run.
func (l *lane) rawRow(m *Model, i int, dst []float32) ([]float32, error) {
	for k := range l.raw {
		r, o := &l.raw[k], m.raw[k]
		from := len(dst)
		n := r.outer * r.inner
		dst = slices.Grow(dst, n)[:from+n]
		rows := r.together()
		if r.batchAt < 0 {
			i = 0 // of a fixed batch that one input fills
		}
		chunk := r.inner * r.element.Size()
		for part := range r.outer {
			at := r.from + (part*rows+i)*chunk
			o.read(dst[from+part*r.inner:from+(part+1)*r.inner], l.numbers[at:at+chunk])
		}
		if r.element == Int32 || r.element == Int64 {
			for _, v := range dst[from:] {
				if v >= largestExact || v <= -largestExact {
					return dst, fmt.Errorf("%w: expected whole numbers below %d in the output %s, found %.0f, which float32 does not hold exactly", model.ErrBadScores, largestExact, o.Value, v)
				}
			}
		}
	}
	return dst, nil
}

// largestExact is where float32 begins to skip whole numbers.
const largestExact = 1 << 24

// predictRaw is predict for raw numbers of one run.
func (m *Model) predictRaw(l *lane, batch []input.Input, dst [][]float32, outputs [][]answer.Output) error {
	if err := l.run(m, batch); err != nil {
		return fmt.Errorf("run: %w", CleanError(err))
	}
	for i := range batch {
		var err error
		if dst[i], err = l.rawRow(m, i, dst[i][:0]); err != nil {
			return err
		}
		if outputs != nil {
			outputs[i] = l.outputs
		}
	}
	return nil
}

// rawAlone reports whether an output of the latest run has room for one input only.
func (l *lane) rawAlone() bool {
	return slices.ContainsFunc(l.raw, func(r rawRows) bool { return r.batchAt < 0 })
}

// sameRaw compares the numbers of an input from two runs, but for rounding.
func (m *Model) sameRaw(l *lane, a, b []float32) bool {
	if len(a) != len(b) {
		return false
	}
	for k := range l.raw {
		n := l.raw[k].outer * l.raw[k].inner
		if !alike(m.raw[k].Value, m.raw[k].quant, a[:n], b[:n]) {
			return false
		}
		a, b = a[n:], b[n:]
	}
	return true
}
