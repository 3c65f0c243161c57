package answer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Thresholds are decisions that are made of numbers, such as "speech from 0.5 on" or "grant below 300, ask between 300 and 500".
type Thresholds struct {
	// At are the thresholds, at least one. A number that is equal to one counts as above it.
	At []float64
	// Output is the name of the output that is read; "" where there is but one.
	Output string
	// Number says which number of the output decides, the first being 1. 0 stands for any. Where an answer is the two probabilities
	// of a binary classifier, they are one number, that of class 1.
	Number int
	// Apart is how far the numbers of the two models have to be apart besides, 0 or more, so that 0.4999 and 0.5001 are none.
	Apart float64
}

// Threshold deviates where a number crosses a threshold: the original's is on one side, the compressed model's on the other.
func Threshold(t Thresholds) (Oracle, error) {
	at, err := narrowed(t.At)
	if err == nil && t.Number < 0 {
		err = fmt.Errorf("expected the number of a number from 1 on, or 0 for any, found %d", t.Number)
	}
	if err := cmp.Or(err, checkApart(t.Apart)); err != nil {
		return nil, fmt.Errorf("answer: Threshold: %w", err)
	}
	slices.Sort(at)
	return threshold{limits{at: slices.Compact(at), output: outputName(t.Output), number: t.Number, apart: t.Apart}}, nil
}

// narrow writes a number of 32 bits as shortly as it can be read again.
func narrow(v float32) string { return fmt.Sprint(v) }

type threshold struct{ limits }

var (
	_ Measured = threshold{}
	_ Decider  = threshold{}
	_ Teller   = threshold{}
	_ Checker  = threshold{}
)

func (o threshold) String() string {
	words := make([]string, len(o.at))
	for i, v := range o.at {
		words[i] = narrow(v)
	}
	name := "threshold " + strings.Join(words, ", ")
	if o.apart > 0 {
		name += ", apart " + short(o.apart)
	}
	if o.number > 0 {
		name += fmt.Sprintf(", number %d", o.number)
	}
	return name + o.output.of()
}

// Check implements [Checker].
func (o threshold) Check(original, compressed Answer) error {
	if err := o.output.checkAlike(original, compressed); err != nil {
		return err
	}
	if from, shape, _ := o.output.numbers(original); o.number > len(from) {
		return fmt.Errorf("expected at least %d numbers, found %s", o.number, formInWords(from, shape))
	}
	return nil
}

// Deviation implements [Teller]: of the number that crosses and is farthest apart.
func (o threshold) Deviation(original, compressed Answer) Deviation {
	from, to, first := o.both(original, compressed)
	var worst crossing
	number, far := 0, -1.0
	for i := range from {
		for _, at := range o.at {
			if c := (crossing{from[i], to[i], at}); c.deviates(o.apart) && c.apart() > far {
				worst, number, far = c, first+i+1, c.apart()
			}
		}
	}
	name := string(o.output)
	switch all, _, _ := o.output.numbers(original); {
	case len(from) < 2:
	case original.Outputs == nil && Distribution(original.Scores) && Distribution(compressed.Scores):
		name = ClassName(nil, number-1)
	default:
		name = strings.TrimSpace(fmt.Sprintf("%s number %d of %d", name, number, len(all)))
	}
	named := func(words string) string { return strings.TrimSpace(name + " " + words) }
	was, is := apartInWords(float64(worst.from), float64(worst.to))
	way := "upwards"
	if worst.to < worst.from {
		way = "downwards"
	}
	return Deviation{
		From: Said{NoLabel, named(was)}, To: Said{NoLabel, fmt.Sprintf("%s, across %s", is, narrow(worst.at))},
		Size: max(far, 0), Group: named(fmt.Sprintf("%s across %s", way, narrow(worst.at))),
	}
}
