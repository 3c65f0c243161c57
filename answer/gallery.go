package answer

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Gallery is what an embedding is looked up in: the nearest of its entries is what is found.
type Gallery struct {
	// Vectors are the entries, as the original embeds them. Compressed are the same entries as the compressed model embeds them; nil where
	// both models look them up in one and the same gallery. See model.Vectors.
	Vectors, Compressed [][]float32
	// Names are those of the entries, in their order; nil where they have none.
	Names []string
	// Labels are what the entries show, in their order, such as persons. Where they are given, another entry of the same label is no
	// deviation; nil where each entry is one of its own.
	Labels []string
	// By is how far vectors are apart.
	By VectorDistance
	// Output is the name of the output that is the vector; "" where there is but one.
	Output string
	// Itself is up to which distance from the original's vector an entry is the searched item itself, and does not count: a gallery in
	// which the seeds themselves lie would say of each that it is nearest to itself. 0 counts all. Galleries without the seeds need none.
	Itself float64
	// Apart is how much nearer each model's neighbour has to be than the other's, 0 or more, so that two that are as near are none.
	Apart float64
	// Name is that of the gallery in reports; "" makes one of its contents.
	Name string
}

// NearestNeighbour deviates where the two models find another entry of a gallery, or one of another label, nearest. Where two are
// equally near, either is right.
func NearestNeighbour(g Gallery) (Oracle, error) {
	o, err := newNearest(g)
	if err != nil {
		return nil, fmt.Errorf("answer: NearestNeighbour: %w", err)
	}
	return o, nil
}

func newNearest(g Gallery) (*nearest, error) {
	by, err := g.By.known()
	if err != nil {
		return nil, err
	}
	o := &nearest{output: outputName(g.Output), by: by, itself: g.Itself, apart: g.Apart, names: slices.Clone(g.Names), labels: slices.Clone(g.Labels)}
	if o.sides, err = newSides(g.Vectors, g.Compressed, by); err != nil {
		return nil, err
	}
	n := o.sides[0].count()
	if err := cmp.Or(asMany("names", g.Names, n), asMany("labels", g.Labels, n)); err != nil {
		return nil, err
	}
	sorts := map[string]int{}
	for i := range n {
		sort := i
		if g.Labels != nil {
			if _, ok := sorts[g.Labels[i]]; !ok {
				sorts[g.Labels[i]] = len(sorts)
			}
			sort = sorts[g.Labels[i]]
		}
		o.sort = append(o.sort, sort)
	}
	if slices.Max(o.sort) == 0 {
		return nil, fmt.Errorf("expected entries of which one may be another, found %d of one label", n)
	}
	if !(g.Itself >= 0) || math.IsInf(g.Itself, 0) {
		return nil, fmt.Errorf("expected 0 or more for what is the item itself, found %g", g.Itself)
	}
	if err := checkApart(g.Apart); err != nil {
		return nil, err
	}
	o.gallery, err = nameFor(g.Name, o.sides, g.Labels)
	return o, err
}

// nearest is shared, as it holds a gallery; it is never changed.
type nearest struct {
	output        outputName
	gallery       string
	by            VectorDistance
	sides         [2]vectors
	sort          []int // of each entry: a number for each label, or each entry its own
	names, labels []string
	itself, apart float64
}

var (
	_ Measured = (*nearest)(nil)
	_ Decider  = (*nearest)(nil)
	_ Teller   = (*nearest)(nil)
	_ Checker  = (*nearest)(nil)
)

func (o *nearest) String() string {
	name := fmt.Sprintf("nearest in %s, by %s", o.gallery, o.by)
	if o.labels != nil {
		name = fmt.Sprintf("label of the nearest in %s, by %s", o.gallery, o.by)
	}
	if o.itself > 0 {
		name += ", itself " + short(o.itself)
	}
	if o.apart > 0 {
		name += ", apart " + short(o.apart)
	}
	return name + o.output.of()
}

// Check implements [Checker].
func (o *nearest) Check(original, compressed Answer) error {
	return o.output.checkVectors(o.sides, original, compressed)
}

// found is the entry that is nearest, and how far the nearest one of another sort is.
type found struct {
	entry        int // below 0 where there is none
	far, another float64
}

func (f *found) see(entry int, far float64, sort []int) {
	switch {
	case f.entry < 0:
		f.entry, f.far = entry, far
	case far < f.far:
		if sort[entry] != sort[f.entry] {
			f.another = f.far
		}
		f.entry, f.far = entry, far
	case sort[entry] != sort[f.entry]:
		f.another = min(f.another, far)
	}
}

// gap is by how much the nearest is nearer than those of another sort.
func (f *found) gap() float64 { return f.another - f.far }

// look finds what both models find.
func (o *nearest) look(original, compressed Answer) (from, to found) {
	rowO, _, _ := o.output.numbers(original)
	rowC, _, _ := o.output.numbers(compressed)
	lengthO, lengthC := length(rowO), length(rowC)
	from, to = found{-1, 0, math.Inf(1)}, found{-1, 0, math.Inf(1)}
	for i := range o.sort {
		farO := o.sides[0].to(rowO, lengthO, i)
		if o.itself > 0 && farO <= o.itself {
			continue
		}
		from.see(i, farO, o.sort)
		to.see(i, o.sides[1].to(rowC, lengthC, i), o.sort)
	}
	return from, to
}

