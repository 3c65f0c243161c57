package onnx

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/input"
)

// Tensor is what a function of [Made] makes of one input.
type Tensor struct {
	// Values are in row-major order. They have to be numbers that the type of the model's input holds.
	Values []float64
	// Shape is that for one input: a dimension that counts inputs is 1. It may be left out where the file and the number of
	// values tell it, as in [Fixed].
	Shape []int
}

// Fixed gives an input of the model that is not searched the same numbers in every run: a sampling rate, a state of zeros, a mask
// of ones. One value fills the whole tensor; more are those of one input of the search, in row-major order, repeated for each of
// a run.
//
// The file tells the shape. An open dimension is as large as the dimension of the same name of the searched input; the first
// dimension, and one that is open and has no name, count the inputs of a run; what is open still follows from the number of
// values. The values have to be such that the input's type holds them: whole numbers for integers, 0 and 1 for bool.
//
// Every input of a model is searched, fixed or made, and what nothing feeds is an error that lists it.
func Fixed(name string, values ...float64) Option {
	return feedOption(&feed{target: name, option: "Fixed", values: slices.Clone(values)})
}

// Made gives an input of the model what a function makes of the searched input, such as a mask of ids that are not padding, or
// their positions. It is called for every input of every run, from several goroutines at once, must not keep or change the
// input, and gives the same for the same input. For inputs of one shape it gives tensors of one shape. A panic in it is an
// error of the prediction.
func Made(name string, make func(in input.Input) Tensor) Option {
	return feedOption(&feed{target: name, option: "Made", make: make})
}

// feed is how an input of the model that is not searched gets its numbers.
type feed struct {
	target string // the name of the model's input
	option string
	values []float64
	make   func(input.Input) Tensor // nil for fixed values
	own    bool                     // for one side of a pair
}

func feedOption(f *feed) Option {
	return optionFunc(func(c *config) error {
		if f.target == "" {
			return fmt.Errorf(`onnx: option %s: expected the name of an input of the model, found ""`, f.option)
		}
		if f.option == "Made" && f.make == nil {
			return fmt.Errorf("onnx: option Made: expected a function that makes %q, found nil", f.target)
		}
		one := *f
		one.own = c.own
		at := slices.IndexFunc(c.feeds, func(g feed) bool { return g.target == f.target })
		switch {
		case at < 0:
			c.feeds = append(c.feeds, one)
		case c.feeds[at].own == c.own:
			return fmt.Errorf("onnx: option %s: expected one option for the input %q, found onnx.%s too", f.option, f.target, c.feeds[at].option)
		default:
			c.feeds[at] = one
		}
		return nil
	})
}

// given is an input of the model that is fixed or made.
type given struct {
	value
	feed
	batchAt int   // the dimension that counts inputs; -1 when there is none
	like    []int // for every dimension, the one of the searched input that has its size; -1 for none
}

// feeding splits the inputs of the graph into the one that is searched and those that options feed.
func feeding(g *graph, c *config, unread []string) (value, []*given, error) {
	var searched []value
	var others []*given
	for _, v := range g.inputs {
		at := slices.IndexFunc(c.feeds, func(f feed) bool { return f.target == v.name })
		if at < 0 {
			searched = append(searched, v)
			continue
		}
		others = append(others, &given{value: v, feed: c.feeds[at]})
	}
	for _, f := range c.feeds {
		if !slices.ContainsFunc(g.inputs, func(v value) bool { return v.name == f.target }) && !slices.Contains(unread, f.target) {
			return value{}, nil, fmt.Errorf("expected an input %q, as onnx.%s says, found %s; what one model of a pair needs stands in onnx.Original or onnx.Compressed", f.target, f.option, joinValues(g.inputs))
		}
	}
	switch {
	case len(g.inputs) == 0:
		return value{}, nil, errors.New("expected one input, found none")
	case len(searched) == 0:
		return value{}, nil, fmt.Errorf("expected one input that is searched, found that onnx.Fixed and onnx.Made feed all: %s", joinValues(g.inputs))
	case len(searched) > 1:
		fed := ""
		if len(others) > 0 {
			fed = " that nothing feeds"
		}
		return value{}, nil, fmt.Errorf("expected one input, found %d%s: %s; feed all but the searched one with onnx.Fixed(name, values...) or onnx.Made(name, func), or make them constants of the model", len(searched), fed, joinValues(searched))
	}
	for _, o := range others {
		if err := o.place(searched[0]); err != nil {
			return value{}, nil, err
		}
	}
	return searched[0], others, nil
}

