package answer

import (
	"errors"
	"fmt"
)

// outputName is the output that an oracle reads, "" for plain numbers and for an answer's only output.
type outputName string

// numbers are those of the output, with its shape: nil for plain numbers. It reports false where there is no such output. It
// allocates nothing.
func (o outputName) numbers(a Answer) (values Scores, shape []int, found bool) {
	switch {
	case o != "":
		return a.Output(string(o))
	case a.Outputs == nil:
		return a.Scores, nil, true
	case len(a.Outputs) == 1:
		return a.Scores, a.Outputs[0].Shape, true
	}
	return nil, nil, false
}

// Vector are the numbers of the output of that name, of the only one for "", or of an answer of plain numbers. They share its memory.
func (a Answer) Vector(output string) (Scores, error) {
	values, _, found := outputName(output).numbers(a)
	if !found {
		return nil, outputName(output).missing(a, "")
	}
	return values, nil
}

// missing says that an answer does not have the output.
func (o outputName) missing(a Answer, whose string) error {
	if o == "" {
		return fmt.Errorf("expected the name of an output, as there are several, found %s%s", a.inWords(), whose)
	}
	return fmt.Errorf("expected the output %q, found %s%s", string(o), a.inWords(), whose)
}

// check finds answers that do not have the output.
func (o outputName) check(original, compressed Answer) error {
	if _, _, found := o.numbers(original); !found {
		return o.missing(original, " of the original")
	}
	if _, _, found := o.numbers(compressed); !found {
		return o.missing(compressed, " of the compressed model")
	}
	return nil
}

// checkAlike is check for an output that has as many numbers in both models, at least one.
func (o outputName) checkAlike(original, compressed Answer) error {
	if err := o.check(original, compressed); err != nil {
		return err
	}
	from, shape, _ := o.numbers(original)
	to, other, _ := o.numbers(compressed)
	if len(from) != len(to) {
		return fmt.Errorf("expected as many numbers of both models, found %s of the original and %s of the compressed model",
			formInWords(from, shape), formInWords(to, other))
	}
	if len(from) == 0 {
		return errors.New("expected at least one number, found none")
	}
	return nil
}

func formInWords(values Scores, shape []int) string {
	if shape == nil {
		return Of(values...).inWords()
	}
	return fmt.Sprintf("shape %v", shape)
}

// of is how the name of an oracle ends that reads the output.
func (o outputName) of() string {
	if o == "" {
		return ""
	}
	return ", of " + string(o)
}

// shaped are the numbers of an output with its shape, which has to have one. It allocates nothing, but for errors.
func shaped(name string, a *Answer) (values Scores, shape []int, err error) {
	values, shape, found := outputName(name).numbers(*a)
	switch {
	case found && a.Outputs != nil:
		return values, shape, nil
	case a.Outputs == nil:
		return nil, nil, fmt.Errorf("expected an output with a shape, found %s without one", a.inWords())
	case name == "":
		return nil, nil, fmt.Errorf("expected the name of an output, as there are several, found %s", a.inWords())
	}
	return nil, nil, fmt.Errorf("expected the output %q, found %s", name, a.inWords())
}