// gaps are by how much each model's neighbour is nearer to it than the other model's, where they are of different sorts.
func (o *nearest) gaps(original, compressed Answer, from, to found) (gapO, gapC float64) {
	rowO, _, _ := o.output.numbers(original)
	rowC, _, _ := o.output.numbers(compressed)
	lengthO, lengthC := length(rowO), length(rowC)
	nearO, nearC := math.Inf(1), math.Inf(1)
	for i, sort := range o.sort {
		if sort != o.sort[to.entry] && sort != o.sort[from.entry] {
			continue
		}
		farO := o.sides[0].to(rowO, lengthO, i)
		if o.itself > 0 && farO <= o.itself {
			continue
		}
		if sort == o.sort[to.entry] {
			nearO = min(nearO, farO)
		} else {
			nearC = min(nearC, o.sides[1].to(rowC, lengthC, i))
		}
	}
	return nearO - from.far, nearC - to.far
}

// nothingElse is the shortfall where nothing of another sort can be found.
const nothingElse = 2

// Excess implements [Measured].
func (o *nearest) Excess(original, compressed Answer) float64 {
	from, to := o.look(original, compressed)
	if from.entry < 0 || math.IsInf(from.another, 1) {
		return -nothingElse
	}
	if o.sort[from.entry] == o.sort[to.entry] {
		return -max(min(from.gap(), to.gap())+o.apart, shortfallFloor)
	}
	gapO, gapC := o.gaps(original, compressed, from, to)
	gap := min(gapO, gapC)
	if gap <= 0 || gap < o.apart { // 0: both are as near
		return -max(o.apart-gap, shortfallFloor)
	}
	return max(gap-o.apart, shortfallFloor)
}

// Judge implements [Oracle].
func (o *nearest) Judge(original, compressed Answer) Verdict {
	return Verdict{Deviates: o.Excess(original, compressed) > 0}
}

// Shortfall implements [Graded]: how much nearer the nearest entry of another sort has to come.
func (o *nearest) Shortfall(original, compressed Answer) float64 {
	return max(-o.Excess(original, compressed), 0)
}

// decides reports whether each model decides by itself; not where the original says which entries count, or both have to be apart.
func (o *nearest) decides() bool { return o.itself == 0 && o.apart == 0 }

// Margin implements [Decider], for answers of the original.
func (o *nearest) Margin(a, reference Answer) float64 { return o.margin(0, a, reference) }

// MarginOfCompressed implements [SidedDecider].
func (o *nearest) MarginOfCompressed(a, reference Answer) float64 { return o.margin(1, a, reference) }

// margin is by how much what the original finds for the reference is nearer to an answer of a model than anything else.
func (o *nearest) margin(side int, a, reference Answer) float64 {
	row, _, _ := o.output.numbers(reference)
	size := length(row)
	sort := 0
	for i, least := 0, math.Inf(1); i < len(o.sort); i++ {
		if far := o.sides[0].to(row, size, i); far < least {
			least, sort = far, o.sort[i]
		}
	}
	row, _, _ = o.output.numbers(a)
	size = length(row)
	own, other := math.Inf(1), math.Inf(1)
	for i, s := range o.sort {
		far := o.sides[side].to(row, size, i)
		if s == sort {
			own = min(own, far)
		} else {
			other = min(other, far)
		}
	}
	return other - own
}

// Deviation implements [Teller]: the two entries that are nearest, by their names.
func (o *nearest) Deviation(original, compressed Answer) Deviation {
	from, to := o.look(original, compressed)
	d := Deviation{From: Said{Label: NoLabel}, To: Said{Label: NoLabel}, Unit: o.by.unit(), Group: "another neighbour"}
	if from.entry < 0 || to.entry < 0 {
		return d
	}
	d.From.Words, d.To.Words = o.entry(from.entry), o.entry(to.entry)
	if d.From.Words == d.To.Words { // two entries of one name
		d.From.Words, d.To.Words = fmt.Sprintf("%s, entry %d", d.From.Words, from.entry), fmt.Sprintf("%s, entry %d", d.To.Words, to.entry)
	}
	if o.labels != nil {
		d.Group = o.labels[from.entry] + " → " + o.labels[to.entry]
	}
	gapO, gapC := o.gaps(original, compressed, from, to)
	d.Size = max(min(gapO, gapC), 0)
	return d
}

// entry is an entry in words: "Shirt (shirt-12)", "shirt-12" or "entry 12".
func (o *nearest) entry(i int) string {
	name := fmt.Sprintf("entry %d", i)
	if i < len(o.names) {
		name = cmp.Or(o.names[i], name)
	}
	if o.labels != nil {
		name = fmt.Sprintf("%s (%s)", o.labels[i], name)
	}
	return name
}

func (*nearest) byScores() bool { return true }
