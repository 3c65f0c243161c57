package answer

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Measure is how far apart numbers may be: [Absolute], [Relative] or [Cosine].
type Measure struct {
	by          measureKind
	most, floor float64
	unit        string // of the numbers, for words
}

type measureKind int

const (
	absolute measureKind = iota + 1
	relative
	cosine
)

// Absolute takes each number for itself, which may differ by most, above 0, in its own unit.
func Absolute(most float64) Measure { return Measure{by: absolute, most: most} }

// Relative takes each number for itself, which may differ by most, above 0, as a share of the original's: 0.01 is 1 %. The
// original's counts as at least floor, 0 or more, so that numbers near 0 need not be exact. With a floor of 0, nothing but 0 is as good
// as 0.
func Relative(most, floor float64) Measure { return Measure{by: relative, most: most, floor: floor} }

// Cosine takes the numbers of each output for a vector, such as an embedding. The cosine distance of two vectors, 0 for one
// direction, 1 at right angles and 2 for opposite ones, may be most, above 0 and below 2. A vector of zeros alone is as far as one at
// right angles from all others.
func Cosine(most float64) Measure { return Measure{by: cosine, most: most} }

// In is the measure with the unit of the numbers, such as "€" or "mg/dl", which reports write behind them: "12.4 €". It decides nothing, and is
// no part of the name. A cosine has none.
func (m Measure) In(unit string) Measure {
	m.unit = line(unit)
	return m
}

// String is the measure in words.
func (m Measure) String() string {
	switch m.by {
	case absolute:
		return "absolute " + short(m.most)
	case relative:
		if m.floor > 0 {
			return fmt.Sprintf("relative %s from %s on", short(m.most), short(m.floor))
		}
		return "relative " + short(m.most)
	case cosine:
		return "cosine " + short(m.most)
	}
	return "no measure"
}

// ParseMeasure reads a measure: "absolute=0.5", "relative=0.01", "relative=0.01 from 1 on" or "cosine=0.1", as [Measure.String]
// writes it too, with a space for the sign. Units are no part of it, see [Measure.In].
func ParseMeasure(text string) (Measure, error) {
	var m Measure
	fields := strings.Fields(strings.Replace(text, "=", " ", 1))
	number := func(i int) float64 {
		v, err := strconv.ParseFloat(fields[i], 64)
		if err != nil {
			return math.NaN()
		}
		return v
	}
	switch {
	case len(fields) == 2 && fields[0] == "absolute":
		m = Absolute(number(1))
	case len(fields) == 2 && fields[0] == "relative":
		m = Relative(number(1), 0)
	case len(fields) == 5 && fields[0] == "relative" && fields[2] == "from" && fields[4] == "on":
		m = Relative(number(1), number(3))
	case len(fields) == 2 && fields[0] == "cosine":
		m = Cosine(number(1))
	default:
		return Measure{}, fmt.Errorf("answer: ParseMeasure: expected absolute=A, relative=R, relative=R from F on or cosine=D, found %.80q", text)
	}
	if err := m.check(); err != nil {
		return Measure{}, fmt.Errorf("answer: ParseMeasure: %w", err)
	}
	return m, nil
}

func short(v float64) string { return fmt.Sprintf("%g", v) }

func (m Measure) check() error {
	switch {
	case m.by == 0:
		return fmt.Errorf("expected Absolute, Relative or Cosine, found no measure")
	case !(m.most > 0) || math.IsInf(m.most, 0):
		return fmt.Errorf("%s: expected a tolerance above 0, found %g", m, m.most)
	case m.by == cosine && m.most >= 2:
		return fmt.Errorf("%s: expected a distance below 2, which is the largest, found %g", m, m.most)
	case !(m.floor >= 0) || math.IsInf(m.floor, 0):
		return fmt.Errorf("%s: expected a floor of 0 or more, found %g", m, m.floor)
	}
	return nil
}

