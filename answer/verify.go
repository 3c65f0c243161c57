package answer

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// References are vectors that are known, such as the faces of persons who may come in.
type References struct {
	// Vectors are the known ones, as the original embeds them. Compressed are the same as the compressed model embeds them; nil where both
	// models compare with one and the same. See model.Vectors.
	Vectors, Compressed [][]float32
	// Names say who each is. Several of one name are one person, who is known by any of them. nil where each is one of its own.
	Names []string
	// At is the distance below which a vector is of the same person.
	At float64
	// By is how far vectors are apart.
	By VectorDistance
	// Output is the name of the output that is the vector; "" where there is but one.
	Output string
	// Apart is how far the distances of the two models have to be apart besides, 0 or more.
	Apart float64
	// Name is that of the references in reports; "" makes one of their contents.
	Name string
}

// Verification deviates where one model takes an input for the same person as a reference, and the other does not.
func Verification(r References) (Oracle, error) {
	o, err := newVerification(r)
	if err != nil {
		return nil, fmt.Errorf("answer: Verification: %w", err)
	}
	return o, nil
}

func newVerification(r References) (*verification, error) {
	by, err := r.By.known()
	if err != nil {
		return nil, err
	}
	o := &verification{output: outputName(r.Output), by: by, at: float32(r.At), apart: r.Apart}
	n := len(r.Vectors)
	if o.sides, err = newSides(r.Vectors, r.Compressed, by); err != nil {
		return nil, err
	}
	switch {
	case !(r.At > 0) || math.IsInf(r.At, 0):
		err = fmt.Errorf("expected a distance above 0 below which it is the same, found %g", r.At)
	case by == CosineDistance && r.At >= 2:
		err = fmt.Errorf("expected a cosine distance below 2, which is the largest, found %g", r.At)
	}
	if err := cmp.Or(err, asMany("names", r.Names, n), checkApart(r.Apart)); err != nil {
		return nil, err
	}
	for i := range n {
		name := fmt.Sprintf("reference %d", i)
		if r.Names != nil {
			name = cmp.Or(r.Names[i], name)
		}
		at := slices.Index(o.persons, name)
		if at < 0 {
			at, o.persons, o.of = len(o.persons), append(o.persons, name), append(o.of, nil)
		}
		o.of[at] = append(o.of[at], i)
	}
	o.references, err = nameFor(r.Name, o.sides, r.Names)
	return o, err
}

// verification is shared, as it holds vectors; it is never changed.
type verification struct {
	output     outputName
	references string
	by         VectorDistance
	sides      [2]vectors
	persons    []string
	of         [][]int // the vectors of each
	at         float32
	apart      float64
}

var (
	_ Measured = (*verification)(nil)
	_ Decider  = (*verification)(nil)
	_ Teller   = (*verification)(nil)
	_ Checker  = (*verification)(nil)
)

func (o *verification) String() string {
	name := fmt.Sprintf("same as in %s below %s, by %s", o.references, narrow(o.at), o.by)
	if o.apart > 0 {
		name += ", apart " + short(o.apart)
	}
	return name + o.output.of()
}

// Check implements [Checker].
func (o *verification) Check(original, compressed Answer) error {
	return o.output.checkVectors(o.sides, original, compressed)
}

// away is how far a vector is from a person.
func (o *verification) away(side int, row []float32, size float64, person int) float32 {
	least := math.Inf(1)
	for _, i := range o.of[person] {
		least = min(least, o.sides[side].to(row, size, i))
	}
	return float32(min(least, math.MaxFloat32))
}

// worst is the person of whom the most is decided otherwise, and what both models decide by.
func (o *verification) worst(original, compressed Answer) (person int, c crossing, excess float64) {
	rowO, _, _ := o.output.numbers(original)
	rowC, _, _ := o.output.numbers(compressed)
	lengthO, lengthC := length(rowO), length(rowC)
	excess = math.Inf(-1)
	for k := range o.persons {
		own := crossing{o.away(0, rowO, lengthO, k), o.away(1, rowC, lengthC, k), o.at}
		if e := own.excess(o.apart); e > excess {
			person, c, excess = k, own, e
		}
	}
	return person, c, excess
}

// Excess implements [Measured].
func (o *verification) Excess(original, compressed Answer) float64 {
	_, _, excess := o.worst(original, compressed)
	return excess
}

// Judge implements [Oracle].
func (o *verification) Judge(original, compressed Answer) Verdict {
	return Verdict{Deviates: o.Excess(original, compressed) > 0}
}

// Shortfall implements [Graded]: how far the nearest distance has to move to be on the other side.
func (o *verification) Shortfall(original, compressed Answer) float64 {
	return max(-o.Excess(original, compressed), 0)
}

func (o *verification) decides() bool { return o.apart == 0 }

// Margin implements [Decider], for answers of the original.
func (o *verification) Margin(a, reference Answer) float64 { return o.margin(0, a, reference) }

// MarginOfCompressed implements [SidedDecider].
func (o *verification) MarginOfCompressed(a, reference Answer) float64 {
	return o.margin(1, a, reference)
}

// margin is how far the distance to a person is from being on the other side than that of the reference, an answer of the original.
func (o *verification) margin(side int, a, reference Answer) float64 {
	row, _, _ := o.output.numbers(a)
	other, _, _ := o.output.numbers(reference)
	size, otherSize := length(row), length(other)
	least := farthest
	for k := range o.persons {
		beyond := float64(o.away(side, row, size, k)) - float64(o.at)
		if o.away(0, other, otherSize, k) < o.at {
			beyond = -beyond
		}
		least = min(least, beyond)
	}
	return least
}

// Deviation implements [Teller]: of whom something else is decided, and at which distances.
func (o *verification) Deviation(original, compressed Answer) Deviation {
	person, c, _ := o.worst(original, compressed)
	name := o.persons[person]
	was, is := apartInWords(float64(c.from), float64(c.to))
	d := Deviation{Size: c.apart(), Unit: o.by.unit(), Group: "no longer " + name}
	d.From = Said{NoLabel, fmt.Sprintf("%s (at %s)", name, was)}
	d.To = Said{NoLabel, fmt.Sprintf("not %s (at %s, across %s)", name, is, narrow(o.at))}
	if c.from >= c.at {
		d.Group = "taken for " + name
		d.From.Words = fmt.Sprintf("not %s (at %s)", name, was)
		d.To.Words = fmt.Sprintf("%s (at %s, across %s)", name, is, narrow(o.at))
	}
	return d
}

func (*verification) byScores() bool { return true }