// place finds out which of its dimensions are those of the searched input.
func (o *given) place(searched value) error {
	if o.kind != "tensor" || o.element.size() == 0 {
		return fmt.Errorf("expected a tensor of %s for onnx.%s, found %s", readable, o.option, o)
	}
	if !o.hasShape && o.make == nil {
		return fmt.Errorf("expected an input whose shape the file tells for onnx.Fixed, found %s; make it with onnx.Made, with a Shape", o)
	}
	if err := o.element.checkNumbers(o.values); err != nil {
		return fmt.Errorf("onnx.%s(%q): %w", o.option, o.target, err)
	}
	o.batchAt = -1
	batch := dimension{}
	if len(searched.shape) > 0 {
		batch = searched.shape[0]
	}
	unnamed := 0
	for i, d := range o.shape {
		same := -1
		if d.size == 0 && d.name != "" {
			same = slices.IndexFunc(searched.shape, func(s dimension) bool { return s.size == 0 && s.name == d.name })
		}
		o.like = append(o.like, same)
		switch {
		case same == 0, i == 0 && d.size == 0 && same < 0, i == 0 && d.size > 1 && d.size == batch.size:
			o.batchAt = i
		case d.size == 0 && d.name == "":
			unnamed++
		}
	}
	if o.batchAt >= 0 && o.shape[o.batchAt].size > 0 && o.make == nil && len(o.values) == elementsOf(o.shape) {
		o.batchAt = -1 // the values are those of all inputs of a fixed batch
	}
	if o.batchAt < 0 && unnamed == 1 {
		o.batchAt = slices.IndexFunc(o.shape, func(d dimension) bool { return d.size == 0 && d.name == "" })
	}
	return nil
}

// elementsOf is the number of elements of a shape, as far as it is fixed.
func elementsOf(shape []dimension) int {
	n := 1
	for _, d := range shape {
		n *= max(1, d.size)
	}
	return n
}

// String names the tensor and the option that feeds it.
func (o *given) String() string { return fmt.Sprintf("onnx.%s(%q)", o.option, o.target) }

// shapeFor is the shape for one input of the search, when the searched tensor of a run has the given one and the feed has
// so many values. Said is the shape that a function gave, or nil.
func (o *given) shapeFor(searched []int64, values int, said []int) ([]int64, error) {
	if said != nil {
		return o.said(said, values)
	}
	if !o.hasShape {
		return nil, fmt.Errorf("%s: expected a Shape, since the file tells none, found none", o)
	}
	shape := make([]int64, len(o.shape))
	known, open := int64(1), []int(nil)
	for i, d := range o.shape {
		switch {
		case i == o.batchAt:
			shape[i] = 1
		case d.size > 0:
			shape[i] = int64(d.size)
		case o.like[i] >= 0:
			shape[i] = searched[o.like[i]]
		default:
			open = append(open, i)
			continue
		}
		known *= shape[i]
	}
	fill := o.make == nil && values == 1
	switch {
	case len(open) == 0 && (fill || int64(values) == known):
		return shape, nil
	case len(open) == 0:
		return nil, fmt.Errorf("%s: expected %d values for one input, of the shape %v, found %d; the model takes %s", o, known, shape, values, o.value)
	case len(open) == 1 && known > 0 && int64(values)%known == 0 && !(fill && known > 1):
		shape[open[0]] = int64(values) / known
		return shape, nil
	}
	names := make([]string, len(open))
	for i, at := range open {
		names[i] = o.shape[at].String()
	}
	return nil, fmt.Errorf("%s: expected to see from %d values how large %s is in %s; the searched input has no dimension of that name; give as many values as one input needs, or a Tensor with its Shape by onnx.Made",
		o, values, strings.Join(names, " and "), o.value)
}

// said checks a shape that a function gave.
func (o *given) said(said []int, values int) ([]int64, error) {
	shape := make([]int64, len(said))
	fits := !o.hasShape || len(said) == len(o.shape)
	count := 1
	for i, d := range said {
		shape[i] = int64(d)
		count *= d
		fits = fits && d >= 0 && (i != o.batchAt || d == 1) && (!o.hasShape || i == o.batchAt || o.shape[i].size == 0 || o.shape[i].size == d)
	}
	if !fits {
		return nil, fmt.Errorf("%s: expected a Shape for one input that fits %s, found %v", o, o.value, said)
	}
	if count != values {
		return nil, fmt.Errorf("%s: expected %d values for the shape %v, found %d", o, count, said, values)
	}
	return shape, nil
}

