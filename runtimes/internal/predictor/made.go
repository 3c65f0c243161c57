package predictor

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/input"
)

// Tensor is what a function of [Made] or [Preprocess] makes of one input.
type Tensor struct {
	// Values are in row-major order. They have to be numbers that the type of the model's input holds.
	Values []float64
	// Shape is that for one input: a dimension that counts inputs is 1. It may be left out where the file and the number of
	// values tell it, as in [Fixed].
	Shape []int

	sizes []int // the memory of Shape, from Resize
}

// Resize gives the tensor a shape, and returns its Values, as many as the shape says, all 0. The memory of earlier calls is used
// again.
func (t *Tensor) Resize(shape ...int) []float64 {
	n := 1
	for _, d := range shape {
		n *= max(0, d)
	}
	t.sizes = append(t.sizes[:0], shape...)
	t.Shape = t.sizes
	t.Values = slices.Grow(t.Values[:0], n)[:n]
	clear(t.Values)
	return t.Values
}

// Made gives an input of the model what a function makes of the searched input.
func Made[S any](name string, make func(in input.Input) Tensor) Option[S] {
	f := &feed{target: name, option: "Made"}
	if make != nil {
		f.maker = &maker{option: "Made", targets: []string{name}, fill: func(in input.Input, dst []Tensor) error {
			dst[0] = make(in)
			return nil
		}}
	}
	return feedOption[S](f)
}

// Preprocess has a function make what the inputs of the model that are named as targets get of the searched input. In [Original] and
// [Compressed] it replaces a Preprocess outside for the same inputs, and for all where it has no names. In [For] it fills that input.
func Preprocess[S any](fn func(raw input.Input, dst []Tensor) error, targets ...string) Option[S] {
	return preprocessOption[S]{fn, slices.Clone(targets)}
}

type preprocessOption[S any] struct {
	fn      func(raw input.Input, dst []Tensor) error
	targets []string
}

func (p preprocessOption[S]) set(c *config, _ *S) error {
	if p.fn == nil {
		return errors.New("option Preprocess: expected a function, found nil")
	}
	m := &maker{option: "Preprocess", targets: p.targets, fill: p.fn, fails: true}
	if m.targets == nil {
		m.targets = []string{""}
	}
	for i, target := range p.targets {
		switch {
		case target == "":
			return errors.New(`option Preprocess: expected names of inputs of the model, found ""`)
		case slices.Contains(p.targets[:i], target):
			return fmt.Errorf("option Preprocess: expected each input of the model once, found %q twice", target)
		}
	}
	if c.own {
		c.feeds = slices.DeleteFunc(c.feeds, func(f feed) bool {
			return f.option == "Preprocess" && !f.own && (f.target == "" || p.targets == nil || slices.Contains(p.targets, f.target))
		})
	}
	for i, target := range m.targets {
		if err := c.addFeed(feed{target: target, option: "Preprocess", maker: m, slot: i}); err != nil {
			return err
		}
	}
	return nil
}

// maker is a function that fills inputs of the model.
type maker struct {
	option  string
	targets []string // "" for the one input that nothing else feeds
	fill    func(raw input.Input, dst []Tensor) error
	fails   bool // it may say that an input is none for it, and is asked early
}

func (m *maker) String() string {
	var names []string
	for _, target := range m.targets {
		if target != "" {
			names = append(names, fmt.Sprintf("%q", target))
		}
	}
	if names == nil {
		return "@" + m.option
	}
	return "@" + m.option + "(" + strings.Join(names, ", ") + ")"
}

// madeError is an error of a user's function, which is told as it is.
type madeError struct{ error }

func (e madeError) Unwrap() error { return e.error }

// making is what a lane needs for the calls of one function.
type making struct {
	*maker
	made  []Tensor
	fills []*filled // by the places of the tensors; nil where something else feeds that input
	data  []float32 // a copy, which the function may change
}

// call has the function fill its tensors. A panic is an error.
func (m *making) call(in input.Input) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = madeError{fmt.Errorf("%s: panic: %v", m.maker, cause)}
		}
	}()
	for i := range m.made {
		m.made[i].Values, m.made[i].Shape = m.made[i].Values[:0], nil
	}
	m.data = append(m.data[:0], in.Data...)
	in.Data = m.data
	if err := m.fill(in, m.made); err != nil {
		return madeError{fmt.Errorf("%s: %w", m.maker, err)}
	}
	return nil
}

// check tells which number the type of the model's input cannot hold.
func (o *given) check(made Tensor) error {
	if err := o.checkNumbers(made.Values); err != nil {
		return madeError{fmt.Errorf("%s: %w", o, err)}
	}
	return nil
}

// checkMade tells why a function of Preprocess cannot make what the model takes of an input.
func (m *Model) checkMade(in input.Input) error {
	if len(preprocessed(m.given)) == 0 {
		return nil
	}
	in, err := m.firstStep(in)
	if err != nil {
		return err
	}
	shape := m.runShape(1, in)
	_, err = m.fill(&bound{}, shape, in, AlignedBytes(m.memoryIn(shape)))
	return err
}

// write writes what the function makes of the inputs of a run; the last one fills up a fixed batch.
func (m *making) write(batch []input.Input, run int) error {
	rows := 0
	for _, f := range m.fills {
		if f != nil {
			rows = max(rows, f.rows(run))
		}
	}
	for i := range rows {
		if i < len(batch) {
			if err := m.call(batch[i]); err != nil {
				return err
			}
		}
		for place, f := range m.fills {
			if f == nil || i >= f.rows(run) {
				continue
			}
			made := &m.made[place]
			if i < len(batch) {
				if err := f.check(*made); err != nil {
					return err
				}
				if len(made.Values) != f.outer*f.inner || made.Shape != nil && !slices.EqualFunc(made.Shape, f.one, func(a int, b int64) bool { return int64(a) == b }) {
					return madeError{fmt.Errorf("%s: expected %d values of the shape %v, as for another input of the same shape, found %d of the shape %v", f.given, f.outer*f.inner, f.one, len(made.Values), made.Shape)}
				}
			}
			f.put(i, made.Values)
		}
	}
	return nil
}

// resolve gives a Preprocess without names the one input that nothing else feeds.
func (c *config) resolve(g *Graph) error {
	at := slices.IndexFunc(c.feeds, func(f feed) bool { return f.target == "" })
	if at < 0 {
		return nil
	}
	var left []Value
	for _, v := range g.Inputs {
		if !slices.ContainsFunc(c.feeds, func(f feed) bool { return f.target == v.Name }) {
			left = append(left, v)
		}
	}
	if len(left) != 1 {
		found := "none"
		if len(left) > 1 {
			found = joinValues(left)
		}
		return fmt.Errorf("expected one input that no other option feeds for @Preprocess without names, found %s; name those that the function makes: @Preprocess(fn, names...)", found)
	}
	c.feeds = slices.Clone(c.feeds)
	f := &c.feeds[at]
	f.target = left[0].Name
	m := *f.maker
	m.targets = []string{f.target}
	f.maker = &m
	return nil
}
