package predictor

import (
	"errors"
	"fmt"
	"slices"

	"github.com/triggerfinder/triggerfinder/input"
)

// port is an input of the model, and the part that goes into it.
type port struct {
	*imageInput
	encoder      encoder
	part         int // its place in the layout; -1 for the input itself
	name         string
	fixed, plain bool // plain: the tensor is the array as it is, no image
	size         int  // values
	arrayed
}

// arrayed says how the numbers of an input lie in a tensor for several.
type arrayed struct {
	one          []int64 // the shape for one input
	batchAt      int     // the dimension that counts inputs; -1 when there is none
	outer, inner int     // how often the numbers of an input go on, and how many are together
}

func newArrayed(one []int64, batchAt int) arrayed {
	a := arrayed{one: one, batchAt: batchAt, outer: 1, inner: 1}
	for i, d := range one {
		if i < batchAt {
			a.outer *= int(d)
		} else {
			a.inner *= int(d)
		}
	}
	return a
}

// rows is how many inputs the tensor of a run of so many has room for.
func (a *arrayed) rows(run int) int {
	if a.batchAt < 0 {
		return 1
	}
	return run
}

// of is the part of an input.
func (p *port) of(in input.Input) input.Input {
	if p.part < 0 {
		return in
	}
	part := &in.Layout.Parts[p.part]
	one := input.Input{Shape: part.Shape, Domain: part.Domain, Kind: part.Kind, Data: part.Values}
	if !part.Fixed {
		one.Data = in.Data[part.First:][:p.size]
	}
	return one
}

// source names the port at the beginning of an error.
func (p *port) source() string {
	if p.part < 0 {
		return fmt.Sprintf("the input for %s: ", p.Value)
	}
	return fmt.Sprintf("the part %q for %s: ", p.name, p.Value)
}

// port makes that of an input of the model.
func (m *Model) port(f fed, how preprocessing, in input.Input, place int) (*port, error) {
	p := &port{part: place}
	one := in
	if place >= 0 {
		part := in.Layout.Parts[place]
		p.name, p.fixed = part.Name, part.Fixed
		one, _ = in.Part(part.Name)
	}
	p.size = len(one.Data)
	p.imageInput = &imageInput{Value: f.Value, how: how}
	err := m.shapePort(p, f, one)
	if err != nil {
		return nil, fmt.Errorf("%s%w", p.source(), err)
	}
	p.encoder = newEncoder(p.imageInput, &p.how)
	return p, nil
}

// shapePort finds out how the array lies in the tensor: as an image, where it can be one, or as it is.
func (m *Model) shapePort(p *port, f fed, one input.Input) error {
	if f.Kind != "tensor" || f.Element.Size() == 0 {
		return fmt.Errorf("expected a tensor of %s, found %s", readable, f.Value)
	}
	batchAt := batchOf(f.Shape, m.input.Shape)
	image, imageErr := inferInput(f.Value, f.quant, p.how)
	if imageErr == nil && (batchAt == 0 || f.Shape[0].Size == 1) {
		if image.accepts(one) {
			p.imageInput = image
			p.arrayed = newArrayed(runOf(image, 1, one).tensor(image), batchAt)
			return nil
		}
		imageErr = fmt.Errorf("expected an array of %s, found %v%s", image.imageText(), one.Shape, image.shapeHint(one))
	}
	if imageErr != nil && len(f.Shape) == 4 && (one.Kind == input.Image || !f.Element.whole() && p.how.given()) {
		return imageErr
	}
	p.plain = true
	p.layout, p.channels = NHWC, 1
	if err := p.inferQuantization(f.quant); err != nil {
		return err
	}
	shape, batchAt, ok := plainShape(f.Value, one.Shape, batchAt)
	if !ok {
		if imageErr != nil && len(f.Shape) == 4 {
			return imageErr
		}
		return fmt.Errorf("expected an array that fits the shape, found %v", one.Shape)
	}
	switch how := &p.how; {
	case how.lists() > 1:
		return fmt.Errorf("expected one value in @Scale, @Mean and @Std for an array that is no image, found %d", how.lists())
	case how.layout != "" || how.colors != "" || how.greyToRGB:
		return fmt.Errorf("expected no @Layout, @Channels and @GreyToRGB for an array that is no image, found one; its shape is %v", one.Shape)
	}
	p.arrayed = newArrayed(shape, batchAt)
	return nil
}

