package answer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// Answer is what a model says about one input. In the simple case that is one score a class, and Outputs is nil.
type Answer struct {
	// Scores are the numbers of all outputs, one after the other.
	Scores Scores
	// Outputs name the outputs, with their shapes, in the order of their numbers; nil for plain numbers, such as class scores.
	Outputs []Output
}

// Output is one output of a model.
type Output struct {
	Name string `json:"name"`
	// Shape holds the sizes of the dimensions, without one for the batch; empty for one number. It may be another one for each
	// input, as the number of boxes is. In a description of a model, -1 is a size that is not known before.
	Shape []int `json:"shape"`
}

// Of is an answer of plain numbers, such as class scores. It shares their memory.
func Of(scores ...float32) Answer { return Answer{Scores: scores} }

// mostNumbers is more than the numbers of any answer.
const mostNumbers = 1 << 31

// size is how many numbers the output has; below 0 where the shape is none.
func (o Output) size() int {
	n := 1
	for _, d := range o.Shape {
		if d < 0 || d > 0 && n > mostNumbers/d {
			return -1
		}
		n *= d
	}
	return n
}

// Output returns the numbers of an output and its shape, which share the memory of the answer. It reports false where the answer
// has no output of that name.
func (a Answer) Output(name string) (values Scores, shape []int, found bool) {
	at := 0
	for _, o := range a.Outputs {
		n := o.size()
		if n < 0 || n > len(a.Scores)-at {
			break
		}
		if o.Name == name {
			return a.Scores[at : at+n : at+n], o.Shape, true
		}
		at += n
	}
	return nil, nil, false
}

// Check finds an answer that is none: without a number or an output, with outputs that have no name, or the same, or with other
// numbers than their shapes say.
func (a Answer) Check() error {
	if a.Outputs == nil {
		if len(a.Scores) == 0 {
			return errors.New("expected at least one number, found 0")
		}
		return nil
	}
	if len(a.Outputs) == 0 {
		return errors.New("expected at least one output, found none")
	}
	at := 0
	for i, o := range a.Outputs {
		n := o.size()
		switch {
		case o.Name == "":
			return fmt.Errorf("output %d: expected a name, found none", i+1)
		case n < 0:
			return fmt.Errorf("output %q: expected sizes of 0 or more, found shape %v", o.Name, o.Shape)
		case n > len(a.Scores)-at:
			return fmt.Errorf("output %q: expected the %d numbers of shape %v, found %d", o.Name, n, o.Shape, len(a.Scores)-at)
		}
		for _, before := range a.Outputs[:i] {
			if before.Name == o.Name {
				return fmt.Errorf("output %q: expected outputs of different names, found it twice", o.Name)
			}
		}
		at += n
	}
	if at != len(a.Scores) {
		return fmt.Errorf("expected %d numbers as the shapes of the outputs say, found %d", at, len(a.Scores))
	}
	return nil
}

// Clone is the answer in memory of its own.
func (a Answer) Clone() Answer {
	return Answer{Scores: slices.Clone(a.Scores), Outputs: cloneOutputs(a.Outputs)}
}

func cloneOutputs(outputs []Output) []Output {
	outputs = slices.Clone(outputs)
	for i := range outputs {
		outputs[i].Shape = slices.Clone(outputs[i].Shape)
	}
	return outputs
}

// CloneInto is Clone that uses the memory of dst again where it is large enough.
func (a Answer) CloneInto(dst Answer) Answer {
	dst.Scores = append(dst.Scores[:0], a.Scores...)
	if !sameOutputs(dst.Outputs, a.Outputs) {
		dst.Outputs = cloneOutputs(a.Outputs)
	}
	return dst
}

// Same reports whether both answers have the same numbers and the same outputs. NaN is no number, and equal to nothing.
func (a Answer) Same(b Answer) bool {
	return slices.Equal(a.Scores, b.Scores) && sameOutputs(a.Outputs, b.Outputs)
}

func sameOutputs(a, b []Output) bool {
	return (a == nil) == (b == nil) && slices.EqualFunc(a, b, func(a, b Output) bool {
		return a.Name == b.Name && slices.Equal(a.Shape, b.Shape)
	})
}

// Label is the label that an answer of class scores gives: the first of the highest scores. It is [NoLabel] where a score is not
// finite, and where an answer cannot be class scores: with named outputs, or with fewer than two numbers.
func (a Answer) Label() int {
	if a.Outputs != nil || len(a.Scores) < 2 {
		return NoLabel
	}
	return LabelOf(a.Scores)
}

// namedOutput is an output with its numbers, in JSON.
type namedOutput struct {
	Output
	Values Scores `json:"values"`
}

type namedOutputs struct {
	Outputs []namedOutput `json:"outputs"`
}

// MarshalJSON implements [json.Marshaler]: plain numbers are as those of [Scores]; outputs with names are an object that lists
// them, each with its name, shape and values.
func (a Answer) MarshalJSON() ([]byte, error) {
	if a.Outputs == nil {
		return a.Scores.MarshalJSON()
	}
	if err := a.Check(); err != nil {
		return nil, fmt.Errorf("answer: %w", err)
	}
	named := namedOutputs{Outputs: make([]namedOutput, len(a.Outputs))}
	for i, o := range a.Outputs {
		values, _, _ := a.Output(o.Name)
		if o.Shape == nil {
			o.Shape = []int{}
		}
		named.Outputs[i] = namedOutput{o, values}
	}
	return json.Marshal(named)
}

// UnmarshalJSON implements [json.Unmarshaler].
func (a *Answer) UnmarshalJSON(data []byte) error {
	if trimmed := bytes.TrimLeft(data, " \t\r\n"); len(trimmed) == 0 || trimmed[0] != '{' {
		var scores Scores
		if err := scores.UnmarshalJSON(data); err != nil {
			return err
		}
		*a = Answer{Scores: scores}
		return nil
	}
	var named namedOutputs
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&named); err != nil {
		return err
	}
	read := Answer{Scores: Scores{}, Outputs: []Output{}}
	for _, o := range named.Outputs {
		if n := o.size(); n != len(o.Values) {
			return fmt.Errorf("output %q: expected the numbers of shape %v, found %d", o.Name, o.Shape, len(o.Values))
		}
		read.Scores, read.Outputs = append(read.Scores, o.Values...), append(read.Outputs, o.Output)
	}
	if err := read.Check(); err != nil {
		return err
	}
	*a = read
	return nil
}