// Tolerance deviates where numbers of the two models are farther apart than the measure says: those of the named outputs, or of all
// where none is named. Other tolerances for other outputs are several oracles; see [AnyOf]. An output whose shape is another one in
// the compressed model deviates too.
func Tolerance(m Measure, outputs ...string) (Oracle, error) {
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("answer: Tolerance: %w", err)
	}
	for i, name := range outputs {
		if name == "" || slices.Contains(outputs[:i], name) {
			return nil, fmt.Errorf("answer: Tolerance: expected names of different outputs, found %q", outputs)
		}
	}
	return tolerance{measure: m, outputs: slices.Clone(outputs)}, nil
}

// ScoreTolerance deviates when the score of any class differs by more than most, which is above 0 and below 1: [Tolerance] by
// [Absolute] for scores that are probabilities.
func ScoreTolerance(most float64) (Oracle, error) {
	if !(most > 0 && most < 1) {
		return nil, fmt.Errorf("answer: ScoreTolerance: tolerance is %g; expected above 0 and below 1", most)
	}
	return tolerance{measure: Absolute(most), ofScores: true}, nil
}

type tolerance struct {
	measure  Measure
	outputs  []string
	ofScores bool // [ScoreTolerance], whose name it keeps
}

var (
	_ Graded  = tolerance{}
	_ Teller  = tolerance{}
	_ Checker = tolerance{}
)

func (o tolerance) String() string {
	switch {
	case o.ofScores:
		return fmt.Sprintf("score tolerance %g", o.measure.most)
	case len(o.outputs) > 0:
		return fmt.Sprintf("tolerance %s of %s", o.measure, strings.Join(o.outputs, ", "))
	}
	return fmt.Sprintf("tolerance %s", o.measure)
}

// Check implements [Checker]: both models have to give the same outputs, of which the named ones are some.
func (o tolerance) Check(original, compressed Answer) error {
	if (original.Outputs == nil) != (compressed.Outputs == nil) || len(original.Outputs) != len(compressed.Outputs) {
		return alike(original, compressed)
	}
	if original.Outputs == nil {
		if len(o.outputs) > 0 {
			return fmt.Errorf("expected the outputs %s, found %s without names", strings.Join(o.outputs, ", "), original.inWords())
		}
		return alike(original, compressed)
	}
	for i, out := range original.Outputs {
		if compressed.Outputs[i].Name != out.Name {
			return alike(original, compressed)
		}
	}
	for _, name := range o.outputs {
		if !slices.ContainsFunc(original.Outputs, func(out Output) bool { return out.Name == name }) {
			return fmt.Errorf("expected the output %q among those of the models, found %s", name, original.inWords())
		}
	}
	return nil
}

// worst is what is farthest apart in two answers.
type worst struct {
	far         float64 // by the measure; infinite for another shape
	output      string  // "" for plain numbers
	at, of      int     // which of how many numbers
	from, to    float64
	shape       [2][]int // of an output that has another one
	anotherForm bool
}

// find goes through the outputs that are compared. It allocates nothing.
func (o tolerance) find(original, compressed Answer) worst {
	w := worst{far: -1}
	if original.Outputs == nil {
		o.compare(&w, "", original.Scores, compressed.Scores)
		return w
	}
	atO, atC := 0, 0
	for i, out := range original.Outputs {
		other := compressed.Outputs[i]
		n, m := out.size(), other.size()
		if len(o.outputs) == 0 || slices.Contains(o.outputs, out.Name) {
			switch {
			case slices.Equal(out.Shape, other.Shape):
				o.compare(&w, out.Name, original.Scores[atO:atO+n], compressed.Scores[atC:atC+m])
			case !w.anotherForm:
				w = worst{far: math.Inf(1), output: out.Name, shape: [2][]int{out.Shape, other.Shape}, anotherForm: true}
			}
		}
		atO, atC = atO+n, atC+m
	}
	return w
}

