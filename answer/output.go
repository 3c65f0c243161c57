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

// check finds answers that do not have the output.
func (o outputName) check(original, compressed Answer) error {
	for _, side := range [...]struct {
		model string
		a     Answer
	}{{"the original", original}, {"the compressed model", compressed}} {
		if _, _, found := o.numbers(side.a); found {
			continue
		}
		if o == "" {
			return fmt.Errorf("expected the name of an output, as there are several, found %s of %s", side.a.inWords(), side.model)
		}
		return fmt.Errorf("expected the output %q, found %s of %s", string(o), side.a.inWords(), side.model)
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

// crossing is a number of both models, and what it has to cross.
type crossing struct{ from, to, at float32 }

// crosses reports whether the two models' numbers are on different sides. A number on the threshold counts as above it.
func (c crossing) crosses() bool { return (c.from >= c.at) != (c.to >= c.at) }

// apart is how far the two models' numbers are apart.
func (c crossing) apart() float64 {
	far := float64(c.from) - float64(c.to)
	return max(far, -far)
}

// lacks is how far the nearer number is from crossing, and how much both are nearer than they have to be; 0 for a deviation alone.
func (c crossing) lacks(least float64) float64 {
	lacks := max(least-c.apart(), 0)
	if !c.crosses() {
		from, to := float64(c.from)-float64(c.at), float64(c.to)-float64(c.at)
		lacks = max(lacks+min(max(from, -from), max(to, -to)), shortfallFloor)
	}
	return lacks
}

func (c crossing) deviates(least float64) bool { return c.crosses() && c.apart() >= least }