// plainShape is the shape for one input of a tensor that takes an array as it is, and the dimension that counts inputs.
// Dimensions of 1 may be missing on either side.
func plainShape(v Value, array []int, batchAt int) (shape []int64, batch int, ok bool) {
	if !v.HasShape {
		shape = []int64{1}
		for _, d := range array {
			shape = append(shape, int64(d))
		}
		return shape, 0, true
	}
	if batchAt >= 0 {
		rest := slices.Delete(slices.Clone(v.Shape), batchAt, batchAt+1)
		if shape, ok = fit(rest, array); ok {
			return slices.Insert(shape, batchAt, 1), batchAt, true
		}
	}
	shape, ok = fit(v.Shape, array)
	return shape, -1, ok
}

// fit gives every dimension its size in an array.
func fit(dims []Dimension, array []int) ([]int64, bool) {
	shape := make([]int64, len(dims))
	if len(dims) == len(array) {
		same := true
		for i, d := range dims {
			shape[i] = int64(array[i])
			same = same && (d.Size == 0 || d.Size == array[i])
		}
		if same {
			return shape, true
		}
	}
	wide := slices.DeleteFunc(slices.Clone(array), func(d int) bool { return d == 1 })
	open := 0
	for _, d := range dims {
		if d.Size == 0 {
			open++
		}
	}
	for i, d := range dims {
		switch {
		case d.Size == 1:
			shape[i] = 1
		case len(wide) > 0 && (d.Size == 0 || d.Size == wide[0]):
			shape[i], wide = int64(wide[0]), wide[1:]
		case d.Size == 0 && open == 1:
			shape[i] = 1
		default:
			return nil, false
		}
	}
	return shape, len(wide) == 0
}

// checkPart tells why the model cannot take the part of an input of this form.
func (p *port) checkPart(in input.Input) error {
	if p.part < 0 {
		return p.checkDomains(in, p.encoder)
	}
	one, ok := in.Part(p.name)
	if !ok {
		return errors.New("expected the part, found none")
	}
	if !p.fixed {
		return p.checkDomains(one, p.encoder)
	}
	if !p.raw {
		return nil
	}
	values := make([]float64, len(one.Data))
	for i, v := range one.Data {
		values[i] = float64(v)
	}
	return p.Element.checkNumbers(values)
}

// tensorOf is the memory of a tensor in runs of one shape.
type tensorOf struct {
	arrayed
	memory  Memory
	scratch []byte // of an input whose numbers lie apart
}

// bytes is the size of the tensor of a run of so many inputs.
func (a *arrayed) bytes(element Element, run int) int {
	return a.rows(run) * a.outer * a.inner * element.Size()
}

func newTensorOf(element Element, a arrayed, run int, data []byte) tensorOf {
	t := tensorOf{arrayed: a, memory: Memory{Element: element, Shape: slices.Clone(a.one), Data: data}}
	if a.batchAt >= 0 {
		t.memory.Shape[a.batchAt] = int64(a.rows(run))
	}
	if a.outer > 1 {
		t.scratch = AlignedBytes(a.outer * a.inner * element.Size())
	}
	return t
}

// room is where the numbers of the i-th input of a run are to be written, until [tensorOf.written].
func (t *tensorOf) room(i int) []byte {
	if t.outer > 1 {
		return t.scratch[:t.outer*t.inner*t.memory.Element.Size()]
	}
	size := t.inner * t.memory.Element.Size()
	return t.memory.Data[i*size : (i+1)*size]
}

// written puts numbers that lie apart in their places.
func (t *tensorOf) written(i int) {
	if t.outer == 1 {
		return
	}
	size := t.inner * t.memory.Element.Size()
	rows := 1
	if t.batchAt >= 0 {
		rows = int(t.memory.Shape[t.batchAt])
	}
	for o := range t.outer {
		copy(t.memory.Data[(o*rows+i)*size:], t.scratch[o*size:(o+1)*size])
	}
}

// boundPort is a port in runs of one shape.
type boundPort struct {
	*port
	tensorOf
}

// encode writes the inputs of a run; the last one fills up a fixed batch.
func (b *boundPort) encodeAll(batch []input.Input, run int) {
	for i := range b.tensorOf.rows(run) {
		b.encoder.encode(b.room(i), b.of(batch[min(i, len(batch)-1)]))
		b.written(i)
	}
}

// describePort says what the tensor takes.
func (p *port) describePort() string {
	text := p.describe()
	if p.plain {
		text = p.Value.String()
	}
	switch {
	case p.part < 0:
		return text
	case p.fixed:
		return fmt.Sprintf("%s from the fixed part %q", text, p.name)
	}
	return fmt.Sprintf("%s from the part %q", text, p.name)
}
