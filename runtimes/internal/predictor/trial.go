package predictor

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/triggerfinder/triggerfinder/input"
)

// try runs the model on a few made-up inputs, alone and together.
func (m *Model) try(l *lane, r *reading, inputs []input.Input) error {
	if m.raw == nil {
		if err := m.place(l.context(), inputs[0]); err != nil {
			return m.refused(err)
		}
		r.scoring.numbers, r.scoring.binary, r.scoring.read = m.output.numbers, m.output.numbers == 1, m.output.reader()
	}
	single := false
	var alone [][]float32
	taken := inputs[:0:0]
	for i := range inputs {
		if err := l.run(m, inputs[i:i+1]); err != nil {
			var made madeError
			if errors.As(err, &made) {
				return err
			}
			if m.choosy && i > 0 && l.context().Err() == nil {
				continue // another order of a real input is none for it
			}
			return m.refused(fmt.Errorf("expected the model to run on an input of %s: %w", m.inputText(inputs[i]), CleanError(err)))
		}
		taken = append(taken, inputs[i])
		alone = append(alone, m.readRow(l, r, 0))
		if m.raw == nil {
			r.trial.add(alone[len(alone)-1])
		}
		single = single || l.rawAlone()
	}
	r.tried = true
	if m.free && m.input.batch != 1 {
		r.oneByOne = true
		r.note = "the shapes of its outputs depend on the numbers of an input: inputs run one by one, which is slower"
		return nil
	}
	if single || m.raw == nil && m.output.alone() {
		r.oneByOne = m.input.batch != 1
		if r.oneByOne {
			r.note = "its output has no dimension for a batch: inputs run one by one, which is slower"
		}
		return nil
	}
	first, err := m.form(inputs[0])
	if err != nil {
		return err
	}
	if s := m.runShape(1, first).set; s != nil && s.alone {
		r.oneByOne = true
		r.note = "one of its inputs that take parts has no dimension for a batch: inputs run one by one, which is slower"
		return nil
	}
	if at := slices.IndexFunc(m.given, func(o *given) bool { return (o.maker != nil || o.output != "") && o.batchAt < 0 }); at >= 0 && m.input.batch != 1 {
		r.oneByOne = true
		how := "a function makes"
		if m.given[at].output != "" {
			how = "is carried over steps"
		}
		r.note = fmt.Sprintf("its input %q, which %s, has no dimension for a batch: inputs run one by one, which is slower", m.given[at].target, how)
		return nil
	}
	if m.input.batch != 1 {
		m.tryTogether(l, r, taken, alone)
	}
	return nil
}

// refusedError is that of a model of rows that did not run on a trial input.
type refusedError struct{ error }

// Unwrap is for errors.As.
func (e refusedError) Unwrap() error { return e.error }

func (m *Model) refused(err error) error {
	var unfit UnfitError
	if m.encoder == nil || !m.input.flat() || errors.As(err, &unfit) {
		return err
	}
	return refusedError{err}
}

// choose tries the model on made-up inputs when it is opened. Models of rows may refuse those, as encoders do that know some categories only:
// real inputs tell then.
func (m *Model) choose(l *lane, r *reading, inputs []input.Input) error {
	fresh := *r
	err := m.try(l, r, inputs)
	var refused refusedError
	if errors.As(err, &refused) {
		*r, m.choosy, err = fresh, true, nil
	}
	return err
}

// tryTogether finds out whether inputs may meet in a run.
func (m *Model) tryTogether(l *lane, r *reading, inputs []input.Input, alone [][]float32) {
	n := len(inputs)
	if m.input.batch > 0 {
		n = min(n, m.input.batch)
	}
	if err := l.run(m, inputs[:n]); err != nil {
		r.oneByOne = true
		r.note = "the file has a dynamic batch, but the model runs one input at a time only: slower"
		return
	}
	mixes := m.mixing
	for i := range n {
		if !m.sameRows(l, alone[i], m.readRow(l, r, i)) {
			mixes = true
		}
	}
	r.separated = mixes && m.input.batch == 0
	r.oneByOne = mixes && !(r.separated && m.config.mixing)
}

// place runs the model when the file does not tell where the scores lie in its output.
func (m *Model) place(ctx context.Context, in input.Input) error {
	if m.output.known {
		return nil
	}
	in, err := m.firstStep(in)
	if err != nil {
		return err
	}
	shape := m.runShape(max(1, m.input.batch), in)
	b := &bound{}
	if _, err := m.fill(b, shape, in, AlignedBytes(m.memoryIn(shape))); err != nil {
		return err
	}
	shapes, err := m.shapes(ctx, shape, in, b, []Memory{{Element: m.output.Element}})
	if err != nil {
		return fmt.Errorf("expected to learn the number of classes by running the model, since the file does not tell: %w", CleanError(err))
	}
	found := shapes[0].Shape
	v := Value{Name: m.output.Name, Kind: "tensor", Element: m.output.Element, HasShape: true}
	for _, d := range found {
		v.Shape = append(v.Shape, Dimension{Size: int(d)})
	}
	p, ok := placeFound(found, shape.rows)
	if !ok {
		return fmt.Errorf("expected an output of scores [N, classes], found %s from a run of %s", v, m.input.runText(shape.rows))
	}
	m.output.place, m.output.Shape, m.output.HasShape = p, v.Shape, true
	return nil
}