func (o tolerance) compare(w *worst, output string, original, compressed []float32) {
	if o.measure.by == cosine {
		if far := cosineDistance(original, compressed); far > w.far {
			*w = worst{far: far, output: output, of: len(original)}
		}
		return
	}
	for i, v := range original {
		from, to := float64(v), float64(compressed[i])
		far := math.Abs(from - to)
		if o.measure.by == relative && far > 0 {
			far /= max(math.Abs(from), o.measure.floor)
		}
		if far > w.far {
			*w = worst{far: far, output: output, at: i, of: len(original), from: from, to: to}
		}
	}
}

// cosineDistance is 1 less the cosine of the angle between two vectors of one length.
func cosineDistance(a, b []float32) float64 {
	var product, squaresA, squaresB float64
	for i, v := range a {
		x, y := float64(v), float64(b[i])
		product += float64(x * y)
		squaresA += float64(x * x)
		squaresB += float64(y * y)
	}
	switch {
	case squaresA == 0 && squaresB == 0:
		return 0
	case squaresA == 0 || squaresB == 0:
		return 1
	}
	return max(0, 1-product/(math.Sqrt(squaresA)*math.Sqrt(squaresB)))
}

// Judge implements [Oracle].
func (o tolerance) Judge(original, compressed Answer) Verdict {
	return Verdict{Deviates: o.find(original, compressed).far > o.measure.most}
}

// Shortfall implements [Graded]: how much farther apart the numbers have to be, as the measure counts it.
func (o tolerance) Shortfall(original, compressed Answer) float64 {
	far := max(o.find(original, compressed).far, 0)
	if far > o.measure.most {
		return 0
	}
	return max(o.measure.most-far, shortfallFloor)
}

// Deviation implements [Teller]. Probabilities of classes are told as their labels, with how far the scores are apart.
func (o tolerance) Deviation(original, compressed Answer) Deviation {
	w := o.find(original, compressed)
	if Distribution(original.Scores) && Distribution(compressed.Scores) && len(o.outputs) == 0 && o.measure.by == absolute {
		if d, ok := labelToLabel(original, compressed); ok {
			d.Size = w.far
			return d
		}
	}
	named := func(words string) string { return strings.TrimSpace(w.output + " " + words) }
	d := Deviation{From: Said{Label: NoLabel}, To: Said{Label: NoLabel}}
	switch {
	case w.anotherForm:
		d.From.Words, d.To.Words = named(fmt.Sprintf("of shape %v", w.shape[0])), named(fmt.Sprintf("of shape %v", w.shape[1]))
		d.Group = named("of another shape")
	case o.measure.by == cosine:
		d.From.Words, d.To.Words = fmt.Sprintf("a vector of %d numbers", w.of), "one at cosine distance "+number(w.far)
		if w.output != "" {
			d.From.Words += " (" + w.output + ")"
		}
		d.Size, d.Unit, d.Group = w.far, "cosine distance", named("in another direction")
	default:
		place := ""
		if w.of > 1 {
			place = fmt.Sprintf(" (number %d of %d)", w.at+1, w.of)
		}
		from, to := apartInWords(w.from, w.to)
		d.From.Words, d.To.Words = named(o.measure.with(from))+place, named(o.measure.with(to))
		d.Group = named("higher")
		if w.to < w.from {
			d.Group = named("lower")
		}
		if d.Size, d.Unit = w.far, o.measure.unit; o.measure.by == relative {
			d.Unit = "share"
			if math.IsInf(w.far, 0) { // from 0, with no floor
				d.Size, d.Unit = math.Abs(w.to-w.from), o.measure.unit
			}
		}
	}
	return d
}

// with is a number with its unit.
func (m Measure) with(number string) string { return strings.TrimSpace(number + " " + m.unit) }

// apartInWords are two numbers, written with all digits where they are alike otherwise.
func apartInWords(from, to float64) (was, is string) {
	if was, is = number(from), number(to); was == is {
		was, is = short(from), short(to)
	}
	return was, is
}

func (tolerance) byScores() bool { return true }
