package answer

import (
	"errors"
	"fmt"
	"math"
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
	at, err := thresholds(t.At)
	switch {
	case err != nil:
	case t.Number < 0:
		err = fmt.Errorf("expected the number of a number from 1 on, or 0 for any, found %d", t.Number)
	case !(t.Apart >= 0) || math.IsInf(t.Apart, 0):
		err = fmt.Errorf("expected to be apart by 0 or more, found %g", t.Apart)
	}
	if err != nil {
		return nil, fmt.Errorf("answer: Threshold: %w", err)
	}
	slices.Sort(at)
	return threshold{at: slices.Compact(at), output: outputName(t.Output), number: t.Number, apart: t.Apart}, nil
}

// thresholds are those of numbers of 32 bits: 0.7 as a model writes it is on 0.7.
func thresholds(at []float64) ([]float32, error) {
	if len(at) == 0 {
		return nil, errors.New("expected at least one threshold, found none")
	}
	narrow := make([]float32, len(at))
	for i, v := range at {
		narrow[i] = float32(v)
		if !Finite(narrow[i : i+1]) {
			return nil, fmt.Errorf("expected thresholds that are numbers, found %g", v)
		}
	}
	return narrow, nil
}

// narrow writes a number of 32 bits as shortly as it can be read again.
func narrow(v float32) string { return fmt.Sprint(v) }

type threshold struct {
	at     []float32 // ascending
	output outputName
	number int
	apart  float64
}

var (
	_ Graded  = threshold{}
	_ Teller  = threshold{}
	_ Checker = threshold{}
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

// deciding are the numbers that decide, and the place of the first of them.
func (o threshold) deciding(original, compressed Answer) (from, to Scores, first int) {
	from, _, _ = o.output.numbers(original)
	to, _, _ = o.output.numbers(compressed)
	switch {
	case o.number > 0:
		first = o.number - 1
		return from[first:o.number], to[first:o.number], first
	case original.Outputs == nil && len(from) == 2 && Distribution(from) && Distribution(to):
		return from[1:], to[1:], 1
	}
	return from, to, 0
}

// Judge implements [Oracle].
func (o threshold) Judge(original, compressed Answer) Verdict {
	from, to, _ := o.deciding(original, compressed)
	for i, v := range from {
		for _, at := range o.at {
			if (crossing{v, to[i], at}).deviates(o.apart) {
				return Verdict{Deviates: true}
			}
		}
	}
	return Verdict{}
}

// Shortfall implements [Graded]: how far the nearest number has to move to cross a threshold.
func (o threshold) Shortfall(original, compressed Answer) float64 {
	from, to, _ := o.deciding(original, compressed)
	least := math.Inf(1)
	for i, v := range from {
		for _, at := range o.at {
			least = min(least, crossing{v, to[i], at}.lacks(o.apart))
		}
	}
	return least
}

// Deviation implements [Teller]: of the number that crosses and is farthest apart.
func (o threshold) Deviation(original, compressed Answer) Deviation {
	from, to, first := o.deciding(original, compressed)
	var worst crossing
	number, far := 0, -1.0
	for i, v := range from {
		for _, at := range o.at {
			if c := (crossing{v, to[i], at}); c.deviates(o.apart) && c.apart() > far {
				worst, number, far = c, first+i+1, c.apart()
			}
		}
	}
	name := string(o.output)
	if all, _, _ := o.output.numbers(original); len(from) > 1 {
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

func (threshold) byScores() bool { return true }
