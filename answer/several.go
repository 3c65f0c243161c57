package answer

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// LabelThresholds say which of several labels hold, each for itself, such as the tags of a picture.
type LabelThresholds struct {
	// At is from which score on a label holds: one number for all labels or one for each; nil stands for 0.5.
	At []float64
	// Names are those of the labels, in their order; nil where they have none.
	Names []string
	// Output is the name of the output that is read; "" where there is but one. Its last dimension are the labels; where there are
	// others before it, such as points in time, each row has labels of its own.
	Output string
	// Logits says that the models give logits, whose sigmoids are the scores. At is of scores all the same.
	Logits bool
	// Apart is how far the numbers of the two models have to be apart besides, 0 or more, so that 0.4999 and 0.5001 are no flip.
	Apart float64
}

// SeveralLabels deviates where one of several labels flips: it holds for one model and not for the other.
func SeveralLabels(l LabelThresholds) (Oracle, error) {
	if l.At == nil {
		l.At = []float64{0.5}
	}
	at, err := narrowed(l.At)
	if err == nil && l.Logits {
		for i, score := range l.At {
			if !(score > 0 && score < 1) {
				err = fmt.Errorf("expected thresholds above 0 and below 1 for the sigmoids of logits, found %g", score)
			}
			at[i] = float32(math.Log(score / (1 - score)))
		}
	}
	if err == nil && len(l.Names) > 0 && len(at) > 1 && len(l.Names) != len(at) {
		err = fmt.Errorf("expected a threshold for each label, found %d and %d names", len(at), len(l.Names))
	}
	if err := cmp.Or(err, checkApart(l.Apart)); err != nil {
		return nil, fmt.Errorf("answer: SeveralLabels: %w", err)
	}
	return several{
		limits: limits{at: at, each: true, output: outputName(l.Output), apart: l.Apart},
		scores: slices.Clone(l.At), names: slices.Clone(l.Names), logits: l.Logits,
	}, nil
}

type several struct {
	limits
	scores []float64 // the thresholds as they were given
	names  []string
	logits bool
}

var (
	_ Measured = several{}
	_ Decider  = several{}
	_ Teller   = several{}
	_ Checker  = several{}
)

func (o several) String() string {
	words := make([]string, len(o.scores))
	for i, v := range o.scores {
		words[i] = short(v)
	}
	name := "labels " + strings.Join(words, ", ")
	if o.logits {
		name += ", logits"
	}
	if o.apart > 0 {
		name += ", apart " + short(o.apart)
	}
	return name + o.output.of()
}

// labels is how many there are: the last dimension.
func (o several) labels(values Scores, shape []int) int {
	if len(shape) == 0 {
		return len(values)
	}
	return shape[len(shape)-1]
}

// mayBeScore reports whether a number may be a score from 0 to 1, but for rounding. What is not finite is told otherwise.
func mayBeScore(v float32) bool {
	return v >= -0.001 && v <= 1.001 || !Finite([]float32{v})
}

// Check implements [Checker]: numbers of which a threshold between 0 and 1 is asked have to be scores.
func (o several) Check(original, compressed Answer) error {
	if err := o.output.checkAlike(original, compressed); err != nil {
		return err
	}
	values, shape, _ := o.output.numbers(original)
	n := o.labels(values, shape)
	switch {
	case len(o.at) > 1 && len(o.at) != n:
		return fmt.Errorf("expected as many labels as thresholds, %d, found %d in %s", len(o.at), n, formInWords(values, shape))
	case len(o.names) > 0 && len(o.names) != n:
		return fmt.Errorf("expected as many labels as names, %d, found %d in %s", len(o.names), n, formInWords(values, shape))
	case o.logits:
		return nil
	}
	for _, side := range [...]Answer{original, compressed} {
		values, _, _ := o.output.numbers(side)
		for i, v := range values {
			if at := o.at[i%len(o.at)]; at > 0 && at < 1 && !mayBeScore(v) {
				return fmt.Errorf("expected scores from 0 to 1, as the threshold %s is one, found %s; LabelThresholds.Logits reads logits", narrow(at), narrow(v))
			}
		}
	}
	return nil
}

const (
	// mostListedLabels is how many labels are listed.
	mostListedLabels = 6
	// mostSorted is how many flips a sort of deviations names; more are counted.
	mostSorted = 2
)

// Deviation implements [Teller]: the labels that hold for the original, and which flipped, as in "cat → +dog, -cat".
func (o several) Deviation(original, compressed Answer) Deviation {
	from, to, _ := o.both(original, compressed)
	_, shape, _ := o.output.numbers(original)
	n := o.labels(from, shape)
	var held []string
	var flips, sorts [2][]string // what comes, what goes
	far := 0.0
	for i := range from {
		at := o.at[i%len(o.at)]
		name := ClassName(o.names, i%n)
		place := ""
		if n < len(from) {
			place = fmt.Sprintf(" (row %d)", i/n+1)
		}
		if from[i] >= at {
			held = append(held, name+place)
		}
		if c := (crossing{from[i], to[i], at}); c.deviates(o.apart) {
			way, sign := 0, "+"
			if from[i] >= at {
				way, sign = 1, "-"
			}
			flips[way] = append(flips[way], sign+name+place)
			if !slices.Contains(sorts[way], sign+name) {
				sorts[way] = append(sorts[way], sign+name)
			}
			far = max(far, c.apart())
		}
	}
	if len(held) == 0 {
		held = []string{"no label"}
	}
	sorted := slices.Concat(sorts[0], sorts[1])
	group := strings.Join(sorted, " ")
	if len(sorted) > mostSorted {
		group = fmt.Sprintf("%d labels", len(sorted))
	}
	return Deviation{From: Said{NoLabel, some(held)}, To: Said{NoLabel, some(slices.Concat(flips[0], flips[1]))}, Size: far, Unit: "score", Group: group}
}

// some are the first words of a list.
func some(words []string) string {
	if more := len(words) - mostListedLabels; more > 0 {
		words = append(slices.Clone(words[:mostListedLabels]), fmt.Sprintf("%d more", more))
	}
	return strings.Join(words, ", ")
}