// call makes the tensor of one input. A panic of the function is an error.
func (o *given) call(in input.Input) (made Tensor, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("%s: panic: %v", o, cause)
		}
	}()
	made = o.make(in)
	if err := o.element.checkNumbers(made.Values); err != nil {
		return made, fmt.Errorf("%s: %w", o, err)
	}
	return made, nil
}

// filled is the memory of a given tensor in runs of one shape.
type filled struct {
	*given
	memory       tensorMemory
	one          []int64 // the shape for one input
	outer, inner int     // how often the numbers of an input go on, and how many are together
	scratch      []byte  // of one input, where its numbers lie apart
}

// fill makes the memory, and writes what is fixed. One is an input of the run.
func (o *given) fill(searched []int64, one input.Input) (*filled, error) {
	values, said := o.values, []int(nil)
	if o.make != nil {
		made, err := o.call(one)
		if err != nil {
			return nil, err
		}
		values, said = made.Values, made.Shape
	}
	shape, err := o.shapeFor(searched, len(values), said)
	if err != nil {
		return nil, err
	}
	f := &filled{given: o, one: shape, outer: 1, inner: 1}
	f.memory = tensorMemory{element: o.element, shape: slices.Clone(shape)}
	for i, d := range shape {
		if i < o.batchAt {
			f.outer *= int(d)
		} else {
			f.inner *= int(d)
		}
	}
	rows := 1
	if o.batchAt >= 0 {
		rows = int(searched[0])
		f.memory.shape[o.batchAt] = int64(rows)
	}
	size := f.outer * f.inner * o.element.size()
	f.memory.data = alignedBytes(size * rows)
	f.scratch = alignedBytes(size)
	if o.make == nil {
		if len(values) == 1 {
			values = slices.Repeat(values, f.outer*f.inner)
		}
		for i := range rows {
			f.put(i, values)
		}
	}
	return f, nil
}

// make writes what the function makes of the inputs of a run; the last one fills up a fixed batch.
func (f *filled) makeFor(batch []input.Input) error {
	if f.make == nil {
		return nil
	}
	rows := 1
	if f.batchAt >= 0 {
		rows = int(f.memory.shape[f.batchAt])
	}
	var made Tensor
	for i := range rows {
		if i < len(batch) {
			var err error
			if made, err = f.call(batch[i]); err != nil {
				return err
			}
			if len(made.Values) != f.outer*f.inner || made.Shape != nil && !slices.EqualFunc(made.Shape, f.one, func(a int, b int64) bool { return int64(a) == b }) {
				return fmt.Errorf("%s: expected %d values of the shape %v, as for another input of the same shape, found %d of the shape %v", f.given, f.outer*f.inner, f.one, len(made.Values), made.Shape)
			}
		}
		f.put(i, made.Values)
	}
	return nil
}

// put writes the numbers of the i-th input of a run.
func (f *filled) put(i int, values []float64) {
	size := f.inner * f.element.size()
	if f.outer == 1 {
		f.element.put(f.memory.data[i*size:(i+1)*size], values)
		return
	}
	f.element.put(f.scratch, values)
	rows := int(f.memory.shape[f.batchAt])
	for o := range f.outer {
		copy(f.memory.data[(o*rows+i)*size:], f.scratch[o*size:(o+1)*size])
	}
}

// describeFeeds is how the setting "input" of a description goes on.
func describeFeeds(others []*given) string {
	var text strings.Builder
	for _, o := range others {
		fmt.Fprintf(&text, "; %s ", o.value)
		switch {
		case o.make != nil:
			text.WriteString("made by a function")
		case len(o.values) <= mostShown:
			fmt.Fprintf(&text, "fixed at %s", listText(o.values))
		default:
			fmt.Fprintf(&text, "fixed at %d values with the checksum %08x", len(o.values), checksum(o.values))
		}
	}
	return text.String()
}

// mostShown is how many fixed values a description lists.
const mostShown = 16

func checksum(values []float64) uint32 {
	sum := crc32.NewIEEE()
	for _, v := range values {
		_ = binary.Write(sum, binary.LittleEndian, v)
	}
	return sum.Sum32()
}