func (in *imageInput) runText(rows int) string {
	if rows == 1 {
		return "1 input"
	}
	return fmt.Sprintf("%d inputs", rows)
}

func (m *Model) readRow(l *lane, r *reading, i int) []float32 {
	if m.raw != nil {
		row, _ := l.rawRow(m, i, nil) // numbers that are too large are told when they are asked for
		return row
	}
	row := make([]float32, r.scoring.numbers)
	r.scoring.read(row, l.row(m, i))
	return row
}

// sameRows compares what the model gave for the same input alone and in company, but for rounding.
func (m *Model) sameRows(l *lane, a, b []float32) bool {
	if m.raw != nil {
		return m.sameRaw(l, a, b)
	}
	return alike(m.output.Value, m.output.quant, a, b)
}

// alike compares numbers of one output, but for rounding.
func alike(out Value, quant *Quantization, a, b []float32) bool {
	largest := 0.0
	for _, v := range a {
		if v := math.Abs(float64(v)); v > largest && !math.IsInf(v, 0) {
			largest = v
		}
	}
	slack := 1e-4 * max(largest, 1e-3)
	switch {
	case out.Element == Float16 || out.Element == Bfloat16:
		slack = 1e-2 * largest
	case quant != nil:
		slack = 1.5 * quant.Scale
	case out.Element.whole() || out.Element.coded():
		slack = 0
	}
	return slices.EqualFunc(a, b, func(x, y float32) bool {
		return x == y || (x != x && y != y) || math.Abs(float64(x)-float64(y)) <= slack
	})
}

// orders are an input, the same backwards, and the same with its halves swapped, each searched part of it apart: values of it
// that a model surely takes, where others may be no ids of anything.
func orders(like input.Input) []input.Input {
	backwards, swapped := like.Clone(), like.Clone()
	lengths := []int{len(like.Data)}
	if parts := like.Parts(); parts != nil {
		lengths = lengths[:0]
		for _, p := range parts {
			if !p.Fixed {
				lengths = append(lengths, len(p.Values))
			}
		}
	}
	from := 0
	for _, n := range lengths {
		values, half := like.Data[from:from+n], n/2
		slices.Reverse(backwards.Data[from : from+n])
		copy(swapped.Data[from+copy(swapped.Data[from:], values[half:]):], values[:half])
		from += n
	}
	return []input.Input{like, backwards, swapped}
}

// inputText is what the model was run on, for errors.
func (m *Model) inputText(in input.Input) string {
	if m.config.steps != nil {
		return fmt.Sprintf("the shape %v, %s", in.Shape, m.config.steps)
	}
	if m.runShape(1, in).set != nil {
		if parts := in.Parts(); parts != nil {
			return partsText(parts, nil)
		}
		return fmt.Sprintf("the shape %v", in.Shape)
	}
	return m.input.imageText()
}

// trialInputs are black, noise and faint noise: the same for every run, and of very different ranges. They have the shape of
// the given input where the model takes any size; without one there are none for such a model.
func (m *Model) trialInputs(like *input.Input) []input.Input {
	functions := len(preprocessed(m.given)) > 0
	whole := m.choosy || m.encoder == nil || m.config.steps != nil || m.input.Element.whole() || like != nil && like.Parts() != nil || functions
	switch {
	case whole && like == nil:
		return nil
	case whole:
		inputs := orders(*like)
		for i := len(inputs) - 1; i > 0 && functions; i-- {
			if m.checkMade(inputs[i]) != nil { // a function of the user may know better what inputs are
				inputs = slices.Delete(inputs, i, i+1)
			}
		}
		return inputs
	}
	shape := []int{m.input.height, m.input.width, m.input.channels}
	if m.input.flat() {
		shape = []int{1, m.input.features, 1}
		if n := m.input.how.lists(); n > 1 {
			shape = []int{1, m.input.features / n, n}
		}
	}
	if slices.Contains(shape, 0) {
		if like == nil {
			return nil
		}
		shape = like.Shape
	}
	size := 1
	for _, d := range shape {
		size *= d
	}
	inputs := make([]input.Input, 3)
	state := uint32(1)
	for i := range inputs {
		inputs[i] = input.Input{Shape: shape, Data: make([]float32, size), Domain: input.Bytes}
		for j := range inputs[i].Data {
			state = state*1664525 + 1013904223
			switch noise := state >> 24; i {
			case 1:
				inputs[i].Data[j] = float32(noise)
			case 2:
				inputs[i].Data[j] = float32(noise / 16)
			}
		}
	}
	return inputs
}
